//! A backlog costs nothing: what is done to one event takes as many steps, whether 50 others wait or 50,000.
//!
//! Steps are those of SQLite's own machine, so that no clock and no other load matters.

use super::*;
use crate::store::pauses::WRONG_WAITS;
use claim::DUE_LANES;
use rusqlite::StatementStatus::VmStep;

const QUOTE: &str = "it.fattureincloud.webhooks.issued_documents.quotes.update";
const CLIENTS: &str = "it.fattureincloud.webhooks.entities.clients.";
const INVOICES: &str = "it.fattureincloud.webhooks.issued_documents.invoices.";
/// The lane of `CLIENT`.
const LANE: &str = "/entities/clients";

/// Everything that is done to events while others wait.
const STATEMENTS: &[&str] = &[
    DUE_LANES,
    WRONG_WAITS,
    include_str!("../../../../sql/statements/mend_waits.sql"),
    include_str!("../../../../sql/statements/claim_events.sql"),
    include_str!("../../../../sql/statements/settle_events.sql"),
    include_str!("../../../../sql/statements/close_events.sql"),
    include_str!("../../../../sql/statements/put_back_event.sql"),
    include_str!("../../../../sql/statements/rescue_events.sql"),
    include_str!("../../../../sql/statements/retry_events.sql"),
    include_str!("../../../../sql/statements/prune_events.sql"),
    include_str!("../../../../sql/statements/insert_event.sql"),
    include_str!("../../../../sql/statements/save_pause.sql"),
    "SELECT coalesce(max(id), 0) FROM events",
    "UPDATE events SET leased_until = ?2 WHERE status = 'processing' AND leased_by = ?1",
    "SELECT DISTINCT leased_by FROM events WHERE status = 'processing'",
    "SELECT id FROM events WHERE status = 'processing' AND leased_by = ?1",
    "SELECT id FROM events INDEXED BY events_failed WHERE status = 'failed'",
    "SELECT EXISTS (SELECT 1 FROM event_pauses WHERE account_id = ?1)",
    "DELETE FROM event_pauses WHERE account_id = ?1 AND (?2 IS NULL OR prefix IN ('', ?2))",
];

impl World {
    /// Many events of account 1, each of a record of its own from a million on, or all of record 7. They are due, or in
    /// an hour.
    fn crowd(&mut self, n: usize, event_type: &str, one_record: bool, due: bool) {
        let lane = events::lane(event_type).expect("it is mirrored");
        let now = self.store.clock().now();
        let next = if due { now } else { now + SignedDuration::from_hours(1) };
        self.store
            .write(|tx| {
                let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                     INSERT INTO events (account_id, event_group, event_id, type, received_at, resource_ids, remaining_ids,
                                         status, next_attempt_at, lane)
                     SELECT 1, 'entity', ?2 || i, ?2, ?3, ids, ids, 'pending', ?4, ?5
                       FROM (SELECT i, json_array(iif(?6, 7, 1000000 + i)) AS ids FROM n)";
                Ok(tx.execute(sql, (n, event_type, clock::stamp(now), clock::stamp(next), lane, one_record))?)
            })
            .expect("a crowd");
    }

    /// Steps that the statements have taken since the last look.
    fn steps(&self) -> i64 {
        let all = |conn: &rusqlite::Connection| {
            let steps = |sql: &&str| Ok(i64::from(conn.prepare_cached(sql)?.reset_status(VmStep)));
            STATEMENTS.iter().map(steps).sum::<rusqlite::Result<i64>>().map_err(Into::into)
        };
        self.store.read(all).expect("steps")
    }

    /// How many records of events are noted.
    fn noted(&self) -> i64 {
        let count = "SELECT count(*) FROM event_records";
        self.store.read(|conn| Ok(conn.query_row(count, [], |row| row.get(0))?)).expect("a count")
    }
}

