//! Webhook intake: what the service sends us, from the socket to the outbox.
//!
//! In: connections from strangers. Out: notifications that the service has signed, on disk, and the answers to them.
//!
//! ```text
//! public ──> gate ──> server ──> listening ──┬──> intake (verify, notification, directory) ──> writer ──> store::outbox
//!                                            └──> health, metrics (numbers)
//! ```
//!
//! [`public`] is the socket; [`gate`] owns it and lets only whole, checked requests through to [`server`]; [`route`] says
//! for whom a request is, [`verify`] whether the service speaks, and to us, [`directory`] who we are; [`notification`]
//! reads what it said, [`writer`] puts it on disk, and [`challenge`] proves to the service that we listen. [`intake`]
//! decides. [`listening`] puts them together. Nothing here knows the service's API: it must work when that is down.
//!
//! Where a function does not say what its errors are, they are the database's.

pub mod answer;
pub mod challenge;
pub mod directory;
pub mod event_type;
#[doc(hidden)]
pub mod fuzzing;
pub mod gate;
pub mod health;
pub mod intake;
pub mod listening;
pub mod metrics;
pub mod notification;
pub mod numbers;
pub mod probe;
pub mod public;
mod repeated;
pub mod request;
pub mod route;
pub mod server;
pub mod verify;
pub mod writer;
