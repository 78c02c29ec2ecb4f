//! Subscriptions and the notifications on their way: what is queued, what an answer of the sink does to it, by
//! the service's rules. In: changes, statuses, the sandbox's time. Out: messages to send, a record of each
//! attempt. Opens no connection: `sender.rs` sends, `subscriptions.rs` is the API.

use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::events::PREFIX;
use crate::id::Id;
use crate::quirks::Quirk;
use crate::signer::{Signer, Signing};

/// How a notification is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// The event's properties are `ce-…` headers.
    Binary,
    /// All is in the body.
    Structured,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The sink took it, or the challenge was answered.
    Done,
    /// It will be tried again.
    Again,
    /// It is given up; after four attempts, or at once after a status that is neither success nor 5xx.
    Dropped,
    /// It is given up, and the subscription is gone.
    Unsubscribed,
    /// It got lost on the way, by a [`Quirk::Loss`]; the sink never saw it.
    Lost,
    /// The sink did not answer the challenge.
    Unverified,
}

/// One attempt to reach a sink.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `SUB…`.
    pub subscription: String,
    /// The sink as it was subscribed.
    pub sink: String,
    /// The event's type; `verification` for the challenge.
    pub event_type: String,
    /// The event's id (`ce-id`); empty for the challenge.
    pub event_id: String,
    /// The ids that the event told of.
    pub ids: Vec<Id>,
    /// From 1.
    pub attempt: u32,
    /// The sink's status; 0 when there was no answer.
    pub status: u16,
    /// How long the sink took.
    pub latency: Duration,
    /// When, by the sandbox's clock.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
}

/// A subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) company: i64,
    pub(crate) app: String,
    pub(crate) sink: String,
    pub(crate) types: Vec<String>,
    pub(crate) mapping: Mapping,
    pub(crate) by_query: bool,
    pub(crate) verified: bool,
    /// Challenges sent since the sink was last set.
    pub(crate) attempts: u32,
    pub(crate) last_attempt: i64,
    /// When a status that is neither success nor 5xx began the countdown.
    failing_since: Option<i64>,
}

/// An event, as it is told to one sink.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) event_type: String,
    pub(crate) company: i64,
    pub(crate) time: Timestamp,
    pub(crate) ids: Vec<Id>,
}

impl Event {
    fn data(&self) -> Value {
        json!({"ids": self.ids.iter().map(Id::json).collect::<Vec<Value>>()})
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Task {
    Verify,
    Notify { event: Event, attempt: u32 },
}

#[derive(Clone, Debug)]
struct Waiting {
    subscription: String,
    due: i64,
    task: Task,
}

/// A message ready for the wire.
#[derive(Clone, Debug)]
pub struct Message {
    /// `GET` for the challenge, else `POST`.
    pub method: &'static str,
    /// The sink as it was subscribed, with the challenge where it goes into the query.
    pub sink: String,
    /// All headers that the service sets.
    pub headers: Vec<(String, String)>,
    /// The body, empty for the challenge.
    pub body: String,
}

/// A message with what is needed to settle it.
pub(crate) struct Dispatch {
    pub(crate) subscription: Subscription,
    pub(crate) task: Task,
    pub(crate) message: Message,
    pub(crate) challenge: String,
    /// Taken away by a quirk.
    pub(crate) lost: bool,
}

/// Seconds between the attempts of one event; the service says only that they grow.
const PAUSES: [i64; 3] = [30, 300, 3_000];
/// Seconds between challenges, and how many there are.
pub(crate) const CHALLENGE_PAUSE: i64 = 600;
pub(crate) const CHALLENGES: u32 = 5;
const COUNTDOWN: i64 = 10 * 24 * 3600;
const TOKEN_LIFE: i64 = 3 * 3600;
const ISSUER: &str = "https://api-v2.fattureincloud.it";

/// All subscriptions, and what is on its way to them.
pub(crate) struct Hub {
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) signer: Signer,
    pub(crate) deliver: bool,
    pub(crate) deliveries: Vec<Delivery>,
    /// Prefixes of sinks and the bases that stand for them.
    pub(crate) sinks: Vec<(String, String)>,
    queue: Vec<Waiting>,
    serial: u32,
    sent: u32,
    /// Messages taken from the queue whose answer is not in yet.
    pub(crate) under_way: usize,
}

impl Hub {
    pub(crate) fn new(seed: u64) -> Hub {
        Hub {
            subscriptions: Vec::new(),
            signer: Signer::new(seed),
            deliver: false,
            deliveries: Vec::new(),
            sinks: Vec::new(),
            queue: Vec::new(),
            serial: 229,
            sent: 0,
            under_way: 0,
        }
    }

