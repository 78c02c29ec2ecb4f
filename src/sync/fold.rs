//! The repeated hour: at the end of daylight saving the service's wall clock shows one hour twice.
//!
//! In: an `updated_at`. Out: how far back changes may lie that were made later, and whether that second is surely over.
//! The service's stamps are taken to be Italian wall time; they have no zone. Compares stamps with each other and with
//! the service's own `Date` only, never with this machine's clock.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// The earliest stamp that a change made after `stamp` can carry: `stamp` itself, or the start of the repeated hour when
/// `stamp` lies in it or less than an hour after.
pub fn earliest_later_change(stamp: &str) -> String {
    start_of_repeated_hour(stamp).unwrap_or_else(|| stamp.to_owned())
}

/// Whether the second `stamp` was surely over when the service's clock showed `now`. Zones differ by quarters of an
/// hour, so whatever the zone of the stamp is: within a quarter, a stamp of this moment shows the same minute and second.
pub fn has_passed(stamp: &str, now: Timestamp) -> bool {
    const QUARTER: i64 = 900;
    let Ok(at) = DateTime::strptime(FORMAT, stamp) else { return false };
    let Ok(at) = TimeZone::UTC.to_timestamp(at) else { return false };
    // Two seconds for servers whose clocks differ.
    (3..=QUARTER - 3).contains(&(now.as_second() - at.as_second()).rem_euclid(QUARTER))
}

fn start_of_repeated_hour(stamp: &str) -> Option<String> {
    let zone = TimeZone::get("Europe/Rome").ok()?;
    let at = DateTime::strptime(FORMAT, stamp).ok()?;
    let repeated = [at, at.checked_sub(1.hour()).ok()?].into_iter().find(|at| is_repeated(&zone, *at))?;
    let start = repeated
        .checked_sub(SignedDuration::from_secs(i64::from(repeated.minute()) * 60 + i64::from(repeated.second())));
    Some(start.ok()?.strftime(FORMAT).to_string())
}

fn is_repeated(zone: &TimeZone, at: DateTime) -> bool {
    matches!(zone.to_ambiguous_timestamp(at).offset(), AmbiguousOffset::Fold { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_over_three_seconds_later_in_any_zone() {
        for (now, passed) in [
            ("2026-03-01T09:00:00Z", false),
            ("2026-03-01T11:00:02Z", false),
            ("2026-03-01T09:00:03Z", true),
            ("2026-03-01T09:14:58Z", false),
            ("2026-03-01T09:07:00Z", true),
        ] {
            assert_eq!(has_passed("2026-03-01 10:00:00", now.parse().expect("time")), passed, "{now}");
        }
    }

    #[test]
    fn the_last_sunday_of_october() {
        for (stamp, earliest) in [
            ("2026-10-25 01:59:59", "2026-10-25 01:59:59"),
            ("2026-10-25 02:00:00", "2026-10-25 02:00:00"),
            ("2026-10-25 02:59:59", "2026-10-25 02:00:00"),
            ("2026-10-25 03:30:00", "2026-10-25 02:00:00"),
            ("2026-10-25 04:00:00", "2026-10-25 04:00:00"),
            ("2026-03-29 02:30:00", "2026-03-29 02:30:00"),
            ("2026-07-01 02:30:00", "2026-07-01 02:30:00"),
            ("strange", "strange"),
        ] {
            assert_eq!(earliest_later_change(stamp), earliest, "{stamp}");
        }
    }
}
