//! The handle that tests hold: starts and stops the sandbox, changes its data, its clock, its credentials, its
//! behaviour, and reads its truth and its journal. Each method takes the lock for a moment.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::auth::Grant;
use crate::core::Core;
use crate::faults::Fault;
use crate::http;
use crate::journal::Request;
use crate::moods::Mood;
use crate::post;
use crate::quota::Limits;
use crate::state::{self, State};
use crate::{COMPANY, TOKEN};

/// A running sandbox. Clones share it; the server stops when the last is dropped.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) core: Arc<Core>,
    /// None in the handles that closures and control requests get.
    _server: Option<Arc<Server>>,
}

struct Server {
    core: Arc<Core>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.core.stop();
        // The port is free only when the accepting thread has ended. A closure that drops the last handle runs
        // on a connection's thread, never on that one.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Starting and stopping.
impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1, with the company [`COMPANY`] and the token [`TOKEN`].
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start(seed: u64) -> Sandbox {
        match Sandbox::start_on(0, seed) {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("the sandbox cannot listen: {error}"),
        }
    }

    /// Starts a sandbox on a port of 127.0.0.1; 0 takes a free one.
    pub fn start_on(port: u16, seed: u64) -> std::io::Result<Sandbox> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let mut state = State::new(seed);
        state.add_company(COMPANY, "Rossi S.r.l.");
        let grant = Grant { companies: vec![COMPANY], scopes: owned(&["*"]), client: None };
        state.auth.add_manual(TOKEN, grant);
        let core = Core::new(listener.local_addr()?, state);
        let serving = Arc::clone(&core);
        let thread = Some(thread::spawn(move || http::serve(&listener, &serving)));
        let sending = Arc::clone(&core);
        thread::spawn(move || post::run(&sending));
        let server = Server { core: Arc::clone(&core), thread };
        Ok(Sandbox { core, _server: Some(Arc::new(server)) })
    }

    /// A handle that does not keep the server running.
    pub(crate) fn borrowed(core: Arc<Core>) -> Sandbox {
        Sandbox { core, _server: None }
    }

    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.core.address)
    }
}

/// Companies and credentials.
impl Sandbox {
    /// Adds an empty company.
    pub fn add_company(&self, id: i64, name: &str) {
        self.core.state().add_company(id, name);
    }

    /// The ids of all companies.
    pub fn companies(&self) -> Vec<i64> {
        self.core.state().companies.keys().copied().collect()
    }

    /// A new manual token. The scope `*` stands for all.
    pub fn issue_token(&self, companies: &[i64], scopes: &[&str]) -> String {
        let mut state = self.core.state();
        let token = state.auth.name('a');
        state.auth.add_manual(&token, Grant { companies: companies.to_vec(), scopes: owned(scopes), client: None });
        token
    }

    /// Gives a token other scopes.
    ///
    /// # Panics
    /// When there is no such token.
    pub fn set_scopes(&self, token: &str, scopes: &[&str]) {
        assert!(self.core.state().auth.set_scopes(token, &owned(scopes)), "the sandbox has no token {token}");
    }

    /// Makes an OAuth app known.
    pub fn register_client(&self, id: &str, secret: &str) {
        self.core.state().auth.register_client(id, secret);
    }

    /// An access and a refresh token of an app, which becomes known with them.
    pub fn issue_oauth(&self, client: &str, secret: &str, companies: &[i64], scopes: &[&str]) -> (String, String) {
        let mut state = self.core.state();
        state.auth.register_client(client, secret);
        let now = state.clock.seconds();
        let grant = Grant { companies: companies.to_vec(), scopes: owned(scopes), client: Some(client.to_owned()) };
        let pair = state.auth.issue_pair(grant, now);
        (pair.access, pair.refresh)
    }

    /// Ends all access tokens that OAuth issued.
    pub fn expire_access_tokens(&self) {
        self.core.state().auth.expire_access_tokens();
    }

    /// Ends all refresh tokens.
    pub fn revoke_refresh_tokens(&self) {
        self.core.state().auth.revoke_refresh_tokens();
    }

