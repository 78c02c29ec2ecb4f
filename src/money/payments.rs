//! Instalments: in euro, when they are due and paid, and which share of the document each is.
//!
//! In: a record's `payments_list`. Out: figures for the record and for each instalment. An instalment without a status, or
//! with one that is not known, is open.

use super::{Figure, Figures, Members, cents, is_nothing};

/// The members of an instalment that are needed.
pub(super) const PAYMENT: &[&str] = &["amount", "due_date", "paid_date", "status"];

/// Works out the instalments of a document dated `date`, at `rate` units of its currency for a euro.
pub(super) fn payments(list: &[Box<dyn Members + '_>], date: Option<&str>, rate: f64) -> (Figures, Vec<Figures>) {
    let all: f64 = list.iter().filter_map(|payment| payment.num("amount")).sum();
    let (mut paid, mut open) = (Vec::new(), Vec::new());
    let mut euros = Vec::new();
    let mut statuses = Vec::new();
    let rows = list.iter().map(|payment| {
        let amount = payment.num("amount");
        let euro = cents(amount.unwrap_or(0.0) / rate);
        let status = Status::read(payment.text("status").as_deref());
        match status {
            Status::Paid => paid.push(euro),
            Status::Open => open.push(euro),
            Status::Reversed => {}
        }
        euros.push(euro);
        statuses.push(status);
        let due = payment.text("due_date").or_else(|| date.map(str::to_owned));
        let paid_on = payment.text("paid_date").or_else(|| due.clone()).filter(|_| status == Status::Paid);
        let share = amount.filter(|_| !is_nothing(all)).map(|amount| amount / all);
        vec![
            ("state", Figure::Text(status.name().to_owned())),
            ("amount_eur", euro.into()),
            ("due_on", due.into()),
            ("paid_on", paid_on.into()),
            ("share", share.into()),
        ]
    });
    let rows = rows.collect();
    let sum = |amounts: &[f64]| cents(amounts.iter().sum());
    let record = vec![
        ("payment_status", of_document(&statuses).map(str::to_owned).into()),
        ("payments_eur", sum(&euros).into()),
        ("paid_eur", sum(&paid).into()),
        ("open_eur", sum(&open).into()),
    ];
    (record, rows)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Paid,
    Open,
    /// Set off by a credit note: no money moved.
    Reversed,
}

impl Status {
    fn read(text: Option<&str>) -> Self {
        match text {
            Some("paid") => Self::Paid,
            Some("reversed") => Self::Reversed,
            _ => Self::Open,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Open => "not_paid",
            Self::Reversed => "reversed",
        }
    }
}

/// A document has no status of its own: its instalments say it. Reversed ones count only when all are reversed.
fn of_document(statuses: &[Status]) -> Option<&'static str> {
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    match (count(Status::Paid), count(Status::Open)) {
        (0, 0) if statuses.is_empty() => None,
        (0, 0) => Some("reversed"),
        (0, _) => Some("not_paid"),
        (_, 0) => Some("paid"),
        _ => Some("partly_paid"),
    }
}
