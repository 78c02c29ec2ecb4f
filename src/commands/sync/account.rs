//! One account's part of a run: the lock, the resources one after the other, a row of `sync_runs` each.
//!
//! In: an account and the wanted resources. Out: an [`Outcome`]. A resource that fails does not stop the others; a quota
//! that is used up, a dead token or a signal ends the account. What ends an account does not touch another one.

use super::Wanted;
use super::pool::Work;
use super::progress::Board;
use crate::api::{self, Api, ApiError, Budget, Policy, Transport};
use crate::commands::parts;
use crate::describe::{describe, describe_resource};
use crate::exit::Exit;
use crate::report::{self, Problem, exit_of, one_line};
use crate::resource::{self, Resource};
use crate::settings::Settings;
use crate::store::accounts::Account;
use crate::store::lock::{self, Asked};
use crate::store::runs::{self, Run as Row};
use crate::store::{Store, pace, state};
use crate::sync::{self, Halt, Report, Tally, Wish, plan};
use anyhow::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why a resource type is passed over.
const DENIED: &str =
    "the token may not read it, as the service said less than a week ago; a new token, or its name, asks again";

/// What the accounts of a run share.
pub struct Round<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// What the run is to do.
    pub wish: &'a Wish,
    /// The resources, in the order of their work.
    pub wanted: &'a [Wanted],
    /// Only those of them that are due.
    pub only_due: bool,
    /// How requests are made. The budget is that of all accounts.
    pub policy: &'a Policy,
    /// The connections to the service.
    pub transport: &'a Transport,
    /// What is shown.
    pub board: Board,
}

/// What a thread keeps while it works on one account after the other.
pub struct ThreadState {
    /// The database.
    store: Store,
    /// What was done for the account that is here now.
    done: Vec<Done>,
    /// Its requests.
    budget: Arc<Budget>,
}

impl ThreadState {
    /// That of a thread with this database.
    pub fn new(store: Store) -> Self {
        Self { store, done: Vec::new(), budget: Arc::new(Budget::new(None)) }
    }

    /// What came of an account, when its part is over.
    fn outcome(&mut self, account: &Account, error: Option<anyhow::Error>) -> Outcome {
        let resources = std::mem::take(&mut self.done);
        Outcome { account: account.clone(), resources, requests: self.budget.used(), error }
    }
}

/// An account during a run.
struct Run<'a> {
    round: &'a Round<'a>,
    settings: &'a Settings,
    account: &'a Account,
    store: &'a mut Store,
    done: &'a mut Vec<Done>,
    policy: Policy,
    /// What of the round is to be done for this account.
    wanted: Vec<Wanted>,
}

/// How an account's part ended.
pub struct Outcome {
    /// The account.
    pub account: Account,
    /// Its resources, in the order of their work.
    pub resources: Vec<Done>,
    /// Requests sent for it.
    pub requests: u64,
    /// Why nothing was begun, or why its work ended in the middle.
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
    /// Whether its requests count against the month's share.
    counts: bool,
    /// Whether the service said that the token may not read it.
    refused: bool,
}

impl Outcome {
    /// What went wrong, with the exit codes. What was skipped is no error.
    pub fn errors(&self) -> impl Iterator<Item = (Exit, &anyhow::Error)> {
        let own = self.error.iter().map(|error| (exit_of(error), error));
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
}

impl Work<ThreadState, Account> for Round<'_> {
    type Result = Outcome;

    /// Syncs the wanted resources of an account.
    fn run(&self, thread: &mut ThreadState, account: &Account) -> Result<Outcome> {
        thread.budget = Arc::new(Budget::part_of(&self.policy.budget));
        let error = Run::new(self, thread, account).run()?;
        self.board.account_done();
        Ok(thread.outcome(account, error))
    }

    /// An error of the database, or a mistake of ficsync's own, is this account's failure; what was not done for it is
    /// written down as far as that goes.
    fn failed(&self, thread: &mut ThreadState, account: &Account, error: anyhow::Error) -> Outcome {
        self.board.account_done();
        let error =
            if report::problem(&error).is_some() { error } else { unforeseen(error) }.context(account.to_string());
        let mut run = Run::new(self, thread, account);
        let left = run.leave_out(exit_of(&error), &one_line(&error));
        if let Err(again) = left {
            log::debug!("{account}: could not be written down as failed: {}", one_line(&again));
        }
        thread.outcome(account, Some(error))
    }
}

