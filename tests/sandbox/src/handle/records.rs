//! The part of the handle that is about records: made, changed, deleted, and what they must be in the mirror.

use serde_json::Value;

use crate::Sandbox;
use crate::id::Id;
use crate::records;
use crate::resource::{self, Kind};
use crate::state::State;

/// Records. Lists are named as in ficsync's tables: `clients`, `invoices`, `cashbook_entries`, `vat_types`, … A name or
/// company that does not exist panics. Ids are numbers; those of the cashbook and of price lists are texts, and so are
/// those that stand for records without an id: `name` or `context/name` of lists of names, `list/product` of items of
/// price lists, `resource/year/numeration`. Where a method takes an id it takes numbers and texts; where its name says
/// `ids` or it gives `i64`, it is about numbers alone, and [`Sandbox::add`], [`Sandbox::all_ids`],
/// [`Sandbox::deleted_ids`] are about both.
impl Sandbox {
    /// Adds records spread over the five years before now, by increasing id. Nothing for `companies`: there is one.
    pub fn populate(&self, company: i64, resource: &str, n: usize) {
        self.core.state().populate(company, resource, n);
    }

    /// Adds a record, created now.
    ///
    /// # Panics
    /// When the list's ids are texts: see [`Sandbox::add`].
    pub fn create(&self, company: i64, resource: &str) -> i64 {
        self.create_with(company, resource, |_| {})
    }

    /// Adds a record that the closure has adapted.
    ///
    /// # Panics
    /// When the list's ids are texts: see [`Sandbox::add_with`].
    pub fn create_with(&self, company: i64, resource: &str, adapt: impl FnOnce(&mut Value)) -> i64 {
        number(resource, &self.add_with(company, resource, adapt))
    }

    /// Adds records that were all created in one second, told in one event, like an import.
    ///
    /// # Panics
    /// When the list's ids are texts: see [`Sandbox::add_many`].
    pub fn create_many(&self, company: i64, resource: &str, n: usize) -> Vec<i64> {
        self.add_many(company, resource, n).iter().map(|id| number(resource, id)).collect()
    }

    /// Adds a record of any list, created now.
    pub fn add(&self, company: i64, resource: &str) -> Id {
        self.add_with(company, resource, |_| {})
    }

    /// Adds a record of any list that the closure has adapted.
    pub fn add_with(&self, company: i64, resource: &str, adapt: impl FnOnce(&mut Value)) -> Id {
        let mut state = self.core.state();
        let id = state.create(company, resource, adapt);
        state.announce(company, resource, "create", std::slice::from_ref(&id));
        id
    }

    /// Adds records of any list, all created in one second, told in one event.
    pub fn add_many(&self, company: i64, resource: &str, n: usize) -> Vec<Id> {
        let mut state = self.core.state();
        let stamp = Value::from(state.clock.stamp());
        let same_second = |record: &mut Value| {
            for field in ["created_at", "updated_at"] {
                if record.get(field).is_some_and(|value| !value.is_null()) {
                    record[field] = stamp.clone();
                }
            }
        };
        let ids: Vec<Id> = (0..n).map(|_| state.create(company, resource, same_second)).collect();
        state.announce(company, resource, "create", &ids);
        ids
    }

