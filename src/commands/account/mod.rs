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
use crate::cli::{AccountCommand, Command};
use crate::credentials::input;
use crate::exit::Exit;
use crate::settings::Settings;
use anyhow::Result;
use secrecy::SecretString;

/// The secret in the file that a command names, where it names one: a token, or an app's secret.
///
/// # Errors
/// Exit 77 when it cannot be read or holds no secret.
pub fn secret(command: &Command) -> Result<Option<SecretString>> {
    let (path, wanted) = match command {
        Command::Account(AccountCommand::Add { token, .. } | AccountCommand::SetToken { token, .. }) => {
            (token.token_file.as_ref(), &input::TOKEN)
        }
        Command::Account(AccountCommand::Login(args)) => (Some(&args.client_secret_file), &input::CLIENT_SECRET),
        _ => (None, &input::TOKEN),
    };
    path.map(|path| input::from_file(path, wanted)).transpose()
}

/// Runs an `account` command, with the [`secret`] that was read for it.
///
/// # Errors
/// The command's.
pub fn run(command: AccountCommand, secret: Option<SecretString>, settings: &Settings) -> Result<Exit> {
    match command {
        AccountCommand::Add { name, company_id, token: _ } => add::run(&name, company_id, secret, settings),
        AccountCommand::List { json } => list::run(json, settings),
        AccountCommand::Show { id } => list::show(id, settings),
        AccountCommand::Check { id } => check::run(id, settings),
        AccountCommand::SetToken { id, token: _ } => set_token::run(id, secret, settings),
        AccountCommand::Remove { id, yes, with_subscriptions } => remove::run(id, yes, with_subscriptions, settings),
        AccountCommand::Login(args) => login::run(&args, &given(secret)?, settings),
    }
}

/// What was read from a file, or else from standard input.
fn given(secret: Option<SecretString>) -> Result<SecretString> {
    secret.map_or_else(input::from_stdin, Ok)
}

/// Companies for a message: `12 (Rossi srl), 13`.
fn in_words(companies: &[Company]) -> String {
    let one = |c: &Company| match &c.name {
        Some(name) => format!("{} ({})", c.id, name.chars().filter(|c| !c.is_control()).collect::<String>()),
        None => c.id.to_string(),
    };
    companies.iter().map(one).collect::<Vec<_>>().join(", ")
}
