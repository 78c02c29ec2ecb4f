//! What a token may not read: learnt by one request, remembered for a week, told, and asked for again when there is reason to.

use crate::env::Env;
use crate::types::full_world;
use ficsync::resource;
use ficsync_sandbox::{COMPANY, Quirk, Request};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the token may read.
const SCOPES: [&str; 4] = ["entity.clients:r", "issued_documents.invoices:r", "received_documents:r", "taxes:r"];

/// A world with records of all types, whose token has these scopes.
fn world_with(scopes: &[&str]) -> Env {
    let env = full_world(12);
    env.fic.quirk(Quirk::NeedsScope("emails", "emails"));
    give(&env, scopes);
    env
}

/// Gives the account another token.
fn give(env: &Env, scopes: &[&str]) {
    let file = env.dir.path().join("other-token.txt");
    std::fs::write(&file, env.fic.issue_token(&[COMPANY], scopes)).expect("token file");
    env.run(&format!("account set-token 1 --token-file {}", file.display())).exit(0);
    env.fic.clear_journal();
}

/// Whether a scope opens it, or none is needed.
fn is_open(scope: Option<&str>) -> bool {
    scope.is_none_or(|scope| SCOPES.contains(&scope))
}

/// The requests that were refused for want of a scope, by what they asked for: once for each scope at most, and the tax
/// profile, of which the company's row can do without.
fn refused(env: &Env) -> BTreeMap<String, usize> {
    let mut refused = BTreeMap::new();
    for request in env.fic.journal().iter().filter(|request| request.status == 403) {
        let what = request.path.rsplit('/').next().unwrap_or_default().to_owned();
        *refused.entry(format!("{what} {}", request.param("type").unwrap_or_default())).or_default() += 1;
    }
    refused
}

/// How each resource type of a run ended.
fn outcomes(run: &Value) -> BTreeMap<&str, &str> {
    let parts = run["accounts"][0]["resources"].as_array().expect("resources");
    parts
        .iter()
        .map(|part| (part["resource"].as_str().expect("a name"), part["outcome"].as_str().expect("one")))
        .collect()
}

#[test]
fn what_may_not_be_read_is_asked_for_once_and_skipped() {
    let env = world_with(&SCOPES);
    let run = env.run("sync all --json").exit(0).json();
    for (name, outcome) in outcomes(&run) {
        let scope = resource::by_name(name).expect("a type").scope;
        assert_eq!(outcome, if is_open(scope) { "ok" } else { "skipped" }, "{name}");
    }
    let closed: Vec<_> =
        resource::scopes(&resource::all()).into_iter().filter(|(scope, _)| !is_open(Some(scope))).collect();
    assert_eq!(
        refused(&env).values().sum::<usize>(),
        closed.len() + 1,
        "one each, and the tax profile: {:#?}",
        refused(&env)
    );
    let company: (String, Option<String>) = env
        .open()
        .query_row("SELECT name, company_type FROM companies", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("the company");
    assert_eq!(company, ("Rossi S.r.l.".to_owned(), None));
    for words in ["sync all", "sync all --due", "sync all --full"] {
        env.fic.clear_journal();
        env.pass(600);
        env.run(words).exit(0);
        let again: Vec<String> = refused(&env).into_keys().collect();
        assert!(again.iter().all(|what| what.starts_with("tax_profile")), "{words}: {again:?}");
    }
    env.nothing_forbidden();
}

#[test]
fn it_is_asked_for_again_by_name_a_week_later_and_by_a_new_token() {
    let env = world_with(&SCOPES);
    env.run("sync all").exit(0);
    env.fic.clear_journal();
    env.run("sync quotes").exit(77).says(&["issued_documents.quotes:r"]);
    assert_eq!(refused(&env).len(), 1, "{:?}", refused(&env));
    let quotes = |env: &Env| env.fic.journal().iter().filter(|r| r.param("type") == Some("quote")).count();
    let numerations = |r: &&Request| !r.path.ends_with("/info");
    let lists = |env: &Env| {
        let journal = env.fic.journal();
        journal.iter().filter(numerations).filter(|r| r.param("type") == Some("quote")).count()
    };
    for (days, asked) in [(6, 0), (2, 1), (3, 0)] {
        env.pass(days * 86_400);
        env.fic.clear_journal();
        env.run("sync all --due").exit(0);
        assert_eq!(lists(&env), asked, "{days} days later ({} with numerations)", quotes(&env));
    }
    give(&env, &["*"]);
    let run = env.run("sync all --json").exit(0).json();
    assert!(outcomes(&run).values().all(|outcome| *outcome == "ok"), "{run:#}");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM quotes"), 12);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM sync_state WHERE denied_at IS NOT NULL"), 0);
}

