//! Subscriptions in trouble: killed processes, lost answers, moved sinks, types that others have, tokens of few scopes.

use crate::env::{Env, Ran};
use crate::hook::{self, Hook, sink};
use crate::subscriptions::{ENSURE, ask, at_the_service, world};
use ficsync_sandbox::{Fault, Outcome, Quirk, TOKEN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CREATE: &str = "POST /c/12345/subscriptions";

/// Makes a subscription as another program would.
fn subscribe(env: &Env, sink: &str, types: &[&str]) -> Value {
    let types: Vec<String> = types.iter().map(|t| format!("it.fattureincloud.webhooks.{t}")).collect();
    let data =
        json!({"sink": sink, "types": types, "verification_method": "query", "config": {"mapping": "structured"}});
    ask(env, "POST", "", Some(json!({"data": data})))["data"].clone()
}

/// The service's subscription with that sink.
#[track_caller]
fn with_sink(env: &Env, sink: &str) -> Value {
    let all = at_the_service(env);
    let found: Vec<&Value> = all.iter().filter(|s| s["sink"] == sink).collect();
    assert_eq!(found.len(), 1, "{sink} in {all:#?}");
    found[0].clone()
}

fn changes(env: &Env) -> Vec<String> {
    env.fic.journal().iter().filter(|request| request.method != "GET").map(|request| request.line()).collect()
}

/// All is as it should be: both groups once, verified, one row each.
#[track_caller]
fn sound(env: &Env) {
    for group in ["entity", "issued_documents"] {
        assert_eq!(with_sink(env, &sink(1, group))["verified"], true);
    }
    let rows = "SELECT count(*) FROM subscriptions WHERE verified AND id IS NOT NULL AND missing_since IS NULL";
    assert_eq!((env.value::<i64>(rows), env.value::<i64>("SELECT count(*) FROM subscriptions")), (2, 2));
    env.nothing_forbidden();
}

#[test]
fn killed_before_or_after_the_service_made_it() {
    let (env, hook) = world();
    // Before: it stands written down, and the service was never asked.
    let draft = "INSERT INTO subscriptions (account_id, sink, event_group, types, verified, by_hand, sink_by_hand, attempts,
        last_attempt_at, created_at) VALUES (1, ?1, 'entity', '[]', 0, 0, 0, 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')";
    env.open().execute(draft, [sink(1, "entity")]).expect("a draft");
    // After: the service has made it, and the answer never comes.
    env.fic.fault_on(CREATE, 2, Fault::Hang(30));
    let mut child = env.spawn(ENSURE);
    let end = Instant::now() + Duration::from_secs(10);
    while changes(&env).len() < 2 {
        assert!(Instant::now() < end, "it does not ask: {:?}", changes(&env));
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
    assert!(env.fic.settled(Duration::from_secs(10)));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions WHERE id IS NULL"), 1);
    env.fic.clear_journal();
    env.run(ENSURE).exit(0);
    assert_eq!(changes(&env), Vec::<String>::new(), "nothing is made twice");
    sound(&env);
    hook.stop(0);
}

#[test]
fn a_lost_answer_is_not_asked_for_again_but_looked_for() {
    for fault in [Fault::CutBody, Fault::Reset, Fault::InvalidJson, Fault::Html502] {
        let (env, hook) = world();
        env.fic.fault_on(CREATE, 1, fault.clone());
        env.run(ENSURE).exit(1);
        assert_eq!(changes(&env).len(), 2, "{fault:?}: one request per group");
        assert!(env.fic.settled(Duration::from_secs(10)));
        env.run(ENSURE).exit(0);
        sound(&env);
        let made = if fault == Fault::Html502 { 3 } else { 2 };
        assert_eq!(changes(&env).len(), made, "{fault:?}");
        hook.stop(0);
    }
}

#[test]
fn a_moved_sink_is_changed_and_verified_again() {
    let (env, hook) = world();
    env.run(ENSURE).exit(0);
    let ids: Vec<Value> = at_the_service(&env).iter().map(|s| s["id"].clone()).collect();
    let moved = ENSURE.replace("hooks.example.it", "new.example.it");
    // Nobody answers there yet.
    env.run(&moved).exit(1).says(&["was not answered", "https://new.example.it"]);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions WHERE verified"), 0);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions WHERE attempts = 1 AND id IS NOT NULL"), 2);
    env.fic.clear_journal();
    env.run(&moved).exit(75);
    assert_eq!(changes(&env), Vec::<String>::new(), "too early to ask for another challenge");
    hook.stop(0);
    let mut command = hook::command(&env);
    let hook = Hook::of(command.env("FICSYNC_PUBLIC_URL", "https://new.example.it"));
    env.fic.map_sink("https://new.example.it", &format!("http://{}", hook.address));
    env.pass(601);
    env.run(&moved).exit(0);
    let there = at_the_service(&env);
    assert!(there.iter().all(|s| s["verified"] == true), "{there:#?}");
    assert_eq!(there.iter().map(|s| s["id"].clone()).collect::<Vec<_>>(), ids, "changed, not made anew");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions WHERE verified AND attempts = 0"), 2);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions"), 2);
    env.nothing_forbidden();
    hook.stop(0);
}

