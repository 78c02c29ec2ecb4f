//! `doctor`: what is well is said to be, and each thing that is not is found and has its cure.

use crate::env::{Env, Ran};
use crate::hook::{self, Hook, sink};
use ficsync_sandbox::{COMPANY, TOKEN};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const ENSURE: &str = "subscriptions ensure --public-url https://hooks.example.it";

/// A synced account, without webhooks.
fn synced() -> Env {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 20);
    env.run("sync all").exit(0);
    env
}

pub fn checks(ran: &Ran) -> Vec<Value> {
    let json = ran.json();
    assert_eq!(json["version"], 1);
    json["checks"].as_array().expect("a list").clone()
}

/// The only checks that failed are these, and each has a cure.
#[track_caller]
pub fn failed(ran: &Ran, wanted: &[&str]) -> Vec<Value> {
    let failed: Vec<Value> = checks(ran).into_iter().filter(|check| check["ok"] == false).collect();
    let ids: Vec<&str> = failed.iter().filter_map(|check| check["id"].as_str()).collect();
    assert_eq!(ids, wanted, "{failed:#?}\n{}", ran.stderr());
    assert!(failed.iter().all(|check| check["cure"].as_str().is_some_and(|cure| cure.len() > 10)), "{failed:#?}");
    failed
}

/// `doctor` fails with these checks.
#[track_caller]
fn ill(env: &Env, words: &str, wanted: &[&str]) -> Vec<Value> {
    failed(&env.run(&format!("doctor --json {words}")).exit(1), wanted)
}

#[test]
fn a_sound_mirror_is_well_without_webhooks() {
    let env = synced();
    env.fic.clear_journal();
    let ran = env.run("doctor --json").exit(0);
    let checks = checks(&ran);
    assert!(checks.iter().all(|check| check["ok"] == true && check["cure"].is_null()), "{checks:#?}");
    for id in
        ["database.intact", "database.writable", "credentials.usable", "token.valid", "token.scope", "clock.right"]
    {
        assert!(checks.iter().any(|check| check["id"] == id), "{id} is missing");
    }
    assert_eq!(env.fic.journal().len(), 4, "one request per resource");
    let people = env.run("doctor").exit(0).stdout();
    assert_eq!(people.lines().count(), checks.len() + 1, "{people}");
    env.nothing_forbidden();
}

#[test]
fn tokens_scopes_and_modes() {
    let env = synced();
    let few = env.fic.issue_token(&[COMPANY], &["entity.clients:r", "issued_documents.invoices:r"]);
    std::fs::write(env.dir.path().join("few.txt"), few).expect("token");
    let file = env.dir.path().join("few.txt").display().to_string();
    env.run(&format!("account set-token 1 --token-file {file}")).exit(0);
    let found = ill(&env, "", &["token.scope"]);
    assert_eq!(found[0]["found"], "missing: entity.suppliers:r, issued_documents.quotes:r");
    let folder = env.dir.path().join("credentials");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("chmod");
    ill(&env, "", &["credentials.folder", "token.scope"]);
    std::fs::set_permissions(folder.join("1.json"), std::fs::Permissions::from_mode(0o644)).expect("chmod");
    let found = ill(&env, "", &["credentials.folder", "credentials.usable"]);
    assert!(found[1]["cure"].as_str().expect("a cure").contains("chmod 600"), "{found:#?}");
    let env = synced();
    env.fic.expire_token(TOKEN);
    let ran = env.run("doctor --json").exit(1).says(&["token.valid"]);
    let found = failed(&ran, &["token.valid"]);
    assert!(found[0]["cure"].as_str().expect("a cure").contains("set-token 1"), "{found:#?}");
    assert!(!ran.stdout().contains(TOKEN) && !ran.stderr().contains(TOKEN));
}

#[test]
fn clock_age_and_quota() {
    let env = synced();
    env.ahead.set(90);
    let found = ill(&env, "", &["clock.right"]);
    assert!(found[0]["found"].as_str().expect("text").contains("ahead of the service"), "{found:#?}");
    env.ahead.set(0);
    env.fic.set_quota(300, 1_000, 2_000);
    env.config("[every]\n\"*\" = \"10m\"\n");
    let found = ill(&env, "", &["quota.month"]);
    assert!(found[0]["found"].as_str().expect("text").contains("17280 requests a month of 2000"), "{found:#?}");
    env.config("");
    env.fic.set_quota(300, 1_000, 40_000);
    env.pass(3 * 3_600);
    let found = ill(&env, "", &["mirror.fresh"]);
    assert_eq!(
        (&found[0]["account_id"], found[0]["cure"].as_str()),
        (&1.into(), Some("run: ficsync sync all --account-id 1"))
    );
}

#[test]
fn the_present_rate_counts_once_it_is_known() {
    let env = synced();
    // A month that has just begun, whatever today is.
    env.fic.set_quota(300, 1_000, 400);
    ill(&env, "", &["quota.month"]);
    let day_ago = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-25 hours')";
    let conn = env.open();
    conn.execute(&format!("UPDATE sync_runs SET started_at = {day_ago}"), []).expect("an older run");
    let hour_ago = day_ago.replace("25", "1");
    let run = format!(
        "INSERT INTO sync_runs (account_id, resource, mode, started_at, finished_at, requests, fetched, inserted, updated,
            unchanged, deleted, outcome) VALUES (1, 'clients', 'changes', {hour_ago}, {hour_ago}, 4, 0, 0, 0, 0, 0, 'ok')"
    );
    conn.execute(&run, []).expect("a run");
    let found = checks(&env.run("doctor --json").exit(0));
    let quota = found.iter().find(|check| check["id"] == "quota.month").expect("the check");
    assert!(quota["found"].as_str().expect("text").starts_with("120 requests a month of 400"), "{quota}");
}

