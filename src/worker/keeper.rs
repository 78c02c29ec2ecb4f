//! The keeper of the threads: says when to look, keeps their leases, takes back those of the dead, throws old events away.
//!
//! In: the bell and the time. Out: calls to the threads. Works on no event.
//!
//! Events come in bursts: 200 changes of one invoice in a second, an import in ten events. After the first one the
//! keeper waits until it is quiet, but not for long, so that one fetch serves many and a single change is in the tables
//! within a second. Events that come later are not claimed before the next such moment.

use super::shared::Shared;
use crate::report::one_line;
use crate::store::outbox::MOST_AT_ONCE;
use crate::store::{Store, holder};
use anyhow::Result;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, after, select};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Quiet for so long: the burst is over.
const QUIET: Duration = Duration::from_millis(100);
/// A burst is not waited for any longer.
const LONGEST_BURST: Duration = Duration::from_millis(600);
/// How often it is looked for events that have become due.
const TICK: Duration = Duration::from_secs(1);
/// How often leases are renewed, a third of their time.
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// How often it is looked for dead holders: with a lease of 45 s, what they held is taken up again within 60 s.
const RESCUE_EVERY: Duration = Duration::from_secs(3);
/// How often old events are thrown away.
const PRUNE_EVERY: Duration = Duration::from_secs(3_600);
/// How long done and ignored events are kept.
const KEEP: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The keeper.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    store: Store,
    calls: Sender<()>,
    renewed: Instant,
    rescued: Instant,
    pruned: Instant,
    /// There is more than was done at once, or reason to look again.
    more: bool,
    watch: StepWatch,
}

/// Notices that the clock was set back: what was noted before may lie in the future now.
#[derive(Debug, Default)]
struct StepWatch(Option<Timestamp>);

impl StepWatch {
    fn went_back(&mut self, now: Timestamp) -> bool {
        self.0.replace(now).is_some_and(|before| now < before)
    }
}

impl Keeper {
    pub(super) fn new(shared: Arc<Shared>, store: Store, calls: Sender<()>) -> Self {
        let now = Instant::now();
        let watch = StepWatch::default();
        Self { shared, store, calls, renewed: now, rescued: now, pruned: now, more: false, watch }
    }

    /// What is due at the start: events of dead processes, old ones, those of a wrong clock.
    pub(super) fn begin(&mut self) -> Result<()> {
        holder::sweep(&self.shared.params.db);
        self.rescue()?;
        say_mended(self.store.mend_waits()?);
        self.prune()?;
        self.call()
    }

    /// Runs until the stop is asked for; leases are kept until the process ends.
    pub(super) fn run(&mut self, bell: &Receiver<()>) {
        let shutdown = self.shared.params.shutdown.clone();
        let mut bell = bell.clone();
        while !shutdown.requested() {
            let ring = select! {
                recv(bell) -> ring => Some(ring),
                recv(after(TICK)) -> _ => None,
                recv(shutdown.bell()) -> _ => return,
            };
            match ring {
                Some(Ok(())) => wait_for_quiet(&bell),
                // Nobody rings any more; the clock still does.
                Some(Err(_)) => bell = crossbeam_channel::never(),
                None if !bell.is_empty() => wait_for_quiet(&bell),
                None => {}
            }
            if let Err(error) = self.turn() {
                log::error!("webhook workers: {}", one_line(&error));
                shutdown.sleep(TICK);
            }
        }
    }

    fn turn(&mut self) -> Result<()> {
        self.more |= self.watch.went_back(self.shared.params.clock.now());
        self.call()?;
        if self.renewed.elapsed() >= RENEW_EVERY {
            self.store.renew_leases(&self.shared.holder.name)?;
            self.renewed = Instant::now();
        }
        if self.rescued.elapsed() >= RESCUE_EVERY {
            self.rescue()?;
            self.rescued = Instant::now();
        }
        if self.more || self.pruned.elapsed() >= PRUNE_EVERY {
            self.prune()?;
            self.pruned = Instant::now();
        }
        Ok(())
    }

    /// Calls the threads when something is due.
    fn call(&mut self) -> Result<()> {
        let ready = self.store.last_event()?.max(self.shared.ready.load(Ordering::SeqCst));
        self.shared.ready.store(ready, Ordering::SeqCst);
        if self.store.is_due(ready)? {
            // Full: all of them are called already.
            while self.calls.try_send(()).is_ok() {}
        }
        Ok(())
    }

    fn rescue(&mut self) -> Result<()> {
        let holders = self.store.holders()?;
        if holders.is_empty() {
            return Ok(());
        }
        let dead = holder::dead(&self.shared.params.db, holders);
        let rescued = self.store.rescue(&dead)?;
        rescued.failed.iter().for_each(|account_id| self.shared.books.of(*account_id).add_failed(1));
        let (again, failed) = (rescued.again, rescued.failed.len());
        if again > 0 || failed > 0 {
            log::warn!(
                "{again} webhook events of a process that ended in the middle are taken up again, {failed} failed"
            );
        }
        Ok(())
    }

    /// What need not be done often: some at a time, so that nobody waits for it; the rest at the next turn.
    fn prune(&mut self) -> Result<()> {
        let mended = self.store.mend_some_waits()?;
        say_mended(mended);
        let before = self.shared.params.clock.now() - KEEP;
        let gone = self.store.prune_some_events(before)?;
        if gone > 0 {
            log::info!("{gone} webhook events older than 30 days were thrown away");
        }
        self.more = mended.max(gone) >= MOST_AT_ONCE.into();
        Ok(())
    }
}

fn say_mended(mended: u64) {
    if mended > 0 {
        log::warn!("{mended} webhook events waited for a time that a wrong clock had written; they are due");
    }
}

/// Waits until nobody has rung for a moment.
fn wait_for_quiet(bell: &Receiver<()>) {
    let started = Instant::now();
    loop {
        let left = LONGEST_BURST.saturating_sub(started.elapsed());
        match bell.recv_timeout(QUIET.min(left)) {
            Ok(()) if !left.is_zero() => {}
            Ok(()) | Err(RecvTimeoutError::Timeout) => return,
            // Nobody rings any more: the caller notices.
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_noticed_once() {
        let mut watch = StepWatch::default();
        let seen = [5, 6, 6, 3, 4, 10].map(|second| {
            let now = Timestamp::from_second(second).expect("a time");
            watch.went_back(now)
        });
        assert_eq!(seen, [false, false, false, true, false, false]);
    }
}
