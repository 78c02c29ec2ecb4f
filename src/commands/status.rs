//! `status`: what is mirrored, how old it is, what went wrong, what quota is left.
//!
//! In: the database, for reading only, and a look at the credentials. Out: tables or one JSON document. With
//! `--max-age`, exit 1 names what is too old.

use super::parts;
use super::table::{or_dash, table};
use crate::cli::StatusArgs;
use crate::clock;
use crate::credentials::{Credentials, Look};
use crate::exit::Exit;
use crate::report::{Problem, one_line, say, say_json};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::events::Numbers;
use crate::store::quota::Quota;
use crate::store::status::{AccountStatus, ResourceStatus, Subscription};
use crate::sync::plan::{self, Planned};
use crate::tokens;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    accounts: Vec<AccountJson<'a>>,
}

#[derive(Serialize)]
struct AccountJson<'a> {
    id: i64,
    name: &'a str,
    company_id: i64,
    last_sync_at: Option<&'a str>,
    token: Value,
    resources: Vec<ResourceJson<'a>>,
    events: &'a Numbers,
    subscriptions: &'a [Subscription],
    quota: QuotaJson<'a>,
}

#[derive(Serialize)]
struct ResourceJson<'a> {
    #[serde(flatten)]
    status: &'a ResourceStatus,
    last_look_at: Option<&'a str>,
    /// When `sync --due` looks at it next, unless the month's share is ahead.
    due_at: String,
    denied_at: Option<&'a str>,
}

#[derive(Serialize)]
struct QuotaJson<'a> {
    hourly_remaining: Option<i64>,
    hourly_limit: Option<i64>,
    monthly_remaining: Option<i64>,
    monthly_limit: Option<i64>,
    seen_at: Option<&'a str>,
}

/// Shows the state of all accounts.
///
/// # Errors
/// When there is no database, it cannot be read, or something is older than `--max-age`.
pub fn run(args: &StatusArgs, settings: &Settings) -> Result<Exit> {
    let store = Store::open_read_only(&settings.db, settings.clock)?;
    let (found, now) = (store.status(&settings.resources)?, settings.clock.now());
    if args.json {
        say_json(&document(&store, &found, settings)?)?;
    } else if found.is_empty() {
        log::info!("there is no account yet; run: ficsync account add --name NAME --token-file F");
    } else {
        say(format_args!("{}\n\n{}", accounts(&found, settings, now), resources(&found, now)))?;
        if found.iter().any(|status| status.events != Numbers::default()) {
            say(format_args!("\n{}", events(&found)))?;
        }
        if found.iter().any(|status| !status.subscriptions.is_empty()) {
            say(format_args!("\n{}", subscriptions(&found)))?;
        }
    }
    match args.max_age {
        Some(most) => refuse_old(&found, most, now, settings),
        None => Ok(Exit::Done),
    }
}

fn document<'a>(store: &Store, found: &'a [AccountStatus], settings: &Settings) -> Result<Document<'a>> {
    let vault = parts::vault(settings);
    let one = |status: &'a AccountStatus| {
        Ok(AccountJson {
            id: status.account.id,
            name: &status.account.name,
            company_id: status.account.company_id,
            last_sync_at: status.account.last_sync_at.as_deref(),
            token: token_json(&vault.look(&status.account)),
            resources: resources_json(store, status, settings)?,
            events: &status.events,
            subscriptions: &status.subscriptions,
            quota: quota_json(&status.quota),
        })
    };
    Ok(Document { version: 1, accounts: found.iter().map(one).collect::<Result<_>>()? })
}

fn resources_json<'a>(store: &Store, status: &'a AccountStatus, settings: &Settings) -> Result<Vec<ResourceJson<'a>>> {
    let now = settings.clock.now();
    let plan = plan::plan(store, status.account.id, &settings.resources, &parts::wishes(settings), now)?;
    let one = |(status, planned): (&'a ResourceStatus, &Planned)| ResourceJson {
        status,
        last_look_at: status.looked_at.as_deref(),
        due_at: clock::stamp(planned.due_at(now)),
        denied_at: status.denied_at.as_deref(),
    };
    Ok(status.resources.iter().zip(&plan).map(one).collect())
}

fn quota_json(quota: &Quota) -> QuotaJson<'_> {
    QuotaJson {
        hourly_remaining: quota.hourly_remaining,
        hourly_limit: quota.hourly_limit,
        monthly_remaining: quota.monthly_remaining,
        monthly_limit: quota.monthly_limit,
        seen_at: quota.seen_at.as_deref(),
    }
}

fn token_json(look: &Look) -> Value {
    match look {
        Look::Present(loaded) => match &loaded.credentials {
            Credentials::Manual(_) if loaded.from_systemd => json!({"kind": "systemd", "state": "present"}),
            Credentials::Manual(_) => json!({"kind": "manual", "state": "present"}),
            Credentials::Oauth(oauth) => {
                json!({"kind": "oauth", "state": "present", "expires_at": clock::stamp(oauth.expires_at)})
            }
        },
        Look::Missing => json!({"kind": null, "state": "missing"}),
        Look::Hidden => json!({"kind": null, "state": "hidden"}),
        Look::Unusable(error) => json!({"kind": null, "state": "unusable", "error": one_line(error)}),
    }
}

