//! The service's rules for challenges, and what is known of a request that failed. Pure: asks and writes nothing.

use crate::api::ApiError;
use crate::clock;
use crate::exit::Exit;
use crate::report::Problem;
use crate::store::subscriptions::Subscription;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

/// The service makes five attempts in all, and after the fifth the subscription is lost (documentation, "Webhooks").
const MOST_ATTEMPTS: u32 = 5;
/// One attempt in ten minutes.
const BETWEEN: SignedDuration = SignedDuration::from_mins(10);

fn is_exhausted(subscription: &Subscription) -> bool {
    subscription.attempts + 1 >= MOST_ATTEMPTS
}

/// What to type for one that is not verified, once the challenge can be answered.
pub fn next_step(subscription: &Subscription, id: &str) -> String {
    match is_exhausted(subscription) {
        true => format!("then run: ficsync subscriptions delete {id}; ficsync subscriptions ensure"),
        false => format!("ten minutes later run: ficsync subscriptions verify {id}"),
    }
}

/// Whether another challenge may be asked for.
///
/// # Errors
/// 1 where the next failure would lose the subscription, 75 less than ten minutes after the last attempt.
pub fn may_verify(subscription: &Subscription, id: &str, now: Timestamp) -> Result<()> {
    if is_exhausted(subscription) {
        return Err(Problem::failed(
            format!("{id} was verified in vain {} times; the fifth failure would lose it", subscription.attempts),
            format!("mend the listener's address, {}", next_step(subscription, id)),
        )
        .into());
    }
    let last = subscription.last_attempt_at.as_deref().and_then(|at| clock::past(at, now));
    match last.map(|last| last + BETWEEN).filter(|next| *next > now) {
        Some(next) => Err(Problem::new(
            Exit::Stopped,
            format!(
                "{id}: the service makes one attempt in ten minutes; the next is possible at {}",
                clock::stamp(next)
            ),
        )
        .hint(format!("run then: ficsync subscriptions verify {id}"))
        .into()),
        None => Ok(()),
    }
}

/// Whether a request that failed may have done its work all the same: its answer got lost.
pub fn may_have_happened(error: &ApiError) -> bool {
    match error {
        ApiError::Transient(_) | ApiError::Malformed(_) | ApiError::Ignored(_) | ApiError::Own(_) => true,
        ApiError::Quota { .. }
        | ApiError::Auth(_)
        | ApiError::Scope(_)
        | ApiError::NotFound(_)
        | ApiError::Rejected { .. }
        | ApiError::Stopped(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::exit_of;

    fn subscription(attempts: u32, last: Option<&str>) -> Subscription {
        Subscription {
            row: 1,
            account_id: 1,
            id: Some("SUB1".to_owned()),
            sink: String::new(),
            event_group: "entity".to_owned(),
            types: Vec::new(),
            wanted: None,
            verified: false,
            verified_at: None,
            verification_method: None,
            mapping: None,
            by_hand: false,
            sink_by_hand: false,
            attempts,
            last_attempt_at: last.map(str::to_owned),
            created_at: String::new(),
            seen_at: None,
            missing_since: None,
        }
    }

    #[test]
    fn four_attempts_ten_minutes_apart() {
        let now = "2026-01-01T12:00:00Z".parse().expect("a time");
        for (attempts, last, wanted) in [
            (1, None, Exit::Done),
            (1, Some("2026-01-01T11:50:00Z"), Exit::Done),
            (1, Some("2026-01-01T11:50:01Z"), Exit::Stopped),
            (3, Some("2026-01-01T11:00:00Z"), Exit::Done),
            (4, Some("2026-01-01T11:00:00Z"), Exit::Failed),
            // Waiting would not help.
            (4, Some("2026-01-01T11:59:00Z"), Exit::Failed),
            (9, None, Exit::Failed),
            // A clock that was ahead wrote that.
            (1, Some("2026-01-01T12:00:01Z"), Exit::Done),
            (1, Some("2027-01-01T12:00:00Z"), Exit::Done),
        ] {
            let verdict = may_verify(&subscription(attempts, last), "SUB1", now);
            let found = verdict.as_ref().map_or_else(exit_of, |()| Exit::Done);
            assert_eq!(found, wanted, "{attempts} {last:?}");
            if wanted == Exit::Stopped {
                let words = crate::report::one_line(&verdict.expect_err("too early"));
                assert!(words.contains("possible at 2026-01-01T12:00:01Z"), "{words}");
            }
        }
    }
}
