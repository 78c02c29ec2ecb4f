//! What documents point at: VAT types, methods of payment, payment accounts, names of centres and categories, price
//! lists. A company has the standard ones from its first day. In: a birth, or a draw. Out: trees of JSON.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{Birth, price};
use crate::italy;

/// A VAT type of every company.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vat {
    pub(super) id: i64,
    pub(super) rate: i64,
    reason: &'static str,
    /// The nature as JSON: the service spells it in many ways.
    nature: &'static str,
}

const fn vat(id: i64, rate: i64, reason: &'static str, nature: &'static str) -> Vat {
    Vat { id, rate, reason, nature }
}

/// Id 0 is real: it is 22 %.
const VATS: [Vat; 14] = [
    vat(0, 22, "", "\"0\""),
    vat(3, 10, "", "\"\""),
    vat(4, 4, "", "null"),
    vat(12, 5, "", "\"0\""),
    vat(7, 0, "Escluso art. 15 DPR 633/72", "\"N1\""),
    vat(21, 0, "Non soggetto art. 7-ter DPR 633/72", "\"2.1\""),
    vat(66, 0, "Non soggetta art. 1, commi 54-89, L. 190/2014", "2.2"),
    vat(22, 0, "Non soggetto, altri casi", "\"N2.2\""),
    vat(31, 0, "Non imponibile art. 8 c.1 lett. a DPR 633/72", "\"3.1\""),
    vat(35, 0, "Non imponibile art. 8 c.1 lett. c (lettera d'intento)", "\" n3.5\""),
    vat(40, 0, "Esente art. 10 DPR 633/72", "4"),
    vat(50, 0, "Regime del margine", "\"N5\""),
    vat(63, 0, "Inversione contabile art. 17 c.6 lett. a", "\"n6.3\""),
    vat(99, 0, "Da definire", "\"0\""),
];

impl Vat {
    /// As a line shows it.
    pub(super) fn short(&self) -> Value {
        json!({"id": self.id, "value": self.rate, "description": self.reason})
    }

    /// As its own list shows it.
    pub(super) fn whole(&self) -> Value {
        let nature: Value = serde_json::from_str(self.nature).unwrap_or_default();
        json!({
            "id": self.id, "value": self.rate, "description": self.reason, "notes": self.reason, "e_invoice": true,
            "ei_type": nature, "ei_description": if self.rate > 0 { Value::Null } else { self.reason.into() },
            "editable": false, "is_disabled": self.id == 99, "default": self.id == 0,
        })
    }
}

/// Mostly 22 %.
pub(super) fn draw_vat(rng: &mut Rng) -> &'static Vat {
    const WEIGHTS: [usize; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12];
    &VATS[*italy::pick(rng, &WEIGHTS)]
}

const ACCOUNTS: [(i64, &str, &str); 3] =
    [(222, "Contanti", "standard"), (333, "Conto Banca Intesa", "bank"), (444, "Però Cassa", "standard")];

fn account((id, name, kind): (i64, &str, &str)) -> Value {
    let bank = kind == "bank";
    json!({
        "id": id, "name": name, "type": kind,
        "iban": if bank { "IT40P1234567812340000001234".into() } else { Value::Null },
        "sia": if bank { "IN234" } else { "" }, "cuc": "", "virtual": !bank,
    })
}

/// The account of a payment.
pub(super) fn draw_account(rng: &mut Rng) -> Value {
    account(*italy::pick(rng, &ACCOUNTS))
}

const METHODS: [(i64, &str, &str, &str); 4] = [
    (4, "Carta di credito", "standard", "MP08"),
    (7, "Bonifico bancario", "standard", "MP05"),
    (8, "Contanti", "standard", "MP01"),
    (9, "Ri.Ba. 30 gg f.m.", "riba", "MP12"),
];

fn method((id, name, kind, code): (i64, &str, &str, &str)) -> Value {
    let own = ACCOUNTS[id as usize % ACCOUNTS.len()];
    json!({
        "id": id, "name": name, "type": kind, "is_default": id == 7,
        "default_payment_account": if id == 8 { Value::Null } else { account(own) },
        "details": [{"title": "Intestatario", "description": "Rossi S.r.l."}, {"title": "", "description": ""}],
        "bank_iban": "IT40P1234567812340000001234", "bank_name": "Banca Intesa", "bank_beneficiary": "Rossi S.r.l.",
        "ei_payment_method": code,
    })
}

