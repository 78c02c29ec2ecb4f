//! What came out: of a change at the service, of a look at what it has. For the command, which puts it into words.

use crate::store::subscriptions::Subscription;

/// What became of one subscription.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The service sends to it.
    Verified(Subscription),
    /// It is there, and its challenge was not answered.
    Unverified(Subscription),
    /// It is no more, at the service and here.
    Deleted(Subscription),
}

/// What the service has otherwise than it stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The service has it no more. By its id.
    Gone(String),
    /// It is not as it was.
    Changed(String),
    /// It sends to us, and was not known.
    New {
        /// Its id.
        id: String,
        /// The group of its sink.
        group: String,
    },
    /// It sends elsewhere: another program's.
    OfOthers {
        /// Its id.
        id: String,
        /// Where to.
        sink: String,
    },
}
