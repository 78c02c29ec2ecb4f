//! The sandbox over HTTP: one test binary, because linking is what takes the time.

mod behaviour;
mod client;
mod description;
mod files;
mod gathered;
mod happenings;
mod lies;
mod service;
mod shapes;
mod sink;
mod types;
mod webhooks;
