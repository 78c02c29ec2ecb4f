//! What the service has, beside what is written down: taken over, told of.
//!
//! In: the service's list. Out: rows that say the same, the differences, and the subscriptions of other
//! programs, which are left alone. One request per account.

use super::requests::told;
use super::{AccountSubscriptions, Difference};
use crate::api::subscriptions::Remote;
use crate::describe::describe;
use crate::resource::events;
use crate::store::subscriptions::{Subscription, Wish};
use anyhow::Result;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// What is otherwise than it stands here.
    pub differences: Vec<Difference>,
    /// Other programs' subscriptions.
    pub others: Vec<Remote>,
}

/// What a subscription at the service is to us.
enum Known {
    /// It stands in this row.
    Row(i64, Same),
    /// Its sink is ours, of this group.
    Sink(String),
    Others,
}

/// Whether the row says what the service says.
type Same = bool;

impl AccountSubscriptions<'_> {
    /// Takes over what the service knows. A dry run writes nothing.
    ///
    /// # Errors
    /// The service's.
    pub fn take_over(&mut self, dry_run: bool) -> Result<Found> {
        let asked_at = self.settings.clock.stamp();
        let remotes = self.api.subscriptions().map_err(|error| describe(error, &self.account))?;
        let here = self.store.subscriptions(self.account.id)?;
        let mut found = Found::default();
        for remote in &remotes {
            self.take(remote, &here, (!dry_run).then_some(&asked_at), &mut found)?;
        }
        let there = |row: &Subscription| remotes.iter().any(|remote| row.id.as_ref() == Some(&remote.id));
        for gone in here.iter().filter(|row| !there(row)) {
            let Some(id) = &gone.id else { continue };
            found.differences.push(Difference::Gone(id.clone()));
            if !dry_run {
                self.store.missing(gone.row)?;
            }
        }
        Ok(found)
    }

    /// One of the service's list. Without `asked_at` nothing is written.
    fn take(
        &mut self,
        remote: &Remote,
        here: &[Subscription],
        asked_at: Option<&String>,
        found: &mut Found,
    ) -> Result<()> {
        let row = match self.whose(remote, here) {
            Known::Row(row, same) => {
                if !same {
                    found.differences.push(Difference::Changed(remote.id.clone()));
                }
                Some(row)
            }
            Known::Sink(group) => {
                found.differences.push(Difference::New { id: remote.id.clone(), group: group.clone() });
                match asked_at {
                    Some(_) => Some(self.store.write_down(&self.wish(remote, &group))?.row),
                    None => None,
                }
            }
            Known::Others => {
                let (id, sink) = (remote.id.clone(), remote.sink.clone());
                found.differences.push(Difference::OfOthers { id, sink });
                found.others.push(remote.clone());
                None
            }
        };
        if let (Some(row), Some(asked_at)) = (row, asked_at) {
            self.store.told(row, &told(remote, asked_at))?;
        }
        Ok(())
    }

    fn whose(&self, remote: &Remote, here: &[Subscription]) -> Known {
        // One that is being made has no id yet; its sink tells.
        let by_id = here.iter().find(|row| row.id.as_ref() == Some(&remote.id));
        let row = by_id.or_else(|| here.iter().find(|row| row.id.is_none() && row.sink == remote.sink));
        if let Some(row) = row {
            return Known::Row(row.row, same(row, remote));
        }
        let sibling = here.iter().find(|row| row.sink == remote.sink).map(|row| row.event_group.as_str());
        let below = || {
            let ours = |group: &&&str| self.sink(group).is_ok_and(|sink| sink == remote.sink);
            events::GROUPS.iter().find(ours).copied()
        };
        sibling.or_else(below).map_or(Known::Others, |group| Known::Sink(group.to_owned()))
    }

    fn wish<'a>(&self, remote: &'a Remote, group: &'a str) -> Wish<'a> {
        Wish {
            account_id: self.account.id,
            sink: &remote.sink,
            event_group: group,
            wanted: None,
            by_hand: false,
            sink_by_hand: false,
        }
    }
}

fn same(here: &Subscription, remote: &Remote) -> bool {
    here.sink == remote.sink
        && here.types == remote.types
        && here.verified == remote.verified
        && here.missing_since.is_none()
        && here.id.is_some()
}
