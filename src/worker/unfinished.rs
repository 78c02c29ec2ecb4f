//! Why something of a claim is not done: one record ([`Trouble`]), or all that was not reached ([`End`]).
//!
//! What is made of a failed request is `trouble`'s, what becomes of the events `hand_back`'s.

use crate::store::outbox::Claimed;
use jiff::Timestamp;

/// Why a record is not in the tables.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// It waits for a quota, a token, a scope.
    Waits(Wait),
    /// It was tried, in vain.
    Failed(String),
    /// The service is down, at least for this kind; it is tried again then.
    Down(Wait),
}

/// What is waited for.
#[derive(Debug, Clone)]
pub(super) struct Wait {
    pub(super) until: Timestamp,
    /// Pauses that were begun for it, or met: of the types that begin so.
    pub(super) prefixes: Vec<String>,
    pub(super) reason: String,
}

impl Wait {
    /// Whether a pause holds an event back: it is due when that ends.
    pub(super) fn holds(&self, event: &Claimed) -> bool {
        self.prefixes.iter().any(|prefix| event.event_type.starts_with(prefix))
    }
}

/// Why the rest was not tried.
#[derive(Debug)]
pub(super) enum End {
    /// A signal.
    Stopped,
    /// It concerns all of the account; or this machine has a problem.
    Trouble(Trouble),
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> Self {
        let text = crate::report::one_line(&error);
        log::error!("webhook worker: {text}");
        Self::Trouble(Trouble::Failed(text))
    }
}
