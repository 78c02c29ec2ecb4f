//! The sandbox's own clock: real time plus an offset that tests move. In: seconds to advance, an instant
//! to jump to. Out: now, the service's local stamps, the HTTP date. Never sleeps.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Italy's rule since 1996, written out so that no time zone database is needed on the machine.
const ITALY: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// Real time plus an offset.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    offset: SignedDuration,
    /// The real time at which the clock was stopped.
    stopped: Option<Timestamp>,
    italy: TimeZone,
}

impl Clock {
    /// A clock that shows real time.
    pub(crate) fn new() -> Clock {
        let italy = TimeZone::posix(ITALY).unwrap_or(TimeZone::UTC);
        Clock { offset: SignedDuration::ZERO, stopped: None, italy }
    }

    /// The sandbox's present.
    pub(crate) fn now(&self) -> Timestamp {
        self.real().saturating_add(self.offset).unwrap_or(Timestamp::MAX)
    }

    fn real(&self) -> Timestamp {
        self.stopped.unwrap_or_else(Timestamp::now)
    }

    /// Stops the clock: it moves by [`Clock::advance`] alone.
    pub(crate) fn stop(&mut self) {
        self.stopped = Some(self.real());
    }

    /// Seconds since 1970, for windows and expiries.
    pub(crate) fn seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// Moves the clock; negative seconds move it back.
    pub(crate) fn advance(&mut self, seconds: i64) {
        self.offset = self.offset.saturating_add(SignedDuration::from_secs(seconds));
    }

    /// Jumps to an instant; the clock runs on from there.
    pub(crate) fn set(&mut self, instant: Timestamp) {
        self.offset = instant.duration_since(self.real());
    }

    /// `2021-08-23 05:34:20`: the service's wall clock, no zone, one second.
    pub(crate) fn stamp(&self) -> String {
        self.stamp_of(self.seconds())
    }

    /// The local stamp of any second since 1970.
    pub(crate) fn stamp_of(&self, second: i64) -> String {
        self.local(second).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `Tue, 24 Nov 2026 03:29:37 GMT`, for the `Date` header.
    pub(crate) fn http_date(&self) -> String {
        self.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// A number for the local month, and the seconds until the next begins.
    pub(crate) fn month(&self) -> (i64, i64) {
        let now = self.local(self.seconds());
        let number = i64::from(now.year()) * 12 + i64::from(now.month());
        let next = now
            .date()
            .first_of_month()
            .checked_add(1.month())
            .and_then(|day| self.italy.to_timestamp(day.at(0, 0, 0, 0)))
            .map_or(86_400, |instant| instant.as_second() - self.seconds());
        (number, next)
    }

    fn local(&self, second: i64) -> DateTime {
        self.italy.to_datetime(Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Clock {
        let mut clock = Clock::new();
        clock.set(text.parse().expect("an instant"));
        clock
    }

    #[test]
    fn the_hour_at_the_end_of_daylight_saving_occurs_twice() {
        let mut clock = at("2026-10-25T00:30:00Z");
        assert!(clock.stamp().starts_with("2026-10-25 02:30:0"));
        clock.advance(3600);
        assert!(clock.stamp().starts_with("2026-10-25 02:30:0"));
        clock.advance(3600);
        assert!(clock.stamp().starts_with("2026-10-25 03:30:0"));
    }

    #[test]
    fn months_begin_at_midnight_in_italy() {
        let (october, left) = at("2026-10-31T22:00:00Z").month();
        assert!((3590..=3600).contains(&left), "{left}");
        let (november, _) = at("2026-10-31T23:00:01Z").month();
        assert_eq!(november, october + 1);
    }
}
