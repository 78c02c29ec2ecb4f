//! Numbers of documents: what the next one gets, for each type, year and numeration. Numbers are not given again when
//! the last document is deleted. In: documents. Out: numbers, and the records of the list `numerations`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

type Key = (&'static str, i64, String);

/// The numerations of a company.
#[derive(Debug, Default)]
pub(crate) struct Series {
    next: BTreeMap<Key, i64>,
    /// Those that have changed since they were last written down.
    changed: BTreeMap<Key, i64>,
}

impl Series {
    /// What a document of a type, year and numeration would get.
    pub(crate) fn next(&self, resource: &'static str, year: i64, numeration: &str) -> i64 {
        self.next.get(&(resource, year, numeration.to_owned())).copied().unwrap_or(1)
    }

    /// A document has its number, whether it was given one or has been changed.
    pub(crate) fn count(&mut self, resource: &'static str, document: &Value) {
        let (Some(number), Some(year)) = (document["number"].as_i64(), document["year"].as_i64()) else { return };
        let numeration = document["numeration"].as_str().unwrap_or_default().to_owned();
        let key = (resource, year, numeration);
        if self.next.get(&key).is_none_or(|next| *next <= number) {
            self.next.insert(key.clone(), number + 1);
            self.changed.insert(key, number + 1);
        }
    }

    /// A test has written down a numeration itself.
    pub(crate) fn set(&mut self, resource: &'static str, record: &Value) {
        if let (Some(year), Some(next)) = (record["year"].as_i64(), record["next_number"].as_i64()) {
            self.next.insert((resource, year, record["numeration"].as_str().unwrap_or_default().to_owned()), next);
        }
    }

    /// The records to be written down.
    pub(crate) fn take_changed(&mut self) -> Vec<Value> {
        let changed = std::mem::take(&mut self.changed).into_iter();
        let record = |((resource, year, numeration), next): (Key, i64)| json!({"resource": resource, "year": year, "numeration": numeration, "next_number": next});
        changed.map(record).collect()
    }
}
