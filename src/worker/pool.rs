//! The threads that drain the outbox, and their keeper.
//!
//! In: [`Params`] and a bell. Out: a [`Pool`]: it works until the stop is asked for, or is told to run dry. A thread that
//! meets an error or a panic puts its events back, with an attempt counted, and goes on.

use super::claim_work::{ClaimWork, Tally};
use super::counters::{Books, Counters};
use super::keeper::Keeper;
use super::shared::{Params, Shared};
use crate::api::pacer::Priority;
use crate::api::{Api, Policy};
use crate::report::one_line;
use crate::shutdown::Shutdown;
use crate::store::accounts::Account;
use crate::store::holder::Holder;
use crate::store::outbox::{Back, Claim};
use crate::store::{Cache, Store};
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, bounded, never, select};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a thread rests after an error of the database, and between tries to put its events back.
const REST: Duration = Duration::from_secs(1);
/// How often a pool that runs dry looks whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a pool that was draining may take to hand back: a unit has 10 s.
const DRAIN_STOP: Duration = Duration::from_secs(8);

/// How draining ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Events that failed for good.
    pub failed: u64,
    /// Whether it was stopped before all was worked off.
    pub stopped: bool,
}

/// Threads at work.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    store: Store,
}

impl Pool {
    /// Starts the threads. `bell` is rung after events were stored. What dead processes held is taken back first.
    ///
    /// # Errors
    /// When the database cannot be opened or a thread not be started.
    pub fn start(params: Params, bell: Receiver<()>) -> Result<Self> {
        Self::start_from(params, bell, 0)
    }

    /// Works off what is due, and what becomes due meanwhile, waits for what other processes have in work, and ends.
    /// Pauses are over: somebody asked for it.
    pub fn drain(mut params: Params) -> Result<Drained> {
        let mut store = Store::open(&params.db, params.clock)?.with_cache(Cache::Small)?;
        for account in store.accounts()? {
            store.resume(account.id, None)?;
        }
        let (inner, mut stopper) = Shutdown::new();
        let outer = std::mem::replace(&mut params.shutdown, inner);
        let pool = Self::start_from(params, never(), i64::MAX)?;
        let shared = Arc::clone(&pool.shared);
        while pool.alive() && !pool.is_dry()? && outer.sleep(LOOK_EVERY) {}
        let ended = !pool.alive();
        stopper.stop();
        pool.stop(DRAIN_STOP)?;
        anyhow::ensure!(!ended, "a worker thread ended by itself; see the log");
        Ok(Drained { failed: shared.books.failed(), stopped: outer.requested() })
    }

    fn start_from(params: Params, bell: Receiver<()>, ready: i64) -> Result<Self> {
        let store = Store::open(&params.db, params.clock)?.with_cache(Cache::Small)?;
        let workers = params.workers.max(1);
        let shared = Arc::new(Shared {
            holder: Holder::new(&params.db)?,
            params,
            books: Books::default(),
            ready: ready.into(),
            busy: AtomicUsize::new(0),
            apis: Mutex::default(),
        });
        let (calls, work) = bounded(workers);
        let mut keeper = Keeper::new(Arc::clone(&shared), store.again()?, calls);
        keeper.begin()?;
        let mut threads = vec![spawn("keeper", move || keeper.run(&bell))?];
        for number in 0..workers {
            let mut worker = Worker { shared: Arc::clone(&shared), store: store.again()? };
            let work = work.clone();
            threads.push(spawn(&format!("worker-{number}"), move || worker.run(&work))?);
        }
        Ok(Self { shared, threads, store })
    }

    /// Whether all threads run.
    pub fn alive(&self) -> bool {
        !self.threads.iter().any(JoinHandle::is_finished)
    }

    /// What they did for each account that there is.
    pub fn counters(&self) -> Result<Vec<(i64, Arc<Counters>)>> {
        let accounts = || Ok(self.store.accounts()?.into_iter().map(|account| account.id).collect());
        self.shared.books.of_all(accounts)
    }

    /// Nothing is due, and nobody here works.
    fn is_dry(&self) -> Result<bool> {
        // In this order: what is claimed between the two shows in the second.
        let due = self.store.is_due(i64::MAX)?;
        Ok(!due && self.shared.busy.load(Ordering::SeqCst) == 0 && !self.store.is_due(i64::MAX)?)
    }

