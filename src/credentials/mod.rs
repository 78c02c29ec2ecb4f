//! Credentials: where the token of each account lies, and nothing else of it anywhere.
//!
//! In: an account. Out: its [`Credentials`], or exit 77 with the command that mends it. `credentials/<account_id>.json`
//! beside the database (folder 0700, file 0600) is replaced atomically and synced, so that a rotated refresh token
//! survives a crash; systemd's `$CREDENTIALS_DIRECTORY/fic-token-<account_id>` goes before it and is never copied.
//! Asks nobody for tokens: see `tokens`.

mod file;
pub mod input;

use crate::exit::Exit;
use crate::folder::{self, Folder};
use crate::report::Problem;
use crate::store::accounts::Account;
use anyhow::{Context, Result};
use jiff::Timestamp;
use secrecy::SecretString;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What an account is asked for with.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A token made by hand on the service's page: it does not expire.
    Manual(SecretString),
    /// What an OAuth login brought.
    Oauth(Oauth),
}

/// The tokens of an OAuth login, and what their refresh needs.
#[derive(Debug, Clone)]
pub struct Oauth {
    /// Sent with each request.
    pub access_token: SecretString,
    /// Brings the next access token.
    pub refresh_token: SecretString,
    /// When it was granted; `None`: by an older ficsync.
    pub granted_at: Option<Timestamp>,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
    /// The scopes that were asked for.
    pub scopes: Vec<String>,
}

/// Credentials and where they were found.
#[derive(Debug)]
pub struct Loaded {
    /// The credentials.
    pub credentials: Credentials,
    /// Whether systemd passed them: they can then not be replaced here.
    pub from_systemd: bool,
}

/// What somebody sees who looks for an account's credentials.
#[derive(Debug)]
pub enum Look {
    /// They are there.
    Present(Loaded),
    /// There are none.
    Missing,
    /// This user may not look: the database's readers need no tokens.
    Hidden,
    /// They are there and of no use.
    Unusable(anyhow::Error),
}

/// The places where credentials lie.
#[derive(Debug, Clone)]
pub struct Vault {
    folder: PathBuf,
    systemd: Option<PathBuf>,
}

/// Held by whoever replaces an account's credentials, or takes them away.
#[derive(Debug)]
pub struct VaultLock {
    account_id: i64,
    folder: Folder,
    _file: File,
}

impl Vault {
    /// The vault beside the database `db`; `systemd` is `$CREDENTIALS_DIRECTORY`, where there is one.
    pub fn new(db: &Path, systemd: Option<&Path>) -> Self {
        Self { folder: db.with_file_name("credentials"), systemd: systemd.map(Path::to_owned) }
    }

    /// The file of an account.
    pub fn path(&self, account_id: i64) -> PathBuf {
        self.folder.join(file_of(account_id))
    }

    /// The credential that systemd passes for an account, where it does.
    pub fn systemd_path(&self, account_id: i64) -> Option<PathBuf> {
        let path = self.systemd.as_ref()?.join(format!("fic-token-{account_id}"));
        path.exists().then_some(path)
    }

    /// Reads the credentials of an account.
    ///
    /// # Errors
    /// Exit 77, with what to type, when they are missing, unreadable, damaged, open to others, or another company's.
    pub fn load(&self, account: &Account) -> Result<Loaded> {
        if let Some(path) = self.systemd_path(account.id) {
            let token = input::from_file(&path, &input::TOKEN).map_err(|error| unusable(account.id, &error))?;
            return Ok(Loaded { credentials: Credentials::Manual(token), from_systemd: true });
        }
        let path = self.path(account.id);
        let stored = self.stored(account.id)?.ok_or_else(|| missing(account, &path))?;
        if stored.company_id != account.company_id {
            return Err(of_another(account, &path, stored.company_id));
        }
        Ok(Loaded { credentials: stored.credentials, from_systemd: false })
    }

    /// What is known of an account's credentials without using them, for people who look.
    pub fn look(&self, account: &Account) -> Look {
        match self.load(account) {
            Ok(loaded) => Look::Present(loaded),
            Err(error) => match self.file(account.id) {
                Ok(None) => Look::Missing,
                Err(e) if folder::is_denied(&e) => Look::Hidden,
                _ => Look::Unusable(error),
            },
        }
    }

