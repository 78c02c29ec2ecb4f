//! The registry: all that differs between resource types stands here, once.
//!
//! In: a name, or an event's type. Out: where to ask for it, which table holds it, which statements write it.
//! Adding a resource type is an entry here, its statements and views in `sql/`. Asks and writes nothing itself.

use crate::money::{self, WorkOut};
use crate::record::{Form, Ids};

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
    /// The name of one, in names of views and columns: `invoice_id`.
    pub singular: &'static str,
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
    pub table: &'static Table,
    /// What a document counts for: 1 or -1, or 0 where it is no turnover (a credit note has positive amounts).
    pub sign: i64,
    /// How records with one time stamp are told apart.
    pub tie_break: TieBreak,
    /// The order for plain pages, where the service refuses to sort by `updated_at`: as few ties as may be.
    pub steady_sort: &'static str,
}

/// A table of the mirror, for one resource type or a family of them.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The statement that writes a record's row. sql/README.md says what its parameters mean.
    pub insert: &'static str,
    /// The tables of the lists in a record.
    pub children: &'static [Child],
    /// What its rows hold beside the record's own members.
    pub work_out: Option<&'static WorkOut>,
    /// How its records are read.
    pub form: Form,
    /// Templates of the views of each of its resource types: `{resource}` and `{singular}` stand for its names.
    pub views: &'static [&'static str],
}

/// The table of a list in a record.
#[derive(Debug)]
pub struct Child {
    /// Its name.
    pub table: &'static str,
    /// The statement that writes one of its rows.
    pub insert: &'static str,
    /// Where the rows come from.
    pub rows: Rows,
}

/// Where the rows of a child come from.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    /// The elements of this list that are objects.
    List(&'static str),
    /// They are worked out, under this name.
    WorkedOut(&'static str),
}

/// Records with numbers as ids, and no member that differs at each answer.
const NUMBERED: Form = Form { ids: Ids::Numbers, volatile: &[] };

static ENTITIES: Table = Table {
    name: "entities",
    insert: include_str!("../sql/statements/insert_entity.sql"),
    children: &[],
    work_out: None,
    form: NUMBERED,
    views: &[include_str!("../sql/views/types/entity.sql")],
};

static DOCUMENTS: Table = Table {
    name: "documents",
    insert: include_str!("../sql/statements/insert_document.sql"),
    children: &[
        Child {
            table: "document_items",
            insert: include_str!("../sql/statements/insert_document_item.sql"),
            rows: Rows::List("items_list"),
        },
        Child {
            table: "document_payments",
            insert: include_str!("../sql/statements/insert_document_payment.sql"),
            rows: Rows::List("payments_list"),
        },
        Child {
            table: "document_vat",
            insert: include_str!("../sql/statements/insert_document_vat.sql"),
            rows: Rows::WorkedOut("vat"),
        },
    ],
    work_out: Some(&money::ISSUED),
    form: Form { ids: Ids::Numbers, volatile: &["url", "dn_url", "ai_url", "attachment_url"] },
    views: &[
        include_str!("../sql/views/types/document.sql"),
        include_str!("../sql/views/types/document_items.sql"),
        include_str!("../sql/views/types/document_payments.sql"),
        include_str!("../sql/views/types/document_vat.sql"),
    ],
};

const ENTITY: Resource = Resource {
    name: "",
    singular: "",
    path: "",
    document_type: None,
    scope: "",
    event_group: "entity",
    event: "",
    table: &ENTITIES,
    sign: 0,
    tie_break: TieBreak::FilterById,
    steady_sort: "name,code",
};

const ISSUED_DOCUMENT: Resource = Resource {
    path: "/issued_documents",
    event_group: "issued_documents",
    table: &DOCUMENTS,
    tie_break: TieBreak::SortById,
    steady_sort: "date,id",
    ..ENTITY
};

/// Every mirrored resource type, in the order in which they are synced.
pub static ALL: &[Resource] = &[
    Resource {
        name: "clients",
        singular: "client",
        path: "/entities/clients",
        scope: "entity.clients:r",
        event: "entities.clients",
        ..ENTITY
    },
    Resource {
        name: "suppliers",
        singular: "supplier",
        path: "/entities/suppliers",
        scope: "entity.suppliers:r",
        event: "entities.suppliers",
        ..ENTITY
    },
    Resource {
        name: "invoices",
        singular: "invoice",
        document_type: Some("invoice"),
        scope: "issued_documents.invoices:r",
        sign: 1,
        event: "issued_documents.invoices",
        ..ISSUED_DOCUMENT
    },
    Resource {
        name: "quotes",
        singular: "quote",
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

/// Every table of the registry, once.
pub fn tables() -> Vec<&'static Table> {
    let mut tables: Vec<&'static Table> = Vec::new();
    for resource in ALL {
        if !tables.iter().any(|table| table.name == resource.table.name) {
            tables.push(resource.table);
        }
    }
    tables
}

/// Every table of a list in a record, with the table of the records.
pub fn children() -> impl Iterator<Item = (&'static str, &'static str)> {
    tables().into_iter().flat_map(|table| table.children.iter().map(|child| (child.table, table.name)))
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
            assert!([r.name, r.path, r.scope, r.event, r.table.name].iter().all(|s| !s.is_empty()), "{}", r.name);
            assert!(EVENT_GROUPS.contains(&r.event_group), "{}", r.name);
            assert_eq!(ALL.iter().filter(|other| other.name == r.name).count(), 1);
        }
    }
}