    /// Waits for the threads, after the stop was asked for, and hands back what is still in work at the deadline: an
    /// answer that the service does not give cannot be waited for. What comes after it settles events all the same.
    pub fn stop(mut self, deadline: Duration) -> Result<()> {
        let started = Instant::now();
        while self.threads.iter().any(|thread| !thread.is_finished()) && started.elapsed() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.store.release_all(&self.shared.holder.name)
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).context("could not start a worker thread")
}

/// One thread.
struct Worker {
    shared: Arc<Shared>,
    store: Store,
}

impl Worker {
    /// Works whenever there is work, until the stop is asked for.
    fn run(&mut self, work: &Receiver<()>) {
        let shutdown = self.shared.params.shutdown.clone();
        loop {
            select! {
                recv(work) -> call => if call.is_err() { return },
                recv(shutdown.bell()) -> _ => return,
            }
            while !shutdown.requested() {
                self.shared.busy.fetch_add(1, Ordering::SeqCst);
                let worked = self.next();
                self.shared.busy.fetch_sub(1, Ordering::SeqCst);
                match worked {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        log::error!("webhook worker: {}", one_line(&error));
                        shutdown.sleep(REST);
                        break;
                    }
                }
            }
        }
    }

    /// Claims and works. False when there is nothing to claim.
    fn next(&mut self) -> Result<bool> {
        let up_to = self.shared.ready.load(Ordering::SeqCst);
        let Some(claim) = self.store.claim(&self.shared.holder.name, up_to)? else { return Ok(false) };
        let started = Instant::now();
        let counters = self.shared.books.of(claim.account_id);
        let before = counters.requests();
        // A panic leaves nothing half done: what was begun is in a transaction that was not committed.
        let tally = match catch_unwind(AssertUnwindSafe(|| self.work(&claim))) {
            Ok(Ok(tally)) => tally,
            Ok(Err(error)) => self.give_back(&claim, &one_line(&error)),
            Err(_) => self.give_back(&claim, "a worker thread panicked; see the log"),
        };
        counters.add(tally);
        log::info!(
            "account {} {}: {} of {} events done, {} requests, {} ms",
            claim.account_id,
            claim.lane.trim_start_matches('/'),
            tally.finished.done,
            claim.events.len(),
            counters.requests() - before,
            started.elapsed().as_millis()
        );
        Ok(true)
    }

    fn work(&mut self, claim: &Claim) -> Result<Tally> {
        let account = self.store.account(claim.account_id)?;
        let api = self.api(&account)?;
        let (holder, resources) = (&self.shared.holder.name, &self.shared.params.resources);
        ClaimWork::run(&mut self.store, &api, &account, holder, claim, resources)
    }

    /// Puts a whole claim back, however long it takes: its leases would be renewed for ever.
    fn give_back(&mut self, claim: &Claim, error: &str) -> Tally {
        log::error!("webhook worker, account {}: {error}", claim.account_id);
        let seed = fastrand::u64(..);
        let again = |attempts| {
            let delay = super::backoff::delay(attempts, seed);
            delay.and_then(|delay| self.shared.params.clock.now().checked_add(delay).ok())
        };
        let backs: Vec<(i64, Back)> =
            claim.events.iter().map(|event| (event.id, Back::Retry(again(event.attempts), error.to_owned()))).collect();
        loop {
            match self.store.put_back(&self.shared.holder.name, &backs) {
                Ok(put_back) => return Tally { put_back, ..Tally::default() },
                Err(error) => log::error!("webhook worker: could not put events back: {}", one_line(&error)),
            }
            if !self.shared.params.shutdown.sleep(REST) {
                return Tally::default();
            }
        }
    }

    /// The client of an account: one for all threads.
    fn api(&self, account: &Account) -> Result<Api> {
        let mut apis = self.shared.apis.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(api) = apis.get(&account.id) {
            return Ok(api.clone());
        }
        let policy = Policy {
            priority: Priority::Urgent,
            // A wait holds a thread: the events wait in the outbox instead, and other accounts' go on.
            max_wait: Duration::ZERO,
            shutdown: self.shared.params.shutdown.clone(),
            clock: self.shared.params.clock,
            budget: Arc::clone(&self.shared.books.of(account.id).budget),
        };
        let api = (self.shared.params.connect)(account, policy)?;
        apis.insert(account.id, api.clone());
        Ok(api)
    }
}
