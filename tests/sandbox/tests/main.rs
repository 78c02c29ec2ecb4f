//! The sandbox over HTTP: one test binary, because linking is what takes the time.

mod behaviour;
mod client;
mod description;
mod files;
mod service;
mod types;
mod webhooks;
