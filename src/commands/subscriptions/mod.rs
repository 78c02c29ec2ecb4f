//! `subscriptions`: what the service sends to the listener, and where to.
//!
//! In: what was typed. Out: subscriptions at the service, the local table, words about both. What changes something at
//! the service is written down first, so that a challenge that arrives at once finds a known sink.

mod desk;
mod ensure;
mod list;

use super::parts;
use crate::cli::SubscriptionsCommand;
use crate::exit::Exit;
use crate::report::{Problem, say};
use crate::resource;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use anyhow::Result;
use desk::Desk;

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
            let types = if event_types.is_empty() { None } else { Some(full(event_types)) };
            desk.create(&group, sink.as_deref(), types.as_deref(), true)?;
            Ok(Exit::Done)
        }
        SubscriptionsCommand::Ensure => ensure::run(settings),
        SubscriptionsCommand::Verify { id } => {
            let mut store = parts::existing(settings)?;
            let subscription = store.subscription(&id)?;
            open(settings, &mut store, subscription.account_id, &Shutdown::on_signals()?)?.verify(&subscription)?;
            Ok(Exit::Done)
        }
        SubscriptionsCommand::Delete { id } => {
            let mut store = parts::existing(settings)?;
            let subscription = store.subscription(&id)?;
            open(settings, &mut store, subscription.account_id, &Shutdown::on_signals()?)?.delete(&subscription)?;
            Ok(Exit::Done)
        }
    }
}

/// `subscriptions sync`: the service's subscriptions into the local table.
///
/// # Errors
/// When the service or the database fails.
pub fn sync(dry_run: bool, settings: &Settings) -> Result<Exit> {
    let mut store = parts::existing(settings)?;
    let (mut differences, shutdown) = (0, Shutdown::on_signals()?);
    for account in store.accounts()? {
        let lines = open(settings, &mut store, account.id, &shutdown)?.take_over(dry_run)?;
        differences += lines.len();
        lines.iter().try_for_each(say)?;
    }
    if differences == 0 {
        say("no differences")?;
    }
    Ok(Exit::Done)
}

/// Deletes all subscriptions of an account at the service, and here.
///
/// # Errors
/// The service's: those not deleted yet stay.
pub fn delete_all(settings: &Settings, store: &mut Store, account_id: i64) -> Result<()> {
    let subscriptions = store.subscriptions(account_id)?;
    let mut desk = open(settings, store, account_id, &Shutdown::on_signals()?)?;
    subscriptions.iter().try_for_each(|subscription| desk.delete(subscription))
}

/// The desk of an account.
fn open<'a>(settings: &'a Settings, store: &'a mut Store, account_id: i64, shutdown: &Shutdown) -> Result<Desk<'a>> {
    let account = store.account(account_id)?;
    let policy = parts::policy(settings, shutdown);
    let api = parts::api(settings, &account, policy)?;
    Ok(Desk { api, store, account, settings, shutdown: shutdown.clone() })
}

/// Types may be typed without what all of them begin with.
fn full(types: Vec<String>) -> Vec<String> {
    let full = |text: String| match text.starts_with(resource::EVENT_PREFIX) {
        true => text,
        false => format!("{}{text}", resource::EVENT_PREFIX),
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
