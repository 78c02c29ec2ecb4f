//! The push half as a whole: a change at the service, its notification, the listener, the outbox, a worker, the row.

use crate::env::Env;
use crate::hook::{self, Hook, sink};
use ficsync_sandbox::{COMPANY, Mood, TOKEN};
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
fn until(env: &Env, sql: &str) -> Duration {
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
    let mut times = Vec::new();
    for (mapping, mood) in [("binary", None), ("structured", None), ("structured", Some(Mood::JsonContentType))] {
        let env = Env::with_account();
        mood.into_iter().for_each(|mood| env.fic.mood(mood));
        for resource in ["clients", "invoices"] {
            env.fic.populate(COMPANY, resource, 40);
        }
        env.run("sync all").exit(0);
        let hook = Hook::start(&env);
        subscribe(&env, &hook, mapping);
        for (resource, column) in [("clients", "name"), ("invoices", "subject")] {
            for n in 0..4 {
                let ids = env.fic.ids(COMPANY, resource);
                let text = format!("changed {n}");
                env.fic.update_with(COMPANY, resource, ids[n], |record| record[column] = text.as_str().into());
                let changed = format!("SELECT count(*) FROM {resource} WHERE id = {} AND {column} = '{text}'", ids[n]);
                times.push(until(&env, &changed));
                let new = env.fic.create(COMPANY, resource);
                times.push(until(&env, &format!("SELECT count(*) FROM {resource} WHERE id = {new}")));
                env.fic.delete(COMPANY, resource, ids[n + 10]);
                let gone = format!("SELECT count(*) = 0 FROM {resource} WHERE id = {}", ids[n + 10]);
                times.push(until(&env, &gone));
            }
        }
        until(&env, "SELECT count(*) = 0 FROM events WHERE status IN ('pending', 'processing')");
        env.all_same_as_service();
        assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE status = 'failed'"), 0);
        hook.stop(0);
    }
    times.sort();
    let median = times[times.len() / 2];
    assert!(median < Duration::from_secs(1), "median {median:?}");
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
