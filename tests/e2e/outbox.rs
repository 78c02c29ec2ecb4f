//! Events put straight into the outbox, and the workers in this process: what the tests of the workers have in common.

use crate::env::Env;
use crossbeam_channel::{Sender, bounded};
use ficsync::clock::Clock;
use ficsync::commands::parts;
use ficsync::settings::{Flags, Settings};
use ficsync::shutdown::{Shutdown, Stopper};
use ficsync::store::Store;
use ficsync::store::outbox::{NewEvent, Stored};
use ficsync::worker::Pool;
use ficsync_sandbox::Fault;
use std::time::{Duration, Instant};

impl Env {
    /// Stores an event of account 1: `tell("entities.clients.update", &[7])`. Returns its local id.
    pub fn tell(&self, kind: &str, ids: &[i64]) -> i64 {
        self.tell_account(1, kind, ids)
    }

    /// The same for any account.
    pub fn tell_account(&self, account_id: i64, kind: &str, ids: &[i64]) -> i64 {
        match self.put(&[event(account_id, kind, ids)])[0] {
            Stored::New(id) => id,
            Stored::Known => panic!("it is new"),
        }
    }

    /// Many such events of account 1.
    pub fn tell_many(&self, kind: &str, ids: &[i64], count: usize) {
        self.put(&(0..count).map(|_| event(1, kind, ids)).collect::<Vec<_>>());
    }

    fn put(&self, events: &[NewEvent]) -> Vec<Stored> {
        let mut store = Store::open(&self.db(), Clock::shifted(self.ahead.get())).expect("store");
        store.store_batch(events).expect("stored")
    }

    /// The service is down from now on, as far as requests go whose line contains the text.
    pub fn is_down(&self, text: &str) {
        self.fic.clear_faults();
        for fault in [Fault::status(503), Fault::status(500), Fault::Reset, Fault::Html502].iter().cycle().take(200) {
            self.fic.fault_on(text, 1, fault.clone());
        }
    }

    /// What became of an event: its status and its attempts.
    pub fn fate(&self, id: i64) -> (String, u32) {
        self.open()
            .query_row("SELECT status, attempts FROM events WHERE id = ?1", [id], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("the event")
    }

    /// What became of all events: `done 3, failed 1`.
    pub fn fates(&self) -> String {
        self.value(
            "SELECT coalesce(group_concat(status || ' ' || n, ', '), '') FROM
                (SELECT status, count(*) AS n FROM events GROUP BY status ORDER BY status)",
        )
    }
}

fn event(account_id: i64, kind: &str, ids: &[i64]) -> NewEvent {
    NewEvent {
        account_id,
        event_group: "entity".to_owned(),
        event_id: format!("ce-{:016x}", fastrand::u64(..)),
        event_type: Some(format!("it.fattureincloud.webhooks.{kind}")),
        occurred_at: None,
        resource_ids: serde_json::to_string(ids).expect("ids"),
        nothing_to_do: None,
    }
}

/// Workers in this process.
pub struct Crew {
    pub pool: Pool,
    bell: Sender<()>,
    stopper: Stopper,
}

impl Crew {
    pub fn start(env: &Env) -> Self {
        let (db, config, url, shift) =
            (env.db(), env.dir.path().join("config.toml"), env.fic.url(), env.ahead.get().to_string());
        let settings =
            Settings::load(Flags { db: Some(db), config: Some(config), ..Flags::default() }, &|name| match name {
                "FICSYNC_API_URL" => Some(url.clone()),
                "FICSYNC_CLOCK_SHIFT" => Some(shift.clone()),
                _ => None,
            })
            .expect("settings");
        let (shutdown, stopper) = Shutdown::new();
        let (bell, ring) = bounded(1);
        Self { pool: Pool::start(parts::workers(&settings, &shutdown), ring).expect("pool"), bell, stopper }
    }

    /// Says that events were stored.
    pub fn ring(&self) {
        // Full: it is ringing already.
        let _ = self.bell.try_send(());
    }

    /// Waits until no event waits or is in work. Returns how long that took.
    pub fn settle(&self, env: &Env) -> Duration {
        let started = Instant::now();
        while env.value::<i64>("SELECT count(*) FROM events WHERE status IN ('pending', 'processing')") > 0 {
            assert!(started.elapsed() < Duration::from_secs(30), "events are left: {}", env.fates());
            std::thread::sleep(Duration::from_millis(5));
        }
        started.elapsed()
    }

    /// Requests that were sent for an account.
    pub fn requests(&self, account_id: i64) -> u64 {
        let all = self.pool.counters().expect("accounts");
        all.iter().find(|(id, _)| *id == account_id).expect("the account").1.requests()
    }

    pub fn stop(mut self) {
        self.stopper.stop();
        self.pool.stop(Duration::from_secs(5)).expect("stopped");
    }
}
