//! Names with what belongs to them: a few dozen that are known beforehand, and looked for with each member of a record.
//!
//! In: a name. Out: what was put there for it. Names of one length stand together: of those there are so few that comparing
//! is quicker than hashing.

/// Things by their names.
#[derive(Debug)]
pub struct Names<T>(Vec<Vec<(String, T)>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Names<T> {
    /// What belongs to a name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.get(name.len())?.iter().find(|(known, _)| known == name).map(|(_, thing)| thing)
    }

    /// The same, made by `make` where there is nothing yet.
    pub fn or_insert_with(&mut self, name: &str, make: impl FnOnce() -> T) -> &mut T {
        if self.0.len() <= name.len() {
            self.0.resize_with(name.len() + 1, Vec::new);
        }
        let same_length = &mut self.0[name.len()];
        let place = same_length.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            same_length.push((name.to_owned(), make()));
            same_length.len() - 1
        });
        &mut same_length[place].1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
