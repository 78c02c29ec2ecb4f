//! When a list is looked at by itself. Pure.
//!
//! In: when it was last looked at, when it last changed, what the settings say. Out: when it is due, and why. Then: which of
//! those that are due may be looked at, so that the month's share lasts. Asks nobody and knows no table.

use crate::clock::for_people;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A list that changed long ago is looked at seldom: when the last look is a twenty-fourth as long ago.
const PART: i32 = 24;
/// But at least so often.
const AT_LEAST: SignedDuration = SignedDuration::from_hours(6);
/// Where webhooks tell of changes, no oftener than this.
const WITH_WEBHOOKS: SignedDuration = SignedDuration::from_hours(1);
/// Where the month's share is used up: a list that was not looked at for so long goes first.
const NEGLECTED: SignedDuration = SignedDuration::from_hours(24);

/// What the settings say of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Every {
    /// By itself.
    #[default]
    Auto,
    /// As often as this.
    Fixed(SignedDuration),
}

/// What is known of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    /// When it was last looked at. `None`: never.
    pub looked_at: Option<Timestamp>,
    /// Hours between two looks, where it has no stamps.
    pub every_hours: Option<i64>,
    /// Its newest known change, where it has stamps.
    pub changed_at: Option<Timestamp>,
    /// Its group has a verified subscription, and an event came within the last day.
    pub has_webhooks: bool,
    /// An event told of it since it was last looked at, and it can only be listed.
    pub was_told: bool,
}

/// Why a list is looked at when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was never looked at.
    Never,
    /// The settings say so.
    Set,
    /// It changed so long ago.
    Changed(SignedDuration),
    /// It is quiet.
    Quiet,
    /// Webhooks tell of its changes.
    Webhooks,
    /// Its kind.
    Kind,
    /// An event told of it.
    Told,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never looked at"),
            Self::Set => f.write_str("set"),
            Self::Changed(ago) => write!(f, "changed {} ago", for_people(*ago)),
            Self::Quiet => f.write_str("quiet"),
            Self::Webhooks => f.write_str("webhooks tell of it"),
            Self::Kind => f.write_str("kept without stamps"),
            Self::Told => f.write_str("an event told of it"),
        }
    }
}

/// When a list is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// From then on.
    pub at: Timestamp,
    /// The time between this look and the last.
    pub every: SignedDuration,
    /// Why.
    pub reason: Reason,
}

/// When a list is due, seen from `now`.
pub fn due(facts: &Facts, setting: Every, now: Timestamp) -> Due {
    let Some(looked_at) = facts.looked_at else {
        // From then on, as far as can be said.
        let every = match (setting, facts.every_hours) {
            (Every::Fixed(every), _) => every,
            (Every::Auto, hours) => hours.map_or(AT_LEAST, SignedDuration::from_hours),
        };
        return Due { at: now, every, reason: Reason::Never };
    };
    let (every, reason) = match (setting, facts.every_hours) {
        (Every::Fixed(every), _) => (every, Reason::Set),
        (Every::Auto, Some(_)) if facts.was_told => (SignedDuration::ZERO, Reason::Told),
        (Every::Auto, Some(hours)) => (SignedDuration::from_hours(hours), Reason::Kind),
        (Every::Auto, None) => by_itself(facts, looked_at, now),
    };
    Due { at: looked_at.saturating_add(every).unwrap_or(Timestamp::MAX), every, reason }
}

/// A list with stamps: the last look is a twenty-fourth as long ago as the newest change when
/// `(t - looked) = (t - changed) / 24`, so `t - looked = (looked - changed) / 23`.
fn by_itself(facts: &Facts, looked_at: Timestamp, now: Timestamp) -> (SignedDuration, Reason) {
    let (every, reason) = match facts.changed_at {
        None => (AT_LEAST, Reason::Quiet),
        Some(changed_at) => {
            let quiet_for = looked_at.duration_since(changed_at).max(SignedDuration::ZERO);
            let every = quiet_for / (PART - 1);
            let ago = now.duration_since(changed_at).max(SignedDuration::ZERO);
            if every < AT_LEAST { (every, Reason::Changed(ago)) } else { (AT_LEAST, Reason::Quiet) }
        }
    };
    if facts.has_webhooks && every < WITH_WEBHOOKS { (WITH_WEBHOOKS, Reason::Webhooks) } else { (every, reason) }
}

/// A list that is due, and what looking at it costs.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// Requests.
    pub cost: u64,
    /// Whether it was never looked at: first walks are outside the month's share.
    pub is_first: bool,
    /// When it was last looked at.
    pub looked_at: Option<Timestamp>,
    /// Its newest known change.
    pub changed_at: Option<Timestamp>,
}

/// Which of the lists that are due are looked at, when `left` requests of the month's share may be used now: the quietest
/// wait first. What was not looked at for a day goes before them, and what it costs is saved up for it, so that none waits
/// for ever.
pub fn affordable(due: &[Candidate], left: u64, now: Timestamp) -> Vec<bool> {
    let mut order: Vec<usize> = (0..due.len()).collect();
    let is_neglected = |c: &Candidate| c.looked_at.is_some_and(|at| now.duration_since(at) > NEGLECTED);
    order.sort_by_key(|index| {
        let c = &due[*index];
        (!c.is_first, !is_neglected(c), std::cmp::Reverse(c.changed_at))
    });
    let mut chosen = vec![false; due.len()];
    let mut rest = left;
    for index in order {
        let candidate = &due[index];
        if candidate.is_first {
            chosen[index] = true;
        } else if candidate.cost <= rest {
            rest -= candidate.cost;
            chosen[index] = true;
        } else if is_neglected(candidate) {
            rest = 0;
        }
    }
    chosen
}

