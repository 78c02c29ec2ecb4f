//! `status`: tables, JSON, `--max-age`.

use crate::env::TestEnv;
use serde_json::json;
use std::process::Command;

/// People's own tool writes what a run would.
fn sql(env: &TestEnv, statement: &str) {
    let status = Command::new("sqlite3").arg(env.path("data/ficsync.db")).arg(statement).status();
    assert!(status.expect("sqlite3").success(), "{statement}");
}

#[test]
fn a_fresh_account_is_shown_as_never_synced() {
    let env = TestEnv::with_account();
    let text = env.run(&["status"]).exit(0).out;
    assert!(text.contains("made by hand") && text.lines().filter(|l| l.contains("invoices")).count() == 1, "{text}");
    let ran = env.run(&["status", "--json"]).exit(0);
    let account = ran.json()["accounts"][0].clone();
    assert_eq!(account["token"], json!({"kind": "manual", "state": "present"}));
    assert_eq!(account["last_sync_at"], json!(null));
    let mut clients = account["resources"][0].clone();
    let due_at = clients["due_at"].take();
    assert_eq!(
        clients,
        json!({"resource": "clients", "rows": 0, "last_success_at": null, "last_error": null, "complete": false,
               "last_look_at": null, "due_at": null, "denied_at": null})
    );
    assert!(due_at.as_str().is_some_and(|at| at.ends_with('Z')), "due now: {due_at}");
    assert_eq!(account["resources"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        account["events"],
        json!({"pending": 0, "processing": 0, "failed": 0, "ignored": 0, "oldest_pending_seconds": null})
    );
    assert_eq!(account["subscriptions"], json!([]));
    assert_eq!(account["quota"]["hourly_remaining"], json!(null));
    env.run(&["status", "--max-age", "90d"]).exit(1).says(&["account 1 clients (never)", "ficsync sync all"]);
    env.run(&["status", "--max-age", "soon"]).exit(2);
}

#[test]
fn quota_token_and_age_are_shown() {
    let mut env = TestEnv::with_account();
    env.run(&["account", "check"]).exit(0);
    let now = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";
    for (resource, error) in
        [("clients", "NULL"), ("suppliers", "NULL"), ("invoices", "'it broke'"), ("quotes", "NULL")]
    {
        let row = format!("(1, '{resource}', {now}, {now}, {error})");
        sql(
            &env,
            &format!(
                "INSERT INTO sync_state (account_id, resource, last_full_at, last_success_at, last_error) VALUES {row}"
            ),
        );
    }
    let account = env.run(&["status", "--json"]).exit(0).json()["accounts"][0].clone();
    assert_eq!((&account["quota"]["hourly_remaining"], &account["quota"]["hourly_limit"]), (&json!(900), &json!(1000)));
    assert_eq!(
        (&account["resources"][2]["last_error"], &account["resources"][2]["complete"]),
        (&json!("it broke"), &json!(true))
    );
    env.run(&["status", "--max-age", "1h"]).exit(0);
    env.ahead = 7_300;
    let text = env.run(&["status"]).exit(0).out;
    assert!(text.contains("900/1000") && text.contains("2h 1m ago") && text.contains("it broke"), "{text}");
    env.run(&["status", "--max-age", "1h"]).exit(1).says(&["invoices (2h 1m ago)"]);
    std::fs::remove_file(env.path("data/credentials/1.json")).expect("remove");
    assert!(env.run(&["status"]).exit(0).out.contains("missing; run: ficsync account set-token 1"));
}

#[test]
fn status_writes_nothing_and_does_not_wait_for_a_writer() {
    let env = TestEnv::with_account();
    let db = env.path("data/ficsync.db");
    let mut writer = Command::new("sqlite3")
        .arg(&db)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sqlite3");
    let mut stdin = writer.stdin.take().expect("stdin");
    std::io::Write::write_all(&mut stdin, b"BEGIN IMMEDIATE; UPDATE accounts SET name = 'New'; SELECT 'held';\n")
        .expect("begin");
    let mut stdout = std::io::BufReader::new(writer.stdout.take().expect("stdout"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stdout, &mut line).expect("held");
    assert_eq!(line, "held\n");
    assert_eq!(env.run(&["status", "--json"]).exit(0).json()["accounts"][0]["name"], "Rossi");
    drop(stdin);
    writer.wait().expect("end");
}
