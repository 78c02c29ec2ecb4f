//! Says the same trouble once in a while, with how often it happened meanwhile.
//!
//! In: a kind of trouble, each time. Out: now and then, how many times it was since it was last said. Kinds are texts of
//! the program's own, so that strangers cannot make the list grow.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the same trouble is said.
const AGAIN: Duration = Duration::from_secs(60);

/// Trouble that is said once a minute, by its kind: when each was last said, and how often it happened since.
#[derive(Debug, Default)]
pub(crate) struct Repeated(Mutex<HashMap<&'static str, (Instant, u64)>>);

impl Repeated {
    /// Counts one more. The number to say, when it is time to say it.
    pub(crate) fn count(&self, kind: &'static str) -> Option<u64> {
        self.count_at(kind, Instant::now())
    }

    fn count_at(&self, kind: &'static str, now: Instant) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kinds.get_mut(kind) {
            None => {
                kinds.insert(kind, (now, 0));
                Some(1)
            }
            Some((said, count)) => {
                *count += 1;
                let due = now >= *said + AGAIN;
                due.then(|| {
                    *said = now;
                    std::mem::take(count)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_said_and_then_the_number_of_each_minute() {
        let (repeated, begun) = (Repeated::default(), Instant::now());
        let numbers: Vec<u64> =
            (0..130).filter_map(|at| repeated.count_at("a", begun + Duration::from_secs(at))).collect();
        assert_eq!(numbers, [1, 60, 60]);
        assert_eq!(repeated.count_at("b", begun), Some(1), "each kind by itself");
    }
}
