//! Changes to records: many at once, one made now, changed, deleted, brought back. Stamps, numbers of documents and
//! what hangs on a record follow. In: a company, a list, ids, closures. Out: ids.

use serde_json::Value;

use crate::data::{self, Around, Birth};
use crate::id::Id;
use crate::quirks::Quirk;
use crate::resource::{self, Kind, Resource};
use crate::state::State;

/// Five years of records, when many are made at once.
const SPREAD: i64 = 5 * 365 * 24 * 3600;

/// When a record is made and was last changed, in seconds.
#[derive(Clone, Copy)]
struct Times {
    created: i64,
    updated: i64,
}

impl State {
    /// A record that is not kept yet.
    fn new_record(&mut self, company: i64, resource: &'static Resource, times: Times) -> (Id, Value) {
        assert!(resource.kind != Kind::Company, "a company is made by add_company");
        // Gaps between ids, as in a service that many companies share.
        self.next_id += 1 + (self.next_id % 3);
        let id = self.next_id;
        let created_at = self.clock.stamp_of(times.created);
        let around = self.around(company, resource, id, &created_at);
        let files = format!("{}/downloads/{company}/{}", self.base, resource.name);
        let (updated_at, today) = (self.clock.stamp_of(times.updated), self.clock.stamp());
        let seed = self.seed;
        let collection = self.collection(company, resource.name);
        let ordinal = (collection.records.len() + collection.deleted.len()) as i64 + 1;
        let birth = Birth {
            seed,
            id,
            ordinal,
            created_at: &created_at,
            updated_at: &updated_at,
            today: today.get(..10).unwrap_or_default(),
            files: &files,
            around,
        };
        let mut record = data::make(resource, &birth);
        if self.leaves_updated_at_out(ordinal) && record.get("updated_at").is_some() {
            record["updated_at"] = Value::Null;
        }
        (data::id_of(resource.kind, &record).unwrap_or(Id::Number(id)), record)
    }

    fn leaves_updated_at_out(&self, ordinal: i64) -> bool {
        self.quirks
            .iter()
            .any(|quirk| matches!(quirk, Quirk::NullUpdatedAt(n) if ordinal % i64::from((*n).max(1)) == 0))
    }

    /// What lies around a new record: those that exist and that it may point at.
    fn around(&mut self, company: i64, resource: &'static Resource, id: i64, created_at: &str) -> Around {
        let turn = id as usize;
        let mut around = Around::default();
        match resource.kind {
            Kind::Issued => {
                let doc_type = resource.doc_type.unwrap_or_default();
                let bought = matches!(doc_type, "supplier_order" | "self_supplier_invoice");
                around.partner = self.some(company, if bought { "suppliers" } else { "clients" }, turn);
                around.origin = self.some(company, "quotes", turn).map(|id| ("quote", id));
                around.price_list = self.some_text(company, "price_lists", turn);
                let year = created_at.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
                let numeration = data::numeration(self.seed, id, doc_type);
                let series = self.companies.get(&company).map(|company| &company.series);
                around.number = series.map_or(1, |series| series.next(resource.name, year, numeration));
            }
            Kind::Received => around.partner = self.some(company, "suppliers", turn),
            Kind::Cashbook => around.origin = self.repeated(company, turn),
            Kind::PriceListItem => {
                self.place_item(company, &mut around);
                return around;
            }
            _ => return around,
        }
        around.products = (0..3).filter_map(|more| self.some(company, "products", turn + more * 7)).collect();
        around
    }

    /// List and product of a new item: each pair once, while there are any that are not used.
    fn place_item(&mut self, company: i64, around: &mut Around) {
        let items = self.collection(company, "price_list_items");
        let turn = items.records.len() + items.deleted.len();
        let lists = self.collection(company, "price_lists").records.len().max(1);
        around.price_list = self.some_text(company, "price_lists", turn).or(Some("10".into()));
        around.products = self.some(company, "products", turn / lists).into_iter().collect();
    }

    /// The number of a record of a list, another at each turn.
    fn some(&mut self, company: i64, list: &str, turn: usize) -> Option<i64> {
        let records = &self.collection(company, list).records;
        records.get(turn % records.len().max(1)).and_then(|record| record.id.number())
    }

    fn some_text(&mut self, company: i64, list: &str, turn: usize) -> Option<String> {
        let records = &self.collection(company, list).records;
        records.get(turn % records.len().max(1)).and_then(|record| record.id.text()).map(str::to_owned)
    }

    /// What an entry of the cashbook may repeat.
    fn repeated(&mut self, company: i64, turn: usize) -> Option<(&'static str, i64)> {
        const KINDS: [(&str, &str); 4] = [
            ("issued_document", "invoices"),
            ("received_document", "expenses"),
            ("tax", "taxes"),
            ("receipt", "receipts"),
        ];
        let (kind, list) = KINDS[turn / 3 % KINDS.len()];
        self.some(company, list, turn).map(|id| (kind, id))
    }

