//! Instalments: paid, partly paid, not paid, set off, without status. In: what is to be paid and when the document was
//! made. Out: the list of payments, and when the next is due.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{Birth, day, money, reference};
use crate::italy;

/// The instalments of a document.
#[derive(Default)]
pub(super) struct Payments {
    pub(super) list: Vec<Value>,
    pub(super) next_due: Value,
}

/// One to four instalments that add up to the amount; one document in fifteen has none.
pub(super) fn draw(rng: &mut Rng, birth: &Birth<'_>, amount: i64) -> Payments {
    if rng.u8(..15) == 0 {
        return Payments::default();
    }
    let count = *italy::pick(rng, &[1, 1, 2, 3, 4]);
    let share = amount / count;
    let mut found = Payments::default();
    for place in 0..count {
        let amount = if place + 1 == count { amount - share * (count - 1) } else { share };
        let payment = instalment(rng, birth, place, amount);
        if matches!(payment["status"].as_str(), None | Some("not_paid")) && found.next_due.is_null() {
            found.next_due = payment["due_date"].clone();
        }
        found.list.push(payment);
    }
    found
}

fn instalment(rng: &mut Rng, birth: &Birth<'_>, place: i64, amount: i64) -> Value {
    let days = 30 * place;
    let due = day(birth.date(), days);
    let late = *italy::pick(rng, &[-2, 0, 3, 3, 17, 45]);
    let paid_on = day(&due, late);
    let drawn = *italy::pick(rng, &["paid", "paid", "paid", "not_paid", "not_paid", "reversed", "null"]);
    let status = if drawn == "paid" && paid_on.as_str() > birth.today { "not_paid" } else { drawn };
    let paid = status == "paid";
    json!({
        "id": birth.id * 10 + place, "due_date": due, "amount": money(amount),
        "status": if status == "null" { Value::Null } else { status.into() },
        "payment_account": if paid { reference::draw_account(rng) } else { Value::Null },
        "paid_date": if paid { Value::from(paid_on) } else { Value::Null },
        "ei_raw": Value::Null,
        "payment_terms": {"days": days, "type": if rng.u8(..4) == 0 { "end_of_month" } else { "standard" }},
    })
}