/// What `act` costs after `arrange` with 50 events, and with 50,000.
#[track_caller]
fn costs_the_same(what: &str, arrange: impl Fn(&mut World, usize), act: impl Fn(&mut World)) {
    let cost = |n: usize| {
        let mut world = World::new();
        arrange(&mut world, n);
        world.steps();
        act(&mut world);
        world.steps()
    };
    let (few, many) = (cost(50), cost(50_000));
    assert!(few > 0 && many <= few + few / 10 + 50, "{what}: {few} steps while 50 wait, {many} while 50,000 do");
}

#[test]
fn settling_costs_by_what_it_settles() {
    let claimed = |world: &mut World| {
        world.put(1, CLIENT, &[1, 2]);
        assert_eq!(world.claim("x").map(|(_, events)| events.len()), Some(1));
    };
    let settles = |world: &mut World, seen: i64| {
        assert_eq!(world.settle(LANE, "x", &[1], seen), Finished::default(), "the second record remains");
        assert_eq!(world.settle(LANE, "x", &[2], seen).done, 1);
        let none = world.store.write(|tx| close(tx, "x", "[4711]", "")).expect("closed");
        assert_eq!(none, Finished::default());
    };
    let waiting = |world: &mut World, n| {
        claimed(world);
        world.crowd(n, CLIENT, false, true);
    };
    costs_the_same("others of its lane", waiting, |world| settles(world, ALL));
    let in_work = |world: &mut World, n| {
        claimed(world);
        world.crowd(n, INVOICE, false, true);
        while world.claim("y").is_some_and(|(_, events)| events.len() == 1_000) {
            world.settle("/issued_documents", "y", &[], ALL);
        }
    };
    costs_the_same("others in work", in_work, |world| settles(world, ALL));
    let younger = |world: &mut World, n| {
        world.put(1, CLIENT, &[7]);
        world.claim("x").expect("claimed");
        world.crowd(n, CLIENT, true, true);
    };
    costs_the_same("younger events of the same record", younger, |world| {
        assert_eq!(world.settle(LANE, "x", &[7], 1).done, 1);
    });
}

#[test]
fn claiming_costs_by_what_it_claims() {
    let claims = |lanes: usize| {
        move |world: &mut World| {
            for _ in 0..lanes {
                assert!(world.store.is_due(ALL).expect("due"));
                assert_eq!(world.claim("x").map(|(_, events)| events.len()), Some(1));
            }
            assert_eq!(world.claim("x"), None);
        }
    };
    let busy = |world: &mut World, n| {
        world.put(1, CLIENT, &[1]);
        world.claim("y").expect("claimed");
        world.crowd(n, CLIENT, false, true);
        world.put(1, INVOICE, &[1]);
        world.put(2, CLIENT, &[1]);
    };
    costs_the_same("a lane in work", busy, claims(2));
    let later = |world: &mut World, n| {
        world.crowd(n, CLIENT, false, false);
        world.put(1, CLIENT, &[1]);
    };
    costs_the_same("events that wait for their next attempt", later, claims(1));
    let until = |world: &World| world.store.clock().now() + SignedDuration::from_hours(1);
    let paused = move |world: &mut World, n| {
        world.crowd(n, INVOICE, false, true);
        world.store.pause(1, INVOICES, until(world), "scope").expect("pause");
        world.put(1, QUOTE, &[1]);
        world.put(2, CLIENT, &[1]);
    };
    costs_the_same("a kind that is paused", paused, claims(2));
    let most = |world: &mut World, n| world.crowd(1_000 + n, CLIENT, false, true);
    costs_the_same("more than is claimed at once", most, |world| {
        let (_, events) = world.claim("x").expect("claimed");
        assert_eq!((events[0], events[999]), (1, 1_000), "the oldest");
    });
}

