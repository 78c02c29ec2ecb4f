//! Whether the database can be written now, and whose fault an error is.
//!
//! In: an open database, or an error. Out: yes or no. Mends nothing.

use super::Store;
use anyhow::Result;
use rusqlite::ErrorCode;
use std::time::Duration;

/// Each takes a millisecond, and somewhat more.
const MOST_LOOKS: i32 = 3_600;

impl Store {
    /// Writes a page and commits it, without changing anything: finds a full disk and another program's lock, both.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn try_writing(&mut self) -> Result<()> {
        self.write(|tx| {
            tx.prepare_cached("UPDATE write_counter SET n = n")?.execute([])?;
            Ok(())
        })
    }

    /// Waits for another connection's lock for about four seconds, and looks every millisecond whether it is free. SQLite's
    /// own way looks ever more seldom, up to ten times a second: who begins transaction after transaction, as the workers
    /// do, lets it wait for seconds that way. For the one that somebody waits for.
    pub fn wait_eagerly(&mut self) -> Result<()> {
        self.link.own_mut().map_or(Ok(()), |conn| Ok(conn.busy_handler(Some(look_again))?))
    }

    /// Waits for another program's lock no longer than this.
    pub fn set_patience(&self, patience: Duration) -> Result<()> {
        self.read(|conn| Ok(conn.busy_timeout(patience)?))
    }
}

fn look_again(looks: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    looks < MOST_LOOKS
}

/// Whether an error lies in what was to be written rather than in the database: a row whose account is gone.
pub fn is_of_content(error: &anyhow::Error) -> bool {
    let code = error.chain().find_map(|cause| cause.downcast_ref::<rusqlite::Error>()).map(|e| e.sqlite_error_code());
    matches!(code, Some(Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_lock_is_noticed_in_time_and_its_end_too() {
        let dir = tempfile::tempdir().expect("folder");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        let mut other = store.again().expect("another connection");
        store.set_patience(Duration::from_millis(50)).expect("patience");
        store.try_writing().expect("nobody holds it");
        let error = other.write(|_| Ok(store.try_writing().expect_err("it is locked"))).expect("the holder");
        assert!(!is_of_content(&error), "{error:#}");
        store.try_writing().expect("free again");
    }

    #[test]
    fn a_row_that_may_not_be_is_its_own_fault() {
        let dir = tempfile::tempdir().expect("folder");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        let run = |sql: &'static str| move |tx: &super::super::Tx<'_>| Ok(tx.execute_batch(sql)?);
        let error = store.write(run("INSERT INTO sync_state (account_id, resource) VALUES (9, 'x')"));
        assert!(is_of_content(&error.expect_err("there is no account 9")));
        let error = store.write(run("INSERT INTO nowhere VALUES (1)")).expect_err("there is no such table");
        assert!(!is_of_content(&error));
    }

    #[test]
    fn an_eager_one_begins_between_others_and_gives_up() {
        let dir = tempfile::tempdir().expect("folder");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        let mut other = store.again().expect("another connection");
        store.wait_eagerly().expect("patience");
        let begun = std::time::Instant::now();
        other.write(|_| Ok(store.try_writing().expect_err("it is locked"))).expect("the holder");
        assert!(begun.elapsed() >= Duration::from_secs(3), "{:?}", begun.elapsed());
        std::thread::scope(|scope| {
            let (begun, begins) = std::sync::mpsc::channel();
            let hold = move |_: &super::super::Tx<'_>| {
                begun.send(())?;
                std::thread::sleep(Duration::from_millis(100));
                Ok(())
            };
            let held = scope.spawn(move || other.write(hold));
            begins.recv().expect("it is held");
            store.try_writing().expect("it is waited for");
            held.join().expect("a thread").expect("the holder");
        });
    }
}
