//! ficsync: Fatture in Cloud in one SQLite file.
//!
//! ```text
//! pull   commands::sync ──> sync (walk, changes, audit) ──> api ──> page of raw JSON ─┐
//!                                                                                      ├─> store::mirror ──> tables
//! push   webhook (gate, verify, parse) ──> store::outbox ──> worker (claim, fetch) ────┘
//! look   commands::status, commands::doctor, metrics, people's sqlite3 ──> tables
//! ```
//!
//! `main` parses ([`cli`]), reads the [`settings`], runs one of [`commands`], and prints the error ([`report`]) with its
//! code ([`exit`]). The rooms below: [`sync`] decides which requests make the mirror right; [`api`] is the one gate to
//! the network and knows no table; [`store`] is the one door to SQLite and knows no HTTP; what passes between them is a
//! [`record`], a [`window`] and an entry of the [`resource`] registry. [`subscriptions`] sees to it that the service sends
//! what [`webhook`] listens for. [`ledger`] keeps the quota, [`credentials`] the
//! tokens, which [`tokens`] hands out; [`describe`] says what the service's refusals mean. `tests/layering.rs` holds the arrows.
//! What lies below the data folder is opened by [`folder`], and by root only as its owner: [`ownership`].

#![allow(rustdoc::bare_urls)] // in `cli`, comments are help texts for a terminal

pub mod api;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod credentials;
pub mod describe;
pub mod exit;
pub mod folder;
pub mod json;
pub mod ledger;
pub mod logging;
pub mod money;
pub mod ownership;
pub mod record;
pub mod report;
pub mod resource;
pub mod settings;
pub mod shutdown;
pub mod store;
pub mod subscriptions;
pub mod sync;
pub mod tokens;
pub mod webhook;
pub mod window;
pub mod worker;
