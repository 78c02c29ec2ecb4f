//! The repeated hour: at the end of daylight saving the service's wall clock shows one hour twice.
//!
//! In: the newest `updated_at` of an answer. Out: how far back changes may lie that are made after it.
//! The service's stamps are taken to be Italian wall time; they have no zone. Compares stamps with each other and with
//! the service's own `Date` only, never with this machine's clock.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// The earliest stamp that a change can still carry which is made after the service's clock showed `now`, when `newest` is
/// the newest stamp that it gave out then: `newest` itself while its second runs, the start of the repeated hour while
/// that can come again. `None`: every second up to `newest` is over. Where the service does not tell its time, the
/// second of a stamp counts as over that was `met_before`, in an earlier answer.
pub fn still_open(newest: &str, now: Option<Timestamp>, met_before: bool) -> Option<String> {
    if let Some(start) = start_of_repeated_hour(newest)
        && now.is_none_or(|now| is_of_today(newest, now))
    {
        return Some(start);
    }
    let over = now.map_or(met_before, |now| has_passed(newest, now));
    (!over).then(|| newest.to_owned())
}

/// Whether the second `stamp` was surely over when the service's clock showed `now`. Zones differ by quarters of an
/// hour, so whatever the zone of the stamp is: within a quarter, a stamp of this moment shows the same minute and second.
/// (Of the stamps of today one in 150 looks like one of this moment by chance, which costs a second look.)
fn has_passed(stamp: &str, now: Timestamp) -> bool {
    const QUARTER: i64 = 900;
    let Ok(at) = DateTime::strptime(FORMAT, stamp) else { return false };
    let Ok(at) = TimeZone::UTC.to_timestamp(at) else { return false };
    if !is_of_today(stamp, now) {
        return true;
    }
    // Two seconds for servers whose clocks differ.
    (3..=QUARTER - 3).contains(&(now.as_second() - at.as_second()).rem_euclid(QUARTER))
}

/// Whether a stamp lies within hours of `now`, whatever its zone.
fn is_of_today(stamp: &str, now: Timestamp) -> bool {
    let at = DateTime::strptime(FORMAT, stamp).ok().and_then(|at| TimeZone::UTC.to_timestamp(at).ok());
    at.is_some_and(|at| now.duration_since(at).abs() < SignedDuration::from_hours(15))
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
            ("2026-03-03T09:00:00Z", true),
        ] {
            assert_eq!(has_passed("2026-03-01 10:00:00", now.parse().expect("time")), passed, "{now}");
        }
    }

    #[test]
    fn the_last_sunday_of_october() {
        let later = "2026-10-26T12:00:10Z".parse().expect("a time");
        for (stamp, now, open_from) in [
            ("2026-10-25 01:59:59", "2026-10-24T23:59:59Z", Some("2026-10-25 01:59:59")),
            ("2026-10-25 01:59:59", "2026-10-25T00:00:04Z", None),
            ("2026-10-25 02:00:00", "2026-10-25T00:00:00Z", Some("2026-10-25 02:00:00")),
            ("2026-10-25 02:59:59", "2026-10-25T00:59:59Z", Some("2026-10-25 02:00:00")),
            ("2026-10-25 02:10:00", "2026-10-25T01:20:00Z", Some("2026-10-25 02:00:00")),
            ("2026-10-25 03:30:00", "2026-10-25T02:31:00Z", Some("2026-10-25 02:00:00")),
            ("2026-10-25 04:00:00", "2026-10-25T03:01:00Z", None),
            ("2026-03-29 02:30:00", "2026-03-29T01:31:00Z", None),
            ("2026-07-01 02:30:00", "2026-07-01T00:31:00Z", None),
            ("strange", "2026-07-01T00:31:00Z", Some("strange")),
        ] {
            let now = now.parse().expect("a time");
            assert_eq!(still_open(stamp, Some(now), true).as_deref(), open_from, "{stamp}");
        }
        assert_eq!(still_open("2026-10-25 02:30:00", Some(later), false), None, "the day after, that hour is over");
    }

    #[test]
    fn without_the_service_s_time_a_second_is_over_when_it_was_met_before() {
        let open = |stamp, met| still_open(stamp, None, met);
        assert_eq!(open("2026-07-01 02:30:00", false).as_deref(), Some("2026-07-01 02:30:00"));
        assert_eq!(open("2026-07-01 02:30:00", true), None);
        assert_eq!(open("2026-10-25 02:30:00", true).as_deref(), Some("2026-10-25 02:00:00"));
    }
}
