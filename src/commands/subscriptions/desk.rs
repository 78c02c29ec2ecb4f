//! What is done with the subscriptions of one account, each thing a request or two.
//!
//! In: an account's client and the database. Out: subscriptions made, verified, changed, deleted, taken over.

use super::no_public_url;
use crate::api::subscriptions::{Draft, Made, Remote};
use crate::api::{Api, ApiError};
use crate::clock;
use crate::describe::describe;
use crate::exit::Exit;
use crate::report::{Problem, say};
use crate::resource;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::subscriptions::{Subscription, Told, Wish};
use anyhow::Result;
use jiff::SignedDuration;
use std::time::Duration;

/// The service makes five attempts in all, and after the fifth the subscription is lost (documentation, "Webhooks").
const MOST_ATTEMPTS: u32 = 5;
/// One attempt in ten minutes.
const BETWEEN: SignedDuration = SignedDuration::from_mins(10);

/// When to look whether the challenge was answered: the service sends it after its answer.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(300), Duration::from_millis(700), Duration::from_secs(2), Duration::from_secs(4)];

/// The subscriptions of one account.
pub struct Desk<'a> {
    /// The service.
    pub api: Api,
    /// The database.
    pub store: &'a mut Store,
    /// The account.
    pub account: Account,
    /// The settings.
    pub settings: &'a Settings,
    /// The wish to stop.
    pub shutdown: Shutdown,
}

