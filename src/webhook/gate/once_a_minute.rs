//! Says the same trouble once a minute rather than each time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the same trouble is said.
const AGAIN: Duration = Duration::from_secs(60);

/// When one kind of trouble was last said.
#[derive(Debug, Default)]
pub(super) struct OnceAMinute(Mutex<Option<Instant>>);

impl OnceAMinute {
    /// Whether it is to be said now; then it counts as said.
    pub(super) fn may_say(&self, now: Instant) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may = said.is_none_or(|said| now >= said + AGAIN);
        if may {
            *said = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_it_once_a_minute() {
        let (limit, begun) = (OnceAMinute::default(), Instant::now());
        let said = (0..180).filter(|at| limit.may_say(begun + Duration::from_secs(*at)));
        assert_eq!(said.collect::<Vec<_>>(), [0, 60, 120]);
    }
}
