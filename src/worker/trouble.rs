//! Trouble: what a failed request means for the rest of a claim.
//!
//! In: a [`Consequence`]. Out: records that are left aside, or the end of the work; pauses. How far a failure reaches is asked,
//! not guessed: a request that got no answer is followed by one that touches no record, so that a record that always
//! fails does not look like a service that is down, nor the other way round. Puts no event back: see `hand_back`.

use super::backoff;
use super::claim_work::ClaimWork;
use super::consequence::{self, Consequence};
use super::unfinished::{End, Trouble, Wait};
use crate::record::Id;
use crate::resource::{Resource, events};
use crate::window::{Span, Window};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// After so many failures in a row for single records, though the service answers, the others of this kind are not tried.
const MOST_UNANSWERED: u32 = 3;
/// No record is as young: a list from here on is empty.
const NEVER: &str = "9999-01-01 00:00:00";

/// How long is waited, by the number of waits in a row.
type Delay = fn(u32) -> SignedDuration;

impl ClaimWork<'_> {
    /// Notes what a failed request means: for one record (`id`), or for a list, which leaves its records to be asked for
    /// one by one.
    pub(super) fn react(
        &mut self,
        consequence: Consequence,
        resource: &'static Resource,
        id: Option<&Id>,
    ) -> Result<(), End> {
        match consequence {
            Consequence::Stopped => Err(End::Stopped),
            Consequence::Own(error) => Err(error.into()),
            Consequence::Quota(until, reason) => {
                self.store.pause(self.account.id, "", until, &reason)?;
                self.announce("", until, &reason);
                Err(End::Trouble(Trouble::Waits(Wait { until, prefixes: vec![String::new()], reason })))
            }
            Consequence::Token(reason) => {
                let wait = self.pause_all(reason, consequence::patience)?;
                Err(End::Trouble(Trouble::Waits(wait)))
            }
            Consequence::Scope(reason) => {
                let wait = self.pause_kinds(resource, reason, consequence::patience)?;
                self.leave(resource, &Trouble::Waits(wait));
                Ok(())
            }
            Consequence::NoAnswer(reason) => self.no_answer(reason, resource, id),
            Consequence::Refused(reason) => {
                self.unanswered = 0;
                if let Some(id) = id {
                    self.troubles.insert(id.clone(), Trouble::Failed(reason));
                }
                Ok(())
            }
        }
    }

    /// No usable answer: for this record, for this kind of records, or for anything?
    fn no_answer(&mut self, reason: String, resource: &'static Resource, id: Option<&Id>) -> Result<(), End> {
        self.unanswered += 1;
        // A list that fails is given up; the records tell.
        let Some(id) = id else { return Ok(()) };
        if self.answers(resource)? {
            // It is back just now: the record is asked for once more.
            if self.goes_on(resource)? {
                return Ok(());
            }
            self.troubles.insert(id.clone(), Trouble::Failed(reason.clone()));
            if self.unanswered >= MOST_UNANSWERED {
                self.leave(resource, &Trouble::Failed(reason));
            }
            return Ok(());
        }
        let elsewhere = self.other_lane.map_or(Ok(false), |other| self.answers(other))?;
        let wait = match elsewhere {
            true => self.pause_kinds(resource, reason, backoff::rest)?,
            false => self.pause_all(reason, backoff::rest)?,
        };
        let down = Trouble::Down(wait);
        if elsewhere {
            self.leave(resource, &down);
            return Ok(());
        }
        Err(End::Trouble(down))
    }

    /// Whether the service answers for a resource type at all.
    fn answers(&mut self, resource: &'static Resource) -> Result<bool, End> {
        self.tally.lists += 1;
        let asked = match resource.stamped() {
            Some(_) => self.api.impatient().count(resource, &Window::created(Span::since(NEVER))).map(drop),
            None => self.api.impatient().may_read(resource, self.store.clock().now()),
        };
        let Err(error) = asked else { return Ok(true) };
        match consequence::judge(error, self.account, resource) {
            Consequence::NoAnswer(_) => Ok(false),
            Consequence::Refused(_) | Consequence::Scope(_) => Ok(true),
            of_all => self.react(of_all, resource, None).map(|()| true),
        }
    }

    /// The service has answered for a resource type: pauses of it, and of all of the account, are over. Returns whether
    /// there was one.
    pub(super) fn goes_on(&mut self, resource: &'static Resource) -> anyhow::Result<bool> {
        let mut paused = false;
        for prefix in self.prefixes(resource) {
            paused |= self.store.resume(self.account.id, Some(&prefix))?;
        }
        if paused {
            self.api = self.api.patient();
        }
        Ok(paused)
    }

    /// Leaves the rest of a resource type aside.
    fn leave(&mut self, resource: &'static Resource, trouble: &Trouble) {
        for id in self.open(|want| want.candidates.contains(&resource)) {
            self.troubles.insert(id, trouble.clone());
        }
    }

    /// What the types begin with whose events tell of a resource type. Some tell of one whatever they begin with: then it
    /// is those that are in work.
    fn prefixes(&self, resource: &'static Resource) -> BTreeSet<String> {
        let prefixes: BTreeSet<String> = resource.prefixes().into_iter().collect();
        let here = || self.claim.events.iter().map(|event| event.event_type.clone()).collect();
        if prefixes.is_empty() { here() } else { prefixes }
    }

    /// Lets the events wait that tell of a resource type.
    fn pause_kinds(&mut self, resource: &'static Resource, reason: String, delay: Delay) -> Result<Wait, End> {
        let mut wait = Wait { until: self.store.clock().now(), prefixes: Vec::new(), reason };
        for prefix in self.prefixes(resource) {
            wait.until = wait.until.max(self.pause(&prefix, &wait.reason, delay)?);
            wait.prefixes.push(prefix);
        }
        Ok(wait)
    }

    /// Lets all of the account's events wait.
    fn pause_all(&mut self, reason: String, delay: Delay) -> Result<Wait, End> {
        Ok(Wait { until: self.pause("", &reason, delay)?, prefixes: vec![String::new()], reason })
    }

    /// Lets the account's events wait whose type begins with `prefix`, the longer (`delay`) the more often in a row they
    /// have waited. Returns until when. Where another thread has found the same out, its pause holds.
    fn pause(&mut self, prefix: &str, reason: &str, delay: Delay) -> Result<Timestamp, End> {
        let (now, last) = (self.store.clock().now(), self.store.pause_of(self.account.id, prefix)?);
        if let Some(until) = last.map(|last| last.until).filter(|until| *until > now) {
            return Ok(until);
        }
        let until = now + delay(last.map_or(0, |last| last.times));
        self.store.pause(self.account.id, prefix, until, reason)?;
        self.announce(prefix, until, reason);
        Ok(until)
    }

    fn announce(&self, prefix: &str, until: Timestamp, reason: &str) {
        let account = self.account.to_string();
        let why = reason.strip_prefix(&format!("{account}: ")).unwrap_or(reason);
        let kind = prefix.strip_prefix(events::PREFIX).unwrap_or_default().trim_end_matches('.');
        let only = if kind.is_empty() { String::new() } else { format!(", only those of {kind}") };
        log::warn!("{account}: {why}; its events wait until {}{only}", crate::clock::stamp(until));
    }
}
