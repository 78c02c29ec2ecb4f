//! Workers: what events told is in the tables, for the fewest requests.

use crate::env::Env;
use crate::outbox::Crew;
use ficsync_sandbox::{COMPANY, Quirk};
use std::time::{Duration, Instant};

const PATHS: [(&str, &str); 2] = [("clients", "entities.clients"), ("invoices", "issued_documents.invoices")];

fn synced(resource: &str, n: usize) -> Env {
    let env = Env::with_account();
    env.fic.populate(COMPANY, resource, n);
    env.run(&format!("sync {resource}")).exit(0);
    env.fic.clear_journal();
    env
}

#[test]
fn each_kind_of_change_is_mirrored_in_any_order() {
    for (resource, kind) in PATHS {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let env = synced(resource, 130);
            let ids = env.fic.ids(COMPANY, resource);
            let new = env.fic.create(COMPANY, resource);
            env.fic.update(COMPANY, resource, ids[5]);
            env.fic.delete(COMPANY, resource, ids[9]);
            let told = [("create", new), ("update", ids[5]), ("delete", ids[9])];
            for index in order {
                // What an event says is not believed: the wrong word does no harm.
                let (action, id) = told[index];
                env.tell(&format!("{kind}.{}", if order[0] == 1 { "delete" } else { action }), &[id]);
            }
            env.run("events drain").exit(0);
            env.same_as_service(resource);
            assert_eq!(env.fates(), "done 3");
            assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 1);
            env.nothing_forbidden();
        }
    }
}

#[test]
fn events_of_one_record_in_every_order_end_right() {
    let env = synced("clients", 20);
    let id = env.fic.ids(COMPANY, "clients")[3];
    for actions in [["update", "delete"], ["delete", "update"], ["create", "delete"], ["delete", "create"]] {
        env.fic.update(COMPANY, "clients", id);
        for action in actions {
            env.tell(&format!("entities.clients.{action}"), &[id]);
            env.run("events drain").exit(0);
        }
        env.same_as_service("clients");
    }
    env.fic.delete(COMPANY, "clients", id);
    for action in ["update", "delete", "update"] {
        env.tell(&format!("entities.clients.{action}"), &[id]);
        env.run("events drain").exit(0);
        env.same_as_service("clients");
    }
}

#[test]
fn two_hundred_changes_of_one_invoice_take_three_requests() {
    let env = synced("invoices", 300);
    let id = env.fic.ids(COMPANY, "invoices")[44];
    let crew = Crew::start(&env);
    let (started, mut rung, mut lulls) = (Instant::now(), Instant::now(), 0);
    for n in 0..200_u64 {
        env.fic.update(COMPANY, "invoices", id);
        env.tell("issued_documents.invoices.update", &[id]);
        crew.ring();
        lulls += usize::from(rung.elapsed() > Duration::from_millis(50));
        rung = Instant::now();
        std::thread::sleep((started + Duration::from_millis(5) * n as u32).saturating_duration_since(Instant::now()));
    }
    let took = started.elapsed();
    crew.settle(&env);
    env.same_as_service("invoices");
    // A machine that is too slow for 200 in a second spreads them over more bursts, and each lull may end one.
    let allowed = 3 + lulls + (took.as_millis() as usize).saturating_sub(1_400) / 600;
    assert!(env.fic.journal().len() <= allowed, "{} requests in {took:?}", env.fic.journal().len());
    assert_eq!(env.fates(), "done 200");
    crew.stop();
}

#[test]
fn a_backlog_of_one_record_takes_one_request() {
    let env = synced("clients", 20);
    let id = env.fic.ids(COMPANY, "clients")[3];
    env.fic.update(COMPANY, "clients", id);
    // More than are claimed at once.
    env.tell_many("entities.clients.update", &[id], 2_500);
    env.run("events drain").exit(0);
    assert_eq!((env.fates(), env.fic.journal().len()), ("done 2500".to_owned(), 1));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM event_records"), 0);
    env.same_as_service("clients");
}

#[test]
fn a_single_change_is_mirrored_within_a_second() {
    let env = synced("clients", 30);
    let crew = Crew::start(&env);
    let id = env.fic.ids(COMPANY, "clients")[3];
    std::thread::sleep(Duration::from_millis(300));
    env.fic.update(COMPANY, "clients", id);
    env.tell("entities.clients.update", &[id]);
    crew.ring();
    let took = crew.settle(&env);
    env.same_as_service("clients");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(crew.pool.alive() && crew.requests(1) == 1);
    crew.stop();
}

