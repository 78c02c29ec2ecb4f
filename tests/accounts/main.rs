//! Accounts, tokens, login and status, by the real program against a small imitation of the service.

#![allow(clippy::expect_used)] // a test that cannot go on says where and why
#![allow(clippy::print_stderr)] // what is skipped is said

mod accounts;
mod browser;
mod env;
mod fake;
mod login;
mod refresh;
mod secrets;
mod service;
mod status;
