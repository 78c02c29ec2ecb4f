//! The pacer: whether a request may go now. Every request passes it.
//!
//! In: what is known of the quota, the time, who asks. Out: go, wait, or stop until. A pure function: it neither sleeps
//! nor asks. The service's limits (documentation, "Limits and Quotas"): 300 requests in any 5 minutes per company,
//! 1,000 in an hour and 40,000 in a month per company and app.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Requests that a company has in any five minutes.
pub const WINDOW_REQUESTS: u32 = 300;
/// The length of that window.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(300);
/// Share of the hourly quota that bulk work leaves to the webhook workers: one part in 20, 5 %.
const RESERVE: i64 = 20;

/// The longest wait that the service can mean: its longest quota is a month's. More than that, in an answer or in what
/// is remembered of one, comes from a wrong number or a clock that was wrong.
pub const LONGEST_BLOCK: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// A webhook's fetch, or a person's command: may use the last request.
    Urgent,
    /// Bulk sync: leaves 5 % of the hour to the others.
    Bulk,
}

/// What is known of the quota.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Requests left in the hour that `seen_at` lies in.
    pub hourly_remaining: Option<i64>,
    /// Requests an hour has.
    pub hourly_limit: Option<i64>,
    /// When the service told it.
    pub seen_at: Option<Timestamp>,
    /// The service asked for no request before this.
    pub blocked_until: Option<Timestamp>,
    /// Why.
    pub blocked_reason: Option<String>,
    /// When the request was sent that must leave the five-minute window first, if the window is full by our own count and
    /// the service was seen to enforce it.
    pub window_full_since: Option<Timestamp>,
    /// Whether this process has had an answer yet, so that the numbers are fresh.
    pub fresh: bool,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pace {
    /// Send it.
    Go,
    /// Sleep so long, then ask again.
    Wait(Duration, String),
    /// Do not send it before that time.
    Stop(Timestamp, String),
}

/// Whether a request may go now.
pub fn pace(seen: &Seen, now: Timestamp, priority: Priority, max_wait: Duration) -> Pace {
    let not_before = |until: Timestamp, reason: &str| match u64::try_from(until.duration_since(now).as_millis()) {
        // Times are kept in whole seconds, rounded up: "in 60 seconds" is up to 61 from now. And a moment more than that,
        // so that no second refusal comes.
        Ok(left) if Duration::from_millis(left) <= max_wait + Duration::from_secs(1) => {
            Pace::Wait(Duration::from_millis(left + 50), reason.to_owned())
        }
        _ => Pace::Stop(until, reason.to_owned()),
    };
    if let Some(until) = seen.blocked_until.filter(|until| *until > now) {
        return not_before(until, seen.blocked_reason.as_deref().unwrap_or("the service asked to wait"));
    }
    if let Some(until) = seen.window_full_since.map(|since| since + WINDOW).filter(|until| *until > now) {
        return not_before(until, "300 requests were sent in five minutes, which is the company's limit");
    }
    match (priority, seen.seen_at, seen.hourly_remaining, seen.hourly_limit) {
        // The numbers of an earlier process may be of another hour: its first request finds out.
        (Priority::Bulk, Some(at), Some(left), Some(limit)) if seen.fresh && left <= limit / RESERVE => Pace::Stop(
            next_hour(at),
            format!("the hour's quota is used up but for the {left} requests left to webhooks"),
        ),
        _ => Pace::Go,
    }
}

/// The next full hour: the service's hours are fixed ones.
fn next_hour(at: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600;
    Timestamp::from_second((at.as_second().div_euclid(HOUR) + 1) * HOUR).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_secs(60);

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn now() -> Timestamp {
        at("2026-03-01T10:20:00Z")
    }

    #[test]
    fn nothing_known_means_go() {
        assert_eq!(pace(&Seen::default(), now(), Priority::Bulk, MAX), Pace::Go);
    }

    #[test]
    fn short_blocks_are_waited_out_and_long_ones_stop() {
        let blocked = |until: &str| Seen { blocked_until: Some(at(until)), ..Seen::default() };
        let pace = |seen: &Seen| pace(seen, now(), Priority::Urgent, MAX);
        assert!(matches!(pace(&blocked("2026-03-01T10:20:30Z")), Pace::Wait(time, _) if time.as_millis() == 30_050));
        assert!(
            matches!(pace(&blocked("2026-03-01T10:21:02Z")), Pace::Stop(until, _) if until == at("2026-03-01T10:21:02Z"))
        );
        assert_eq!(pace(&blocked("2026-03-01T10:20:00Z")), Pace::Go);
    }

    #[test]
    fn a_full_window_empties_after_five_minutes() {
        let seen = Seen { window_full_since: Some(at("2026-03-01T10:15:30Z")), ..Seen::default() };
        assert!(matches!(pace(&seen, now(), Priority::Bulk, MAX), Pace::Wait(time, _) if time.as_millis() == 30_050));
        assert_eq!(pace(&seen, at("2026-03-01T10:20:30Z"), Priority::Bulk, MAX), Pace::Go);
    }

    #[test]
    fn bulk_leaves_five_percent_of_the_hour() {
        let seen = |left, fresh| Seen {
            hourly_remaining: Some(left),
            hourly_limit: Some(1000),
            seen_at: Some(now()),
            fresh,
            ..Seen::default()
        };
        assert_eq!(pace(&seen(51, true), now(), Priority::Bulk, MAX), Pace::Go);
        assert!(
            matches!(pace(&seen(50, true), now(), Priority::Bulk, MAX), Pace::Stop(until, _) if until == at("2026-03-01T11:00:00Z"))
        );
        assert_eq!(pace(&seen(50, true), now(), Priority::Urgent, MAX), Pace::Go);
        assert_eq!(pace(&seen(0, false), now(), Priority::Bulk, MAX), Pace::Go);
    }
}