    /// Ends one token, manual ones too.
    pub fn expire_token(&self, token: &str) {
        self.core.state().auth.expire(token);
    }
}

/// Records. Lists are named as in ficsync's tables: `clients`, `suppliers`, `invoices`, `quotes`, … A name or
/// company that does not exist panics.
impl Sandbox {
    /// Adds records spread over the five years before now, by increasing id.
    pub fn populate(&self, company: i64, resource: &str, n: usize) {
        self.core.state().populate(company, resource, n);
    }

    /// Adds a record, created now.
    pub fn create(&self, company: i64, resource: &str) -> i64 {
        self.create_with(company, resource, |_| {})
    }

    /// Adds a record that the closure has adapted.
    pub fn create_with(&self, company: i64, resource: &str, adapt: impl FnOnce(&mut Value)) -> i64 {
        let mut state = self.core.state();
        let id = state.create(company, resource, adapt);
        state.announce(company, resource, "create", &[id]);
        id
    }

    /// Adds records that were all created in one second, told in one event, like an import.
    pub fn create_many(&self, company: i64, resource: &str, n: usize) -> Vec<i64> {
        let mut state = self.core.state();
        let stamp = Value::from(state.clock.stamp());
        let same_second = |record: &mut Value| {
            for field in ["created_at", "updated_at"] {
                if record.get(field).is_some_and(|value| !value.is_null()) {
                    record[field] = stamp.clone();
                }
            }
        };
        let ids: Vec<i64> = (0..n).map(|_| state.create(company, resource, same_second)).collect();
        state.announce(company, resource, "create", &ids);
        ids
    }

    /// Changes a record's text and its `updated_at`.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn update(&self, company: i64, resource: &str, id: i64) {
        self.touch_many(company, resource, &[id]);
    }

    /// Changes records, all with one `updated_at`, told in one event.
    ///
    /// # Panics
    /// When one of them does not exist.
    pub fn touch_many(&self, company: i64, resource: &str, ids: &[i64]) {
        let mut state = self.core.state();
        let stamp = state.clock.stamp();
        for id in ids {
            let found = state.update(company, resource, *id, |record| {
                state::touch(record, &stamp);
                if record.get("updated_at").is_some_and(|value| !value.is_null()) {
                    record["updated_at"] = stamp.clone().into();
                }
            });
            assert!(found, "the sandbox has no {resource} {id}");
        }
        state.announce(company, resource, "update", ids);
    }

    /// Changes a record by the closure; `updated_at` becomes now, unless the closure changes it or it is null.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn update_with(&self, company: i64, resource: &str, id: i64, adapt: impl FnOnce(&mut Value)) {
        let mut state = self.core.state();
        assert!(state.update(company, resource, id, adapt), "the sandbox has no {resource} {id}");
        state.announce(company, resource, "update", &[id]);
    }

    /// Deletes a record.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn delete(&self, company: i64, resource: &str, id: i64) {
        let mut state = self.core.state();
        assert!(state.delete(company, resource, id), "the sandbox has no {resource} {id}");
        state.announce(company, resource, "delete", &[id]);
    }

    /// The ids of all records, increasing.
    pub fn ids(&self, company: i64, resource: &str) -> Vec<i64> {
        self.core.state().shelf(company, resource).records.iter().map(|record| record.id).collect()
    }

    /// All records in detailed form, by id. Download addresses carry the ticket `0`.
    pub fn truth(&self, company: i64, resource: &str) -> Vec<Value> {
        self.core.state().shelf(company, resource).records.iter().map(|record| record.value()).collect()
    }

    /// One record in detailed form.
    pub fn record(&self, company: i64, resource: &str, id: i64) -> Option<Value> {
        self.core.state().shelf(company, resource).get(id).map(|record| record.value())
    }

    /// The ids of deleted records, in the order of their deletion.
    pub fn deleted(&self, company: i64, resource: &str) -> Vec<i64> {
        self.core.state().shelf(company, resource).deleted.iter().map(|deleted| deleted.id).collect()
    }

    /// Deleted records with their last content.
    pub fn deleted_records(&self, company: i64, resource: &str) -> Vec<Value> {
        self.core.state().shelf(company, resource).deleted.iter().map(|deleted| deleted.value.clone()).collect()
    }
}

