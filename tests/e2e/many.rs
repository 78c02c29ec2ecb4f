//! Many companies at once: several accounts are at work at the same time, and what happens to one does not touch another.

use crate::env::{Env, RESOURCES};
use crate::limits::peak_of;
use ficsync_sandbox::{COMPANY, Fault};
use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The company of an account.
fn company(account: i64) -> i64 {
    if account == 1 { COMPANY } else { 100 + account }
}

/// A world with so many accounts.
fn with_accounts(n: i64) -> Env {
    let env = Env::with_account();
    (2..=n).for_each(|account| env.add_account(company(account), &format!("Account-{account}")));
    env.fic.clear_journal();
    env
}

/// What asks for something of this account's company.
fn path(account: i64) -> String {
    format!("/c/{}/", company(account))
}

/// Waits until the service has seen `n` requests in all. Panics after 30 seconds.
fn wait_for_requests(env: &Env, n: usize) {
    let end = Instant::now() + Duration::from_secs(30);
    while env.fic.journal().len() < n {
        assert!(Instant::now() < end, "only {} requests came", env.fic.journal().len());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The companies that were asked for, in the order of their first request.
fn asked(env: &Env) -> Vec<i64> {
    let mut companies = Vec::new();
    for request in env.fic.journal() {
        let company = request.company.expect("a company's request");
        if !companies.contains(&company) {
            companies.push(company);
        }
    }
    companies
}

/// The outcomes of a run, in the order in which it tells them.
fn outcomes(json: &serde_json::Value) -> Vec<(i64, String)> {
    let accounts = json["accounts"].as_array().expect("accounts");
    let text = |part: &serde_json::Value| part["outcome"].as_str().expect("an outcome").to_owned();
    accounts.iter().map(|part| (part["account_id"].as_i64().expect("an id"), text(part))).collect()
}

fn words(outcomes: &[&str]) -> Vec<(i64, String)> {
    (1..).zip(outcomes).map(|(id, outcome)| (id, (*outcome).to_owned())).collect()
}

#[test]
fn so_many_accounts_as_are_asked_for_are_at_work_and_no_more() {
    let env = with_accounts(5);
    for (words, variables, jobs) in [
        ("sync clients --jobs 5", &[][..], 5),
        ("sync clients", &[("FICSYNC_JOBS", "3")], 3),
        ("sync clients --jobs 2", &[("FICSYNC_JOBS", "3")], 2),
        ("sync clients --jobs 1", &[], 1),
        ("sync clients", &[], 5),
    ] {
        env.fic.clear_faults();
        env.fic.clear_journal();
        (1..=5).for_each(|account| env.fic.fault_on(&path(account), 1, Fault::Hang(60)));
        let mut command = env.command(words);
        let mut child = command.envs(variables.iter().copied()).stderr(Stdio::null()).spawn().expect("it starts");
        wait_for_requests(&env, jobs);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(env.fic.journal().len(), jobs, "{words} {variables:?}");
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
    }
}

#[test]
fn the_account_whose_last_success_is_oldest_comes_first() {
    let env = with_accounts(4);
    env.run("sync all").exit(0);
    env.pass(60);
    env.run("sync all --account-id 1 --account-id 3").exit(0);
    env.pass(60);
    let order = |expected: [i64; 4]| {
        env.fic.clear_journal();
        env.run("sync all --jobs 1 --dry-run").exit(0);
        assert_eq!(asked(&env), expected.map(company));
        env.fic.clear_journal();
        let json = env.run("sync all --jobs 1 --json").exit(0).json();
        assert_eq!(asked(&env), expected.map(company));
        assert_eq!(outcomes(&json), words(&["ok"; 4]), "told in the order of the accounts all the same");
        env.pass(60);
    };
    order([2, 4, 1, 3]);
    // Never: before all others. In the future, which a wrong clock wrote: as never. In one second: by their ids.
    env.open()
        .execute_batch(
            "DELETE FROM sync_state WHERE account_id = 4;
             UPDATE sync_state SET last_success_at = '2099-01-01T00:00:00Z' WHERE account_id = 3;
             UPDATE sync_state SET last_success_at = '2026-01-01T00:00:00Z' WHERE account_id IN (1, 2);",
        )
        .expect("a wrong clock");
    order([3, 4, 1, 2]);
}

#[test]
fn each_account_has_its_own_outcome() {
    let env = with_accounts(6);
    for account in 1..=6 {
        env.fic.populate(company(account), "clients", 130 + account as usize);
        env.fic.populate(company(account), "suppliers", 20);
    }
    env.fic.fault_on(&path(2), 1, Fault::status(401));
    env.fic.fault_on(&path(3), 2, Fault::retry(403, 3_600));
    (0..10).for_each(|_| env.fic.fault_on(&path(4), 1, Fault::Hang(60)));
    let trigger = "CREATE TRIGGER broken BEFORE INSERT ON sync_runs WHEN NEW.account_id = 5
                   BEGIN SELECT RAISE(ABORT, 'the disk is bewitched'); END";
    env.open().execute_batch(trigger).expect("a trigger");
    let ran = env.run("sync clients suppliers --jobs 6 --timeout 3s --json").exit(1);
    let json = ran.json();
    assert_eq!(outcomes(&json), words(&["ok", "failed", "stopped", "failed", "failed", "ok"]));
    let stderr = ran.stderr();
    for said in [
        "account 2: the service refused the token",
        "requests are possible again at",
        "account 4: the service did not answer within 3 s",
        "account 5: the database",
        "bewitched",
    ] {
        assert!(stderr.contains(said), "{said:?} is missing in:\n{stderr}");
    }
    // Requests are counted for each account, however many run.
    for (account, part) in (1..).zip(json["accounts"].as_array().expect("accounts")) {
        let sent = env.fic.journal().iter().filter(|request| request.company == Some(company(account))).count();
        assert_eq!(part["requests"].as_u64(), Some(sent as u64), "account {account}");
    }
    // A dead token, or a quota, is no failure of the others.
    env.open().execute_batch("DROP TRIGGER broken").expect("no trigger");
    env.fic.clear_faults();
    env.fic.fault_on(&path(2), 1, Fault::status(401));
    let json = env.run("sync clients suppliers --json").exit(77).says(&["account 2"]).json();
    assert_eq!(
        outcomes(&json),
        words(&["ok", "failed", "stopped", "ok", "ok", "ok"]),
        "the quota's wait is remembered"
    );
    let json = env.run("sync clients suppliers --json").exit(75).says(&["account 3"]).json();
    assert_eq!(outcomes(&json), words(&["ok", "ok", "stopped", "ok", "ok", "ok"]));
    env.pass(3_700);
    env.run("sync all --jobs 3").exit(0);
    let companies: Vec<i64> = (1..=6).map(company).collect();
    RESOURCES.iter().for_each(|resource| env.same_as_service_of(&companies, resource));
    env.nothing_forbidden();
}

#[test]
fn the_operators_own_limit_counts_over_all_accounts() {
    let env = with_accounts(6);
    (1..=6).for_each(|account| env.fic.populate(company(account), "invoices", 250));
    for limit in [1, 13, 20] {
        env.fic.clear_journal();
        let json = env.run(&format!("sync all --jobs 6 --json --max-requests {limit}")).exit(75).json();
        assert_eq!(env.fic.journal().len(), limit);
        let told: u64 = json["accounts"].as_array().expect("six").iter().filter_map(|a| a["requests"].as_u64()).sum();
        assert_eq!(told, limit as u64);
        assert!(outcomes(&json).iter().all(|(_, outcome)| outcome == "stopped" || outcome == "ok"), "{json}");
    }
    env.run("sync all").exit(0);
    let companies: Vec<i64> = (1..=6).map(company).collect();
    env.same_as_service_of(&companies, "invoices");
}

#[test]
fn two_runs_exclude_each_other_account_by_account() {
    let env = with_accounts(4);
    [1, 2].iter().for_each(|account| env.fic.fault_on(&path(*account), 1, Fault::Hang(60)));
    let mut first = env.spawn("sync clients --account-id 1 --account-id 2 --jobs 2");
    wait_for_requests(&env, 2);
    let ran = env.run("sync clients --json").exit(75).says(&["another run", &format!("process {}", first.id())]);
    assert_eq!(outcomes(&ran.json()), words(&["stopped", "stopped", "ok", "ok"]));
    first.kill().expect("SIGKILL");
    first.wait().expect("its end");
    env.run("sync clients").exit(0);
}

#[test]
fn killed_in_the_middle_each_account_goes_on_where_it_was() {
    let env = with_accounts(5);
    let companies: Vec<i64> = (1..=5).map(company).collect();
    companies.iter().for_each(|company| env.fic.populate(*company, "invoices", 700));
    env.fic.set_delay(30);
    for requests in [7, 20] {
        let mut child = env.spawn("sync invoices --jobs 5");
        wait_for_requests(&env, requests);
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
    }
    env.fic.set_delay(0);
    env.run("sync invoices").exit(0);
    env.same_as_service_of(&companies, "invoices");
    // 8 pages and the closing for each account; each kill costs each account the page that was asked for, or being written.
    let most = 5 * (700 / 99 + 4 + 2 * 2);
    assert!(env.fic.journal().len() <= most, "{} requests", env.fic.journal().len());
    env.nothing_forbidden();
}

#[test]
fn a_signal_ends_all_and_those_not_begun_are_told() {
    let env = with_accounts(6);
    (1..=6).for_each(|account| env.fic.populate(company(account), "invoices", 150));
    // The two that are at work wait for their third answer until the time-out.
    [1, 2].iter().for_each(|account| env.fic.fault_on(&path(*account), 3, Fault::Hang(60)));
    let mut command = env.command("sync all --jobs 2 --timeout 8s --json");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    wait_for_requests(&env, 6);
    kill_process(Pid::from_child(&child), Signal::TERM).expect("SIGTERM");
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(75));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(outcomes(&json), words(&["stopped"; 6]));
    for part in json["accounts"].as_array().expect("six") {
        assert_eq!(part["resources"].as_array().map(Vec::len), Some(4), "a row for each resource");
    }
    assert_eq!(env.value::<i64>("SELECT count(*) FROM sync_runs"), 24);
    assert_eq!(env.fic.journal().len(), 6, "no request after the signal");
    env.run("sync all").exit(0);
}

#[test]
fn connections_are_kept_and_shared() {
    let env = with_accounts(10);
    let connections = || {
        let before = env.fic.connections();
        env.run("sync all --jobs 3").exit(0);
        env.fic.connections() - before
    };
    assert!(connections() <= 3);
    assert!(connections() <= 3);
}

#[test]
fn memory_grows_by_two_megabytes_a_job_at_most() {
    let env = with_accounts(8);
    (1..=8).for_each(|account| env.fic.populate(company(account), "invoices", 400));
    for (words, jobs) in [("sync all --jobs 8", 8), ("sync all --jobs 1 --full", 1), ("sync all --full --jobs 4", 4)] {
        let (peak, code) = peak_of(&mut env.spawn(words));
        assert_eq!(code, Some(0), "{words}");
        let allowed = 32 + 2 * (jobs - 1);
        eprintln!("{words}: {peak} kB of {allowed} MB");
        assert!(peak <= allowed * 1_000, "{words}: {peak} kB of {allowed} MB");
    }
}
