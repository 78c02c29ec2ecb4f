//! One account's part of a run: the lock, the resources one after the other, a row of `sync_runs` each.
//!
//! In: an account and the wanted resources. Out: an [`Outcome`]. A resource that fails does not stop the others; a quota
//! that is used up, a dead token or a signal ends the account.

use super::Wanted;
use super::progress::Progress;
use crate::api::{Api, ApiError, Policy};
use crate::commands::parts;
use crate::describe::describe_resource;
use crate::exit::{self, Exit};
use crate::report::{Problem, one_line};
use crate::settings::Settings;
use crate::store::accounts::Account;
use crate::store::lock::{self, Asked};
use crate::store::runs::{self, Run as Row};
use crate::store::{Store, state};
use crate::sync::{self, Halt, Report, Tally, Wish};
use anyhow::Result;
use std::time::{Duration, Instant};

/// An account during a run.
pub struct Run<'a> {
    /// The database.
    pub store: &'a mut Store,
    /// The settings.
    pub settings: &'a Settings,
    /// The account.
    pub account: Account,
    /// What the run is to do.
    pub wish: &'a Wish,
    /// How requests are made.
    pub policy: &'a Policy,
}

/// How an account's part ended.
pub struct Outcome {
    /// The account.
    pub account: Account,
    /// Its resources, in the order of their work.
    pub resources: Vec<Done>,
    /// Why nothing was begun.
    pub error: Option<anyhow::Error>,
}

/// How the work on one resource ended.
pub struct Done {
    /// What is in `sync_runs`.
    pub row: Row,
    /// How long it took.
    pub time: Duration,
    /// Its exit code.
    pub exit: Exit,
    /// Why it did not end well.
    pub error: Option<anyhow::Error>,
}

impl Outcome {
    /// What went wrong, with the exit codes. What was skipped is no error.
    pub fn errors(&self) -> impl Iterator<Item = (Exit, &anyhow::Error)> {
        let own = self.error.iter().map(|error| (exit::of(error), error));
        own.chain(self.resources.iter().filter_map(|done| Some((done.exit, done.error.as_ref()?))))
    }

    /// One word for all of it.
    pub fn word(&self) -> &'static str {
        match self.errors().fold(Exit::Done, |worst, (exit, _)| worst.worse(exit)) {
            Exit::Done => "ok",
            Exit::Stopped => "stopped",
            _ => "failed",
        }
    }

    /// Requests of all resources.
    pub fn requests(&self) -> u64 {
        self.resources.iter().map(|done| done.row.requests).sum()
    }
}

