//! All that the sandbox knows, behind one lock: clock, companies, credentials, quotas, faults, moods, journal.
//! Changes to records go through here, so that stamps and notifications follow. Knows no HTTP.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::data::{self, Birth};
use crate::events;
use crate::faults::Faults;
use crate::journal::Request;
use crate::moods::Mood;
use crate::quota::{Present, Quota};
use crate::resource::{self, RESOURCES, Resource};
use crate::shelf::Shelf;
use crate::webhooks::{Event, Hub};

/// A company and its lists.
pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) shelves: BTreeMap<&'static str, Shelf>,
}

/// Everything.
pub(crate) struct State {
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    pub(crate) companies: BTreeMap<i64, Company>,
    pub(crate) auth: Auth,
    pub(crate) quota: Quota,
    pub(crate) faults: Faults,
    pub(crate) moods: Vec<Mood>,
    pub(crate) journal: Vec<Request>,
    pub(crate) violations: Vec<String>,
    pub(crate) hub: Hub,
    /// Ties and tickets; not for data, which depend on seed and id alone.
    pub(crate) dice: Rng,
    next_id: i64,
}

/// Five years of records, when many are made at once.
const SPREAD: i64 = 5 * 365 * 24 * 3600;

impl State {
    pub(crate) fn new(seed: u64) -> State {
        State {
            seed,
            clock: Clock::new(),
            companies: BTreeMap::new(),
            auth: Auth::default(),
            quota: Quota::new(),
            faults: Faults::default(),
            moods: Vec::new(),
            journal: Vec::new(),
            violations: Vec::new(),
            hub: Hub::new(seed),
            dice: Rng::with_seed(seed),
            next_id: 1000,
        }
    }

    pub(crate) fn add_company(&mut self, id: i64, name: &str) {
        let shelves = RESOURCES.iter().map(|resource| (resource.name, Shelf::new(resource))).collect();
        self.companies.insert(id, Company { name: name.to_owned(), shelves });
    }

    /// # Panics
    /// When a test names a company or list that does not exist.
    pub(crate) fn shelf(&mut self, company: i64, resource: &str) -> &mut Shelf {
        let resource = resource::named(resource);
        let found = self.companies.get_mut(&company).and_then(|company| company.shelves.get_mut(resource.name));
        match found {
            Some(shelf) => shelf,
            None => panic!("the sandbox has no company {company}"),
        }
    }

    /// The quota windows' present.
    pub(crate) fn present(&self) -> Present {
        let (month, month_left) = self.clock.month();
        Present { second: self.clock.seconds(), month, month_left }
    }

    /// A record that is not kept yet.
    fn new_record(&mut self, company: i64, resource: &'static Resource, created: i64, updated: i64) -> (i64, Value) {
        // Gaps between ids, as in a service that many companies share.
        self.next_id += 1 + (self.next_id % 3);
        let id = self.next_id;
        let seed = self.seed;
        let partner = self.partner(company, resource, id);
        let shelf = self.shelf(company, resource.name);
        let ordinal = (shelf.records.len() + shelf.deleted.len()) as i64 + 1;
        let (created_at, updated_at) = (self.clock.stamp_of(created), self.clock.stamp_of(updated));
        let birth = Birth { seed, id, ordinal, created_at: &created_at, updated_at: &updated_at, partner };
        let mut record = data::make(resource, &birth);
        if self.leaves_updated_at_out(ordinal) && record.get("updated_at").is_some() {
            record["updated_at"] = Value::Null;
        }
        (id, record)
    }

    fn leaves_updated_at_out(&self, ordinal: i64) -> bool {
        self.moods.iter().any(|mood| matches!(mood, Mood::NullUpdatedAt(n) if ordinal % i64::from((*n).max(1)) == 0))
    }

