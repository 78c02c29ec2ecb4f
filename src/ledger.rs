//! The memory of an account's requests, in the database: where `api`'s pacer meets `store`.
//!
//! In: what answers told. Out: what is known, by all processes. Decides which of two answers counts (`fold`), not what
//! follows from it. A stored time that lies in the future counts for nothing: a clock that was wrong wrote it.

mod fold;

pub use fold::{Block, block};

use crate::api::ledger::{Begun, Ledger, Told};
use crate::api::pacer::{Seen, WINDOW, WINDOW_REQUESTS};
use crate::clock::{self, Clock};
use crate::store::Store;
use crate::store::notes::Note;
use crate::store::quota::Quota;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a refusal for speed says that the service enforces its limit.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// So many requests may be noted in memory alone, by a run whose next page commits them: a kill makes the count of the
/// five minutes too small by these at most, and the next answer brings the hour's and the month's numbers anyway.
const MOST_IN_MEMORY: usize = 2;

/// The ledger of one account. A run's notes are committed with its pages (`store::notes`), a block at once.
#[derive(Debug)]
pub struct StoreLedger {
    store: Mutex<Store>,
    account_id: i64,
    clock: Clock,
    fresh: AtomicBool,
}

impl StoreLedger {
    /// The ledger of `account_id`, over a connection of its own.
    pub fn new(store: Store, account_id: i64) -> Self {
        let clock = store.clock();
        Self { store: Mutex::new(store), account_id, clock, fresh: AtomicBool::new(false) }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for StoreLedger {
    fn seen(&self) -> Result<Seen> {
        let mut store = self.store();
        let quota = store.quota_with_notes(self.account_id)?;
        let now = self.clock.now();
        let since = (now - WINDOW).as_millisecond();
        // Not held to a limit that the service does not enforce: see the migration that made the column.
        let enforced = quota.too_fast_at.as_deref().and_then(|at| clock::age(at, now)).is_some_and(|age| age < A_DAY);
        if enforced {
            store.write_notes()?;
        }
        let nth = || store.nth_latest_request(self.account_id, WINDOW_REQUESTS, since, now.as_millisecond());
        let first = if enforced { nth()? } else { None };
        let (blocked_until, blocked_reason) = block(&quota, now).map(|block| (block.until, block.reason)).unzip();
        Ok(Seen {
            hourly_remaining: quota.hourly_remaining,
            hourly_limit: quota.hourly_limit,
            seen_at: quota.seen_at.as_deref().and_then(|at| clock::past(at, now)),
            blocked_until,
            blocked_reason,
            window_full_since: first.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            fresh: self.fresh.load(Ordering::Relaxed),
        })
    }

    fn sent(&self) -> Result<Begun> {
        let now = self.clock.now();
        let mut store = self.store();
        let (now, forget_before) = (now.as_millisecond(), (now - WINDOW).as_millisecond());
        store.note(Note::Sent { account_id: self.account_id, now, forget_before })?;
        if store.requests_in_memory() > MOST_IN_MEMORY {
            store.write_notes()?;
        }
        // By the answers that are committed: one that counts as begun a little earlier than it did replaces less.
        let Quota { answers, blocks, .. } = store.quota(self.account_id)?;
        Ok(Begun { answers, blocks })
    }

    fn told(&self, begun: Begun, told: &Told) -> Result<()> {
        self.fresh.store(true, Ordering::Relaxed);
        let (now, told) = (self.clock.now(), told.clone());
        let urgent = told.blocked.is_some() || told.too_fast;
        let after = Arc::new(move |known| fold::after(known, begun, &told, now));
        let mut store = self.store();
        store.note(Note::Answered { account_id: self.account_id, after })?;
        // Others must not ask before that is over.
        if urgent { store.write_notes() } else { Ok(()) }
    }
}

impl Drop for StoreLedger {
    fn drop(&mut self) {
        if let Err(error) = self.store().write_notes() {
            log::warn!("the last requests of account {} could not be noted: {error:#}", self.account_id);
        }
    }
}

/// The ledger of a token whose account does not exist yet: it forgets with the process. For the few requests of
/// `account add` and `account login`.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    seen: Mutex<Seen>,
}

impl MemoryLedger {
    fn seen_now(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for MemoryLedger {
    fn seen(&self) -> Result<Seen> {
        Ok(self.seen_now().clone())
    }

    fn sent(&self) -> Result<Begun> {
        Ok(Begun::default())
    }

    fn told(&self, _: Begun, told: &Told) -> Result<()> {
        // One request at a time: none is late. The quota's numbers are of no use to one request; a wait that was asked for is obeyed.
        let mut seen = self.seen_now();
        (seen.blocked_until, seen.blocked_reason) = told.blocked.clone().unzip();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_that_was_seen_to_enforce_it_is_held_to_300_requests_in_five_minutes() {
        let dir = tempfile::tempdir().expect("tempdir");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        let id = store.add_account("Rossi", (1, None), |_| Ok(())).expect("account").id;
        let ledger = StoreLedger::new(store, id);
        for _ in 0..WINDOW_REQUESTS {
            ledger.sent().expect("sent");
        }
        let told = |told: &Told| ledger.told(Begun::default(), told).expect("told");
        told(&Told::default());
        assert_eq!(ledger.seen().expect("seen").window_full_since, None);
        told(&Told { too_fast: true, ..Told::default() });
        told(&Told::default());
        assert!(ledger.seen().expect("seen").window_full_since.is_some(), "and it is remembered");
    }

    #[test]
    fn a_run_s_notes_go_with_its_transactions_and_a_kill_loses_two_requests_at_most() {
        let dir = tempfile::tempdir().expect("tempdir");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        let id = store.add_account("Rossi", (1, None), |_| Ok(())).expect("account").id;
        let other = store.again().expect("another process");
        let mut store = store.share_writer().expect("a writer").hold_notes();
        let ledger = StoreLedger::new(store.again().expect("the ledger's"), id);
        let seen = || other.quota(id).expect("quota");
        let noted = || other.nth_latest_request(id, 3, 0, i64::MAX - 1_000).expect("requests").is_some();
        let left = |n| Told { hourly_remaining: Some(n), ..Told::default() };
        for n in [9, 8] {
            let begun = ledger.sent().expect("sent");
            ledger.told(begun, &left(n)).expect("told");
        }
        assert_eq!(seen(), Quota::default(), "in memory");
        assert_eq!(ledger.seen().expect("seen").hourly_remaining, Some(8), "and known to this run");
        ledger.sent().expect("sent");
        assert_eq!((seen().hourly_remaining, seen().answers, noted()), (Some(8), 2, true), "a third is too many");
        ledger.told(Begun { answers: 2, blocks: 0 }, &left(7)).expect("told");
        store.write::<()>(|_| anyhow::bail!("a page that cannot be written")).expect_err("taken back");
        assert_eq!(seen().hourly_remaining, Some(8));
        store.write(|_| Ok(())).expect("a page");
        assert_eq!((seen().hourly_remaining, seen().answers), (Some(7), 3));
        let until = Clock::default().now() + SignedDuration::from_mins(5);
        ledger
            .told(Begun { answers: 3, blocks: 0 }, &Told { blocked: Some((until, "wait".to_owned())), ..left(6) })
            .expect("told");
        assert_eq!((seen().blocks, seen().hourly_remaining), (1, Some(6)), "a block is written at once");
        ledger.told(Begun { answers: 4, blocks: 1 }, &left(5)).expect("told");
        drop(ledger);
        assert_eq!((seen().answers, seen().blocked_until), (5, None), "the end writes all");
    }
}