impl<'a> Run<'a> {
    fn new(round: &'a Round<'a>, thread: &'a mut ThreadState, account: &'a Account) -> Self {
        let ThreadState { store, done, budget } = thread;
        let policy = Policy { budget: Arc::clone(budget), ..round.policy.clone() };
        Self { round, settings: round.settings, account, store, done, policy, wanted: round.wanted.to_vec() }
    }

    /// Syncs the wanted resources, unless another process does. Returns why nothing was begun.
    fn run(&mut self) -> Result<Option<anyhow::Error>> {
        let about = format!("process {} since {}", std::process::id(), self.settings.clock.stamp());
        let _lock = match lock::ask(&self.settings.db, self.account.id, &about)? {
            Asked::Ours(lock) => lock,
            Asked::HeldBy(holder) => return Ok(Some(locked(self.account, &holder).into())),
        };
        if self.policy.shutdown.requested() {
            // Nothing is opened for those that come after a signal: there may be a thousand, and ten seconds.
            let error = describe(api::stopped(), self.account);
            self.leave_out(exit_of(&error), &one_line(&error))?;
            return Ok(Some(error));
        }
        let not_due = if self.round.only_due { self.leave_to_later()? } else { Vec::new() };
        let (transport, ledger) = (self.round.transport.clone(), self.store.at_writer()?);
        let api = parts::api_over(transport, ledger, self.settings, self.account, self.policy.clone());
        for want in self.wanted.clone() {
            if self.resource(&api, want)? {
                let last = self.done.last().map(|done| (done.exit, done.error.as_ref().map(one_line)));
                let (exit, reason) = last.unwrap_or((Exit::Failed, None));
                self.leave_out(exit, &reason.unwrap_or_default())?;
                break;
            }
        }
        let all = self.settings.resources.iter().all(|r| self.round.wanted.iter().any(|w| w.resource == *r));
        if self.done.iter().all(|done| matches!(done.row.outcome, "ok" | "skipped")) {
            self.store.note_not_due(self.account.id, &not_due)?;
            if all {
                self.store.set_last_sync(self.account.id, &self.settings.clock.stamp())?;
            }
        }
        Ok(None)
    }

