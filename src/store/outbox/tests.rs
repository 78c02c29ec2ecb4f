//! The life of events, state by state.

use super::*;
use crate::clock::Clock;
use crate::store::holder;

mod backlog;

const CLIENT: &str = "it.fattureincloud.webhooks.entities.clients.update";
const INVOICE: &str = "it.fattureincloud.webhooks.issued_documents.invoices.update";
const ALL: i64 = i64::MAX;

fn rescued(again: u64, failed: &[i64]) -> Rescued {
    Rescued { again, failed: failed.to_vec() }
}

struct World {
    _dir: tempfile::TempDir,
    store: Store,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("folder");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        store.add_account("A", (7, None), |_| Ok(())).expect("account");
        store.add_account("B", (8, None), |_| Ok(())).expect("account");
        Self { _dir: dir, store }
    }

    fn put(&mut self, account_id: i64, event_type: &str, ids: &[i64]) -> i64 {
        let name = format!("e{}", self.store.last_event().expect("last") + 1);
        match self.store.store_batch(&[new(account_id, &name, event_type, ids)]).expect("stored")[0] {
            Stored::New(id) => id,
            Stored::Known => panic!("known"),
        }
    }

    fn claim(&mut self, holder: &str) -> Option<(i64, Vec<i64>)> {
        let claim = self.store.claim(holder, ALL).expect("claim")?;
        Some((claim.account_id, claim.events.iter().map(|e| e.id).collect()))
    }

    fn settle(&mut self, lane: &str, holder: &str, ids: &[i64], seen: i64) -> Finished {
        let ids = serde_json::to_string(ids).expect("ids");
        let settled = Settled { account_id: 1, lane, holder, seen, ids: &ids, foreign: None };
        let now = self.store.clock().stamp();
        self.store.write(|tx| settle(tx, settled, &now)).expect("settled")
    }

    fn look(&self, id: i64) -> (String, u32, String) {
        let event = self.store.event(id).expect("event").expect("there");
        (event.status, event.attempts, event.remaining_ids.get().to_owned())
    }
}

/// A pause holds it back.
fn waits(until: Timestamp, reason: &str) -> Back {
    Back::Snooze { until, held: true, reason: reason.to_owned() }
}

fn new(account_id: i64, event_id: &str, event_type: &str, ids: &[i64]) -> NewEvent {
    NewEvent {
        account_id,
        event_group: "entity".to_owned(),
        event_id: event_id.to_owned(),
        event_type: Some(event_type.to_owned()),
        occurred_at: None,
        resource_ids: serde_json::to_string(ids).expect("ids"),
        nothing_to_do: None,
    }
}

#[test]
fn twins_are_one_event_and_what_is_not_mirrored_is_ignored() {
    let mut world = World::new();
    let strange = NewEvent { nothing_to_do: Some("no ids".to_owned()), event_type: None, ..new(1, "x", "", &[]) };
    let batch = [
        new(1, "a", CLIENT, &[1]),
        new(1, "a", CLIENT, &[2]),
        new(2, "a", CLIENT, &[1]),
        new(1, "b", "it.fattureincloud.webhooks.tomorrow.update", &[1]),
        strange,
        new(99, "c", CLIENT, &[1]),
    ];
    let stored = world.store.store_batch(&batch).expect("stored");
    let known: Vec<bool> = stored.iter().map(|s| *s == Stored::Known).collect();
    assert_eq!(known, [false, true, false, false, false, true]);
    let status = |index: usize| match stored[index] {
        Stored::New(id) => world.look(id).0,
        Stored::Known => "known".to_owned(),
    };
    assert_eq!([0, 2, 3, 4].map(status), ["pending", "pending", "ignored", "ignored"]);
    assert_eq!(world.store.store_batch(&batch[..1]).expect("again"), [Stored::Known]);
}

