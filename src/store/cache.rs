//! Caches: how much of the file a connection keeps in memory.
//!
//! In: what a connection is for. Out: a size. There is one for each use, so that memory grows neither with the accounts that
//! are synced at a time nor with the threads of the listener.

use super::Store;
use anyhow::Result;

/// How much of the file a connection keeps in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// 256 KiB: for who only reads beside a shared writer ([`Store::share_writer`]). Each commit makes it worthless.
    Beside,
    /// 2 MiB: for who reads and writes a few rows at a time. Of such connections there are many.
    Small,
    /// 4 MiB: for a shared writer. As no other connection of the process writes, it stays warm from page to page: a quarter
    /// of what a writer among others needs is as fast.
    Writer,
    /// 16 MiB: for who fills tables among other writers. A third faster than 2 MiB on a first sync.
    Large,
}

impl Cache {
    /// In the words of `PRAGMA cache_size`.
    pub(super) fn kib(self) -> i32 {
        match self {
            Cache::Beside => -256,
            Cache::Small => -2_048,
            Cache::Writer => -4_096,
            Cache::Large => -16_384,
        }
    }
}

impl Store {
    /// The same connection with another cache.
    pub fn with_cache(mut self, cache: Cache) -> Result<Self> {
        if let Some(conn) = self.link.own() {
            conn.pragma_update(None, "cache_size", cache.kib())?;
        }
        self.cache = cache;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_connection_for_another_thread_has_a_cache_of_the_same_size() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("f.db");
        let open = || Store::open(&path, Clock::default()).expect("store");
        let size = |store: &Store| -> i32 {
            store.read(|conn| Ok(conn.pragma_query_value(None, "cache_size", |row| row.get(0))?)).expect("a size")
        };
        let small = open().with_cache(Cache::Small).expect("a small one");
        let durable = Store::open_durable(&path, Clock::default()).expect("a durable one");
        let beside = open().share_writer().expect("beside a writer");
        assert_eq!(size(&beside.at_writer().expect("the writer itself")), -4_096);
        for (store, kib) in [(open(), -16_384), (small, -2_048), (durable, -2_048), (beside, -256)] {
            assert_eq!((size(&store), size(&store.again().expect("another"))), (kib, kib));
        }
    }
}
