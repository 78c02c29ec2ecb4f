//! The subscriptions' table: what is written down before the service is asked, and what becomes of it.

use super::*;
use crate::clock::Clock;
use rusqlite::{Connection, StatementStatus};

const SINK: &str = "https://h.example/api/webhooks/fic/1/entity";

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("folder");
    let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
    store.add_account("A", (7, None), |_| Ok(())).expect("account");
    (dir, store)
}

fn wish(sink: &str) -> Wish<'_> {
    Wish { account_id: 1, sink, event_group: "entity", wanted: None, by_hand: false, sink_by_hand: false }
}

fn answer<'a>(sink: &'a str, verified: bool, asked_at: &'a str) -> Told<'a> {
    Told { id: "SUB1", sink, types: &[], verified, verification_method: None, mapping: None, asked_at }
}

fn verify(store: &mut Store, sink: &str) -> usize {
    store.write(|tx| mark_verified(tx, 1, sink, "2026-01-01T00:00:05Z")).expect("mark")
}

#[test]
fn a_sink_is_known_and_not_verified_before_the_service_is_asked() {
    let (_dir, mut store) = store();
    assert_eq!(store.known_sinks(1, "entity").expect("sinks"), Vec::<String>::new());
    let row = store.write_down(&wish(SINK)).expect("row");
    assert_eq!(store.write_down(&wish(SINK)).expect("again").row, row.row);
    assert_eq!(store.known_sinks(1, "entity").expect("sinks"), [SINK]);
    assert_eq!(store.known_sinks(1, "products").expect("sinks"), Vec::<String>::new());
    assert_eq!(store.known_sinks(2, "entity").expect("sinks"), Vec::<String>::new());
    assert!(store.has_unverified(1, "entity", SINK).expect("unverified"));
    assert!(!store.has_unverified(1, "products", SINK).expect("another group"));
    assert_eq!((verify(&mut store, SINK), verify(&mut store, SINK)), (1, 0));
    assert!(!store.has_unverified(1, "entity", SINK).expect("verified"));
}

#[test]
fn a_welcome_that_overtakes_the_answer_is_not_lost() {
    let (_dir, mut store) = store();
    let row = store.write_down(&wish(SINK)).expect("row").row;
    verify(&mut store, SINK);
    let older = store.told(row, &answer(SINK, false, "2026-01-01T00:00:04Z")).expect("older answer");
    assert!(older.verified && older.id.as_deref() == Some("SUB1"));
    let newer = store.told(row, &answer(SINK, false, "2026-01-01T00:00:06Z")).expect("newer answer");
    assert!(!newer.verified, "the service says later that it is not");
}

#[test]
fn a_verification_that_a_clock_far_ahead_noted_does_not_outlast_the_services_word() {
    let (_dir, mut store) = store();
    let row = store.write_down(&wish(SINK)).expect("row").row;
    store.write(|tx| mark_verified(tx, 1, SINK, "2199-01-01T00:00:00Z")).expect("mark");
    let still = store.told(row, &answer(SINK, true, "2026-01-01T00:00:04Z")).expect("an answer");
    assert!(still.verified_at.is_some_and(|at| at.as_str() < "2199"), "learnt now");
    store.write(|tx| mark_verified(tx, 1, SINK, "2199-01-01T00:00:00Z")).expect("mark");
    store
        .write(|tx| Ok(tx.execute("UPDATE subscriptions SET verified_at = '2199-01-01T00:00:00Z'", [])?))
        .expect("set");
    let now = store.told(row, &answer(SINK, false, "2026-01-01T00:00:06Z")).expect("another answer");
    assert!(!now.verified, "the service says that it is not");
}

#[test]
fn a_new_sink_is_known_beside_the_old_and_ends_in_one_row() {
    let (_dir, mut store) = store();
    let new = "https://new.example/api/webhooks/fic/1/entity";
    let row = store.write_down(&wish(SINK)).expect("row").row;
    store.told(row, &answer(SINK, true, "2026-01-01T00:00:00Z")).expect("made");
    store.write_down(&wish(new)).expect("before the change");
    assert_eq!(store.known_sinks(1, "entity").expect("sinks").len(), 2);
    verify(&mut store, new);
    let moved = store.told(row, &answer(new, false, "2026-01-01T00:00:05Z")).expect("moved");
    assert!(moved.verified && moved.sink == new);
    assert_eq!(store.subscriptions(1).expect("rows"), [moved]);
}

#[test]
fn attempts_count_until_it_is_verified() {
    let (_dir, mut store) = store();
    let row = store.write_down(&wish(SINK)).expect("row");
    store.note_attempt(row.row).expect("first");
    let one = store.subscriptions(1).expect("rows").remove(0);
    store.note_attempt(row.row).expect("second");
    store.take_attempt_back(&one).expect("the service was not reached");
    let back = store.subscriptions(1).expect("rows").remove(0);
    assert!(back.attempts == 1 && back.last_attempt_at.is_some());
    verify(&mut store, SINK);
    assert_eq!(store.subscriptions(1).expect("rows")[0].attempts, 0);
}

#[test]
fn what_the_service_lost_is_kept_as_missing() {
    let (_dir, mut store) = store();
    let row = store.write_down(&wish(SINK)).expect("row").row;
    store.told(row, &answer(SINK, true, "2026-01-01T00:00:00Z")).expect("made");
    store.missing(row).expect("missing");
    let found = store.subscription("SUB1").expect("still here");
    assert!(!found.verified && found.missing_since.is_some());
    store.forget_subscription(row).expect("forget");
    assert!(store.subscription("SUB1").is_err());
}

#[test]
fn a_moved_subscription_is_not_verified_because_the_old_sink_was() {
    let (_dir, mut store) = store();
    let row = store.write_down(&wish(SINK)).expect("row").row;
    verify(&mut store, SINK);
    let moved = store.told(row, &answer("https://new.example/x", false, "2026-01-01T00:00:05Z")).expect("moved");
    assert!(!moved.verified);
}

#[test]
fn the_listeners_question_is_prepared_once() {
    let (_dir, store) = store();
    for group in ["entity", "issued_documents", "entity"] {
        assert_eq!(store.known_sinks(1, group).expect("sinks"), Vec::<String>::new());
    }
    let again = |conn: &Connection| Ok(conn.prepare_cached(KNOWN_SINKS)?.get_status(StatementStatus::RePrepare));
    assert_eq!(store.read(again).expect("the statement in the cache"), 0);
}