    /// Many records, spread over the years before now, by increasing id; changed at or after their creation. Of
    /// companies there is always one.
    pub(crate) fn populate(&mut self, company: i64, resource: &str, count: usize) {
        let resource = resource::named(resource);
        if resource.kind == Kind::Company {
            return;
        }
        let end = self.clock.seconds() - 3600;
        let mut rng = fastrand::Rng::with_seed(self.seed ^ self.next_id as u64);
        for place in 0..count as i64 {
            let step = (SPREAD / count as i64).max(1);
            let created = end - SPREAD + SPREAD / count as i64 * place + rng.i64(0..step);
            let updated = if rng.u8(..5) < 2 { created } else { rng.i64(created..=end) };
            let (id, record) = self.new_record(company, resource, Times { created, updated });
            self.count_number(company, resource, &record);
            let collection = self.collection(company, resource.name);
            // A product has one price in a list.
            if resource.kind == Kind::PriceListItem {
                collection.put(id, &record)
            } else {
                collection.push(id, &record)
            }
        }
        self.collection(company, resource.name).settle();
        self.write_series(company);
    }

    /// A record made now.
    pub(crate) fn create(&mut self, company: i64, resource: &str, adapt: impl FnOnce(&mut Value)) -> Id {
        let now = self.clock.seconds();
        let resource = resource::named(resource);
        let (mut id, mut record) = self.new_record(company, resource, Times { created: now, updated: now });
        adapt(&mut record);
        if let Some(own) = data::id_of(resource.kind, &record) {
            id = own;
        }
        self.put(company, resource, id.clone(), &record);
        id
    }

    /// Changes a record. `updated_at` becomes now, unless the closure changed it itself. Where the id is made of
    /// members (names, items of price lists, numerations) and they change, the record is another one from then on.
    pub(crate) fn update(&mut self, company: i64, resource: &str, id: &Id, adapt: impl FnOnce(&mut Value)) -> bool {
        let now = self.clock.stamp();
        let collection = self.collection(company, resource);
        let resource = collection.resource;
        let Some(record) = collection.get(id) else {
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
        let renamed = data::id_of(resource.kind, &value).filter(|own| own != id && own.text().is_some());
        if renamed.is_some() {
            self.collection(company, resource.name).delete(id);
        }
        self.put(company, resource, renamed.unwrap_or_else(|| id.clone()), &value);
        true
    }

    fn put(&mut self, company: i64, resource: &'static Resource, id: Id, record: &Value) {
        self.collection(company, resource.name).put(id, record);
        self.count_number(company, resource, record);
        self.write_series(company);
        if let (Kind::Company, Some(name), Some(own)) =
            (resource.kind, record["name"].as_str(), self.companies.get_mut(&company))
        {
            own.name = name.to_owned();
        }
    }

    fn count_number(&mut self, company: i64, resource: &'static Resource, record: &Value) {
        let Some(company) = self.companies.get_mut(&company) else { return };
        match resource.kind {
            Kind::Issued => company.series.count(resource.name, record),
            Kind::Numeration => {
                if let Some(of) = record["resource"].as_str() {
                    company.series.set(resource::named(of).name, record);
                }
            }
            _ => {}
        }
    }

    fn write_series(&mut self, company: i64) {
        let changed = self.companies.get_mut(&company).map(|own| own.series.take_changed()).unwrap_or_default();
        let collection = self.collection(company, "numerations");
        for record in changed {
            if let Some(id) = data::id_of(Kind::Numeration, &record) {
                collection.put(id, &record);
            }
        }
    }

    /// Deletes a record, and the items of a price list with it.
    pub(crate) fn delete(&mut self, company: i64, resource: &str, id: &Id) -> bool {
        let found = self.collection(company, resource).delete(id);
        if found && resource == "price_lists" {
            let items = self.collection(company, "price_list_items");
            let prefix = format!("{id}/");
            let own = |id: &Id| id.text().is_some_and(|text| text.starts_with(&prefix));
            let gone: Vec<Id> = items.records.iter().map(|item| item.id.clone()).filter(own).collect();
            gone.iter().for_each(|id| {
                items.delete(id);
            });
        }
        found
    }

    /// Brings a deleted record back as it was.
    pub(crate) fn restore(&mut self, company: i64, resource: &str, id: &Id) -> bool {
        let collection = self.collection(company, resource);
        let Some(place) = collection.deleted.iter().rposition(|deleted| deleted.id == *id) else { return false };
        let value = collection.deleted.remove(place).value;
        collection.put(id.clone(), &value);
        true
    }
}

/// A change that needs no closure: another note, and for documents another subject; where there is neither, another
/// name, price or number.
pub(crate) fn touch(kind: Kind, record: &mut Value, stamp: &str) {
    for field in ["notes", "description", "subject"] {
        if record.get(field).is_some() {
            record[field] = format!("changed at {stamp} — è cambiato").into();
        }
    }
    match kind {
        Kind::PaymentMethod | Kind::PaymentAccount | Kind::PriceList | Kind::Name => {
            let name = record["name"].as_str().unwrap_or_default();
            record["name"] = format!("{name}′").into();
        }
        Kind::PriceListItem => record["price"] = (record["price"].as_f64().unwrap_or_default() + 1.0).into(),
        Kind::Numeration => record["next_number"] = (record["next_number"].as_i64().unwrap_or_default() + 1).into(),
        Kind::Company => record["email"] = format!("changed-{}@example.com", stamp.replace([' ', ':'], "-")).into(),
        _ => {}
    }
}
