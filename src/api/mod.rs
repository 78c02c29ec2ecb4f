//! The service: one gate to the network.
//!
//! In: a path and a query. Out: a value read from the answer, or an [`ApiError`]. Every request passes the pacer,
//! carries a token, is counted, and is tried again where that can help: after a wait that the service asked for, after
//! a refreshed token, after a passing fault. Knows no table, loops over no pages.

pub mod companies;
pub mod error;
pub mod filter;
mod lead;
pub mod ledger;
pub mod oauth;
pub mod pacer;
pub mod pages;
pub mod pkce;
pub mod stranger;
pub mod subscriptions;
mod transport;
pub mod whole;

pub use error::ApiError;

use crate::clock::Clock;
use crate::shutdown::Shutdown;
use backon::BackoffBuilder;
use jiff::SignedDuration;
use ledger::{Ledger, Tokens};
use pacer::{Pace, Priority};
use secrecy::SecretString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use transport::Request;
pub use transport::{Answer, Transport};

/// How often one request may be put off by the service before the run gives up: a service that says "in one second"
/// for ever would hold it for ever.
const MOST_WAITS: u32 = 10;
/// How often a request is sent again after a passing fault.
const MOST_RETRIES: usize = 3;
/// How often a request that hung is sent again: each time costs the whole time-out.
const MOST_TIMEOUTS: u32 = 1;

/// How requests of one run are made.
#[derive(Clone)]
pub struct Policy {
    /// Who asks.
    pub priority: Priority,
    /// Waits up to this long are waited out.
    pub max_wait: Duration,
    /// The wish to stop.
    pub shutdown: Shutdown,
    /// The time.
    pub clock: Clock,
    /// The requests of the run, counted and limited.
    pub budget: Arc<Budget>,
}

/// Counts requests, and ends them at a limit that the operator set.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    used: AtomicU64,
    whole: Option<Arc<Budget>>,
}

impl Budget {
    /// A budget of `limit` requests, or of as many as wanted.
    pub fn new(limit: Option<u64>) -> Self {
        Self { limit: limit.unwrap_or(u64::MAX), used: AtomicU64::new(0), whole: None }
    }

    /// A part of a budget that others use too: it counts what is its own, the limit is the whole's.
    pub fn part_of(whole: &Arc<Self>) -> Self {
        Self { limit: u64::MAX, used: AtomicU64::new(0), whole: Some(Arc::clone(whole)) }
    }

    /// Requests sent so far.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes one request. False when the limit is reached.
    fn take(&self) -> bool {
        if self.whole.as_ref().is_some_and(|whole| !whole.take()) {
            return false;
        }
        let next = |used| (used < self.limit).then_some(used + 1);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

/// The service, as one account sees it.
#[derive(Clone)]
pub struct Api {
    transport: Transport,
    tokens: Arc<dyn Tokens>,
    ledger: Arc<dyn Ledger>,
    policy: Policy,
    skew: Arc<Mutex<Option<SignedDuration>>>,
    retries: usize,
    /// The company whose things are asked for.
    pub company_id: i64,
}

/// What an answer came to.
enum Outcome<T> {
    Done(T),
    Fails(ApiError),
    /// Refused for a time that may be short enough to wait.
    PutOff,
    /// 401.
    TokenRefused(String),
    /// Sending it again may help.
    Again(ApiError, Fault),
}

/// What kind of passing fault it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No answer in time.
    Timeout,
    /// The name is not in DNS.
    NoName,
    /// Nothing listens there.
    Refused,
    /// What answers has no TLS, or a certificate for another name, or of an authority that is not trusted here.
    Tls,
    /// Anything else.
    Other,
}

/// Why an answer could not be read.
#[derive(Debug)]
pub enum Unreadable {
    /// It is not as described.
    Malformed(String),
    /// It is not what was asked for.
    Ignored(String),
}

impl From<String> for Unreadable {
    fn from(text: String) -> Self {
        Self::Malformed(text)
    }
}

impl Api {
    /// The service over `transport`, for one company.
    pub fn new(
        transport: Transport,
        company_id: i64,
        tokens: Arc<dyn Tokens>,
        ledger: Arc<dyn Ledger>,
        policy: Policy,
    ) -> Self {
        Self { transport, tokens, ledger, policy, skew: Arc::default(), retries: MOST_RETRIES, company_id }
    }

    /// The same, for questions that are asked in trouble: a passing fault is an answer, and not tried again.
    #[must_use]
    pub fn impatient(&self) -> Self {
        Self { retries: 0, ..self.clone() }
    }

    /// The same as it was made.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self { retries: MOST_RETRIES, ..self.clone() }
    }

    /// How far the service's clock was ahead of ours at its last answer. Nothing before the first.
    pub fn skew(&self) -> Option<SignedDuration> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for `path` (below the API base) and reads the answer with `read`.
    ///
    /// # Errors
    /// See [`ApiError`]; an answer that `read` refuses is asked for again first.
    pub fn get<T>(
        &self,
        path: &str,
        query: &[(&str, String)],
        read: impl Fn(&Answer) -> Result<T, Unreadable>,
    ) -> Result<T, ApiError> {
        self.send(&Request::get(path, query), read)
    }

    /// The path of something of this company.
    pub fn of_company(&self, path: &str) -> String {
        format!("/c/{}{path}", self.company_id)
    }

