//! Workers: from the outbox to the tables.
//!
//! In: events that wait. Out: rows that are as the service holds them, and settled events.
//!
//! ```text
//!  bell ─> keeper ──────────────> threads ─> claim ─> job ─> plan ─> api ─> mirror and outbox, in one transaction
//!          (when to look,         (pool)              │      (fewest requests)
//!           leases, old events)                       └─> what could not be done is put back: verdict, trouble, backoff
//! ```
//!
//! An event is a hint to look again: its signature covers neither its type nor its ids. Order and twins do not matter,
//! because what is looked at is the record as it is now. Knows nothing of how events arrive: see `webhook`.

mod backoff;
mod counters;
mod hand_back;
mod job;
mod keeper;
mod lists;
mod plan;
mod pool;
mod shared;
mod trouble;
mod unfinished;
mod verdict;
mod wants;
mod whole_list;

pub use counters::{Books, Counters};
pub use pool::{Drained, Pool};
pub use shared::{Connect, Params};
