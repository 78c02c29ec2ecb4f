//! Records of one list of one company: text as served, the keys that filters and sorts need, orders kept
//! until the next change. In: detailed records. Out: positions in the wanted order. Knows no HTTP.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use crate::id::Id;
use crate::resource::{Kind, Resource};

/// Stands in a record's text where each answer puts a new ticket: download addresses expire.
pub(crate) const TICKET: &str = "@ticket@";

/// A value that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Null,
    Bool(bool),
    Number(f64),
    Text(Box<str>),
}

impl Key {
    fn of(value: Option<&Value>) -> Key {
        match value {
            Some(Value::Bool(truth)) => Key::Bool(*truth),
            Some(Value::Number(number)) => Key::Number(number.as_f64().unwrap_or_default()),
            Some(Value::String(text)) => Key::Text(text.as_str().into()),
            _ => Key::Null,
        }
    }

    /// Nulls first, as MySQL sorts them.
    pub(crate) fn compare(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Text(one), Key::Text(two)) => one.cmp(two),
            (Key::Number(one), Key::Number(two)) => one.total_cmp(two),
            (Key::Bool(one), Key::Bool(two)) => one.cmp(two),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// The number, or 0.
    pub(crate) fn number(&self) -> f64 {
        if let Key::Number(number) = self { *number } else { 0.0 }
    }

    fn rank(&self) -> u8 {
        match self {
            Key::Null => 0,
            Key::Bool(_) => 1,
            Key::Number(_) => 2,
            Key::Text(_) => 3,
        }
    }
}

/// One record.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: Id,
    pub(crate) text: Box<str>,
    keys: Box<[Key]>,
}

impl Record {
    fn new(kind: Kind, id: Id, value: &Value) -> Record {
        let keys = kind.keys().map(|name| key(value, name)).collect();
        Record { id, text: value.to_string().into(), keys }
    }

    /// The key at a place given by `place`.
    pub(crate) fn key(&self, place: usize) -> &Key {
        &self.keys[place]
    }

    /// The record as a tree, with the same ticket each time.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.text.replace(TICKET, "0")).unwrap_or(Value::Null)
    }
}

/// Where a field's key is kept.
pub(crate) fn place(kind: Kind, field: &str) -> Option<usize> {
    kind.keys().position(|name| name == field)
}

/// `any_subject` is both subjects of a document.
fn key(value: &Value, name: &str) -> Key {
    if name != "any_subject" {
        return Key::of(find(value, name));
    }
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    Key::Text(format!("{}\n{}", text("subject"), text("visible_subject")).into())
}

fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        None => value.get(name),
        // The documents' filters say city and province where the entity says address_city and so on.
        Some((head, tail @ ("city" | "province"))) => value.get(head)?.get(format!("address_{tail}")),
        Some((head, tail)) => value.get(head)?.get(tail),
    }
}

/// One field of a sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortKey {
    pub(crate) place: usize,
    pub(crate) descending: bool,
    /// Turns the place of nulls round, for this field.
    pub(crate) nulls_turned: bool,
}

