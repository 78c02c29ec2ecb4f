//! `sync all`: the tables equal the service's truth, for the fewest requests.

use crate::env::{Env, RESOURCES};
use ficsync_sandbox::{COMPANY, Quirk, Sandbox};

/// Requests that a full walk of `n` records may take.
fn full_budget(n: usize) -> f64 {
    1.02 * n as f64 / 100.0 + 4.0
}

fn state(env: &Env) -> String {
    env.value(
        "SELECT group_concat(id || ':' || synced_at || ':' || written_in) FROM (SELECT * FROM documents ORDER BY id)",
    )
}

#[test]
fn from_nothing_the_tables_equal_the_truth_within_the_budget() {
    let env = Env::with_account();
    for (resource, n) in [("clients", 1_037), ("invoices", 2_512), ("quotes", 1)] {
        env.fic.populate(COMPANY, resource, n);
    }
    env.run("sync all").exit(0);
    env.all_same_as_service();
    let sum: f64 = env.value("SELECT ROUND(SUM(amount_gross), 2) FROM invoices");
    let cents: i64 = env.fic.truth(COMPANY, "invoices").iter().map(cents).sum();
    assert_eq!((sum * 100.0).round() as i64, cents);
    for resource in RESOURCES {
        let requests = env.requests(resource);
        let n = env.fic.ids(COMPANY, resource).len();
        assert!(requests.len() as f64 <= full_budget(n), "{resource}: {} requests for {n}", requests.len());
        for request in requests {
            assert_eq!((request.param("per_page"), request.param("fieldset")), (Some("100"), Some("detailed")));
            assert_eq!(request.header("user-agent"), Some(concat!("ficsync/", env!("CARGO_PKG_VERSION"))));
        }
    }
    second_run_is_one_request_each(&env);
}

fn cents(record: &serde_json::Value) -> i64 {
    (record["amount_gross"].as_f64().expect("an amount") * 100.0).round() as i64
}

fn second_run_is_one_request_each(env: &Env) {
    let (before, last_sync): (String, String) = (state(env), env.value("SELECT last_sync_at FROM accounts"));
    env.fic.clear_journal();
    env.pass(2);
    env.run("sync all").exit(0);
    assert_eq!(env.fic.journal().len(), 4);
    assert_eq!(state(env), before, "no row is rewritten");
    assert!(env.value::<String>("SELECT last_sync_at FROM accounts") > last_sync);
}

#[test]
fn a_few_changes_among_twenty_thousand_are_found_by_counting() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 20_000);
    env.run("sync invoices").exit(0);
    assert!(env.requests("invoices").len() as f64 <= full_budget(20_000), "{}", env.requests("invoices").len());
    env.pass(60);
    let ids = env.fic.ids(COMPANY, "invoices");
    for n in 0..5 {
        env.fic.update(COMPANY, "invoices", ids[n * 3_777 + 11]);
    }
    for n in 0..4 {
        env.fic.delete(COMPANY, "invoices", ids[n * 4_999 + 500]);
    }
    for _ in 0..3 {
        env.fic.create(COMPANY, "invoices");
    }
    env.fic.clear_journal();
    env.run("sync invoices").exit(0);
    env.same_as_service("invoices");
    env.nothing_forbidden();
    let budget = 1.0 + 4.0 * (2.0 * (20_000.0_f64 / 100.0).log2() + 4.0);
    let used = env.fic.journal().len();
    assert!(used as f64 <= budget, "{used} requests, {budget} allowed");
    let deleted: i64 = env.value("SELECT count(*) FROM deleted_records WHERE resource = 'invoices' AND raw LIKE '{%'");
    assert_eq!(deleted, 4);
}

#[test]
fn one_deletion_costs_a_logarithm() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 6_400);
    env.run("sync clients").exit(0);
    env.fic.delete(COMPANY, "clients", env.fic.ids(COMPANY, "clients")[1_234]);
    env.fic.clear_journal();
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
    assert!(env.fic.journal().len() <= 1 + 2 * 6 + 4, "{} requests", env.fic.journal().len());
}

