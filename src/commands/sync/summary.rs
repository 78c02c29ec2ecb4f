//! The sum of a run: a table for people, or one JSON document.

use super::account::{Done, Outcome};
use crate::commands::table::table;
use crate::report::say;
use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    accounts: Vec<AccountPart<'a>>,
}

#[derive(Serialize)]
struct AccountPart<'a> {
    account_id: i64,
    name: &'a str,
    outcome: &'static str,
    requests: u64,
    resources: Vec<ResourcePart<'a>>,
}

#[derive(Serialize)]
struct ResourcePart<'a> {
    resource: &'static str,
    mode: &'static str,
    outcome: &'static str,
    fetched: u64,
    inserted: u64,
    updated: u64,
    unchanged: u64,
    deleted: u64,
    requests: u64,
    error: Option<&'a str>,
}

/// Prints it.
///
/// # Errors
/// When stdout cannot be written.
pub fn print(results: &[Outcome], json: bool) -> Result<()> {
    if json {
        let accounts = results.iter().map(account_part).collect();
        return say(serde_json::to_string_pretty(&Document { version: 1, accounts })?);
    }
    let rows = results.iter().flat_map(|result| result.resources.iter().map(|done| row(result, done)));
    say(table(
        ["account", "resource", "outcome", "fetched", "new", "changed", "unchanged", "deleted", "requests", "time"],
        rows,
    ))
}

fn row(result: &Outcome, done: &Done) -> [String; 10] {
    let row = &done.row;
    [
        result.account.name.clone(),
        row.resource.to_owned(),
        row.outcome.to_owned(),
        row.fetched.to_string(),
        row.inserted.to_string(),
        row.updated.to_string(),
        row.unchanged.to_string(),
        row.deleted.to_string(),
        row.requests.to_string(),
        format!("{:.1}s", done.time.as_secs_f64()),
    ]
}

fn account_part(result: &Outcome) -> AccountPart<'_> {
    AccountPart {
        account_id: result.account.id,
        name: &result.account.name,
        outcome: result.word(),
        requests: result.requests,
        resources: result.resources.iter().map(resource_part).collect(),
    }
}

fn resource_part(done: &Done) -> ResourcePart<'_> {
    let row = &done.row;
    ResourcePart {
        resource: row.resource,
        mode: row.mode,
        outcome: row.outcome,
        fetched: row.fetched,
        inserted: row.inserted,
        updated: row.updated,
        unchanged: row.unchanged,
        deleted: row.deleted,
        requests: row.requests,
        error: row.error.as_deref(),
    }
}
