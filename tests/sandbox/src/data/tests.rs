use super::*;
use crate::resource::{RESOURCES, named};

fn birth(id: i64) -> Birth<'static> {
    let stamp = "2024-03-05 10:00:00";
    let around = Around {
        partner: Some(9),
        products: vec![5, 6],
        origin: Some(("issued_document", 7)),
        price_list: Some("10".into()),
        number: id,
    };
    let (today, files) = ("2026-01-01", "http://127.0.0.1:1/downloads/1/list");
    Birth { seed: 1, id, ordinal: id, created_at: stamp, updated_at: stamp, today, files, around }
}

fn cents(value: &Value) -> i64 {
    (value.as_f64().unwrap_or(f64::NAN) * 100.0).round() as i64
}

fn sum(record: &Value, members: &[&str]) -> i64 {
    members.iter().map(|member| cents(&record[*member])).sum()
}

#[test]
fn a_seed_and_an_id_always_make_the_same_record() {
    for resource in RESOURCES.iter().filter(|resource| resource.kind != Kind::Company) {
        let (one, two) = (make(resource, &birth(5)), make(resource, &birth(6)));
        assert_eq!(one, make(resource, &birth(5)), "{}", resource.name);
        assert_ne!(one, two, "{}", resource.name);
        let id = id_of(resource.kind, &one).expect("an id");
        let number = match resource.kind {
            Kind::PriceListItem => Some("10/5".into()),
            Kind::PriceList => Some("5".into()),
            Kind::Name | Kind::Numeration | Kind::Cashbook => None,
            _ => Some(Id::Number(5)),
        };
        assert!(number.is_none_or(|number| number == id), "{}: {id}", resource.name);
        let text = matches!(
            resource.kind,
            Kind::PriceList | Kind::PriceListItem | Kind::Name | Kind::Numeration | Kind::Cashbook
        );
        assert_eq!(id.text().is_some(), text, "{}", resource.name);
    }
}

#[test]
fn amounts_make_the_gross_and_payments_what_is_due() {
    const EXTRAS: [&str; 3] = ["amount_rivalsa", "amount_cassa", "amount_cassa2"];
    let (mut negative, mut mixed, mut whole, mut decimals) = (false, false, false, false);
    let (mut dollars, mut withheld, mut split, mut unknown, mut stamped) = (false, false, false, false, false);
    for id in 1..600 {
        let mut birth = birth(id);
        birth.around.partner = Some(id);
        let invoice = make(named("invoices"), &birth);
        let gross = cents(&invoice["amount_gross"]);
        assert_eq!(sum(&invoice, &["amount_net", "amount_vat"]) + sum(&invoice, &EXTRAS), gross);
        let mut due = gross - sum(&invoice, &["amount_withholding_tax", "amount_other_withholding_tax"]);
        if invoice["use_split_payment"] == true {
            due -= cents(&invoice["amount_vat"]);
        }
        if invoice["e_invoice"] == false {
            due += cents(&invoice["stamp_duty"]);
        }
        let payments = invoice["payments_list"].as_array().expect("payments");
        if !payments.is_empty() {
            assert_eq!(payments.iter().map(|payment| cents(&payment["amount"])).sum::<i64>(), due, "{invoice:#}");
        }
        negative |= gross < 0;
        mixed |= payments.iter().any(|payment| payment["status"] != payments[0]["status"]);
        whole |= invoice["amount_gross"].is_i64();
        decimals |= invoice["items_list"][0]["net_price"].to_string().len() > 7;
        dollars |= invoice["currency"]["id"] == "USD";
        withheld |= invoice["amount_withholding_tax"] != 0;
        split |= invoice["use_split_payment"] == true;
        unknown |= payments.iter().any(|payment| payment["status"].is_null());
        stamped |= invoice["stamp_duty"] == 2;
        assert!(cents(&make(named("credit_notes"), &birth)["items_list"][0]["net_price"]) > 0);
    }
    assert!(negative && mixed && whole && decimals, "{negative} {mixed} {whole} {decimals}");
    assert!(dollars && withheld && split && unknown && stamped, "{dollars} {withheld} {split} {unknown} {stamped}");
}

#[test]
fn natures_are_spelt_in_many_ways_and_zero_is_a_vat_type() {
    let (_, vats) = standard().into_iter().find(|(list, _)| *list == "vat_types").expect("VAT types");
    let natures: Vec<&Value> = vats.iter().map(|vat| &vat["ei_type"]).collect();
    for spelling in [Value::from("2.1"), "N2.2".into(), "0".into(), "".into(), Value::Null, 2.2.into()] {
        assert!(natures.contains(&&spelling), "{spelling}");
    }
    assert_eq!((&vats[0]["id"], &vats[0]["value"]), (&Value::from(0), &Value::from(22)));
}
