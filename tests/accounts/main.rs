//! Accounts, tokens, login and status, by the real program against a small imitation of the service.

mod accounts;
mod env;
mod fake;
mod login;
mod refresh;
mod secrets;
mod status;
