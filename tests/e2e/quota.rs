//! The service's quotas: 300 requests in 5 minutes, 1,000 in an hour, 40,000 in a month.

use crate::env::Env;
use ficsync_sandbox::COMPANY;

/// Runs until the walk is whole, letting `pause` seconds pass after each stop. Returns the number of runs.
fn run_until_done(env: &Env, words: &str, pause: i64) -> usize {
    for runs in 1..200 {
        let ran = env.run(words);
        match ran.output.status.code() {
            Some(0) => return runs,
            Some(75) => drop(ran.says(&["requests are possible again at"])),
            code => panic!("{code:?}: {}", ran.stderr()),
        }
        env.pass(pause);
    }
    panic!("it never ends");
}

/// More by an environment variable: 120,000 records need a minute.
fn records() -> usize {
    std::env::var("FICSYNC_TEST_RECORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(40_000)
}

#[test]
fn a_long_walk_reaches_its_end_over_hours_and_is_refused_once() {
    let env = Env::with_account();
    env.config("max_wait = '0s'");
    env.fic.populate(COMPANY, "clients", records());
    let runs = run_until_done(&env, "sync clients", 600);
    env.same_as_service("clients");
    env.nothing_forbidden();
    assert!(runs >= records() / 100 / 300, "{runs} runs");
    assert_eq!(env.fic.refusals(), 1, "the first tells that 300 in five minutes are enforced; then its own count does");
}

#[test]
fn bulk_work_leaves_five_percent_of_the_hour_to_webhooks() {
    let env = Env::with_account();
    env.config("max_wait = '0s'");
    env.fic.set_quota(300, 40, 40_000);
    env.fic.populate(COMPANY, "clients", 6_000);
    env.run("sync clients").exit(75).says(&["left to webhooks", "requests are possible again at"]);
    assert_eq!(env.value::<i64>("SELECT hourly_remaining FROM quota"), 2);
    run_until_done(&env, "sync clients", 3_601);
    env.same_as_service("clients");
    assert_eq!(env.fic.refusals(), 0);
}

#[test]
fn what_a_wrong_clock_left_is_not_believed() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 30);
    env.run("sync all").exit(0);
    env.run("status --max-age 1h").exit(0);
    let (soon, far) = ("'+20 days'", "'+400 days'");
    for (ahead, exit) in [(soon, 75), (far, 0)] {
        let stamp = |ahead| format!("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', {ahead})");
        let sql = format!("UPDATE quota SET blocked_until = {}, blocked_at = {}", stamp(ahead), stamp("'-1 minutes'"));
        env.open().execute_batch(&sql).expect("a block");
        env.run("sync all").exit(exit);
    }
    let sql = format!("UPDATE sync_state SET last_success_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', {far})");
    env.open().execute_batch(&sql).expect("a stamp");
    env.run("status --max-age 1h").exit(1).says(&["clients (in the future", "clock"]);
}

#[test]
fn other_apps_use_the_window_too() {
    let env = Env::with_account();
    env.config("max_wait = '0s'");
    env.fic.set_quota(7, 1_000, 40_000);
    env.fic.populate(COMPANY, "clients", 1_500);
    run_until_done(&env, "sync clients", 310);
    env.same_as_service("clients");
    assert!(env.fic.refusals() <= 4, "one refusal tells each time: {}", env.fic.refusals());
}

#[test]
fn the_last_request_of_the_month_is_followed_by_patience() {
    let env = Env::with_account();
    env.config("max_wait = '0s'");
    env.fic.set_used(COMPANY, "private", 0, 39_995);
    env.fic.populate(COMPANY, "clients", 1_000);
    env.run("sync clients").exit(75).says(&["used up (403)"]);
    let asked = env.fic.journal().len();
    env.run("sync clients").exit(75);
    assert_eq!(env.fic.journal().len(), asked);
    assert_eq!(env.fic.refusals(), 1);
    env.pass(32 * 86_400);
    env.run("sync clients").exit(0);
    env.same_as_service("clients");
}

#[test]
fn the_operators_own_limit() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 950);
    env.run("sync invoices --max-requests 4").exit(75).says(&["--max-requests"]);
    assert_eq!(env.fic.journal().len(), 4);
    env.run("sync invoices --max-requests 3").exit(75);
    assert_eq!(env.fic.journal().len(), 7);
    env.run("sync invoices").exit(0);
    env.same_as_service("invoices");
    assert!(env.fic.journal().len() <= 14);
}

#[test]
fn a_dry_run_asks_once_per_resource_and_writes_nothing() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 210);
    let json = env.run("sync all --dry-run --json").exit(0).json();
    assert_eq!(env.fic.journal().len(), 4);
    assert_eq!((json["version"].as_i64(), json["accounts"][0]["resources"][0]["total"].as_i64()), (Some(1), Some(210)));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM clients"), 0);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM sync_runs"), 0);
    // What a run's document has, this one has too: a script need not tell them apart.
    let of_run = env.run("sync all --json").exit(0).json();
    for pointer in ["/accounts/0", "/accounts/0/resources/0"] {
        let keys = of_run.pointer(pointer).and_then(|part| part.as_object()).expect("an object").keys();
        keys.for_each(|key| assert!(json.pointer(&format!("{pointer}/{key}")).is_some(), "{pointer}/{key}"));
    }
    // A run that would walk everything again is told as one.
    let mode = || {
        let json = env.run("sync clients --dry-run --json").exit(0).json();
        json.pointer("/accounts/0/resources/0/mode").and_then(|mode| mode.as_str()).map(str::to_owned)
    };
    assert_eq!(mode().as_deref(), Some("changes"));
    env.config("full_every = '1d'");
    env.pass(2 * 86_400);
    assert_eq!(mode().as_deref(), Some("full"));
    env.run("sync clients --account-id 1 --account-id 1").exit(0);
    assert_eq!(mode().as_deref(), Some("changes"));
    let last = "SELECT group_concat(mode) FROM sync_runs WHERE resource = 'clients'";
    assert_eq!(env.value::<String>(last), "full,full", "one run for an account that is named twice");
}