#[test]
fn changes_cost_a_request_per_hundred() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 3_000);
    env.run("sync invoices").exit(0);
    let ids = env.fic.ids(COMPANY, "invoices");
    for (from, count) in [(0, 5), (100, 100), (300, 250), (700, 1_000)] {
        for id in &ids[from..from + count] {
            env.pass(1);
            env.fic.update(COMPANY, "invoices", *id);
        }
        env.fic.clear_journal();
        env.run("sync invoices").exit(0);
        env.same_as_service("invoices");
        let used = env.fic.journal().len();
        assert!(used <= 1 + count.div_ceil(100), "{used} requests for {count} changes");
    }
}

#[test]
fn more_records_of_one_second_than_a_page_in_any_order() {
    for resource in ["clients", "invoices"] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, resource, 150);
        env.pass(60);
        env.fic.create_many(COMPANY, resource, 1_037);
        env.pass(60);
        env.fic.populate(COMPANY, resource, 50);
        env.run(&format!("sync {resource}")).exit(0);
        env.same_as_service(resource);
        // Changed in one second again, and some of them deleted.
        env.pass(3_600);
        let ids = env.fic.ids(COMPANY, resource);
        env.fic.touch_many(COMPANY, resource, &ids[100..600]);
        env.fic.delete(COMPANY, resource, ids[300]);
        env.run(&format!("sync {resource}")).exit(0);
        env.same_as_service(resource);
        env.fic.clear_journal();
        env.pass(60);
        // That second was still running when it was read: it is read once more, and costs three times its pages at most.
        env.run(&format!("sync {resource}")).exit(0);
        assert!(env.fic.journal().len() <= 1 + 3 * 5, "{} requests", env.fic.journal().len());
        env.same_as_service(resource);
        env.fic.clear_journal();
        env.run(&format!("sync {resource}")).exit(0);
        assert_eq!(env.fic.journal().len(), 1);
        env.nothing_forbidden();
    }
}

#[test]
fn an_import_of_one_second_is_walked_within_the_budget() {
    let env = Env::with_account();
    env.fic.create_many(COMPANY, "clients", 1_037);
    env.fic.create_many(COMPANY, "invoices", 1_037);
    env.run("sync all").exit(0);
    env.all_same_as_service();
    for resource in ["clients", "invoices"] {
        let used = env.requests(resource).len();
        // One page is spent on learning how far apart the ids lie, and the last range is not full.
        assert!(used as f64 <= full_budget(1_037) + 2.0, "{resource}: {used} requests");
    }
}

#[test]
fn the_repeated_hour_hides_nothing() {
    let env = Env::with_account();
    env.fic.set_now("2026-10-24T12:00:00Z");
    env.fic.populate(COMPANY, "clients", 300);
    env.run("sync clients").exit(0);
    let ids = env.fic.ids(COMPANY, "clients");
    // 02:50 summer time, then 02:10 winter time: the later change has the earlier stamp.
    for (now, from) in [
        ("2026-10-25T00:50:00Z", 0),
        ("2026-10-25T01:10:00Z", 120),
        ("2026-10-25T01:40:00Z", 5),
        ("2026-10-25T02:20:00Z", 250),
    ] {
        env.fic.set_now(now);
        env.fic.touch_many(COMPANY, "clients", &ids[from..from + 3]);
        env.run("sync clients").exit(0);
        env.same_as_service("clients");
    }
    env.nothing_forbidden();
}

#[test]
fn records_without_stamps_are_found() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 400);
    let nameless = |record: &mut serde_json::Value| record["updated_at"] = serde_json::Value::Null;
    let old: Vec<i64> = (0..130).map(|_| env.fic.create_with(COMPANY, "clients", nameless)).collect();
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
    env.fic.create_with(COMPANY, "clients", nameless);
    env.fic.create_with(COMPANY, "clients", |record| {
        record["updated_at"] = serde_json::Value::Null;
        record["created_at"] = serde_json::Value::Null;
    });
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
    env.fic.delete(COMPANY, "clients", old[60]);
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
    // A change that keeps it null: a full walk finds it.
    env.fic.update_with(COMPANY, "clients", old[3], |record| {
        record["name"] = "Changed".into();
        record["updated_at"] = serde_json::Value::Null;
    });
    env.run("sync clients --full").exit(0);
    env.same_as_service("clients");
    env.nothing_forbidden();
}

