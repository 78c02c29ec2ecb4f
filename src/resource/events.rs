//! Events by their types: which resource types they tell of, and which types to subscribe to.
//!
//! In: an event's type, `it.fattureincloud.webhooks.entities.clients.update`, or a group. Out: entries of the registry, or
//! types. What follows from an event is the worker's.

use super::{ALL, Resource};

/// The webhook groups of the service (documentation, "Webhooks").
pub const GROUPS: &[&str] =
    &["entity", "issued_documents", "received_documents", "products", "receipts", "taxes", "archive", "cashbook"];

/// What the names of all event types begin with.
pub const PREFIX: &str = "it.fattureincloud.webhooks.";
/// What can happen to a record.
const ACTIONS: [&str; 3] = ["create", "update", "delete"];
/// An e-mail was sent: the kind before it tells of which document, which is not changed by it.
const EMAIL_SENT: &str = "email_sent";

/// The part of an event's type that says what it is about: `entities.clients` of
/// `it.fattureincloud.webhooks.entities.clients.update`.
pub fn kind(event_type: &str) -> Option<&str> {
    Some(event_type.strip_prefix(PREFIX)?.rsplit_once('.')?.0)
}

/// The resource types that events of a type tell of. Several where the event does not say which of them it is.
pub fn tell_of(event_type: &str) -> impl Iterator<Item = &'static Resource> {
    let name = event_type.strip_prefix(PREFIX).unwrap_or_default().to_owned();
    ALL.iter().filter(move |resource| resource.is_told_by(&name))
}

impl Resource {
    /// Whether events of this type, without the prefix, tell of its records.
    fn is_told_by(&self, name: &str) -> bool {
        let Some((kind, action)) = name.rsplit_once('.') else { return false };
        match action {
            EMAIL_SENT => self.events.others.contains(&EMAIL_SENT),
            _ => self.events.kinds.contains(&kind) || self.events.others.contains(&name),
        }
    }

    /// The path where its events' records are found: a lane, whose events are worked on in their order. For records that
    /// cannot be asked for one by one it is that of the list.
    pub fn lane(&self) -> &'static str {
        self.single.unwrap_or(self.list.path)
    }

    /// What the types of its events begin with.
    pub fn prefixes(&self) -> Vec<String> {
        let kinds = self.events.kinds.iter().map(|kind| format!("{PREFIX}{kind}."));
        let others = self.events.others.iter().filter(|other| other.contains('.'));
        kinds.chain(others.map(|other| format!("{PREFIX}{other}"))).collect()
    }

    /// The types, without the prefix, to subscribe to for it. That an e-mail was sent is looked for once a day instead:
    /// it would cost a walk over the list each time.
    pub fn types(&self) -> Vec<String> {
        let kind = self.events.kinds.first().into_iter();
        let actions = kind.flat_map(|kind| ACTIONS.iter().map(move |action| format!("{kind}.{action}")));
        let others = self.events.others.iter().filter(|other| **other != EMAIL_SENT);
        actions.chain(others.map(|other| (*other).to_owned())).collect()
    }
}

/// The lane of events of a type. All events of a family's documents have the same, mirrored or not: a document can
/// become one of another type.
pub fn lane(event_type: &str) -> Option<&'static str> {
    let family = || {
        let (family, _) = kind(event_type)?.split_once('.')?;
        ALL.iter().find(|r| {
            r.list.document_type.is_some() && r.events.kinds.iter().any(|k| k.split('.').next() == Some(family))
        })
    };
    tell_of(event_type).next().or_else(family).map(Resource::lane)
}

/// What the service is asked to send for a group: for two of them it expands one type into those of all its kinds
/// (documentation, "Webhooks"). A token that may not read all kinds is refused them; see [`needed_types`].
pub fn group_types(group: &str) -> Vec<String> {
    let all = match group {
        "entity" => Some("entities.all"),
        "issued_documents" => Some("issued_documents.all"),
        _ => None,
    };
    let mut types: Vec<String> =
        all.iter().flat_map(|all| ACTIONS.iter().map(move |action| format!("{all}.{action}"))).collect();
    for resource in ALL.iter().filter(|r| r.events.group == Some(group)) {
        let single = resource
            .types()
            .into_iter()
            .filter(|name| all.is_none() || resource.events.others.contains(&name.as_str()));
        types.extend(single);
    }
    let mut once: Vec<String> = Vec::new();
    types.into_iter().for_each(|name| {
        if !once.contains(&name) {
            once.push(name);
        }
    });
    once.into_iter().map(|name| format!("{PREFIX}{name}")).collect()
}

