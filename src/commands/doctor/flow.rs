//! Does what comes arrive in the tables: age of the last sync, events that wait or were given up.

use super::Findings;
use crate::clock;
use crate::commands::status::counts;
use crate::settings::Settings;
use crate::store::status::AccountStatus;
use jiff::SignedDuration;

/// The timer runs every ten minutes; a quota of an hour may hold it up.
const MOST_AGE: SignedDuration = SignedDuration::from_hours(2);
/// Events are worked off within seconds.
const MOST_WAIT: SignedDuration = SignedDuration::from_mins(15);

const WRONG_CLOCK: &str = "the clock is or was wrong";

/// Looks at one account.
pub fn look(status: &AccountStatus, settings: &Settings, findings: &mut Findings) {
    look_at_age(status, settings, findings);
    look_at_events(status, findings);
}

fn look_at_age(status: &AccountStatus, settings: &Settings, findings: &mut Findings) {
    let (id, account) = ("mirror.fresh", Some(status.account.id));
    let now = settings.clock.now();
    // A success that lies in the future is none: a clock that was wrong wrote it.
    let age = |stamp: &Option<String>| clock::age(stamp.as_deref()?, now);
    let expected = status.resources.iter().filter(|r| counts(r, settings));
    let ages = expected.map(|r| (r, age(&r.last_success_at)));
    // What was never synced is older than anything.
    let Some((oldest, found)) = ages.max_by_key(|(_, age)| age.unwrap_or(SignedDuration::MAX)) else {
        return findings.good(id, account, "no resource is mirrored");
    };
    let why = oldest.last_error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let cure = format!("run: ficsync sync all --account-id {}", status.account.id);
    match found {
        None => {
            let found = match &oldest.last_success_at {
                None => format!("{} was never synced well{why}", oldest.resource),
                Some(at) => {
                    format!("{} was last synced at {at}, which is in the future: {WRONG_CLOCK}", oldest.resource)
                }
            };
            findings.bad(id, account, found, cure);
        }
        Some(age) if age > MOST_AGE => {
            let found = format!("{} was last synced {} ago{why}", oldest.resource, clock::for_people(age));
            findings.bad(id, account, found, cure);
        }
        Some(age) => findings.good(id, account, format!("the oldest success is {} old", clock::for_people(age))),
    }
}

fn look_at_events(status: &AccountStatus, findings: &mut Findings) {
    let (events, account) = (&status.events, Some(status.account.id));
    let waiting = events.pending + events.processing;
    let oldest = events.oldest_pending_seconds.map(SignedDuration::from_secs);
    let found = match oldest {
        Some(oldest) => format!("{waiting} wait, the oldest for {}", clock::for_people(oldest)),
        None => format!("{waiting} wait, stored at a time that is in the future: {WRONG_CLOCK}"),
    };
    if waiting > 0 && oldest.is_none_or(|oldest| oldest > MOST_WAIT) {
        let cure = "see that ficsync webhook-listen runs, or run: ficsync events drain";
        findings.bad("events.waiting", account, found, cure);
    } else if waiting > 0 {
        findings.good("events.waiting", account, found);
    } else {
        findings.good("events.waiting", account, "none waits");
    }
    match events.failed {
        0 => findings.good("events.failed", account, "none"),
        n => {
            let why = events.first_error.as_ref().map(|error| format!(", the first: {error}")).unwrap_or_default();
            findings.bad("events.failed", account, format!("{n}{why}"), "run: ficsync events retry --failed");
        }
    }
}
