//! The part of the handle that is about webhooks: sinks, events, deliveries, keys, hostile tokens.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::handle::Sandbox;
use crate::id::Id;
use crate::signer::Signing;
use crate::webhooks::{self, Delivery, Event, Mapping, Message, Outcome};

/// Webhooks.
impl Sandbox {
    /// Lets sinks that begin with `https_prefix` be reached at `http_base` and the rest of the sink. Sinks
    /// without a mapping are never connected to.
    pub fn map_sink(&self, https_prefix: &str, http_base: &str) {
        self.core.state().hub.sinks.insert(0, (https_prefix.to_owned(), http_base.to_owned()));
    }

    /// Whether changes of records are announced. Challenges and welcome events are sent in any case.
    pub fn deliver(&self, on: bool) {
        self.core.state().hub.deliver = on;
    }

    /// Announces an event of any type to the subscriptions that want it, whatever happened to records. The
    /// type is given without `it.fattureincloud.webhooks.`.
    pub fn notify(&self, company: i64, event_type: &str, ids: &[i64]) -> String {
        self.notify_ids(company, event_type, &numbers(ids))
    }

    /// The same with ids of any kind.
    pub fn notify_ids(&self, company: i64, event_type: &str, ids: &[Id]) -> String {
        self.core.state().notify(company, &crate::events::whole(event_type), ids)
    }

    /// Waits until all that is due has been sent and answered; false when that took longer than `patience`.
    pub fn settled(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        loop {
            {
                let state = self.core.state();
                if state.hub.idle(state.clock.seconds()) {
                    return true;
                }
            }
            if Instant::now() > end {
                return false;
            }
            // 5 ms: half of the sender's own pause.
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many messages wait to be sent, due or not.
    pub fn queued(&self) -> usize {
        self.core.state().hub.waiting()
    }

    /// All attempts to reach sinks.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.core.state().hub.deliveries.clone()
    }

    /// Attempts that ended in a certain way.
    pub fn outcomes(&self, outcome: Outcome) -> usize {
        self.core.state().hub.deliveries.iter().filter(|delivery| delivery.outcome == outcome).count()
    }

    /// Forgets all attempts.
    pub fn clear_deliveries(&self) {
        self.core.state().hub.deliveries.clear();
    }

    /// Ids, sinks and whether verified, of all subscriptions of a company.
    pub fn subscriptions(&self, company: i64) -> Vec<(String, String, bool)> {
        let state = self.core.state();
        let own = state.hub.subscriptions.iter().filter(|subscription| subscription.company == company);
        own.map(|found| (found.id.clone(), found.sink.clone(), found.verified)).collect()
    }

    /// The public key that notifications verify with, as PEM.
    pub fn public_key_pem(&self) -> String {
        self.core.state().hub.signer.public_pem().to_owned()
    }

    /// A new key pair.
    pub fn rotate_key(&self) {
        self.core.state().hub.signer.rotate();
    }

    /// The claims of a right token for a sink, a company and an event, to be changed and signed.
    pub fn claims(&self, sink: &str, company: i64, event_id: &str) -> Value {
        webhooks::claims(sink, company, event_id)
    }

    /// A token of claims, signed rightly or not.
    pub fn sign(&self, claims: &Value, how: Signing) -> String {
        self.core.state().hub.signer.sign(claims, how)
    }

    /// A token with a header of one's own.
    pub fn sign_with(&self, header: &Value, claims: &Value, how: Signing) -> String {
        self.core.state().hub.signer.sign_with(header, claims, how)
    }

    /// A whole notification, rightly signed, for tests that send it themselves. The type is given without
    /// `it.fattureincloud.webhooks.`.
    pub fn notification(&self, sink: &str, company: i64, event_type: &str, ids: &[i64], mapping: Mapping) -> Message {
        self.notification_ids(sink, company, event_type, &numbers(ids), mapping)
    }

    /// The same with ids of any kind.
    pub fn notification_ids(
        &self,
        sink: &str,
        company: i64,
        event_type: &str,
        ids: &[Id],
        mapping: Mapping,
    ) -> Message {
        let mut state = self.core.state();
        let event: Event = state.event(company, &crate::events::whole(event_type), ids);
        state.hub.message(&event, sink, mapping, &state.quirks)
    }
}

fn numbers(ids: &[i64]) -> Vec<Id> {
    ids.iter().copied().map(Id::Number).collect()
}
