//! `account check`: is the token good, and which scopes does it have.
//!
//! One cheap request per account and resource. The table says how each ended; the exit code is the worst of them.

use crate::api::ApiError;
use crate::commands::parts;
use crate::commands::table::table;
use crate::describe::{describe, describe_resource};
use crate::exit::Exit;
use crate::report::{exit_of, say};
use crate::resource;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::tokens;
use anyhow::Result;

struct Findings {
    rows: Vec<[String; 4]>,
    worst: Option<anyhow::Error>,
}

/// Checks one account, or all.
///
/// # Errors
/// The worst finding: 77 when a token or scope was refused.
pub fn run(id: Option<i64>, settings: &Settings) -> Result<Exit> {
    let store = Store::open_existing(&settings.db, settings.clock)?;
    let accounts = match id {
        Some(id) => vec![store.account(id)?],
        None => store.accounts()?,
    };
    if accounts.is_empty() {
        log::info!("there is no account yet; run: ficsync account add --name NAME --token-file F");
    }
    let shutdown = Shutdown::on_signals()?;
    let mut findings = Findings { rows: Vec::new(), worst: None };
    for account in &accounts {
        check(account, settings, &shutdown, &mut findings)?;
    }
    say(table(["account", "name", "what", "finding"], findings.rows))?;
    findings.worst.map_or(Ok(Exit::Done), Err)
}

fn check(account: &Account, settings: &Settings, shutdown: &Shutdown, findings: &mut Findings) -> Result<()> {
    match parts::vault(settings).load(account) {
        Ok(loaded) => findings.add(account, "token", tokens::in_words(&loaded)),
        Err(error) => {
            findings.add(account, "token", error.to_string());
            findings.fail(error.context(account.to_string()));
            return Ok(());
        }
    }
    let api = parts::api(settings, account, parts::policy(settings, shutdown))?;
    for (scope, resource) in resource::scopes(&settings.resources) {
        match api.may_read(resource, settings.clock.now()) {
            Ok(()) => findings.add(account, scope, "ok".to_owned()),
            Err(error @ ApiError::Scope(_)) => {
                findings.add(account, scope, "refused, the token lacks it".to_owned());
                findings.fail(describe_resource(error, account, resource));
            }
            Err(error) => {
                findings.add(account, scope, error.to_string());
                findings.fail(describe(error, account));
                // Whatever it was, it is not the resource's.
                break;
            }
        }
    }
    Ok(())
}

impl Findings {
    fn add(&mut self, account: &Account, what: &str, finding: String) {
        self.rows.push([account.id.to_string(), account.name.clone(), what.to_owned(), finding]);
    }

    /// Keeps the error whose exit code goes before the others.
    fn fail(&mut self, error: anyhow::Error) {
        let new = exit_of(&error);
        let old = self.worst.as_ref().map_or(Exit::Done, exit_of);
        if old.worse(new) != old {
            self.worst = Some(error);
        }
    }
}
