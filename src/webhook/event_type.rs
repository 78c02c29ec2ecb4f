//! The names of the service's events: `it.fattureincloud.webhooks.` and what happened to what.
//!
//! In: the text of a `ce-type`. Out: the kind of record and the action. Which of them are
//! mirrored is not known here.

/// What every event's name begins with.
pub const PREFIX: &str = "it.fattureincloud.webhooks.";

const CRUD: &[&str] = &["create", "update", "delete"];
const DOCUMENT: &[&str] = &["create", "update", "delete", "email_sent"];

/// Every kind of record with its actions. `self_invoices` is the documentation's word for the
/// last two issued documents.
const KNOWN: [(&str, &[&str]); 22] = [
    ("entities.clients", CRUD),
    ("entities.suppliers", CRUD),
    ("issued_documents.invoices", DOCUMENT),
    ("issued_documents.quotes", DOCUMENT),
    ("issued_documents.proformas", DOCUMENT),
    ("issued_documents.receipts", DOCUMENT),
    ("issued_documents.delivery_notes", DOCUMENT),
    ("issued_documents.credit_notes", DOCUMENT),
    ("issued_documents.orders", DOCUMENT),
    ("issued_documents.work_reports", DOCUMENT),
    ("issued_documents.supplier_orders", DOCUMENT),
    ("issued_documents.self_supplier_invoices", DOCUMENT),
    ("issued_documents.self_own_invoices", DOCUMENT),
    ("issued_documents.self_invoices", DOCUMENT),
    ("issued_documents.e_invoices", &["status_update"]),
    ("received_documents.e_invoices", &["receive"]),
    ("received_documents", CRUD),
    ("receipts", CRUD),
    ("taxes", CRUD),
    ("archive_documents", CRUD),
    ("cashbook", CRUD),
    ("products", &["create", "update", "delete", "stock_update"]),
];

/// Sent once a subscription is verified; about no record.
const WELCOME: EventType = EventType { kind: "subscriptions", action: "welcome" };

/// A known type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventType {
    /// The kind of record, such as `entities.clients` or `products`.
    pub kind: &'static str,
    /// What happened, such as `create` or `email_sent`.
    pub action: &'static str,
}

impl EventType {
    /// The type of this name, if it is known.
    pub fn parse(name: &str) -> Option<EventType> {
        let (kind, action) = name.strip_prefix(PREFIX)?.rsplit_once('.')?;
        if (kind, action) == (WELCOME.kind, WELCOME.action) {
            return Some(WELCOME);
        }
        let (kind, actions) = KNOWN.iter().find(|(known, _)| *known == kind)?;
        let action = actions.iter().find(|known| **known == action)?;
        Some(EventType { kind, action })
    }

    /// Whether it is the event that marks a subscription as verified.
    pub fn is_welcome(self) -> bool {
        self == WELCOME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_names_and_no_others() {
        for (name, wanted) in [
            ("entities.clients.create", Some(("entities.clients", "create"))),
            ("issued_documents.invoices.email_sent", Some(("issued_documents.invoices", "email_sent"))),
            ("issued_documents.e_invoices.status_update", Some(("issued_documents.e_invoices", "status_update"))),
            ("received_documents.delete", Some(("received_documents", "delete"))),
            ("products.stock_update", Some(("products", "stock_update"))),
            ("subscriptions.welcome", Some(("subscriptions", "welcome"))),
            ("entities.clients.email_sent", None),
            ("entities.clients", None),
            ("entities.all.create", None),
            ("clients.create", None),
            ("Entities.clients.create", None),
            ("entities.clients.create.", None),
            ("", None),
        ] {
            let found = EventType::parse(&format!("{PREFIX}{name}"));
            let found = found.map(|found| (found.kind, found.action));
            assert_eq!(found, wanted, "{name}");
        }
        assert_eq!(EventType::parse("entities.clients.create"), None);
        let welcome = EventType::parse("it.fattureincloud.webhooks.subscriptions.welcome");
        assert!(welcome.is_some_and(EventType::is_welcome));
    }
}