#[test]
fn the_list_may_change_under_the_walk() {
    for quirk in [None, Some(Quirk::PerPageCap(50)), Some(Quirk::VolatileKeyOrder), Some(Quirk::NullsTurned)] {
        let env = Env::with_account();
        env.fic.quirk(Quirk::NullUpdatedAt(3));
        env.fic.populate(COMPANY, "invoices", 1_500);
        if let Some(quirk) = quirk {
            env.fic.quirk(quirk);
        }
        for n in 1..12 {
            env.fic.after_request(n, move |fic| disturb(fic, n));
        }
        env.run("sync invoices").exit(0);
        env.run("sync invoices").exit(0);
        env.same_as_service("invoices");
        env.run("sync invoices --full").exit(0);
        env.same_as_service("invoices");
        env.nothing_forbidden();
    }
}

/// Deletes, changes and creates records all over the list.
fn disturb(fic: &Sandbox, n: usize) {
    let ids = fic.ids(COMPANY, "invoices");
    fic.advance(1);
    fic.delete(COMPANY, "invoices", ids[(n * 101) % ids.len()]);
    fic.delete(COMPANY, "invoices", ids[ids.len() - 1 - n]);
    fic.update(COMPANY, "invoices", ids[(n * 67 + 1) % (ids.len() / 2)]);
    fic.update(COMPANY, "invoices", ids[(ids.len() / 2 + n * 31) % (ids.len() - 20)]);
    fic.create(COMPANY, "invoices");
}

#[test]
fn a_record_that_comes_back_is_mirrored_again_and_its_tombstone_stays() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 120);
    env.run("sync clients").exit(0);
    let id = env.fic.ids(COMPANY, "clients")[7];
    let record = env.fic.record(COMPANY, "clients", id).expect("a record");
    env.fic.delete(COMPANY, "clients", id);
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
    env.fic.create_with(COMPANY, "clients", |new| *new = record);
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 1);
}

#[test]
fn refused_sorts_and_filters_fall_back_to_plain_pages() {
    for quirks in [
        vec![Quirk::RefuseFilter("invoices", "updated_at")],
        vec![Quirk::RefuseSort("invoices", "updated_at")],
        vec![Quirk::RefuseSort("invoices", "updated_at"), Quirk::RefuseFilter("invoices", "updated_at")],
        vec![Quirk::RefuseFilter("invoices", "created_at")],
        vec![Quirk::RefuseSort("invoices", "id")],
    ] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, "invoices", 730);
        env.fic.create_many(COMPANY, "invoices", 230);
        quirks.into_iter().for_each(|quirk| env.fic.quirk(quirk));
        env.run("sync invoices").exit(0);
        env.same_as_service("invoices");
        env.pass(5);
        let ids = env.fic.ids(COMPANY, "invoices");
        env.fic.delete(COMPANY, "invoices", ids[44]);
        env.fic.update(COMPANY, "invoices", ids[401]);
        env.fic.create(COMPANY, "invoices");
        env.run("sync invoices").exit(0);
        env.same_as_service("invoices");
        env.nothing_forbidden();
    }
}

#[test]
fn a_wipe_is_not_believed_at_once() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 400);
    env.run("sync clients").exit(0);
    let ids = env.fic.ids(COMPANY, "clients");
    ids[100..160].iter().for_each(|id| env.fic.delete(COMPANY, "clients", *id));
    env.run("sync clients").exit(1).says(&["400", "340", "--allow-mass-delete"]);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM clients"), 400);
    env.run("sync clients --full").exit(1);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM clients"), 400);
    env.run("sync clients --allow-mass-delete").exit(0);
    env.same_as_service("clients");
    // Twenty are few, whatever the share.
    let ids = env.fic.ids(COMPANY, "clients");
    ids[..20].iter().for_each(|id| env.fic.delete(COMPANY, "clients", *id));
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
}

#[test]
fn an_old_walk_is_repeated_by_itself() {
    let env = Env::with_account();
    env.config("full_every = '7d'");
    env.fic.populate(COMPANY, "quotes", 250);
    env.run("sync quotes").exit(0);
    let modes = "SELECT group_concat(mode, ' ') FROM (SELECT mode FROM sync_runs ORDER BY id)";
    env.pass(6 * 86_400);
    env.run("sync quotes").exit(0);
    env.pass(2 * 86_400);
    env.run("sync quotes").exit(0);
    assert_eq!(env.value::<String>(modes), "full changes full");
    env.pass(8 * 86_400);
    env.fic.set_used(COMPANY, "", 0, 39_998);
    env.run("sync quotes").exit(0);
    env.same_as_service("quotes");
}