    pub(crate) fn get(&mut self, id: &str) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| subscription.id == id)
    }

    /// A new subscription, whose first challenge is on its way at once.
    pub(crate) fn subscribe(&mut self, subscription: Subscription, now: i64) -> Subscription {
        self.serial += 1;
        let subscription = Subscription { id: format!("SUB{}", self.serial), ..subscription };
        self.subscriptions.push(subscription.clone());
        self.challenge(&subscription.id, now);
        subscription
    }

    /// Sends the challenge; `attempts` counts it.
    pub(crate) fn challenge(&mut self, id: &str, now: i64) {
        if let Some(subscription) = self.get(id) {
            subscription.attempts += 1;
            subscription.last_attempt = now;
            self.queue.push(Waiting { subscription: id.to_owned(), due: now, task: Task::Verify });
        }
    }

    pub(crate) fn unsubscribe(&mut self, id: &str) {
        self.subscriptions.retain(|subscription| subscription.id != id);
        self.queue.retain(|waiting| waiting.subscription != id);
    }

    /// Queues an event for each verified subscription of the company that wants its type.
    pub(crate) fn announce(&mut self, event: &Event, twins: bool, now: i64) {
        let copies = if twins { 2 } else { 1 };
        for subscription in &self.subscriptions {
            if subscription.company != event.company || !subscription.verified {
                continue;
            }
            if subscription.types.contains(&event.event_type) {
                let task = Task::Notify { event: event.clone(), attempt: 1 };
                let waiting = Waiting { subscription: subscription.id.clone(), due: now, task };
                self.queue.extend(std::iter::repeat_n(waiting, copies));
            }
        }
    }

    /// Is nothing due and nothing under way?
    pub(crate) fn idle(&self, now: i64) -> bool {
        self.under_way == 0 && self.queue.iter().all(|waiting| waiting.due > now)
    }

    /// How many messages wait, due or not.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Takes the next message that is due.
    pub(crate) fn take(&mut self, now: i64, quirks: &[Quirk], dice: &mut Rng) -> Option<Dispatch> {
        let due: Vec<usize> = (0..self.queue.len()).filter(|place| self.queue[*place].due <= now).collect();
        let first = *due.first()?;
        let place = if quirks.contains(&Quirk::Disorder) { due[dice.usize(..due.len())] } else { first };
        let waiting = self.queue.remove(place);
        let subscription = self.get(&waiting.subscription)?.clone();
        let challenge = format!("{:032x}", dice.u128(..));
        let message = match &waiting.task {
            Task::Verify => self.challenge_message(&subscription, &challenge),
            Task::Notify { event, .. } => {
                self.sent += 1;
                self.message(event, &subscription.sink, subscription.mapping, quirks)
            }
        };
        let lost = matches!(waiting.task, Task::Notify { .. })
            && quirks.iter().any(|quirk| matches!(quirk, Quirk::Loss(n) if self.sent.is_multiple_of((*n).max(1))));
        self.under_way += 1;
        Some(Dispatch { subscription, task: waiting.task, message, challenge, lost })
    }

    fn challenge_message(&self, subscription: &Subscription, challenge: &str) -> Message {
        let claims = claims(&subscription.sink, subscription.company, &format!("verify-{}", &challenge[..8]));
        let mut message = Message {
            method: "GET",
            sink: subscription.sink.clone(),
            headers: vec![("Authorization".into(), format!("Bearer {}", self.signer.sign(&claims, Signing::Right)))],
            body: String::new(),
        };
        if subscription.by_query {
            let mark = if message.sink.contains('?') { '&' } else { '?' };
            message.sink.push_str(&format!("{mark}x-fic-verification-challenge={challenge}"));
        } else {
            message.headers.push(("x-fic-verification-challenge".into(), challenge.to_owned()));
        }
        message
    }

    /// The notification of an event, rightly signed.
    pub(crate) fn message(&self, event: &Event, sink: &str, mapping: Mapping, quirks: &[Quirk]) -> Message {
        let claims = claims(sink, event.company, &event.id);
        let mut headers =
            vec![("Authorization".to_owned(), format!("Bearer {}", self.signer.sign(&claims, Signing::Right)))];
        let (time, subject) = (event.time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(), subject(event.company));
        let body = match mapping {
            Mapping::Binary => {
                for (name, value) in [
                    ("Content-Type", "application/json"),
                    ("ce-type", &event.event_type),
                    ("ce-time", &time),
                    ("ce-subject", &subject),
                    ("ce-specversion", "1.0"),
                    ("ce-source", ISSUER),
                    ("ce-id", &event.id),
                ] {
                    headers.push((name.to_owned(), value.to_owned()));
                }
                json!({"data": event.data()})
            }
            Mapping::Structured => {
                let json = quirks.contains(&Quirk::JsonContentType);
                let kind = if json { "application/json" } else { "application/cloudevents+json" };
                headers.push(("Content-Type".to_owned(), kind.to_owned()));
                json!({
                    "id": event.id, "source": ISSUER, "specversion": "1.0", "type": event.event_type,
                    "subject": subject, "time": time, "datacontenttype": "application/json",
                    "data": event.data(),
                })
            }
        };
        Message { method: "POST", sink: sink.to_owned(), headers, body: body.to_string() }
    }

    /// What the sink's answer does. `answered` says whether a challenge was answered rightly.
    pub(crate) fn settle(
        &mut self,
        dispatch: &Dispatch,
        status: u16,
        answered: bool,
        now: Timestamp,
        latency: Duration,
    ) {
        self.under_way = self.under_way.saturating_sub(1);
        let outcome = match &dispatch.task {
            _ if dispatch.lost => Outcome::Lost,
            Task::Verify => self.settle_challenge(dispatch, answered, now),
            Task::Notify { event, attempt } => {
                self.settle_event(&dispatch.subscription.id, event, *attempt, status, now.as_second())
            }
        };
        let (event_type, event_id, ids, attempt) = match &dispatch.task {
            Task::Verify => ("verification".to_owned(), String::new(), Vec::new(), dispatch.subscription.attempts),
            Task::Notify { event, attempt } => {
                (event.event_type.clone(), event.id.clone(), event.ids.clone(), *attempt)
            }
        };
        let (subscription, sink) = (dispatch.subscription.id.clone(), dispatch.subscription.sink.clone());
        self.deliveries.push(Delivery {
            subscription,
            sink,
            event_type,
            event_id,
            ids,
            attempt,
            status,
            latency,
            at: now,
            outcome,
        });
    }

    fn settle_challenge(&mut self, dispatch: &Dispatch, answered: bool, now: Timestamp) -> Outcome {
        let id = &dispatch.subscription.id;
        let Some(subscription) = self.get(id) else { return Outcome::Dropped };
        if subscription.sink != dispatch.subscription.sink {
            return Outcome::Dropped;
        }
        if !answered {
            if subscription.attempts < CHALLENGES {
                return Outcome::Unverified;
            }
            self.unsubscribe(id);
            return Outcome::Unsubscribed;
        }
        subscription.verified = true;
        let event = Event {
            id: format!("welcome-{id}-{}", subscription.attempts),
            event_type: format!("{PREFIX}subscriptions.welcome"),
            company: subscription.company,
            time: Timestamp::now(),
            ids: Vec::new(),
        };
        let task = Task::Notify { event, attempt: 1 };
        self.queue.push(Waiting { subscription: id.clone(), due: now.as_second(), task });
        Outcome::Done
    }

    fn settle_event(&mut self, id: &str, event: &Event, attempt: u32, status: u16, now: i64) -> Outcome {
        let Some(subscription) = self.get(id) else { return Outcome::Dropped };
        match status {
            200 | 201 | 202 | 204 => {
                subscription.failing_since = None;
                Outcome::Done
            }
            // No answer at all counts like 5xx.
            0 | 500..=599 => match PAUSES.get(attempt as usize - 1) {
                Some(pause) => {
                    let task = Task::Notify { event: event.clone(), attempt: attempt + 1 };
                    self.queue.push(Waiting { subscription: id.to_owned(), due: now + pause, task });
                    Outcome::Again
                }
                None => Outcome::Dropped,
            },
            _ => {
                let since = *subscription.failing_since.get_or_insert(now);
                if status == 410 || now - since >= COUNTDOWN {
                    self.unsubscribe(id);
                    return Outcome::Unsubscribed;
                }
                Outcome::Dropped
            }
        }
    }
}

/// `company:12345`.
pub(crate) fn subject(company: i64) -> String {
    format!("company:{company}")
}

/// The claims of a token as the service makes them. Their times are the machine's, not the sandbox's: the
/// receiver's clock is not moved by tests.
pub(crate) fn claims(sink: &str, company: i64, event_id: &str) -> Value {
    let now = Timestamp::now().as_second();
    json!({
        "jti": event_id, "iss": ISSUER, "exp": now + TOKEN_LIFE, "sub": subject(company), "aud": [sink], "iat": now,
        "aid": "4321",
    })
}

impl Subscription {
    /// One that is not kept yet.
    pub(crate) fn draft(company: i64, app: &str) -> Subscription {
        Subscription {
            id: String::new(),
            company,
            app: app.to_owned(),
            sink: String::new(),
            types: Vec::new(),
            mapping: Mapping::Binary,
            by_query: false,
            verified: false,
            attempts: 0,
            last_attempt: 0,
            failing_since: None,
        }
    }
}
