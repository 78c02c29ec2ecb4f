//! The sandbox over HTTP: one test binary, because linking is what takes the time.

mod behaviour;
mod client;
mod service;
mod webhooks;
