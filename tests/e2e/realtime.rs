//! The push half as a whole: a change at the service, its notification, the listener, the outbox, a worker, the row.

use crate::env::Env;
use crate::hook::{self, Hook, scaled, sink};
use ficsync_sandbox::{COMPANY, Fault, Mapping, Quirk, TOKEN};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long a change may take at worst, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(15);

/// Subscribes both groups at the service, whose sinks lead to the listener.
fn subscribe(env: &Env, hook: &Hook, mapping: &str) {
    env.fic.map_sink(hook::PUBLIC, &format!("http://{}", hook.address));
    env.fic.deliver(true);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    for (group, types) in [("entity", "entities.all"), ("issued_documents", "issued_documents.all")] {
        let types: Vec<String> = ["create", "update", "delete"]
            .iter()
            .map(|action| format!("it.fattureincloud.webhooks.{types}.{action}"))
            .collect();
        let body = json!({"data": {"sink": sink(1, group), "types": types, "verification_method": "header",
                                   "config": {"mapping": mapping}}});
        let answer = agent
            .post(format!("{}/c/{COMPANY}/subscriptions", env.fic.url()))
            .header("Authorization", format!("Bearer {TOKEN}"))
            .content_type("application/json")
            .send(body.to_string());
        answer.expect("the service subscribes");
    }
    assert!(env.fic.settled(PATIENCE), "the sinks are verified");
}

/// Waits until `sql` gives 1. Returns how long that took.
#[track_caller]
pub fn until(env: &Env, sql: &str) -> Duration {
    let begun = Instant::now();
    let conn = env.open();
    while conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or(0) != 1 {
        assert!(begun.elapsed() < PATIENCE, "not in time: {sql}");
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

#[test]
fn changed_new_and_deleted_records_are_right_a_moment_later() {
    for (mapping, quirk) in [("binary", None), ("structured", None), ("structured", Some(Quirk::JsonContentType))] {
        let (env, mut times) = (Env::with_account(), Vec::new());
        quirk.clone().into_iter().for_each(|quirk| env.fic.quirk(quirk));
        for resource in ["clients", "invoices"] {
            env.fic.populate(COMPANY, resource, 60);
        }
        env.run("sync all").exit(0);
        let hook = Hook::start(&env);
        subscribe(&env, &hook, mapping);
        for (resource, column) in [("clients", "name"), ("invoices", "subject")] {
            for n in 0..scaled("FICSYNC_TEST_CHANGES", 4, 17) {
                let ids = env.fic.ids(COMPANY, resource);
                let text = format!("changed {n}");
                env.fic.update_with(COMPANY, resource, ids[n], |record| record[column] = text.as_str().into());
                let changed = format!("SELECT count(*) FROM {resource} WHERE id = {} AND {column} = '{text}'", ids[n]);
                times.push(until(&env, &changed));
                let new = env.fic.create(COMPANY, resource);
                times.push(until(&env, &format!("SELECT count(*) FROM {resource} WHERE id = {new}")));
                env.fic.delete(COMPANY, resource, ids[n + 20]);
                let gone = format!("SELECT count(*) = 0 FROM {resource} WHERE id = {}", ids[n + 20]);
                times.push(until(&env, &gone));
            }
        }
        until(&env, "SELECT count(*) = 0 FROM events WHERE status IN ('pending', 'processing')");
        env.all_same_as_service();
        assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE status = 'failed'"), 0);
        hook.stop(0);
        times.sort();
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        eprintln!("{} changes, {mapping} {quirk:?}: median {median:?}, at most {most:?}", times.len());
        assert!(median < Duration::from_secs(1), "median {median:?}");
    }
}

#[test]
fn what_was_told_while_nobody_worked_is_worked_off_after_a_kill() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 60);
    env.run("sync all").exit(0);
    let mut hook = Hook::start(&env);
    subscribe(&env, &hook, "binary");
    for id in &env.fic.ids(COMPANY, "clients")[..20] {
        env.fic.update_with(COMPANY, "clients", *id, |record| record["name"] = "told".into());
    }
    // Some are in the outbox, some being worked on, some not yet sent.
    hook.child.kill().expect("SIGKILL");
    hook.child.wait().expect("its end");
    let hook = Hook::start(&env);
    env.fic.map_sink(hook::PUBLIC, &format!("http://{}", hook.address));
    // The service tries again after 30, 300 and 3,000 seconds of its own.
    for _ in 0..3 {
        env.fic.advance(3_001);
        assert!(env.fic.settled(PATIENCE));
    }
    assert_eq!(env.fic.queued(), 0, "nothing waits for another try");
    until(&env, "SELECT count(*) = 0 FROM events WHERE status IN ('pending', 'processing')");
    env.same_as_service("clients");
    hook.stop(0);
}

/// A number of the listener's metrics; nothing when there is no such line.
fn metric(hook: &Hook, line: &str) -> Option<f64> {
    let text = hook.get("/metrics");
    text.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
}

#[test]
fn what_the_workers_do_is_counted_for_each_account_until_it_is_removed() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 5);
    env.fic.add_company(777, "Bianchi");
    env.fic.populate(777, "clients", 1);
    let token = env.dir.path().join("other.txt");
    std::fs::write(&token, env.fic.issue_token(&[777], &["*"])).expect("token");
    env.run(&format!("account add --name Bianchi --token-file {}", token.display())).exit(0);
    let hook = Hook::start(&env);
    env.fic.clear_journal();
    // The first try of the other account's only fetch meets a fault.
    env.fic.fault_on("/c/777/", 1, Fault::status(503));
    let ids = env.fic.ids(COMPANY, "clients");
    [ids[0], ids[3]].iter().for_each(|id| assert_eq!(hook.send(&hook::news(&env, *id)), 202));
    let other = env.fic.ids(777, "clients");
    let told = env.fic.notification(&sink(2, "entity"), 777, "entities.clients.update", &other, Mapping::Binary);
    assert_eq!(hook.send(&told), 202);
    until(&env, "SELECT count(*) = 3 FROM events WHERE status = 'done'");
    let of = |account: i64, name: &str, more: &str| {
        metric(&hook, &format!("ficsync_worker_{name}_total{{account=\"{account}\"{more}}} "))
    };
    let sent = |company: i64| env.fic.journal().iter().filter(|r| r.company == Some(company)).count() as f64;
    assert_eq!((of(1, "events", ",outcome=\"done\""), of(2, "events", ",outcome=\"done\"")), (Some(2.0), Some(1.0)));
    assert_eq!((of(1, "events", ",outcome=\"failed\""), of(1, "requests", "")), (Some(0.0), Some(sent(COMPANY))));
    // What the service refused in passing was one fetch, and two requests.
    assert_eq!((of(2, "fetches", ",what=\"record\""), of(2, "requests", "")), (Some(1.0), Some(2.0)));
    assert_eq!(sent(777), 2.0);
    env.run("account remove 2 --yes").exit(0);
    let text = hook.get("/metrics");
    assert!(!text.lines().any(|line| line.starts_with("ficsync_worker_") && line.contains("account=\"2\"")), "{text}");
    hook.stop(0);
}
