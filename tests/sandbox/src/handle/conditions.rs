//! The part of the handle that is about what surrounds the data: clock, quotas, faults, quirks, the journal.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use crate::Sandbox;
use crate::faults::Fault;
use crate::journal::Request;
use crate::quirks::Quirk;
use crate::quota::Limits;

/// Clock, quotas, faults, quirks, journal.
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
    pub fn quirk(&self, quirk: Quirk) {
        self.core.state().quirks.push(quirk);
    }

    /// Switches all peculiarities off.
    pub fn clear_quirks(&self) {
        self.core.state().quirks.clear();
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
