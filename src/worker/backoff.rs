//! When a failed event is tried again, and a service that is down.
//!
//! In: how many attempts there were. Out: how long to wait, or that it was the last. Pure, but for the jitter's seed.

use crate::store::outbox::MOST_ATTEMPTS;
use backon::BackoffBuilder;
use jiff::SignedDuration;
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_hours(24);
/// A service that is down for a moment is tried again in a moment.
const FIRST_REST: Duration = Duration::from_secs(5);
/// With the jitter twice as long at most.
const LONGEST_REST: Duration = Duration::from_mins(10);

/// How long to wait after so many attempts: 10 s, then three times as long each time, at most a day, each lengthened by
/// up to as much again, so that not all that failed together come back together. Eleven waits are 3.1 days at least: a
/// weekend's outage loses nothing. Events that are given the same seed come back together. `None`: it was the last.
pub fn delay(attempts: u32, seed: u64) -> Option<Duration> {
    let waits = usize::try_from(MOST_ATTEMPTS).unwrap_or(usize::MAX) - 1;
    backon::ExponentialBuilder::default()
        .with_min_delay(FIRST)
        .with_factor(3.0)
        .with_max_delay(LONGEST)
        .with_max_times(waits)
        .with_jitter()
        .with_jitter_seed(seed)
        .build()
        .nth(usize::try_from(attempts.max(1)).unwrap_or(usize::MAX) - 1)
}

/// How long to rest before a service that was down is tried again, after so many rests in a row: 5 s, then twice as long
/// each time, at most 10 minutes, each lengthened by up to as much again: its return is noticed within 20 minutes, after a short
/// outage sooner.
pub fn rest(rests: u32) -> SignedDuration {
    let rest = backon::ExponentialBuilder::default()
        .with_min_delay(FIRST_REST)
        .with_factor(2.0)
        .with_max_delay(LONGEST_REST)
        .without_max_times()
        .with_jitter()
        .build()
        .nth(usize::try_from(rests.min(MOST_ATTEMPTS)).unwrap_or_default());
    rest.and_then(|rest| rest.try_into().ok()).unwrap_or(SignedDuration::from_mins(10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waits(seed: u64) -> Vec<Duration> {
        (1..).map_while(|attempts| delay(attempts, seed)).collect()
    }

    proptest! {
        #[test]
        fn attempts_reach_over_three_days_and_end(seed: u64) {
            let waits = waits(seed);
            prop_assert_eq!(waits.len() + 1, MOST_ATTEMPTS as usize);
            let all: Duration = waits.iter().sum();
            prop_assert!(all >= Duration::from_hours(3 * 24), "{:?}", all);
            // A young event loses at most half of its attempts by processes that die.
            prop_assert!(waits[6..].iter().sum::<Duration>() >= Duration::from_hours(3 * 24), "{:?}", waits);
            prop_assert!(all <= Duration::from_hours(7 * 24), "{:?}", all);
            prop_assert!((10..=20).contains(&waits[0].as_secs()));
            prop_assert!(waits[..9].is_sorted(), "they grow: {:?}", waits);
            prop_assert!(waits.iter().all(|wait| *wait <= 2 * LONGEST));
        }
    }

    #[test]
    fn a_service_that_is_down_is_tried_every_quarter_of_an_hour() {
        let within = |rests, shortest: i64, longest: i64| (shortest..=longest).contains(&rest(rests).as_secs());
        assert!(within(0, 5, 10) && within(1, 10, 20) && within(6, 320, 640), "they grow");
        assert!((0..100).all(|_| within(7, 600, 1_200) && within(u32::MAX, 600, 1_200)));
        assert!((0..100).any(|_| rest(9) != rest(9)), "they are jittered");
    }

    #[test]
    fn they_are_jittered() {
        assert_ne!(waits(1), waits(2));
        assert_eq!(waits(3), waits(3));
    }
}