#[test]
fn one_lane_is_claimed_at_a_time_and_others_are_free() {
    let mut world = World::new();
    let (a, b) = (world.put(1, CLIENT, &[1]), world.put(1, CLIENT, &[2]));
    let (c, d) = (world.put(1, INVOICE, &[1]), world.put(2, CLIENT, &[1]));
    assert_eq!(world.store.claim("x", 0).expect("claim"), None, "none that is old enough");
    assert_eq!(world.claim("x"), Some((1, vec![a, b])));
    let late = world.put(1, CLIENT, &[3]);
    assert_eq!(world.claim("y"), Some((1, vec![c])));
    assert_eq!(world.claim("x"), Some((2, vec![d])));
    assert_eq!(world.claim("z"), None, "the lane of the late one is taken");
    assert!(world.store.is_due(ALL).expect("due"));
    world.settle("/entities/clients", "x", &[1, 2], b);
    assert_eq!(world.claim("z"), Some((1, vec![late])));
}

#[test]
fn one_fetch_serves_all_that_were_stored_before_it() {
    let mut world = World::new();
    let (a, b) = (world.put(1, CLIENT, &[1, 2]), world.put(2, CLIENT, &[1]));
    world.claim("x");
    let waits = world.put(1, CLIENT, &[1]);
    let seen = world.store.last_event().expect("last");
    let younger = world.put(1, CLIENT, &[1]);
    let finished = world.settle("/entities/clients", "x", &[1], seen);
    assert_eq!(finished, Finished { done: 1, ignored: 0 });
    assert_eq!(world.look(a), ("processing".to_owned(), 1, "[2]".to_owned()));
    assert_eq!(world.look(waits), ("done".to_owned(), 0, "[]".to_owned()));
    assert_eq!(world.look(younger).0, "pending");
    assert_eq!(world.look(b).2, "[1]", "another account's record");
    assert_eq!(world.settle("/entities/clients", "y", &[2], seen).done, 0, "another holder's event is left alone");
    assert_eq!(world.settle("/entities/clients", "x", &[2], seen).done, 1);
}

#[test]
fn retries_count_and_waits_do_not() {
    let mut world = World::new();
    let id = world.put(1, CLIENT, &[1]);
    let soon = world.store.clock().now();
    let later = soon + SignedDuration::from_secs(60);
    for (back, wanted) in [
        (Back::Release, ("pending", 0)),
        (waits(soon, "quota"), ("pending", 0)),
        (Back::Retry(Some(soon), "broken".to_owned()), ("pending", 1)),
        (Back::Retry(None, "broken".to_owned()), ("failed", 2)),
    ] {
        world.claim("x").expect("claimed");
        let failed = world.store.put_back("x", &[(id, back)]).expect("back").failed;
        let (status, attempts, _) = world.look(id);
        assert_eq!((status.as_str(), attempts, failed), (wanted.0, wanted.1, u64::from(wanted.0 == "failed")));
    }
    assert_eq!(world.store.event(id).expect("event").expect("there").last_error.as_deref(), Some("broken"));
    assert_eq!(world.claim("x"), None);
    assert_eq!(world.store.retry_failed(Some(&[id, 77])).expect("retry"), [id]);
    assert_eq!(world.look(id).1, 0);
    world.claim("x").expect("claimed");
    world.store.put_back("y", &[(id, Back::Release)]).expect("no lease of y");
    assert_eq!(world.look(id).0, "processing");
    world.store.put_back("x", &[(id, Back::Retry(Some(later), String::new()))]).expect("back");
    assert_eq!(world.claim("x"), None, "not due yet");
}

/// A process claims what is due and dies.
fn dies(store: &mut Store) -> Rescued {
    store.claim("gone", ALL).expect("claim").expect("something is due");
    assert_eq!(store.rescue(&[]).expect("rescue"), rescued(0, &[]), "the lease still runs");
    let dead = holder::dead(store.path(), store.holders().expect("holders"));
    assert_eq!(dead, ["gone"]);
    store.rescue(&dead).expect("rescue")
}

