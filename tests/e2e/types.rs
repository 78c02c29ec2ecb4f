//! Every resource type of the registry: mirrored field by field, unchanged by a second run, kept right by runs and by its
//! events, guarded against wipes. One list of types, the registry's; what the columns hold is said anew in `columns.txt`.

use crate::env::Env;
use crate::expect_types as expect;
use ficsync::resource::{self, Kind, Parts, Resource};
use ficsync_sandbox::{COMPANY, Id};

/// The types of which a test can make records one by one.
pub fn with_records() -> impl Iterator<Item = &'static Resource> {
    let gathered = ["companies", "numerations"];
    resource::ALL.iter().filter(move |r| !gathered.contains(&r.name))
}

/// A world with `n` records of every type whose list comes in pages of its own, and a dozen of others.
pub fn full_world(n: usize) -> Env {
    let env = Env::with_everything();
    env.fic.set_quota(100_000, 100_000, 1_000_000);
    for resource in with_records() {
        let n = if resource.stamped().is_some() { n } else { 12 };
        env.fic.populate(COMPANY, resource.name, n);
    }
    env
}

/// The mirror holds what the service holds, of every type.
#[track_caller]
pub fn all_types_same(env: &Env) {
    let conn = env.open();
    for resource in resource::ALL {
        expect::same_as_truth(&conn, resource, &env.fic.truth(COMPANY, resource.name));
    }
    env.nothing_forbidden();
}

#[test]
fn every_type_is_mirrored_field_by_field_and_a_second_run_rewrites_nothing() {
    let env = full_world(130);
    env.run("sync all").exit(0);
    all_types_same(&env);
    let written = || env.value::<i64>("SELECT n FROM write_counter");
    let before = written();
    env.fic.clear_journal();
    env.pass(5);
    let second = env.run("sync all --json").exit(0).json();
    assert_eq!(written(), before, "a second run rewrites nothing");
    for part in second["accounts"][0]["resources"].as_array().expect("resources") {
        let resource = resource::by_name(part["resource"].as_str().expect("a name")).expect("of the registry");
        assert_eq!((&part["outcome"], &part["updated"], &part["deleted"]), (&"ok".into(), &0.into(), &0.into()));
        if resource.stamped().is_some() {
            assert_eq!(part["requests"], 1, "{}", resource.name);
        }
    }
    all_types_same(&env);
}

#[test]
fn changes_and_deletions_of_every_type_are_found_by_the_next_run() {
    let env = full_world(130);
    env.run("sync all").exit(0);
    for resource in with_records() {
        let ids = env.fic.all_ids(COMPANY, resource.name);
        env.pass(2);
        env.fic.delete(COMPANY, resource.name, ids[3].clone());
        if resource.table.name != "names" {
            env.fic.update(COMPANY, resource.name, ids[5].clone());
        }
        env.fic.add(COMPANY, resource.name);
    }
    env.run("sync all").exit(0);
    // A plain run asks for this year of the cashbook and the last.
    env.run("sync cashbook_entries --full").exit(0);
    all_types_same(&env);
    for resource in with_records() {
        let buried: i64 = env.value(&format!(
            "SELECT count(*) FROM deleted_records WHERE resource = '{}' AND raw LIKE '{{%'",
            resource.name
        ));
        assert!(buried >= 1, "{}: {buried} tombstones", resource.name);
    }
}