#[test]
fn waiting_and_care_cost_by_what_they_change() {
    let until = |world: &World| world.store.clock().now() + SignedDuration::from_hours(1);
    let waiting = |world: &mut World, n| {
        world.put(1, CLIENT, &[1]);
        world.claim("x").expect("claimed");
        world.crowd(n, CLIENT, false, true);
    };
    costs_the_same("a pause and its end", waiting, |world| {
        world.store.pause(1, "", until(world), "quota").expect("pause");
        world.store.put_back("x", &[(1, waits(until(world), "quota"))]).expect("back");
        assert!(!world.store.is_due(ALL).expect("due"));
        assert!(world.store.resume(1, Some(CLIENTS)).expect("resume"));
        assert!(world.store.is_due(ALL).expect("due"));
    });
    // Half of them were put back after a failure and wait for their next attempt.
    let later = |world: &mut World, n| {
        waiting(world, n);
        let sql =
            "UPDATE events SET next_attempt_at = ?1, waits_since = received_at WHERE status = 'pending' AND id % 2";
        let next = clock::stamp(until(world));
        world.store.write(|tx| Ok(tx.execute(sql, [next])?)).expect("put back");
    };
    costs_the_same("keeping", later, |world| {
        world.store.renew_leases("x").expect("renewed");
        assert_eq!(world.store.holders().expect("holders"), ["x"]);
        assert_eq!(world.store.rescue(&["x".to_owned()]).expect("rescue"), rescued(1, &[]));
        assert_eq!(world.store.mend_waits().expect("mended"), 0);
        assert_eq!(world.store.prune_events(until(world)).expect("pruned"), 0);
        assert_eq!(world.store.retry_failed(None).expect("retried"), Vec::<i64>::new());
        world.put(1, CLIENT, &[7]);
    });
}

#[test]
fn at_once_are_changed_no_more_than_others_can_wait_for() {
    let many = MOST_AT_ONCE as usize + 200;
    let mut world = World::new();
    world.crowd(many, CLIENT, false, true);
    let change = |world: &mut World, sql: &str| {
        world.store.write(|tx| Ok(tx.execute_batch(sql)?)).expect("changed");
    };
    change(&mut world, "UPDATE events SET next_attempt_at = '2999-01-01T00:00:00Z'");
    assert_eq!([(); 3].map(|()| world.store.mend_some_waits().expect("mended")), [1_000, 200, 0]);
    change(&mut world, "UPDATE events SET status = 'failed', next_attempt_at = NULL, processed_at = received_at");
    assert_eq!(world.noted(), 0);
    assert_eq!(world.store.retry_failed(None).expect("retried").len(), many);
    assert_eq!(world.noted(), many as i64);
    change(
        &mut world,
        "UPDATE events SET status = 'done', next_attempt_at = NULL, processed_at = '2001-01-01T00:00:00Z'",
    );
    let before = world.store.clock().now();
    assert_eq!(world.store.prune_some_events(before).expect("pruned"), 1_000);
    assert_eq!(world.store.prune_events(before).expect("pruned"), 200);
    assert_eq!(world.noted(), 0);
}

