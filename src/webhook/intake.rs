//! What is answered to a request at a sink, and what is kept of it.
//!
//! In: a whole request and its route. Out: an answer; a rightly signed event has then been handed to the writer and is
//! on disk. The order matters: nothing is looked up, stored or said in full before the signature has been checked, and
//! nothing is refused for its content afterwards, because any answer but 2xx and 5xx makes the service drop the event
//! for good and, in the end, the subscription.

use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::challenge::{answer, challenge};
use super::directory::{Addressee, Directory};
use super::event_type::EventType;
use super::metrics::Metrics;
use super::notification::{Message, Notification};
use super::repeated::Repeated;
use super::request::{Method, Request};
use super::route::Route;
use super::verify::{Checked, Claims, Expected, Stated, Verdict, Verifier, bearer};
use super::writer::{Inbox, Kept};
use crate::clock::Clock;
use crate::report::one_line;
use crate::store::outbox::NewEvent;

/// What those hear who have not signed: `doctor` knows the listener by it.
pub const REFUSAL: &str = "only what Fatture in Cloud has signed for this sink is taken here";

/// An event for the writer.
#[derive(Debug)]
pub struct Incoming {
    /// The row to be.
    pub event: NewEvent,
    /// The sinks that it shows to be verified: those of a welcome event.
    pub verified: Vec<String>,
}

/// The intake.
pub struct Intake {
    /// Checks signatures.
    pub verifier: Verifier,
    /// Knows accounts and sinks.
    pub directory: Directory,
    /// Takes events.
    pub inbox: Inbox<Incoming>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
    /// What was said already.
    pub(super) repeated: Repeated,
}

impl Intake {
    /// Answers a request at a sink.
    pub fn answer(&self, route: Route, request: &Request<'_>) -> Answer {
        match request.method {
            Method::Post => self.event(route, request),
            Method::Get => self.challenge(route, request),
            Method::Other => return Answer::wrong_method(),
        }
        .unwrap_or_else(|refusal| refusal)
    }

    fn event(&self, route: Route, request: &Request<'_>) -> Result<Answer, Answer> {
        let checked = self.signature(route, request)?;
        let addressee = self.addressee(route)?;
        let message = Message::read(request.headers.iter().copied(), request.body);
        let expected = Expected {
            company_id: addressee.company_id,
            sinks: &addressee.sinks,
            event_id: message.event_id(),
            subject: message.subject(),
            now: self.clock.now().as_second(),
        };
        let claims = self.believed(route, self.verifier.judge(checked, &expected))?;
        self.keep(route, message.notification(), claims)
    }

    /// Hands a believed event in. 2xx only for what is on disk.
    fn keep(&self, route: Route, notification: Notification, claims: Claims) -> Result<Answer, Answer> {
        let known = notification.known_type;
        let incoming =
            incoming(route, notification, claims).ok_or_else(|| self.refuse(route, 401, "the token has no jti"))?;
        let ignored = incoming.event.why_ignored().is_some();
        match self.inbox.store(incoming) {
            Kept::Stored { twin } => {
                let outcome = match (twin, ignored) {
                    (true, _) => "twin",
                    (false, true) => "ignored",
                    (false, false) => "pending",
                };
                let (kind, action) = known.map_or(("other", "other"), |known| (known.kind, known.action));
                self.metrics.event(kind, action, outcome);
                Ok(Answer::text(202, "accepted"))
            }
            Kept::Not(why) => Err(self.trouble(route, why)),
        }
    }

    fn challenge(&self, route: Route, request: &Request<'_>) -> Result<Answer, Answer> {
        let signed = !matches!(one_token(request), Ok(None));
        match signed {
            true => self.admit_by_token(route, request)?,
            false => self.admit_without_token(route, request)?,
        }
        match challenge(request.headers.iter().copied(), request.target) {
            Some(challenge) => {
                self.say_answered(route, signed);
                Ok(Answer::json(200, answer(&challenge)))
            }
            None => Err(self.refuse(route, 400, "a GET without a challenge")),
        }
    }

    /// One without a token can come from anybody, as often as they like.
    fn say_answered(&self, route: Route, signed: bool) {
        let Route { account_id, group } = route;
        if signed {
            log::info!("account {account_id}: the service's challenge for {group} is answered");
        } else if let Some(times) = self.repeated.count("challenge without a token") {
            log::info!("account {account_id}: a challenge for {group} without a token is answered, {times} times");
        }
    }

    fn admit_by_token(&self, route: Route, request: &Request<'_>) -> Result<(), Answer> {
        let checked = self.signature(route, request)?;
        let addressee = self.addressee(route)?;
        let expected = Expected {
            company_id: addressee.company_id,
            sinks: &addressee.sinks,
            event_id: Stated::NotAsked,
            subject: Stated::NotAsked,
            now: self.clock.now().as_second(),
        };
        self.believed(route, self.verifier.judge(checked, &expected)).map(drop)
    }