impl Desk<'_> {
    /// The sink of a group below the public URL.
    ///
    /// # Errors
    /// When there is no public URL.
    pub fn sink(&self, group: &str) -> Result<String> {
        let base = self.settings.public_url.as_ref().ok_or_else(no_public_url)?;
        Ok(format!("{}/api/webhooks/fic/{}/{group}", base.as_str().trim_end_matches('/'), self.account.id))
    }

    /// Makes a subscription.
    ///
    /// # Errors
    /// The service's. What was written down stays: the next `ensure` finds out what became of it.
    pub fn create(&mut self, group: &str, sink: Option<&str>, types: Option<&[String]>, by_hand: bool) -> Result<()> {
        let own = match sink {
            Some(sink) => sink.to_owned(),
            None => self.sink(group)?,
        };
        let wish = Wish {
            account_id: self.account.id,
            sink: &own,
            event_group: group,
            wanted: types,
            by_hand,
            sink_by_hand: sink.is_some(),
        };
        let row = self.store.write_down(&wish)?.row;
        self.store.note_attempt(row)?;
        let asked_for = types.map_or_else(|| resource::group_types(group), <[String]>::to_vec);
        let asked_at = self.settings.clock.stamp();
        let made = self.api.create_subscription(&draft(&own, &asked_for));
        let made = made.map_err(|error| describe(error, &self.account))?;
        let subscription = self.settle(row, made, &asked_at)?;
        self.say_state(&subscription)
    }

    /// Sends the service's own state of a subscription to the table, with its warnings to the log.
    fn settle(&mut self, row: i64, made: Made, asked_at: &str) -> Result<Subscription> {
        made.warnings.iter().for_each(|text| log::warn!("account {}: the service says: {text}", self.account.id));
        let now = if made.remote.verified { None } else { self.look(&made.remote.id)? };
        self.store.told(row, &told(&now.unwrap_or(made.remote), asked_at))
    }

    /// How the service sees it once the challenge had time to be sent and answered.
    fn look(&self, id: &str) -> Result<Option<Remote>> {
        let mut now = None;
        for wait in LOOKS {
            self.shutdown.sleep(wait);
            now = self.api.subscription(id).map_err(|error| describe(error, &self.account))?;
            if now.as_ref().is_none_or(|now| now.verified) {
                break;
            }
        }
        Ok(now)
    }

    fn say_state(&self, subscription: &Subscription) -> Result<()> {
        let id = subscription.id.as_deref().unwrap_or("-");
        if subscription.verified {
            return say(format_args!("account {} {}: {id} is verified", self.account.id, subscription.event_group));
        }
        say(format_args!("account {} {}: {id} is not verified yet", self.account.id, subscription.event_group))?;
        Err(Problem::failed(
            format!("{}: the challenge for {} was not answered", self.account, subscription.sink),
            format!(
                "start ficsync webhook-listen and see that it is reachable under that address; \
                     ten minutes later run: ficsync subscriptions verify {id}"
            ),
        )
        .into())
    }

    /// Asks for another challenge, where that is allowed.
    ///
    /// # Errors
    /// 75 less than ten minutes after the last attempt, 1 for the one that would lose the subscription, the service's.
    pub fn verify(&mut self, subscription: &Subscription) -> Result<()> {
        let Some(id) = subscription.id.as_deref().filter(|_| !subscription.verified) else {
            return self.say_state(subscription);
        };
        self.may_verify(subscription, id)?;
        self.store.note_attempt(subscription.row)?;
        let asked_at = self.settings.clock.stamp();
        let method = subscription.verification_method.as_deref().unwrap_or("header");
        if let Err(error) = self.api.verify_subscription(id, method) {
            if matches!(error, ApiError::Rejected { .. } | ApiError::Quota { .. } | ApiError::Stopped(_)) {
                self.store.take_attempt_back(subscription)?;
            }
            return Err(describe(error, &self.account));
        }
        match self.look(id)? {
            Some(remote) => {
                let now = self.store.told(subscription.row, &told(&remote, &asked_at))?;
                self.say_state(&now)
            }
            None => {
                self.store.missing(subscription.row)?;
                Err(Problem::failed(format!("the service has no {id} any more"), "run: ficsync subscriptions ensure")
                    .into())
            }
        }
    }

    fn may_verify(&self, subscription: &Subscription, id: &str) -> Result<()> {
        if subscription.attempts + 1 >= MOST_ATTEMPTS {
            return Err(Problem::failed(
                format!("{id} was verified in vain {} times; the fifth failure would lose it", subscription.attempts),
                format!(
                    "mend the listener's address, then run: ficsync subscriptions delete {id}; \
                         ficsync subscriptions ensure"
                ),
            )
            .into());
        }
        let last = subscription.last_attempt_at.as_deref().and_then(clock::parse_stamp);
        match last.map(|last| last + BETWEEN).filter(|next| *next > self.settings.clock.now()) {
            Some(next) => Err(Problem::new(
                Exit::Stopped,
                format!(
                    "{id}: the service makes one attempt in ten minutes; the next is possible at {}",
                    clock::stamp(next)
                ),
            )
            .hint(format!("run then: ficsync subscriptions verify {id}"))
            .into()),
            None => Ok(()),
        }
    }

    /// Changes sink and types at the service.
    ///
    /// # Errors
    /// The service's.
    pub fn modify(&mut self, subscription: &Subscription, sink: &str, types: &[String]) -> Result<()> {
        let Some(id) = subscription.id.as_deref() else { return Ok(()) };
        if sink != subscription.sink {
            // Known before the challenge comes.
            self.store.write_down(&Wish {
                account_id: self.account.id,
                sink,
                event_group: &subscription.event_group,
                wanted: None,
                by_hand: false,
                sink_by_hand: false,
            })?;
            self.store.note_attempt(subscription.row)?;
        }
        let asked_at = self.settings.clock.stamp();
        let made = self.api.modify_subscription(id, &draft(sink, types));
        let made = made.map_err(|error| describe(error, &self.account))?;
        let now = self.settle(subscription.row, made, &asked_at)?;
        self.say_state(&now)
    }

    /// Deletes one at the service, and here.
    ///
    /// # Errors
    /// The service's.
    pub fn delete(&mut self, subscription: &Subscription) -> Result<()> {
        if let Some(id) = &subscription.id {
            self.api.delete_subscription(id).map_err(|error| describe(error, &self.account))?;
        }
        self.store.forget_subscription(subscription.row)?;
        say(format_args!("account {}: {} is deleted", self.account.id, subscription.id.as_deref().unwrap_or("-")))
    }

    /// Takes over what the service knows. Returns a line per difference; a dry run writes none of it.
    ///
    /// # Errors
    /// The service's.
    pub fn take_over(&mut self, dry_run: bool) -> Result<Vec<String>> {
        let asked_at = self.settings.clock.stamp();
        let remotes = self.api.subscriptions().map_err(|error| describe(error, &self.account))?;
        let here = self.store.subscriptions(self.account.id)?;
        let mut lines = Vec::new();
        for remote in &remotes {
            let known = here.iter().find(|s| s.id.as_deref() == Some(&remote.id));
            let known = known.or_else(|| here.iter().find(|s| s.id.is_none() && s.sink == remote.sink));
            let group =
                resource::EVENT_GROUPS.iter().find(|group| self.sink(group).is_ok_and(|sink| sink == remote.sink));
            match (known, group) {
                (Some(known), _) if same(known, remote) => {
                    self.keep(dry_run, known.row, remote, &asked_at)?;
                }
                (Some(known), _) => {
                    lines.push(format!("account {}: {} has changed at the service", self.account.id, remote.id));
                    self.keep(dry_run, known.row, remote, &asked_at)?;
                }
                (None, Some(group)) => {
                    lines.push(format!("account {}: {} is new ({group})", self.account.id, remote.id));
                    if !dry_run {
                        let row = self.store.write_down(&Wish {
                            account_id: self.account.id,
                            sink: &remote.sink,
                            event_group: group,
                            wanted: None,
                            by_hand: false,
                            sink_by_hand: false,
                        })?;
                        self.keep(false, row.row, remote, &asked_at)?;
                    }
                }
                (None, None) => {
                    let whose = format!("account {}: {} sends to {}", self.account.id, remote.id, remote.sink);
                    lines.push(format!("{whose}: another program's, left alone"));
                }
            }
        }
        for gone in here.iter().filter(|s| s.id.is_some() && !remotes.iter().any(|r| Some(&r.id) == s.id.as_ref())) {
            lines.push(format!(
                "account {}: {} is gone at the service",
                self.account.id,
                gone.id.as_deref().unwrap_or("-")
            ));
            if !dry_run {
                self.store.missing(gone.row)?;
            }
        }
        Ok(lines)
    }

    fn keep(&mut self, dry_run: bool, row: i64, remote: &Remote, asked_at: &str) -> Result<()> {
        if !dry_run {
            self.store.told(row, &told(remote, asked_at))?;
        }
        Ok(())
    }
}

fn same(here: &Subscription, remote: &Remote) -> bool {
    here.sink == remote.sink
        && here.types == remote.types
        && here.verified == remote.verified
        && here.missing_since.is_none()
        && here.id.is_some()
}

fn draft<'a>(sink: &'a str, types: &'a [String]) -> Draft<'a> {
    Draft { sink, types, verification_method: "header", mapping: "binary" }
}

fn told<'a>(remote: &'a Remote, asked_at: &'a str) -> Told<'a> {
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
