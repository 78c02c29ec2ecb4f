//! Credentials: where the token of each account lies, and nothing else of it anywhere.
//!
//! In: an account. Out: its [`Credentials`], or exit 77 with the command that mends it. `credentials/<account_id>.json`
//! beside the database (folder 0700, file 0600) is replaced atomically and synced, so that a rotated refresh token
//! survives a crash; systemd's `$CREDENTIALS_DIRECTORY/fic-token-<account_id>` goes before it and is never copied.
//! Asks nobody for tokens: see `tokens`.

mod file;
pub mod input;

use crate::exit::Exit;
use crate::ownership;
use crate::report::Problem;
use crate::store::accounts::Account;
use anyhow::{Context, Result};
use jiff::Timestamp;
use secrecy::SecretString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
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
    /// When it was granted; nothing: by an older ficsync.
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

/// Held by whoever replaces an account's credentials.
#[derive(Debug)]
pub struct VaultLock {
    _file: File,
}

impl Vault {
    /// The vault beside the database `db`; `systemd` is `$CREDENTIALS_DIRECTORY`, where there is one.
    pub fn new(db: &Path, systemd: Option<&Path>) -> Self {
        Self { folder: db.with_file_name("credentials"), systemd: systemd.map(Path::to_owned) }
    }

    /// The file of an account.
    pub fn path(&self, account_id: i64) -> PathBuf {
        self.folder.join(format!("{account_id}.json"))
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
        let stored = file::read(&path, account.id)?.ok_or_else(|| missing(account, &path))?;
        if stored.company_id != account.company_id {
            return Err(of_another(account, &path, stored.company_id));
        }
        Ok(Loaded { credentials: stored.credentials, from_systemd: false })
    }

    /// What is known of an account's credentials without using them, for people who look.
    pub fn look(&self, account: &Account) -> Look {
        match self.load(account) {
            Ok(loaded) => Look::Present(loaded),
            Err(error) => match File::open(self.path(account.id)) {
                Err(e) if e.kind() == ErrorKind::NotFound => Look::Missing,
                Err(e) if e.kind() == ErrorKind::PermissionDenied => Look::Hidden,
                _ => Look::Unusable(error),
            },
        }
    }

    /// Writes the credentials of an account: on disk, or as before, when it returns.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn save(&self, account: &Account, credentials: &Credentials) -> Result<()> {
        self.make_folder()?;
        let path = self.path(account.id);
        let text = file::text(account.company_id, credentials)?;
        let write = || -> std::io::Result<()> {
            let prefix = self.forget_leftovers(account.id)?;
            // tempfile makes its files with mode 0600.
            let mut new = tempfile::Builder::new().prefix(&prefix).tempfile_in(&self.folder)?;
            new.write_all(text.as_bytes())?;
            ownership::hand_over(new.as_file(), &self.folder)?;
            new.as_file().sync_all()?;
            new.persist(&path).map_err(|e| e.error)?;
            // The new name is in the folder: it is on disk only when the folder is.
            File::open(&self.folder)?.sync_all()
        };
        write().with_context(|| format!("could not write the credentials {}", path.display()))
    }

    /// Refuses to put a new account's credentials where another company's lie: another database in the same folder
    /// gives the same ids.
    ///
    /// # Errors
    /// When there are such.
    pub fn refuse_strangers(&self, account: &Account) -> Result<()> {
        let path = self.path(account.id);
        match file::read(&path, account.id) {
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

    /// Takes the credentials of an account away. That there are none is well.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn remove(&self, account_id: i64) -> Result<()> {
        for path in [self.path(account_id), self.lock_path(account_id)] {
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != ErrorKind::NotFound => {
                    return Err(e).with_context(|| format!("could not remove {}", path.display()));
                }
                _ => {}
            }
        }
        match File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e).context("could not sync the credentials' folder"),
            _ => Ok(()),
        }
    }

    /// Asks for the lock under which an account's credentials are replaced, between processes. Does not wait.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn try_lock(&self, account_id: i64) -> Result<Option<VaultLock>> {
        self.make_folder()?;
        let path = self.lock_path(account_id);
        let failed = || format!("could not lock {}", path.display());
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).mode(0o600).open(&path).with_context(failed)?;
        ownership::hand_over(&file, &self.folder).with_context(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(VaultLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(failed),
        }
    }

    fn lock_path(&self, account_id: i64) -> PathBuf {
        self.folder.join(format!("{account_id}.lock"))
    }

    fn make_folder(&self) -> Result<()> {
        let make = || -> std::io::Result<()> {
            match std::fs::metadata(&self.folder) {
                Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                    std::fs::set_permissions(&self.folder, Permissions::from_mode(0o700))
                }
                Ok(_) => Ok(()),
                Err(_) => {
                    DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
                    ownership::hand_over_folder(&self.folder)?;
                    self.folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
                }
            }
        };
        make().with_context(|| format!("could not make the folder {} (mode 0700)", self.folder.display()))
    }

    /// Removes what a killed process left of an unfinished replacement: it holds a secret. Returns the prefix of such
    /// files.
    fn forget_leftovers(&self, account_id: i64) -> std::io::Result<String> {
        let prefix = format!(".{account_id}.new-");
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(prefix)
    }
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
