//! What the workers did since their start, account by account: for metrics and for the consequence of a drain.
//!
//! In: a [`Tally`] for each claim, failures of dead processes. Out: numbers. Kept in memory alone; an account that was
//! removed is forgotten at the next look, so that there are never more of them than accounts.

use super::claim_work::Tally;
use crate::api::Budget;
use anyhow::Result;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The numbers of one account.
#[derive(Debug)]
pub struct Counters {
    done: AtomicU64,
    ignored: AtomicU64,
    retried: AtomicU64,
    waiting: AtomicU64,
    failed: AtomicU64,
    singles: AtomicU64,
    lists: AtomicU64,
    /// Counts the requests, repeated ones too.
    pub(super) budget: Arc<Budget>,
}

impl Default for Counters {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self {
            done: zero(),
            ignored: zero(),
            retried: zero(),
            waiting: zero(),
            failed: zero(),
            singles: zero(),
            lists: zero(),
            budget: Arc::new(Budget::new(None)),
        }
    }
}

impl Counters {
    pub(super) fn add(&self, tally: Tally) {
        for (counter, n) in [
            (&self.done, tally.finished.done),
            (&self.ignored, tally.finished.ignored),
            (&self.retried, tally.put_back.retried),
            (&self.waiting, tally.put_back.waiting),
            (&self.failed, tally.put_back.failed),
            (&self.singles, tally.singles),
            (&self.lists, tally.lists),
        ] {
            counter.fetch_add(n, Ordering::Relaxed);
        }
    }

    pub(super) fn add_failed(&self, n: u64) {
        self.failed.fetch_add(n, Ordering::Relaxed);
    }

    /// Events by what became of them: done, of no mirrored record, put back after a failed attempt, put back to wait,
    /// failed for good.
    pub fn events(&self) -> [(&'static str, u64); 5] {
        [
            ("done", &self.done),
            ("ignored", &self.ignored),
            ("retried", &self.retried),
            ("waiting", &self.waiting),
            ("failed", &self.failed),
        ]
        .map(|(outcome, counter)| (outcome, counter.load(Ordering::Relaxed)))
    }

    /// Records and pages that were asked for, whatever it took.
    pub fn fetches(&self) -> [(&'static str, u64); 2] {
        [("record", &self.singles), ("page", &self.lists)]
            .map(|(what, counter)| (what, counter.load(Ordering::Relaxed)))
    }

    /// Requests that were sent.
    pub fn requests(&self) -> u64 {
        self.budget.used()
    }
}

/// The numbers of all accounts.
#[derive(Debug, Default)]
pub struct Books(Mutex<BTreeMap<i64, Arc<Counters>>>);

impl Books {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<i64, Arc<Counters>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of one account.
    pub fn of(&self, account_id: i64) -> Arc<Counters> {
        Arc::clone(self.kept().entry(account_id).or_default())
    }

    /// Those of all accounts that there are; the others are forgotten.
    ///
    /// # Errors
    /// Those of `accounts`, which lists them.
    pub fn of_all(&self, accounts: impl FnOnce() -> Result<Vec<i64>>) -> Result<Vec<(i64, Arc<Counters>)>> {
        let mut kept = self.kept();
        // Under the lock: an account that is made after this look has no numbers yet, and loses none.
        let accounts = accounts()?;
        kept.retain(|account_id, _| accounts.contains(account_id));
        Ok(accounts.into_iter().map(|id| (id, Arc::clone(kept.entry(id).or_default()))).collect())
    }

    /// Events that failed for good, of all accounts.
    pub(super) fn failed(&self) -> u64 {
        self.kept().values().map(|counters| counters.failed.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_more_numbers_than_accounts() {
        let books = Books::default();
        (0..1_000).for_each(|removed| books.of(removed).add_failed(1));
        books.of(1_001).add(Tally { lists: 2, ..Tally::default() });
        let all = books.of_all(|| Ok(vec![3, 1_001, 1_002])).expect("accounts");
        let seen: Vec<_> = all.into_iter().map(|(id, c)| (id, c.fetches(), c.events()[4])).collect();
        let fetches = |pages| [("record", 0), ("page", pages)];
        assert_eq!(
            seen,
            [(3, fetches(0), ("failed", 1)), (1_001, fetches(2), ("failed", 0)), (1_002, fetches(0), ("failed", 0)),]
        );
        assert_eq!(books.kept().len(), 3);
        assert_eq!(books.failed(), 1);
    }
}
