//! What events want: which records to look at, and on whose behalf.
//!
//! In: the claimed events of a lane. Out: [`Wants`], one entry per record whatever the number of its events. An event is
//! a hint: its type chooses only where to look first. Asks nobody.

use crate::record::{Id, Ids};
use crate::resource::{Resource, events};
use crate::store::outbox::Claimed;
use std::collections::BTreeMap;

/// What is wanted of one record.
#[derive(Debug, Clone)]
pub struct Want {
    /// The mirrored resource types that it may be of, by its events: it is looked for as one of the first. None: its events
    /// are of types that are not mirrored.
    pub candidates: Vec<&'static Resource>,
    /// Its newest event says that it is gone: no list will have it.
    pub gone: bool,
    /// The local id of its oldest event.
    pub oldest: i64,
    /// Its id as it stands in the events: a text of digits is a number there.
    pub written: serde_json::Value,
}

impl Want {
    /// What it is, where there is no doubt.
    pub fn surely(&self) -> Option<&'static Resource> {
        if let [one] = self.candidates.as_slice() { Some(one) } else { None }
    }
}

/// The records of a claim.
#[derive(Debug, Default)]
pub struct Wants {
    /// By id.
    pub records: BTreeMap<Id, Want>,
    /// Ids that no record of the lane can have.
    pub strange: Vec<serde_json::Value>,
    /// Local ids of events that name no record at all.
    pub nameless: Vec<i64>,
}

/// Reads the events of a lane, oldest first. `mirrored` are its resource types that the settings name.
pub fn read(events: &[Claimed], mirrored: &[&'static Resource]) -> Wants {
    let mut wants = Wants::default();
    let form = mirrored.first().map_or(Ids::Numbers, |resource| resource.table.form.ids);
    for event in events {
        let told: Vec<_> = events::tell_of(&event.event_type).filter(|r| mirrored.contains(r)).collect();
        let ids = ids(event);
        if ids.is_empty() {
            wants.nameless.push(event.id);
        }
        for value in ids {
            let Some(id) = record_id(&value, form) else {
                wants.strange.push(value);
                continue;
            };
            let new = Want { candidates: Vec::new(), gone: false, oldest: event.id, written: value };
            let want = wants.records.entry(id).or_insert(new);
            // A newer event, or one that is surer, knows better.
            if !told.is_empty() && (told.len() == 1 || want.candidates.is_empty()) {
                want.candidates.clone_from(&told);
            }
            want.gone = event.event_type.ends_with(".delete");
        }
    }
    wants
}

/// The id of a record, as it stands in an event. `None`: no record of this form can have it.
pub fn record_id(value: &serde_json::Value, form: Ids) -> Option<Id> {
    match (form, value) {
        (Ids::Numbers, value) => value.as_i64().filter(|id| *id > 0).map(Id::Number),
        (_, serde_json::Value::String(text)) => Some(Id::Text(text.clone())),
        (_, value) => value.as_i64().map(|number| Id::Text(number.to_string())),
    }
}

/// The ids that an event still names. A CHECK keeps the column JSON; what is no list names nothing.
pub fn ids(event: &Claimed) -> Vec<serde_json::Value> {
    serde_json::from_str(&event.remaining_ids).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource;

    fn event(id: i64, kind: &str, ids: &str) -> Claimed {
        let event_type = format!("{}{kind}", events::PREFIX);
        Claimed { id, event_type, remaining_ids: ids.to_owned(), attempts: 1, retry_at: None }
    }

    #[test]
    fn several_events_of_a_record_are_one_want() {
        let of_lane = |lane| resource::ALL.iter().filter(|r| r.lane() == lane).collect::<Vec<_>>();
        let documents = of_lane("/issued_documents");
        let events = [
            event(1, "issued_documents.invoices.update", "[1,2]"),
            event(2, "issued_documents.invoices.delete", "[2,\"a12\"]"),
            event(3, "issued_documents.e_invoices.status_update", "[1,3]"),
            event(4, "issued_documents.tomorrow.update", "[4]"),
            event(5, "issued_documents.invoices.update", "[]"),
        ];
        let wants = read(&events, &documents);
        let seen: Vec<_> = wants
            .records
            .iter()
            .map(|(id, w)| (id.number(), w.surely().map(|r| r.name), w.candidates.len(), w.gone))
            .collect();
        assert_eq!(
            seen,
            [
                (Some(1), Some("invoices"), 1, false),
                (Some(2), Some("invoices"), 1, true),
                (Some(3), None, 4, false),
                (Some(4), None, 0, false)
            ]
        );
        assert_eq!([1, 2, 3].map(|id| wants.records[&Id::Number(id)].oldest), [1, 1, 3]);
        assert_eq!(wants.strange, ["a12"]);
        assert_eq!(wants.nameless, [5]);
    }

    #[test]
    fn where_ids_are_texts_a_number_is_one() {
        let cashbook = resource::by_name("cashbook_entries").expect("the cashbook");
        let wants = read(&[event(1, "cashbook.update", "[7,\"a12\"]")], &[cashbook]);
        assert_eq!(wants.records.keys().cloned().collect::<Vec<_>>(), [Id::from("7"), Id::from("a12")]);
        assert_eq!(wants.records[&Id::from("7")].written, 7);
    }
}
