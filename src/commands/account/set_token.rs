//! `account set-token`: another token for an account, tried before it replaces the old one.

use super::add::{choose, companies};
use crate::commands::parts;
use crate::credentials::Credentials;
use crate::exit::Exit;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::tokens;
use anyhow::{Context, Result};
use secrecy::SecretString;

/// Replaces the credentials of an account by a token that was made by hand.
///
/// # Errors
/// When there is no such account, or the token is refused or does not see the account's company (77); the old
/// credentials then stay.
pub fn run(id: i64, token: Option<SecretString>, settings: &Settings) -> Result<Exit> {
    let mut store = Store::open(&settings.db, settings.clock)?;
    let account = store.account(id)?;
    let token = super::given(token)?;
    let shutdown = Shutdown::on_signals()?;
    choose(companies(settings, &token, &shutdown)?, Some(account.company_id)).with_context(|| account.to_string())?;
    let vault = parts::vault(settings);
    let _lock = tokens::lock(&vault, account.id, &shutdown)?;
    // It may have been removed meanwhile.
    let account = store.account(id)?;
    vault.save(&account, &Credentials::Manual(token))?;
    // Webhook events that waited for it are due, and what the old one might not read is asked for again.
    store.resume(account.id, None)?;
    store.forget_denials(account.id)?;
    log::info!("{account} has a new token");
    if let Some(path) = vault.systemd_path(account.id) {
        log::warn!("{account}: systemd passes {}, which goes before the token just kept", path.display());
    }
    Ok(Exit::Done)
}