#[test]
fn types_that_others_have_stay_theirs() {
    for quirk in [None, Some(Quirk::WarningsAsText)] {
        let (env, hook) = world();
        quirk.into_iter().for_each(|quirk| env.fic.quirk(quirk));
        let theirs = subscribe(&env, "https://others.example.com/x", &["entities.clients.update", "products.update"]);
        let ran = env.run(ENSURE).exit(0);
        assert!(ran.stderr().contains("entities.clients.update") && ran.stderr().contains("others.example.com"));
        let ours = with_sink(&env, &sink(1, "entity"));
        assert_eq!(ours["types"].as_array().map(Vec::len), Some(5), "{ours:#}");
        env.fic.clear_journal();
        env.run(ENSURE).exit(0);
        assert_eq!(changes(&env), Vec::<String>::new(), "what others have is not asked for each day");
        assert_eq!(with_sink(&env, "https://others.example.com/x"), theirs);
        // By hand, the service's own words are passed on.
        let create = "subscriptions create --account-id 1 --group products --event-type products.update \
                      --event-type products.create --public-url https://hooks.example.it";
        let ran = env.run(create).exit(0);
        assert!(ran.stderr().contains("products.update' event is already registered"), "{}", ran.stderr());
        let none = create.replace("--event-type products.create", "");
        env.run(&none).exit(1).says(&["products", "subscriptions sync"]);
        assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions WHERE id IS NULL"), 0, "no sink of nothing");
        env.nothing_forbidden();
        hook.stop(0);
    }
}

#[test]
fn where_others_have_everything_nothing_is_made() {
    let (env, hook) = world();
    subscribe(
        &env,
        "https://others.example.com/x",
        &["entities.all.create", "entities.all.update", "entities.all.delete"],
    );
    env.run(ENSURE).exit(0);
    assert_eq!(at_the_service(&env).len(), 2, "theirs, and the documents'");
    let doctor = format!("doctor --json --public-url {} --listen {}", hook::PUBLIC, hook.address);
    let checks = env.run(&doctor).exit(1).json();
    let found = |id: &str| checks["checks"].as_array().expect("checks").iter().find(|c| c["id"] == id).cloned();
    assert_eq!(found("subscription.present").expect("the check")["ok"], false);
    let lacking = found("subscription.complete").expect("the check")["found"].to_string();
    assert!(lacking.contains("entities.suppliers.delete"), "{lacking}");
    hook.stop(0);
}

#[test]
fn ours_keep_what_they_have_when_types_are_added() {
    let (env, hook) = world();
    let id = subscribe(&env, &sink(1, "entity"), &["entities.clients.create", "receipts.create"])["id"].clone();
    assert!(env.fic.settled(Duration::from_secs(10)));
    env.run(ENSURE).exit(0);
    let ours = with_sink(&env, &sink(1, "entity"));
    assert_eq!((&ours["id"], &ours["verification_method"]), (&id, &json!("query")));
    assert_eq!(ours["config"]["mapping"], "structured");
    assert_eq!(ours["types"].as_array().map(Vec::len), Some(7), "{ours:#}");
    sound(&env);
    hook.stop(0);
}

