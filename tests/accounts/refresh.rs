//! The refresh: before the token expires and on 401, once for all processes, on disk before it is used.

use crate::env::{Ran, TestEnv};
use std::time::Duration;

/// A day and a bit: the access token has expired.
const A_DAY: i64 = 86_400 + 60;

#[test]
fn an_expiring_token_is_refreshed_before_it_is_used() {
    let mut env = TestEnv::with_login();
    env.run(&["account", "check"]).exit(0);
    assert_eq!(env.fic.token_requests().len(), 1, "the login alone");
    // Four minutes before the end.
    env.ahead = 86_400 - 240;
    env.run(&["account", "check"]).exit(0);
    assert_eq!(env.fic.token_requests()[1]["refresh_token"], "r/oauth-1");
    let world = env.fic.world();
    let used = world.requests.iter().rev().take(4).filter(|r| r.token.as_deref() == Some("a/oauth-2"));
    assert_eq!(used.count(), 4);
    drop(world);
    assert!(env.credentials().contains("r/oauth-2") && env.credentials().contains("very-secret"));
}

#[test]
fn many_processes_refresh_once() {
    let mut env = TestEnv::with_login();
    env.fic.world().token_delay = Duration::from_millis(300);
    env.ahead = A_DAY;
    together(&env);
    assert_eq!(env.fic.token_requests().len(), 2, "the login and one refresh");
    // And when the service refuses a token that should still live.
    env.fic.world().access.clear();
    together(&env);
    assert_eq!(env.fic.token_requests().len(), 3);
}

fn together(env: &TestEnv) {
    let children: Vec<_> = (0..5).map(|_| env.start(&["account", "check"])).collect();
    for child in children {
        Ran::from(child.wait_with_output().expect("end")).exit(0);
    }
}

#[test]
fn killed_after_the_rotation_the_next_run_has_the_new_tokens() {
    let mut env = TestEnv::with_login();
    env.ahead = A_DAY;
    env.fic.world().delay = Duration::from_secs(20);
    let mut child = env.start(&["account", "check"]);
    env.fic.wait_for(|asked| asked.token.as_deref() == Some("a/oauth-2"));
    child.kill().expect("kill");
    child.wait().expect("end");
    assert!(env.credentials().contains("r/oauth-2"), "on disk before the first use");
    env.fic.world().delay = Duration::ZERO;
    env.run(&["account", "check"]).exit(0);
    assert_eq!(env.fic.token_requests().len(), 2);
}

#[test]
fn an_account_removed_during_a_refresh_leaves_no_token() {
    let mut env = TestEnv::with_login();
    env.ahead = A_DAY;
    env.fic.world().token_delay = Duration::from_secs(2);
    std::fs::write(env.path("data/credentials/.1.new-killed"), "half of a token").expect("a leftover");
    let mut refresh = env.start(&["account", "check"]);
    env.fic.wait_for(|asked| asked.target == "/oauth/token" && asked.body.contains("r/oauth-1"));
    env.run(&["account", "remove", "1", "--yes"]).exit(0);
    refresh.wait().expect("its end");
    let left = std::fs::read_dir(env.path("data/credentials")).expect("the folder");
    let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_dead_refresh_token_is_77_with_the_command() {
    let mut env = TestEnv::with_login();
    env.ahead = A_DAY;
    env.fic.world().refresh.clear();
    let ran = env.run(&["account", "check"]).exit(77);
    let ran = ran.says(&["account 1", "invalid_grant", "ficsync account login --name 'Rossi' --client-id 'app'"]);
    assert!(!ran.err.contains("r/oauth-1") && !ran.err.contains("very-secret"), "{}", ran.err);
    env.fic.world().codes.insert("c/again".to_owned());
    env.login("c/again\n").exit(0);
    env.run(&["account", "check"]).exit(0);
}

#[test]
fn a_dead_refresh_token_is_asked_for_once_in_a_run() {
    let mut env = TestEnv::with_login();
    env.fic.world().refresh.clear();
    // The service ends the access token before its time.
    env.fic.world().access.clear();
    env.run(&["sync", "all"]).exit(77).says(&["account 1", "invalid_grant", "ficsync account login"]);
    assert_eq!(env.fic.token_requests().len(), 2, "the login and one refresh");
    let asked = env.fic.world().requests.iter().filter(|r| r.target.starts_with("/c/")).count();
    assert_eq!(asked, 1, "and with the access token, too");
    env.ahead = A_DAY;
    env.run(&["account", "check"]).exit(77);
    assert_eq!(env.fic.token_requests().len(), 3, "another process asks once more");
    env.run(&["sync", "all"]).exit(77);
    assert_eq!(env.fic.token_requests().len(), 4);
}

#[test]
fn what_a_clock_far_ahead_says_of_a_tokens_end_counts_for_nothing() {
    let mut env = TestEnv::new();
    env.ahead = 30 * 86_400;
    env.login("c/code\n").exit(0);
    env.ahead = 0;
    env.run(&["account", "check"]).exit(0);
    assert_eq!(env.fic.token_requests().len(), 2, "it is refreshed");
    env.run(&["account", "check"]).exit(0);
    assert_eq!(env.fic.token_requests().len(), 2, "its end is known now");
}

#[test]
fn a_passing_fault_of_the_token_endpoint_is_no_matter_of_credentials() {
    let mut env = TestEnv::with_login();
    env.ahead = A_DAY;
    env.fic.world().token_failures = vec![502];
    env.run(&["account", "check"]).exit(0);
    env.ahead = 2 * A_DAY;
    env.fic.world().token_failures = vec![503; 10];
    env.run(&["account", "check"]).exit(1).says(&["could not refresh the token", "run again"]);
    // Four minutes before its end the old one still does.
    env.ahead = A_DAY + 86_400 - 240;
    env.fic.world().token_failures = vec![503; 4];
    assert!(env.run(&["account", "check"]).exit(0).err.contains("could not refresh the token yet"));
}
