//! Why something of a claim is not done: one record ([`Trouble`]), or all that was not reached ([`End`]).
//!
//! What is made of a failed request is `trouble`'s, what becomes of the events `hand_back`'s.

use jiff::Timestamp;

/// Why a record is not in the tables.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// It waits for a quota, a token, a scope.
    Waits(Timestamp, String),
    /// It was tried, in vain.
    Failed(String),
    /// The service is down, at least for this kind; it is tried again then.
    Down(Timestamp, String),
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
