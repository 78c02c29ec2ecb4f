//! The workers beside the listener: started with it, watched by its health, told of in its metrics.
//!
//! In: the settings and the bell. Out: a running pool. What it does is `crate::worker`'s.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use crossbeam_channel::Receiver;

use crate::commands::parts;
use crate::settings::Settings;
use crate::shutdown::{Shutdown, Stopper};
use crate::webhook::health::Part;
use crate::webhook::metrics::{Family, Labels, Source};
use crate::worker::{Params, Pool};

/// The pool until it is stopped. A pool may not be looked at by two threads at once.
type Kept = Arc<Mutex<Option<Pool>>>;

/// Workers at work.
pub struct Workers {
    pool: Kept,
    stopper: Mutex<Stopper>,
}

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// When the database or a thread cannot be had.
    pub fn start(settings: &Settings, bell: Receiver<()>) -> Result<Workers> {
        let (shutdown, stopper) = Shutdown::new();
        let params = Params {
            db: settings.db.clone(),
            clock: settings.clock,
            workers: settings.workers,
            resources: settings.resources.clone(),
            shutdown,
            connect: parts::connect(settings),
        };
        let pool = Arc::new(Mutex::new(Some(Pool::start(params, bell)?)));
        Ok(Workers { pool, stopper: Mutex::new(stopper) })
    }

    /// Their part of the listener's health.
    pub fn part(&self) -> Part {
        let pool = Arc::clone(&self.pool);
        let dead = move || look(&pool).as_ref().is_some_and(|pool| !pool.alive());
        ("workers", Box::new(move || dead().then(|| "a thread has ended".to_owned())))
    }

    /// Their numbers.
    pub fn numbers(&self) -> Source {
        let pool = Arc::clone(&self.pool);
        Box::new(move || look(&pool).as_ref().map(numbers).unwrap_or_default())
    }

    /// Asks them to stop.
    pub fn begin_to_stop(&self) {
        self.stopper.lock().unwrap_or_else(PoisonError::into_inner).stop();
    }

    /// Waits for them until `by`; what they still have in work then is handed back.
    pub fn stop(self, by: Instant) -> Result<()> {
        let pool = look(&self.pool).take();
        match pool {
            Some(pool) => pool.stop(by.saturating_duration_since(Instant::now())),
            None => Ok(()),
        }
    }
}

fn look(pool: &Kept) -> MutexGuard<'_, Option<Pool>> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

fn numbers(pool: &Pool) -> Vec<Family> {
    let Ok(accounts) = pool.counters() else { return Vec::new() };
    let (mut events, mut fetches, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    for (account_id, counters) in accounts {
        let labels = |more: Option<(&'static str, &str)>| -> Labels {
            let more = more.map(|(name, value)| (name, value.to_owned()));
            std::iter::once(("account", account_id.to_string())).chain(more).collect()
        };
        events.extend(counters.events().map(|(outcome, n)| (labels(Some(("outcome", outcome))), n as f64)));
        fetches.extend(counters.fetches().map(|(what, n)| (labels(Some(("what", what))), n as f64)));
        requests.push((labels(None), counters.requests() as f64));
    }
    vec![
        Family::counter("worker_events", "Events that the workers had, by what became of them", events),
        Family::counter("worker_fetches", "Records and pages that the workers asked for", fetches),
        Family::counter("worker_requests", "Requests of the workers, repeated ones too", requests),
    ]
}
