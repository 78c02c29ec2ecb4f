//! `subscriptions ensure`: whatever the state is, towards the one that is wanted. Run daily, it does nothing when all is well.
//!
//! Wanted are the groups of the mirrored resources, and those made by hand. What is missing is made, what is not
//! verified is verified, a sink that is not ours any more or types that are missing are changed.

use super::desk::Desk;
use super::open;
use crate::commands::parts;
use crate::exit::{self, Exit};
use crate::report::{one_line, say};
use crate::resource;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::subscriptions::Subscription;
use anyhow::Result;

/// Runs it for all accounts. One account's or group's trouble does not stop the others.
///
/// # Errors
/// When the database cannot be used.
pub fn run(settings: &Settings) -> Result<Exit> {
    let mut store = parts::existing(settings)?;
    let shutdown = Shutdown::on_signals()?;
    let mut worst = Exit::Done;
    for account in store.accounts()? {
        let mut desk = open(settings, &mut store, account.id, &shutdown)?;
        let results = match desk.take_over(false) {
            Ok(lines) => {
                lines.iter().try_for_each(say)?;
                groups(&desk)?.iter().map(|group| desk.ensure(group)).collect()
            }
            Err(error) => vec![Err(error)],
        };
        for error in results.into_iter().filter_map(Result::err) {
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

/// The groups that are wanted.
fn groups(desk: &Desk<'_>) -> Result<Vec<String>> {
    let mut groups: Vec<String> = desk.settings.resources.iter().map(|r| r.event_group.to_owned()).collect();
    let by_hand = desk.store.subscriptions(desk.account.id)?.into_iter().filter(|s| s.by_hand);
    groups.extend(by_hand.map(|s| s.event_group));
    groups.sort();
    groups.dedup();
    Ok(groups)
}

impl Desk<'_> {
    /// One group of one account.
    fn ensure(&mut self, group: &str) -> Result<()> {
        let all = self.store.subscriptions(self.account.id)?;
        let (live, lost): (Vec<Subscription>, Vec<Subscription>) = all
            .into_iter()
            .filter(|s| s.event_group == group)
            .partition(|s| s.id.is_some() && s.missing_since.is_none());
        if live.is_empty() {
            let by_hand = lost.iter().find(|s| s.by_hand);
            let sink = by_hand.filter(|s| s.sink_by_hand).map(|s| s.sink.clone());
            let types = by_hand.and_then(|s| s.wanted.clone());
            let is_by_hand = by_hand.is_some();
            lost.iter().filter(|s| s.id.is_some()).try_for_each(|s| self.store.forget_subscription(s.row))?;
            return self.create(group, sink.as_deref(), types.as_deref(), is_by_hand);
        }
        live.iter().try_for_each(|subscription| self.mend(subscription))
    }

    fn mend(&mut self, subscription: &Subscription) -> Result<()> {
        let sink = match subscription.sink_by_hand {
            true => subscription.sink.clone(),
            false => self.sink(&subscription.event_group)?,
        };
        let lacks = match &subscription.wanted {
            Some(wanted) => wanted.iter().filter(|t| !subscription.types.contains(t)).cloned().collect(),
            None => resource::missing_types(&subscription.event_group, &subscription.types),
        };
        if sink != subscription.sink || !lacks.is_empty() {
            let whole = subscription.wanted.clone();
            let types = whole.unwrap_or_else(|| resource::group_types(&subscription.event_group));
            return self.modify(subscription, &sink, &types);
        }
        if subscription.verified { Ok(()) } else { self.verify(subscription) }
    }
}