#[test]
fn what_a_dead_process_held_is_due_again_and_fails_in_the_end() {
    let mut world = World::new();
    let id = world.put(1, CLIENT, &[1]);
    for attempt in 1..MOST_BY_CRASHES {
        assert_eq!((dies(&mut world.store), world.look(id).1), (rescued(1, &[]), attempt));
    }
    // A process that dies all the time does not use up in minutes what is meant for days.
    let path = world.store.path().to_owned();
    for minute in 0..30 {
        let mut store = Store::open(&path, Clock::shifted(60 * minute)).expect("store");
        assert_eq!(dies(&mut store), rescued(1, &[]));
        assert_eq!((store.claim("x", ALL).expect("claim").is_none(), world.look(id).1), (true, MOST_BY_CRASHES));
        let within = Clock::shifted(60 * minute + 59).stamp();
        assert!(store.event(id).expect("event").expect("there").next_attempt_at.expect("due") <= within);
    }
    for attempt in MOST_BY_CRASHES + 1..=MOST_ATTEMPTS {
        let days = Clock::shifted(4 * 86_400 + 60 * i64::from(attempt));
        let last = attempt == MOST_ATTEMPTS;
        let mut store = Store::open(&path, days).expect("store");
        assert_eq!(dies(&mut store), if last { rescued(0, &[1]) } else { rescued(1, &[]) });
    }
    let (status, attempts, remaining) = world.look(id);
    assert_eq!((status.as_str(), attempts, remaining.as_str()), ("failed", MOST_ATTEMPTS, "[1]"));
}

#[test]
fn a_lease_ends_and_a_renewed_one_does_not() {
    let mut world = World::new();
    world.put(1, CLIENT, &[1]);
    world.claim("x").expect("claimed");
    let path = world.store.path().to_owned();
    let mut later = Store::open(&path, Clock::shifted(LEASE.as_secs() + 1)).expect("store");
    later.renew_leases("x").expect("renewed");
    assert_eq!(later.rescue(&[]).expect("rescue"), rescued(0, &[]));
    let mut much_later = Store::open(&path, Clock::shifted(3 * LEASE.as_secs())).expect("store");
    assert_eq!(much_later.rescue(&[]).expect("rescue"), rescued(1, &[]));
    assert!(LEASE.as_secs() <= 50, "what a dead process held must be taken up again within 60 s");
}

#[test]
fn a_pause_holds_its_events_back_until_it_is_over() {
    let mut world = World::new();
    let (client, invoice) = (world.put(1, CLIENT, &[1]), world.put(1, INVOICE, &[1]));
    let until = world.store.clock().now() + SignedDuration::from_secs(600);
    let prefix = "it.fattureincloud.webhooks.entities.clients.";
    world.store.pause(1, prefix, until, "scope").expect("pause");
    let young = world.put(1, CLIENT, &[2]);
    let other = world.put(2, CLIENT, &[1]);
    assert_eq!(world.claim("x"), Some((1, vec![invoice])));
    assert_eq!(world.claim("x"), Some((2, vec![other])));
    assert_eq!((world.claim("x"), world.store.is_due(ALL).expect("due")), (None, false));
    world.store.resume(1, Some("it.fattureincloud.webhooks.issued_documents.invoices.")).expect("resume");
    assert_eq!(world.claim("x"), None, "another kind's success says nothing");
    world.store.pause(1, "", until, "token").expect("pause");
    assert_eq!(world.store.pause_of(1, "").expect("pause").expect("there is one").times, 1);
    world.store.resume(1, None).expect("resume");
    assert_eq!(world.claim("x"), Some((1, vec![client, young])));
    assert_eq!(world.store.pause_of(1, prefix).expect("pause"), None);
}