/// Compares by the fields of a sort alone: equal means tied.
pub(crate) fn compare(sort: &[SortKey], one: &Record, two: &Record) -> Ordering {
    for key in sort {
        let (a, b) = (one.key(key.place), two.key(key.place));
        let mut order = a.compare(b);
        let about_null = (*a == Key::Null) != (*b == Key::Null);
        if key.descending != (about_null && key.nulls_turned) {
            order = order.reverse();
        }
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// What was deleted, and when.
#[derive(Clone, Debug)]
pub(crate) struct Deleted {
    pub(crate) id: Id,
    pub(crate) value: Value,
}

/// An order that has been asked for, and the positions that have changed since.
struct KeptOrder {
    sort: Vec<SortKey>,
    order: Arc<Vec<u32>>,
    dirty: Vec<u32>,
}

/// Beyond so many changes all is sorted anew.
const MANY: usize = 500;
/// Orders kept at most: tests ask for few, a hostile number must not eat memory.
const KEPT: usize = 8;

/// The records of one list, by increasing id.
pub(crate) struct Collection {
    pub(crate) resource: &'static Resource,
    pub(crate) records: Vec<Record>,
    pub(crate) deleted: Vec<Deleted>,
    kept: Vec<KeptOrder>,
}

impl Collection {
    pub(crate) fn new(resource: &'static Resource) -> Collection {
        Collection { resource, records: Vec::new(), deleted: Vec::new(), kept: Vec::new() }
    }

    fn position(&self, id: &Id) -> Result<usize, usize> {
        self.records.binary_search_by(|record| record.id.cmp(id))
    }

    pub(crate) fn get(&self, id: &Id) -> Option<&Record> {
        self.position(id).ok().map(|place| &self.records[place])
    }

    /// Puts a record in its place, new or in the stead of the one with its id.
    pub(crate) fn put(&mut self, id: Id, value: &Value) {
        let found = self.position(&id);
        let record = Record::new(self.resource.kind, id, value);
        match found {
            Ok(place) => {
                self.records[place] = record;
                self.kept.iter_mut().for_each(|kept| kept.dirty.push(place as u32));
            }
            Err(place) if place == self.records.len() => {
                self.records.push(record);
                self.kept.iter_mut().for_each(|kept| kept.dirty.push(place as u32));
            }
            Err(place) => {
                self.records.insert(place, record);
                self.kept.clear();
            }
        }
    }

    /// Adds a new record behind the others; [`Collection::settle`] must follow. Texts do not come in order, and each in its
    /// place at once would move half of the list.
    pub(crate) fn push(&mut self, id: Id, value: &Value) {
        self.records.push(Record::new(self.resource.kind, id, value));
    }

    /// Puts what was added in its place.
    pub(crate) fn settle(&mut self) {
        self.records.sort_by(|one, two| one.id.cmp(&two.id));
        self.kept.clear();
    }

    /// Takes a record away; false when there is none.
    pub(crate) fn delete(&mut self, id: &Id) -> bool {
        let Ok(place) = self.position(id) else { return false };
        let record = self.records.remove(place);
        self.deleted.push(Deleted { id: record.id.clone(), value: record.value() });
        let place = place as u32;
        for kept in &mut self.kept {
            remove(Arc::make_mut(&mut kept.order), place);
            remove(&mut kept.dirty, place);
        }
        true
    }

    /// Positions of all records in the order of a sort; tied ones by id. Kept, because sorting 120,000 records
    /// takes some 140 ms and a walk asks for the same order 1,200 times, with changes in between.
    pub(crate) fn order(&mut self, sort: &[SortKey]) -> Arc<Vec<u32>> {
        let place = self.kept.iter().position(|kept| kept.sort == sort).unwrap_or_else(|| {
            self.kept.truncate(KEPT - 1);
            let dirty = (0..self.records.len() as u32).collect();
            self.kept.insert(0, KeptOrder { sort: sort.to_vec(), order: Arc::default(), dirty });
            0
        });
        let kept = &mut self.kept[place];
        if !kept.dirty.is_empty() {
            kept.mend(&self.records);
        }
        Arc::clone(&kept.order)
    }

    pub(crate) fn at(&self, position: u32) -> &Record {
        &self.records[position as usize]
    }
}

/// Takes a position out, and moves those behind it.
fn remove(positions: &mut Vec<u32>, gone: u32) {
    positions.retain(|position| *position != gone);
    positions.iter_mut().filter(|position| **position > gone).for_each(|position| *position -= 1);
}

impl KeptOrder {
    fn mend(&mut self, records: &[Record]) {
        let KeptOrder { sort, order, dirty } = self;
        let order = Arc::make_mut(order);
        let by =
            |one: &u32, two: &u32| compare(sort, &records[*one as usize], &records[*two as usize]).then(one.cmp(two));
        dirty.sort_unstable();
        dirty.dedup();
        order.retain(|position| dirty.binary_search(position).is_err());
        if dirty.len() > MANY {
            order.append(dirty);
            order.sort_unstable_by(by);
            return;
        }
        for position in dirty.drain(..) {
            let at = order.partition_point(|other| by(other, &position).is_lt());
            order.insert(at, position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::named;
    use fastrand::Rng;
    use serde_json::json;

    fn client(id: i64, rng: &mut Rng) -> Value {
        let code = if rng.u8(..4) == 0 { Value::Null } else { json!(rng.u8(..20).to_string()) };
        json!({"id": id, "code": code, "name": rng.u8(..5).to_string()})
    }

    /// Kept orders must be what a new sort would give, whatever happened between.
    #[test]
    fn kept_orders_follow_changes() {
        let mut rng = Rng::with_seed(1);
        let mut collection = Collection::new(named("clients"));
        let key = |field, descending| SortKey {
            place: place(Kind::Client, field).expect("a field"),
            descending,
            nulls_turned: false,
        };
        let sorts = [vec![key("code", true), key("name", false)], vec![key("name", true)], Vec::new()];
        for step in 0..3_000_i64 {
            match rng.u8(..10) {
                0..=4 => collection.put((step * 2).into(), &client(step * 2, &mut rng)),
                5 => collection.put((rng.i64(0..step + 1) * 2 + 1).into(), &client(step, &mut rng)),
                6 | 7 if !collection.records.is_empty() => {
                    let id = collection.records[rng.usize(..collection.records.len())].id.clone();
                    let number = id.number().expect("a number");
                    collection.put(id, &client(number, &mut rng));
                }
                _ if !collection.records.is_empty() => {
                    let id = collection.records[rng.usize(..collection.records.len())].id.clone();
                    assert!(collection.delete(&id));
                }
                _ => {}
            }
            if rng.u8(..3) > 0 {
                continue;
            }
            for sort in &sorts {
                let kept = collection.order(sort);
                let mut fresh: Vec<u32> = (0..collection.records.len() as u32).collect();
                fresh.sort_by(|one, two| compare(sort, collection.at(*one), collection.at(*two)));
                assert_eq!(*kept, fresh, "after step {step}");
            }
        }
        assert!(collection.records.len() > 300);
    }
}
