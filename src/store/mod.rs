//! The database: the only room that knows SQLite.
//!
//! In: records, accounts, resume points, quotas. Out: the same, and counts. Every change is one short transaction begun
//! as a writer (`BEGIN IMMEDIATE`), none is held across a request to the service. Knows no HTTP.
//!
//! Durability: WAL with `synchronous=NORMAL` for the mirror, which can be fetched again and whose resume point is
//! committed together with its rows, so that a power cut takes both back to the same moment. What is acknowledged to
//! somebody (an account, a webhook) is written through [`Store::write_durably`].
//!
//! Where a function does not say what its errors are, they are the database's.

pub mod accounts;
mod cache;
mod columns;
pub mod events;
mod file;
pub mod gauges;
pub mod gone;
mod health;
pub mod holder;
mod id;
mod link;
pub mod lock;
pub mod migrate;
pub mod mirror;
pub mod notes;
pub mod outbox;
pub mod pace;
pub mod parts;
pub mod pauses;
mod place;
pub mod presence;
mod problem;
pub mod quota;
mod refill;
pub mod runs;
mod sharing;
pub mod state;
pub mod status;
mod strangers;
pub mod subscriptions;
pub mod tables;
mod upkeep;
mod views;
pub mod walk;
pub mod window;
mod writing;

use crate::clock::Clock;
use anyhow::Result;
use rusqlite::{OpenFlags, config::DbConfig};
use rustix::fs::Access;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use cache::Cache;
pub use health::is_of_content;
use link::Link;
use notes::Notes;

/// A write transaction: what the functions of this room that change something take.
pub type Tx<'a> = rusqlite::Transaction<'a>;

/// How long a writer waits for another process's transaction. Ours last milliseconds; a person's `sqlite3` may hold
/// the file for longer.
const BUSY: Duration = Duration::from_secs(30);

/// An open database. One per thread.
#[derive(Debug)]
pub struct Store {
    link: Link,
    path: PathBuf,
    clock: Clock,
    durable: bool,
    cache: Cache,
    /// Notes that wait for the next transaction, where they are held: see [`Store::hold_notes`].
    notes: Option<Arc<Notes>>,
}

impl Store {
    /// Opens the database at `path`, creates it when there is none, and brings it up to this version's schema. Its cache is
    /// a large one.
    ///
    /// # Errors
    /// When the file cannot be opened or written, is damaged, is another program's (exit 78), or was written by a
    /// newer ficsync (exit 1); the file is then left as it was.
    pub fn open(path: &Path, clock: Clock) -> Result<Self> {
        problem::explain(Self::try_open(path, clock), path)
    }

    /// The same, but every transaction of this connection is on disk before it returns: for the one that writes down what
    /// is acknowledged to the service. Its cache is a small one.
    ///
    /// # Errors
    /// As in [`Store::open`].
    pub fn open_durable(path: &Path, clock: Clock) -> Result<Self> {
        let mut store = Self::open(path, clock)?.with_cache(Cache::Small)?;
        if let Some(conn) = store.link.own() {
            conn.pragma_update(None, "synchronous", "FULL")?;
        }
        store.durable = true;
        Ok(store)
    }

    /// The same for a database that must be there already: nobody wants one made by a look for events.
    ///
    /// # Errors
    /// When there is none, or as in [`Store::open`].
    pub fn open_existing(path: &Path, clock: Clock) -> Result<Self> {
        // A link that leads nowhere is there as well, and has an error of its own.
        let there = path.symlink_metadata().is_ok() && !is_empty(path);
        if there { Self::open(path, clock) } else { Err(problem::missing(path)) }
    }

    fn try_open(path: &Path, clock: Clock) -> Result<Self> {
        create_folder(path)?;
        let real = file::find(path)?;
        sharing::prepare(&real)?;
        strangers::refuse(&real)?;
        let mut conn = file::connect(&real, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.set_prepared_statement_cache_capacity(64);
        // Plans do not look at bound values: else statements would be prepared anew at every run.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // A checkpoint every 16,000 pages (64 MB of WAL): on a first sync a tenth faster than every 4,000, because pages that
        // many rows touch are written back once.
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;",
        )?;
        let cache = Cache::Large;
        conn.pragma_update(None, "cache_size", cache.kib())?;
        sharing::keep_companions(&conn)?;
        migrate::migrate(&mut conn)?;
        Ok(Self { link: Link::Own(conn), path: path.to_owned(), clock, durable: false, cache, notes: None })
    }

    /// Opens an existing database for reading only: nothing is created or written. An older schema is brought up to this
    /// version's before, where the file may be written.
    ///
    /// # Errors
    /// When there is none, or as in [`Store::open`]; when the schema is older and the file may not be written.
    pub fn open_read_only(path: &Path, clock: Clock) -> Result<Self> {
        let open = || -> Result<Self> {
            // Nobody may look: that is another matter than that there is none.
            match path.symlink_metadata() {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(problem::hidden(path, error)),
                Ok(_) if !is_empty(path) => {}
                _ => return Err(problem::missing(path)),
            }
            let real = file::find(path)?;
            strangers::refuse(&real)?;
            // A killed first start has left nothing: that has been taken back by the look.
            if is_empty(path) {
                return Err(problem::missing(path));
            }
            let connect = || file::connect(&real, OpenFlags::SQLITE_OPEN_READ_ONLY);
            let mut conn = connect()?;
            if migrate::is_needed(&conn)? {
                rustix::fs::access(&real, Access::WRITE_OK).map_err(|_| migrate::too_old())?;
                drop(conn);
                drop(Self::try_open(path, clock)?);
                conn = connect()?;
            }
            // SQLite's own size.
            let cache = Cache::Small;
            Ok(Self { link: Link::Own(conn), path: path.to_owned(), clock, durable: false, cache, notes: None })
        };
        problem::explain(open(), path)
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clock that its stamps come from.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Runs `work` in one write transaction, after the notes that wait for one.
    ///
    /// # Errors
    /// Those of `work` (nothing is then written), and the database's.
    pub fn write<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.write_with_notes(work, false)
    }

    /// The same, on disk before it returns: for what is acknowledged to somebody.
    ///
    /// # Errors
    /// As in [`Store::write`].
    pub fn write_durably<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.write_with_notes(work, true)
    }

    fn write_with_notes<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>, durably: bool) -> Result<T> {
        let Some(notes) = self.notes.clone() else { return self.transact(work, durably) };
        notes.with(|write_notes| {
            let both = |tx: &Tx<'_>| {
                write_notes(tx)?;
                work(tx)
            };
            self.transact(both, durably)
        })
    }
}

/// A file that somebody made for the database, with nothing in it yet.
fn is_empty(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == 0)
}

fn create_folder(path: &Path) -> Result<()> {
    match path.parent().filter(|p| !p.as_os_str().is_empty() && !p.exists()) {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| problem::no_folder(folder, error)),
        None => Ok(()),
    }
}
