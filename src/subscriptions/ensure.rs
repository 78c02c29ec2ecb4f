//! Whatever the state is, towards the one that is wanted. Run daily, it does nothing when all is well.
//!
//! Wanted are the groups of the mirrored resources, and those made by hand. What is missing is made, what is not
//! verified is verified, a sink that is not ours any more or types that are missing are changed. Other programs'
//! subscriptions are left alone, and the types that they have are theirs: the service gives each type once.

use super::{AccountSubscriptions, NewSubscription, Outcome};
use crate::api::subscriptions::Remote;
use crate::resource::{self, events};
use crate::store::subscriptions::Subscription;
use anyhow::Result;

/// The subscriptions of a group, by what is to be done with them.
#[derive(Debug, Default)]
struct Rows {
    /// At the service.
    live: Vec<Subscription>,
    /// Asked for by a person, and not there: never made, or lost.
    wished: Vec<Subscription>,
    /// Rows that stand for nothing.
    dead: Vec<i64>,
}

impl AccountSubscriptions<'_> {
    /// The groups that are wanted.
    pub fn wanted_groups(&self) -> Result<Vec<String>> {
        let mirrored = resource::groups(&self.settings.resources);
        let mut groups: Vec<String> = mirrored.into_iter().map(str::to_owned).collect();
        let by_hand = self.store.subscriptions(self.account.id)?.into_iter().filter(|s| s.by_hand);
        groups.extend(by_hand.map(|s| s.event_group));
        groups.sort();
        groups.dedup();
        Ok(groups)
    }

    /// Brings a group to what is wanted of it: what was done, and what failed. `others` are subscriptions of other
    /// programs.
    pub fn ensure(&mut self, group: &str, others: &[Remote]) -> Vec<Result<Outcome>> {
        let rows = match self.rows(group) {
            Ok(rows) => rows,
            Err(error) => return vec![Err(error)],
        };
        let mut done = Vec::new();
        for row in &rows.live {
            done.extend(self.mend(row, &rows, others).transpose());
        }
        for row in &rows.wished {
            done.push(self.make_again(row));
        }
        if !rows.live.iter().chain(&rows.wished).any(|row| !row.sink_by_hand) {
            done.extend(self.make(group, &rows, others).transpose());
        }
        for row in rows.dead {
            done.extend(self.store.forget_subscription(row).err().map(Err));
        }
        done
    }

    fn rows(&self, group: &str) -> Result<Rows> {
        let mut rows = Rows::default();
        let all = self.store.subscriptions(self.account.id)?;
        for row in all.into_iter().filter(|row| row.event_group == group) {
            match (row.id.is_some() && row.missing_since.is_none(), row.by_hand) {
                (true, _) => rows.live.push(row),
                (false, true) => rows.wished.push(row),
                // What is made anew takes the row of its own sink over.
                (false, false) if self.sink(group).is_ok_and(|sink| sink == row.sink) && row.id.is_none() => {}
                (false, false) => rows.dead.push(row.row),
            }
        }
        Ok(rows)
    }

    /// What a person wished for, made again.
    fn make_again(&mut self, row: &Subscription) -> Result<Outcome> {
        let sink = if row.sink_by_hand { row.sink.clone() } else { self.sink(&row.event_group)? };
        let made = self.create(&NewSubscription {
            group: row.event_group.clone(),
            sink: row.sink_by_hand.then(|| row.sink.clone()),
            wanted: row.wanted.clone(),
            by_hand: true,
            keep: true,
            ..NewSubscription::default()
        });
        // The new one has a row of its own; the old one stood for the wish.
        let known = self.store.subscriptions(self.account.id)?;
        if known.iter().any(|other| other.row != row.row && other.sink == sink) {
            self.store.forget_subscription(row.row)?;
        }
        made
    }

    /// Makes the group's own, where there is none.
    fn make(&mut self, group: &str, rows: &Rows, others: &[Remote]) -> Result<Option<Outcome>> {
        let mut new = NewSubscription { group: group.to_owned(), ..NewSubscription::default() };
        let needed = events::needed_types(group, &self.mirrored()?);
        if needed.is_empty() {
            return Ok(None);
        }
        let taken: Vec<String> = rows.live.iter().flat_map(|row| row.types.clone()).collect();
        let theirs = self.taken_by(others, &needed);
        if taken.is_empty() && theirs.is_empty() {
            return self.create(&new).map(Some);
        }
        let free: Vec<String> = needed.into_iter().filter(|t| !taken.contains(t) && !theirs.contains(t)).collect();
        if free.is_empty() {
            return Ok(None);
        }
        new.types = Some(free);
        self.create(&new).map(Some)
    }

    /// Changes or verifies one that is there, where that is needed.
    fn mend(&mut self, row: &Subscription, rows: &Rows, others: &[Remote]) -> Result<Option<Outcome>> {
        let sink = match (row.sink_by_hand, &self.settings.public_url) {
            (true, _) | (_, None) => row.sink.clone(),
            (false, Some(_)) => self.sink(&row.event_group)?,
        };
        let lacks = self.lacks(row, rows, others);
        if sink != row.sink || !lacks.is_empty() {
            let types: Vec<String> = row.types.iter().cloned().chain(lacks).collect();
            return self.modify(row, &sink, &types).map(Some);
        }
        if row.verified { Ok(None) } else { self.verify(row).map(Some) }
    }

    /// Types that a subscription is to have, that it has not, and that it can get.
    fn lacks(&self, row: &Subscription, rows: &Rows, others: &[Remote]) -> Vec<String> {
        let Ok(mirrored) = self.mirrored() else { return Vec::new() };
        let needed = events::needed_types(&row.event_group, &mirrored);
        // The first that is not a person's own carries what the mirror needs.
        let carries = rows.live.iter().find(|other| !other.sink_by_hand).is_some_and(|first| first.row == row.row);
        let mut wanted = row.wanted.clone().unwrap_or_default();
        wanted.extend(needed.into_iter().filter(|_| carries));
        let siblings = || rows.live.iter().filter(|other| other.row != row.row);
        wanted.retain(|t| !events::covers(&row.types, t) && !siblings().any(|other| events::covers(&other.types, t)));
        let theirs = self.taken_by(others, &wanted);
        wanted.retain(|t| !theirs.contains(t));
        wanted
    }

    /// Those of `types` that other programs of the same app have: they are told of each time, as nothing here mends it.
    fn taken_by(&self, others: &[Remote], types: &[String]) -> Vec<String> {
        let mut taken = Vec::new();
        for other in others {
            let theirs: Vec<&String> = types.iter().filter(|t| events::covers(&other.types, t)).collect();
            if theirs.is_empty() {
                continue;
            }
            let short = |t: &&String| t.strip_prefix(events::PREFIX).unwrap_or(t).to_owned();
            let names = theirs.iter().map(short).collect::<Vec<_>>().join(", ");
            log::warn!(
                "{}: {} ({}) has {names}, so that they do not come here; the next sync brings those changes",
                self.account,
                other.id,
                other.sink
            );
            taken.extend(theirs.into_iter().cloned());
        }
        taken
    }
}
