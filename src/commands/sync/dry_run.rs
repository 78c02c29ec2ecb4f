//! `sync --dry-run`: what a run would ask and write, by one request per resource at most.

use super::Wanted;
use crate::api::{ApiError, Policy};
use crate::cli::SyncArgs;
use crate::commands::{parts, table};
use crate::describe::describe_resource;
use crate::exit::{self, Exit};
use crate::report::{one_line, say};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::sync::{self, Halt, Preview};
use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    version: u8,
    dry_run: bool,
    accounts: Vec<AccountPart>,
}

#[derive(Serialize)]
struct AccountPart {
    account_id: i64,
    name: String,
    resources: Vec<ResourcePart>,
}

#[derive(Serialize)]
struct ResourcePart {
    resource: &'static str,
    mode: &'static str,
    rows: Option<u64>,
    total: Option<u64>,
    new: Option<u64>,
    changed: Option<u64>,
    deleted: Option<u64>,
    requests: Option<u64>,
    error: Option<String>,
}

/// Looks, prints, writes nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn run(
    store: &Store,
    settings: &Settings,
    accounts: &[Account],
    wanted: &[Wanted],
    args: &SyncArgs,
    policy: &Policy,
) -> Result<Exit> {
    let mut worst = Exit::Done;
    let mut parts = Vec::new();
    for account in accounts {
        let api = parts::api(settings, account, policy.clone())?;
        let mut resources = Vec::new();
        for want in wanted {
            let seen = sync::preview(&api, store, account.id, want.resource, args.full);
            let skipped = matches!(seen, Err(Halt::Api(ApiError::Scope(_)))) && !want.by_name;
            let (part, exit) = part(account, *want, seen);
            worst = worst.worse(if skipped { Exit::Done } else { exit });
            resources.push(part);
        }
        parts.push(AccountPart { account_id: account.id, name: account.name.clone(), resources });
    }
    print(parts, args.json)?;
    Ok(worst)
}

fn part(account: &Account, want: Wanted, seen: sync::halt::Result<Preview>) -> (ResourcePart, Exit) {
    let resource = want.resource.name;
    let empty = |error: anyhow::Error| {
        let line = one_line(&error);
        log::error!("{line}");
        let part = ResourcePart {
            resource,
            mode: "changes",
            rows: None,
            total: None,
            new: None,
            changed: None,
            deleted: None,
            requests: None,
            error: Some(line),
        };
        (part, exit::of(&error))
    };
    match seen {
        Ok(seen) => (
            ResourcePart {
                resource,
                mode: if seen.full { "full" } else { "changes" },
                rows: Some(seen.rows),
                total: Some(seen.total),
                new: Some(seen.new.max(seen.total.saturating_sub(seen.rows))),
                changed: Some(seen.changed),
                deleted: Some((seen.rows + seen.new).saturating_sub(seen.total)),
                requests: Some(seen.requests),
                error: None,
            },
            Exit::Done,
        ),
        Err(Halt::Api(error)) => empty(describe_resource(error, account, want.resource)),
        Err(other) => empty(anyhow::Error::from(other).context(format!("{account} {resource}"))),
    }
}

fn print(accounts: Vec<AccountPart>, json: bool) -> Result<()> {
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
                number(part.new),
                number(part.changed),
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
