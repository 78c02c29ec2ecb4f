//! What goes wrong at the service: the message, the exit code, the state of the tables, and that the next run mends it.

use crate::env::Env;
use ficsync_sandbox::{COMPANY, Fault, Quirk, TOKEN};

/// A world with 260 invoices mirrored, then 3 changed at the service.
fn mirrored() -> Env {
    let env = Env::with_account();
    env.config("timeout = '1s'\nmax_wait = '1s'");
    env.fic.populate(COMPANY, "invoices", 260);
    env.run("sync invoices").exit(0);
    env.pass(10);
    let ids = env.fic.ids(COMPANY, "invoices");
    [3, 70, 200].iter().for_each(|n| env.fic.update(COMPANY, "invoices", ids[*n]));
    env
}

/// The tables are sound, hold what they held, and the next run mends all.
#[track_caller]
fn mends(env: &Env) {
    env.fic.clear_faults();
    env.fic.clear_quirks();
    assert_eq!(env.value::<i64>("SELECT count(*) FROM invoices"), 260);
    assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 0);
    env.run("sync invoices").exit(0);
    env.same_as_service("invoices");
    env.nothing_forbidden();
}

/// Every try meets the fault.
fn always(env: &Env, fault: &Fault) {
    (0..10).for_each(|_| env.fic.fault(fault.clone()));
}

#[test]
fn faults_that_stay_end_the_run_with_what_and_what_to_do() {
    let text = |code: u16| Fault::status(code);
    for (fault, exit, words) in [
        (text(500), 1, &["account 1", "failed (500)", "run again"][..]),
        (text(503), 1, &["failed (503)"]),
        (text(408), 1, &["failed (408), several times"]),
        (text(404), 1, &["404", "ficsync account check 1"]),
        (text(409), 1, &["rejected the request (409)"]),
        (Fault::Html502, 1, &["failed (502)", "run again"]),
        (Fault::InvalidJson, 1, &["cannot be used", "not the JSON of a page"]),
        (Fault::CutBody, 1, &["connection", "failed"]),
        (Fault::Reset, 1, &["connection", "failed"]),
        (Fault::Hang(3), 1, &["did not answer within 1 s"]),
        (Fault::ShortPage(7), 1, &["holds 93 records where 100 are due of 260"]),
        (Fault::NoId, 1, &["without id"]),
        (Fault::NullTotal, 1, &["how many records"]),
        (Fault::EmptyPage, 1, &["260 are mirrored", "--allow-mass-delete"]),
        (text(403), 77, &["403", "issued_documents.invoices:r", "ficsync account set-token 1"]),
        (Fault::retry(403, 1_800), 75, &["used up (403)", "requests are possible again at"]),
        (Fault::retry(429, 90), 75, &["too fast (429)", "requests are possible again at"]),
    ] {
        let env = mirrored();
        always(&env, &fault);
        env.run("sync invoices").exit(exit).says(words);
        assert!(
            env.value::<String>("SELECT last_error FROM sync_state").contains(words[0].trim_start_matches("account"))
        );
        env.pass(3_600);
        mends(&env);
    }
}

#[test]
fn faults_that_pass_are_not_noticed() {
    for fault in [
        Fault::status(500),
        Fault::status(408),
        Fault::Html502,
        Fault::InvalidJson,
        Fault::CutBody,
        Fault::Reset,
        Fault::Hang(2),
        Fault::ShortPage(3),
        Fault::NoId,
        Fault::NullTotal,
        Fault::Unsorted,
        Fault::EmptyPage,
        Fault::RepeatedRow,
        Fault::retry(429, 1),
        Fault::retry(403, 1),
        Fault::Drip(1),
        Fault::Status { code: 404, retry_after: None, body: Some("<html>404 Not Found</html>".to_owned()) },
    ] {
        let env = mirrored();
        env.fic.fault(fault.clone());
        env.run("sync invoices").exit(0);
        assert_eq!(env.fic.faults_waiting(), 0, "{fault:?} was met");
        mends(&env);
    }
}

