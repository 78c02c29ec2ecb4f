//! Care of the file: is it intact, and a copy of it.
//!
//! In: an open database. Out: findings, or a new file. Repairs nothing.

use super::Store;
use crate::report::Problem;
use crate::resource;
use anyhow::{Context, Result};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
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
    /// When the file exists already or cannot be written.
    pub fn backup(&self, file: &Path) -> Result<()> {
        if file.exists() {
            let problem =
                Problem::failed(format!("{} exists already; it was left as it is", file.display()), "name a new file");
            return Err(problem.into());
        }
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            let problem = Problem::failed(
                format!("there is no folder {} to copy the database into", folder.display()),
                "create it, or name another file",
            );
            return Err(problem.into());
        }
        let part = file.with_added_extension("part");
        let copied = self.copy_to(&part).with_context(|| format!("could not write {}", part.display()));
        if let Err(error) = copied {
            // What is left of it is of no use; that it cannot be removed changes nothing.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
        std::fs::rename(&part, file).with_context(|| format!("could not rename the copy to {}", file.display()))
    }

    /// An empty file for the copy, which nobody may read who may not read the database.
    fn make_private(&self, part: &Path) -> std::io::Result<()> {
        let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(part)?;
        let mode = self.path.metadata()?.permissions().mode();
        file.set_permissions(Permissions::from_mode(mode & 0o640))
    }

    fn copy_to(&self, part: &Path) -> Result<()> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        self.make_private(part)?;
        let mut copy = Connection::open_with_flags(part, flags)?;
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