    /// Leaves only those that are due now. Returns the names of the others.
    fn leave_to_later(&mut self) -> Result<Vec<&'static str>> {
        let (now, wishes) = (self.settings.clock.now(), parts::wishes(self.settings));
        let resources: Vec<_> = self.wanted.iter().map(|want| want.resource).collect();
        let lists = plan::plan(self.store, self.account.id, &resources, &wishes, now)?;
        let month = plan::month(self.store, self.account.id, &wishes, now)?;
        let due = plan::due_now(&lists, month, now);
        let of = |resource: &Resource| due.iter().find(|planned| planned.resource == resource);
        let not_due = lists.iter().filter(|p| !p.is_due(now) && p.denied_until.is_none()).map(|p| p.resource.name);
        let not_due = not_due.collect();
        self.wanted.retain_mut(|want| {
            let planned = of(want.resource);
            want.counts = planned.is_some_and(|planned| planned.looked_at.is_some());
            planned.is_some()
        });
        Ok(not_due)
    }

    /// Whether the token may not read a resource type, as it was told within a week: it is asked again when it is named.
    fn is_denied(&self, want: Wanted) -> Result<bool> {
        let state = self.store.state(self.account.id, want.resource.name)?;
        Ok(!want.by_name && state.denied_until(self.settings.clock.now()).is_some())
    }

    /// One that is known to be denied is not asked for.
    fn pass_over(&mut self, want: Wanted) -> Result<()> {
        let row = row(want, &Tally::default(), self.settings.clock.stamp());
        let error = format!("{} {}: {}", self.account, want.resource.name, DENIED);
        let row = Row { outcome: "skipped", error: Some(error), ..row };
        self.done.push(Done {
            row,
            time: Duration::ZERO,
            exit: Exit::Done,
            error: None,
            counts: false,
            refused: false,
        });
        self.keep(self.done.len() - 1)
    }

    /// One resource. True when nothing more can be done for the account.
    fn resource(&mut self, api: &Api, want: Wanted) -> Result<bool> {
        if self.is_denied(want)? {
            self.pass_over(want)?;
            return Ok(false);
        }
        let (started, started_at) = (Instant::now(), self.settings.clock.stamp());
        let used = self.policy.budget.used();
        let watch = self.round.board.of(self.account);
        let report = sync::run(api, self.store, self.account.id, want.resource, self.round.wish, &watch)?;
        let ends = report.ends_account();
        let requests = self.policy.budget.used() - used;
        let row = Row { requests, ..row(want, &report.tally, started_at) };
        let done = self.judge(want, report, row, started.elapsed());
        self.done.push(done);
        if let Err(error) = self.keep(self.done.len() - 1) {
            // As if it had not been done: what could not be kept is told as failed.
            self.done.pop();
            return Err(error);
        }
        if let Some(done) = self.done.last() {
            self.say(done);
        }
        Ok(ends)
    }

    fn judge(&self, want: Wanted, report: Report, row: Row, time: Duration) -> Done {
        let Some(halt) = report.halt else {
            let row = Row { outcome: "ok", ..row };
            return Done { row, time, exit: Exit::Done, error: None, counts: want.counts, refused: false };
        };
        let refused = matches!(halt, Halt::Api(ApiError::Scope(_)));
        let skipped = refused && !want.by_name;
        let error = self.explain(halt, want);
        let exit = if skipped { Exit::Done } else { exit_of(&error) };
        let outcome = match exit {
            Exit::Done => "skipped",
            Exit::Stopped => "stopped",
            _ => "failed",
        };
        let row = Row { outcome, error: Some(one_line(&error)), ..row };
        Done { row, time, exit, error: Some(error), counts: want.counts, refused }
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
            Halt::Api(error) => describe_resource(error, self.account, want.resource),
            // It waits for a quiet moment: the next run goes on.
            restless @ Halt::Restless(_) => {
                anyhow::Error::from(Problem::new(Exit::Stopped, restless.to_string()).hint(hint))
                    .context(format!("{} {name}", self.account))
            }
            other => anyhow::Error::from(Problem::failed(other.to_string(), hint))
                .context(format!("{} {name}", self.account)),
        }
    }

    /// Resources that were not ended because the account ended before them.
    fn leave_out(&mut self, exit: Exit, reason: &str) -> Result<()> {
        let outcome = if exit == Exit::Stopped { "stopped" } else { "failed" };
        let now = self.settings.clock.stamp();
        let left_out = |want: &Wanted| {
            let row = row(*want, &Tally::default(), now.clone());
            let row = Row { outcome, error: Some(reason.to_owned()), ..row };
            Done { row, time: Duration::ZERO, exit, error: None, counts: false, refused: false }
        };
        let begun = self.done.len();
        self.done.extend(self.wanted.iter().skip(begun).map(left_out));
        self.keep(begun)
    }

    /// Keeps the outcomes from this one on. The resume point is what was last committed, not what the run had in mind.
    fn keep(&mut self, from: usize) -> Result<()> {
        let (account_id, now) = (self.account.id, self.settings.clock.stamp());
        let (month, ..) = plan::this_month(self.settings.clock.now());
        self.store.write(|tx| {
            for done in &self.done[from..] {
                let mut kept = state::load(tx, account_id, done.row.resource)?;
                kept.last_error.clone_from(&done.row.error);
                if done.row.outcome == "ok" {
                    kept.last_success_at = Some(now.clone());
                    kept.looked_at = Some(now.clone());
                    kept.denied_at = None;
                }
                state::save(tx, account_id, done.row.resource, &kept)?;
                if done.refused {
                    state::deny(tx, account_id, &same_scope(done.row.resource), &now)?;
                }
                if done.counts {
                    pace::add_to_month(tx, account_id, &month, done.row.requests)?;
                }
                runs::add(tx, account_id, &done.row, &now)?;
            }
            Ok(())
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

/// The resource types that a token may read or not together with this one.
fn same_scope(name: &str) -> Vec<&'static str> {
    let Some(one) = resource::by_name(name) else { return Vec::new() };
    let same = |r: &&Resource| *r == one || (r.scope.is_some() && r.scope == one.scope);
    resource::ALL.iter().filter(same).map(|r| r.name).collect()
}

/// A mistake of ficsync's own, or of the machine.
fn unforeseen(error: anyhow::Error) -> anyhow::Error {
    let hint =
        "what was being written was taken back, the other accounts went on; run again, and report it if it comes back";
    error.context(Problem::failed("its work ended in the middle", hint))
}

fn locked(account: &Account, holder: &str) -> Problem {
    Problem::new(Exit::Stopped, format!("{account} is being synced by another run ({holder})"))
        .hint("nothing was done; wait for it, or look at: ficsync status")
}
