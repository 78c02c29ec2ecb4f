//! Who holds leases: a process, under a name that the kernel knows to be alive or not.
//!
//! In: the database's path. Out: a [`Holder`], and which holders are gone. Each keeps a lock file that the kernel frees
//! when its process ends, however it ends: what a dead one held need not wait for the end of its lease. Where that
//! cannot be found out, the lease decides.

use super::lock;
use crate::ownership;
use anyhow::{Context, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between a lock file's making and its locking lie microseconds.
const YOUNG: Duration = Duration::from_secs(60);

/// A process that works on events.
#[derive(Debug)]
pub struct Holder {
    /// What stands in `leased_by`.
    pub name: String,
    path: PathBuf,
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
        let path = folder.join(format!("{name}.lock"));
        let file = File::create(&path)
            .and_then(|file| ownership::hand_over(&file, &folder).map(|()| file))
            .with_context(|| format!("could not create the lock file {}", path.display()))?;
        file.lock().with_context(|| format!("could not lock the file {}", path.display()))?;
        Ok(Self { name, path, _file: file })
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // A file that stays is found unlocked, and removed, by the next look for dead holders.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Those of `holders` whose process is gone.
pub fn dead(db: &Path, holders: Vec<String>) -> Vec<String> {
    let folder = lock::folder(db);
    holders.into_iter().filter(|name| is_dead(&folder.join(format!("{name}.lock")))).collect()
}

/// Removes the lock files of processes that ended without doing so.
pub fn sweep(db: &Path) {
    let Ok(files) = std::fs::read_dir(lock::folder(db)) else { return };
    for path in files.flatten().map(|file| file.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A young one may be made and not be locked yet.
        let old = path.metadata().and_then(|m| m.modified()).is_ok_and(|t| t.elapsed().is_ok_and(|age| age > YOUNG));
        if old && name.starts_with("worker-") && is_dead(&path) {
            // Another process may have been quicker.
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn is_dead(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => !matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
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
        let left = one.path.with_file_name("worker-2-00000000.lock");
        let file = File::create(&left).expect("a file that a killed process left");
        sweep(&db);
        assert!(left.exists(), "it may be being made");
        file.set_modified(std::time::UNIX_EPOCH).expect("age");
        sweep(&db);
        assert!(!left.exists() && one.path.exists());
        let gone = one.name.clone();
        drop(one);
        assert_eq!(dead(&db, vec![gone.clone(), two.name.clone()]), [gone]);
    }
}
