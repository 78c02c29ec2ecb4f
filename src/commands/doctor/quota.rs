//! May the service be asked now, does the month's quota last at the rate at which the timer asks, and is its share used up.

use super::Findings;
use crate::clock;
use crate::commands::parts;
use crate::ledger;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::status::AccountStatus;
use crate::sync::plan::{self, Planned};
use anyhow::Result;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A month, where a rate is told (documentation, "Limits and Quotas": 40,000 requests a month).
const DAYS: u64 = 30;
const LIMIT: i64 = 40_000;

/// What is asked for, and what there is.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// Requests in a day.
    per_day: u64,
    /// Requests left in this month.
    left: i64,
    /// Requests that a month has.
    limit: i64,
    /// Hours until the month ends.
    hours: i64,
}

impl Budget {
    fn per_month(&self) -> i64 {
        self.per_day.saturating_mul(DAYS).try_into().unwrap_or(i64::MAX)
    }

    fn needed(&self) -> i64 {
        i64::try_from(self.per_day).unwrap_or(i64::MAX).saturating_mul(self.hours) / 24
    }

    fn lasts(&self) -> bool {
        self.needed() <= self.left && self.per_month() <= self.limit
    }
}

/// Whether the service has told an account to wait: until then runs end with 75, which is no failure to systemd, and
/// nothing of the account gets here.
pub fn look_at_block(
    store: &Store,
    status: &AccountStatus,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<()> {
    let (id, account) = ("quota.block", Some(status.account.id));
    // Read again: the checks before this one may have asked the service.
    let quota = store.quota(status.account.id)?;
    let Some(block) = ledger::block(&quota, settings.clock.now()) else {
        findings.good(id, account, "the service may be asked");
        return Ok(());
    };
    let since = quota.blocked_at.map(|at| format!(", said at {at}")).unwrap_or_default();
    let found = format!("nothing is asked until {}: {}{since}", clock::stamp(block.until), block.reason);
    let cure = "wait until then; if it comes back, let the timer run less often (systemctl edit ficsync-sync.timer), and \
                see which other programs ask for this company";
    findings.bad(id, account, found, cure);
    Ok(())
}

/// Looks at one account's month.
pub fn look(store: &Store, status: &AccountStatus, settings: &Settings, findings: &mut Findings) -> Result<()> {
    let (id, account) = ("quota.month", Some(status.account.id));
    // Read again: the checks before this one have asked the service.
    let quota = store.quota(status.account.id)?;
    let Some(left) = quota.monthly_remaining else {
        findings.good(id, account, "not known: no answer of the service has told it yet");
        return Ok(());
    };
    let now = settings.clock.now();
    let yesterday = clock::stamp(now.saturating_sub(SignedDuration::from_hours(24))?);
    let measured = store.requests_since(status.account.id, &yesterday)?;
    let per_day = match measured {
        Some(sent) => sent,
        None => planned(store, status, settings, now)?,
    };
    let limit = quota.monthly_limit.unwrap_or(LIMIT);
    let budget = Budget { per_day, left, limit, hours: hours_left(now) };
    let how = match measured {
        Some(_) => "as in the last 24 hours",
        None => "as `ficsync sync --plan` has it",
    };
    let found = format!(
        "{} requests a month of {limit} ({how}); {} are needed until the month ends, {left} are left",
        budget.per_month(),
        budget.needed(),
    );
    if budget.lasts() {
        findings.good(id, account, found);
    } else {
        let cure = "let the timer run less often: systemctl edit ficsync-sync.timer, or mirror fewer `resources`";
        findings.bad(id, account, found, cure);
    }
    Ok(())
}

/// Requests a day, at the pace of now.
fn planned(store: &Store, status: &AccountStatus, settings: &Settings, now: Timestamp) -> Result<u64> {
    let lists = plan::plan(store, status.account.id, &settings.resources, &parts::wishes(settings), now)?;
    Ok(lists.iter().map(Planned::cost_of_month).sum::<u64>().div_ceil(DAYS))
}

/// Looks at the share of the month that looks by themselves may use. It holds by itself: this only says whose looks it
/// stretches now.
pub fn look_at_share(
    store: &Store,
    status: &AccountStatus,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<()> {
    let (now, wishes) = (settings.clock.now(), parts::wishes(settings));
    let lists = plan::plan(store, status.account.id, &settings.resources, &wishes, now)?;
    let month = plan::month(store, status.account.id, &wishes, now)?;
    let looked_at = plan::due_now(&lists, month, now);
    let waits = |planned: &&Planned| planned.is_due(now) && !looked_at.iter().any(|p| p.resource == planned.resource);
    let waiting: Vec<&str> = lists.iter().filter(waits).map(|planned| planned.resource.name).collect();
    let stretched = match waiting.as_slice() {
        [] => String::new(),
        names => format!("; they are ahead of it and stretched, these wait now: {}", names.join(", ")),
    };
    let found = format!(
        "looks by themselves have used {} of the {} requests that are theirs this month, {} until now{stretched}",
        month.used, month.share, month.allowed
    );
    findings.good("quota.share", Some(status.account.id), found);
    Ok(())
}

/// Hours until the next month, by UTC; the service's month ends an hour or two earlier.
fn hours_left(now: Timestamp) -> i64 {
    let today = TimeZone::UTC.to_datetime(now);
    let first = today.date().last_of_month().tomorrow().unwrap_or(Date::MAX);
    first.to_datetime(jiff::civil::Time::midnight()).duration_since(today).as_hours()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS_PER_DAY: u64 = 144;

    #[test]
    fn the_shipped_timer_fits_and_a_faster_one_does_not() {
        let now = "2026-11-01T00:00:00Z".parse().expect("a time");
        let hours = hours_left(now);
        assert_eq!(hours, 720);
        let budget = |per_day, left| Budget { per_day, left, limit: 40_000, hours };
        assert!(budget(RUNS_PER_DAY * 4, 40_000).lasts());
        assert!(budget(RUNS_PER_DAY * 4, 17_280).lasts());
        assert!(!budget(RUNS_PER_DAY * 4, 17_279).lasts(), "not enough is left");
        assert!(!budget(1_440, 1_000_000).lasts(), "43,200 a month");
        let late = hours_left("2026-12-31T22:30:00Z".parse().expect("a time"));
        assert_eq!(late, 1);
        assert!(Budget { hours: late, ..budget(RUNS_PER_DAY * 4, 24) }.lasts());
    }
}
