//! `/issued_documents/info`: what the service proposes for a new document, above all the next number of each
//! numeration. In: a request with who asks. Out: an answer, or a refusal.

use serde_json::{Map, Value, json};

use crate::answer::{Refusal, Reply};
use crate::asked::Asked;
use crate::quirks::Quirk;
use crate::resource;
use crate::state::State;
use crate::whole::emptied;

/// Answers for the type that is asked for.
pub(crate) fn info(state: &mut State, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.get(&["type"])?;
    asked.need_list(resource::named("numerations"), &state.quirks)?;
    let types: Vec<&str> = resource::all_issued().filter_map(|resource| resource.doc_type).collect();
    let wanted = asked.one_of("type", &types)?;
    let resource = resource::all_issued().find(|resource| resource.doc_type == Some(wanted));
    let name = resource.map_or("", |resource| resource.name);
    let own = if emptied(asked) { Map::new() } else { numerations(state, asked.company, name) };
    let count = own.len();
    let notes = numerations(state, asked.company, "delivery_notes");
    let lists = state.quirks.contains(&Quirk::EmptyObjectsAsLists);
    let shown = |map: Map<String, Value>| if map.is_empty() && lists { json!([]) } else { map.into() };
    let mut data = json!({"numerations": shown(own), "dn_numerations": shown(notes)});
    if let (Value::Object(data), Value::Object(rest)) = (&mut data, proposals(state, asked.company)) {
        data.extend(rest);
    }
    Ok(Reply::data(&data.to_string(), count))
}

/// `{"2026": {"/A": 12}}`.
fn numerations(state: &mut State, company: i64, name: &str) -> Map<String, Value> {
    let mut years = Map::new();
    for record in &state.collection(company, "numerations").records {
        let record = record.value();
        if record["resource"] == name {
            let year = years.entry(record["year"].to_string()).or_insert_with(|| json!({}));
            year[record["numeration"].as_str().unwrap_or_default()] = record["next_number"].clone();
        }
    }
    years
}

fn proposals(state: &mut State, company: i64) -> Value {
    let mut all =
        |list: &str| -> Vec<Value> { state.collection(company, list).records.iter().map(|one| one.value()).collect() };
    let (methods, accounts, vats) = (all("payment_methods"), all("payment_accounts"), all("vat_types"));
    let prices = all("price_lists");
    let template = |id: i64, kind: &str, name: &str| json!({"id": id, "type": kind, "name": name});
    let templates = [
        template(111, "standard", "Light Smoke"),
        template(222, "delivery_note", "DDT 1"),
        template(333, "accompanying_invoice", "FT Accompagnatoria 1"),
    ];
    json!({
        "default_values": {
            "default_template": templates[0], "dn_template": templates[1], "ai_template": templates[2],
            "notes": "", "rivalsa": 0, "cassa": 0, "withholding_tax": 0, "withholding_tax_taxable": 100,
            "other_withholding_tax": 0, "use_gross_prices": false, "payment_method": methods.first(),
        },
        "extra_data_default_values": {
            "ts_communication": false, "ts_tipo_spesa": "SR", "ts_flag_tipo_spesa": 0, "ts_pagamento_tracciato": false,
        },
        "items_default_values": {"vat": vats.first()},
        "countries_list": ["Italia", "Città del Vaticano", "San Marino"],
        "currencies_list": [{"id": "EUR", "symbol": "€", "exchange_rate": "1.00000", "html_symbol": "&euro;"}],
        "templates_list": [templates[0]], "dn_templates_list": [templates[1]], "ai_templates_list": [templates[2]],
        "payment_methods_list": methods, "payment_accounts_list": accounts, "vat_types_list": vats,
        "languages_list": [{"code": "it", "name": "Italiano"}], "price_lists": prices,
    })
}
