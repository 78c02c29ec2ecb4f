//! Workers in trouble: quota, token, scope, a service that is down, records that always fail, kills.

use crate::env::Env;
use crate::outbox::Crew;
use ficsync::resource::events::PREFIX;
use ficsync_sandbox::{COMPANY, Fault, TOKEN};
use std::time::{Duration, Instant};

const UPDATE: &str = "entities.clients.update";

fn synced(n: usize) -> (Env, Vec<i64>) {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", n);
    env.run("sync clients").exit(0);
    env.fic.clear_journal();
    let ids = env.fic.ids(COMPANY, "clients");
    (env, ids)
}

#[test]
fn waiting_for_the_quota_is_no_attempt() {
    let (env, ids) = synced(50);
    env.fic.update(COMPANY, "clients", ids[3]);
    let id = env.tell(UPDATE, &[ids[3]]);
    env.fic.set_quota(300, 1, 40_000);
    env.run("events drain").exit(0);
    let other = env.tell(UPDATE, &[ids[4]]);
    env.run("events drain").exit(0);
    assert_eq!((env.fate(id), env.fate(other)), (("pending".into(), 0), ("pending".into(), 0)));
    assert!(env.fic.journal().len() <= 1, "one request finds out for all");
    let waits: String = env.value("SELECT next_attempt_at FROM events ORDER BY id LIMIT 1");
    assert!(waits > env.value::<String>("SELECT received_at FROM events ORDER BY id LIMIT 1"), "{waits}");
    // Also one that comes now says so, though nobody has looked at it.
    let young = env.tell(UPDATE, &[ids[5]]);
    let listed = env.run("events list --json").exit(0).json();
    for event in listed["events"].as_array().expect("events") {
        assert!(event["next_attempt_at"].as_str() > event["received_at"].as_str(), "{event}");
        assert!(event["last_error"].as_str().is_some_and(|why| why.contains("quota")), "{event}");
    }
    env.fic.set_quota(300, 1_000, 40_000);
    env.pass(3_700);
    env.run("events drain").exit(0);
    env.same_as_service("clients");
    assert_eq!([id, other, young].map(|event| env.fate(event)), [(); 3].map(|()| ("done".into(), 1)));
}

#[test]
fn a_dead_token_is_waited_for_and_a_new_one_ends_the_wait() {
    let (env, ids) = synced(50);
    ids[..20].iter().for_each(|id| env.fic.update(COMPANY, "clients", *id));
    env.fic.expire_token(TOKEN);
    let crew = Crew::start(&env);
    let told: Vec<i64> = ids[..20].iter().map(|id| env.tell(UPDATE, &[*id])).collect();
    crew.ring();
    let started = Instant::now();
    while env.value::<i64>("SELECT count(*) FROM event_pauses") == 0 {
        assert!(started.elapsed() < Duration::from_secs(10), "{}", env.fates());
        std::thread::sleep(Duration::from_millis(20));
    }
    for _ in 0..5 {
        env.tell(UPDATE, &[ids[1]]);
        crew.ring();
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(env.fic.journal().len() <= 2, "{} requests with a dead token", env.fic.journal().len());
    assert_eq!((env.fates(), env.fate(told[0])), ("pending 25".into(), ("pending".into(), 0)));
    let token = env.fic.issue_token(&[COMPANY], &["*"]);
    let file = env.dir.path().join("new.txt");
    std::fs::write(&file, token).expect("token");
    env.run(&format!("account set-token 1 --token-file {}", file.display())).exit(0);
    crew.settle(&env);
    env.same_as_service("clients");
    crew.stop();
}

#[test]
fn a_missing_scope_stops_its_resource_alone() {
    let (env, ids) = synced(50);
    env.fic.set_scopes(TOKEN, &["issued_documents.invoices:r"]);
    let invoice = env.fic.create(COMPANY, "invoices");
    let waits: Vec<i64> = ids[..5].iter().map(|id| env.tell(UPDATE, &[*id])).collect();
    let flows = env.tell("issued_documents.invoices.create", &[invoice]);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(flows).0, "done");
    waits.iter().for_each(|id| assert_eq!(env.fate(*id), ("pending".into(), 0)));
    assert!(env.fic.journal().len() <= 2, "{} requests", env.fic.journal().len());
    let error: String = env.value("SELECT max(last_error) FROM events");
    assert!(error.contains("entity.clients:r"), "{error}");
}

