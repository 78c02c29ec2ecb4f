//! Subscriptions: made, verified, mended, left alone, by the service's rules.

use crate::env::Env;
use crate::hook::{self, Hook, sink};
use ficsync_sandbox::{COMPANY, TOKEN};
use serde_json::{Value, json};

pub const ENSURE: &str = "subscriptions ensure --public-url https://hooks.example.it";

/// A world whose listener the service reaches.
pub fn world() -> (Env, Hook) {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    env.fic.map_sink(hook::PUBLIC, &format!("http://{}", hook.address));
    (env, hook)
}

pub fn ask(env: &Env, method: &str, path: &str, body: Option<Value>) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let url = format!("{}/c/{COMPANY}/subscriptions{path}", env.fic.url());
    let bearer = format!("Bearer {TOKEN}");
    let mut answer = match (method, body) {
        ("GET", _) => agent.get(&url).header("Authorization", bearer).call().expect("the service answers"),
        ("DELETE", _) => agent.delete(&url).header("Authorization", bearer).call().expect("the service answers"),
        (_, body) => agent
            .post(&url)
            .header("Authorization", bearer)
            .content_type("application/json")
            .send(body.unwrap_or_default().to_string())
            .expect("the service answers"),
    };
    let text = answer.body_mut().read_to_string().expect("text");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

pub fn at_the_service(env: &Env) -> Vec<Value> {
    ask(env, "GET", "", None)["data"].as_array().cloned().unwrap_or_default()
}

#[test]
fn ensure_makes_what_is_missing_once_and_verified() {
    let (env, hook) = world();
    env.run(ENSURE).exit(0);
    let there = at_the_service(&env);
    let sinks: Vec<&str> = there.iter().filter_map(|s| s["sink"].as_str()).collect();
    assert_eq!(sinks, [sink(1, "entity"), sink(1, "issued_documents")]);
    assert!(there.iter().all(|s| s["verified"] == true), "{there:#?}");
    env.fic.clear_journal();
    env.run(ENSURE).exit(0);
    assert!(env.fic.journal().iter().all(|request| request.method == "GET"), "a second time nothing is changed");
    assert_eq!(at_the_service(&env).len(), 2);
    let json = env.run("subscriptions list --json").exit(0).json();
    assert_eq!(json["version"], 1);
    assert!(json["subscriptions"].as_array().expect("a list").iter().all(|s| s["verified"] == true));
    // A sink of another address, and a subscription that was deleted at the service.
    env.fic.map_sink("https://new.example.it", &format!("http://{}", hook.address));
    let id = there[0]["id"].as_str().expect("an id").to_owned();
    ask(&env, "DELETE", &format!("/{id}"), None);
    env.run("subscriptions ensure --public-url https://hooks.example.it").exit(0);
    assert_eq!(at_the_service(&env).len(), 2);
    env.nothing_forbidden();
    hook.stop(0);
}

#[test]
fn an_unreachable_listener_is_named_and_attempts_are_counted() {
    let env = Env::with_account();
    let create = "subscriptions create --account-id 1 --group entity --public-url https://hooks.example.it";
    env.run(create).exit(1).says(&["challenge", &sink(1, "entity"), "subscriptions verify"]);
    let id = at_the_service(&env)[0]["id"].as_str().expect("an id").to_owned();
    env.run(&format!("subscriptions verify {id}")).exit(75).says(&["ten minutes", "possible at"]);
    for _ in 0..3 {
        env.pass(601);
        env.run(&format!("subscriptions verify {id}")).exit(1).says(&["was not answered"]);
    }
    env.pass(601);
    env.fic.clear_journal();
    env.run(&format!("subscriptions verify {id}")).exit(1).says(&["would lose it"]);
    assert_eq!(env.fic.journal().len(), 0, "the fifth is not asked for");
    assert_eq!(at_the_service(&env).len(), 1);
    env.run(&format!("subscriptions delete {id}")).exit(0);
    assert_eq!(at_the_service(&env).len(), 0);
    env.nothing_forbidden();
}

#[test]
fn others_are_left_alone_and_sync_takes_over_what_is_ours() {
    let (env, hook) = world();
    let theirs = json!({"data": {"sink": "https://others.example.com/x", "verification_method": "header",
        "types": ["it.fattureincloud.webhooks.products.update"], "config": {"mapping": "binary"}}});
    ask(&env, "POST", "", Some(theirs));
    let ours = json!({"data": {"sink": sink(1, "entity"), "verification_method": "header",
        "types": ["it.fattureincloud.webhooks.entities.clients.update"], "config": {"mapping": "binary"}}});
    ask(&env, "POST", "", Some(ours));
    let sync = "sync-subscriptions --public-url https://hooks.example.it";
    let said = env.run(&format!("{sync} --dry-run")).exit(0).stdout();
    assert!(said.contains("is new (entity)") && said.contains("left alone"), "{said}");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions"), 0);
    env.run(sync).exit(0);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions"), 1);
    // Types are missing: they are added to the one that is there.
    env.run(ENSURE).exit(0);
    let there = at_the_service(&env);
    assert_eq!(there.len(), 3, "{there:#?}");
    let entity = there.iter().find(|s| s["sink"] == sink(1, "entity").as_str()).expect("ours");
    assert_eq!(entity["types"].as_array().map(Vec::len), Some(6), "{entity:#}");
    env.nothing_forbidden();
    hook.stop(0);
}

#[test]
fn without_a_public_url_it_says_what_is_missing() {
    let env = Env::with_account();
    env.run("subscriptions create --account-id 1 --group entity").exit(78).says(&["public_url", "--public-url"]);
    env.run("subscriptions create --account-id 1 --group entity --sink http://x.it/").exit(2);
}

#[test]
fn an_account_goes_with_or_without_its_subscriptions() {
    for (words, left) in [("account remove 1 --yes", 2), ("account remove 1 --yes --with-subscriptions", 0)] {
        let (env, hook) = world();
        env.run(ENSURE).exit(0);
        let status = env.run("status --json").exit(0).json();
        let known = status["accounts"][0]["subscriptions"].as_array().cloned().expect("a list");
        assert!(known.len() == 2 && known.iter().all(|s| s["verified"] == true), "{known:#?}");
        let people = env.run("status").exit(0).stdout();
        assert!(people.contains(&sink(1, "entity")) && people.contains("verified"), "{people}");
        hook.stop(0);
        let ran = env.run(words).exit(0);
        assert_eq!(ran.stderr().contains("keeps its subscription"), left > 0, "{}", ran.stderr());
        assert_eq!(at_the_service(&env).len(), left);
        assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions"), 0);
    }
}
