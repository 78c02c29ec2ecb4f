//! What is due: every list of an account with when it is looked at next, why, and what that costs.
//!
//! In: the database and the settings' wishes. Out: a [`Planned`] for each list, and which of them a run looks at now. Asks
//! the service nothing. The rules are `cadence`'s.

use super::cadence::{self, Candidate, Due, Every, Facts};
use crate::clock;
use crate::resource::{self, Parts, Resource};
use crate::store::Store;
use crate::store::mirror::Place;
use crate::window::Window;
use anyhow::Result;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The month's quota where the service has not told it yet (documentation, "Limits and Quotas").
const MONTH_OF_A_COMPANY: u64 = 40_000;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
const A_MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a person wishes of the cadence.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// By the names of resource types; `*` is all others.
    pub every: Vec<(String, Every)>,
    /// Share of the month's quota that looks by themselves may use.
    pub share: f64,
}

impl Wishes {
    fn of(&self, resource: &Resource) -> Every {
        let named = |name: &str| self.every.iter().find(|(other, _)| other == name).map(|(_, every)| *every);
        named(resource.name).or_else(|| named("*")).unwrap_or_default()
    }
}

/// A list, and when it is looked at.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The resource type.
    pub resource: &'static Resource,
    /// When it was last looked at.
    pub looked_at: Option<Timestamp>,
    /// Its newest known change.
    pub changed_at: Option<Timestamp>,
    /// When it is due.
    pub due: Due,
    /// Requests of a look that finds nothing new.
    pub cost: u64,
    /// The token may not read it, as far as is known: until then it is not asked for.
    pub denied_until: Option<Timestamp>,
}

impl Planned {
    /// Whether it is due.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due.at <= now && self.denied_until.is_none()
    }

    /// When it is looked at next, unless the month's share is ahead.
    pub fn due_at(&self, now: Timestamp) -> Timestamp {
        self.denied_until.unwrap_or_else(|| self.due.at.max(self.looked_at.unwrap_or(now)))
    }

    /// Requests in thirty days, at the pace of now.
    pub fn cost_of_month(&self) -> u64 {
        let every = self.due.every.as_secs().max(600);
        if self.denied_until.is_some() { 0 } else { self.cost * u64::try_from(A_MONTH.as_secs() / every).unwrap_or(0) }
    }
}

/// The account's month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Requests that looks by themselves have used.
    pub used: u64,
    /// Requests that they may have used until now.
    pub allowed: u64,
    /// Requests that they may use in all of it.
    pub share: u64,
}

/// All lists of an account, in the order of the registry, as they stand `now`.
pub fn plan(
    store: &Store,
    account_id: i64,
    resources: &[&'static Resource],
    wishes: &Wishes,
    now: Timestamp,
) -> Result<Vec<Planned>> {
    resources.iter().map(|resource| planned(store, account_id, resource, wishes, now)).collect()
}

fn planned(
    store: &Store,
    account_id: i64,
    resource: &'static Resource,
    wishes: &Wishes,
    now: Timestamp,
) -> Result<Planned> {
    let place = Place { account_id, resource };
    let state = store.state(account_id, resource.name)?;
    let looked_at = state.looked_at.as_deref().and_then(|at| clock::past(at, now)).filter(|_| !state.unfinished);
    let changed_at = match resource.stamped() {
        Some(_) => store.newest_change(place)?.as_deref().and_then(in_utc),
        None => None,
    };
    let facts = Facts {
        looked_at,
        every_hours: resource.whole().map(|whole| whole.every_hours),
        changed_at,
        has_webhooks: match resource.events.group {
            Some(group) => store.has_webhooks(account_id, group, &clock::stamp(now - A_DAY))?,
            None => false,
        },
        was_told: false,
    };
    Ok(Planned {
        resource,
        looked_at,
        changed_at,
        due: cadence::due(&facts, wishes.of(resource), now),
        cost: cost(store, place)?,
        denied_until: state.denied_until(now),
    })
}

/// Requests of a look that finds nothing new.
pub fn cost(store: &Store, place: Place<'_>) -> Result<u64> {
    let Some(whole) = place.resource.whole() else { return Ok(1) };
    let pages = || -> Result<u64> {
        let rows = store.count(place.account_id, place.resource, &Window::default())?;
        Ok(rows.div_ceil(100).max(1))
    };
    Ok(match whole.parts {
        Parts::Pages(_) => pages()?,
        Parts::PagesOf { values, .. } => pages()? + values.len() as u64 - 1,
        Parts::Answer(_) | Parts::DetailedAnswer => 1 + of_children(store, place)?,
        Parts::AnswerOf { values, .. } => values.len() as u64,
        Parts::Years => 2,
        Parts::OfEach { .. } => 0,
        Parts::Company => 6,
    })
}

/// One request for each row, where each has a list of its own.
fn of_children(store: &Store, place: Place<'_>) -> Result<u64> {
    match resource::part_of(place.resource).next() {
        Some(_) => store.count(place.account_id, place.resource, &Window::default()),
        None => Ok(0),
    }
}

/// Which lists a run looks at now.
pub fn due_now(plan: &[Planned], month: Month, now: Timestamp) -> Vec<&Planned> {
    let due: Vec<&Planned> = plan.iter().filter(|planned| planned.is_due(now)).collect();
    let candidates: Vec<Candidate> = due
        .iter()
        .map(|p| Candidate {
            cost: p.cost,
            is_first: p.looked_at.is_none(),
            looked_at: p.looked_at,
            changed_at: p.changed_at,
        })
        .collect();
    // A round ahead is no haste.
    let round: u64 = plan.iter().map(|p| p.cost).sum();
    let left = (month.allowed + round).min(month.share).saturating_sub(month.used);
    let chosen = cadence::affordable(&candidates, left, now);
    due.into_iter().zip(chosen).filter_map(|(planned, chosen)| chosen.then_some(planned)).collect()
}

/// How much of the month's share an account has used.
pub fn month(store: &Store, account_id: i64, wishes: &Wishes, now: Timestamp) -> Result<Month> {
    let (name, passed, length) = this_month(now);
    let limit = store.quota(account_id)?.monthly_limit.and_then(|limit| u64::try_from(limit).ok());
    let limit = limit.unwrap_or(MONTH_OF_A_COMPANY);
    Ok(Month {
        used: store.month_requests(account_id, &name)?,
        allowed: cadence::allowed(limit, wishes.share, passed, length),
        share: cadence::allowed(limit, wishes.share, length, length),
    })
}

/// The name of the service's month, how long ago it began, and how long it is.
pub fn this_month(now: Timestamp) -> (String, SignedDuration, SignedDuration) {
    let zone = italy();
    let today = zone.to_datetime(now).date();
    let first = today.first_of_month();
    let next = first.checked_add(1.month()).unwrap_or(first);
    let start = |date: jiff::civil::Date| zone.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(now);
    let (begins, ends) = (start(first), start(next));
    (first.strftime("%Y-%m").to_string(), now.duration_since(begins), ends.duration_since(begins))
}

/// A stamp of the service, which is Italian wall time, in UTC.
fn in_utc(stamp: &str) -> Option<Timestamp> {
    let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", stamp).ok()?;
    italy().to_ambiguous_timestamp(at).compatible().ok()
}

fn italy() -> TimeZone {
    TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC)
}
