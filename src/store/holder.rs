//! Who holds leases: a process, under a name that the kernel knows to be alive or not.
//!
//! In: the database's path. Out: a [`Holder`], and which holders are gone. Each keeps a lock file that the kernel frees
//! when its process ends, however it ends: what a dead one held need not wait for the end of its lease. Where that
//! cannot be found out, the lease decides.

use super::lock;
use crate::folder::Folder;
use anyhow::{Context, Result};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// Between a lock file's making and its locking lie microseconds.
const YOUNG: Duration = Duration::from_secs(60);

/// A process that works on events.
#[derive(Debug)]
pub struct Holder {
    /// What stands in `leased_by`.
    pub name: String,
    folder: Folder,
    _file: File,
}

impl Holder {
    /// A name of its own for this process.
    ///
    /// # Errors
    /// When its lock file cannot be made.
    pub fn new(db: &Path) -> Result<Self> {
        let folder = lock::make_folder(db)?;
        let name = format!("worker-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let file = folder.create(lock_file(&name))?;
        file.lock().with_context(|| format!("could not lock the lock file of {name}"))?;
        Ok(Self { name, folder, _file: file })
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // A file that stays is found unlocked, and removed, by the next look for dead holders.
        let _ = self.folder.remove(lock_file(&self.name));
    }
}

/// Those of `holders` whose process is gone.
pub fn dead(db: &Path, holders: Vec<String>) -> Vec<String> {
    match Folder::open(&lock::folder(db)) {
        Ok(Some(folder)) => holders.into_iter().filter(|name| is_dead(&folder, &lock_file(name))).collect(),
        Ok(None) => holders,
        Err(_) => Vec::new(),
    }
}

/// Removes the lock files of processes that ended without doing so.
pub fn sweep(db: &Path) {
    let Ok(Some(folder)) = Folder::open(&lock::folder(db)) else { return };
    for name in folder.names().unwrap_or_default() {
        let name = name.to_string_lossy();
        if name.starts_with("worker-") && is_old(&folder, &name) && is_dead(&folder, &name) {
            // Another process may have been quicker.
            let _ = folder.remove(&*name);
        }
    }
}

fn lock_file(holder: &str) -> String {
    format!("{holder}.lock")
}

/// A young one may be made and not be locked yet.
fn is_old(folder: &Folder, name: &str) -> bool {
    let about = folder.read(name).ok().flatten().and_then(|file| file.metadata().ok());
    about.and_then(|about| about.modified().ok()).is_some_and(|t| t.elapsed().is_ok_and(|age| age > YOUNG))
}

fn is_dead(folder: &Folder, name: &str) -> bool {
    match folder.read(name) {
        Ok(Some(file)) => !matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Ok(None) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_lives_until_it_is_dropped() {
        let dir = tempfile::tempdir().expect("folder");
        let db = dir.path().join("f.db");
        let (one, two) = (Holder::new(&db).expect("one"), Holder::new(&db).expect("two"));
        let names = || vec!["worker-1-00000000".to_owned()];
        assert_ne!(one.name, two.name);
        assert_eq!(dead(&db, vec![one.name.clone(), two.name.clone()]), Vec::<String>::new());
        assert_eq!(dead(&db, names()), names(), "one that was never here");
        let at = |name: &str| lock::folder(&db).join(lock_file(name));
        let left = at("worker-2-00000000");
        let file = File::create(&left).expect("a file that a killed process left");
        sweep(&db);
        assert!(left.exists(), "it may be being made");
        file.set_modified(std::time::UNIX_EPOCH).expect("age");
        sweep(&db);
        assert!(!left.exists() && at(&one.name).exists());
        let gone = one.name.clone();
        drop(one);
        assert_eq!(dead(&db, vec![gone.clone(), two.name.clone()]), [gone]);
    }
}