    /// The file of an account, open. `None`: there is none.
    fn file(&self, account_id: i64) -> Result<Option<File>> {
        Folder::open(&self.folder)?.map_or(Ok(None), |folder| folder.read(file_of(account_id)))
    }

    fn stored(&self, account_id: i64) -> Result<Option<file::Stored>> {
        file::read(self.file(account_id), &self.path(account_id), account_id)
    }

    /// Writes the credentials of an account: on disk, or as before, when it returns.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn save(&self, account: &Account, credentials: &Credentials) -> Result<()> {
        let text = file::text(account.company_id, credentials)?;
        let write = || -> Result<()> {
            let folder = Folder::private(&self.folder)?;
            forget_leftovers(&folder, account.id)?;
            let new = format!("{}{:08x}", prefix(account.id), fastrand::u32(..));
            let mut file = folder.create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            folder.rename(&new, file_of(account.id))?;
            // The new name is in the folder: it is on disk only when the folder is.
            folder.sync()
        };
        write().with_context(|| format!("could not write the credentials {}", self.path(account.id).display()))
    }

    /// Refuses to put a new account's credentials where another company's lie: another database in the same folder
    /// gives the same ids.
    ///
    /// # Errors
    /// When there are such.
    pub fn refuse_strangers(&self, account: &Account) -> Result<()> {
        let path = self.path(account.id);
        match file::read(Ok(self.file(account.id)?), &path, account.id) {
            Ok(None) => Ok(()),
            Ok(Some(stored)) if stored.company_id == account.company_id => Ok(()),
            _ => Err(Problem::failed(
                format!(
                    "{} holds the credentials of something else, perhaps of another database in this folder",
                    path.display()
                ),
                format!("use a database in a folder of its own, or move {} away", path.display()),
            )
            .into()),
        }
    }

    /// Asks for the lock under which an account's credentials are replaced or taken away, between processes. Does not wait.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn try_lock(&self, account_id: i64) -> Result<Option<VaultLock>> {
        let folder = Folder::private(&self.folder)?;
        let file = folder.try_lock(lock_of(account_id))?;
        Ok(file.map(|file| VaultLock { account_id, folder, _file: file }))
    }
}

impl VaultLock {
    /// Takes the credentials away, and what a killed process left of them. That there are none is well.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn remove_credentials(&self) -> Result<()> {
        self.folder.remove(file_of(self.account_id))?;
        forget_leftovers(&self.folder, self.account_id)?;
        self.folder.sync()
    }

    /// Gives the lock back for good: its file goes too, since there is no such account any more.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn end(self) -> Result<()> {
        self.folder.remove(lock_of(self.account_id))
    }
}

fn file_of(account_id: i64) -> String {
    format!("{account_id}.json")
}

fn lock_of(account_id: i64) -> String {
    format!("{account_id}.lock")
}

/// How the names of unfinished replacements begin.
fn prefix(account_id: i64) -> String {
    format!(".{account_id}.new-")
}

/// Removes what a killed process left of an unfinished replacement: it holds a secret.
fn forget_leftovers(folder: &Folder, account_id: i64) -> Result<()> {
    let prefix = prefix(account_id);
    let left = folder.names()?.into_iter().filter(|name| name.to_string_lossy().starts_with(&prefix));
    left.into_iter().try_for_each(|name| folder.remove(name))
}

/// The command that gives an account another token.
pub fn mend(account_id: i64) -> String {
    format!("run: ficsync account set-token {account_id} --token-file F")
}

fn unusable(account_id: i64, error: &anyhow::Error) -> anyhow::Error {
    Problem::new(Exit::Denied, format!("the token that systemd passes cannot be used: {error}"))
        .hint(format!("put it alone into the file that the unit names in LoadCredential=fic-token-{account_id}:FILE"))
        .into()
}

fn missing(account: &Account, path: &Path) -> anyhow::Error {
    let message = format!("there is no token: {} is missing", path.display());
    Problem::new(Exit::Denied, message).hint(mend(account.id)).into()
}

fn of_another(account: &Account, path: &Path, company_id: i64) -> anyhow::Error {
    let message = format!(
        "{} holds credentials of company {company_id}, but the account is company {}",
        path.display(),
        account.company_id
    );
    Problem::new(Exit::Denied, message).hint(mend(account.id)).into()
}

#[cfg(test)]
mod tests;