/// Clock, quotas, faults, moods, journal.
impl Sandbox {
    /// Moves the sandbox's clock.
    pub fn advance(&self, seconds: i64) {
        self.core.state().clock.advance(seconds);
    }

    /// Stops the sandbox's clock: it moves by [`Sandbox::advance`] alone, so that a second lasts as long as a test needs.
    pub fn stop_clock(&self) {
        self.core.state().clock.stop();
    }

    /// Sets the sandbox's clock to an RFC 3339 time; it runs on from there.
    ///
    /// # Panics
    /// When the text is no such time.
    pub fn set_now(&self, rfc3339: &str) {
        match rfc3339.parse() {
            Ok(instant) => self.set_instant(instant),
            Err(error) => panic!("{rfc3339:?} is no time: {error}"),
        }
    }

    pub(crate) fn set_instant(&self, instant: Timestamp) {
        self.core.state().clock.set(instant);
    }

    /// The sandbox's present.
    pub fn now(&self) -> Timestamp {
        self.core.state().clock.now()
    }

    /// Sets the limits of the three windows.
    pub fn set_quota(&self, five_minutes: u32, hourly: u32, monthly: u32) {
        self.core.state().quota.limits = Limits { five_minutes, hourly, monthly };
    }

    /// Sets what has been used up of this hour and this month; `app` is `private` for manual tokens.
    pub fn set_used(&self, company: i64, app: &str, hourly: u32, monthly: u32) {
        let mut state = self.core.state();
        let present = state.present();
        state.quota.set_used(company, app, hourly, monthly, present);
    }

    /// How many requests were refused for a quota.
    pub fn refusals(&self) -> usize {
        self.core.state().quota.refusals
    }

    /// The next request meets this fault; several calls queue up.
    pub fn fault(&self, fault: Fault) {
        self.fault_on("", 1, fault);
    }

    /// The n-th following request (from 1) whose line (`GET /path?decoded=query`) contains the text meets it.
    pub fn fault_on(&self, text: &str, nth: usize, fault: Fault) {
        self.core.state().faults.add(text, nth, fault);
    }

    /// How many connections there have been, those of control requests too.
    pub fn connections(&self) -> usize {
        self.core.connections.load(Ordering::SeqCst)
    }

    /// Every answer takes so many milliseconds from now on, as over a long way; others are answered meanwhile.
    pub fn set_delay(&self, milliseconds: u64) {
        self.core.set_delay(Duration::from_millis(milliseconds));
    }

    /// From now on a share of all requests meets a passing fault, drawn from a seed.
    pub fn random_faults(&self, rate: f64, seed: u64) {
        self.core.state().faults.randomly(rate, seed);
    }

    /// Forgets all faults to come.
    pub fn clear_faults(&self) {
        self.core.state().faults.clear();
    }

    /// How many scripted faults have not met their request.
    pub fn faults_waiting(&self) -> usize {
        self.core.state().faults.waiting()
    }

    /// Runs the closure after the n-th following answer, before the next request is handled.
    pub fn after_request(&self, n: usize, change: impl FnOnce(&Sandbox) + Send + 'static) {
        self.core.after_request(n, Box::new(change));
    }

    /// How many changes of [`Sandbox::after_request`] have not met their request.
    pub fn changes_waiting(&self) -> usize {
        self.core.hooks_waiting()
    }

    /// Switches a peculiarity on.
    pub fn mood(&self, mood: Mood) {
        self.core.state().moods.push(mood);
    }

    /// Switches all peculiarities off.
    pub fn clear_moods(&self) {
        self.core.state().moods.clear();
    }

    /// All requests so far.
    pub fn journal(&self) -> Vec<Request> {
        self.core.state().journal.clone()
    }

    /// Forgets requests and refusals; violations stay.
    pub fn clear_journal(&self) {
        let mut state = self.core.state();
        state.journal.clear();
        state.quota.refusals = 0;
    }

    /// What the client did against the vendor's description.
    pub fn violations(&self) -> Vec<String> {
        self.core.state().violations.clone()
    }
}