#[test]
fn a_service_that_is_down_for_more_than_three_days_uses_up_the_attempts() {
    let (env, ids) = synced(50);
    env.fic.update(COMPANY, "clients", ids[3]);
    let id = env.tell(UPDATE, &[ids[3]]);
    let started = env.ahead.get();
    // The delays in a request are real ones: a service that resets connections is not waited for less.
    for attempt in 1.. {
        env.is_down("");
        let ran = env.run("events drain");
        assert_eq!(env.fate(id).1, attempt);
        let failed = env.fate(id).0 == "failed";
        assert_eq!(ran.output.status.code(), Some(i32::from(failed)), "{}", ran.stderr());
        if failed {
            break;
        }
        if attempt == 7 {
            env.pass(1_200);
            env.run("events drain").exit(0);
            assert_eq!(env.fate(id), ("pending".into(), attempt), "tried before it was due, which does not count");
        }
        let due: String = env.value("SELECT retry_at FROM events");
        let now = ficsync::clock::Clock::shifted(env.ahead.get()).now();
        let wait = ficsync::clock::seconds_between(now, due.parse().expect("time"));
        env.pass(wait.max(0) + 1);
    }
    assert!(env.ahead.get() - started >= 3 * 86_400, "{} s", env.ahead.get() - started);
    let failed = env.run("status --json").exit(0).json();
    assert_eq!(failed["accounts"][0]["events"]["failed"], 1);
    assert!(env.run("status").exit(0).stdout().contains("the service failed (50"));
    env.fic.clear_faults();
    env.run("events retry --failed").exit(0);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(id), ("done".into(), 1));
    env.same_as_service("clients");
}

#[test]
fn a_record_that_the_service_fails_for_is_told_from_a_service_that_is_down() {
    let (env, ids) = synced(50);
    ids[..3].iter().for_each(|id| env.fic.update(COMPANY, "clients", *id));
    for _ in 0..20 {
        env.fic.fault_on(&format!("/entities/clients/{}?", ids[0]), 1, Fault::status(500));
    }
    let bad = env.tell(UPDATE, &[ids[0]]);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(bad), ("pending".into(), 1));
    let good = env.tell(UPDATE, &[ids[1]]);
    env.run("events drain").exit(0);
    assert_eq!((env.fate(good), env.fate(bad)), (("done".into(), 1), ("pending".into(), 1)));
    env.pass(30);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(bad), ("pending".into(), 2), "each attempt counts");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM event_pauses"), 0, "nobody else waits for it");
    // Where lists fail, single records are right.
    env.fic.clear_faults();
    for _ in 0..20 {
        env.fic.fault_on("/entities/clients?", 1, Fault::status(500));
    }
    let both = [ids[1], ids[2]].map(|id| env.tell(UPDATE, &[id]));
    env.run("events drain").exit(0);
    assert_eq!(both.map(|event| env.fate(event)), [("done".into(), 1), ("done".into(), 1)]);
    env.pass(120);
    env.run("events drain").exit(0);
    env.same_as_service("clients");
}

#[test]
fn a_kind_of_records_that_the_service_fails_for_waits_alone() {
    let (env, ids) = synced(50);
    let invoices: Vec<i64> = (0..6).map(|_| env.fic.create(COMPANY, "invoices")).collect();
    env.fic.update(COMPANY, "clients", ids[3]);
    // The whole of them: they are not tried again before it answers.
    env.is_down("/issued_documents");
    let wait: Vec<i64> = invoices[..3].iter().map(|id| env.tell("issued_documents.invoices.create", &[*id])).collect();
    let client = env.tell(UPDATE, &[ids[3]]);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(client), ("done".into(), 1));
    wait.iter().for_each(|event| assert_eq!(env.fate(*event), ("pending".into(), 1)));
    let prefixes: String = env.value("SELECT group_concat(prefix, ' ' ORDER BY prefix DESC) FROM event_pauses");
    let wanted = ["invoices.", "e_invoices.status_update"].map(|kind| format!("{PREFIX}issued_documents.{kind}"));
    assert_eq!(prefixes, wanted.join(" "));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE next_attempt_at <= retry_at"), 3);
    env.fic.clear_faults();
    env.run("events drain").exit(0);
    assert_eq!(env.fates(), "done 4");
    // Each record, but not the list of them: after three the others are spared.
    for id in &invoices[3..] {
        for _ in 0..8 {
            env.fic.fault_on(&format!("/issued_documents/{id}?"), 1, Fault::status(500));
        }
    }
    env.fic.clear_journal();
    let all: Vec<i64> = invoices.iter().rev().map(|id| env.tell("issued_documents.invoices.delete", &[*id])).collect();
    env.run("events drain").exit(0);
    all.iter().for_each(|event| assert_eq!(env.fate(*event), ("pending".into(), 1)));
    assert!(env.fic.journal().len() <= 15, "{} requests", env.fic.journal().len());
    env.fic.clear_faults();
    env.pass(30);
    env.run("events drain").exit(0);
    assert_eq!(env.fates(), "done 10");
    env.same_as_service("invoices");
}

#[test]
fn a_web_servers_404_deletes_nothing() {
    let (env, ids) = synced(30);
    env.fic.update(COMPANY, "clients", ids[3]);
    let page = Fault::Status { code: 404, retry_after: None, body: Some("<html>404 Not Found</html>".to_owned()) };
    for _ in 0..20 {
        env.fic.fault_on("/entities/clients", 1, page.clone());
    }
    let event = env.tell(UPDATE, &[ids[3]]);
    env.run("events drain").exit(0);
    assert_eq!((env.fate(event).0.as_str(), env.value::<i64>("SELECT count(*) FROM clients")), ("pending", 30));
    env.fic.clear_faults();
    env.pass(3_600);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(event).0, "done");
    env.same_as_service("clients");
}