/// How many requests of the month's share may be used until now, of a month that began `passed` ago and has `length`.
pub fn allowed(limit: u64, share: f64, passed: SignedDuration, length: SignedDuration) -> u64 {
    let fraction = (passed.as_secs_f64() / length.as_secs_f64().max(1.0)).clamp(0.0, 1.0);
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a budget
    let allowed = (limit as f64 * share * fraction) as u64;
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-06-{text}Z").parse().expect("a time")
    }

    fn stamped(looked: &str, changed: Option<&str>) -> Facts {
        Facts { looked_at: Some(at(looked)), changed_at: changed.map(at), ..Facts::default() }
    }

    #[test]
    fn a_list_is_due_by_its_own_pace() {
        let now = at("15T12:00:00");
        for (facts, setting, due_at) in [
            (Facts::default(), Every::Auto, "15T12:00:00"),
            // 2 h 18 min without a change: 138 / 23 = 6 minutes after the look.
            (stamped("15T11:00:00", Some("15T08:42:00")), Every::Auto, "15T11:06:00"),
            // Changed after the look, by a webhook.
            (stamped("15T11:00:00", Some("15T11:30:00")), Every::Auto, "15T11:00:00"),
            // Quiet for ten days, or ever.
            (stamped("15T11:00:00", Some("05T11:00:00")), Every::Auto, "15T17:00:00"),
            (stamped("15T11:00:00", None), Every::Auto, "15T17:00:00"),
            (Facts { has_webhooks: true, ..stamped("15T11:00:00", Some("15T08:42:00")) }, Every::Auto, "15T12:00:00"),
            (Facts { has_webhooks: true, ..stamped("15T11:00:00", Some("05T08:42:00")) }, Every::Auto, "15T17:00:00"),
            (Facts { every_hours: Some(24), ..stamped("15T11:00:00", None) }, Every::Auto, "16T11:00:00"),
            (
                Facts { every_hours: Some(24), was_told: true, ..stamped("15T11:00:00", None) },
                Every::Auto,
                "15T11:00:00",
            ),
            (
                Facts { has_webhooks: true, ..stamped("15T11:00:00", Some("15T08:42:00")) },
                Every::Fixed(SignedDuration::from_mins(10)),
                "15T11:10:00",
            ),
            (
                Facts { every_hours: Some(24), ..stamped("15T11:00:00", None) },
                Every::Fixed(SignedDuration::from_hours(1)),
                "15T12:00:00",
            ),
        ] {
            assert_eq!(due(&facts, setting, now).at, at(due_at), "{facts:?} {setting:?}");
        }
    }

    #[test]
    fn the_quietest_wait_when_the_share_is_used_up() {
        let now = at("15T12:00:00");
        let list = |cost, looked: Option<&str>, changed: Option<&str>| Candidate {
            cost,
            is_first: looked.is_none(),
            looked_at: looked.map(at),
            changed_at: changed.map(at),
        };
        let lists = [
            list(1, Some("15T11:00:00"), Some("01T00:00:00")),
            list(1, Some("15T11:00:00"), Some("15T11:00:00")),
            list(40, None, None),
            list(1, Some("13T11:00:00"), None),
            list(5, Some("15T11:00:00"), Some("14T00:00:00")),
        ];
        for (left, chosen) in [
            (0, [false, false, true, false, false]),
            (1, [false, false, true, true, false]),
            (2, [false, true, true, true, false]),
            (3, [true, true, true, true, false]),
            (7, [false, true, true, true, true]),
            (8, [true; 5]),
        ] {
            assert_eq!(affordable(&lists, left, now), chosen, "{left}");
        }
    }

    #[test]
    fn a_long_list_that_was_neglected_is_saved_up_for() {
        let now = at("15T12:00:00");
        let list = |cost, looked: &str, changed: Option<&str>| Candidate {
            cost,
            is_first: false,
            looked_at: Some(at(looked)),
            changed_at: changed.map(at),
        };
        let lists = [list(15, "13T11:00:00", None), list(1, "15T11:50:00", Some("15T11:50:00"))];
        for (left, chosen) in [(0, [false; 2]), (14, [false; 2]), (15, [true, false]), (16, [true; 2])] {
            assert_eq!(affordable(&lists, left, now), chosen, "{left}");
        }
    }

    #[test]
    fn what_was_never_looked_at_is_due_and_has_a_pace() {
        let now = at("15T12:00:00");
        for (every_hours, setting, every) in [
            (None, Every::Auto, 6),
            (Some(168), Every::Auto, 168),
            (Some(168), Every::Fixed(SignedDuration::from_hours(1)), 1),
        ] {
            let found = due(&Facts { every_hours, ..Facts::default() }, setting, now);
            let every = SignedDuration::from_hours(every);
            assert_eq!(found, Due { at: now, every, reason: Reason::Never }, "{every_hours:?} {setting:?}");
        }
    }

    #[test]
    fn the_share_grows_with_the_month() {
        let days = |n: i64| SignedDuration::from_hours(24 * n);
        assert_eq!(allowed(40_000, 0.4, days(0), days(30)), 0);
        assert_eq!(allowed(40_000, 0.4, days(15), days(30)), 8_000);
        assert_eq!(allowed(40_000, 0.4, days(31), days(30)), 16_000);
    }
}