#[test]
fn an_import_of_thousands_takes_a_request_per_hundred() {
    for (resource, kind) in PATHS {
        let env = synced(resource, 1_234);
        env.pass(60);
        let ids = env.fic.create_many(COMPANY, resource, 5_000);
        for chunk in ids.chunks(500) {
            env.tell(&format!("{kind}.create"), chunk);
            // One after the other, the worst case: none can be joined with the next.
            env.run("events drain").exit(0);
        }
        env.same_as_service(resource);
        let used = env.fic.journal().len();
        assert!(used <= 65, "{resource}: {used} requests");
        assert!(resource != "clients" || used <= 60, "{used} requests");
        assert_eq!(env.fates(), "done 10");
        env.nothing_forbidden();
    }
}

#[test]
fn changes_all_over_a_list_are_fetched_by_list() {
    for (resource, kind) in PATHS {
        let env = synced(resource, 4_000);
        env.pass(60);
        let ids: Vec<i64> = env.fic.ids(COMPANY, resource).into_iter().step_by(53).collect();
        for id in &ids {
            env.fic.update(COMPANY, resource, *id);
            env.tell(&format!("{kind}.update"), &[*id]);
        }
        env.run("events drain").exit(0);
        env.same_as_service(resource);
        assert!(env.fic.journal().len() <= 3, "{resource}: {} requests for {}", env.fic.journal().len(), ids.len());
    }
}

#[test]
fn a_list_that_is_refused_is_done_without() {
    for quirk in
        [Quirk::RefuseSort("invoices", "updated_at"), Quirk::RefuseSort("invoices", "id"), Quirk::PerPageCap(50)]
    {
        let env = synced("invoices", 900);
        env.fic.quirk(quirk);
        let ids: Vec<i64> = env.fic.ids(COMPANY, "invoices").into_iter().step_by(60).chain([1]).collect();
        ids[..15].iter().for_each(|id| env.fic.update(COMPANY, "invoices", *id));
        env.tell("issued_documents.invoices.update", &ids);
        env.run("events drain").exit(0);
        env.same_as_service("invoices");
        assert!(env.fic.journal().len() <= ids.len() + 3, "{} requests", env.fic.journal().len());
        assert_eq!(env.fates(), "done 1");
    }
}

#[test]
fn single_clients_without_stamps_keep_theirs() {
    let env = synced("clients", 150);
    env.fic.quirk(Quirk::BareSingles);
    let ids = env.fic.ids(COMPANY, "clients");
    env.fic.update(COMPANY, "clients", ids[70]);
    env.fic.delete(COMPANY, "clients", ids[90]);
    env.tell("entities.clients.update", &[ids[70]]);
    env.tell("entities.clients.update", &[ids[90]]);
    env.run("events drain").exit(0);
    env.same_as_service("clients");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM clients WHERE updated_at IS NULL"), 0);
}

#[test]
fn a_document_is_mirrored_by_its_own_type() {
    let env = synced("invoices", 10);
    let invoices = env.fic.ids(COMPANY, "invoices");
    let quote = env.fic.create(COMPANY, "quotes");
    let proforma = env.fic.create(COMPANY, "proformas");
    env.fic.update(COMPANY, "invoices", invoices[4]);
    env.tell("issued_documents.invoices.create", &[quote]);
    let foreign = env.tell("issued_documents.invoices.create", &[proforma]);
    let unknown = env.tell("issued_documents.proformas.create", &[proforma]);
    let status = env.tell("issued_documents.e_invoices.status_update", &[invoices[4]]);
    let mailed = env.tell("issued_documents.quotes.email_sent", &[quote]);
    let other = env.tell("issued_documents.self_invoices.update", &[987_654]);
    env.run("events drain").exit(0);
    env.same_as_service("invoices");
    env.same_as_service("quotes");
    for (id, fate) in
        [(foreign, "ignored"), (unknown, "ignored"), (other, "ignored"), (status, "done"), (mailed, "ignored")]
    {
        assert_eq!(env.fate(id).0, fate, "event {id}");
    }
    let asked = env.fic.journal().iter().filter(|r| r.path.ends_with(&format!("/{quote}"))).count();
    assert!(asked <= 1, "that an e-mail was sent changes no document: {asked}");
}

