//! `doctor`: a finding and a cure for each thing that can be wrong.

use crate::env::Env;
use crate::hook::Hook;
use ficsync_sandbox::{COMPANY, TOKEN};

/// The checks that failed: id and cure.
fn wrong(env: &Env, words: &str, exit: i32) -> Vec<(String, String)> {
    let json = env.run(words).exit(exit).json();
    assert_eq!(json["version"], 1);
    let checks = json["checks"].as_array().expect("checks").clone();
    let text = |check: &serde_json::Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let failed = checks.iter().filter(|check| check["ok"] == false);
    failed.map(|check| (text(check, "id"), text(check, "cure"))).collect()
}

#[test]
fn a_healthy_mirror_has_no_findings() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 10);
    env.run("sync all").exit(0);
    assert_eq!(wrong(&env, "doctor --json", 0), []);
    assert!(env.run("doctor").exit(0).stdout().contains("database.intact"));
    env.nothing_forbidden();
}

#[test]
fn what_is_wrong_is_named_with_its_cure() {
    let env = Env::with_account();
    let has = |found: &[(String, String)], id: &str, cure: &str| {
        assert!(found.iter().any(|(i, c)| i == id && c.contains(cure)), "{id}, {cure}: {found:#?}");
    };
    has(&wrong(&env, "doctor --json", 1), "mirror.fresh", "ficsync sync all");
    env.run("sync all").exit(0);
    env.fic.set_scopes(TOKEN, &["entity.clients:r"]);
    has(&wrong(&env, "doctor --json", 1), "token.scope", "entity.suppliers:r");
    env.fic.expire_token(TOKEN);
    has(&wrong(&env, "doctor --json", 1), "token.valid", "ficsync account set-token 1");
    std::fs::remove_file(env.dir.path().join("credentials/1.json")).expect("the credentials");
    has(&wrong(&env, "doctor --json", 1), "credentials.usable", "set-token 1");
}

#[test]
fn a_wrong_clock_is_named() {
    let env = Env::with_account();
    env.run("sync all").exit(0);
    env.ahead.set(300);
    let found = wrong(&env, "doctor --json", 1);
    assert!(found.iter().any(|(id, _)| id == "clock.right"), "{found:#?}");
}

#[test]
fn webhooks_are_looked_at_where_they_are_used() {
    let env = Env::with_account();
    env.run("sync all").exit(0);
    let words = "doctor --json --timeout 1s --public-url https://127.0.0.1:9 --listen 127.0.0.1:9";
    let ids: Vec<String> = wrong(&env, words, 1).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["subscription.present", "subscription.present", "listener.alive", "public_url.ours"]);
    let hook = Hook::start(&env);
    let words = format!("doctor --json --timeout 1s --public-url https://127.0.0.1:9 --listen {}", hook.address);
    assert!(!wrong(&env, &words, 1).iter().any(|(id, _)| id == "listener.alive"));
    hook.stop(0);
}

#[test]
fn without_a_database_it_says_how_to_begin() {
    let env = Env::new();
    let found = wrong(&env, "doctor --json", 1);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "database.open");
}