#[test]
fn a_database_that_is_missing_or_anothers_is_named() {
    let env = Env::new();
    ill(&env, "", &["database.open"]);
    assert!(!env.db().exists(), "doctor makes none");
    std::fs::write(env.db(), vec![b'x'; 4_096]).expect("a file");
    ill(&env, "", &["database.open"]);
    assert_eq!(std::fs::read(env.db()).expect("it").len(), 4_096);
}

#[test]
fn the_database_is_tried() {
    let env = synced();
    let conn = env.open();
    conn.execute_batch("BEGIN IMMEDIATE").expect("a forgotten transaction");
    // Requests are noted in the database, so the token cannot be tried, nor is that waited for.
    ill(&env, "", &["database.writable"]);
    drop(conn);
    let conn = env.open();
    let damage = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'entities_by_change'";
    conn.execute_batch(damage).expect("damage");
    drop(conn);
    let found = checks(&env.run("doctor --json").exit(1));
    assert!(found.iter().any(|check| check["id"] == "database.intact" && check["ok"] == false), "{found:#?}");
}

#[test]
fn events_that_wait_too_long_or_were_given_up() {
    let env = synced();
    let add = |status: &str, hours: i64| {
        let sql = format!(
            "INSERT INTO events (lane, account_id, event_group, event_id, type, received_at, resource_ids, remaining_ids, status,
                attempts, next_attempt_at, last_error, processed_at)
             VALUES ('/entities/clients', 1, 'entity', '{status}', 'it.fattureincloud.webhooks.entities.clients.update',
                strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{hours} hours'), '[1]', '[1]', '{status}', 1,
                iif('{status}' = 'pending', '2026-01-01T00:00:00Z', NULL), 'the reason',
                iif('{status}' = 'failed', '2026-01-01T00:00:00Z', NULL))"
        );
        env.open().execute(&sql, []).expect("an event");
    };
    add("pending", 0);
    env.run("doctor").exit(0);
    add("failed", 1);
    let found = ill(&env, "", &["events.failed"]);
    assert!(found[0]["found"].as_str().expect("text").contains("the reason"), "{found:#?}");
    env.open().execute("UPDATE events SET received_at = '2026-01-01T00:00:00Z'", []).expect("older");
    ill(&env, "", &["events.waiting", "events.failed"]);
}

#[test]
fn subscriptions_and_the_listener() {
    let env = synced();
    let public = "--public-url https://hooks.example.invalid";
    // Nothing is there: neither subscriptions, nor a listener (port 9 of this machine), nor a name in DNS.
    let none = ["subscription.present", "subscription.complete", "listener.alive", "public_url.ours"];
    ill(&env, &format!("{public} --listen 127.0.0.1:9"), &none);
    let hook = Hook::start(&env);
    env.fic.map_sink(hook::PUBLIC, &format!("http://{}", hook.address));
    env.run(ENSURE).exit(0);
    let here = format!("--public-url {} --listen {}", hook::PUBLIC, hook.address);
    // The public name of the tests exists nowhere.
    ill(&env, &here, &["public_url.ours"]);
    let there = format!("{public} --listen {}", hook.address);
    let found = ill(&env, &there, &["subscription.sink", "public_url.ours"]);
    assert!(found[0]["found"].as_str().expect("text").contains(&sink(1, "entity")), "{found:#?}");
    hook.stop(0);
    ill(&env, &here, &["listener.alive", "public_url.ours"]);
    env.nothing_forbidden();
}

/// A row of the log: a resource's run that began at this second and took so many.
fn log_run(env: &Env, resource: &str, began: i64, took: i64) {
    let at = |second: i64| format!("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '{second} seconds')");
    let sql = format!(
        "INSERT INTO sync_runs (account_id, resource, mode, started_at, finished_at, requests, fetched, inserted, updated,
            unchanged, deleted, outcome) VALUES (1, '{resource}', 'changes', {}, {}, 1, 0, 0, 0, 0, 0, 'ok')",
        at(began),
        at(began + took)
    );
    env.open().execute_batch(&sql).expect("a run");
}

#[test]
fn runs_that_take_most_of_the_time_between_them_are_named() {
    let env = synced();
    // Every ten minutes for an hour: the resources one after the other, together four minutes, then nine.
    for (took, ill_with) in [(60, &[][..]), (135, &["runs.in_time"])] {
        env.open().execute_batch("DELETE FROM sync_runs").expect("no runs");
        for began in (-6..0).map(|tick| tick * 600) {
            for (place, resource) in (0..).zip(crate::env::RESOURCES) {
                log_run(&env, resource, began + place * took, took);
            }
        }
        let ran = env.run("doctor --json");
        let found = failed(&ran, ill_with);
        if let Some(found) = found.first() {
            assert_eq!(found["found"], "a run takes 9m, and one begins every 10m");
            assert!(found["cure"].as_str().expect("a cure").contains("ficsync-sync.timer"), "{found}");
        }
    }
    // With more accounts than are worked on at a time there is something else to do.
    env.add_account(102, "Bianchi");
    env.run("sync all --account-id 2").exit(0);
    env.open().execute_batch("DELETE FROM sync_runs WHERE account_id = 2").expect("no runs");
    env.config("jobs = 1");
    let found = ill(&env, "", &["runs.in_time"]);
    assert!(found[0]["cure"].as_str().expect("a cure").contains("`jobs`, now 1"), "{found:#?}");
}
