//! What is gone: ids of records that the service holds no more, by what proves it. The only key to [`super::mirror::delete`].
//!
//! In: an answer for the very record, or the absence from a part of the list that records leave only by being deleted, or
//! the end of a whole walk, or the absence from a list without stamps that was read whole. Out: [`Gone`]. There is no way to make one from a window over `updated_at`: a record that is
//! not in it may just have changed. Deletes nothing itself.

use super::Tx;
use super::place::Place;
use super::window;
use crate::record::Id;
use crate::window::Fixed;
use anyhow::Result;

/// Records that are gone, and how many writes to the mirror there had been when the request began that showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    ids: Vec<Id>,
    as_of: i64,
}

impl Gone {
    /// The service answered for these very records: 404, or that they are of another type.
    pub fn answered(ids: &[Id], as_of: i64) -> Self {
        Self { ids: ids.to_vec(), as_of }
    }

    /// Rows within a part of the list that one answer held whole: the records with the ids `present`.
    pub fn absent(tx: &Tx<'_>, place: Place<'_>, part: Fixed<'_>, present: &[Id], as_of: i64) -> Result<Self> {
        Ok(Self { ids: window::absent(tx, place, part.window(), present, as_of)?, as_of })
    }

    /// A list that is read whole did not hold these rows of one of its parts: see [`super::parts`].
    pub(super) fn in_part(ids: Vec<Id>, as_of: i64) -> Self {
        Self { ids, as_of }
    }

    /// A whole walk met the record nowhere. Its notes are `super::walk`'s.
    pub(super) fn unmet(id: Id, as_of: i64) -> Self {
        Self { ids: vec![id], as_of }
    }

    /// The service's ids.
    pub fn ids(&self) -> &[Id] {
        &self.ids
    }

    /// Writes to the mirror there had been when the request began.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }
}
