//! The three quotas of the service, by the sandbox's clock. In: a company, an app, the time. Out: what is
//! left, or which window is full and when it opens. Does not know what is asked for.

use std::collections::{BTreeMap, VecDeque};

/// 300 requests per sliding 5 minutes for a company, 1,000 per hour and 40,000 per month for it and an app.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) five_minutes: u32,
    pub(crate) hourly: u32,
    pub(crate) monthly: u32,
}

/// What the headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) hourly_remaining: u32,
    pub(crate) hourly_limit: u32,
    pub(crate) monthly_remaining: u32,
    pub(crate) monthly_limit: u32,
}

/// A full window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// 429 for the sliding window, 403 for the fixed ones.
    pub(crate) status: u16,
    pub(crate) retry_after: i64,
}

/// The present, as the windows see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Present {
    pub(crate) second: i64,
    pub(crate) month: i64,
    pub(crate) month_left: i64,
}

#[derive(Debug, Default)]
struct Used {
    hour: i64,
    in_hour: u32,
    month: i64,
    in_month: u32,
}

/// Counters of all companies and apps.
#[derive(Debug)]
pub(crate) struct Quota {
    pub(crate) limits: Limits,
    pub(crate) refusals: usize,
    recent: BTreeMap<i64, VecDeque<i64>>,
    used: BTreeMap<(i64, String), Used>,
}

const WINDOW: i64 = 300;
const HOUR: i64 = 3600;

impl Quota {
    pub(crate) fn new() -> Quota {
        let limits = Limits { five_minutes: 300, hourly: 1_000, monthly: 40_000 };
        Quota { limits, refusals: 0, recent: BTreeMap::new(), used: BTreeMap::new() }
    }

    /// Counts a request, or refuses it; refused ones are not counted in the windows.
    pub(crate) fn take(&mut self, company: i64, app: &str, now: Present) -> (Standing, Result<(), Full>) {
        let limits = self.limits;
        let recent = self.recent.entry(company).or_default();
        // A clock that was set back must not leave requests of the future behind.
        recent.retain(|second| (now.second - WINDOW..=now.second).contains(second) && *second > now.second - WINDOW);
        let used = self.used.entry((company, app.to_owned())).or_default();
        used.roll(now);
        let full = full(limits, recent, used, now);
        if full.is_none() {
            recent.push_back(now.second);
            used.in_hour += 1;
            used.in_month += 1;
        } else {
            self.refusals += 1;
        }
        (used.standing(limits), full.map_or(Ok(()), Err))
    }

    /// Sets how much an app has used up in this hour and this month.
    pub(crate) fn set_used(&mut self, company: i64, app: &str, hourly: u32, monthly: u32, now: Present) {
        let used = Used { hour: now.second.div_euclid(HOUR), in_hour: hourly, month: now.month, in_month: monthly };
        self.used.insert((company, app.to_owned()), used);
    }
}

fn full(limits: Limits, recent: &VecDeque<i64>, used: &Used, now: Present) -> Option<Full> {
    if used.in_month >= limits.monthly {
        return Some(Full { status: 403, retry_after: now.month_left.max(1) });
    }
    if used.in_hour >= limits.hourly {
        return Some(Full { status: 403, retry_after: HOUR - now.second.rem_euclid(HOUR) });
    }
    let oldest = recent.front().copied().unwrap_or(now.second);
    (recent.len() >= limits.five_minutes as usize)
        .then(|| Full { status: 429, retry_after: (oldest + WINDOW - now.second).max(1) })
}

impl Used {
    fn roll(&mut self, now: Present) {
        let hour = now.second.div_euclid(HOUR);
        if self.hour != hour {
            (self.hour, self.in_hour) = (hour, 0);
        }
        if self.month != now.month {
            (self.month, self.in_month) = (now.month, 0);
        }
    }

    fn standing(&self, limits: Limits) -> Standing {
        Standing {
            hourly_remaining: limits.hourly.saturating_sub(self.in_hour),
            hourly_limit: limits.hourly,
            monthly_remaining: limits.monthly.saturating_sub(self.in_month),
            monthly_limit: limits.monthly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Present {
        Present { second, month: second / 1_000_000, month_left: 1_000_000 - second % 1_000_000 }
    }

    fn quota(five_minutes: u32, hourly: u32, monthly: u32) -> Quota {
        Quota { limits: Limits { five_minutes, hourly, monthly }, ..Quota::new() }
    }

    #[test]
    fn five_minutes_slide() {
        let mut quota = quota(2, 100, 100);
        assert!(quota.take(1, "a", at(7200)).1.is_ok());
        assert!(quota.take(1, "b", at(7300)).1.is_ok());
        assert_eq!(quota.take(1, "a", at(7310)).1, Err(Full { status: 429, retry_after: 190 }));
        assert!(quota.take(2, "a", at(7310)).1.is_ok(), "another company has its own");
        assert!(quota.take(1, "a", at(7500)).1.is_ok());
        assert_eq!(quota.take(1, "a", at(7500)).1, Err(Full { status: 429, retry_after: 100 }));
        assert_eq!(quota.refusals, 2);
    }

    #[test]
    fn hours_are_fixed_and_per_app() {
        let mut quota = quota(100, 2, 100);
        assert_eq!(quota.take(1, "a", at(3600)).0.hourly_remaining, 1);
        assert_eq!(quota.take(1, "a", at(3601)).0.hourly_remaining, 0);
        assert_eq!(quota.take(1, "a", at(7190)).1, Err(Full { status: 403, retry_after: 10 }));
        assert!(quota.take(1, "b", at(7190)).1.is_ok());
        assert!(quota.take(1, "a", at(7200)).1.is_ok());
    }

    #[test]
    fn months_outlast_hours() {
        let mut quota = quota(100, 100, 1);
        assert_eq!(quota.take(1, "a", at(3600)).0.monthly_remaining, 0);
        assert_eq!(quota.take(1, "a", at(90_000)).1, Err(Full { status: 403, retry_after: 910_000 }));
        assert!(quota.take(1, "a", at(1_000_000)).1.is_ok());
    }
}