    /// Some challenges may come without a token: they are answered only while one is expected.
    fn admit_without_token(&self, route: Route, request: &Request<'_>) -> Result<(), Answer> {
        let nobody = |status| self.refuse(route, status, "no token");
        if challenge_is_missing(request) {
            return Err(nobody(if self.directory.knows(route.account_id) { 401 } else { 404 }));
        }
        let addressee = self.addressee(route)?;
        match self.directory.awaits_challenge(route, &addressee) {
            Ok(true) => Ok(()),
            Ok(false) => Err(nobody(401)),
            Err(error) => Err(self.unreadable(route, &error)),
        }
    }

    /// The token with its signature checked; the refusal of what has none of the service's form.
    fn signature<'r>(&self, route: Route, request: &Request<'r>) -> Result<Checked<'r>, Answer> {
        let verdict = match one_token(request) {
            Ok(token) => self.verifier.check(token),
            Err(reason) => Err(Verdict::Refused { status: 401, reason }),
        };
        verdict.map_err(|verdict| match verdict {
            Verdict::Refused { reason, .. } if !self.directory.knows(route.account_id) => {
                self.refuse(route, 404, reason)
            }
            Verdict::Refused { status, reason } => self.refuse(route, status, reason),
            Verdict::Unsure { reason } => self.unsure(route, reason),
            Verdict::Valid(_) => self.refuse(route, 401, "no token"),
        })
    }

    fn addressee(&self, route: Route) -> Result<Addressee, Answer> {
        match self.directory.look_up(route) {
            Ok(Some(addressee)) => Ok(addressee),
            Ok(None) => Err(self.refuse(route, 404, "no such account")),
            Err(error) => Err(self.unreadable(route, &error)),
        }
    }

    fn believed(&self, route: Route, verdict: Verdict) -> Result<Claims, Answer> {
        match verdict {
            Verdict::Valid(claims) => Ok(claims),
            Verdict::Refused { status, reason } => Err(self.refuse(route, status, reason)),
            Verdict::Unsure { reason } => Err(self.unsure(route, reason)),
        }
    }

    /// No. Logged once a minute, as strangers try every door; louder where the service itself is refused.
    fn refuse(&self, route: Route, status: u16, reason: &'static str) -> Answer {
        self.metrics.refused(status, reason);
        if let Some(times) = self.repeated.count(reason) {
            let level = if status == 403 { log::Level::Warn } else { log::Level::Info };
            let Route { account_id, group } = route;
            log::log!(level, "refused with {status} at /{account_id}/{group}, {times} times: {reason}");
        }
        match status {
            404 => Answer::not_found(),
            _ => Answer::text(status, REFUSAL),
        }
    }

    /// It may be the service's, and the fault ours: somebody must act.
    fn unsure(&self, route: Route, reason: &'static str) -> Answer {
        self.metrics.refused(503, reason);
        if let Some(times) = self.repeated.count(reason) {
            log::error!(
                "account {}: what may be a webhook of the service was put off with 503, {times} times, and is lost if \
                 this lasts: {reason}",
                route.account_id
            );
        }
        Answer::later("try again later")
    }

    fn unreadable(&self, route: Route, error: &anyhow::Error) -> Answer {
        if let Some(times) = self.repeated.count("read") {
            log::error!("the database could not be read for a webhook, {times} times: {}", one_line(error));
        }
        self.trouble(route, "the database could not be read")
    }

    /// Our storage is at fault; the writer has said why.
    fn trouble(&self, route: Route, why: &'static str) -> Answer {
        self.metrics.refused(503, why);
        if let Some(times) = self.repeated.count(why) {
            log::warn!("account {}: webhooks were put off with 503, {times} times: {why}", route.account_id);
        }
        Answer::later("try again later")
    }
}

fn challenge_is_missing(request: &Request<'_>) -> bool {
    challenge(request.headers.iter().copied(), request.target).is_none()
}

/// The bearer token; two that differ cannot both be meant.
fn one_token<'r>(request: &Request<'r>) -> Result<Option<&'r str>, &'static str> {
    let mut tokens = request.values("authorization").filter_map(bearer);
    let first = tokens.next();
    match tokens.any(|other| Some(other) != first) {
        true => Err("two tokens"),
        false => Ok(first),
    }
}

/// The row of an event. What it cannot say itself, its token says.
fn incoming(route: Route, notification: Notification, claims: Claims) -> Option<Incoming> {
    let nothing_to_do = nothing_to_do(&notification);
    let welcome = notification.known_type.is_some_and(EventType::is_welcome);
    let event = NewEvent {
        account_id: route.account_id,
        event_group: route.group.to_owned(),
        event_id: notification.event_id.or(claims.event_id)?,
        event_type: notification.event_type,
        occurred_at: notification.occurred_at,
        resource_ids: json!(notification.ids).to_string(),
        nothing_to_do: nothing_to_do.map(str::to_owned),
    };
    Some(Incoming { event, verified: if welcome { claims.sinks } else { Vec::new() } })
}

/// Why there is nothing to do for an event, as far as the event itself tells.
fn nothing_to_do(notification: &Notification) -> Option<&'static str> {
    match notification.known_type {
        Some(known) if known.is_welcome() => Some("welcome: the subscription is verified"),
        _ => notification.strange,
    }
}