/// The types of a group that the mirror of these resources needs.
pub fn needed_types(group: &str, resources: &[&Resource]) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for resource in resources.iter().filter(|r| r.events.group == Some(group)) {
        for name in resource.types() {
            let full = format!("{PREFIX}{name}");
            if !types.contains(&full) {
                types.push(full);
            }
        }
    }
    types
}

/// Whether one of `types`, which are single ones, is what was wanted: a type, or a group type that the service expands.
pub fn covers(types: &[String], wanted: &str) -> bool {
    match wanted.split_once(".all.") {
        Some((family, action)) => {
            types.iter().any(|t| t.starts_with(&format!("{family}.")) && t.ends_with(&format!(".{action}")))
        }
        None => types.iter().any(|t| t == wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kind: &str) -> Vec<&'static str> {
        tell_of(&format!("{PREFIX}{kind}")).map(|r| r.name).collect()
    }

    #[test]
    fn events_tell_of_resource_types() {
        for (kind, names) in [
            ("entities.suppliers.update", &["suppliers"][..]),
            ("issued_documents.invoices.create", &["invoices"]),
            ("issued_documents.receipts.create", &["issued_receipts"]),
            ("receipts.create", &["receipts"]),
            (
                "issued_documents.e_invoices.status_update",
                &["invoices", "credit_notes", "self_own_invoices", "self_supplier_invoices"],
            ),
            ("issued_documents.self_invoices.delete", &["self_own_invoices", "self_supplier_invoices"]),
            ("issued_documents.quotes.email_sent", &["emails"]),
            ("products.stock_update", &["products"]),
            (
                "received_documents.update",
                &["expenses", "passive_credit_notes", "passive_delivery_notes", "received_self_invoices"],
            ),
            ("received_documents.e_invoices.receive", &["pending_documents"]),
            ("archive_documents.update", &["archive_documents"]),
            ("cashbook.delete", &["cashbook_entries"]),
            ("entities.all.update", &[]),
            ("update", &[]),
            ("", &[]),
        ] {
            assert_eq!(named(kind), names, "{kind}");
        }
        assert_eq!(tell_of("entities.clients.update").count(), 0, "without the prefix");
    }

    #[test]
    fn events_find_their_lane() {
        let of = |kind: &str| lane(&format!("{PREFIX}{kind}.update"));
        assert_eq!(of("entities.suppliers"), Some("/entities/suppliers"));
        for kind in ["invoices", "proformas", "e_invoices", "self_invoices", "tomorrow"] {
            assert_eq!(of(&format!("issued_documents.{kind}")), Some("/issued_documents"), "{kind}");
        }
        assert_eq!(of("received_documents"), Some("/received_documents"));
        assert_eq!(
            lane(&format!("{PREFIX}received_documents.e_invoices.receive")),
            Some("/received_documents/pending")
        );
        assert_eq!(lane(&format!("{PREFIX}issued_documents.invoices.email_sent")), Some("/emails"));
        for kind in ["entities.all", "issued_documents", "", "."] {
            assert_eq!(of(kind), None, "{kind}");
        }
    }

    #[test]
    fn types_that_are_needed_are_among_those_of_the_group() {
        let all: Vec<&Resource> = ALL.iter().collect();
        for group in GROUPS {
            let (needed, asked) = (needed_types(group, &all), group_types(group));
            assert!(!needed.is_empty(), "{group}");
            assert!(asked.iter().all(|wanted| covers(&needed, wanted)), "{group}: {asked:?} of {needed:?}");
        }
        assert_eq!(needed_types("entity", &all).len(), 6);
        assert_eq!(needed_types("issued_documents", &all).len(), 11 * 3 + 1);
        let quotes: Vec<&Resource> = all.iter().copied().filter(|r| r.name == "quotes").collect();
        assert_eq!(needed_types("issued_documents", &quotes).len(), 3, "quotes have no e-invoices");
        let singles = ["issued_documents.quotes.update".to_owned(), "entities.clients.create".to_owned()];
        let singles = singles.map(|t| format!("{PREFIX}{t}"));
        for (wanted, covered) in [
            ("issued_documents.all.update", true),
            ("issued_documents.all.create", false),
            ("entities.all.create", true),
            ("entities.clients.create", true),
            ("entities.clients", false),
        ] {
            assert_eq!(covers(&singles, &format!("{PREFIX}{wanted}")), covered, "{wanted}");
        }
    }
}
