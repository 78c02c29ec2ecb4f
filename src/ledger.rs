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
use crate::store::quota::Quota;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a refusal for speed says that the service enforces its limit.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// The ledger of one account.
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
        let store = self.store();
        let quota = store.quota(self.account_id)?;
        let now = self.clock.now();
        let since = (now - WINDOW).as_millisecond();
        // Not held to a limit that the service does not enforce: see the migration that made the column.
        let enforced = quota.too_fast_at.as_deref().and_then(|at| clock::age(at, now)).is_some_and(|age| age < A_DAY);
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
        store.note_request(self.account_id, now.as_millisecond(), (now - WINDOW).as_millisecond())?;
        let Quota { answers, blocks, .. } = store.quota(self.account_id)?;
        Ok(Begun { answers, blocks })
    }

    fn told(&self, begun: Begun, told: &Told) -> Result<()> {
        self.fresh.store(true, Ordering::Relaxed);
        let now = self.clock.now();
        self.store().change_quota(self.account_id, |known| fold::after(known, begun, told, now))
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
}