    /// Changes a record's text and its `updated_at`. A name that is changed is another record.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn update(&self, company: i64, resource: &str, id: impl Into<Id>) {
        self.touch_many(company, resource, &[id.into()]);
    }

    /// Changes records, all with one `updated_at`, told in one event.
    ///
    /// # Panics
    /// When one of them does not exist.
    pub fn touch_many<I: Into<Id> + Clone>(&self, company: i64, resource: &str, ids: &[I]) {
        let ids: Vec<Id> = ids.iter().cloned().map(Into::into).collect();
        let kind = resource::named(resource).kind;
        let mut state = self.core.state();
        let stamp = state.clock.stamp();
        for id in &ids {
            let found = state.update(company, resource, id, |record| {
                records::touch(kind, record, &stamp);
                if record.get("updated_at").is_some_and(|value| !value.is_null()) {
                    record["updated_at"] = stamp.clone().into();
                }
            });
            assert!(found, "the sandbox has no {resource} {id}");
        }
        state.announce(company, resource, "update", &ids);
    }

    /// Changes a record by the closure; `updated_at` becomes now, unless the closure changes it or it is null. The
    /// record of `companies` has the tax profile as the member `tax_profile`; its `usage` follows from the lists.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn update_with(&self, company: i64, resource: &str, id: impl Into<Id>, adapt: impl FnOnce(&mut Value)) {
        let id = id.into();
        let mut state = self.core.state();
        assert!(state.update(company, resource, &id, adapt), "the sandbox has no {resource} {id}");
        state.announce(company, resource, "update", &[id]);
    }

    /// Deletes a record; a price list's items go with it.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn delete(&self, company: i64, resource: &str, id: impl Into<Id>) {
        let id = id.into();
        let mut state = self.core.state();
        assert!(state.delete(company, resource, &id), "the sandbox has no {resource} {id}");
        state.announce(company, resource, "delete", &[id]);
    }

    /// The ids of all records that are numbers, increasing.
    pub fn ids(&self, company: i64, resource: &str) -> Vec<i64> {
        self.all_ids(company, resource).iter().filter_map(Id::number).collect()
    }

    /// The ids of all records that are texts, increasing.
    pub fn text_ids(&self, company: i64, resource: &str) -> Vec<String> {
        self.all_ids(company, resource).iter().filter_map(|id| id.text().map(str::to_owned)).collect()
    }

    /// The ids of all records, increasing.
    pub fn all_ids(&self, company: i64, resource: &str) -> Vec<Id> {
        self.core.state().collection(company, resource).records.iter().map(|record| record.id.clone()).collect()
    }

    /// All records as they must be in the mirror, by id: in detailed form, download addresses with the ticket `0`. Of
    /// lists of names `{"list", "context", "name"}`, of items `{"price_list_id", "product_id", …}`, of numerations
    /// `{"resource", "year", "numeration", "next_number"}`; of `companies` the company's info with `tax_profile` and
    /// `usage`. `names` stands for all lists of names.
    pub fn truth(&self, company: i64, resource: &str) -> Vec<Value> {
        let mut state = self.core.state();
        let lists: Vec<&str> = match resource {
            "names" => resource::RESOURCES.iter().filter(|one| one.kind == Kind::Name).map(|one| one.name).collect(),
            _ => vec![resource],
        };
        let mut all = |list: &&str| {
            let mut records: Vec<Value> =
                state.collection(company, list).records.iter().map(|one| one.value()).collect();
            records.iter_mut().for_each(|record| complete(&state, company, list, record));
            records
        };
        lists.iter().flat_map(&mut all).collect()
    }

    /// One record as it must be in the mirror.
    pub fn record(&self, company: i64, resource: &str, id: impl Into<Id>) -> Option<Value> {
        let mut state = self.core.state();
        let mut record = state.collection(company, resource).get(&id.into()).map(|record| record.value())?;
        complete(&state, company, resource, &mut record);
        Some(record)
    }

    /// The ids of deleted records that are numbers, in the order of their deletion.
    pub fn deleted(&self, company: i64, resource: &str) -> Vec<i64> {
        self.deleted_ids(company, resource).iter().filter_map(Id::number).collect()
    }

    /// The ids of deleted records, in the order of their deletion.
    pub fn deleted_ids(&self, company: i64, resource: &str) -> Vec<Id> {
        self.core.state().collection(company, resource).deleted.iter().map(|deleted| deleted.id.clone()).collect()
    }

    /// Deleted records with their last content.
    pub fn deleted_records(&self, company: i64, resource: &str) -> Vec<Value> {
        self.core.state().collection(company, resource).deleted.iter().map(|deleted| deleted.value.clone()).collect()
    }
}

/// What a record has besides its own members.
fn complete(state: &State, company: i64, resource: &str, record: &mut Value) {
    if resource == "companies" {
        record["usage"] = state.usage(company);
    }
}

fn number(resource: &str, id: &Id) -> i64 {
    match id.number() {
        Some(number) => number,
        None => panic!("ids of {resource} are texts: use add, add_with or add_many"),
    }
}
