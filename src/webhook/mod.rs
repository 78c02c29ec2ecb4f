//! Webhook intake: what the service sends us, from the socket to a verified notification.
//!
//! In: connections from strangers. Out: notifications that the service has signed, and the
//! answers to them. [`gate`] owns the public socket and lets only whole, checked requests
//! through; [`verify`] says whether the service speaks, and to us; [`notification`] reads what
//! it said. None of them knows the database or the service's API.

pub mod gate;
