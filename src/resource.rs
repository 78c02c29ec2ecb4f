//! The registry: all that differs between resource types stands here, once.
//!
//! In: a name, or an event's type. Out: where to ask for it, which table holds it, which statements write it.
//! Adding a resource type is an entry here, its statements and views in `sql/`. Asks and writes nothing itself.

/// How records that share one sort key are told apart: offset pages are of no use there, because the service orders
/// them anew at each request (documentation, "Sort Results").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieBreak {
    /// `id` can be filtered: read by ranges of ids.
    FilterById,
    /// `id` can be sorted by: pages are steady.
    SortById,
    /// Neither: read until as many different records were seen as the service counts.
    Reread,
}

/// One resource type of the service, and its place in the database.
#[derive(Debug)]
pub struct Resource {
    /// The plural name: command word, view, `resource` column.
    pub name: &'static str,
    /// Path of the list below `/c/{company_id}`; one record is at `{path}/{id}`.
    pub path: &'static str,
    /// The `type` that the list demands, where one path serves several resource types.
    pub document_type: Option<&'static str>,
    /// The scope a token needs to read it.
    pub scope: &'static str,
    /// The webhook group that tells of its changes.
    pub event_group: &'static str,
    /// Its part of an event's type: `it.fattureincloud.webhooks.{event}.update`.
    pub event: &'static str,
    /// The table that holds it.
    pub table: &'static str,
    /// Writes one record: run in this order.
    pub upsert: &'static [&'static str],
    /// Takes away a record's child rows before it is written again.
    pub clear: &'static [&'static str],
    /// How records with one time stamp are told apart.
    pub tie_break: TieBreak,
    /// The order for plain pages, where the service refuses to sort by `updated_at`: as few ties as may be.
    pub steady_sort: &'static str,
    /// Members that differ at each answer (download links expire): a change of nothing else is no change.
    pub volatile: &'static [&'static str],
}

const UPSERT_ENTITY: &str = include_str!("../sql/statements/upsert_entity.sql");
const UPSERT_DOCUMENT: &[&str] = &[
    include_str!("../sql/statements/upsert_document.sql"),
    include_str!("../sql/statements/insert_document_items.sql"),
    include_str!("../sql/statements/insert_document_payments.sql"),
];
const CLEAR_DOCUMENT: &[&str] = &[
    include_str!("../sql/statements/clear_document_items.sql"),
    include_str!("../sql/statements/clear_document_payments.sql"),
];
const DOCUMENT_LINKS: &[&str] = &["$.url", "$.dn_url", "$.ai_url", "$.attachment_url"];

const ENTITY: Resource = Resource {
    name: "",
    path: "",
    document_type: None,
    scope: "",
    event_group: "entity",
    event: "",
    table: "entities",
    upsert: &[UPSERT_ENTITY],
    clear: &[],
    tie_break: TieBreak::FilterById,
    steady_sort: "name,code",
    volatile: &[],
};

const ISSUED_DOCUMENT: Resource = Resource {
    path: "/issued_documents",
    event_group: "issued_documents",
    table: "documents",
    upsert: UPSERT_DOCUMENT,
    clear: CLEAR_DOCUMENT,
    tie_break: TieBreak::SortById,
    steady_sort: "date,id",
    volatile: DOCUMENT_LINKS,
    ..ENTITY
};

/// Every mirrored resource type, in the order in which they are synced.
pub static ALL: &[Resource] = &[
    Resource {
        name: "clients",
        path: "/entities/clients",
        scope: "entity.clients:r",
        event: "entities.clients",
        ..ENTITY
    },
    Resource {
        name: "suppliers",
        path: "/entities/suppliers",
        scope: "entity.suppliers:r",
        event: "entities.suppliers",
        ..ENTITY
    },
    Resource {
        name: "invoices",
        document_type: Some("invoice"),
        scope: "issued_documents.invoices:r",
        event: "issued_documents.invoices",
        ..ISSUED_DOCUMENT
    },
    Resource {
        name: "quotes",
        document_type: Some("quote"),
        scope: "issued_documents.quotes:r",
        event: "issued_documents.quotes",
        ..ISSUED_DOCUMENT
    },
];

/// The webhook groups of the service, mirrored or not (documentation, "Webhooks").
pub const EVENT_GROUPS: &[&str] =
    &["entity", "issued_documents", "received_documents", "products", "receipts", "taxes", "archive", "cashbook"];

/// What the names of all event types begin with.
pub const EVENT_PREFIX: &str = "it.fattureincloud.webhooks.";
/// What can happen to a record.
const ACTIONS: [&str; 3] = ["create", "update", "delete"];
/// An e-invoice went a step further: the invoice's `ei_status`.
const STATUS_UPDATE: &str = "it.fattureincloud.webhooks.issued_documents.e_invoices.status_update";