#[test]
fn what_others_write_meanwhile_is_asked_for_again() {
    let env = synced("clients", 30);
    let id = env.fic.ids(COMPANY, "clients")[3];
    let db = env.db();
    env.fic.update(COMPANY, "clients", id);
    // After the answer has left, a run writes the row: the answer may be the older one.
    env.fic.after_request(1, move |_| {
        let conn = rusqlite::Connection::open(db).expect("database");
        conn.execute_batch(&format!(
            "UPDATE write_counter SET n = n + 5;
             UPDATE entities SET name = 'written meanwhile', updated_at = '2999-01-01 00:00:00', written_in = (SELECT n FROM write_counter) WHERE id = {id};"
        ))
        .expect("a row of a run");
    });
    env.tell("entities.clients.update", &[id]);
    env.run("events drain").exit(0);
    assert_eq!(env.fates(), "done 1");
    env.same_as_service("clients");
}

#[test]
fn events_can_be_listed_shown_and_pruned() {
    let env = synced("clients", 3);
    let id = env.tell("entities.clients.update", &[1, 2]);
    env.tell("dragons.hatch", &[4]);
    let listed = env.run("events list --json").exit(0).json();
    assert_eq!(listed["version"], 1);
    let events = listed["events"].as_array().expect("events");
    assert_eq!((&events[1]["id"], &events[1]["resource_ids"]), (&id.into(), &serde_json::json!([1, 2])));
    assert_eq!((&events[0]["status"], &events[0]["attempts"]), (&"ignored".into(), &0.into()));
    let pending = env.run("events list --status pending --limit 5").exit(0).stdout();
    assert!(pending.contains("entities.clients.update") && !pending.contains("dragons"), "{pending}");
    assert!(env.run(&format!("events show {id}")).exit(0).stdout().contains("[1,2]"));
    env.run("events show 99").exit(1).says(&["99", "ficsync events list"]);
    env.run(&format!("events retry {id}")).exit(1).says(&["no failed event"]);
    env.run("events retry").exit(2);
    env.run("events list --status odd").exit(2);
    env.run("events drain").exit(0);
    let status = env.run("status --json").exit(0).json();
    assert_eq!(status["accounts"][0]["events"]["ignored"], 1);
    env.pass(5 * 86_400);
    env.run("events prune --older-than 6d").exit(0);
    assert_eq!(env.fates(), "done 1, ignored 1");
    env.pass(26 * 86_400);
    env.run("events drain").exit(0);
    assert_eq!(env.fates(), "", "they go by themselves after 30 days");
}

/// Changes at random, told late, twice, in any order and with wrong words, under faults and kills: in the end the tables
/// are right, whatever happened.
#[test]
fn random_changes_end_right() {
    let seeds = std::env::var("FICSYNC_TEST_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    for seed in 0..seeds {
        let mut rng = fastrand::Rng::with_seed(seed);
        let env = synced("clients", 150);
        env.fic.populate(COMPANY, "invoices", 150);
        env.run("sync invoices").exit(0);
        for round in 0..6 {
            env.pass(rng.i64(0..90));
            let mut told: Vec<(String, i64)> = (0..rng.usize(1..40)).map(|_| change(&env, &mut rng)).collect();
            told.extend_from_within(..told.len() / 3);
            rng.shuffle(&mut told);
            for (event, id) in told {
                env.tell(&event, &[id]);
            }
            env.fic.random_faults(0.1, seed * 10 + round);
            let mut child = env.spawn("events drain");
            std::thread::sleep(Duration::from_millis(rng.u64(20..700)));
            child.kill().expect("SIGKILL");
            child.wait().expect("gone");
        }
        env.fic.clear_faults();
        for _ in 0..3 {
            env.run("events drain").exit(0);
            env.pass(2 * 86_400 + 10);
        }
        assert!(!env.fates().contains("pending"), "seed {seed}: {}", env.fates());
        env.same_as_service("clients");
        env.same_as_service("invoices");
        env.nothing_forbidden();
    }
}

/// Changes something. Returns an event's kind and the record.
fn change(env: &Env, rng: &mut fastrand::Rng) -> (String, i64) {
    let (resource, kind) = PATHS[rng.usize(..2)];
    let ids = env.fic.ids(COMPANY, resource);
    let id = ids[rng.usize(..ids.len())];
    let word = ["create", "update", "delete"][rng.usize(..3)];
    match rng.u8(..5) {
        0 => env.fic.delete(COMPANY, resource, id),
        1 => return (format!("{kind}.{word}"), env.fic.create(COMPANY, resource)),
        _ => env.fic.update(COMPANY, resource, id),
    }
    (format!("{kind}.{word}"), id)
}
