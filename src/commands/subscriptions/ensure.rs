//! `subscriptions ensure`: whatever the state is, towards the one that is wanted. Run daily, it does nothing when all is well.
//!
//! Wanted are the groups of the mirrored resources, and those made by hand. What is missing is made, what is not
//! verified is verified, a sink that is not ours any more or types that are missing are changed. Other programs'
//! subscriptions are left alone, and the types that they have are theirs: the service gives each type once.

use super::desk::{Desk, Plan};
use super::for_each_account;
use crate::api::subscriptions::Remote;
use crate::exit::Exit;
use crate::report::say;
use crate::resource::{self, events};
use crate::settings::Settings;
use crate::store::subscriptions::Subscription;
use anyhow::Result;

/// Runs it for all accounts. One account's or group's trouble does not stop the others.
///
/// # Errors
/// When the database cannot be used.
pub fn run(settings: &Settings) -> Result<Exit> {
    for_each_account(settings, |desk| {
        let found = desk.take_over(false)?;
        found.lines.iter().try_for_each(say)?;
        let groups = groups(desk)?;
        Ok(groups.iter().flat_map(|group| desk.ensure(group, &found.others)).collect())
    })
}

/// The groups that are wanted.
fn groups(desk: &Desk<'_>) -> Result<Vec<String>> {
    let mut groups: Vec<String> = resource::groups(&desk.mirrored()?).into_iter().map(str::to_owned).collect();
    let by_hand = desk.store.subscriptions(desk.account.id)?.into_iter().filter(|s| s.by_hand);
    groups.extend(by_hand.map(|s| s.event_group));
    groups.sort();
    groups.dedup();
    Ok(groups)
}

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

impl Desk<'_> {
    /// One group of one account. What failed, if something did.
    fn ensure(&mut self, group: &str, others: &[Remote]) -> Vec<anyhow::Error> {
        let mut failed = Vec::new();
        let mut keep = |result: Result<()>| failed.extend(result.err());
        match self.rows(group) {
            Ok(rows) => {
                for row in &rows.live {
                    keep(self.mend(row, &rows, others));
                }
                for row in &rows.wished {
                    keep(self.make_again(row));
                }
                if !rows.live.iter().chain(&rows.wished).any(|row| !row.sink_by_hand) {
                    keep(self.make(group, &rows, others));
                }
                for row in rows.dead {
                    keep(self.store.forget_subscription(row));
                }
            }
            Err(error) => keep(Err(error)),
        }
        failed
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
    fn make_again(&mut self, row: &Subscription) -> Result<()> {
        let sink = if row.sink_by_hand { row.sink.clone() } else { self.sink(&row.event_group)? };
        let made = self.create(&Plan {
            group: row.event_group.clone(),
            sink: row.sink_by_hand.then(|| row.sink.clone()),
            wanted: row.wanted.clone(),
            by_hand: true,
            keep: true,
            ..Plan::default()
        });
        // The new one has a row of its own; the old one stood for the wish.
        let known = self.store.subscriptions(self.account.id)?;
        if known.iter().any(|other| other.row != row.row && other.sink == sink) {
            self.store.forget_subscription(row.row)?;
        }
        made
    }

    /// Makes the group's own, where there is none.
    fn make(&mut self, group: &str, rows: &Rows, others: &[Remote]) -> Result<()> {
        let mut plan = Plan { group: group.to_owned(), ..Plan::default() };
        let needed = events::needed_types(group, &self.mirrored()?);
        if needed.is_empty() {
            return Ok(());
        }
        let taken: Vec<String> = rows.live.iter().flat_map(|row| row.types.clone()).collect();
        let theirs = self.taken_by(others, &needed);
        if taken.is_empty() && theirs.is_empty() {
            return self.create(&plan);
        }
        let free: Vec<String> = needed.into_iter().filter(|t| !taken.contains(t) && !theirs.contains(t)).collect();
        if free.is_empty() {
            return Ok(());
        }
        plan.types = Some(free);
        self.create(&plan)
    }

    fn mend(&mut self, row: &Subscription, rows: &Rows, others: &[Remote]) -> Result<()> {
        let sink = match (row.sink_by_hand, &self.settings.public_url) {
            (true, _) | (_, None) => row.sink.clone(),
            (false, Some(_)) => self.sink(&row.event_group)?,
        };
        let lacks = self.lacks(row, rows, others);
        if sink != row.sink || !lacks.is_empty() {
            let types: Vec<String> = row.types.iter().cloned().chain(lacks).collect();
            return self.modify(row, &sink, &types);
        }
        if row.verified { Ok(()) } else { self.verify(row) }
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
