//! One run per account at a time: a lock file that the kernel frees when its holder ends, however it ends.
//!
//! In: the database's path and an account. Out: a guard, or who holds it. Locks no rows: workers of the listener and a
//! run share the tables by short transactions.

use crate::folder::Folder;
use anyhow::{Context, Result};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held while a run works on an account.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The outcome of asking for the lock.
#[derive(Debug)]
pub enum Asked {
    /// It is ours until the guard is dropped.
    Ours(RunLock),
    /// Another process has it: what it wrote about itself.
    HeldBy(String),
}

/// The folder of lock files: beside the database, named after it.
pub fn folder(db: &Path) -> PathBuf {
    let mut name = db.file_name().unwrap_or_default().to_owned();
    name.push(".locks");
    db.with_file_name(name)
}

/// Makes that folder, for its owner alone: who can open a lock file can lock it, and so keep runs from starting.
///
/// # Errors
/// When it cannot be made, is a link, or another user's.
pub fn make_folder(db: &Path) -> Result<Folder> {
    Folder::private(&folder(db))
}

/// Asks for the lock of one account, without waiting. `about` is what others are told: pid and time.
///
/// # Errors
/// When the lock file cannot be made.
pub fn ask(db: &Path, account_id: i64, about: &str) -> Result<Asked> {
    ask_for(db, &format!("{account_id}.lock"), about)
}

/// The same for an account's subscriptions: they can be changed while a first walk takes its hours.
///
/// # Errors
/// When the lock file cannot be made.
pub fn ask_for_subscriptions(db: &Path, account_id: i64, about: &str) -> Result<Asked> {
    ask_for(db, &format!("{account_id}.subscriptions.lock"), about)
}

fn ask_for(db: &Path, name: &str, about: &str) -> Result<Asked> {
    let mut file = make_folder(db)?.lock_file(name)?;
    let path = || folder(db).join(name).display().to_string();
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(about.as_bytes()))?;
            Ok(Asked::Ours(RunLock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).with_context(|| format!("could not read {}", path()))?;
            Ok(Asked::HeldBy(holder.trim().to_owned()))
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("could not lock the file {}", path())),
    }
}