    /// A client (of issued documents) or supplier (of received ones) that exists.
    fn partner(&mut self, company: i64, resource: &Resource, id: i64) -> Option<i64> {
        let list = match resource.path {
            "issued_documents" => "clients",
            "received_documents" => "suppliers",
            _ => return None,
        };
        let partners = &self.shelf(company, list).records;
        partners.get(id as usize % partners.len().max(1)).map(|partner| partner.id)
    }

    /// Many records, spread over the years before now, by increasing id; changed at or after their creation.
    pub(crate) fn populate(&mut self, company: i64, resource: &str, count: usize) {
        let resource = resource::named(resource);
        let end = self.clock.seconds() - 3600;
        let mut rng = Rng::with_seed(self.seed ^ self.next_id as u64);
        for place in 0..count as i64 {
            let step = (SPREAD / count as i64).max(1);
            let created = end - SPREAD + SPREAD / count as i64 * place + rng.i64(0..step);
            let updated = if rng.u8(..5) < 2 { created } else { rng.i64(created..=end) };
            let (id, record) = self.new_record(company, resource, created, updated);
            self.shelf(company, resource.name).put(id, &record);
        }
    }

    /// A record made now.
    pub(crate) fn create(&mut self, company: i64, resource: &str, adapt: impl FnOnce(&mut Value)) -> i64 {
        let now = self.clock.seconds();
        let (id, mut record) = self.new_record(company, resource::named(resource), now, now);
        adapt(&mut record);
        self.shelf(company, resource).put(id, &record);
        id
    }

    /// Changes a record. `updated_at` becomes now, unless the closure changed it itself.
    pub(crate) fn update(&mut self, company: i64, resource: &str, id: i64, adapt: impl FnOnce(&mut Value)) -> bool {
        let now = self.clock.stamp();
        let shelf = self.shelf(company, resource);
        let Some(record) = shelf.get(id) else {
            return false;
        };
        // The text itself, not `value()`: download addresses must keep their marker.
        let Ok(mut value) = serde_json::from_str::<Value>(&record.text) else {
            return false;
        };
        let before = value.get("updated_at").cloned();
        adapt(&mut value);
        // Records without a stamp, and those whose stamp is null, stay so.
        if before.as_ref().is_some_and(Value::is_string) && value.get("updated_at") == before.as_ref() {
            value["updated_at"] = now.into();
        }
        shelf.put(id, &value);
        true
    }

    /// Tells the subscriptions of a change, where changes are told at all.
    pub(crate) fn announce(&mut self, company: i64, resource: &str, verb: &str, ids: &[i64]) {
        if self.hub.deliver && !ids.is_empty() {
            self.notify(company, &events::name(resource::named(resource), verb), ids);
        }
    }

    /// Queues an event for the subscriptions that want it; its id.
    pub(crate) fn notify(&mut self, company: i64, event_type: &str, ids: &[i64]) -> String {
        let event = self.event(company, event_type, ids);
        let twins = self.moods.contains(&Mood::Twins);
        self.hub.announce(&event, twins, self.clock.seconds());
        event.id
    }

    /// An event with an id of its own. Its time is the machine's, like the times in its token.
    pub(crate) fn event(&mut self, company: i64, event_type: &str, ids: &[i64]) -> Event {
        let (high, low) = (self.dice.u64(..), self.dice.u64(..));
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 52,
            low & 0xFFFF_FFFF_FFFF
        );
        Event { id, event_type: event_type.to_owned(), company, time: Timestamp::now(), ids: ids.to_vec() }
    }

    pub(crate) fn delete(&mut self, company: i64, resource: &str, id: i64) -> bool {
        self.shelf(company, resource).delete(id)
    }
}

/// A change that needs no closure: another note, and for documents another subject.
pub(crate) fn touch(record: &mut Value, stamp: &str) {
    for field in ["notes", "description", "subject"] {
        if record.get(field).is_some() {
            record[field] = format!("changed at {stamp} — è cambiato").into();
        }
    }
}
