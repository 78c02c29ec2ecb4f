//! All that the sandbox knows, behind one lock: clock, companies, credentials, quotas, faults, quirks, journal.
//! Companies and their lists; events that are told. Records are changed in `records.rs`. Knows no HTTP.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::collection::Collection;
use crate::data;
use crate::events;
use crate::faults::Faults;
use crate::id::Id;
use crate::journal::Request;
use crate::quirks::Quirk;
use crate::quota::{Present, Quota};
use crate::resource::{self, RESOURCES};
use crate::series::Series;
use crate::webhooks::{Event, Hub};

/// A company and its lists.
pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) collections: BTreeMap<&'static str, Collection>,
    /// What number the next document of each numeration gets.
    pub(crate) series: Series,
}

/// Everything.
pub(crate) struct State {
    pub(crate) seed: u64,
    /// The sandbox's own base URL, for links.
    pub(crate) base: String,
    pub(crate) clock: Clock,
    pub(crate) companies: BTreeMap<i64, Company>,
    pub(crate) auth: Auth,
    pub(crate) quota: Quota,
    pub(crate) faults: Faults,
    pub(crate) quirks: Vec<Quirk>,
    pub(crate) journal: Vec<Request>,
    pub(crate) violations: Vec<String>,
    pub(crate) hub: Hub,
    /// Ties and tickets; not for data, which depend on seed and id alone.
    pub(crate) dice: Rng,
    pub(crate) next_id: i64,
}

impl State {
    pub(crate) fn new(seed: u64, base: String) -> State {
        State {
            seed,
            base,
            clock: Clock::new(),
            companies: BTreeMap::new(),
            auth: Auth::default(),
            quota: Quota::new(),
            faults: Faults::default(),
            quirks: Vec::new(),
            journal: Vec::new(),
            violations: Vec::new(),
            hub: Hub::new(seed),
            dice: Rng::with_seed(seed),
            next_id: 1000,
        }
    }

    /// A company with what every one has from its first day.
    pub(crate) fn add_company(&mut self, id: i64, name: &str) {
        let collections = RESOURCES.iter().map(|resource| (resource.name, Collection::new(resource))).collect();
        self.companies.insert(id, Company { name: name.to_owned(), collections, series: Series::default() });
        for (list, records) in data::standard() {
            let collection = self.collection(id, list);
            let kind = collection.resource.kind;
            for record in records {
                if let Some(id) = data::id_of(kind, &record) {
                    collection.put(id, &record);
                }
            }
        }
        let mut own = data::info(id, name);
        own["tax_profile"] = data::tax_profile(id);
        self.collection(id, "companies").put(id.into(), &own);
    }

    /// # Panics
    /// When a test names a company or list that does not exist.
    pub(crate) fn collection(&mut self, company: i64, resource: &str) -> &mut Collection {
        let resource = resource::named(resource);
        let found = self.companies.get_mut(&company).and_then(|company| company.collections.get_mut(resource.name));
        match found {
            Some(collection) => collection,
            None => panic!("the sandbox has no company {company}"),
        }
    }

    /// The quota windows' present.
    pub(crate) fn present(&self) -> Present {
        let (month, month_left) = self.clock.month();
        Present { second: self.clock.seconds(), month, month_left }
    }

    /// How much of its plan a company uses, by the plan's categories.
    pub(crate) fn usage(&self, company: i64) -> Value {
        let count = |wanted: &dyn Fn(&Collection) -> bool| -> usize {
            let collections = self.companies.get(&company).map(|company| company.collections.values());
            collections
                .into_iter()
                .flatten()
                .filter(|collection| wanted(collection))
                .map(|collection| collection.records.len())
                .sum()
        };
        let named = |name: &'static str| count(&|collection| collection.resource.name == name);
        serde_json::json!({
            "clients": named("clients"), "suppliers": named("suppliers"), "products": named("products"),
            "documents": count(&|collection| collection.resource.kind == resource::Kind::Issued),
        })
    }

    /// Tells the subscriptions of a change, where changes of the list are told at all.
    pub(crate) fn announce(&mut self, company: i64, resource: &str, verb: &str, ids: &[Id]) {
        let resource = resource::named(resource);
        if let Some(event_type) = events::name(resource, verb) {
            self.tell(company, &event_type, ids);
        } else if resource.kind == resource::Kind::Pending && verb == "create" {
            // Only what came through the exchange system is told, and only that it came.
            let collection = self.collection(company, resource.name);
            let electronic = |id: &&Id| collection.get(id).is_some_and(|record| record.value()["type"] == "agyo");
            let ids: Vec<Id> = ids.iter().filter(electronic).cloned().collect();
            self.tell(company, &events::whole("received_documents.e_invoices.receive"), &ids);
        }
    }

    /// Queues an event of a whole type, where changes are told at all.
    pub(crate) fn tell(&mut self, company: i64, event_type: &str, ids: &[Id]) {
        if self.hub.deliver && !ids.is_empty() {
            self.notify(company, event_type, ids);
        }
    }

    /// Queues an event for the subscriptions that want it; its id.
    pub(crate) fn notify(&mut self, company: i64, event_type: &str, ids: &[Id]) -> String {
        let event = self.event(company, event_type, ids);
        let twins = self.quirks.contains(&Quirk::Twins);
        self.hub.announce(&event, twins, self.clock.seconds());
        event.id
    }

    /// An event with an id of its own. Its time is the machine's, like the times in its token.
    pub(crate) fn event(&mut self, company: i64, event_type: &str, ids: &[Id]) -> Event {
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
}
