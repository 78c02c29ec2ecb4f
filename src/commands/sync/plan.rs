//! `sync --plan`: how often each list is looked at and why, when it is due, and what that costs.
//!
//! In: what was typed. Out: a table, or one JSON document. Asks the service nothing, writes nothing.

use super::{accounts, wanted};
use crate::cli::SyncArgs;
use crate::clock::{for_people, stamp};
use crate::commands::parts;
use crate::commands::table::table;
use crate::exit::Exit;
use crate::report::say;
use crate::settings::Settings;
use crate::store::Store;
use crate::sync::plan::{self, Planned};
use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    version: u8,
    accounts: Vec<AccountPart>,
}

#[derive(Serialize)]
struct AccountPart {
    account_id: i64,
    name: String,
    resources: Vec<ResourcePart>,
    requests_per_month: u64,
    share: u64,
    used: u64,
    allowed: u64,
}

#[derive(Serialize)]
struct ResourcePart {
    resource: &'static str,
    every: String,
    reason: String,
    last_look_at: Option<String>,
    due_at: String,
    requests_per_run: u64,
    requests_per_month: u64,
}

/// Prints the plan.
///
/// # Errors
/// When the database cannot be read.
pub fn run(args: &SyncArgs, settings: &Settings) -> Result<Exit> {
    let store = Store::open_read_only(&settings.db, settings.clock)?;
    let resources: Vec<_> = wanted(&args.resources, &settings.resources).iter().map(|want| want.resource).collect();
    let (wishes, now) = (parts::wishes(settings), settings.clock.now());
    let mut parts = Vec::new();
    for account in accounts(&store, &args.accounts)? {
        let lists = plan::plan(&store, account.id, &resources, &wishes, now)?;
        let month = plan::month(&store, account.id, &wishes, now)?;
        parts.push(AccountPart {
            account_id: account.id,
            name: account.name,
            requests_per_month: lists.iter().map(Planned::cost_of_month).sum(),
            resources: lists.iter().map(|planned| part(planned, now)).collect(),
            share: month.share,
            used: month.used,
            allowed: month.allowed,
        });
    }
    print(parts, args.json)?;
    Ok(Exit::Done)
}

fn part(planned: &Planned, now: Timestamp) -> ResourcePart {
    let (every, reason) = match planned.denied_until {
        Some(_) => ("never".to_owned(), "the token may not read it".to_owned()),
        None => (for_people(planned.due.every), planned.due.reason.to_string()),
    };
    ResourcePart {
        resource: planned.resource.name,
        every,
        reason,
        last_look_at: planned.looked_at.map(stamp),
        due_at: stamp(planned.due_at(now)),
        requests_per_run: planned.cost,
        requests_per_month: planned.cost_of_month(),
    }
}

fn print(accounts: Vec<AccountPart>, json: bool) -> Result<()> {
    if json {
        return say(serde_json::to_string_pretty(&Document { version: 1, accounts })?);
    }
    let rows = accounts.iter().flat_map(|account| {
        account.resources.iter().map(|part| {
            [
                account.name.clone(),
                part.resource.to_owned(),
                part.every.clone(),
                part.reason.clone(),
                part.last_look_at.clone().unwrap_or_else(|| "-".to_owned()),
                part.due_at.clone(),
                part.requests_per_run.to_string(),
                part.requests_per_month.to_string(),
            ]
        })
    });
    say(table(
        ["account", "resource", "every", "because", "last look", "due", "requests a look", "a month, about"],
        rows,
    ))?;
    for account in &accounts {
        log::info!(
            "account {}: about {} requests a month at this pace; looks by themselves have used {} of the {} that are theirs",
            account.account_id,
            account.requests_per_month,
            account.used,
            account.share
        );
    }
    Ok(())
}
