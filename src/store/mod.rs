//! The database: the only room that knows SQLite.
//!
//! In: records, accounts, resume points, quotas. Out: the same, and counts. Every change is one short transaction begun
//! as a writer (`BEGIN IMMEDIATE`), none is held across a request to the service. Knows no HTTP.
//!
//! Durability: WAL with `synchronous=NORMAL` for the mirror, which can be fetched again and whose resume point is
//! committed together with its rows, so that a power cut takes both back to the same moment. What is acknowledged to
//! somebody (an account, a webhook) is written through [`Store::write_durably`].

pub mod accounts;
mod cache;
mod columns;
pub mod events;
pub mod gauges;
pub mod gone;
mod health;
pub mod holder;
mod id;
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
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};
use rustix::fs::Access;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use cache::Cache;
pub use health::is_of_content;
use notes::Notes;

/// A write transaction: what the functions of this room that change something take.
pub type Tx<'a> = rusqlite::Transaction<'a>;

/// How long a writer waits for another process's transaction. Ours last milliseconds; a person's `sqlite3` may hold
/// the file for longer.
const BUSY: Duration = Duration::from_secs(30);

/// An open database. One per thread.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    path: PathBuf,
    clock: Clock,
    durable: bool,
    cache: Cache,
    /// Where transactions are written, when not by this connection: see [`Store::share_writer`].
    writer: Option<Arc<Mutex<Store>>>,
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
        store.conn.pragma_update(None, "synchronous", "FULL")?;
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
        let real = place::find(path)?;
        sharing::prepare(&real)?;
        strangers::refuse(&real)?;
        let mut conn = place::connect(&real, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
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
        Ok(Self { conn, path: path.to_owned(), clock, durable: false, cache, writer: None, notes: None })
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
            let real = place::find(path)?;
            strangers::refuse(&real)?;
            // A killed first start has left nothing: that has been taken back by the look.
            if is_empty(path) {
                return Err(problem::missing(path));
            }
            let connect = || place::connect(&real, OpenFlags::SQLITE_OPEN_READ_ONLY);
            let mut conn = connect()?;
            if migrate::is_needed(&conn)? {
                rustix::fs::access(&real, Access::WRITE_OK).map_err(|_| migrate::too_old())?;
                drop(conn);
                drop(Self::try_open(path, clock)?);
                conn = connect()?;
            }
            // SQLite's own size.
            let cache = Cache::Small;
            Ok(Self { conn, path: path.to_owned(), clock, durable: false, cache, writer: None, notes: None })
        };
        problem::explain(open(), path)
    }

    /// Another connection to the same file, for another thread, with a cache of the same size. Where the writer is shared,
    /// it is this one's too.
    ///
    /// # Errors
    /// As in [`Store::open`].
    pub fn again(&self) -> Result<Self> {
        let mut store = Self::open(&self.path, self.clock)?.with_cache(self.cache)?;
        store.writer.clone_from(&self.writer);
        store.notes.clone_from(&self.notes);
        Ok(store)
    }

    /// From now on one connection writes for this store, and for all that [`Store::again`] makes of it: for threads that
    /// all write. They take turns at a mutex instead of asking SQLite again and again whether it is free; the writer's
    /// cache, which SQLite empties whenever another connection has written, stays warm; and it is there once, so that
    /// memory does not grow by it with each thread.
    ///
    /// # Errors
    /// As in [`Store::open`].
    pub fn share_writer(mut self) -> Result<Self> {
        let writer = Self::open(&self.path, self.clock)?.with_cache(Cache::Writer)?;
        self.writer = Some(Arc::new(Mutex::new(writer)));
        self.with_cache(Cache::Beside)
    }

    /// The shared writer, once it is free. A thread that panicked while it had it took its transaction back.
    fn shared(writer: &Mutex<Self>) -> MutexGuard<'_, Self> {
        writer.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn transact<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>, durably: bool) -> Result<T> {
        if let Some(writer) = &self.writer {
            return Self::shared(writer).transact(work, durably);
        }
        if !durably || self.durable {
            return self.commit(work);
        }
        self.conn.pragma_update(None, "synchronous", "FULL")?;
        let result = self.commit(work);
        self.conn.pragma_update(None, "synchronous", "NORMAL")?;
        result
    }

    fn commit<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let path = self.path.clone();
        let run = || -> Result<T> {
            let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        problem::explain(run(), &path)
    }

    /// Runs `work` on the connection, for reading.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        problem::explain(work(&self.conn), &self.path)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Beside a shared writer there is nothing to do: that empties the log when the last of them has gone.
        if self.writer.is_none() && matches!(self.conn.is_readonly("main"), Ok(false)) {
            sharing::empty_log(&self.conn);
        }
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
