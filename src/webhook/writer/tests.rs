//! The writer with a store of the tests' own.

use super::*;
use std::sync::Mutex;

/// What a store of a test has seen: the batches.
type Seen = Arc<Mutex<Vec<Vec<u32>>>>;

/// Stores all but the number 13, which breaks its transaction; takes `pause` for each.
fn store(seen: &Seen, pause: Duration) -> impl FnMut(&[u32]) -> Result<Vec<bool>> + Send + 'static {
    let seen = Arc::clone(seen);
    move |events| {
        std::thread::sleep(pause);
        if events.contains(&13) {
            return Err(rusqlite_constraint());
        }
        let mut seen = seen.lock().expect("a lock");
        let new = events.iter().map(|event| !seen.iter().flatten().any(|old| old == event)).collect();
        seen.push(events.to_vec());
        Ok(new)
    }
}

/// The error of a row that may not be there, as the database gives it.
fn rusqlite_constraint() -> anyhow::Error {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = crate::store::Store::open(&dir.path().join("f.db"), crate::clock::Clock::default()).expect("store");
    let run = |tx: &crate::store::Tx<'_>| Ok(tx.execute_batch("INSERT INTO write_counter (one, n) VALUES (1, 0)")?);
    store.write(run).expect_err("a second row is refused")
}

fn all_at_once(inbox: &Inbox<u32>, events: std::ops::Range<u32>) -> Vec<Kept> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = events.map(|event| scope.spawn(move || inbox.store(event))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    })
}

#[test]
fn what_comes_meanwhile_goes_into_one_transaction_and_the_bell_rings() {
    let (seen, (bell, rung)) = (Seen::default(), bounded(1));
    let (writer, inbox) = Writer::start(store(&seen, Duration::from_millis(50)), bell).expect("a writer");
    let kept = all_at_once(&inbox, 100..140);
    assert!(kept.iter().all(|kept| *kept == Kept::Stored { twin: false }), "{kept:?}");
    assert_eq!(inbox.store(120), Kept::Stored { twin: true });
    let batches = seen.lock().expect("a lock").len();
    assert!(batches <= 10, "{batches} transactions for 41 events");
    assert!(rung.try_recv().is_ok());
    drop(inbox);
    assert!(writer.finish(Instant::now() + Duration::from_secs(5)));
}

#[test]
fn one_event_that_cannot_be_stored_does_not_harm_the_others() {
    let seen = Seen::default();
    let (_writer, inbox) = Writer::start(store(&seen, Duration::from_millis(50)), bounded(1).0).expect("a writer");
    let kept = all_at_once(&inbox, 0..30);
    let not: Vec<usize> = (0..30).filter(|at| !matches!(kept[*at], Kept::Stored { .. })).collect();
    assert_eq!(not, [13]);
}

#[test]
fn storage_trouble_is_told_to_all_and_over_when_it_is_over() {
    let mut calls = 0;
    let fails_twice = move |events: &[u32]| {
        calls += 1;
        anyhow::ensure!(calls > 2, "the disk is full");
        Ok(vec![true; events.len()])
    };
    let (_writer, inbox) = Writer::start(fails_twice, bounded(1).0).expect("a writer");
    assert!(matches!(inbox.store(1), Kept::Not(_)));
    assert!(matches!(inbox.store(1), Kept::Not(_)));
    assert_eq!(inbox.store(1), Kept::Stored { twin: false });
}

#[test]
fn while_the_writer_is_stuck_nobody_else_waits() {
    let seen = Seen::default();
    let (_writer, inbox) = Writer::start(store(&seen, Duration::from_secs(3)), bounded(1).0).expect("a writer");
    let first = inbox.clone();
    let first = std::thread::spawn(move || first.store(1));
    std::thread::sleep(STUCK + Duration::from_millis(300));
    let begun = Instant::now();
    assert_eq!(inbox.store(2), Kept::Not("the database is busy"));
    assert!(begun.elapsed() < Duration::from_millis(200));
    assert_eq!(first.join().expect("a thread"), Kept::Stored { twin: false });
}

#[test]
fn a_writer_that_has_died_is_noticed() {
    let panics = |_: &[u32]| -> Result<Vec<bool>> { panic!("a fault of the program") };
    let (writer, inbox) = Writer::start(panics, bounded(1).0).expect("a writer");
    assert!(writer.is_alive());
    assert!(matches!(inbox.store(1), Kept::Not(_)));
    let until = Instant::now() + Duration::from_secs(5);
    while writer.is_alive() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!writer.is_alive());
    assert_eq!(inbox.store(2), Kept::Not("the writer has ended"));
}
