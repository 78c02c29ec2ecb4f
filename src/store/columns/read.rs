//! Reading members out of a record's text, all that are wanted in one pass.
//!
//! In: the wanted paths, known once per resource type, and a record's text. Out: [`Found`], the JSON of each wanted member.
//! What is not wanted is passed over without being kept. A member that stands twice counts the first time.

use super::names::Names;
use crate::json::{Broken, Walk};

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
    slots: Names<usize>,
    wanted: usize,
    lists: Vec<Self>,
}

#[derive(Debug, Default)]
struct Node {
    slot: Option<usize>,
    list: Option<usize>,
    members: Names<Self>,
}

impl Paths {
    /// The slot of a member, which is wanted from now on. `path` is as `entity.name`.
    pub fn want(&mut self, path: &str) -> usize {
        let slot = *self.slots.or_insert_with(path, || self.wanted);
        self.wanted = self.wanted.max(slot + 1);
        let node = path.split('.').fold(&mut self.root, |node, name| node.members.or_insert_with(name, Node::default));
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
        let node = self.root.members.or_insert_with(name, Node::default);
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
    pub fn read<'a>(&self, text: &'a str) -> Result<Found<'a>, Broken> {
        let mut found = Found { members: self.row(), lists: vec![Vec::new(); self.lists.len()] };
        let mut walk = Walk::new(text);
        if walk.enter(b'{') {
            self.object(&mut walk, &self.root, &mut found)?;
        }
        Ok(found)
    }

    fn row<'a>(&self) -> Row<'a> {
        vec![None; self.wanted]
    }

    /// The members of an object that was entered.
    fn object<'a>(&self, walk: &mut Walk<'a>, node: &Node, found: &mut Found<'a>) -> Result<(), Broken> {
        while let Some(name) = walk.name()? {
            match node.members.get(&name) {
                Some(wanted) => self.member(walk, wanted, found)?,
                None => _ = walk.value()?,
            }
        }
        Ok(())
    }

    /// The value of a member that is wanted, or in which something is.
    fn member<'a>(&self, walk: &mut Walk<'a>, node: &Node, found: &mut Found<'a>) -> Result<(), Broken> {
        let first = walk.peek();
        let from = walk.at();
        match (first, node.list) {
            (Some(b'['), Some(list)) if found.lists[list].is_empty() => {
                found.lists[list] = self.lists[list].elements(walk)?;
            }
            (Some(b'{'), _) if !node.members.is_empty() && walk.enter(b'{') => self.object(walk, node, found)?,
            _ => _ = walk.value()?,
        }
        if let Some(slot) = node.slot {
            let text = walk.since(from).ok_or(Broken(from))?;
            found.members[slot].get_or_insert(text);
        }
        Ok(())
    }

    /// The elements of a list that are objects, with their places.
    fn elements<'a>(&self, walk: &mut Walk<'a>) -> Result<Vec<(i64, Row<'a>)>, Broken> {
        let mut elements = Vec::new();
        let mut place = 0;
        walk.enter(b'[');
        while walk.element()? {
            if walk.enter(b'{') {
                let mut found = Found { members: self.row(), lists: Vec::new() };
                self.object(walk, &self.root, &mut found)?;
                elements.push((place, found.members));
            } else {
                walk.value()?;
            }
            place += 1;
        }
        Ok(elements)
    }
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