#[test]
fn what_an_event_still_names_is_noted_however_it_changes() {
    let mut world = World::new();
    let strange = NewEvent { resource_ids: r#"["a12",7,"7",7]"#.to_owned(), ..new(1, "s", CLIENT, &[]) };
    world.store.store_batch(&[strange]).expect("stored");
    let (other, younger) = (world.put(1, CLIENT, &[7, 8]), world.put(1, CLIENT, &[8]));
    assert_eq!(world.noted(), 6, "texts and numbers are not the same");
    world.claim("x").expect("claimed");
    let settle = |world: &mut World, ids: &str, foreign| {
        let settled = Settled { account_id: 1, lane: LANE, holder: "x", seen: ALL, ids, foreign };
        let now = world.store.clock().stamp();
        world.store.write(|tx| settle(tx, settled, &now)).expect("settled")
    };
    assert_eq!(settle(&mut world, r#"["a12"]"#, Some("no mirrored record has this id")), Finished::default());
    assert_eq!((world.look(1).2.as_str(), world.noted()), (r#"[7,"7",7]"#, 5));
    assert_eq!(settle(&mut world, "[7]", None), Finished::default());
    assert_eq!((world.look(1).2.as_str(), world.look(other).2.as_str(), world.noted()), (r#"["7"]"#, "[8]", 3));
    assert_eq!(settle(&mut world, r#"["7"]"#, None).done, 1);
    assert_eq!(settle(&mut world, "[8]", Some("it is of another type")), Finished { done: 1, ignored: 1 });
    assert_eq!((world.look(other).0.as_str(), world.look(younger).0.as_str(), world.noted()), ("done", "ignored", 0));
    world.put(1, CLIENT, &[9]);
    world.store.remove_account(1).expect("removed");
    assert_eq!(world.noted(), 0);
}

#[test]
fn the_place_of_an_event_that_was_not_tried_is_that_of_its_age() {
    let mut world = World::new();
    let old = world.put(1, CLIENT, &[1]);
    let path = world.store.path().to_owned();
    let mut later = Store::open(&path, Clock::shifted(100)).expect("store");
    for back in [Back::Release, waits(later.clock().now() + SignedDuration::from_hours(1), "quota")] {
        later.claim("x", ALL).expect("claim").expect("claimed");
        later.put_back("x", &[(old, back)]).expect("back");
    }
    later.claim("gone", ALL).expect("claim").expect("claimed");
    assert_eq!(later.rescue(&["gone".to_owned()]).expect("rescue"), rescued(1, &[]));
    world.crowd(1_000, CLIENT, false, true);
    assert_eq!(world.claim("x").expect("claimed").1[0], old);
}

/// How SQLite goes about a statement: what it searches, and by which index.
fn plan(world: &World, sql: &str) -> Vec<String> {
    let explain = |conn: &rusqlite::Connection| -> Result<Vec<String>> {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        // The values do not matter to the plan: none is bound.
        Ok(statement.raw_query().mapped(|row| row.get(3)).collect::<rusqlite::Result<_>>()?)
    };
    world.store.read(explain).expect("a plan")
}

#[test]
fn no_statement_walks_over_events() {
    let world = World::new();
    for sql in STATEMENTS {
        for step in plan(&world, sql) {
            let tables = ["events", "event_records", "due", "busy", "late", "back", "young", "next"];
            let walks = tables.iter().any(|table| format!("{step} ").starts_with(&format!("SCAN {table} ")));
            let small = ["events_in_work", "events_failed"].iter().any(|index| step.contains(index));
            // Of the kinds that wait the first one: it ends there.
            let first = sql.contains("RECURSIVE") && step == "SCAN events USING COVERING INDEX events_that_wait";
            assert!(small || first || !walks, "{sql}: {step}");
        }
    }
    let wrong = plan(&world, WRONG_WAITS);
    for step in [
        "late USING INDEX events_that_wait (account_id=? AND lane=? AND type=? AND <expr>>?)",
        "back USING INDEX events_put_back (waits_since>?)",
        "young USING INDEX events_by_status (account_id=? AND status=? AND received_at>?)",
    ] {
        assert!(wrong.iter().any(|found| found.ends_with(step)), "{wrong:#?}");
    }
    let settling = plan(&world, include_str!("../../../../sql/statements/settle_events.sql"));
    let by_record = "event_records USING PRIMARY KEY (account_id=? AND lane=? AND record_id=? AND event_id<?)";
    assert!(settling.iter().any(|step| step.ends_with(by_record)), "{settling:#?}");
    let by_kind = "events_that_wait (account_id=? AND lane=? AND type=? AND <expr><?)";
    let claiming = plan(&world, include_str!("../../../../sql/statements/claim_events.sql"));
    for steps in [claiming, plan(&world, DUE_LANES)] {
        assert!(steps.iter().any(|step| step.contains(by_kind)), "{steps:#?}");
    }
}
