//! `sync --dry-run`: what a run would ask and write, by one request per resource at most.
//!
//! Its JSON has the members of a run's, with what would be done in place of what was done, and some of its own.

use super::Wanted;
use super::pool::Work;
use crate::api::{ApiError, Policy, Transport};
use crate::commands::{parts, table};
use crate::describe::describe_resource;
use crate::exit::Exit;
use crate::report::{exit_of, one_line, say};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::sync::{self, Halt, Preview, Wish};
use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    version: u8,
    dry_run: bool,
    accounts: Vec<AccountPart>,
}

/// What was seen of an account.
#[derive(Serialize)]
pub struct AccountPart {
    account_id: i64,
    name: String,
    outcome: &'static str,
    requests: u64,
    resources: Vec<ResourcePart>,
    #[serde(skip)]
    exit: Exit,
}

#[derive(Serialize, Default)]
struct ResourcePart {
    resource: &'static str,
    mode: &'static str,
    outcome: &'static str,
    rows: Option<u64>,
    total: Option<u64>,
    fetched: Option<u64>,
    inserted: Option<u64>,
    updated: Option<u64>,
    unchanged: Option<u64>,
    deleted: Option<u64>,
    requests: Option<u64>,
    error: Option<String>,
}

/// Looks at accounts.
pub struct Look<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The resources.
    pub wanted: &'a [Wanted],
    /// What the run would do.
    pub wish: &'a Wish,
    /// How requests are made.
    pub policy: &'a Policy,
    /// The connections to the service.
    pub transport: &'a Transport,
}

impl Work<Store, Account> for Look<'_> {
    type Result = AccountPart;

    fn run(&self, store: &mut Store, account: &Account) -> Result<AccountPart> {
        let (transport, ledger) = (self.transport.clone(), store.again()?);
        let api = parts::api_over(transport, ledger, self.settings, account, self.policy.clone());
        let (mut resources, mut worst) = (Vec::new(), Exit::Done);
        for want in self.wanted {
            let seen = sync::preview(&api, store, account.id, want.resource, self.wish);
            let skipped = matches!(seen, Err(Halt::Api(ApiError::Scope(_)))) && !want.by_name;
            let (mut part, exit) = part(account, *want, seen);
            part.outcome = if skipped { "skipped" } else { part.outcome };
            worst = worst.worse(if skipped { Exit::Done } else { exit });
            resources.push(part);
        }
        Ok(AccountPart {
            account_id: account.id,
            name: account.name.clone(),
            outcome: outcome(&resources),
            requests: resources.iter().filter_map(|part| part.requests).sum(),
            resources,
            exit: worst,
        })
    }

    fn failed(&self, _: &mut Store, account: &Account, error: anyhow::Error) -> AccountPart {
        let error = error.context(account.to_string());
        log::error!("{}", one_line(&error));
        AccountPart {
            account_id: account.id,
            name: account.name.clone(),
            outcome: "failed",
            requests: 0,
            resources: Vec::new(),
            exit: exit_of(&error),
        }
    }
}

/// Prints what was seen, in the order of the accounts, and sums up the exit code.
///
/// # Errors
/// When stdout cannot be written.
pub fn print(mut accounts: Vec<AccountPart>, json: bool) -> Result<Exit> {
    accounts.sort_by_key(|part| part.account_id);
    let worst = accounts.iter().fold(Exit::Done, |worst, part| worst.worse(part.exit));
    say_all(accounts, json)?;
    Ok(worst)
}

/// How it ended for an account: as the worst of its resources.
fn outcome(resources: &[ResourcePart]) -> &'static str {
    let any = |outcome: &str| resources.iter().any(|part| part.outcome == outcome);
    ["failed", "stopped"].into_iter().find(|outcome| any(outcome)).unwrap_or("ok")
}

fn part(account: &Account, want: Wanted, seen: sync::halt::Result<Preview>) -> (ResourcePart, Exit) {
    let resource = want.resource.name;
    let empty = |error: anyhow::Error| {
        let line = one_line(&error);
        log::error!("{line}");
        let exit = exit_of(&error);
        let part = ResourcePart {
            resource,
            mode: "changes",
            outcome: if exit == Exit::Stopped { "stopped" } else { "failed" },
            error: Some(line),
            ..ResourcePart::default()
        };
        (part, exit)
    };
    match seen {
        Ok(seen) => (of_preview(resource, &seen), Exit::Done),
        Err(Halt::Api(error)) => empty(describe_resource(error, account, want.resource)),
        Err(other) => empty(anyhow::Error::from(other).context(format!("{account} {resource}"))),
    }
}

fn of_preview(resource: &'static str, seen: &Preview) -> ResourcePart {
    ResourcePart {
        resource,
        mode: if seen.full { "full" } else { "changes" },
        outcome: "ok",
        rows: Some(seen.rows),
        total: Some(seen.total),
        fetched: Some(seen.fetched),
        inserted: Some(seen.new.max(seen.total.saturating_sub(seen.rows))),
        updated: Some(seen.changed),
        unchanged: Some(seen.fetched.saturating_sub(seen.new + seen.changed)),
        deleted: Some((seen.rows + seen.new).saturating_sub(seen.total)),
        requests: Some(seen.requests),
        error: None,
    }
}

fn say_all(accounts: Vec<AccountPart>, json: bool) -> Result<()> {
    if json {
        return say(serde_json::to_string_pretty(&Document { version: 1, dry_run: true, accounts })?);
    }
    let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let rows = accounts.iter().flat_map(|account| {
        account.resources.iter().map(|part| {
            [
                account.name.clone(),
                part.resource.to_owned(),
                part.mode.to_owned(),
                number(part.rows),
                number(part.total),
                number(part.inserted),
                number(part.updated),
                number(part.deleted),
                number(part.requests),
            ]
        })
    });
    say(table::table(
        ["account", "resource", "mode", "rows here", "records there", "new", "changed", "deleted", "requests, about"],
        rows,
    ))
}
