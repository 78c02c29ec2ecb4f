//! Webhook intake: what the service sends us, from the socket to a verified notification.
//!
//! In: connections from strangers. Out: notifications that the service has signed, and the
//! answers to them. [`gate`] owns the public socket and lets only whole, checked requests
//! through; [`route`] says for whom a request is; [`verify`] whether the service speaks, and to
//! us; [`notification`] reads what it said, and [`challenge`] proves to it that we listen. None
//! of them knows the database or the service's API.

pub mod challenge;
pub mod event_type;
#[doc(hidden)]
pub mod fuzzing;
pub mod gate;
pub mod notification;
pub mod route;
pub mod verify;
