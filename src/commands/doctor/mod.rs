//! `doctor`: what is wrong, and the command that mends it.
//!
//! In: the settings, the database, the service, the machine. Out: a line per check, or one JSON document; exit 1 if one
//! of them is not well. Changes nothing, mends nothing. Asks nobody but the service, the listener and the public URL.

mod database;
mod flow;
mod interval;
mod listener;
mod machine;
mod pace;
mod quota;
mod service;
mod subscriptions;

use crate::api::Api;
use crate::cli::DoctorArgs;
use crate::commands::parts;
use crate::commands::table::table;
use crate::exit::Exit;
use crate::report::{Problem, one_line, say, say_json};
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::status::AccountStatus;
use anyhow::Result;
use database::Found;
use serde::Serialize;

/// One check. The `id` is stable: monitoring systems look for it.
#[derive(Debug, Serialize)]
struct Check {
    id: &'static str,
    account_id: Option<i64>,
    ok: bool,
    found: String,
    cure: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    checks: &'a [Check],
}

/// The checks so far.
#[derive(Debug, Default)]
struct Findings {
    checks: Vec<Check>,
}

impl Findings {
    /// All is well.
    fn good(&mut self, id: &'static str, account_id: Option<i64>, found: impl Into<String>) {
        self.checks.push(Check { id, account_id, ok: true, found: found.into(), cure: None });
    }

    /// Something is not, and this mends it.
    fn bad(&mut self, id: &'static str, account_id: Option<i64>, found: impl Into<String>, cure: impl Into<String>) {
        self.checks.push(Check { id, account_id, ok: false, found: found.into(), cure: Some(cure.into()) });
    }

    /// What an error says, with its own next step.
    fn error(&mut self, id: &'static str, account_id: Option<i64>, error: &anyhow::Error, cure: &str) {
        let hint = error.chain().find_map(|e| e.downcast_ref::<Problem>()).and_then(Problem::next_step);
        let found = one_line(error);
        let found = hint.and_then(|hint| found.strip_suffix(&format!("; {hint}"))).unwrap_or(&found);
        self.bad(id, account_id, found, hint.unwrap_or(cure));
    }
}

/// What a table tells that cannot be read.
const READ_IT: &str = "run: ficsync db check";

/// Runs all checks.
///
/// # Errors
/// When one of them is not well, or stdout cannot be written.
pub fn run(args: &DoctorArgs, settings: &Settings) -> Result<Exit> {
    let shutdown = Shutdown::on_signals()?;
    let mut findings = Findings::default();
    machine::look(settings, &mut findings);
    if let Some(found) = database::look(settings, &mut findings) {
        look(&found, settings, &shutdown, &mut findings)?;
    }
    print(args.json, &findings.checks)?;
    verdict(&findings.checks)
}

fn look(found: &Found, settings: &Settings, shutdown: &Shutdown, findings: &mut Findings) -> Result<()> {
    let store = &found.store;
    let accounts = store.status(&settings.resources)?;
    match accounts.len() {
        0 => {
            let cure = "run: ficsync account add --name NAME --token-file F";
            findings.bad("accounts.any", None, "there is no account", cure);
        }
        n => findings.good("accounts.any", None, format!("{n}")),
    }
    service::look_at_folder(settings, findings);
    let connect = parts::connect(settings);
    for status in &accounts {
        // Requests are noted in the database: none is sent where it cannot be written.
        if found.writable {
            let api = connect(&status.account, parts::policy(settings, shutdown))?;
            ask(&api, store, status, settings, findings)?;
        }
        quota::look_at_block(store, status, settings, findings)?;
        if let Err(error) = quota::look_at_share(store, status, settings, findings) {
            findings.error("quota.share", Some(status.account.id), &error, READ_IT);
        }
        flow::look(status, settings, findings);
    }
    pace::look(store, settings, accounts.len(), findings)?;
    listener::look(store, settings, &accounts, findings)
}

fn ask(api: &Api, store: &Store, status: &AccountStatus, settings: &Settings, findings: &mut Findings) -> Result<()> {
    if service::look(api, status, settings, findings) {
        subscriptions::look(api, store, status, settings, findings)?;
    }
    if let Err(error) = quota::look(store, status, settings, findings) {
        findings.error("quota.month", Some(status.account.id), &error, READ_IT);
    }
    Ok(())
}

fn print(as_json: bool, checks: &[Check]) -> Result<()> {
    if as_json {
        return say_json(&Document { version: 1, checks });
    }
    let rows = checks.iter().map(|check| {
        [
            if check.ok { "ok" } else { "NOT OK" }.to_owned(),
            check.id.to_owned(),
            check.account_id.map_or("-".to_owned(), |id| id.to_string()),
            match &check.cure {
                Some(cure) => format!("{}; {cure}", check.found),
                None => check.found.clone(),
            },
        ]
    });
    say(table(["", "check", "account", "found"], rows))
}

fn verdict(checks: &[Check]) -> Result<Exit> {
    let failed: Vec<&str> = checks.iter().filter(|check| !check.ok).map(|check| check.id).collect();
    if failed.is_empty() {
        return Ok(Exit::Done);
    }
    Err(Problem::failed(format!("checks failed: {}", failed.join(", ")), "the table says what to do").into())
}