#[test]
fn a_long_block_is_obeyed_without_asking() {
    let env = mirrored();
    env.fic.fault(Fault::retry(403, 1_800));
    env.run("sync invoices").exit(75);
    env.fic.clear_journal();
    env.run("sync all").exit(75).says(&["requests are possible again at"]);
    assert_eq!(env.fic.journal().len(), 0, "no request before the time");
    env.pass(1_802);
    mends(&env);
}

#[test]
fn a_missing_scope_is_skipped_in_all_and_77_by_name() {
    let env = Env::with_account();
    env.fic.set_scopes(TOKEN, &["entity.clients:r", "issued_documents.invoices:r", "issued_documents.quotes:r"]);
    env.fic.populate(COMPANY, "clients", 20);
    env.run("sync all").exit(0);
    env.same_as_service("clients");
    let outcomes: String =
        env.value("SELECT group_concat(resource || '=' || outcome, ' ') FROM (SELECT * FROM sync_runs ORDER BY id)");
    assert_eq!(outcomes, "clients=ok suppliers=skipped invoices=ok quotes=ok");
    env.run("sync suppliers").exit(77).says(&["entity.suppliers:r"]);
    env.run("sync suppliers clients").exit(77);
}

#[test]
fn a_list_that_never_holds_still_is_no_failure() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 450);
    env.fic.populate(COMPANY, "invoices", 30);
    env.fic.quirk(Quirk::RefuseSort("clients", "updated_at"));
    // After each answer one of the records on it is gone: the count is never that of what was read.
    for n in 1..200 {
        env.fic.after_request(n, move |fic| {
            let ids = fic.ids(COMPANY, "clients");
            fic.delete(COMPANY, "clients", ids[n % 50]);
        });
    }
    let ran =
        env.run("sync clients invoices --json").exit(75).says(&["account 1 clients", "all the time", "run again"]);
    let resources = ran.json()["accounts"][0]["resources"].clone();
    assert_eq!((&resources[0]["outcome"], &resources[1]["outcome"]), (&"stopped".into(), &"ok".into()), "{resources}");
    assert!(!ran.stderr().contains("error:"), "{}", ran.stderr());
    assert_eq!(
        env.value::<String>("SELECT outcome FROM sync_runs WHERE resource = 'clients' ORDER BY id DESC"),
        "stopped"
    );
}

#[test]
fn one_resource_that_fails_does_not_stop_the_others() {
    let env = Env::with_account();
    ["clients", "invoices"].iter().for_each(|resource| env.fic.populate(COMPANY, resource, 30));
    (0..10).for_each(|_| env.fic.fault_on("/entities/clients", 1, Fault::status(500)));
    let json = env.run("sync all --json").exit(1).json();
    let resources = json["accounts"][0]["resources"].as_array().expect("resources").clone();
    let outcomes: Vec<&str> = resources.iter().filter_map(|r| r["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["failed", "ok", "ok", "ok"]);
    assert!(resources[0]["error"].as_str().expect("an error").contains("500"));
    env.same_as_service("invoices");
    assert_eq!(env.value::<Option<String>>("SELECT last_sync_at FROM accounts"), None);
}

#[test]
fn a_dead_token_ends_the_account_with_77_and_other_accounts_go_on() {
    let env = Env::with_account();
    env.fic.add_company(77, "Bianchi S.n.c.");
    let token = env.fic.issue_token(&[77], &["*"]);
    let file = env.dir.path().join("second.txt");
    std::fs::write(&file, token).expect("token file");
    env.run(&format!("account add --name Bianchi --token-file {}", file.display())).exit(0);
    env.fic.populate(77, "clients", 5);
    env.fic.expire_token(TOKEN);
    env.fic.clear_journal();
    env.run("sync all").exit(77).says(&["account 1", "401", "ficsync account set-token 1"]);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM clients WHERE account_id = 2"), 5);
    assert_eq!(env.fic.journal().iter().filter(|r| r.company == Some(COMPANY)).count(), 1, "asked once");
}
