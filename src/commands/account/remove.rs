//! `account remove`: an account with its rows and credentials.
//!
//! The credentials go first: a crash between the two leaves an account without a token, which the next
//! `account remove` ends.

use crate::commands::parts;
use crate::exit::Exit;
use crate::report::{Problem, tell};
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::lock::{self, Asked};
use crate::tokens;
use anyhow::Result;
use std::io::{self, IsTerminal};

/// Removes an account.
///
/// # Errors
/// When there is none, it is not confirmed (2 without a terminal), a run works on it (75), or a subscription cannot be
/// deleted at the service: everything then stays.
pub fn run(id: i64, yes: bool, with_subscriptions: bool, settings: &Settings) -> Result<Exit> {
    // A database that is not there is not made in order to remove something from it.
    drop(Store::open_read_only(&settings.db, settings.clock)?);
    let mut store = Store::open(&settings.db, settings.clock)?;
    let account = store.account(id)?;
    if !yes && !confirmed(&account)? {
        log::info!("{account} stays");
        return Ok(Exit::Failed);
    }
    let about = format!("pid {} (account remove) since {}", std::process::id(), settings.clock.stamp());
    let _lock = match lock::ask(&settings.db, id, &about)? {
        Asked::Ours(lock) => lock,
        Asked::HeldBy(holder) => return Err(busy(&account, &holder)),
    };
    let subscriptions = store.subscriptions(id)?;
    if with_subscriptions {
        crate::commands::subscriptions::delete_all(settings, &mut store, id)?;
    } else {
        for s in subscriptions.iter().filter(|s| s.missing_since.is_none()) {
            let name = s.id.as_deref().unwrap_or("one that was being made");
            log::warn!("{account}: the service keeps its subscription {name}, which sends to {}", s.sink);
        }
    }
    // Whoever refreshes the token meanwhile would else write it down again.
    let credentials = tokens::lock(&parts::vault(settings), id, &Shutdown::on_signals()?)?;
    credentials.remove_credentials()?;
    store.remove_account(id)?;
    credentials.end()?;
    log::info!("{account} is removed");
    Ok(Exit::Done)
}

fn confirmed(account: &Account) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Problem::new(Exit::Usage, format!("{account} is removed only when that is confirmed"))
            .hint("add --yes where nobody can be asked")
            .into());
    }
    tell(format_args!("{account}, company {}: remove it with all its rows and its token? [y/N]", account.company_id))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "si" | "sì"))
}

fn busy(account: &Account, holder: &str) -> anyhow::Error {
    Problem::new(Exit::Stopped, format!("{account} is being worked on by {holder}"))
        .hint("wait until it ends, then run again")
        .into()
}
