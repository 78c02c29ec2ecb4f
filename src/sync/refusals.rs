//! What the service refuses to sort or filter by, per resource: remembered, so that it is not asked again.
//!
//! One page of the documentation says that documents can be sorted and filtered by `updated_at` and `created_at`, another
//! leaves it out; `id` can be sorted by for some resources only. A full walk that a person asks for (`--full`) tries
//! everything anew.

use crate::resource::{Resource, TieBreak};
use serde::{Deserialize, Serialize};

/// What was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusals {
    /// Sorting by `updated_at`.
    pub sort_by_change: bool,
    /// Filtering by `updated_at`.
    pub filter_by_change: bool,
    /// Filtering by `created_at`.
    pub filter_by_creation: bool,
    /// Filtering by `id`.
    pub filter_by_id: bool,
    /// Sorting by `id`.
    pub sort_by_id: bool,
    /// Sorting by the resource's steadiest fields.
    pub steady_sort: bool,
}

impl Refusals {
    /// How records that share a stamp can still be told apart.
    pub fn tie_break(&self, resource: &Resource) -> TieBreak {
        match resource.tie_break() {
            TieBreak::FilterById if !self.filter_by_id => TieBreak::FilterById,
            TieBreak::SortById if !self.sort_by_id => TieBreak::SortById,
            _ => TieBreak::Reread,
        }
    }

    /// Whether only plain pages are left to read everything.
    pub fn plain(&self) -> bool {
        self.sort_by_change || self.filter_by_change
    }
}