fn token_words(look: &Look, account: &Account) -> String {
    match look {
        Look::Present(loaded) => tokens::in_words(loaded),
        Look::Missing => format!("missing; {}", crate::credentials::mend(account.id)),
        Look::Hidden => "this user may not look".to_owned(),
        Look::Unusable(error) => one_line(error),
    }
}

fn accounts(found: &[AccountStatus], settings: &Settings, now: Timestamp) -> String {
    let vault = parts::vault(settings);
    let rows = found.iter().map(|status| {
        let (account, quota) = (&status.account, &status.quota);
        [
            account.id.to_string(),
            account.name.clone(),
            account.company_id.to_string(),
            or_dash(account.last_sync_at.as_deref()),
            left(quota.hourly_remaining, quota.hourly_limit),
            left(quota.monthly_remaining, quota.monthly_limit),
            age(quota.seen_at.as_deref(), now),
            token_words(&vault.look(account), account),
        ]
    });
    table(["account", "name", "company", "last_sync_at", "hour_left", "month_left", "seen", "token"], rows)
}

fn resources(found: &[AccountStatus], now: Timestamp) -> String {
    let rows = found.iter().flat_map(|status| {
        status.resources.iter().map(move |r| {
            [
                status.account.id.to_string(),
                r.resource.to_owned(),
                r.rows.to_string(),
                or_dash(r.last_success_at.as_deref()),
                age(r.last_success_at.as_deref(), now),
                match (r.complete, r.denied_at.is_some()) {
                    (_, true) => "not allowed",
                    (true, _) => "yes",
                    (false, _) => "no",
                }
                .to_owned(),
                or_dash(r.last_error.as_deref()),
            ]
        })
    });
    table(["account", "resource", "rows", "last_success_at", "age", "complete", "last_error"], rows)
}

fn events(found: &[AccountStatus]) -> String {
    let rows = found.iter().map(|status| {
        let numbers = &status.events;
        let age = numbers.oldest_pending_seconds.map(SignedDuration::from_secs).map(clock::for_people);
        [
            status.account.id.to_string(),
            numbers.pending.to_string(),
            numbers.processing.to_string(),
            age.unwrap_or("-".to_owned()),
            numbers.failed.to_string(),
            numbers.ignored.to_string(),
            or_dash(numbers.first_error.as_deref()),
        ]
    });
    table(["account", "events_pending", "processing", "oldest", "failed", "ignored", "first_error_of_failed"], rows)
}

fn subscriptions(found: &[AccountStatus]) -> String {
    let rows = found.iter().flat_map(|status| {
        status.subscriptions.iter().map(move |s| {
            [
                status.account.id.to_string(),
                s.id.clone(),
                s.event_group.clone(),
                if s.verified { "yes" } else { "no" }.to_owned(),
                s.sink.clone(),
            ]
        })
    });
    table(["account", "subscription", "group", "verified", "sink"], rows)
}

fn left(remaining: Option<i64>, limit: Option<i64>) -> String {
    match (remaining, limit) {
        (Some(remaining), Some(limit)) => format!("{remaining}/{limit}"),
        (Some(remaining), None) => remaining.to_string(),
        _ => "-".to_owned(),
    }
}

fn age(stamp: Option<&str>, now: Timestamp) -> String {
    match (stamp, stamp.and_then(|stamp| clock::age(stamp, now))) {
        (None, _) => "-".to_owned(),
        (Some(_), Some(age)) => format!("{} ago", clock::for_people(age)),
        (Some(_), None) => "in the future".to_owned(),
    }
}

/// Whether a resource type is expected to be here: what the token may not read is not, unless the settings name it.
pub fn counts(resource: &ResourceStatus, settings: &Settings) -> bool {
    settings.resources_are_named || resource.denied_at.is_none()
}

/// What was never synced is older than any age, and so is what a clock that was wrong says to have been synced later than
/// now.
fn refuse_old(found: &[AccountStatus], most: SignedDuration, now: Timestamp, settings: &Settings) -> Result<Exit> {
    let mut old = Vec::new();
    for status in found {
        for resource in status.resources.iter().filter(|r| counts(r, settings)) {
            let Some(at) = resource.last_success_at.as_deref() else {
                old.push(format!("{} {} (never)", status.account, resource.resource));
                continue;
            };
            let when = match clock::age(at, now) {
                Some(age) if age > most => clock::for_people(age) + " ago",
                Some(_) => continue,
                None => "in the future: the clock is or was wrong".to_owned(),
            };
            old.push(format!("{} {} ({when})", status.account, resource.resource));
        }
    }
    if old.is_empty() {
        return Ok(Exit::Done);
    }
    let message = format!("last success longer ago than {}: {}", clock::for_people(most), old.join(", "));
    Err(Problem::failed(message, "run: ficsync sync all; the column last_error says what failed").into())
}
