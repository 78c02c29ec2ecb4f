//! Reading members out of a record's text, all that are wanted in one pass.
//!
//! In: the wanted paths, known once per resource type, and a record's text. Out: [`Found`], the JSON of each wanted member.
//! What is not wanted is passed over without being kept. A member that stands twice counts the first time.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;

/// The JSON of the wanted members of one object, each at its slot.
pub type Row<'a> = Vec<Option<&'a str>>;

/// What stands in a record.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// The record's own members.
    pub members: Row<'a>,
    /// For each wanted list its elements that are objects, with their places from 0.
    pub lists: Vec<Vec<(i64, Row<'a>)>>,
}

/// The wanted members.
#[derive(Debug, Default)]
pub struct Paths {
    root: Node,
    slots: HashMap<String, usize>,
    lists: Vec<Self>,
}

#[derive(Debug, Default)]
struct Node {
    slot: Option<usize>,
    list: Option<usize>,
    members: HashMap<String, Self>,
}

impl Paths {
    /// The slot of a member, which is wanted from now on. `path` is as `entity.name`.
    pub fn want(&mut self, path: &str) -> usize {
        let free = self.slots.len();
        let slot = *self.slots.entry(path.to_owned()).or_insert(free);
        let node = path.split('.').fold(&mut self.root, |node, name| node.members.entry(name.to_owned()).or_default());
        node.slot = Some(slot);
        slot
    }

    /// The slot of a member that is wanted.
    pub fn slot(&self, path: &str) -> Option<usize> {
        self.slots.get(path).copied()
    }

    /// The place in [`Found::lists`] of a list that is wanted.
    pub fn place_of(&self, list: &str) -> Option<usize> {
        self.root.members.get(list)?.list
    }

    /// The members that are wanted of the elements of the list at this place.
    pub fn of_list(&self, place: usize) -> &Self {
        &self.lists[place]
    }

    /// The members that are wanted of each element of the list `name`, and the list's place in [`Found::lists`].
    pub fn list(&mut self, name: &str) -> (usize, &mut Self) {
        let node = self.root.members.entry(name.to_owned()).or_default();
        let index = *node.list.get_or_insert_with(|| {
            self.lists.push(Self::default());
            self.lists.len() - 1
        });
        (index, &mut self.lists[index])
    }

    /// Reads a record. What is no object has no members.
    ///
    /// # Errors
    /// When an object is no JSON.
    pub fn read<'a>(&self, text: &'a str) -> serde_json::Result<Found<'a>> {
        let mut found = Found { members: vec![None; self.slots.len()], lists: vec![Vec::new(); self.lists.len()] };
        Object { paths: self, node: &self.root, found: &mut found }.read(text)?;
        Ok(found)
    }
}

/// An object of which some members are wanted.
struct Object<'p, 'f, 'a> {
    paths: &'p Paths,
    node: &'p Node,
    found: &'f mut Found<'a>,
}

impl<'a> Object<'_, '_, 'a> {
    /// Reads it, where it is an object.
    fn read(self, text: &'a str) -> serde_json::Result<()> {
        if !text.trim_start().starts_with('{') {
            return Ok(());
        }
        serde_json::Deserializer::from_str(text).deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(wanted) = map.next_key_seed(Name(self.node))? {
            let Some(node) = wanted else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let raw: &'a RawValue = map.next_value()?;
            if let Some(slot) = node.slot {
                self.found.members[slot].get_or_insert(raw.get());
            }
            if let Some(list) = node.list {
                let elements = &mut self.found.lists[list];
                if elements.is_empty() {
                    *elements = objects(&self.paths.lists[list], raw.get()).map_err(A::Error::custom)?;
                }
            }
            if !node.members.is_empty() {
                let inner = Object { paths: self.paths, node, found: self.found };
                inner.read(raw.get()).map_err(A::Error::custom)?;
            }
        }
        Ok(())
    }
}

/// The name of a member: is it wanted?
struct Name<'p>(&'p Node);

impl<'p, 'a> DeserializeSeed<'a> for Name<'p> {
    type Value = Option<&'p Node>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Name<'p> {
    type Value = Option<&'p Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.members.get(name))
    }
}

/// The elements of a list that are objects, with their places.
fn objects<'a>(paths: &Paths, text: &'a str) -> serde_json::Result<Vec<(i64, Row<'a>)>> {
    if !text.starts_with('[') {
        return Ok(Vec::new());
    }
    let elements: Vec<&'a RawValue> = serde_json::from_str(text)?;
    let places = (0..).zip(elements).filter(|(_, element)| element.get().starts_with('{'));
    places.map(|(place, element)| Ok((place, paths.read(element.get())?.members))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_members_are_found_wherever_they_stand() {
        let mut paths = Paths::default();
        let [id, entity, city, url] = ["id", "entity", "entity.address.city", "url"].map(|path| paths.want(path));
        assert_eq!(paths.want("id"), id, "wanted twice is one slot");
        let (list, lines) = paths.list("items_list");
        let name = lines.want("name");
        let text = r#"{"entity": {"x": [1, {}], "address": {"city": "È"}}, "id": 7, "id": 8, "other": 1e999,
                       "items_list": [{"name": "a"}, null, {"qty": 1}, "b"], "items_list": [{"name": "c"}]}"#;
        let found = paths.read(text).expect("JSON");
        assert_eq!(found.members[id], Some("7"));
        assert_eq!(found.members[city], Some("\"È\""));
        assert_eq!(found.members[entity], Some(r#"{"x": [1, {}], "address": {"city": "È"}}"#));
        assert_eq!(found.members[url], None);
        let names: Vec<_> = found.lists[list].iter().map(|(place, line)| (*place, line[name])).collect();
        assert_eq!(names, [(0, Some("\"a\"")), (2, None)]);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        let mut paths = Paths::default();
        let slot = paths.want("entity.id");
        paths.list("items_list").1.want("id");
        for text in
            ["[]", "7", "null", r#"{"entity": "x"}"#, r#"{"entity": 1e999}"#, r#"{"items_list": {"a": {"id": 1}}}"#]
        {
            let found = paths.read(text).expect("JSON");
            assert_eq!((found.members[slot], found.lists[0].len()), (None, 0), "{text}");
        }
        assert!(paths.read("{").is_err());
    }
}
