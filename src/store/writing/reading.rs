//! A record's members by their paths, for what is worked out of them.
//!
//! In: what was found in a record. Out: numbers and texts, as `crate::money` asks for them.

use crate::money::{Members, Whole};
use crate::store::columns::{Found, Paths, Row, int, num, text};

/// An object: a record, or an element of one of its lists.
struct Object<'a> {
    paths: &'a Paths,
    members: &'a [Option<&'a str>],
}

impl Object<'_> {
    fn json(&self, path: &str) -> Option<&str> {
        self.paths.slot(path).and_then(|slot| self.members.get(slot).copied().flatten())
    }
}

impl Members for Object<'_> {
    fn num(&self, path: &str) -> Option<f64> {
        num(self.json(path)?)
    }

    fn int(&self, path: &str) -> Option<i64> {
        int(self.json(path)?)
    }

    fn text(&self, path: &str) -> Option<String> {
        text(self.json(path)?)
    }
}

/// A record.
pub struct Reading<'a> {
    record: Object<'a>,
    lists: &'a [Vec<(i64, Row<'a>)>],
}

impl<'a> Reading<'a> {
    /// What was found in a record.
    pub fn new(paths: &'a Paths, found: &'a Found<'a>) -> Self {
        Self { record: Object { paths, members: &found.members }, lists: &found.lists }
    }
}

impl Members for Reading<'_> {
    fn num(&self, path: &str) -> Option<f64> {
        self.record.num(path)
    }

    fn int(&self, path: &str) -> Option<i64> {
        self.record.int(path)
    }

    fn text(&self, path: &str) -> Option<String> {
        self.record.text(path)
    }
}

impl Whole for Reading<'_> {
    fn list(&self, name: &str) -> Vec<Box<dyn Members + '_>> {
        let Some(place) = self.record.paths.place_of(name) else { return Vec::new() };
        let paths = self.record.paths.of_list(place);
        let object = |members| Box::new(Object { paths, members }) as Box<dyn Members + '_>;
        self.lists[place].iter().map(|(_, members)| object(members.as_slice())).collect()
    }
}
