//! `doctor`: every check with its finding and the command that mends it.
//!
//! In: the settings. Out: a line per check, or JSON; exit 1 when one fails. Mends nothing itself. Ids of checks are stable.

mod here;
mod there;

use super::table::table;
use crate::exit::Exit;
use crate::report::{say, say_json};
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use anyhow::Result;
use serde::Serialize;

/// One finding.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Check {
    /// What was checked: stable.
    pub id: &'static str,
    /// The account, where it is about one.
    pub account_id: Option<i64>,
    /// Whether it is well.
    pub ok: bool,
    /// What was found.
    pub found: String,
    /// What to type, or to do.
    pub cure: Option<String>,
}

#[derive(Serialize)]
struct Document {
    version: u8,
    checks: Vec<Check>,
}

impl Check {
    /// A check that went well.
    pub fn good(id: &'static str, account_id: Option<i64>, found: impl Into<String>) -> Self {
        Self { id, account_id, ok: true, found: found.into(), cure: None }
    }

    /// A check that failed, and its cure.
    pub fn bad(id: &'static str, account_id: Option<i64>, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { id, account_id, ok: false, found: found.into(), cure: Some(cure.into()) }
    }
}

/// Runs all checks.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(as_json: bool, settings: &Settings) -> Result<Exit> {
    let checks = checks(settings)?;
    let exit = if checks.iter().all(|check| check.ok) { Exit::Done } else { Exit::Failed };
    if as_json {
        say_json(&Document { version: 1, checks })?;
        return Ok(exit);
    }
    let rows = checks.iter().map(|check| {
        [
            if check.ok { "ok" } else { "not ok" }.to_owned(),
            check.id.to_owned(),
            check.account_id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
            check.found.clone(),
            check.cure.clone().unwrap_or_default(),
        ]
    });
    say(table(["", "check", "account", "found", "what to do"], rows))?;
    let wrong = checks.iter().filter(|check| !check.ok).count();
    if wrong > 0 {
        log::error!("{wrong} of {} checks failed; do what stands beside them", checks.len());
    }
    Ok(exit)
}

fn checks(settings: &Settings) -> Result<Vec<Check>> {
    let store = match Store::open_existing(&settings.db, settings.clock) {
        Ok(store) => store,
        Err(error) => {
            let found = crate::report::one_line(&error);
            return Ok(vec![Check::bad("database.open", None, found, "see what was found")]);
        }
    };
    let mut checks = here::database(&store);
    let statuses = store.status(&settings.resources)?;
    if statuses.is_empty() {
        checks.push(Check::bad("accounts.any", None, "no account", "ficsync account add --name NAME --token-file F"));
    }
    let shutdown = Shutdown::on_signals()?;
    for status in &statuses {
        checks.extend(there::token_and_scopes(settings, status, &shutdown));
        checks.extend(here::account(settings, status));
    }
    checks.extend(here::listener(settings, &statuses));
    checks.extend(there::public_url(settings, &statuses));
    Ok(checks)
}
