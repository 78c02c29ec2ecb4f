//! `account list` and `account show`.

use crate::commands::parts;
use crate::commands::table::{or_dash, table};
use crate::exit::Exit;
use crate::report::{one_line, say, say_json};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::tokens;
use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    version: u32,
    accounts: Vec<Account>,
}

/// Lists the accounts.
///
/// # Errors
/// When the database cannot be read.
pub fn run(as_json: bool, settings: &Settings) -> Result<Exit> {
    let accounts = Store::open_read_only(&settings.db, settings.clock)?.accounts()?;
    if as_json {
        say_json(&Document { version: 1, accounts })?;
        return Ok(Exit::Done);
    }
    if accounts.is_empty() {
        log::info!("there is no account yet; run: ficsync account add --name NAME --token-file F");
    }
    let rows = accounts.iter().map(|a| {
        [
            a.id.to_string(),
            a.name.clone(),
            a.company_id.to_string(),
            or_dash(a.company_name.as_deref()),
            or_dash(a.last_sync_at.as_deref()),
        ]
    });
    say(table(["id", "name", "company_id", "company_name", "last_sync_at"], rows))?;
    Ok(Exit::Done)
}

/// Shows one account and the state of its token.
///
/// # Errors
/// When there is none.
pub fn show(id: i64, settings: &Settings) -> Result<Exit> {
    let account = Store::open_read_only(&settings.db, settings.clock)?.account(id)?;
    let vault = parts::vault(settings);
    let token = vault.load(&account).map_or_else(|e| one_line(&e), |loaded| tokens::in_words(&loaded));
    let credentials = vault.systemd_path(id).unwrap_or_else(|| vault.path(id));
    let lines = [
        ("id", account.id.to_string()),
        ("name", account.name.clone()),
        ("company_id", account.company_id.to_string()),
        ("company_name", or_dash(account.company_name.as_deref())),
        ("created_at", account.created_at.clone()),
        ("last_sync_at", or_dash(account.last_sync_at.as_deref())),
        ("token", token),
        ("credentials", credentials.display().to_string()),
    ];
    say(table(["what", "value"], lines.map(|(what, value)| [what.to_owned(), value])))?;
    Ok(Exit::Done)
}