#[test]
fn what_was_made_by_hand_is_wanted_as_it_was() {
    let (env, hook) = world();
    env.fic.map_sink("https://own.example.com", &format!("http://{}", hook.address));
    let own = "https://own.example.com/api/webhooks/fic/1/products";
    let create =
        format!("subscriptions create --account-id 1 --group products --sink {own} --event-type products.create");
    env.run(&create).exit(0);
    env.run(ENSURE).exit(0);
    let made = with_sink(&env, own);
    assert_eq!(made["types"], json!(["it.fattureincloud.webhooks.products.create"]), "neither moved nor widened");
    ask(&env, "DELETE", &format!("/{}", made["id"].as_str().expect("an id")), None);
    env.run("subscriptions sync").exit(0);
    let listed = env.run("subscriptions list").exit(0).stdout();
    assert!(listed.contains("gone at the service"), "{listed}");
    env.run(ENSURE).exit(0);
    let again = with_sink(&env, own);
    assert_eq!((&again["types"], &again["verified"]), (&made["types"], &json!(true)));
    env.fic.clear_journal();
    env.run(ENSURE).exit(0);
    assert_eq!(changes(&env), Vec::<String>::new());
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions"), 3);
    hook.stop(0);
}

#[test]
fn a_token_of_few_scopes_gets_what_it_may_read() {
    let (env, hook) = world();
    let scopes = ["entity.clients:r", "entity.suppliers:r", "issued_documents.invoices:r", "issued_documents.quotes:r"];
    env.fic.set_scopes(TOKEN, &scopes);
    env.run(ENSURE).exit(0);
    sound(&env);
    let documents = with_sink(&env, &sink(1, "issued_documents"));
    assert_eq!(documents["types"].as_array().map(Vec::len), Some(7), "{documents:#}");
    let create = "subscriptions create --account-id 1 --group taxes --public-url https://hooks.example.it";
    env.run(create).exit(77).says(&["set-token 1"]);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM subscriptions WHERE event_group = 'taxes'"), 0);
    hook.stop(0);
}

#[test]
fn the_attempt_at_the_creation_counts_also_where_others_made_it() {
    let env = Env::with_account();
    let id = subscribe(&env, &sink(1, "entity"), &["entities.clients.create"])["id"].clone();
    let id = id.as_str().expect("an id");
    let with_url = |words: &str| -> Ran { env.run(&format!("{words} --public-url https://hooks.example.it")) };
    with_url("subscriptions sync").exit(0);
    assert_eq!(env.value::<i64>("SELECT attempts FROM subscriptions"), 1);
    for _ in 0..3 {
        env.pass(601);
        env.run(&format!("subscriptions verify {id}")).exit(1).says(&["was not answered"]);
    }
    env.pass(601);
    env.run(&format!("subscriptions verify {id}")).exit(1).says(&["would lose it"]);
    with_url("subscriptions ensure").exit(1);
    assert_eq!(env.fic.outcomes(Outcome::Unsubscribed), 0);
    env.run(&format!("subscriptions delete {id}")).exit(0);
    env.run(&format!("subscriptions verify {id}")).exit(1).says(&["no subscription", "subscriptions sync"]);
    env.nothing_forbidden();
}

#[test]
fn two_at_once_do_not_make_it_twice() {
    let (env, hook) = world();
    env.fic.fault_on(CREATE, 1, Fault::Hang(2));
    let mut child = env.spawn(ENSURE);
    let end = Instant::now() + Duration::from_secs(10);
    while changes(&env).is_empty() {
        assert!(Instant::now() < end, "it does not ask");
        std::thread::sleep(Duration::from_millis(5));
    }
    env.run(ENSURE).exit(75).says(&["being worked on", "run again"]);
    assert!(child.wait().expect("its end").success());
    sound(&env);
    hook.stop(0);
}