#[test]
fn tries_of_a_service_that_is_down_count_when_an_attempt_is_due() {
    let mut world = World::new();
    let id = world.put(1, CLIENT, &[1]);
    let now = world.store.clock().now();
    let (next, due) = (now + SignedDuration::from_secs(60), now + SignedDuration::from_hours(8));
    let down = |retry_at| Back::Down { until: next, held: true, retry_at, error: "it is down".to_owned() };
    let look = |store: &Store| {
        let event = store.event(id).expect("event").expect("there");
        let time = |stamp: Option<String>| stamp.as_deref().and_then(clock::parse_stamp).map(Timestamp::as_second);
        (event.attempts, time(event.next_attempt_at), time(event.retry_at))
    };
    let (soon, later) = (Some(next.as_second()), Some(due.as_second()));
    world.claim("x").expect("claimed");
    world.store.pause(1, "", next, "it is down").expect("pause");
    world.store.put_back("x", &[(id, down(Some(due)))]).expect("back");
    assert_eq!(look(&world.store), (1, soon, later));
    let mut store = Store::open(world.store.path(), Clock::shifted(61)).expect("store");
    let claim = store.claim("x", ALL).expect("claim").expect("its pause is over");
    assert_eq!(claim.events[0].retry_at.map(Timestamp::as_second), later);
    store.put_back("x", &[(id, down(None))]).expect("back");
    assert_eq!(look(&world.store), (1, soon, later), "that was no attempt");
    world.store.resume(1, Some("it.fattureincloud.webhooks.entities.clients.")).expect("resume");
    assert_eq!(world.claim("x"), Some((1, vec![id])), "it is back");
}

#[test]
fn the_end_of_a_pause_leaves_an_event_that_failed_its_delay() {
    let mut world = World::new();
    let (failed, client) = (world.put(1, CLIENT, &[1]), world.put(1, CLIENT, &[2]));
    let now = world.store.clock().now();
    let (minute, hour, day) = (now + SignedDuration::from_mins(1), now + SignedDuration::from_hours(1), 24);
    world.claim("x").expect("claimed");
    let back = |id, back| (id, back);
    let later = Back::Retry(Some(now + SignedDuration::from_hours(day)), "broken".to_owned());
    let soon = Back::Retry(Some(minute), "broken".to_owned());
    world.store.put_back("x", &[back(failed, later), back(client, soon)]).expect("back");
    let invoice = world.put(1, INVOICE, &[1]);
    world.claim("x").expect("claimed");
    // Two threads found out the same, each with a time of its own.
    world.store.pause(1, "", minute, "token").expect("pause");
    world.store.pause(1, "", hour, "token").expect("pause");
    world.store.put_back("x", &[back(invoice, waits(minute, "token"))]).expect("back");
    world.store.resume(1, None).expect("resume");
    assert_eq!(world.claim("x"), Some((1, vec![invoice])));
    let mut store = Store::open(world.store.path(), Clock::shifted(61)).expect("store");
    let claim = store.claim("x", ALL).expect("claim").expect("due");
    assert_eq!(claim.events.iter().map(|event| event.id).collect::<Vec<_>>(), [client]);
}

#[test]
fn what_a_clock_far_ahead_wrote_is_not_waited_for() {
    let mut world = World::new();
    let (client, invoice) = (world.put(1, CLIENT, &[1]), world.put(1, INVOICE, &[1]));
    let other = world.put(2, CLIENT, &[1]);
    let now = world.store.clock().now();
    let days = |days: i64| now + SignedDuration::from_hours(24 * days);
    for _ in 0..2 {
        world.claim("x").expect("claimed");
    }
    let backs = [(client, Back::Retry(Some(days(10)), String::new())), (invoice, waits(days(20), "quota"))];
    world.store.put_back("x", &backs).expect("back");
    world.store.pause(1, "it.fattureincloud.webhooks.issued_documents.", days(20), "quota").expect("pause");
    world.store.pause(2, "", days(400), "quota").expect("pause");
    assert_eq!(world.claim("x"), None);
    // A month's quota may be waited for, but no more, and no failure for so long.
    assert_eq!(world.store.mend_waits().expect("mended"), 1);
    assert_eq!(world.claim("x"), Some((1, vec![client])));
    assert_eq!(world.claim("x"), Some((2, vec![other])));
    assert_eq!((world.claim("x"), world.store.mend_waits().expect("mended")), (None, 0));
    // Nor does an outage use up no attempt for so long.
    let down = Back::Down { until: now, held: true, retry_at: Some(days(20)), error: String::new() };
    world.store.put_back("x", &[(client, down)]).expect("back");
    assert_eq!(world.store.claim("x", ALL).expect("claim").expect("due").events[0].retry_at, None);
}

