//! What events want: which records to look at, and on whose behalf.
//!
//! In: the claimed events of a lane. Out: [`Wants`], one entry per record whatever the number of its events. An event is
//! a hint: its type chooses only where to look first. Asks nobody.

use crate::record::Id;
use crate::resource::{self, Resource};
use crate::store::outbox::Claimed;
use std::collections::BTreeMap;

/// What is wanted of one record.
#[derive(Debug, Clone)]
pub struct Want {
    /// Where it is looked for first. Nothing: its events are of types that are not mirrored.
    pub resource: Option<&'static Resource>,
    /// Its newest event says that it is gone: no list will have it.
    pub gone: bool,
    /// The local id of its oldest event.
    pub oldest: i64,
    /// The kinds of its events, as beginnings of their types.
    pub prefixes: Vec<String>,
}

/// The records of a claim.
#[derive(Debug, Default)]
pub struct Wants {
    /// By id.
    pub records: BTreeMap<Id, Want>,
    /// Ids that no mirrored record can have.
    pub strange: Vec<serde_json::Value>,
}

/// Reads the events, oldest first. `mirrored` are the resource types that the settings name.
pub fn read(events: &[Claimed], mirrored: &[&'static Resource]) -> Wants {
    let mut wants = Wants::default();
    for event in events {
        let resource = resource::of_event(&event.event_type).filter(|r| mirrored.contains(r));
        let prefix = prefix(&event.event_type);
        for value in ids(event) {
            let Some(id) = record_id(&value) else {
                wants.strange.push(value);
                continue;
            };
            let new = Want { resource: None, gone: false, oldest: event.id, prefixes: Vec::new() };
            let want = wants.records.entry(id).or_insert(new);
            want.resource = resource.or(want.resource);
            want.gone = event.event_type.ends_with(".delete");
            if !want.prefixes.contains(&prefix) {
                want.prefixes.push(prefix.clone());
            }
        }
    }
    wants
}

/// The id of a mirrored record, as it stands in an event. Nothing: no mirrored record can have it.
pub fn record_id(value: &serde_json::Value) -> Option<Id> {
    value.as_i64().filter(|id| *id > 0).map(Id::Number)
}

/// The ids that an event still names. A CHECK keeps the column JSON; what is no list names nothing.
pub fn ids(event: &Claimed) -> Vec<serde_json::Value> {
    serde_json::from_str(&event.remaining_ids).unwrap_or_default()
}

/// The beginning that all types of an event's kind share: `it.fattureincloud.webhooks.entities.clients.`.
pub fn prefix(event_type: &str) -> String {
    event_type.rsplit_once('.').map_or(event_type.to_owned(), |(kind, _)| format!("{kind}."))
}

/// The same for the events of a resource type.
pub fn prefix_of(resource: &Resource) -> String {
    format!("{}{}.", resource::EVENT_PREFIX, resource.event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: i64, kind: &str, ids: &str) -> Claimed {
        let event_type = format!("{}{kind}", resource::EVENT_PREFIX);
        Claimed { id, event_type, remaining_ids: ids.to_owned(), attempts: 1, retry_at: None }
    }

    #[test]
    fn several_events_of_a_record_are_one_want() {
        let mirrored: Vec<&'static Resource> = resource::ALL.iter().collect();
        let events = [
            event(1, "issued_documents.invoices.update", "[1,2]"),
            event(2, "issued_documents.invoices.delete", "[2,\"a12\",0,-3]"),
            event(3, "issued_documents.e_invoices.status_update", "[1,3]"),
        ];
        let wants = read(&events, &mirrored);
        let seen: Vec<_> = wants
            .records
            .iter()
            .map(|(id, w)| (id.number().unwrap_or_default(), w.resource.map(|r| r.name), w.gone, w.prefixes.len()))
            .collect();
        assert_eq!(seen, [(1, Some("invoices"), false, 2), (2, Some("invoices"), true, 1), (3, None, false, 1)]);
        assert_eq!([1, 2, 3].map(|id| wants.records[&Id::Number(id)].oldest), [1, 1, 3]);
        assert_eq!(wants.strange, [serde_json::json!("a12"), 0.into(), (-3).into()]);
        assert_eq!(
            read(&events, &mirrored[..2]).records[&Id::Number(1)].resource,
            None,
            "invoices are not among the settings"
        );
    }

    #[test]
    fn prefixes_agree() {
        let clients = resource::by_name("clients").expect("clients");
        assert_eq!(prefix_of(clients), prefix("it.fattureincloud.webhooks.entities.clients.create"));
    }
}
