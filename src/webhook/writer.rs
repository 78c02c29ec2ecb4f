//! The one writer: many events, one transaction, one answer each.
//!
//! In: events from the handlers' threads, over a bounded channel. Out: to each, whether it is on disk. All that have
//! come while the last transaction ran go into the next one (group commit: at 64 clients some nine times as many events
//! per second as one transaction each, on a disk that needs 2 ms to sync), then the workers' bell rings. What an event
//! means is not known here, nor how it is stored: that is the function given to [`Writer::start`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::repeated::Repeated;
use crate::report::one_line;

/// Events in one transaction. Handlers wait for their answer, so there are never more than they are.
const BATCH: usize = 256;
/// Events that may wait for the writer. More means that it is stuck: then better no than a long wait.
const QUEUE: usize = 1024;
/// How long an event waits for its answer. The service's own patience is not documented.
const PATIENCE: Duration = Duration::from_secs(5);
/// A transaction that takes longer holds everything up: those who come now are told to come back.
const STUCK: Duration = Duration::from_secs(2);

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is on disk, for the first time or not.
    Stored {
        /// It was there already.
        twin: bool,
    },
    /// It is not known to be on disk; why.
    Not(&'static str),
}

/// An event on its way to the disk.
struct Order<E> {
    event: E,
    answer: Sender<Kept>,
}

/// Where handlers hand events in.
pub struct Inbox<E> {
    orders: Sender<Order<E>>,
    pulse: Arc<Pulse>,
}

impl<E> Clone for Inbox<E> {
    fn clone(&self) -> Self {
        Inbox { orders: self.orders.clone(), pulse: Arc::clone(&self.pulse) }
    }
}

/// The running writer.
pub struct Writer {
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the writer. `store` puts events on disk in one transaction and says for each whether it is new; `bell` is
    /// rung after each transaction. The writer ends when the last inbox is gone.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn start<E: Send + 'static>(
        store: impl FnMut(&[E]) -> Result<Vec<bool>> + Send + 'static,
        bell: Sender<()>,
    ) -> Result<(Writer, Inbox<E>)> {
        let (orders, todo) = bounded(QUEUE);
        let pulse = Arc::new(Pulse::new());
        let inbox = Inbox { orders, pulse: Arc::clone(&pulse) };
        let scribe = Scribe { store, bell, pulse, repeated: Repeated::default() };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || scribe.run(&todo))
            .context("could not start the thread that stores webhook events")?;
        Ok((Writer { thread }, inbox))
    }

    /// False once the thread has ended.
    pub fn is_alive(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Waits until what was handed in is stored, once all inboxes are gone. False when that takes longer than until `by`.
    pub fn finish(self, by: Instant) -> bool {
        while !self.thread.is_finished() && Instant::now() < by {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.thread.is_finished()
    }
}

impl<E> Inbox<E> {
    /// Hands an event in and waits until it is on disk, or known not to be.
    pub fn store(&self, event: E) -> Kept {
        if self.pulse.age().is_some_and(|age| age > STUCK) {
            return Kept::Not("the database is busy");
        }
        let (answer, kept) = bounded(1);
        match self.orders.try_send(Order { event, answer }) {
            Ok(()) => kept.recv_timeout(PATIENCE).unwrap_or(Kept::Not("the database did not answer in time")),
            Err(TrySendError::Full(_)) => Kept::Not("too many events wait for the database"),
            Err(TrySendError::Disconnected(_)) => Kept::Not("the writer has ended"),
        }
    }

    /// A look at the writer, which does not keep it waiting for orders.
    pub fn watcher(&self) -> Watcher {
        Watcher { pulse: Arc::clone(&self.pulse) }
    }

    /// Events that wait for the writer now.
    pub fn waiting(&self) -> usize {
        self.orders.len()
    }
}

/// Sees how the writer does.
pub struct Watcher {
    pulse: Arc<Pulse>,
}

impl Watcher {
    /// How long the present transaction has been running.
    pub fn busy_for(&self) -> Option<Duration> {
        self.pulse.age()
    }
}

/// The thread's own side.
struct Scribe<S> {
    store: S,
    bell: Sender<()>,
    pulse: Arc<Pulse>,
    repeated: Repeated,
}

impl<S> Scribe<S> {
    fn run<E>(mut self, todo: &Receiver<Order<E>>)
    where
        S: FnMut(&[E]) -> Result<Vec<bool>>,
    {
        while let Ok(first) = todo.recv() {
            let mut events = vec![first.event];
            let mut answers = vec![first.answer];
            for order in todo.try_iter().take(BATCH - 1) {
                events.push(order.event);
                answers.push(order.answer);
            }
            self.pulse.begin();
            let kept = self.commit(&events);
            self.pulse.end();
            for (answer, kept) in answers.iter().zip(kept) {
                // who waits no longer has answered 503: the service sends it again, as a twin
                let _ = answer.send(kept);
            }
            // a full bell rings already
            let _ = self.bell.try_send(());
        }
    }

    fn commit<E>(&mut self, events: &[E]) -> Vec<Kept>
    where
        S: FnMut(&[E]) -> Result<Vec<bool>>,
    {
        match (self.store)(events) {
            Ok(new) => new.into_iter().map(|new| Kept::Stored { twin: !new }).collect(),
            // one of them may be at fault (its account was removed a moment ago): the others must not pay for it
            Err(error) if events.len() > 1 && crate::store::is_of_content(&error) => {
                events.chunks(1).flat_map(|one| self.commit(one)).collect()
            }
            Err(error) => {
                if let Some(times) = self.repeated.count("store") {
                    log::error!(
                        "webhook events could not be stored and were answered with 503 ({times} times): {}",
                        one_line(&error)
                    );
                }
                events.iter().map(|_| Kept::Not("the event could not be stored")).collect()
            }
        }
    }
}

/// Since when the writer is in a transaction.
struct Pulse {
    born: Instant,
    /// Milliseconds after `born`, from 1; 0 between transactions.
    since: AtomicU64,
}

impl Pulse {
    fn new() -> Pulse {
        Pulse { born: Instant::now(), since: AtomicU64::new(0) }
    }

    fn begin(&self) {
        let at = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since.store(at.max(1), Ordering::Relaxed);
    }

    fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    fn age(&self) -> Option<Duration> {
        let since = self.since.load(Ordering::Relaxed);
        (since > 0).then(|| self.born.elapsed().saturating_sub(Duration::from_millis(since)))
    }
}

#[cfg(test)]
mod tests;