#[test]
fn waits_that_began_in_the_future_are_over_however_short_they_are() {
    let mut world = World::new();
    let honest = world.put(1, INVOICE, &[1]);
    let mut ahead = Store::open(world.store.path(), Clock::shifted(3_600)).expect("store");
    let name = |id: i64| new(1, &format!("ahead{id}"), CLIENT, &[id]);
    ahead.store_batch(&[name(1), name(2)]).expect("stored");
    let soon = ahead.clock().now() + SignedDuration::from_secs(10);
    let down = Back::Down { until: soon, held: true, retry_at: Some(soon), error: "it is down".to_owned() };
    while ahead.claim("x", ALL).expect("claim").is_some() {}
    let backs = [(honest, down.clone()), (honest + 1, Back::Retry(Some(soon), String::new())), (honest + 2, down)];
    ahead.put_back("x", &backs).expect("back");
    ahead.store_batch(&[name(3)]).expect("stored");
    ahead.pause(1, "", soon, "token").expect("pause");
    let young = world.put(1, INVOICE, &[2]);
    assert_eq!(
        (ahead.mend_waits().expect("mended"), ahead.claim("x", ALL).expect("claim")),
        (0, None),
        "it believes itself"
    );
    // Such a pause counts for nothing even before it is mended, and what it held back is due since it came.
    assert_eq!(world.store.pause_of(1, "").expect("pause"), None);
    let listed = [honest, young].map(|id| world.store.event(id).expect("event").expect("there"));
    assert_eq!(listed.each_ref().map(|event| event.last_error.as_deref()), [Some("it is down"), None]);
    assert!(listed.iter().all(|event| event.next_attempt_at.as_ref() == Some(&event.received_at)), "{listed:?}");
    let claim = world.store.claim("y", ALL).expect("claim").expect("due");
    assert_eq!(
        claim.events.iter().map(|event| (event.id, event.retry_at)).collect::<Vec<_>>(),
        [(honest, None), (young, None)]
    );
    assert_eq!(world.store.mend_waits().expect("mended"), 3);
    assert_eq!(world.claim("y"), Some((1, vec![honest + 1, honest + 2, honest + 3])));
    assert_eq!(world.store.event(honest + 2).expect("event").expect("there").retry_at, None);
    assert_eq!(world.store.mend_waits().expect("mended"), 0);
    assert!(!world.store.resume(1, None).expect("resume"), "no pause is left");
}

#[test]
fn after_a_pause_one_lane_looks_whether_it_is_over() {
    let mut world = World::new();
    let (client, invoice) = (world.put(1, CLIENT, &[1]), world.put(1, INVOICE, &[1]));
    let over = world.store.clock().now() - SignedDuration::from_secs(1);
    world.store.pause(1, "", over, "it is down").expect("pause");
    let other = world.put(2, CLIENT, &[1]);
    assert_eq!(world.claim("x"), Some((1, vec![client])));
    assert_eq!(world.claim("x"), Some((2, vec![other])), "another account does not wait");
    assert_eq!(world.claim("x"), None);
    world.store.resume(1, Some("it.fattureincloud.webhooks.entities.clients.")).expect("resume");
    assert_eq!(world.claim("x"), Some((1, vec![invoice])));
}

#[test]
fn old_events_are_pruned_and_failed_ones_stay() {
    let mut world = World::new();
    let (done, failed) = (world.put(1, CLIENT, &[1]), world.put(1, CLIENT, &[2]));
    world.claim("x");
    world.settle("/entities/clients", "x", &[1], ALL);
    world.store.put_back("x", &[(failed, Back::Retry(None, "broken".to_owned()))]).expect("back");
    let now = world.store.clock().now();
    assert_eq!(world.store.prune_events(now - SignedDuration::from_secs(5)).expect("prune"), 0);
    assert_eq!(world.store.prune_events(now + SignedDuration::from_secs(5)).expect("prune"), 1);
    assert!(world.store.event(done).expect("look").is_none());
    let numbers = world.store.event_numbers(1).expect("numbers");
    assert_eq!((numbers.failed, numbers.pending, numbers.first_error.as_deref()), (1, 0, Some("broken")));
    let twin = world.store.store_batch(&[new(1, "e2", CLIENT, &[9])]).expect("stored");
    assert_eq!(twin, [Stored::Known]);
}
