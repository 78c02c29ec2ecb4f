//! `sync`: every wanted account, every wanted resource, and the sum of it.
//!
//! In: what was typed. Out: tables made right, a table or JSON on stdout, errors at the end of stderr, the exit code.
//! Several accounts are at work at the same time, each with its own quota, lock, token and outcome; how a resource is
//! synced is `crate::sync`'s.

mod account;
mod dry_run;
mod plan;
mod pool;
mod progress;
mod summary;
mod turn;

use crate::api::{Budget, Policy, pacer::Priority};
use crate::cli::SyncArgs;
use crate::commands::parts;
use crate::exit::Exit;
use crate::report::{Problem, one_line};
use crate::resource::{self, Resource};
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::sync::Wish;
use account::{Round, ThreadState};
use anyhow::Result;
use progress::Board;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Runs are kept this long in `sync_runs`.
const KEEP_RUNS: jiff::SignedDuration = jiff::SignedDuration::from_hours(90 * 24);
/// And so many rows at most: 90 days of 12 accounts, two weeks of 120, in some 150 MB.
const MOST_RUNS: i64 = 1_000_000;

/// A resource that is to be synced, and whether it was asked for by its name.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    resource: &'static Resource,
    by_name: bool,
    /// A look of `--due` that is not the first: it counts against the month's share.
    counts: bool,
}

/// Runs `sync`.
///
/// # Errors
/// When nothing could be begun: no account, no database.
pub fn run(args: SyncArgs, settings: &Settings) -> Result<Exit> {
    if args.plan {
        return plan::run(&args, settings);
    }
    let mut store = Store::open_existing(&settings.db, settings.clock)?.share_writer()?;
    let wanted = wanted(&args.resources, &settings.resources);
    let accounts = turn::in_turn(&store, accounts(&store, &args.accounts)?, &wanted)?;
    let policy = Policy {
        priority: Priority::Bulk,
        max_wait: settings.max_wait,
        shutdown: Shutdown::on_signals()?,
        clock: settings.clock,
        budget: Arc::new(Budget::new(args.max_requests)),
    };
    let wish = Wish { full: args.full, allow_mass_delete: args.allow_mass_delete, full_every: settings.full_every };
    let at_a_time = settings.jobs.min(accounts.len());
    let stores = (0..at_a_time).map(|_| Ok(store.at_writer()?.hold_notes())).collect::<Result<Vec<_>>>()?;
    let transport = parts::transport(settings);
    if args.dry_run {
        let look = dry_run::Look { settings, wanted: &wanted, wish: &wish, policy: &policy, transport: &transport };
        return dry_run::print(pool::run(stores, &accounts, &look), args.json);
    }
    store.prune_runs(&crate::clock::stamp(settings.clock.now() - KEEP_RUNS), MOST_RUNS)?;
    let board = Board::new(accounts.len(), at_a_time);
    let round = Round {
        settings,
        wish: &wish,
        wanted: &wanted,
        only_due: args.due,
        policy: &policy,
        transport: &transport,
        board,
    };
    let mut results = pool::run(stores.into_iter().map(ThreadState::new).collect(), &accounts, &round);
    drop(round);
    results.sort_by_key(|outcome| outcome.account.id);
    summary::print(&results, args.json)?;
    Ok(end(&results))
}

/// The accounts named, or all.
fn accounts(store: &Store, ids: &[i64]) -> Result<Vec<Account>> {
    let accounts = match ids {
        [] => store.accounts()?,
        ids => {
            let once: BTreeSet<i64> = ids.iter().copied().collect();
            once.into_iter().map(|id| store.account(id)).collect::<Result<_>>()?
        }
    };
    if accounts.is_empty() {
        return Err(Problem::failed(
            "there is no account yet, so there is nothing to sync",
            "run: ficsync account add --name NAME --token-file F",
        )
        .into());
    }
    Ok(accounts)
}

/// The resources named; `all`, or none, means those of the settings.
fn wanted(names: &[String], all: &[&'static Resource]) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut add = |resource: &'static Resource, by_name: bool| {
        if !wanted.iter().any(|w| w.resource == resource) {
            wanted.push(Wanted { resource, by_name, counts: false });
        }
    };
    names.iter().filter_map(|name| resource::by_name(name)).for_each(|resource| add(resource, true));
    if names.is_empty() || names.iter().any(|name| name == "all") {
        all.iter().for_each(|resource| add(resource, false));
    }
    wanted
}

/// Says what went wrong, the worst last, and sums up the exit code.
fn end(results: &[account::Outcome]) -> Exit {
    let mut errors: Vec<(Exit, &anyhow::Error)> = results.iter().flat_map(account::Outcome::errors).collect();
    errors.sort_by_key(|(exit, _)| exit.rank());
    let mut said = Vec::new();
    for (exit, error) in &errors {
        let line = one_line(error);
        if said.contains(&line) {
            continue;
        }
        match exit {
            Exit::Done | Exit::Stopped => log::warn!("{line}"),
            _ => log::error!("{line}"),
        }
        said.push(line);
    }
    errors.iter().fold(Exit::Done, |worst, (exit, _)| worst.worse(*exit))
}
