//! `subscriptions`: what the service sends to the listener, and where to.
//!
//! In: what was typed. Out: words about what `crate::subscriptions` did.

mod list;
mod words;

use super::parts;
use crate::cli::SubscriptionsCommand;
use crate::exit::Exit;
use crate::report::{exit_of, one_line, say};
use crate::resource::events;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::subscriptions::Subscription;
use crate::subscriptions::{AccountSubscriptions, NewSubscription, Outcome};
use anyhow::Result;

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
            let mut ours = open(settings, &mut store, account_id, &Shutdown::on_signals()?)?;
            let sink = sink.map(|url| url.to_string());
            let wanted = if event_types.is_empty() { None } else { Some(full(event_types)) };
            let new = NewSubscription { group, sink, wanted, by_hand: true, ..NewSubscription::default() };
            let made = ours.create(&new)?;
            words::outcome(&ours.account, &made)?;
            Ok(Exit::Done)
        }
        SubscriptionsCommand::Ensure => ensure(settings),
        SubscriptionsCommand::Verify { id } => with_one(&id, settings, |ours, one| ours.verify(one)),
        SubscriptionsCommand::Delete { id } => with_one(&id, settings, |ours, one| ours.delete(one)),
    }
}

fn with_one(
    id: &str,
    settings: &Settings,
    work: impl FnOnce(&mut AccountSubscriptions<'_>, &Subscription) -> Result<Outcome>,
) -> Result<Exit> {
    let mut store = parts::existing(settings)?;
    let account_id = store.subscription(id)?.account_id;
    let mut ours = open(settings, &mut store, account_id, &Shutdown::on_signals()?)?;
    // Read under the lock: until then another run may have verified it, moved it or deleted it.
    let subscription = ours.store.subscription(id)?;
    let outcome = work(&mut ours, &subscription)?;
    words::outcome(&ours.account, &outcome)?;
    Ok(Exit::Done)
}

/// `subscriptions sync`: the service's subscriptions into the local table.
///
/// # Errors
/// When the database fails. What the service refuses for one account does not stop the others.
pub fn sync(dry_run: bool, settings: &Settings) -> Result<Exit> {
    let mut number = 0;
    let exit = for_each_account(settings, |ours| {
        let differences = ours.take_over(dry_run)?.differences;
        number += differences.len();
        differences.iter().try_for_each(|one| words::difference(&ours.account, one))?;
        Ok(Vec::new())
    })?;
    if number == 0 && exit == Exit::Done {
        say("no differences")?;
    }
    Ok(exit)
}

/// `subscriptions ensure`: one account's or group's trouble does not stop the others.
fn ensure(settings: &Settings) -> Result<Exit> {
    for_each_account(settings, |ours| {
        let found = ours.take_over(false)?;
        found.differences.iter().try_for_each(|one| words::difference(&ours.account, one))?;
        let mut failed = Vec::new();
        for group in ours.wanted_groups()? {
            for done in ours.ensure(&group, &found.others) {
                failed.extend(done.and_then(|outcome| words::outcome(&ours.account, &outcome)).err());
            }
        }
        Ok(failed)
    })
}

/// Does something for each account, says what failed, and goes on. The worst of it is the exit.
fn for_each_account(
    settings: &Settings,
    mut work: impl FnMut(&mut AccountSubscriptions<'_>) -> Result<Vec<anyhow::Error>>,
) -> Result<Exit> {
    let mut store = parts::existing(settings)?;
    let shutdown = Shutdown::on_signals()?;
    let mut worst = Exit::Done;
    for account in store.accounts()? {
        let ours = open(settings, &mut store, account.id, &shutdown);
        let failed = ours.and_then(|mut ours| work(&mut ours)).unwrap_or_else(|error| vec![error]);
        for error in failed {
            let exit = exit_of(&error);
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
    let mut ours = open(settings, store, account_id, &Shutdown::on_signals()?)?;
    ours.take_over(false)?;
    for subscription in ours.store.subscriptions(account_id)? {
        let deleted = ours.delete(&subscription)?;
        words::outcome(&ours.account, &deleted)?;
    }
    Ok(())
}

/// The subscriptions of an account, which nobody else works on.
fn open<'a>(
    settings: &'a Settings,
    store: &'a mut Store,
    account_id: i64,
    shutdown: &Shutdown,
) -> Result<AccountSubscriptions<'a>> {
    let connect = |account: &_| parts::api(settings, account, parts::policy(settings, shutdown));
    AccountSubscriptions::open(settings, store, account_id, shutdown, connect)
}

/// Types may be typed without what all of them begin with.
fn full(types: Vec<String>) -> Vec<String> {
    let full = |text: String| match text.starts_with(events::PREFIX) {
        true => text,
        false => format!("{}{text}", events::PREFIX),
    };
    types.into_iter().map(full).collect()
}
