//! Makes records: what is not said is empty, zero or no.

use ficsync_sandbox::Sandbox;
use serde_json::{Value, json};

/// Adds a record with these members; the others are the sandbox's.
pub fn put(fic: &Sandbox, company: i64, list: &str, members: Value) {
    fic.add_with(company, list, |record| set(record, members));
}

fn set(record: &mut Value, members: Value) {
    let Value::Object(members) = members else { panic!("not an object: {members}") };
    members.into_iter().for_each(|(name, value)| record[name] = value);
}

/// An issued document: in euro, no e-invoice, without charges, taxes withheld, lines and instalments, unless it says so.
pub fn issued(fic: &Sandbox, company: i64, list: &str, members: Value) {
    let made = stamps(&members);
    fic.add_with(company, list, |record| {
        set(record, json!({
            "numeration": "", "year": made[..4].parse::<i64>().expect("a year"), "subject": "", "visible_subject": "",
            "currency": {"id": "EUR", "symbol": "€", "exchange_rate": "1.00000"}, "rc_center": null, "notes": "",
            "rivalsa": 0, "cassa": 0, "cassa2": 0, "withholding_tax": 0, "other_withholding_tax": 0,
            "amount_net": 0, "amount_vat": 0, "amount_rivalsa": 0, "amount_cassa": 0, "amount_cassa2": 0,
            "amount_withholding_tax": 0, "amount_other_withholding_tax": 0, "stamp_duty": 0,
            // Nothing may be made of it: see the queries' rules.
            "amount_gross": 99_999.99,
            "use_split_payment": false, "e_invoice": false, "ei_data": null, "ei_status": null, "ei_raw": null,
            "merged_in": null, "original_document": null, "items_list": [], "payments_list": [],
            "next_due_date": null, "created_at": made, "updated_at": made,
        }));
        set(record, members);
    });
}

/// A received document, with lines, whose VAT and cost are deductible, unless it says so.
pub fn received(fic: &Sandbox, company: i64, list: &str, members: Value) {
    let made = stamps(&members);
    fic.add_with(company, list, |record| {
        set(record, json!({
            "currency": {"id": "EUR", "symbol": "€", "exchange_rate": "1.00000"}, "rc_center": "", "category": "",
            "description": "", "amount_net": 0, "amount_vat": 0, "amount_withholding_tax": 0,
            "amount_other_withholding_tax": 0, "amount_gross": 99_999.99, "tax_deductibility": 100,
            "vat_deductibility": 100, "is_detailed": true, "e_invoice": false, "items_list": [], "payments_list": [],
            "next_due_date": null, "created_at": made, "updated_at": made,
        }));
        set(record, members);
    });
}

/// Made on the document's day, unless it says so.
fn stamps(members: &Value) -> String {
    format!("{} 09:00:00", members["date"].as_str().expect("a date"))
}

/// A line: VAT types are the sandbox's, by their ids.
pub fn line(name: &str, qty: f64, net_price: f64, vat_id: i64) -> Value {
    let rate = match vat_id {
        0 => 22,
        3 => 10,
        4 => 4,
        _ => 0,
    };
    json!({
        "id": 1, "product_id": null, "code": "", "name": name, "description": "", "category": "", "qty": qty,
        "measure": "", "net_price": net_price, "discount": 0, "not_taxable": false, "apply_withholding_taxes": true,
        "vat": {"id": vat_id, "value": rate, "description": ""},
    })
}

/// A line of a product.
pub fn of_product(product: i64, code: &str, line: Value) -> Value {
    with(line, json!({"product_id": product, "code": code}))
}

/// The same with other members.
pub fn with(mut value: Value, members: Value) -> Value {
    set(&mut value, members);
    value
}

/// An instalment that is not paid.
pub fn open(amount: f64, due: &str) -> Value {
    json!({"id": 1, "amount": amount, "due_date": due, "paid_date": null, "status": "not_paid", "payment_account": null})
}

/// An instalment that was paid, on one of the sandbox's accounts: 222 Contanti, 333 Conto Banca Intesa, 444 Però Cassa.
pub fn paid(amount: f64, due: &str, on: &str, account: i64) -> Value {
    json!({"id": 1, "amount": amount, "due_date": due, "paid_date": on, "status": "paid", "payment_account": at(account)})
}

/// A payment account as a payment shows it.
pub fn at(account: i64) -> Value {
    let name = match account {
        222 => "Contanti",
        333 => "Conto Banca Intesa",
        444 => "Però Cassa",
        _ => "Vecchia banca",
    };
    json!({"id": account, "name": name})
}
