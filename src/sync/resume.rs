//! Resume points: where unfinished work goes on after a kill, a stop or a fault.
//!
//! In and out: JSON in `sync_state.progress`, written in the transaction of the rows it speaks of. Holds no logic: one loop,
//! `walk`, goes from stage to stage, and `changes` closes what it walked.
//!
//! ```text
//!  begin_walk ─> Climb ──────────────> Nulls ───────> Closing ────────────────> no walk: everything was read
//!                │ ^ └ next page       records        changes meanwhile are       │
//!                │ └──┘                without        read; what was met          └> each run: `changes`. A gap that one
//!                │                     updated_at     nowhere is deleted             leaves is read by the next.
//!                │ sort or filter refused               ^
//!                └──────────────────> Plain ────────────┘ (or no walk, where the service cannot sort by change)
//! ```

use serde::{Deserialize, Serialize};

/// Unfinished work on one resource; all empty when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// A full walk under way.
    pub walk: Option<Stage>,
    /// What it knows of the records without `updated_at`.
    pub nulls: Nulls,
    /// Changes between here and there are not read yet.
    pub gap: Option<Gap>,
    /// When records without a stamp were last looked at, UTC.
    pub nulls_seen_at: Option<String>,
    /// From this stamp on, records may have changed after they were read and kept their stamps: it was read while its
    /// second was still running, or in an hour that was repeated then. It is read again. `None`: all is known.
    pub open_from: Option<String>,
}

/// What a full walk knows of the records without `updated_at`. The service puts them before all others or after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nulls {
    /// Nothing yet.
    #[default]
    Unknown,
    /// The list, oldest change first, does not begin with one.
    NotFirst,
    /// All were read: the first page held them.
    Read,
}

/// How far a full walk got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Reading by `updated_at`, oldest first.
    Climb(Cursor),
    /// Reading the records without `updated_at`.
    Nulls,
    /// Reading plain pages, because the service refused to sort or filter. The next page, and the count of the first.
    Plain {
        /// The next page.
        page: u64,
        /// The service's count at the first page.
        total: Option<u64>,
    },
    /// Everything was read once: what changed meanwhile, and what is gone, comes next.
    Closing,
}

/// A place in a list that is read by `updated_at`, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cursor {
    /// Everything before this second was read.
    pub from: Option<String>,
    /// This second was read too.
    pub past: bool,
    /// Inside this second, which holds more than a page.
    pub group: Option<Group>,
}

/// A place in a group of records that share a stamp.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Everything up to this id was read.
    pub after_id: Option<i64>,
    /// Pages in order of ids: so many were read.
    pub pages: u64,
    /// The service's count when the first of them was read.
    pub total: u64,
}

/// Changes that are not read yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where to go on.
    pub cursor: Cursor,
    /// Everything later than this was read. `None`: read to the end.
    pub until: Option<String>,
}