/// The part of an event's type that says what it is about: `entities.clients` of
/// `it.fattureincloud.webhooks.entities.clients.update`.
pub fn event_kind(event_type: &str) -> Option<&str> {
    Some(event_type.strip_prefix(EVENT_PREFIX)?.rsplit_once('.')?.0)
}

/// The resource type that events of a type tell of, where it is mirrored.
pub fn of_event(event_type: &str) -> Option<&'static Resource> {
    let kind = event_kind(event_type)?;
    ALL.iter().find(|r| r.event == kind)
}

/// The path of the records that events of a type tell of. Where one path serves several resource types, all events of
/// its documents have it, mirrored or not: a document can become one of another type.
pub fn lane(event_type: &str) -> Option<&'static str> {
    let sibling = || {
        let (family, _) = event_kind(event_type)?.split_once('.')?;
        ALL.iter().find(|r| r.document_type.is_some() && r.event.split('.').next() == Some(family))
    };
    of_event(event_type).or_else(sibling).map(|r| r.path)
}

/// What the service is asked to send for a group: for two of them it expands one type into those of all its kinds
/// (documentation, "Webhooks"). A token that may not read all kinds is refused them; see [`needed_types`].
pub fn group_types(group: &str) -> Vec<String> {
    let kind = match group {
        "entity" => "entities.all",
        "issued_documents" => "issued_documents.all",
        "archive" => "archive_documents",
        other => other,
    };
    let mut types: Vec<String> = ACTIONS.iter().map(|action| format!("{EVENT_PREFIX}{kind}.{action}")).collect();
    types.extend((group == "issued_documents").then(|| STATUS_UPDATE.to_owned()));
    types
}

/// The types of a group that the mirror of these resources needs. That a mail was sent changes no record.
pub fn needed_types(group: &str, resources: &[&Resource]) -> Vec<String> {
    let mirrored = resources.iter().filter(|r| r.event_group == group);
    let of = |r: &&Resource| {
        let event = r.event;
        let status = (r.document_type == Some("invoice")).then(|| STATUS_UPDATE.to_owned());
        ACTIONS.iter().map(move |action| format!("{EVENT_PREFIX}{event}.{action}")).chain(status)
    };
    mirrored.flat_map(of).collect()
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

/// The resource type of that name.
pub fn by_name(name: &str) -> Option<&'static Resource> {
    ALL.iter().find(|r| r.name == name)
}

/// All names, for messages and completions.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|r| r.name).collect()
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_find_their_lane() {
        let of = |kind: &str| lane(&format!("{EVENT_PREFIX}{kind}.update"));
        assert_eq!(of("entities.suppliers"), Some("/entities/suppliers"));
        for kind in ["invoices", "proformas", "e_invoices", "self_invoices"] {
            assert_eq!(of(&format!("issued_documents.{kind}")), Some("/issued_documents"), "{kind}");
        }
        for kind in ["products", "received_documents.e_invoices", "entities.all", "issued_documents", "", "."] {
            assert_eq!(of(kind), None, "{kind}");
        }
        assert_eq!(lane("entities.clients.update"), None);
        assert_eq!(of_event("it.fattureincloud.webhooks.issued_documents.e_invoices.status_update"), None);
    }

    #[test]
    fn types_that_are_needed_are_among_those_of_the_group() {
        let all: Vec<&Resource> = ALL.iter().collect();
        assert_eq!(needed_types("entity", &all).len(), 6);
        assert_eq!(needed_types("issued_documents", &all).len(), 7);
        assert_eq!(needed_types("issued_documents", &all[3..]).len(), 3, "quotes have no e-invoices");
        assert_eq!(needed_types("products", &all), Vec::<String>::new());
        let singles = ["issued_documents.quotes.update".to_owned(), "entities.clients.create".to_owned()];
        let singles = singles.map(|t| format!("{EVENT_PREFIX}{t}"));
        for (wanted, covered) in [
            ("issued_documents.all.update", true),
            ("issued_documents.all.create", false),
            ("entities.all.create", true),
            ("entities.clients.create", true),
            ("entities.clients", false),
        ] {
            assert_eq!(covers(&singles, &format!("{EVENT_PREFIX}{wanted}")), covered, "{wanted}");
        }
    }

    #[test]
    fn entries_are_whole_and_distinct() {
        for r in ALL {
            assert!([r.name, r.path, r.scope, r.event, r.table].iter().all(|s| !s.is_empty()), "{}", r.name);
            assert!(EVENT_GROUPS.contains(&r.event_group), "{}", r.name);
            assert_eq!(ALL.iter().filter(|other| other.name == r.name).count(), 1);
        }
    }
}
