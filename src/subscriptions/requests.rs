//! What can be done with a subscription, each thing a request or two: make it, verify it, change it, delete it.
//!
//! In: what is to be. Out: an [`Outcome`]. What changes something at the service is written down first. What is to be done
//! is decided elsewhere: by a person, or by `ensure`.

use super::{AccountSubscriptions, Outcome, rules};
use crate::api::ApiError;
use crate::api::subscriptions::{Draft, Made, Remote};
use crate::describe::describe;
use crate::report::Problem;
use crate::resource::{Resource, events};
use crate::store::subscriptions::{Subscription, Told, Wish};
use anyhow::Result;
use std::time::Duration;

/// When to look whether the challenge was answered: the service sends it after its answer.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(300), Duration::from_millis(700), Duration::from_secs(2), Duration::from_secs(4)];

/// A subscription that is to be.
#[derive(Debug, Clone, Default)]
pub struct NewSubscription {
    /// The group.
    pub group: String,
    /// A sink that a person chose, instead of the one below the public URL.
    pub sink: Option<String>,
    /// Types that a person asked for.
    pub wanted: Option<Vec<String>>,
    /// Types to ask for, instead of all of the group that the token may read.
    pub types: Option<Vec<String>>,
    /// A person wished for it.
    pub by_hand: bool,
    /// It stays written down also when the service refuses it.
    pub keep: bool,
}

