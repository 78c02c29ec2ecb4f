//! One run per account at a time: a lock file that the kernel frees when its holder ends, however it ends.
//!
//! In: the database's path and an account. Out: a guard, or who holds it. Locks no rows: workers of the listener and a
//! run share the tables by short transactions.

use crate::ownership;
use anyhow::{Context, Result};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
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
/// Of a link it is the file's: runs over the link and over the file are runs over one database.
pub fn folder(db: &Path) -> PathBuf {
    let real = db.canonicalize();
    let db = real.as_deref().unwrap_or(db);
    let mut name = db.file_name().unwrap_or_default().to_owned();
    name.push(".locks");
    db.with_file_name(name)
}

/// Makes that folder, for its owner alone: who can open a lock file can lock it, and so keep runs from starting.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(db: &Path) -> Result<PathBuf> {
    let folder = folder(db);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.and_then(|()| ownership::hand_over_folder(&folder))
        .with_context(|| format!("could not create the folder {}", folder.display()))?;
    Ok(folder)
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
    let folder = make_folder(db)?;
    let path = folder.join(name);
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .and_then(|file| ownership::hand_over(&file, &folder).map(|()| file))
        .with_context(|| format!("could not open the lock file {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(about.as_bytes()))?;
            Ok(Asked::Ours(RunLock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).with_context(|| format!("could not read {}", path.display()))?;
            Ok(Asked::HeldBy(holder.trim().to_owned()))
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("could not lock the file {}", path.display()))
        }
    }
}
