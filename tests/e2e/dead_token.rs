//! A refresh token that the service refused is not sent again, until the credential file holds another.

use crate::env::Env;
use crate::outbox::Crew;
use ficsync_sandbox::COMPANY;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

/// An account with clients and an OAuth login that has ended: access and refresh token are dead.
fn dead() -> Env {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 20);
    env.fic.populate(COMPANY, "invoices", 20);
    env.run("sync all").exit(0);
    env.fic.register_client("app", "app-secret");
    keep(&env, &["a/ended", "r/ended"].map(str::to_owned));
    env.fic.clear_journal();
    env
}

/// Puts the tokens of an OAuth login into the account's file.
fn keep(env: &Env, [access, refresh]: &[String; 2]) {
    let path = env.dir.path().join("credentials/1.json");
    let text = serde_json::json!({
        "version": 1, "company_id": COMPANY, "kind": "oauth", "access_token": access, "refresh_token": refresh,
        "expires_at": "2199-01-01T00:00:00Z", "client_id": "app", "client_secret": "app-secret", "scopes": ["x:r"],
    });
    let new = path.with_extension("new");
    std::fs::write(&new, text.to_string()).expect("credentials");
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).expect("mode");
    std::fs::rename(new, path).expect("in its place");
}

fn refreshes(env: &Env) -> usize {
    env.fic.journal().iter().filter(|request| request.path == "/oauth/token").count()
}

fn until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn workers_ask_once_however_often_they_wake_and_a_new_login_is_noticed() {
    let env = dead();
    let ids = env.fic.ids(COMPANY, "clients");
    let crew = Crew::start(&env);
    env.tell("entities.clients.update", &[ids[1]]);
    env.tell("issued_documents.invoices.update", &[env.fic.ids(COMPANY, "invoices")[1]]);
    for wake in 1..=3 {
        crew.ring();
        let pauses = || env.value::<i64>("SELECT coalesce(max(times), 0) FROM event_pauses");
        until("the account does not wait", || pauses() >= wake);
        until("work is left", || env.value::<i64>("SELECT count(*) FROM events WHERE status = 'processing'") == 0);
        assert_eq!(refreshes(&env), 1, "wake {wake}");
        // The wait is over.
        let over = "BEGIN IMMEDIATE; UPDATE event_pauses SET until = '2026-01-01T00:00:00Z';
                    UPDATE events SET next_attempt_at = '2026-01-01T00:00:00Z' WHERE status = 'pending';
                    COMMIT";
        let conn = env.open();
        conn.busy_timeout(Duration::from_secs(10)).expect("patience");
        conn.execute_batch(over).expect("later");
    }
    assert!(env.fic.journal().len() <= 4, "{:?}", env.fic.journal());
    keep(&env, &[env.fic.issue_token(&[COMPANY], &["*"]), "r/new".to_owned()]);
    crew.ring();
    crew.settle(&env);
    crew.stop();
    assert_eq!(env.fates(), "done 2");
}

#[test]
fn a_run_asks_once_for_all_resources() {
    let env = dead();
    env.run("sync all").exit(77).says(&["ficsync account login"]);
    assert_eq!(refreshes(&env), 1);
    assert_eq!(env.fic.journal().len(), 2, "one request was refused: {:?}", env.fic.journal());
}
