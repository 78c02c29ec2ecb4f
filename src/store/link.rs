//! By which connection a store reads, and by which it writes.
//!
//! Most have one of their own for both. Where many threads write at the same time, one connection writes for all of them
//! ([`Store::share_writer`]): they take turns at a mutex instead of asking SQLite again and again whether it is free; the
//! writer's cache, which SQLite empties whenever another connection has written, stays warm; and it is there once. A
//! connection costs a megabyte, most of it what SQLite keeps of the schema, so memory would grow by it with each thread.

use super::{Cache, Store, Tx, problem, sharing};
use anyhow::Result;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a store reaches the file.
#[derive(Debug)]
pub(super) enum Link {
    /// By a connection of its own.
    Own(Connection),
    /// It reads by a connection of its own, beside whatever is being written.
    Beside(Connection, Shared),
    /// It reads by the shared writer too, once that is free: for who reads little and then writes.
    AtWriter(Shared),
}

/// The connection that writes for many.
pub(super) type Shared = Arc<Mutex<Store>>;

/// The shared writer, once it is free. A thread that panicked while it had it took its transaction back.
fn lock(writer: &Mutex<Store>) -> MutexGuard<'_, Store> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    /// The connection of its own.
    pub(super) fn own(&self) -> Option<&Connection> {
        match self {
            Self::Own(conn) | Self::Beside(conn, _) => Some(conn),
            Self::AtWriter(_) => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn own_mut(&mut self) -> Option<&mut Connection> {
        match self {
            Self::Own(conn) | Self::Beside(conn, _) => Some(conn),
            Self::AtWriter(_) => None,
        }
    }
}

impl Store {
    /// Another store over the same file, for another thread, with a connection of its own and a cache of the same size.
    /// Where the writer is shared, it is this one's too.
    ///
    /// # Errors
    /// As in [`Store::open`].
    pub fn again(&self) -> Result<Self> {
        let mut store = Self::open(&self.path, self.clock)?;
        store.notes.clone_from(&self.notes);
        match &self.link {
            Link::Own(_) => store.with_cache(self.cache),
            Link::Beside(_, writer) | Link::AtWriter(writer) => store.beside(Arc::clone(writer)),
        }
    }

    /// From now on one connection writes for this store, and for all that [`Store::again`] and [`Store::at_writer`] make of
    /// it: for threads that all write.
    ///
    /// # Errors
    /// As in [`Store::open`].
    pub fn share_writer(self) -> Result<Self> {
        let writer = Self::open(&self.path, self.clock)?.with_cache(Cache::Writer)?;
        self.beside(Arc::new(Mutex::new(writer)))
    }

    fn beside(mut self, writer: Shared) -> Result<Self> {
        let apart = Link::AtWriter(Arc::clone(&writer));
        if let Link::Own(conn) = std::mem::replace(&mut self.link, apart) {
            self.link = Link::Beside(conn, writer);
        }
        self.with_cache(Cache::Beside)
    }

    /// Another store over the same file, for another thread, that reads by the shared writer too and so costs no memory;
    /// where none is shared, it has a connection of its own.
    ///
    /// # Errors
    /// As in [`Store::open`].
    pub fn at_writer(&self) -> Result<Self> {
        match &self.link {
            Link::Own(_) => self.again(),
            Link::Beside(_, writer) | Link::AtWriter(writer) => Ok(Self {
                link: Link::AtWriter(Arc::clone(writer)),
                path: self.path.clone(),
                clock: self.clock,
                durable: self.durable,
                cache: self.cache,
                notes: self.notes.clone(),
            }),
        }
    }

    /// Runs `work` in one transaction. `durably`: it is on disk before it returns.
    pub(super) fn transact<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>, durably: bool) -> Result<T> {
        let Self { link, path, durable, .. } = self;
        match link {
            Link::Own(conn) if durably && !*durable => {
                conn.pragma_update(None, "synchronous", "FULL")?;
                let result = commit(conn, path, work);
                conn.pragma_update(None, "synchronous", "NORMAL")?;
                result
            }
            Link::Own(conn) => commit(conn, path, work),
            Link::Beside(_, writer) | Link::AtWriter(writer) => lock(writer).transact(work, durably),
        }
    }

    /// Runs `work` on the connection, for reading.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        match &self.link {
            Link::Own(conn) | Link::Beside(conn, _) => problem::explain(work(conn), &self.path),
            Link::AtWriter(writer) => lock(writer).read(work),
        }
    }
}

fn commit<T>(conn: &mut Connection, path: &Path, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
    let run = || -> Result<T> {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&tx)?;
        tx.commit()?;
        Ok(value)
    };
    problem::explain(run(), path)
}

impl Drop for Store {
    fn drop(&mut self) {
        // Beside a shared writer there is nothing to do: that empties the log when the last of them has gone.
        match &self.link {
            Link::Own(conn) if matches!(conn.is_readonly("main"), Ok(false)) => sharing::empty_log(conn),
            _ => {}
        }
    }
}
