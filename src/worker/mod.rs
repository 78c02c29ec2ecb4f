//! Workers: from the outbox to the tables.
//!
//! In: events that wait. Out: rows that are as the service holds them, and settled events.
//!
//! ```text
//!  bell ─> keeper ──────────────> threads ─> claim ─> claim_work ─> plan ─> api ─> mirror and outbox, in one transaction
//!          (when to look,         (pool)              │             (fewest requests)
//!           leases, old events)                       └─> what could not be done is put back
//! ```
//!
//! The work on a claim is one type, `ClaimWork`, whose functions stand where their subject is: `claim_work` (the order of
//! the work, records one by one, the transaction of an answer), `lists` and `whole_list` (records by list), `trouble` (what
//! a failed request means for the rest), `hand_back` (events that are put back). `wants`, `plan`, `consequence`, `backoff`
//! decide, and ask and write nothing.
//!
//! An event is a hint to look again: its signature covers neither its type nor its ids. Order and twins do not matter,
//! because what is looked at is the record as it is now. Knows nothing of how events arrive: see `webhook`.
//!
//! Where a function does not say what its errors are, they are the database's.

mod backoff;
mod claim_work;
mod consequence;
mod counters;
mod hand_back;
mod keeper;
mod lists;
mod plan;
mod pool;
mod shared;
mod trouble;
mod unfinished;
mod wants;
mod whole_list;

pub use counters::{Books, Counters};
pub use pool::{Drained, Pool};
pub use shared::{Connect, Params};
