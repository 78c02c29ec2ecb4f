//! The registry: all that differs between resource types stands here, once.
//!
//! In: a name, or an event's type. Out: where to ask for it, what its list can do, which events tell of it, which table
//! holds it and which statements write it. Adding a resource type is an entry in `entries`, its table in `tables` where
//! no other type shares it, and its SQL. Asks and writes nothing itself. Source of all entries: the vendor's OpenAPI
//! description, and the documentation's pages "Filter Results", "Sort Results" and "Webhooks".

mod entries;
pub mod events;
mod tables;

use crate::money::WorkOut;
use crate::record::Form;

pub use entries::ALL;

/// One resource type of the service, and its place in the database.
#[derive(Debug)]
pub struct Resource {
    /// The plural name: command word, view, `resource` column.
    pub name: &'static str,
    /// The name of one, in names of views and columns: `invoice_id`.
    pub singular: &'static str,
    /// How its records are listed.
    pub list: List,
    /// The path of a single record below `/c/{company_id}`, without its id. `None`: it can only be listed.
    pub single: Option<&'static str>,
    /// The scope that a token needs to read it. `None`: any token may.
    pub scope: Option<&'static str>,
    /// Its events.
    pub events: Events,
    /// The table that holds it.
    pub table: &'static Table,
    /// What a document counts for: 1 or -1, or 0 where it is no turnover (a credit note has positive amounts).
    pub sign: i64,
}

/// How the service lists records.
#[derive(Debug)]
pub struct List {
    /// The path below `/c/{company_id}`.
    pub path: &'static str,
    /// The `type` that the list demands, where one path serves several resource types.
    pub document_type: Option<&'static str>,
    /// What its records tell of their changes.
    pub kind: Kind,
}

/// What the records of a list tell of their changes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// They have `created_at` and `updated_at`, by which the list can be sorted and filtered.
    Stamped(Stamped),
    /// They have no stamps: the whole list is read, and compared by content.
    Whole(Whole),
}

/// A list of records with stamps.
#[derive(Debug, Clone, Copy)]
pub struct Stamped {
    /// How records that share a stamp are told apart.
    pub tie_break: TieBreak,
    /// The order for plain pages, where the service refuses to sort by `updated_at`: as few ties as may be.
    pub steady_sort: &'static str,
}

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

/// A list that is read whole.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    /// In which parts it is read. Each part is compared, and guarded against wipes, by itself.
    pub parts: Parts,
    /// How often it is looked at by itself, in hours.
    pub every_hours: i64,
}

/// The parts of a list that is read whole.
#[derive(Debug, Clone, Copy)]
pub enum Parts {
    /// One list in pages. The order that has as few ties as may be, where one is documented.
    Pages(Option<&'static str>),
    /// A list in pages for each value of a parameter, which stands in this column.
    PagesOf {
        /// The parameter.
        parameter: &'static str,
        /// Its values.
        values: &'static [&'static str],
        /// The column that tells the part of a row.
        column: &'static str,
    },
    /// One answer holds all, in this shape.
    Answer(Shape),
    /// The same, of records of which there is more to be had (`fieldset=detailed`).
    DetailedAnswer,
    /// One answer for each value of a parameter, which stands in this column.
    AnswerOf {
        /// The parameter.
        parameter: &'static str,
        /// Its values.
        values: &'static [&'static str],
        /// The column that tells the part of a row.
        column: &'static str,
        /// What an answer holds.
        shape: Shape,
    },
    /// One answer for each calendar year of the column `date`, by the parameters `date_from` and `date_to`.
    Years,
    /// One answer for each row of another resource type, whose id stands in this column.
    OfEach {
        /// The other resource type.
        parent: &'static str,
        /// What stands behind its id in the path: `/price_lists/10/items`.
        below: &'static str,
        /// The column that tells the part of a row.
        column: &'static str,
        /// What an answer holds.
        shape: Shape,
    },
    /// A single record, put together from several answers.
    Company,
}

/// What `data` of an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list of records.
    Records,
    /// A list of texts, which are records with the name alone.
    Texts,
    /// An object of records by the ids of products, which have none of their own.
    ByProduct,
    /// `numerations`: the next number, by year and series.
    Numerations,
}

