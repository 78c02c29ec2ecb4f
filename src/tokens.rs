//! Tokens for requests: where `api` meets `credentials`.
//!
//! In: an account's credentials. Out: the access token to send. An OAuth token is refreshed before it expires, and when
//! the service refuses it, by one process at a time: whoever comes second finds the new one in the file. The rotated
//! refresh token is on disk before the new access token is used. A refresh token that the service refused is not sent
//! again by this process: it is dead, until the file holds another.

use crate::api::ApiError;
use crate::api::ledger::Tokens;
use crate::api::oauth::{App, Endpoint, Grant, Granted};
use crate::clock::{self, Clock};
use crate::credentials::{Credentials, Loaded, Oauth, Vault, VaultLock};
use crate::describe;
use crate::exit::Exit;
use crate::report::Problem;
use crate::shutdown::Shutdown;
use crate::store::accounts::Account;
use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A token is refreshed so long before it expires: longer than a request with all its tries takes.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// How long somebody may hold the lock: a refresh is one request.
const MOST_LOCKED: Duration = Duration::from_secs(180);
/// How often a held lock is asked for again.
const ASK_EVERY: Duration = Duration::from_millis(50);

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
    vault: Vault,
    account: Account,
    endpoint: Endpoint,
    dead: Mutex<Option<Dead>>,
}

/// A refresh that the service refused for good.
#[derive(Debug)]
struct Dead {
    refresh_token: SecretString,
    client_secret: SecretString,
    /// What the service said.
    message: String,
}

impl Dead {
    fn is_of(&self, oauth: &Oauth) -> bool {
        let same = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
        same(&self.refresh_token, &oauth.refresh_token) && same(&self.client_secret, &oauth.client_secret)
    }
}

impl Tokens for Kept {
    fn access(&self) -> Result<SecretString> {
        let oauth = match self.load()? {
            Credentials::Manual(token) => return Ok(token),
            Credentials::Oauth(oauth) => oauth,
        };
        self.refuse_dead(&oauth)?;
        let left = left(&oauth, self.endpoint.clock.now());
        if left.is_some_and(|left| left > AHEAD) {
            return Ok(oauth.access_token);
        }
        match self.refreshed(&oauth.access_token) {
            Ok(Some(token)) => Ok(token),
            Ok(None) => Ok(oauth.access_token),
            // The old one still lives, or may: a passing fault of the token endpoint stops nobody.
            Err(error)
                if left.is_none_or(|left| left.is_positive()) && crate::report::exit_of(&error) == Exit::Failed =>
            {
                log::warn!("{}: could not refresh the token yet: {}", self.account, crate::report::one_line(&error));
                Ok(oauth.access_token)
            }
            Err(error) => Err(error),
        }
    }

    fn instead_of(&self, refused: &SecretString) -> Result<Option<SecretString>> {
        self.refreshed(refused)
    }
}

impl Kept {
    /// The tokens of `account`, which lie in `vault`; new ones come from `endpoint`.
    pub fn new(vault: Vault, account: Account, endpoint: Endpoint) -> Self {
        Self { vault, account, endpoint, dead: Mutex::default() }
    }

    fn load(&self) -> Result<Credentials> {
        Ok(self.vault.load(&self.account)?.credentials)
    }

    /// A token other than `old`: the one that another process put there meanwhile, or a refreshed one. `None`: the
    /// token was made by hand and is the same.
    fn refreshed(&self, old: &SecretString) -> Result<Option<SecretString>> {
        if let Credentials::Manual(token) = self.load()? {
            return Ok(other_than(old, token));
        }
        let _lock = lock(&self.vault, self.account.id, &self.endpoint.shutdown)?;
        match self.load()? {
            Credentials::Manual(token) => Ok(other_than(old, token)),
            Credentials::Oauth(oauth) => match other_than(old, oauth.access_token.clone()) {
                Some(token) => Ok(Some(token)),
                None => self.refresh(oauth).map(Some),
            },
        }
    }

    /// Refreshes, under the lock.
    fn refresh(&self, oauth: Oauth) -> Result<SecretString> {
        self.refuse_dead(&oauth)?;
        let app = App { id: &oauth.client_id, secret: &oauth.client_secret };
        let granted = match self.endpoint.ask(app, Grant::Refresh(&oauth.refresh_token)) {
            Ok(granted) => granted,
            Err(ApiError::Auth(message)) => {
                let error = self.refused(&oauth, &message);
                let Oauth { refresh_token, client_secret, .. } = oauth;
                *self.dead() = Some(Dead { refresh_token, client_secret, message });
                return Err(error);
            }
            Err(error) => return Err(describe::plain(error)).context("could not refresh the token"),
        };
        let oauth = renewed(oauth, granted, self.endpoint.clock);
        let token = oauth.access_token.clone();
        self.vault.save(&self.account, &Credentials::Oauth(oauth))?;
        log::info!("{}: token refreshed", self.account);
        Ok(token)
    }

    fn dead(&self) -> MutexGuard<'_, Option<Dead>> {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says once more what the service said to these very credentials, without asking it.
    fn refuse_dead(&self, oauth: &Oauth) -> Result<()> {
        match self.dead().as_ref().filter(|dead| dead.is_of(oauth)) {
            Some(dead) => Err(self.refused(oauth, &dead.message)),
            None => Ok(()),
        }
    }

    fn refused(&self, oauth: &Oauth, message: &str) -> anyhow::Error {
        Problem::new(Exit::Denied, format!("the service refused to refresh the token: {message}"))
            .hint(format!(
                "log in again with: ficsync account login --name {} --client-id {} --client-secret-file F",
                quoted(&self.account.name),
                quoted(&oauth.client_id)
            ))
            .into()
    }
}

/// How long an access token still lives. `None`: a clock that was ahead said when it ends, and that counts for nothing.
fn left(oauth: &Oauth, now: Timestamp) -> Option<SignedDuration> {
    let believed = oauth.granted_at.is_none_or(|at| at <= now);
    believed.then(|| oauth.expires_at.duration_since(now))
}

/// The tokens after an answer. A refresh token that was not replaced stays.
fn renewed(oauth: Oauth, granted: Granted, clock: Clock) -> Oauth {
    Oauth {
        access_token: granted.access_token,
        refresh_token: granted.refresh_token.unwrap_or(oauth.refresh_token),
        granted_at: Some(clock.now()),
        expires_at: expiry(granted.expires_in, clock),
        ..oauth
    }
}

/// When a token ends that lives for so many seconds from now.
pub fn expiry(seconds: i64, clock: Clock) -> Timestamp {
    clock.now().saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

fn other_than(old: &SecretString, token: SecretString) -> Option<SecretString> {
    (token.expose_secret() != old.expose_secret()).then_some(token)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("Dall'Oro srl"), r"'Dall'\''Oro srl'");
    }
}