#[test]
fn a_wipe_of_any_list_is_not_believed_at_once() {
    for resource in with_records().filter(|r| r.whole().is_some() && r.part_of().is_none()) {
        let env = Env::with_everything();
        env.fic.set_quota(100_000, 100_000, 1_000_000);
        env.fic.populate(COMPANY, resource.name, 60);
        env.run(&format!("sync {}", resource.name)).exit(0);
        let view = resource.name;
        let rows = env.value::<i64>(&format!("SELECT count(*) FROM {view}"));
        let ids = env.fic.all_ids(COMPANY, resource.name);
        // All but two, so that also a part (a year, a source) loses more than twenty.
        ids[2..].iter().for_each(|id: &Id| env.fic.delete(COMPANY, resource.name, id.clone()));
        if ids.len() < 60
            || matches!(resource.list.kind, Kind::Whole(w) if matches!(w.parts, Parts::PagesOf { .. } | Parts::Years | Parts::AnswerOf { .. }))
        {
            // Parts are guarded each by itself, and here each is small.
            continue;
        }
        env.run(&format!("sync {}", resource.name)).exit(1).says(&["--allow-mass-delete"]);
        assert_eq!(env.value::<i64>(&format!("SELECT count(*) FROM {view}")), rows, "{view}");
        env.run(&format!("sync {} --allow-mass-delete", resource.name)).exit(0);
        expect::same_as_truth(&env.open(), resource, &env.fic.truth(COMPANY, resource.name));
    }
}

#[test]
fn a_cashbook_that_cannot_be_had_is_not_asked_for_year_by_year() {
    let env = Env::with_everything();
    env.fic.populate(COMPANY, "cashbook_entries", 40);
    env.run("sync cashbook_entries").exit(0);
    let years = |env: &Env| {
        let asked = env.fic.journal().into_iter().filter(|request| request.path.ends_with("/cashbook"));
        asked
            .filter_map(|request| request.param("date_from").map(str::to_owned))
            .collect::<std::collections::BTreeSet<_>>()
    };
    env.is_down("/cashbook");
    env.fic.clear_journal();
    env.run("sync cashbook_entries --full").exit(1);
    assert_eq!(years(&env).len(), 2, "{:?}", years(&env));
    // One year that fails keeps none of the others away.
    env.fic.clear_faults();
    env.fic.clear_journal();
    for _ in 0..50 {
        env.fic.fault_on("date_from=2023-01-01", 1, ficsync_sandbox::Fault::status(500));
    }
    env.run("sync cashbook_entries --full").exit(1);
    assert!(years(&env).len() >= 5, "{:?}", years(&env));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM cashbook_entries"), 40);
}

#[test]
fn an_empty_answer_is_asked_for_again_before_it_is_believed() {
    let env = full_world(12);
    env.run("sync all").exit(0);
    for resource in with_records().filter(|r| r.whole().is_some() && r.part_of().is_none()) {
        let rows = || env.value::<i64>(&format!("SELECT count(*) FROM {}", resource.name));
        let before = rows();
        env.fic.clear_faults();
        env.fic.fault_on(&format!("{}?", resource.list.path), 1, ficsync_sandbox::Fault::EmptyPage);
        env.run(&format!("sync {}", resource.name)).exit(0);
        assert_eq!((rows(), env.fic.faults_waiting()), (before, 0), "{}", resource.name);
    }
    assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 0);
    all_types_same(&env);
}

#[test]
fn an_entry_of_the_cashbook_that_moves_to_another_year_is_changed_not_deleted() {
    let env = Env::with_everything();
    let year =
        |env: &Env, back: i16| format!("{}-05-05", jiff::tz::TimeZone::UTC.to_datetime(env.fic.now()).year() - back);
    let resource = resource::by_name("cashbook_entries").expect("the cashbook");
    let made: Vec<Id> = (0..8)
        .map(|back| year(&env, back))
        .map(|day| env.fic.add_with(COMPANY, resource.name, |r| r["date"] = day.into()))
        .collect();
    env.run("sync cashbook_entries").exit(0);
    expect::same_as_truth(&env.open(), resource, &env.fic.truth(COMPANY, resource.name));
    for back in [1, 4, 7, -1, 0] {
        env.pass(60);
        let day = year(&env, back);
        env.fic.update_with(COMPANY, resource.name, made[0].clone(), |r| r["date"] = day.into());
        env.fic.clear_journal();
        // What is not asked for by itself is seen where the entry was, or by a full walk.
        let words = if back == -1 { "sync cashbook_entries --full" } else { "sync cashbook_entries" };
        env.run(words).exit(0);
        if back != 7 {
            expect::same_as_truth(&env.open(), resource, &env.fic.truth(COMPANY, resource.name));
        }
    }
    assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 0);
    env.nothing_forbidden();
}