/// The events that tell of a resource type.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    /// The webhook group. `None`: no event tells of it.
    pub group: Option<&'static str>,
    /// Its parts of an event's type, `it.fattureincloud.webhooks.{kind}.update`; the first is the one that is asked for.
    /// Several resource types can share one.
    pub kinds: &'static [&'static str],
    /// Other event types that tell of its records, without the prefix.
    pub others: &'static [&'static str],
    /// Another resource type among whose records an id of an event may be, where it is none of this one.
    pub or_else: Option<&'static str>,
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
    /// What `deleted_records` keeps of a row, as SQL.
    pub summary: Summary,
}

/// What `deleted_records` keeps of a row in columns of its own, as SQL over the row.
#[derive(Debug, Clone, Copy)]
pub struct Summary {
    /// Number and series of a document.
    pub label: &'static str,
    /// Of the client, the product, …
    pub name: &'static str,
    /// Its day.
    pub date: &'static str,
    /// In euro.
    pub amount: &'static str,
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

impl Resource {
    /// What is known of its list, where its records have stamps.
    pub fn stamped(&self) -> Option<Stamped> {
        match self.list.kind {
            Kind::Stamped(stamped) => Some(stamped),
            Kind::Whole(_) => None,
        }
    }

    /// How records that share a stamp are told apart.
    pub fn tie_break(&self) -> TieBreak {
        self.stamped().map_or(TieBreak::Reread, |list| list.tie_break)
    }

    /// The resource type that it comes with: its list has a part for each of that one's records.
    pub fn part_of(&self) -> Option<&'static str> {
        match self.list.kind {
            Kind::Whole(Whole { parts: Parts::OfEach { parent, .. }, .. }) => Some(parent),
            _ => None,
        }
    }

    /// What is known of its list, where that is read whole.
    pub fn whole(&self) -> Option<Whole> {
        match self.list.kind {
            Kind::Stamped(_) => None,
            Kind::Whole(whole) => Some(whole),
        }
    }
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The resource type of that name.
pub fn by_name(name: &str) -> Option<&'static Resource> {
    ALL.iter().find(|r| r.name == name)
}

/// The issued documents of a type.
pub fn of_document_type(document_type: &str) -> Option<&'static Resource> {
    ALL.iter().find(|r| r.list.path == "/issued_documents" && r.list.document_type == Some(document_type))
}

/// Every resource type that can be asked for: what is part of another one comes with that.
pub fn all() -> Vec<&'static Resource> {
    ALL.iter().filter(|r| r.part_of().is_none()).collect()
}

/// The resource types that come with another one.
pub fn part_of(resource: &Resource) -> impl Iterator<Item = &'static Resource> {
    let name = resource.name;
    ALL.iter().filter(move |r| r.part_of() == Some(name))
}

/// All names, for messages and completions.
pub fn names() -> Vec<&'static str> {
    all().iter().map(|r| r.name).collect()
}

/// The scopes that reading these resource types needs, each once, with the first type that needs it.
pub fn scopes<'a>(resources: &[&'a Resource]) -> Vec<(&'static str, &'a Resource)> {
    let mut scopes: Vec<(&'static str, &'a Resource)> = Vec::new();
    for resource in resources {
        match resource.scope {
            Some(scope) if !scopes.iter().any(|(known, _)| *known == scope) => scopes.push((scope, resource)),
            _ => {}
        }
    }
    scopes
}

/// The webhook groups that tell of these resource types, each once.
pub fn groups(resources: &[&Resource]) -> Vec<&'static str> {
    let mut groups: Vec<&'static str> = Vec::new();
    for group in resources.iter().filter_map(|resource| resource.events.group) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_distinct() {
        for r in ALL {
            assert_eq!(ALL.iter().filter(|other| other.name == r.name).count(), 1, "{}", r.name);
            assert!(r.events.group.is_none_or(|group| events::GROUPS.contains(&group)), "{}", r.name);
        }
    }

    #[test]
    fn who_shares_a_path_demands_a_type() {
        for r in ALL.iter().filter(|r| r.stamped().is_some()) {
            let alone = ALL.iter().filter(|other| other.list.path == r.list.path).count() == 1;
            assert_eq!(r.list.document_type.is_none(), alone, "{}", r.name);
        }
    }
}