impl AccountSubscriptions<'_> {
    /// Makes a subscription.
    ///
    /// # Errors
    /// The service's. Where it is not known what became of it, what was written down stays: the next `ensure` finds out.
    pub fn create(&mut self, new: &NewSubscription) -> Result<Outcome> {
        let sink = match &new.sink {
            Some(sink) => sink.clone(),
            None => self.sink(&new.group)?,
        };
        let row = self.store.write_down(&Wish {
            account_id: self.account.id,
            sink: &sink,
            event_group: &new.group,
            wanted: new.wanted.as_deref(),
            by_hand: new.by_hand,
            sink_by_hand: new.sink.is_some(),
        })?;
        self.store.note_attempt(row.row)?;
        let asked_at = self.settings.clock.stamp();
        match self.ask_to_create(new, &sink) {
            Ok(made) => Ok(state(self.settle(row.row, made, &asked_at)?)),
            Err(error) => {
                if !new.keep && !rules::may_have_happened(&error) {
                    self.store.forget_subscription(row.row)?;
                }
                Err(self.not_created(error, &new.group))
            }
        }
    }

    /// Asks for all types of the group, or, with a token that may not read all kinds of records, for those needed.
    fn ask_to_create(&self, new: &NewSubscription, sink: &str) -> Result<Made, ApiError> {
        let ask = |types: &[String]| self.api.create_subscription(&draft(sink, types, None));
        if let Some(types) = new.types.as_ref().or(new.wanted.as_ref()) {
            return ask(types);
        }
        let needed = events::needed_types(&new.group, &self.mirrored().map_err(ApiError::Own)?);
        match ask(&events::group_types(&new.group)) {
            Err(ApiError::Scope(_)) if !needed.is_empty() => ask(&needed),
            other => other,
        }
    }

    /// The resource types that are mirrored: all that the settings name; without names, not those that the service said the
    /// token may not read.
    pub fn mirrored(&self) -> Result<Vec<&'static Resource>> {
        let (now, mut mirrored) = (self.settings.clock.now(), Vec::new());
        for resource in &self.settings.resources {
            let state = self.store.state(self.account.id, resource.name)?;
            if self.settings.resources_are_named || state.denied_until(now).is_none() {
                mirrored.push(*resource);
            }
        }
        Ok(mirrored)
    }

    fn not_created(&self, error: ApiError, group: &str) -> anyhow::Error {
        match error {
            ApiError::Rejected { status: 409, message } => anyhow::Error::from(Problem::failed(
                format!("all events of {group} go to other subscriptions of the same app: {message}"),
                "see which: ficsync subscriptions sync, then ficsync subscriptions list",
            ))
            .context(self.account.to_string()),
            other => describe(other, &self.account),
        }
    }

    /// Takes the service's answer over, once the challenge had time to be sent and answered.
    fn settle(&mut self, row: i64, made: Made, asked_at: &str) -> Result<Subscription> {
        made.warnings.iter().for_each(|text| log::warn!("{}: the service says: {text}", self.account));
        let now = self.store.told(row, &told(&made.remote, asked_at))?;
        self.look(&now)
    }

    /// How it stands once the challenge had time to be sent and answered: by the listener's welcome event, which costs
    /// nothing, else by the service's word.
    fn look(&mut self, subscription: &Subscription) -> Result<Subscription> {
        let mut now = subscription.clone();
        for wait in LOOKS {
            let Some(id) = now.id.clone().filter(|_| !now.verified) else { break };
            if !self.shutdown.sleep(wait) {
                break;
            }
            if self.store.has_unverified(self.account.id, &now.event_group, &now.sink)? {
                match self.refreshed(&now, &id)? {
                    Some(fresh) => now = fresh,
                    None => return Err(self.lost(&now, &id)?),
                }
            } else {
                now.verified = true;
            }
        }
        Ok(now)
    }

    /// The row as the service sees it now; nothing when the service has it no more.
    fn refreshed(&mut self, subscription: &Subscription, id: &str) -> Result<Option<Subscription>> {
        let asked_at = self.settings.clock.stamp();
        match self.api.subscription(id).map_err(|error| describe(error, &self.account))? {
            Some(remote) => self.store.told(subscription.row, &told(&remote, &asked_at)).map(Some),
            None => Ok(None),
        }
    }

    fn lost(&mut self, subscription: &Subscription, id: &str) -> Result<anyhow::Error> {
        self.store.missing(subscription.row)?;
        let problem = Problem::failed(format!("the service has no {id} any more"), "run: ficsync subscriptions ensure");
        Ok(anyhow::Error::from(problem).context(self.account.to_string()))
    }

    /// Asks for another challenge, where that is allowed.
    ///
    /// # Errors
    /// 75 less than ten minutes after the last attempt, 1 for the one that would lose the subscription, the service's.
    pub fn verify(&mut self, subscription: &Subscription) -> Result<Outcome> {
        let id = id_of(subscription)?;
        if subscription.verified {
            // That was so when it was last heard of.
            return match self.refreshed(subscription, id)? {
                Some(now) if now.verified => Ok(Outcome::Verified(now)),
                Some(now) => self.verify(&now),
                None => Err(self.lost(subscription, id)?),
            };
        }
        rules::may_verify(subscription, id, self.settings.clock.now())?;
        self.store.note_attempt(subscription.row)?;
        let method = subscription.verification_method.as_deref().unwrap_or("header");
        if let Err(error) = self.api.verify_subscription(id, method) {
            return self.not_asked(error, subscription, id);
        }
        Ok(state(self.look(subscription)?))
    }

    /// The service has not sent another challenge: perhaps because none is needed.
    fn not_asked(&mut self, error: ApiError, subscription: &Subscription, id: &str) -> Result<Outcome> {
        if !rules::may_have_happened(&error) {
            self.store.take_attempt_back(subscription)?;
        }
        match &error {
            ApiError::NotFound(_) => return Err(self.lost(subscription, id)?),
            ApiError::Rejected { .. } => {}
            _ => return Err(describe(error, &self.account)),
        }
        match self.refreshed(subscription, id)? {
            Some(now) if now.verified => Ok(Outcome::Verified(now)),
            _ => Err(describe(error, &self.account)),
        }
    }

    /// Changes sink and types at the service.
    ///
    /// # Errors
    /// The service's.
    pub fn modify(&mut self, subscription: &Subscription, sink: &str, types: &[String]) -> Result<Outcome> {
        let id = id_of(subscription)?;
        let moved = sink != subscription.sink;
        let row = match moved {
            true => Some(self.before_the_move(subscription, sink)?),
            false => None,
        };
        let asked_at = self.settings.clock.stamp();
        match self.api.modify_subscription(id, &draft(sink, types, Some(subscription))) {
            Ok(made) if moved => Ok(state(self.settle(subscription.row, made, &asked_at)?)),
            Ok(made) => {
                made.warnings.iter().for_each(|text| log::warn!("{}: the service says: {text}", self.account));
                let now = self.store.told(subscription.row, &told(&made.remote, &asked_at))?;
                if now.verified { Ok(Outcome::Verified(now)) } else { self.verify(&now) }
            }
            Err(error) => {
                if let Some(row) = row.filter(|_| !rules::may_have_happened(&error)) {
                    self.store.forget_subscription(row)?;
                    self.store.take_attempt_back(subscription)?;
                }
                Err(describe(error, &self.account))
            }
        }
    }

    /// The new sink is known before its challenge comes. Returns the row that says so until the answer is there.
    fn before_the_move(&mut self, subscription: &Subscription, sink: &str) -> Result<i64> {
        let row = self.store.write_down(&Wish {
            account_id: self.account.id,
            sink,
            event_group: &subscription.event_group,
            wanted: None,
            by_hand: false,
            sink_by_hand: false,
        })?;
        self.store.note_attempt(subscription.row)?;
        Ok(row.row)
    }

    /// Deletes one at the service, and here.
    ///
    /// # Errors
    /// The service's.
    pub fn delete(&mut self, subscription: &Subscription) -> Result<Outcome> {
        if let Some(id) = &subscription.id {
            self.api.delete_subscription(id).map_err(|error| describe(error, &self.account))?;
        }
        self.store.forget_subscription(subscription.row)?;
        Ok(Outcome::Deleted(subscription.clone()))
    }
}

/// The service's id, without which nothing can be asked about it.
fn id_of(subscription: &Subscription) -> Result<&str> {
    subscription.id.as_deref().ok_or_else(|| {
        let what = format!("the service has not been heard to have made {} yet", subscription.sink);
        Problem::failed(what, "run: ficsync subscriptions ensure").into()
    })
}

fn state(subscription: Subscription) -> Outcome {
    if subscription.verified { Outcome::Verified(subscription) } else { Outcome::Unverified(subscription) }
}

/// A draft like the subscription that there is; binary, with the challenge in a header, where there is none.
fn draft<'a>(sink: &'a str, types: &'a [String], like: Option<&'a Subscription>) -> Draft<'a> {
    Draft {
        sink,
        types,
        verification_method: like.and_then(|s| s.verification_method.as_deref()).unwrap_or("header"),
        mapping: like.and_then(|s| s.mapping.as_deref()).unwrap_or("binary"),
    }
}

/// What the service told, when asked at `asked_at`.
pub fn told<'a>(remote: &'a Remote, asked_at: &'a str) -> Told<'a> {
    Told {
        id: &remote.id,
        sink: &remote.sink,
        types: &remote.types,
        verified: remote.verified,
        verification_method: remote.verification_method.as_deref(),
        mapping: remote.mapping.as_deref(),
        asked_at,
    }
}
