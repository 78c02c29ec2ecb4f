//! `account`: companies and their tokens.
//!
//! In: what was typed. Out: ids, tables. The token is tried before it is kept.

mod add;
mod callback;
mod check;
mod door;
mod list;
mod login;
mod peer;
mod remove;
mod set_token;

use crate::api::companies::Company;
use crate::cli::{AccountCommand, TokenSource};
use crate::credentials::input;
use crate::exit::Exit;
use crate::settings::Settings;
use anyhow::Result;
use secrecy::SecretString;

/// Runs an `account` command.
///
/// # Errors
/// The command's.
pub fn run(command: AccountCommand, settings: &Settings) -> Result<Exit> {
    match command {
        AccountCommand::Add { name, company_id, token } => add::run(&name, company_id, &token, settings),
        AccountCommand::List { json } => list::run(json, settings),
        AccountCommand::Show { id } => list::show(id, settings),
        AccountCommand::Check { id } => check::run(id, settings),
        AccountCommand::SetToken { id, token } => set_token::run(id, &token, settings),
        AccountCommand::Remove { id, yes, with_subscriptions } => remove::run(id, yes, with_subscriptions, settings),
        AccountCommand::Login(args) => login::run(&args, settings),
    }
}

fn token(source: &TokenSource) -> Result<SecretString> {
    match &source.token_file {
        Some(path) => input::from_file(path, &input::TOKEN),
        None => input::from_stdin(),
    }
}

/// Companies for a message: `12 (Rossi srl), 13`.
fn in_words(companies: &[Company]) -> String {
    let one = |c: &Company| match &c.name {
        Some(name) => format!("{} ({})", c.id, name.chars().filter(|c| !c.is_control()).collect::<String>()),
        None => c.id.to_string(),
    };
    companies.iter().map(one).collect::<Vec<_>>().join(", ")
}
