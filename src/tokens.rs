//! Tokens for requests: where `api` meets `credentials`.
//!
//! In: an account's credentials. Out: the access token to send.

use crate::api::ledger::Tokens;
use crate::clock;
use crate::credentials::{Credentials, Loaded, Vault, VaultLock};
use crate::exit::Exit;
use crate::report::Problem;
use crate::shutdown::Shutdown;
use crate::store::accounts::Account;
use anyhow::Result;
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, Instant};

/// A token that is not kept anywhere yet: `account add` and `set-token` try it first.
#[derive(Debug)]
pub struct Fixed(pub SecretString);

impl Tokens for Fixed {
    fn access(&self) -> Result<SecretString> {
        Ok(self.0.clone())
    }

    fn instead_of(&self, _refused: &SecretString) -> Result<Option<SecretString>> {
        Ok(None)
    }
}

/// The tokens of an account, from its credential file.
#[derive(Debug)]
pub struct Kept {
    /// Where it lies.
    pub vault: Vault,
    /// Whose it is.
    pub account: Account,
}

impl Kept {
    fn token(&self) -> Result<SecretString> {
        Ok(match self.vault.load(&self.account)?.credentials {
            Credentials::Manual(token) => token,
            Credentials::Oauth(oauth) => oauth.access_token,
        })
    }
}

impl Tokens for Kept {
    fn access(&self) -> Result<SecretString> {
        self.token()
    }

    fn instead_of(&self, refused: &SecretString) -> Result<Option<SecretString>> {
        // Somebody may have given the account another token meanwhile.
        let token = self.token()?;
        Ok((token.expose_secret() != refused.expose_secret()).then_some(token))
    }
}

/// How long somebody may hold the lock: a refresh is one request.
const MOST_LOCKED: Duration = Duration::from_secs(180);
/// How often a held lock is asked for again.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Takes the lock under which an account's credentials are replaced, waiting for its holder.
///
/// # Errors
/// Exit 75 when the stop is asked for meanwhile, or the holder does not end.
pub fn lock(vault: &Vault, account_id: i64, shutdown: &Shutdown) -> Result<VaultLock> {
    let started = Instant::now();
    loop {
        if let Some(lock) = vault.try_lock(account_id)? {
            return Ok(lock);
        }
        if started.elapsed() > MOST_LOCKED || !shutdown.sleep(ASK_EVERY) {
            let message = format!("another process is replacing the credentials of account {account_id}");
            return Err(Problem::new(Exit::Stopped, message).hint("run again").into());
        }
    }
}

/// Credentials for people: kind and expiry, no token.
pub fn in_words(loaded: &Loaded) -> String {
    match &loaded.credentials {
        Credentials::Manual(_) if loaded.from_systemd => "passed by systemd".to_owned(),
        Credentials::Manual(_) => "made by hand, does not expire".to_owned(),
        Credentials::Oauth(oauth) => {
            format!("from an OAuth login, refreshed by itself before {}", clock::stamp(oauth.expires_at))
        }
    }
}
