//! An imitation of the Fatture in Cloud API: one process, deterministic from a seed, as strict as the vendor's
//! description. It serves HTTP on a loopback port and keeps its own truth, which tests change, compare with and
//! hide behind faults. It is written from the vendor's documentation alone; what that leaves open is a [`Quirk`].
//!
//! ```text
//! http ──> core (one request at a time) ──> route (faults, tokens, quotas, journal) ──> paths ──> list, whole, …
//!                                     └──> control (/_sandbox/…)            └──> state (companies, collections)
//! ```
//!
//! What the client does against the description is answered as the service would, and is kept in
//! [`Sandbox::violations`]; a test should end with `assert_eq!(sandbox.violations(), [""; 0])`.

mod answer;
mod asked;
mod auth;
mod bin;
mod clock;
mod collection;
mod companies;
mod control;
mod core;
mod data;
mod downloads;
mod e_invoice;
mod events;
mod faults;
mod fields;
mod filter;
mod handle;
mod hooks;
mod http;
mod id;
mod italy;
mod journal;
mod list;
mod matches;
mod numerations;
mod oauth;
mod paths;
mod query;
mod quirks;
mod quota;
mod records;
mod resource;
mod route;
mod sender;
mod series;
mod signer;
mod state;
mod subscriptions;
mod view;
mod webhooks;
mod whole;

pub use faults::Fault;
pub use handle::Sandbox;
pub use id::Id;
pub use journal::Request;
pub use quirks::Quirk;
pub use signer::Signing;
pub use webhooks::{Delivery, Mapping, Message, Outcome};

/// The company that every sandbox has.
pub const COMPANY: i64 = 12345;
/// The manual token that every sandbox has: it sees all companies that exist at its start, with all scopes.
pub const TOKEN: &str = "a/sandbox-token";

/// The names of all lists: `clients`, `invoices`, …
pub fn lists() -> impl Iterator<Item = &'static str> {
    resource::RESOURCES.iter().map(|resource| resource.name)
}
