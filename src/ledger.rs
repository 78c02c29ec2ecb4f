//! The memory of an account's requests, in the database: where `api`'s pacer meets `store`.
//!
//! In: what answers told. Out: what is known, by all processes. Decides nothing.

use crate::api::ledger::{Ledger, Told};
use crate::api::pacer::{LONGEST_BLOCK, Seen, WINDOW, WINDOW_REQUESTS};
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
        let time = |text: Option<String>| text.as_deref().and_then(clock::parse_stamp);
        // Not held to a limit that the service does not enforce: see the migration that made the column.
        let enforced = time(quota.too_fast_at).is_some_and(|at| now.duration_since(at) < A_DAY);
        let first = if enforced { store.nth_latest_request(self.account_id, WINDOW_REQUESTS, since)? } else { None };
        Ok(Seen {
            hourly_remaining: quota.hourly_remaining,
            hourly_limit: quota.hourly_limit,
            seen_at: time(quota.seen_at),
            blocked_until: time(quota.blocked_until)
                .filter(|until| until.duration_since(now) <= LONGEST_BLOCK + WINDOW),
            blocked_reason: quota.blocked_reason,
            window_full_since: first.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            fresh: self.fresh.load(Ordering::Relaxed),
        })
    }

    fn sent(&self) -> Result<()> {
        let now = self.clock.now();
        self.store().note_request(self.account_id, now.as_millisecond(), (now - WINDOW).as_millisecond())
    }

    fn told(&self, told: &Told) -> Result<()> {
        self.fresh.store(true, Ordering::Relaxed);
        let (until, reason) = told.blocked.clone().unzip();
        self.store().save_quota(
            self.account_id,
            &Quota {
                hourly_remaining: told.hourly_remaining,
                hourly_limit: told.hourly_limit,
                monthly_remaining: told.monthly_remaining,
                monthly_limit: told.monthly_limit,
                seen_at: Some(self.clock.stamp()),
                // Stamps are whole seconds: round up, or the next request comes a moment too early.
                blocked_until: until.map(|at| clock::stamp(at + SignedDuration::from_millis(999))),
                blocked_reason: reason,
                too_fast_at: told.too_fast.then(|| self.clock.stamp()),
            },
        )
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

    fn sent(&self) -> Result<()> {
        Ok(())
    }

    fn told(&self, told: &Told) -> Result<()> {
        // The quota's numbers are of no use to one request; a wait that was asked for is obeyed.
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
        (0..WINDOW_REQUESTS).for_each(|_| ledger.sent().expect("sent"));
        ledger.told(&Told::default()).expect("told");
        assert_eq!(ledger.seen().expect("seen").window_full_since, None);
        ledger.told(&Told { too_fast: true, ..Told::default() }).expect("told");
        ledger.told(&Told::default()).expect("told");
        assert!(ledger.seen().expect("seen").window_full_since.is_some(), "and it is remembered");
    }
}
