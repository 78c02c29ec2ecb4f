//! Care of the file: is it intact, and a copy of it.
//!
//! In: an open database. Out: findings, or a new file. Repairs nothing.

use super::{Store, file};
use crate::exit::Exit;
use crate::folder::Folder;
use crate::report::Problem;
use crate::resource;
use anyhow::{Context, Result};
use rusqlite::OpenFlags;
use rusqlite::backup::Backup;
use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

impl Store {
    /// What is wrong with the file: damaged pages, indexes that disagree, children without parents. Nothing is good.
    ///
    /// # Errors
    /// When the file is too damaged to be read.
    pub fn check(&self) -> Result<Vec<String>> {
        self.read(|conn| {
            let mut findings: Vec<String> = conn
                .prepare("PRAGMA integrity_check")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            findings.retain(|finding| finding != "ok");
            let mut orphans: i64 =
                conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
            for (child, parent) in resource::children() {
                let sql = format!("SELECT count(*) FROM {child} WHERE parent NOT IN (SELECT row FROM {parent})");
                orphans += conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?;
            }
            if orphans > 0 {
                findings.push(format!("{orphans} rows whose parent is missing"));
            }
            Ok(findings)
        })
    }

    /// The first thing that is wrong with the file's pages, if there is one: faster than [`Store::check`], which also
    /// compares every index with its table.
    ///
    /// # Errors
    /// When the file is too damaged to be read.
    pub fn quick_check(&self) -> Result<Option<String>> {
        self.read(|conn| {
            let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            Ok(Some(found).filter(|found| found != "ok"))
        })
    }

    /// Copies the database into a new file while others use it. The copy is whole or not there.
    ///
    /// # Errors
    /// When the file exists already or cannot be written, or another copy to it is being made (75).
    pub fn backup(&self, file: &Path) -> Result<()> {
        refuse_existing(file)?;
        let copy = Copy::to(file)?;
        // Another one may have been made while this one waited for its turn.
        refuse_existing(file).and_then(|()| self.copy_to(&copy))?;
        copy.open.rename(&copy.part, file.file_name().unwrap_or_default())
    }

    fn copy_to(&self, copy: &Copy) -> Result<()> {
        let part = copy.folder.join(&copy.part);
        let made = copy.empty(self.path.metadata()?.permissions().mode()).and_then(|()| self.fill(&part));
        if made.is_err() {
            // What is left of it is of no use; that it cannot be removed changes nothing.
            let _ = copy.open.remove(&copy.part);
        }
        made.with_context(|| format!("could not write {}", part.display()))
    }

    fn fill(&self, part: &Path) -> Result<()> {
        let mut copy = file::connect(part, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        self.read(|conn| {
            // 1,000 pages (4 MB) at a time, so that writers are not kept waiting.
            Backup::new(conn, &mut copy)?.run_to_completion(1_000, Duration::from_millis(1), None)?;
            Ok(())
        })?;
        // One file, without a -wal beside it.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        Ok(())
    }
}

fn refuse_existing(file: &Path) -> Result<()> {
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(Problem::failed(format!("{} exists already; it was left as it is", file.display()), "name a new file").into())
}

/// A copy in the making: under another name, one at a time.
struct Copy {
    folder: PathBuf,
    open: Folder,
    part: OsString,
    lock: OsString,
    _lock: File,
}

impl Copy {
    fn to(file: &Path) -> Result<Self> {
        let given = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let nowhere = || {
            Problem::failed(
                format!("there is no folder {} to copy the database into", given.display()),
                "create it, or name another file",
            )
        };
        let folder = given.canonicalize().with_context(nowhere)?;
        let open = Folder::open(&folder)?.with_context(nowhere)?;
        let named = |end: &str| file.with_added_extension(end).file_name().unwrap_or_default().to_owned();
        let (part, lock) = (named("part"), named("part.lock"));
        // A lock on the copy itself would be in SQLite's way, on some file systems.
        match open.try_lock(&lock)? {
            Some(held) => Ok(Self { folder, open, part, lock, _lock: held }),
            None => Err(Problem::new(Exit::Stopped, format!("another copy to {} is being made", file.display()))
                .hint("wait until it ends, or name another file")
                .into()),
        }
    }

    /// An empty file, which nobody may read who may not read a database of this `mode`. What a killed process left of an
    /// earlier copy goes.
    fn empty(&self, mode: u32) -> Result<()> {
        self.open.remove(&self.part)?;
        Ok(self.open.create(&self.part)?.set_permissions(Permissions::from_mode(mode & 0o640))?)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // One that stays is taken by the next.
        let _ = self.open.remove(&self.lock);
    }
}