impl Run<'_> {
    /// Syncs the wanted resources.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub fn run(&mut self, wanted: &[Wanted]) -> Result<Outcome> {
        let about = format!("process {} since {}", std::process::id(), self.settings.clock.stamp());
        let _lock = match lock::ask(&self.settings.db, self.account.id, &about)? {
            Asked::Ours(lock) => lock,
            Asked::HeldBy(holder) => return Ok(self.not_begun(locked(&self.account, &holder))),
        };
        let api = parts::api(self.settings, &self.account, self.policy.clone())?;
        let mut resources: Vec<Done> = Vec::new();
        for (index, want) in wanted.iter().enumerate() {
            let (done, ends) = self.resource(&api, *want)?;
            let reason = ends.then(|| (done.exit, done.error.as_ref().map(one_line).unwrap_or_default()));
            resources.push(done);
            if let Some((exit, reason)) = reason {
                resources.extend(self.leave_out(&wanted[index + 1..], exit, &reason)?);
                break;
            }
        }
        let all = self.settings.resources.iter().all(|r| wanted.iter().any(|w| w.resource == *r));
        if all && resources.iter().all(|done| matches!(done.row.outcome, "ok" | "skipped")) {
            self.store.set_last_sync(self.account.id, &self.settings.clock.stamp())?;
        }
        Ok(Outcome { account: self.account.clone(), resources, error: None })
    }

    fn not_begun(&self, problem: Problem) -> Outcome {
        let error = Some(anyhow::Error::from(problem));
        Outcome { account: self.account.clone(), resources: Vec::new(), error }
    }

    /// One resource. True when nothing more can be done for the account.
    fn resource(&mut self, api: &Api, want: Wanted) -> Result<(Done, bool)> {
        let (started, started_at) = (Instant::now(), self.settings.clock.stamp());
        let used = self.policy.budget.used();
        let watch = Progress::new(&self.account);
        let report = sync::run(api, self.store, self.account.id, want.resource, self.wish, &watch)?;
        let ends = report.ends_account();
        let requests = self.policy.budget.used() - used;
        let row = Row { requests, ..row(want, &report.tally, started_at) };
        let done = self.judge(want, report, row, started.elapsed());
        self.finish(&done)?;
        self.say(&done);
        Ok((done, ends))
    }

    fn judge(&self, want: Wanted, report: Report, row: Row, time: Duration) -> Done {
        let Some(halt) = report.halt else {
            return Done { row: Row { outcome: "ok", ..row }, time, exit: Exit::Done, error: None };
        };
        let skipped = matches!(halt, Halt::Api(ApiError::Scope(_))) && !want.by_name;
        let error = self.explain(halt, want);
        let exit = if skipped { Exit::Done } else { exit::of(&error) };
        let outcome = match exit {
            Exit::Done => "skipped",
            Exit::Stopped => "stopped",
            _ => "failed",
        };
        Done { row: Row { outcome, error: Some(one_line(&error)), ..row }, time, exit, error: Some(error) }
    }

    /// What the end of the work means for a person.
    fn explain(&self, halt: Halt, want: Wanted) -> anyhow::Error {
        let name = want.resource.name;
        let hint = match &halt {
            Halt::MassDelete { .. } => format!(
                "nothing was deleted; if they are really gone, run: ficsync sync {name} --account-id {} --allow-mass-delete",
                self.account.id
            ),
            _ => "run again; nothing is lost".to_owned(),
        };
        match halt {
            Halt::Api(ApiError::Own(error)) | Halt::Own(error) => error.context(format!("{} {name}", self.account)),
            Halt::Api(error) => describe_resource(error, &self.account, want.resource),
            other => anyhow::Error::from(Problem::failed(other.to_string(), hint))
                .context(format!("{} {name}", self.account)),
        }
    }

    /// Resources that were not begun because the account ended before them.
    fn leave_out(&mut self, rest: &[Wanted], exit: Exit, reason: &str) -> Result<Vec<Done>> {
        let outcome = if exit == Exit::Stopped { "stopped" } else { "failed" };
        let mut left_out = Vec::new();
        for want in rest {
            let row = row(*want, &Tally::default(), self.settings.clock.stamp());
            let row = Row { outcome, error: Some(reason.to_owned()), ..row };
            let done = Done { row, time: Duration::ZERO, exit, error: None };
            self.finish(&done)?;
            left_out.push(done);
        }
        Ok(left_out)
    }

    /// Keeps the outcome. The resume point is what was last committed, not what the run had in mind.
    fn finish(&mut self, done: &Done) -> Result<()> {
        let (account_id, now) = (self.account.id, self.settings.clock.stamp());
        let mut kept = self.store.state(account_id, done.row.resource)?;
        kept.last_error.clone_from(&done.row.error);
        if done.row.outcome == "ok" {
            kept.last_success_at = Some(now.clone());
        }
        self.store.write(|tx| {
            state::save(tx, account_id, done.row.resource, &kept)?;
            runs::add(tx, account_id, &done.row, &now)
        })
    }

    /// One line per resource.
    fn say(&self, done: &Done) {
        let row = &done.row;
        let left = self.store.quota(self.account.id).ok().and_then(|quota| quota.hourly_remaining);
        let left = left.map_or_else(String::new, |left| format!(", {left} left this hour"));
        log::info!(
            "account {} {}: {}, {} fetched, {} new, {} changed, {} deleted, {} requests{left}",
            self.account.id,
            row.resource,
            row.outcome,
            row.fetched,
            row.inserted,
            row.updated,
            row.deleted,
            row.requests
        );
    }
}

fn row(want: Wanted, tally: &Tally, started_at: String) -> Row {
    Row {
        resource: want.resource.name,
        mode: if tally.full { "full" } else { "changes" },
        started_at,
        requests: 0,
        fetched: tally.fetched,
        inserted: tally.written.inserted,
        updated: tally.written.updated,
        unchanged: tally.written.unchanged,
        deleted: tally.deleted,
        outcome: "ok",
        error: None,
    }
}

fn locked(account: &Account, holder: &str) -> Problem {
    Problem::new(Exit::Stopped, format!("{account} is being synced by another run ({holder})"))
        .hint("nothing was done; wait for it, or look at: ficsync status")
}
