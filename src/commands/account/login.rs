//! `account login`: a company by OAuth's authorization code.
//!
//! The person allows the app in on the service's page; the browser brings the code to the loopback address, or the
//! person pastes the address that it was sent to. Client id and secret are kept with the tokens: the refresh needs them. What
//! makes the login ours (`state`, the secret of PKCE) is in no argument of any program.

use super::add::{checked_name, choose, companies, keep_new};
use super::callback::{self, Callback};
use super::door::Door;
use crate::api::oauth::{self, App, Grant, Granted};
use crate::api::pkce::Pkce;
use crate::cli::LoginArgs;
use crate::commands::parts;
use crate::credentials::{Credentials, Oauth};
use crate::describe;
use crate::exit::Exit;
use crate::report::{Problem, say, tell};
use crate::resource;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::{api::ApiError, tokens};
use anyhow::{Context, Result};
use secrecy::SecretString;
use std::fs::File;
use std::io::Read;

/// Logs in and keeps the tokens: of a new account, or of the one that stands for the company already.
///
/// # Errors
/// When the person or the service refuses (77), nobody answers in time, or a signal stops it (75).
pub fn run(args: &LoginArgs, secret: &SecretString, settings: &Settings) -> Result<Exit> {
    let name = checked_name(&args.name)?;
    let mut store = Store::open(&settings.db, settings.clock)?;
    let shutdown = Shutdown::on_signals()?;
    let scopes = scopes(args, settings);
    let pkce = Pkce::new(&random()?);
    let code = code(args, settings, &scopes, &pkce, &shutdown)?;
    let app = App { id: &args.client_id, secret };
    let granted = exchange(app, Grant::Code(&code, callback::REDIRECT, &pkce), settings, &shutdown)?;
    let oauth = kept(granted, app, scopes, settings)?;
    let company = choose(companies(settings, &oauth.access_token, &shutdown)?, args.company_id)?;
    let credentials = Credentials::Oauth(oauth);
    let account = match store.account_of_company(company.id)? {
        Some(account) => replace(account, &credentials, settings, &shutdown)?,
        None => keep_new(&mut store, settings, &name, &company, &credentials)?,
    };
    say(account.id)?;
    Ok(Exit::Done)
}

fn scopes(args: &LoginArgs, settings: &Settings) -> Vec<String> {
    if args.scopes.is_empty() {
        resource::scopes(&settings.resources).into_iter().map(|(scope, _)| scope.to_owned()).collect()
    } else {
        args.scopes.clone()
    }
}

/// The code, by way of the browser or of the person.
fn code(
    args: &LoginArgs,
    settings: &Settings,
    scopes: &[String],
    pkce: &Pkce,
    shutdown: &Shutdown,
) -> Result<SecretString> {
    // Whoever sends another state is not our browser.
    let state = hex(random::<16>()?);
    let address = oauth::authorize_url(&settings.api_url, &args.client_id, callback::REDIRECT, scopes, &state, pkce);
    if args.paste {
        tell(format_args!("open this address and allow ficsync in:\n\n{address}\n"))?;
        tell("the browser then goes to an address that it cannot show; paste that address here and press Enter:")?;
        return callback::pasted(&state, shutdown);
    }
    let listener = Callback::listen()?;
    tell(format_args!("open this address and allow ficsync in:\n\n{address}\n"))?;
    if args.no_browser {
        return listener.wait(&state, None, shutdown);
    }
    let door = Door::new(&hex(random::<8>()?), &address);
    if let Err(error) = open::that_detached(door.address()) {
        log::warn!("could not open the browser ({error}); open the address by hand");
    }
    listener.wait(&state, Some(&door), shutdown)
}

fn exchange(app: App<'_>, grant: Grant<'_>, settings: &Settings, shutdown: &Shutdown) -> Result<Granted> {
    parts::endpoint(settings, shutdown).ask(app, grant).map_err(|error| match error {
        ApiError::Auth(message) => {
            Problem::new(Exit::Denied, format!("the service gave no token for the code: {message}"))
                .hint(
                    "a code lives for a minute: check client id, client secret and redirect address, and log in again",
                )
                .into()
        }
        other => describe::plain(other),
    })
}

fn kept(granted: Granted, app: App<'_>, scopes: Vec<String>, settings: &Settings) -> Result<Oauth> {
    let refresh_token = granted.refresh_token.ok_or_else(|| {
        Problem::failed("the service gave no refresh token", "check that the app may use the authorization code")
    })?;
    Ok(Oauth {
        access_token: granted.access_token,
        refresh_token,
        granted_at: Some(settings.clock.now()),
        expires_at: tokens::expiry(granted.expires_in, settings.clock),
        client_id: app.id.to_owned(),
        client_secret: app.secret.clone(),
        scopes,
    })
}

/// The company has an account: the login renews its credentials.
fn replace(account: Account, credentials: &Credentials, settings: &Settings, shutdown: &Shutdown) -> Result<Account> {
    let vault = parts::vault(settings);
    let _lock = tokens::lock(&vault, account.id, shutdown)?;
    let mut store = Store::open(&settings.db, settings.clock)?;
    // It may have been removed meanwhile.
    let account = store.account(account.id)?;
    vault.save(&account, credentials)?;
    // Webhook events that waited for it are due, and what the old one might not read is asked for again.
    store.resume(account.id, None)?;
    store.forget_denials(account.id)?;
    log::info!("company {} is {account} already: its credentials are replaced", account.company_id);
    if let Some(path) = vault.systemd_path(account.id) {
        log::warn!("{account}: systemd passes {}, which goes before the tokens just kept", path.display());
    }
    Ok(account)
}

/// Bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut bytes)).context("could not read /dev/urandom")?;
    Ok(bytes)
}

fn hex<const N: usize>(bytes: [u8; N]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
