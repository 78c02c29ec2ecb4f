//! The first request goes ahead of those that come with it: it loads the roots of trust, and with them there already the
//! others need not load them each for itself.
//!
//! In: requests that begin. Out: the same, the others a moment later. One that hangs holds up nobody for longer than that.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longer than a name and a connection take, and the loading of the roots (some 20 ms).
const AHEAD: Duration = Duration::from_millis(250);

/// How far the first request is.
#[derive(Debug, Default)]
enum Stage {
    /// There was none.
    #[default]
    Nobody,
    /// It has begun.
    Ahead(Instant),
    /// It has its answer.
    Back,
}

/// Who goes first.
#[derive(Debug, Default)]
pub struct Lead {
    stage: Mutex<Stage>,
    bell: Condvar,
}

/// Held by the first request until it is back.
#[derive(Debug)]
pub struct First<'a>(&'a Lead);

impl Drop for First<'_> {
    fn drop(&mut self) {
        *self.0.stage() = Stage::Back;
        self.0.bell.notify_all();
    }
}

impl Lead {
    /// Begins a request: at once, or when the first is back or has had its time.
    pub fn begin(&self) -> Option<First<'_>> {
        let mut stage = self.stage();
        let begun = match *stage {
            Stage::Back => return None,
            Stage::Ahead(begun) => begun,
            Stage::Nobody => {
                *stage = Stage::Ahead(Instant::now());
                return Some(First(self));
            }
        };
        let left = AHEAD.saturating_sub(begun.elapsed());
        let waited = self.bell.wait_timeout_while(stage, left, |stage| matches!(stage, Stage::Ahead(_)));
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        None
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_first_and_those_after_it_wait_for_nobody() {
        let lead = Lead::default();
        let first = lead.begin();
        assert!(first.is_some());
        std::thread::scope(|scope| {
            let others: Vec<_> = (0..3).map(|_| scope.spawn(|| lead.begin().is_none())).collect();
            // It hangs: the others go on all the same.
            assert!(others.into_iter().all(|other| other.join().expect("it waits for a moment only")));
        });
        drop(first);
        assert!(lead.begin().is_none(), "once is enough");
    }
}
