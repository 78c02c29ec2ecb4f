//! Handing back: what becomes of the events of a claim that are not settled.
//!
//! In: the troubles of their records, and what ended the work. Out: a [`Back`] for each. Asks nobody and pauses nothing:
//! see `trouble`.

use super::backoff;
use super::claim_work::ClaimWork;
use super::unfinished::{End, Trouble, Wait};
use super::wants;
use crate::record::{Id, Ids};
use crate::store::outbox::{Back, Claimed};
use anyhow::Result;
use jiff::Timestamp;

impl ClaimWork<'_> {
    /// Puts back what was not settled.
    pub(super) fn put_back(&mut self, end: Option<&End>) -> Result<()> {
        let seed = fastrand::u64(..);
        let backs: Vec<(i64, Back)> =
            self.claim.events.iter().filter_map(|event| Some((event.id, self.back(event, end, seed)?))).collect();
        if backs.is_empty() {
            return Ok(());
        }
        self.tally.put_back = self.store.put_back(self.holder, &backs)?;
        let failed = self.tally.put_back.failed;
        if failed > 0 {
            log::error!(
                "{}: {failed} webhook events have failed; see: ficsync events list --status failed",
                self.account
            );
        }
        Ok(())
    }

    /// What becomes of an event: the worst that happened to its records; what ended the work happened to those that were
    /// not reached. `None`: all of them are settled.
    fn back(&self, event: &Claimed, end: Option<&End>, seed: u64) -> Option<Back> {
        let form = self.resources.first().map_or(Ids::Numbers, |resource| resource.table.form.ids);
        let ids: Vec<Id> = wants::ids(event).iter().filter_map(|value| wants::record_id(value, form)).collect();
        let open: Vec<&Id> = ids.iter().filter(|id| self.todo.contains_key(id)).collect();
        // Also before the records were looked at.
        let unreached = open.is_empty() || open.iter().any(|id| !self.troubles.contains_key(id));
        let end = end.filter(|_| unreached);
        let ended = end.and_then(|end| if let End::Trouble(trouble) = end { Some(trouble) } else { None });
        let worst =
            open.iter().filter_map(|id| self.troubles.get(id)).chain(ended).max_by_key(|trouble| weight(trouble));
        match (worst, end) {
            (Some(Trouble::Down(wait)), _) => Some(self.after_outage(event, wait, seed)),
            (Some(Trouble::Failed(why)), _) => Some(self.after_failure(event, why, seed)),
            (_, Some(End::Stopped)) => Some(Back::Release),
            (Some(Trouble::Waits(wait)), _) => {
                let Wait { until, reason, .. } = wait.clone();
                Some(Back::Snooze { until, held: wait.holds(event), reason })
            }
            (None, _) if open.is_empty() => None,
            (None, _) => Some(self.after_failure(event, "it was not reached", seed)),
        }
    }

    fn after_failure(&self, event: &Claimed, why: &str, seed: u64) -> Back {
        Back::Retry(self.next_attempt(event, seed), why.to_owned())
    }

    /// While the service is down it is tried more often than an event has attempts: what comes before the next one is due
    /// does not count.
    fn after_outage(&self, event: &Claimed, wait: &Wait, seed: u64) -> Back {
        let early = event.retry_at.is_some_and(|at| at > self.store.clock().now());
        let (until, held, error) = (wait.until, wait.holds(event), wait.reason.clone());
        match self.next_attempt(event, seed) {
            None if !early => Back::Retry(None, error),
            next => Back::Down { until, held, retry_at: next.filter(|_| !early), error },
        }
    }

    /// When the attempt after this one is due. `None`: it was the last.
    fn next_attempt(&self, event: &Claimed, seed: u64) -> Option<Timestamp> {
        self.store.clock().now().checked_add(backoff::delay(event.attempts, seed)?).ok()
    }
}

/// The heaviest decides: an event that cannot be tried now is no worse for a record that failed.
fn weight(trouble: &Trouble) -> u8 {
    match trouble {
        Trouble::Waits(..) => 0,
        Trouble::Failed(_) => 1,
        Trouble::Down(..) => 2,
    }
}