#[test]
fn a_record_that_always_fails_fails_alone() {
    let (env, ids) = synced(200);
    let wanted: Vec<i64> = ids.iter().copied().step_by(20).collect();
    wanted.iter().for_each(|id| env.fic.update(COMPANY, "clients", *id));
    let bad = wanted[4];
    for _ in 0..100 {
        env.fic.fault_on(&format!("/entities/clients/{bad}"), 1, Fault::status(422));
        env.fic.fault_on("/entities/clients?", 1, Fault::status(422));
    }
    let batch = env.tell(UPDATE, &wanted);
    let single = env.tell(UPDATE, &[wanted[5]]);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(single).0, "done");
    assert_eq!(env.fate(batch), ("pending".into(), 1));
    assert_eq!(
        env.value::<String>("SELECT remaining_ids FROM events WHERE attempts = 1 AND status = 'pending'"),
        format!("[{bad}]")
    );
    for _ in 0..11 {
        env.pass(2 * 86_400 + 10);
        env.run("events drain");
    }
    assert_eq!(env.fate(batch), ("failed".into(), 12));
    assert!(env.value::<String>("SELECT last_error FROM events WHERE status = 'failed'").contains("rejected"));
    env.fic.clear_faults();
    env.run(&format!("events retry {batch}")).exit(0);
    env.run("events drain").exit(0);
    env.same_as_service("clients");
}

#[test]
fn one_accounts_trouble_does_not_slow_another() {
    let (env, ids) = synced(50);
    env.add_account(777, "Bianchi");
    env.fic.fault_on(&format!("/c/{COMPANY}/"), 1, Fault::Hang(5));
    let crew = Crew::start(&env);
    env.tell(UPDATE, &[ids[1]]);
    crew.ring();
    std::thread::sleep(Duration::from_millis(400));
    let client = env.fic.create(777, "clients");
    let event = env.tell_account(2, "entities.clients.create", &[client]);
    crew.ring();
    let started = Instant::now();
    while env.fate(event).0 != "done" {
        assert!(started.elapsed() < Duration::from_secs(2), "the other account waits for the first one");
        std::thread::sleep(Duration::from_millis(10));
    }
    crew.settle(&env);
    crew.stop();
}

#[test]
fn killed_in_a_large_event_it_goes_on_where_it_was() {
    let (env, _) = synced(10);
    let ids = env.fic.create_many(COMPANY, "clients", 2_000);
    let id = env.tell("entities.clients.create", &ids);
    let mut kills = 0;
    while env.fate(id).0 != "done" {
        let before = env.fic.journal().len();
        let mut child = env.spawn("events drain");
        let started = Instant::now();
        while env.fic.journal().len() < before + 5 && started.elapsed() < Duration::from_secs(20) {
            if child.try_wait().expect("wait").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("gone");
        kills += 1;
        // After many crashes it rests for 45 s.
        env.pass(60);
        assert!(kills < 20, "it makes no progress: {}", env.fates());
    }
    assert!(kills > 2, "it was killed in the middle");
    assert!(env.fic.journal().len() <= 20 + 3 * kills, "{} requests, {kills} kills", env.fic.journal().len());
    assert!(env.fate(id).1 > 1, "a crash counts as an attempt");
    env.same_as_service("clients");
}

#[test]
fn a_stop_hands_back_within_ten_seconds() {
    let (env, ids) = synced(10);
    let id = env.tell(UPDATE, &[ids[1]]);
    env.fic.fault(Fault::Hang(25));
    let mut child = env.spawn("events drain");
    let started = Instant::now();
    while env.fate(id).0 != "processing" {
        assert!(started.elapsed() < Duration::from_secs(10), "it does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(200));
    let stopped = Instant::now();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM)
        .expect("SIGTERM");
    let status = child.wait().expect("wait");
    assert!(stopped.elapsed() < Duration::from_secs(10), "{:?}", stopped.elapsed());
    assert_eq!((status.code(), env.fate(id)), (Some(75), ("pending".into(), 0)));
}

#[test]
fn a_drain_waits_for_what_another_process_has_in_work() {
    let (env, ids) = synced(10);
    env.fic.update(COMPANY, "clients", ids[1]);
    env.fic.fault(Fault::Hang(2));
    let crew = Crew::start(&env);
    let first = env.tell(UPDATE, &[ids[1]]);
    crew.ring();
    let started = Instant::now();
    while env.fic.journal().is_empty() && env.fate(first).0 != "processing" {
        assert!(started.elapsed() < Duration::from_secs(10), "it does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    env.fic.update(COMPANY, "clients", ids[1]);
    let second = env.tell(UPDATE, &[ids[1]]);
    let began = Instant::now();
    env.run("events drain").exit(0);
    assert!(began.elapsed() > Duration::from_millis(1_200), "two of them asked for one record: {:?}", began.elapsed());
    assert_eq!((env.fate(first).0, env.fate(second).0), ("done".into(), "done".into()));
    assert_eq!(env.fic.journal().len(), 2);
    env.same_as_service("clients");
    crew.stop();
}
