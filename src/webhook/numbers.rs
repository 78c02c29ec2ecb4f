//! The database's numbers for Prometheus.
//!
//! In: a connection. Out: events by status, the age of the oldest that waits, quotas, last successes; of at most some
//! seconds ago, so that whoever asks for them often does not slow the database.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::metrics::{Family, Labels, Source};
use crate::clock;
use crate::store::Store;
use crate::store::events::Count;

/// How long numbers count as those of now. Prometheus asks every 15 s, as a rule.
const FRESH: Duration = Duration::from_secs(5);

/// The numbers of a database.
pub fn of_database(store: Store) -> Source {
    let kept = Mutex::new((store, None));
    Box::new(move || {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (store, last) = &mut *kept;
        match last {
            Some((looked, families)) if Instant::now() < *looked + FRESH => Clone::clone(families),
            _ => {
                let families = now(store);
                *last = Some((Instant::now(), families.clone()));
                families
            }
        }
    })
}

/// All families; none but that it cannot be read where it cannot.
fn now(store: &Store) -> Vec<Family> {
    let readable =
        |yes: bool| Family::gauge("database_readable", "1 when the database can be read", one(f64::from(yes)));
    match read(store) {
        Ok(mut families) => {
            families.push(readable(true));
            families
        }
        Err(error) => {
            log::debug!("/metrics: the database could not be read: {error:#}");
            vec![readable(false)]
        }
    }
}

fn read(store: &Store) -> Result<Vec<Family>> {
    let (counts, now) = (store.event_counts()?, store.clock().now());
    let age = |stamp: &str| clock::parse_stamp(stamp).map_or(0, |then| clock::seconds_between(then, now).max(0)) as f64;
    let waiting = |count: &&Count| matches!(count.status.as_str(), "pending" | "processing");
    let mut oldest: BTreeMap<i64, f64> = BTreeMap::new();
    for count in counts.iter().filter(waiting) {
        let seconds = oldest.entry(count.account_id).or_default();
        *seconds = seconds.max(age(&count.oldest));
    }
    let oldest = oldest.into_iter().map(|(id, seconds)| (vec![account(id)], seconds));
    let events = counts
        .into_iter()
        .map(|count| (vec![account(count.account_id), ("status", count.status)], count.events as f64));
    let last = store
        .last_successes()?
        .into_iter()
        // A clock that was wrong wrote what lies in the future: an alert on its age would never come.
        .filter(|last| last.at <= now.as_second())
        .map(|last| (vec![account(last.account_id), ("resource", last.resource)], last.at as f64));
    let mut families = vec![
        Family::gauge("events", "Webhook events in the table", events.collect()),
        Family::gauge("oldest_waiting_event_seconds", "Age of the oldest event that waits", oldest.collect()),
        Family::gauge("last_success_timestamp_seconds", "When a resource was last synced", last.collect()),
    ];
    families.extend(quotas(store)?);
    Ok(families)
}

/// What the service said last; nothing of accounts that it has not been asked for.
fn quotas(store: &Store) -> Result<[Family; 2]> {
    let (mut left, mut limit) = (Vec::new(), Vec::new());
    for account in store.accounts()? {
        let quota = store.quota(account.id)?;
        for (window, remaining, of) in [
            ("hour", quota.hourly_remaining, quota.hourly_limit),
            ("month", quota.monthly_remaining, quota.monthly_limit),
        ] {
            let labels = || -> Labels { vec![self::account(account.id), ("window", window.to_owned())] };
            left.extend(remaining.map(|number| (labels(), number as f64)));
            limit.extend(of.map(|number| (labels(), number as f64)));
        }
    }
    Ok([
        Family::gauge("quota_remaining", "Requests left, as the service last said", left),
        Family::gauge("quota_limit", "Requests that a window has", limit),
    ])
}

fn account(id: i64) -> (&'static str, String) {
    ("account", id.to_string())
}

fn one(number: f64) -> Vec<(Labels, f64)> {
    vec![(Vec::new(), number)]
}