    /// Sends a request until it succeeds, fails for good, or was tried often enough.
    fn send<T>(&self, request: &Request, read: impl Fn(&Answer) -> Result<T, Unreadable>) -> Result<T, ApiError> {
        let mut token = self.tokens.access()?;
        let mut refreshed = false;
        let mut waits = 0;
        let mut timeouts = 0;
        let mut delays = delays(self.retries);
        loop {
            self.pass_pacer(&mut waits)?;
            match self.once(request, &token, &read) {
                Outcome::Done(value) => return Ok(value),
                Outcome::Fails(error) => return Err(error),
                Outcome::PutOff => {}
                Outcome::TokenRefused(message) if refreshed => return Err(ApiError::Auth(message)),
                Outcome::TokenRefused(message) => {
                    refreshed = true;
                    token = self.tokens.instead_of(&token)?.ok_or(ApiError::Auth(message))?;
                }
                Outcome::Again(error, fault) => {
                    timeouts += u32::from(fault == Fault::Timeout);
                    let Some(delay) = delays.next().filter(|_| timeouts <= MOST_TIMEOUTS) else { return Err(error) };
                    log::debug!("{error}; trying again in {} ms", delay.as_millis());
                    self.sleep(delay)?;
                }
            }
        }
    }

    /// Waits until the request may go, or says why it may not.
    fn pass_pacer(&self, waits: &mut u32) -> Result<(), ApiError> {
        loop {
            if self.policy.shutdown.requested() {
                return Err(stopped());
            }
            let seen = self.ledger.seen()?;
            match pacer::pace(&seen, self.policy.clock.now(), self.policy.priority, self.policy.max_wait) {
                Pace::Go => break,
                Pace::Stop(until, reason) => return Err(ApiError::Quota { until, reason }),
                Pace::Wait(time, reason) => {
                    *waits += 1;
                    if *waits > MOST_WAITS {
                        let until = self.policy.clock.now() + self.policy.max_wait;
                        return Err(ApiError::Quota { until, reason: format!("{reason}, again and again") });
                    }
                    log::info!("company {}: waiting {:.1} s: {reason}", self.company_id, time.as_secs_f64());
                    self.sleep(time)?;
                }
            }
        }
        if self.policy.budget.take() { Ok(()) } else { Err(budget_used()) }
    }

    fn sleep(&self, time: Duration) -> Result<(), ApiError> {
        if self.policy.shutdown.sleep(time) { Ok(()) } else { Err(stopped()) }
    }

    /// Sends a request once.
    fn once<T>(
        &self,
        request: &Request,
        token: &SecretString,
        read: &impl Fn(&Answer) -> Result<T, Unreadable>,
    ) -> Outcome<T> {
        let begun = match self.ledger.sent() {
            Ok(begun) => begun,
            Err(error) => return Outcome::Fails(error.into()),
        };
        let answer = match self.transport.send(request, token) {
            Ok(answer) => answer,
            Err((error, fault)) => return again(request, ApiError::Transient(error), fault),
        };
        if let Some(date) = answer.date() {
            let skew = date.duration_since(self.policy.clock.now());
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
        let told = answer.told(self.policy.clock.now());
        let put_off = told.blocked.is_some();
        if let Err(error) = self.ledger.told(begun, &told) {
            return Outcome::Fails(error.into());
        }
        self.judge(request, &answer, put_off, read)
    }

    fn judge<T>(
        &self,
        request: &Request,
        answer: &Answer,
        put_off: bool,
        read: &impl Fn(&Answer) -> Result<T, Unreadable>,
    ) -> Outcome<T> {
        let message = || error::message(&answer.body);
        match answer.status {
            200..=299 => match read(answer) {
                Ok(value) => Outcome::Done(value),
                Err(Unreadable::Malformed(why)) => again(request, ApiError::Malformed(why), Fault::Other),
                Err(Unreadable::Ignored(why)) => again(request, ApiError::Ignored(why), Fault::Other),
            },
            401 => Outcome::TokenRefused(message()),
            403 | 429 if put_off => Outcome::PutOff,
            403 => Outcome::Fails(ApiError::Scope(message())),
            // A web server's page says nothing about a record: somebody else answered.
            404 if answer.is_page() => {
                let why = "404 with a page in HTML, where the service sends JSON".to_owned();
                again(request, ApiError::Malformed(why), Fault::Other)
            }
            404 => Outcome::Fails(ApiError::NotFound(message())),
            300..=407 | 409..=499 => Outcome::Fails(ApiError::Rejected { status: answer.status, message: message() }),
            status if request.repeatable() => {
                let text = format!("the service failed ({status}), several times: {}", message());
                Outcome::Again(ApiError::Transient(text), Fault::Other)
            }
            status => Outcome::Fails(ApiError::Transient(format!("the service failed ({status}): {}", message()))),
        }
    }
}

/// A passing fault: what changes something at the service is not sent a second time.
fn again<T>(request: &Request, error: ApiError, fault: Fault) -> Outcome<T> {
    if request.repeatable() { Outcome::Again(error, fault) } else { Outcome::Fails(error) }
}

/// Delays between tries of one request: about 0.5, 1 and 2 seconds.
fn delays(retries: usize) -> impl Iterator<Item = Duration> {
    backon::ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(400))
        .with_max_times(retries)
        .with_jitter()
        .build()
}

/// What a request meets once the stop was asked for.
pub fn stopped() -> ApiError {
    ApiError::Stopped("stopped by a signal".to_owned())
}

fn budget_used() -> ApiError {
    ApiError::Stopped("the number of requests allowed with --max-requests is reached".to_owned())
}
