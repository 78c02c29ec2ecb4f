//! `subscriptions`: what the service sends to the listener, and where to.
//!
//! In: what was typed. Out: subscriptions at the service, the local table, words about both. What changes something at
//! the service is written down first, so that a challenge that arrives at once finds a known sink.

mod desk;
mod ensure;
mod list;
mod rules;
mod takeover;

use super::parts;
use crate::cli::SubscriptionsCommand;
use crate::exit::{self, Exit};
use crate::report::{Problem, one_line, say};
use crate::resource::events;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::lock::{self, Asked};
use crate::store::subscriptions::Subscription;
use anyhow::Result;
use desk::{Desk, Plan};

/// Runs a `subscriptions` command.
///
/// # Errors
/// The command's.
pub fn run(command: SubscriptionsCommand, settings: &Settings) -> Result<Exit> {
    match command {
        SubscriptionsCommand::List { json } => list::run(json, settings),
        SubscriptionsCommand::Sync { dry_run } => sync(dry_run, settings),
        SubscriptionsCommand::Create { account_id, group, sink, event_types } => {
            let mut store = parts::existing(settings)?;
            let mut desk = open(settings, &mut store, account_id, &Shutdown::on_signals()?)?;
            let sink = sink.map(|url| url.to_string());
            let wanted = if event_types.is_empty() { None } else { Some(full(event_types)) };
            desk.create(&Plan { group, sink, wanted, by_hand: true, ..Plan::default() })?;
            Ok(Exit::Done)
        }
        SubscriptionsCommand::Ensure => ensure::run(settings),
        SubscriptionsCommand::Verify { id } => with_one(&id, settings, |desk, one| desk.verify(one)),
        SubscriptionsCommand::Delete { id } => with_one(&id, settings, |desk, one| desk.delete(one)),
    }
}

fn with_one(
    id: &str,
    settings: &Settings,
    work: impl FnOnce(&mut Desk<'_>, &Subscription) -> Result<()>,
) -> Result<Exit> {
    let mut store = parts::existing(settings)?;
    let account_id = store.subscription(id)?.account_id;
    let mut desk = open(settings, &mut store, account_id, &Shutdown::on_signals()?)?;
    // Read at the desk: until then another run may have verified it, moved it or deleted it.
    let subscription = desk.store.subscription(id)?;
    work(&mut desk, &subscription)?;
    Ok(Exit::Done)
}

/// `subscriptions sync`: the service's subscriptions into the local table.
///
/// # Errors
/// When the database fails. What the service refuses for one account does not stop the others.
pub fn sync(dry_run: bool, settings: &Settings) -> Result<Exit> {
    let mut differences = 0;
    let exit = for_each_account(settings, |desk| {
        let lines = desk.take_over(dry_run)?.lines;
        differences += lines.len();
        lines.iter().try_for_each(say)?;
        Ok(Vec::new())
    })?;
    if differences == 0 && exit == Exit::Done {
        say("no differences")?;
    }
    Ok(exit)
}

/// Does something for each account, says what failed, and goes on. The worst of it is the exit.
fn for_each_account(
    settings: &Settings,
    mut work: impl FnMut(&mut Desk<'_>) -> Result<Vec<anyhow::Error>>,
) -> Result<Exit> {
    let mut store = parts::existing(settings)?;
    let shutdown = Shutdown::on_signals()?;
    let mut worst = Exit::Done;
    for account in store.accounts()? {
        let desk = open(settings, &mut store, account.id, &shutdown);
        let failed = desk.and_then(|mut desk| work(&mut desk)).unwrap_or_else(|error| vec![error]);
        for error in failed {
            let exit = exit::of(&error);
            worst = worst.worse(exit);
            match exit {
                Exit::Stopped => log::warn!("{}", one_line(&error)),
                _ => log::error!("{}", one_line(&error)),
            }
        }
    }
    Ok(worst)
}

/// Deletes all subscriptions of an account at the service, and here: also those that are ours and not written down yet.
///
/// # Errors
/// The service's: those not deleted yet stay.
pub fn delete_all(settings: &Settings, store: &mut Store, account_id: i64) -> Result<()> {
    let mut desk = open(settings, store, account_id, &Shutdown::on_signals()?)?;
    desk.take_over(false)?;
    let subscriptions = desk.store.subscriptions(account_id)?;
    subscriptions.iter().try_for_each(|subscription| desk.delete(subscription))
}

/// The desk of an account, which nobody else sits at.
fn open<'a>(settings: &'a Settings, store: &'a mut Store, account_id: i64, shutdown: &Shutdown) -> Result<Desk<'a>> {
    let account = store.account(account_id)?;
    let about = format!("process {} since {}", std::process::id(), settings.clock.stamp());
    let lock = match lock::ask_for_subscriptions(&settings.db, account_id, &about)? {
        Asked::Ours(lock) => lock,
        Asked::HeldBy(holder) => return Err(busy(&account, &holder)),
    };
    let api = parts::api(settings, &account, parts::policy(settings, shutdown))?;
    Ok(Desk { api, store, account, settings, shutdown: shutdown.clone(), _lock: lock })
}

fn busy(account: &Account, holder: &str) -> anyhow::Error {
    Problem::new(Exit::Stopped, format!("{account}: its subscriptions are being worked on by {holder}"))
        .hint("wait until it ends, then run again")
        .into()
}

/// Types may be typed without what all of them begin with.
fn full(types: Vec<String>) -> Vec<String> {
    let full = |text: String| match text.starts_with(events::PREFIX) {
        true => text,
        false => format!("{}{text}", events::PREFIX),
    };
    types.into_iter().map(full).collect()
}

/// Sinks are built from the public URL: without one there is none.
fn no_public_url() -> Problem {
    Problem::new(Exit::Settings, "setting public_url: it is not set, so that there is no sink to tell the service")
        .hint(
            "give it with --public-url, FICSYNC_PUBLIC_URL or the configuration file, such as https://hooks.example.it",
        )
}
