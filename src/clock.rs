//! The time: the only place that asks the machine for it.
//!
//! Out: now, as a [`Timestamp`] or as the text that the database holds. Tests shift it (see [`Clock::shifted`]), so that
//! hours of quota pass in a moment. Does not sleep: that is `shutdown`'s, which can be interrupted.

use jiff::{SignedDuration, Timestamp, Unit};

/// The wall clock of this machine, possibly shifted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    shift: SignedDuration,
}

impl Clock {
    /// A clock that runs `seconds` ahead of (or behind) the machine's.
    pub fn shifted(seconds: i64) -> Self {
        Self { shift: SignedDuration::from_secs(seconds) }
    }

    /// Now, in UTC.
    pub fn now(&self) -> Timestamp {
        Timestamp::now().saturating_add(self.shift).unwrap_or(Timestamp::MAX)
    }

    /// Now, as ficsync writes it into the database: `2026-01-31T12:00:00Z`.
    pub fn stamp(&self) -> String {
        stamp(self.now())
    }
}

/// A time as ficsync writes it: UTC, whole seconds, `2026-01-31T12:00:00Z`.
pub fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads a time that ficsync wrote. `None` when the text is none.
pub fn parse_stamp(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A stored time of something that has happened. Nothing for a text that is none, and for one that lies in the future: a
/// clock that was wrong wrote it, and it counts for nothing.
pub fn past(text: &str, now: Timestamp) -> Option<Timestamp> {
    parse_stamp(text).filter(|at| *at <= now)
}

/// How long ago a stored time was. Nothing where [`past`] says nothing.
pub fn age(text: &str, now: Timestamp) -> Option<SignedDuration> {
    past(text, now).map(|at| now.duration_since(at))
}

/// A duration for people: `3h 5m`, `12s`, `4d 2h`: two units at most, never negative.
pub fn for_people(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let first = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    let shown: Vec<String> =
        parts[first..].iter().take(2).filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if shown.is_empty() { "0s".to_owned() } else { shown.join(" ") }
}

/// Whole seconds from `earlier` to `later`, negative when it is the other way round.
pub fn seconds_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.duration_since(earlier).round(Unit::Second).map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m"), (3_725, "1h 2m"), (90_000, "1d 1h"), (-5, "0s")] {
            assert_eq!(for_people(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_stamp_from_the_future_counts_for_nothing() {
        let now = parse_stamp("2026-01-31T12:00:00Z").expect("a time");
        assert_eq!(age("2026-01-31T12:00:00Z", now), Some(SignedDuration::ZERO));
        assert_eq!(age("2026-01-31T11:58:00Z", now), Some(SignedDuration::from_mins(2)));
        for text in ["2026-01-31T12:00:01Z", "9999-12-31T00:00:00Z", "", "yesterday"] {
            assert_eq!((age(text, now), past(text, now)), (None, None), "{text}");
        }
    }

    #[test]
    fn stamps_round_trip() {
        let text = "2026-01-31T12:00:00Z";
        assert_eq!(parse_stamp(text).map(stamp).as_deref(), Some(text));
    }
}