/// The method of a document or client.
pub(super) fn draw_method(rng: &mut Rng) -> Value {
    method(*italy::pick(rng, &METHODS))
}

pub(super) const CENTERS: [&str; 2] = ["Milano", "Negozio Cantù"];
pub(super) const CATEGORIES: [&str; 3] = ["arredamento", "servizi", "caffè"];
pub(super) const EXPENSE_CATEGORIES: [&str; 4] =
    ["Utenze", "Assicurazioni e quote", "Auto ed altri veicoli", "servizi"];
pub(super) const ARCHIVE_CATEGORIES: [&str; 3] = ["Altri documenti", "Conferme d'ordine", "Estratti conto bancari"];

/// A list and what stands in it on a company's first day.
type Standard = (&'static str, Vec<Value>);

/// What every company has from its first day.
pub(crate) fn standard() -> Vec<Standard> {
    let names = |list: &'static str, context: Value, names: &[&str]| {
        (list, names.iter().map(|name| named(list, &context, name)).collect::<Vec<Value>>())
    };
    vec![
        ("vat_types", VATS.iter().map(Vat::whole).collect()),
        ("payment_methods", METHODS.into_iter().map(method).collect()),
        ("payment_accounts", ACCOUNTS.into_iter().map(account).collect()),
        names("revenue_centers", Value::Null, &CENTERS),
        names("cost_centers", Value::Null, &CENTERS),
        names("product_categories", "products".into(), &CATEGORIES),
        names("product_categories", "issued_documents".into(), &CATEGORIES),
        names("product_categories", "received_documents".into(), &["servizi"]),
        names("received_document_categories", Value::Null, &EXPENSE_CATEGORIES),
        names("archive_categories", Value::Null, &ARCHIVE_CATEGORIES),
    ]
}

fn named(list: &str, context: &Value, name: &str) -> Value {
    json!({"list": list, "context": context, "name": name})
}

/// A name of a list of names.
pub(super) fn name(birth: &Birth<'_>, list: &str) -> Value {
    const CONTEXTS: [&str; 3] = ["products", "issued_documents", "received_documents"];
    let context = match list {
        "product_categories" => CONTEXTS[birth.id as usize % CONTEXTS.len()].into(),
        _ => Value::Null,
    };
    let city = italy::place(&mut birth.dice()).name;
    named(list, &context, &format!("{city} n. {}", birth.id))
}

/// A VAT type of the company's own.
pub(super) fn vat_type(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let mut record = draw_vat(&mut rng).whole();
    for (member, value) in [
        ("id", birth.id.into()),
        ("notes", format!("Aliquota personalizzata {}", birth.ordinal).into()),
        ("editable", true.into()),
        ("default", false.into()),
    ] {
        record[member] = value;
    }
    record
}

/// A method of payment of the company's own.
pub(super) fn payment_method(birth: &Birth<'_>) -> Value {
    let mut record = draw_method(&mut birth.dice());
    record["id"] = birth.id.into();
    record["name"] = format!("Bonifico a {} giorni", 10 * birth.ordinal).into();
    record["is_default"] = false.into();
    record
}

/// A payment account of the company's own.
pub(super) fn payment_account(birth: &Birth<'_>) -> Value {
    let mut record = draw_account(&mut birth.dice());
    record["id"] = birth.id.into();
    record["name"] = format!("Conto n. {}", birth.ordinal).into();
    record
}

/// A price list: its id is text.
pub(super) fn price_list(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let year = birth.date().get(..4).unwrap_or("2024");
    let open = rng.bool();
    json!({
        "id": birth.id.to_string(), "name": format!("Listino {year} n. {}", birth.ordinal),
        "prices_type": *italy::pick(&mut rng, &["net", "gross"]), "is_default": birth.ordinal == 1,
        "valid_from": format!("{year}-01-01"),
        "valid_to": if open { Value::Null } else { format!("{year}-12-31").into() },
        "type": *italy::pick(&mut rng, &["sell", "sell", "purchase"]),
    })
}

/// What a product costs by a price list; the list is the product's first `around`.
pub(super) fn price_list_item(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    json!({
        "price_list_id": birth.around.price_list, "product_id": birth.around.products.first().unwrap_or(&birth.id),
        "price": price(rng.i64(10_000..50_000_000)),
    })
}

/// The VAT type that new lines have: of the flat-rate scheme, or 22 %.
pub(super) fn usual_vat(flat: bool) -> Value {
    VATS[if flat { 6 } else { 0 }].whole()
}
