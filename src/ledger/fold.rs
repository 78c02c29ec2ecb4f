//! What is known of a quota after one more answer. Pure.
//!
//! In: what was known, when the request began, what its answer told. Out: what is known now. Answers overtake each other,
//! and several processes ask: an answer whose request began before something was noted is older than that. Where two
//! requests overlapped, nobody can tell which the service counted last: the smaller number of an hour is the later one.

use crate::api::ledger::{Begun, Told};
use crate::api::pacer::LONGEST_BLOCK;
use crate::clock;
use crate::store::quota::Quota;
use jiff::{SignedDuration, Timestamp};

/// Stamps are whole seconds, of which one is rounded down and one up.
const ROUNDING: SignedDuration = SignedDuration::from_secs(2);
const HOUR: i64 = 3_600;

/// A time before which the service does not want to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// When it ends.
    pub until: Timestamp,
    /// Why it is.
    pub reason: String,
}

/// The block that an account is under now. It was noted in the past, and is not longer than the service can mean.
pub fn block(quota: &Quota, now: Timestamp) -> Option<Block> {
    let noted = clock::past(quota.blocked_at.as_deref()?, now)?;
    let until = clock::parse_stamp(quota.blocked_until.as_deref()?)?;
    let holds = until > now && until.duration_since(noted) <= LONGEST_BLOCK + ROUNDING;
    let reason = quota.blocked_reason.clone().unwrap_or_else(|| "the service asked to wait".to_owned());
    holds.then_some(Block { until, reason })
}

/// What is known after the answer to a request that `begun` so.
pub(super) fn after(mut known: Quota, begun: Begun, told: &Told, now: Timestamp) -> Quota {
    take_numbers(&mut known, begun, told, now);
    take_block(&mut known, begun, told, now);
    if told.too_fast {
        known.too_fast_at = Some(clock::stamp(now));
    }
    known.answers += 1;
    known
}

/// Numbers that were not told leave those known.
fn take_numbers(known: &mut Quota, begun: Begun, told: &Told, now: Timestamp) {
    if told.hourly_remaining.or(told.monthly_remaining).is_none() {
        return;
    }
    let seen = known.seen_at.as_deref().and_then(|at| clock::past(at, now));
    if seen.is_some() && begun.answers < known.numbers_of {
        return;
    }
    // Somebody else's answer was noted while this one was awaited.
    let overlaps = begun.answers < known.answers && seen.is_some_and(|seen| same_hour(seen, now));
    let later = |new: Option<i64>, old: Option<i64>| match (new, old) {
        (Some(new), Some(old)) if overlaps => Some(new.min(old)),
        (new, old) => new.or(old),
    };
    known.hourly_remaining = later(told.hourly_remaining, known.hourly_remaining);
    known.monthly_remaining = later(told.monthly_remaining, known.monthly_remaining);
    known.hourly_limit = told.hourly_limit.or(known.hourly_limit);
    known.monthly_limit = told.monthly_limit.or(known.monthly_limit);
    known.seen_at = Some(clock::stamp(now));
    known.numbers_of = begun.answers;
}

fn same_hour(one: Timestamp, other: Timestamp) -> bool {
    one.as_second().div_euclid(HOUR) == other.as_second().div_euclid(HOUR)
}

/// Only what was asked after a block was noted lifts it, or makes it shorter.
fn take_block(known: &mut Quota, begun: Begun, told: &Told, now: Timestamp) {
    let standing = block(known, now).filter(|_| begun.blocks < known.blocks);
    match (&told.blocked, standing) {
        (None, Some(_)) => {}
        (Some((until, _)), Some(standing)) if *until <= standing.until => {}
        (Some((until, reason)), _) => {
            // Rounded up, or the next request comes a moment too early.
            known.blocked_until = Some(clock::stamp(*until + SignedDuration::from_millis(999)));
            known.blocked_reason = Some(reason.clone());
            known.blocked_at = Some(clock::stamp(now));
            known.blocks += 1;
        }
        (None, None) => (known.blocked_until, known.blocked_reason, known.blocked_at) = (None, None, None),
    }
}

#[cfg(test)]
mod tests;