#[test]
fn what_is_skipped_is_told_and_no_failure() {
    let env = world_with(&SCOPES);
    env.run("sync all").exit(0);
    env.run("status --max-age 1h").exit(0);
    let check = |env: &Env| -> Value {
        let found = env.run("doctor --json").json();
        let checks = found["checks"].as_array().expect("checks").clone();
        checks.into_iter().find(|check| check["id"] == "token.scope").expect("the check")
    };
    let scope = check(&env);
    assert_eq!(scope["ok"], true, "{scope}");
    let found = scope["found"].as_str().expect("words");
    for (name, _) in resource::scopes(&resource::all()) {
        assert_eq!(found.contains(name), !is_open(Some(name)), "{name}: {found}");
    }
    assert!(found.contains("without settings:r queries on the natures of VAT"), "{found}");
    let plan = env.run("sync --plan --json").exit(0).json();
    let quotes =
        plan["accounts"][0]["resources"].as_array().expect("resources").iter().find(|r| r["resource"] == "quotes");
    let quotes = quotes.expect("quotes");
    assert_eq!((&quotes["every"], &quotes["requests_per_month"]), (&"never".into(), &0.into()), "{quotes}");
    // Settings that name it want it.
    env.config_as_written("resources = [\"clients\", \"quotes\"]");
    let scope = check(&env);
    assert_eq!((&scope["ok"], scope["found"].as_str()), (&false.into(), Some("missing: issued_documents.quotes:r")));
    env.run("status --max-age 1h").exit(1).says(&["quotes"]);
}

#[test]
fn doctor_finds_out_before_the_first_run() {
    let env = world_with(&SCOPES);
    env.fic.set_quota(300, 1_000, 40_000);
    let found = env.run("doctor --json").json();
    let checks = found["checks"].as_array().expect("checks");
    let scope = checks.iter().find(|check| check["id"] == "token.scope").expect("the check");
    let words = scope["found"].as_str().expect("words");
    assert!(
        scope["ok"] == true && words.contains("issued_documents.quotes:r") && words.contains("settings:r"),
        "{scope}"
    );
    assert!(!words.contains("taxes:r"), "{words}");
    let failed: Vec<&Value> = checks.iter().filter(|c| c["ok"] == false && !c["account_id"].is_null()).collect();
    assert!(failed.iter().all(|check| check["id"] == "mirror.fresh"), "{failed:#?}");
}

#[test]
fn a_list_whose_scope_is_missing_lets_its_events_wait() {
    let env = world_with(&SCOPES);
    let invoice = env.fic.ids(COMPANY, "invoices")[0];
    let event = env.tell("issued_documents.invoices.email_sent", &[invoice]);
    let mut child = env.spawn("events drain");
    let begun = std::time::Instant::now();
    while child.try_wait().expect("a child").is_none() {
        let asked = env.fic.journal().len();
        if asked > 20 || begun.elapsed().as_secs() > 20 {
            child.kill().expect("SIGKILL");
            panic!("it goes on and on: {asked} requests");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (status, attempts) = env.fate(event);
    assert_eq!((status.as_str(), attempts), ("pending", 0), "a scope that is waited for uses up no attempt");
    assert_eq!(env.fic.journal().len(), 1, "{:#?}", refused(&env));
    give(&env, &["*"]);
    env.pass(900);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(event).0, "done");
}

#[test]
fn subscriptions_are_made_for_what_the_token_may_read() {
    let env = world_with(&SCOPES);
    env.run("sync all").exit(0);
    let hook = crate::hook::Hook::start(&env);
    env.fic.map_sink(crate::hook::PUBLIC, &format!("http://{}", hook.address));
    for _ in 0..2 {
        env.run(crate::subscriptions::ENSURE).exit(0);
        let there = crate::subscriptions::at_the_service(&env);
        let groups: Vec<&str> = there.iter().filter_map(|s| s["sink"].as_str()?.rsplit('/').next()).collect();
        assert_eq!(groups, ["entity", "issued_documents", "received_documents", "taxes"]);
        let types: Vec<&str> =
            there.iter().flat_map(|s| s["types"].as_array().expect("types")).filter_map(Value::as_str).collect();
        let kinds: std::collections::BTreeSet<&str> = types
            .iter()
            .filter_map(|t| t.strip_prefix("it.fattureincloud.webhooks.")?.rsplit_once('.'))
            .map(|(kind, _)| kind)
            .collect();
        let wanted = [
            "entities.clients",
            "issued_documents.e_invoices",
            "issued_documents.invoices",
            "received_documents",
            "received_documents.e_invoices",
            "taxes",
        ];
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), wanted);
    }
    hook.stop(0);
}
