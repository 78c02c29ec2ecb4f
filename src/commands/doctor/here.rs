//! What can be seen on this machine: the database, ages, events, subscriptions as far as known, the listener, the quota.

use super::Check;
use crate::clock;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::status::AccountStatus;
use crate::webhook::{probe, public};
use jiff::SignedDuration;
use std::time::Duration;

/// A mirror older than this is not current: the timer runs every ten minutes.
const STALE: SignedDuration = SignedDuration::from_hours(2);
/// Events are worked off within seconds.
const SLOW: i64 = 900;
/// Runs in a month when the timer runs every ten minutes.
const RUNS_A_MONTH: i64 = 6 * 24 * 30;

/// The file itself.
pub fn database(store: &Store) -> Vec<Check> {
    let intact = match store.check() {
        Ok(findings) if findings.is_empty() => Check::good("database.intact", None, store.path().display().to_string()),
        Ok(findings) => {
            Check::bad("database.intact", None, findings.join("; "), "restore a backup, or sync into a new file")
        }
        Err(error) => Check::bad("database.intact", None, format!("{error:#}"), "ficsync db check"),
    };
    // Opening it wrote already where it had to: an empty write shows that it can.
    let writable = match store.again().and_then(|mut again| again.write(|_| Ok(()))) {
        Ok(()) => Check::good("database.writable", None, "yes"),
        Err(error) => {
            Check::bad("database.writable", None, format!("{error:#}"), "run it as the user that owns the file")
        }
    };
    vec![intact, writable]
}

/// What the database knows of an account.
pub fn account(settings: &Settings, status: &AccountStatus) -> Vec<Check> {
    let id = Some(status.account.id);
    let mut checks = vec![fresh(settings, status), quota(settings, status)];
    let events = &status.events;
    checks.push(match events.failed {
        0 => Check::good("events.failed", id, "none"),
        n => {
            Check::bad("events.failed", id, format!("{n} events were given up"), "ficsync events list --status failed")
        }
    });
    checks.push(match events.oldest_pending_seconds {
        Some(age) if age > SLOW => {
            let age = clock::for_people(SignedDuration::from_secs(age));
            Check::bad("events.waiting", id, format!("the oldest waits for {age}"), "ficsync events drain")
        }
        _ => Check::good("events.waiting", id, format!("{} events wait", events.pending)),
    });
    if settings.public_url.is_some() || !status.subscriptions.is_empty() {
        checks.extend(subscriptions(settings, status));
    }
    checks
}

fn fresh(settings: &Settings, status: &AccountStatus) -> Check {
    let now = settings.clock.now();
    let old = status.resources.iter().filter(|resource| {
        let at = resource.last_success_at.as_deref().and_then(clock::parse_stamp);
        at.is_none_or(|at| now.duration_since(at) > STALE)
    });
    let old: Vec<&str> = old.map(|resource| resource.resource).collect();
    let id = Some(status.account.id);
    match old.is_empty() {
        true => Check::good("mirror.fresh", id, "every resource was synced within two hours"),
        false => Check::bad(
            "mirror.fresh",
            id,
            format!("not synced within two hours: {}", old.join(", ")),
            "ficsync sync all; and see that a timer or cron runs it",
        ),
    }
}

/// Whether a timer of ten minutes and the resources would outrun the month.
fn quota(settings: &Settings, status: &AccountStatus) -> Check {
    let id = Some(status.account.id);
    let need = RUNS_A_MONTH * i64::try_from(settings.resources.len()).unwrap_or(i64::MAX);
    match status.quota.monthly_limit {
        Some(limit) if need > limit => Check::bad(
            "quota.month",
            id,
            format!("a run every ten minutes needs {need} requests a month of {limit}"),
            "run the timer less often, or name fewer resources in the configuration file",
        ),
        Some(limit) => Check::good("quota.month", id, format!("a run every ten minutes needs {need} of {limit}")),
        None => Check::good("quota.month", id, "not known before the first request"),
    }
}

fn subscriptions(settings: &Settings, status: &AccountStatus) -> Vec<Check> {
    let id = Some(status.account.id);
    let mut groups: Vec<&str> = settings.resources.iter().map(|resource| resource.event_group).collect();
    groups.sort_unstable();
    groups.dedup();
    let one = |group: &str| {
        let ours = status.subscriptions.iter().find(|s| s.event_group == group);
        match ours {
            None => Check::bad("subscription.present", id, format!("none for {group}"), "ficsync subscriptions ensure"),
            Some(s) if !s.verified => {
                let cure = format!("ficsync subscriptions verify {}", s.id);
                Check::bad("subscription.verified", id, format!("{} for {group} is not verified", s.id), cure)
            }
            Some(s) if settings.public_url.as_ref().is_some_and(|url| !s.sink.starts_with(url.as_str())) => {
                let found = format!("{} sends to {}", s.id, s.sink);
                Check::bad("subscription.sink", id, found, "ficsync subscriptions ensure")
            }
            Some(s) => Check::good("subscription.verified", id, format!("{} for {group}", s.id)),
        }
    };
    groups.into_iter().map(one).collect()
}

/// Whether the listener lives, where webhooks are used at all.
pub fn listener(settings: &Settings, statuses: &[AccountStatus]) -> Option<Check> {
    if settings.public_url.is_none() && statuses.iter().all(|status| status.subscriptions.is_empty()) {
        return None;
    }
    let address = public::from_here(&settings.listen);
    Some(match probe::healthz(&address, Duration::from_secs(5)) {
        Ok((200, _)) => Check::good("listener.alive", None, format!("{address} is well")),
        Ok((status, body)) => Check::bad(
            "listener.alive",
            None,
            format!("{address} answers {status}: {}", body.trim()),
            "journalctl -u ficsync-webhook",
        ),
        Err(error) => Check::bad(
            "listener.alive",
            None,
            format!("nothing answers on {address}: {error}"),
            "systemctl start ficsync-webhook, or: ficsync webhook-listen",
        ),
    })
}
