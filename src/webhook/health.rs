//! Is the listener well: for /healthz, for the watchdog.
//!
//! In: parts that say what is wrong with them; the database, which is written to, at most once a second. Out: `ok`, or
//! what is wrong. Mends nothing.

use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::answer::Answer;
use crate::store::Store;

/// How long a look at the database counts.
const FRESH: Duration = Duration::from_secs(1);
/// How long another program's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A part's name, and what is wrong with it.
pub type Part = (&'static str, Box<dyn Fn() -> Option<String> + Send + Sync>);

/// The parts that must be well.
pub struct Health {
    parts: Vec<Part>,
    probe: Mutex<Probe>,
    last: Mutex<Option<&'static str>>,
}

/// The database, and when it was last written to.
struct Probe {
    store: Store,
    looked: Option<Instant>,
}

impl Health {
    /// The health of these parts and of the database.
    pub fn new(store: Store, parts: Vec<Part>) -> Result<Health> {
        store.set_patience(PATIENCE)?;
        Ok(Health { parts, probe: Mutex::new(Probe { store, looked: None }), last: Mutex::new(None) })
    }

    /// What is wrong; nothing when all is well.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = self.wrong_parts();
        wrong.extend(self.database().map(|why| format!("database: {why}")));
        wrong
    }

    /// What is wrong with the parts, the database aside: it may be locked by a person, and that is no reason to start
    /// the listener again.
    pub fn wrong_parts(&self) -> Vec<String> {
        let look = |(name, look): &Part| look().map(|why| format!("{name}: {why}"));
        self.parts.iter().filter_map(look).collect()
    }

    /// The answer to /healthz.
    pub fn answer(&self) -> Answer {
        let wrong = self.wrong();
        match wrong.is_empty() {
            true => Answer::json(200, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}).to_string()),
            false => Answer::json(503, json!({"status": "failing", "wrong": wrong}).to_string()),
        }
    }

    /// Writes to the database, unless that was done a moment ago, or is being done by somebody else.
    fn database(&self) -> Option<&'static str> {
        let mut probe = match self.probe.try_lock() {
            Ok(probe) => probe,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return *self.last.lock().unwrap_or_else(PoisonError::into_inner),
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner).to_owned();
        if probe.looked.is_none_or(|looked| looked.elapsed() >= FRESH) {
            last = probe.store.try_writing().err().map(|error| {
                log::debug!("/healthz: the database cannot be written: {error:#}");
                "it cannot be written"
            });
            probe.looked = Some(Instant::now());
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn what_is_wrong_is_named_until_it_is_right() {
        let dir = tempfile::tempdir().expect("folder");
        let store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        let mut other = store.again().expect("another connection");
        let dead = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&dead);
        let part: Part =
            ("workers", Box::new(move || seen.load(Ordering::SeqCst).then(|| "2 of 4 have ended".to_owned())));
        let health = Health::new(store, vec![part]).expect("health");
        assert_eq!((health.answer().status, health.wrong()), (200, Vec::new()));
        dead.store(true, Ordering::SeqCst);
        let answer = health.answer();
        assert_eq!((answer.status, health.wrong_parts().len()), (503, 1));
        assert!(answer.body.contains("workers: 2 of 4 have ended"), "{}", answer.body);
        dead.store(false, Ordering::SeqCst);
        other
            .write(|_| {
                assert_eq!(health.answer().status, 200, "looked at a moment ago");
                std::thread::sleep(FRESH);
                let answer = health.answer();
                assert_eq!(answer.status, 503);
                assert!(answer.body.contains("database: it cannot be written"), "{}", answer.body);
                assert_eq!(health.wrong_parts(), Vec::<String>::new());
                Ok(())
            })
            .expect("the holder");
        std::thread::sleep(FRESH);
        assert_eq!(health.answer().status, 200);
    }
}
