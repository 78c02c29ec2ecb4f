//! The browser that `account login` opens: its argument, which all users of the machine can read, tells nothing.

use crate::env::TestEnv;
use crate::login::{PORT, address, ask, end};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command};
use std::time::{Duration, Instant};
use url::Url;

/// Begins a login with a browser that only writes its arguments down. Returns the address that is shown to the person,
/// and those arguments.
fn begin(env: &TestEnv) -> (Child, BufReader<ChildStderr>, Url, String) {
    let secret = env.file("client-secret", "very-secret");
    let opened = env.path("opened");
    let browser =
        env.file("xdg-open", &format!("#!/bin/sh\necho \"$@\" > {0}.new\nmv {0}.new {0}\n", opened.display()));
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).expect("mode");
    let args = ["account", "login", "--name", "Rossi", "--client-id", "app", "--client-secret-file", &secret];
    let path = format!("{}:/usr/bin:/bin", env.dir.path().display());
    let mut child = env.command(&args).env("PATH", path).spawn().expect("ficsync");
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
    let mut told = String::new();
    while !told.contains("state=") {
        assert!(stderr.read_line(&mut told).expect("stderr") > 0, "{told}");
    }
    let begun = Instant::now();
    while !opened.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "no browser was opened: {told}");
        std::thread::sleep(Duration::from_millis(10));
    }
    (child, stderr, address(&told), std::fs::read_to_string(opened).expect("arguments").trim().to_owned())
}

/// The first line of the answer to a request that a program of another user makes. Nothing where we cannot be another.
fn asked_by_another_user(target: &str) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can be another user");
        return None;
    }
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/8788; printf 'GET {target} HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' >&3; cat <&3"
    );
    let ran = Command::new("/bin/bash").args(["-c", &script]).uid(65_534).gid(65_534).output().expect("bash");
    Some(String::from_utf8(ran.stdout).expect("text"))
}

#[test]
fn its_argument_tells_nothing_and_leads_only_our_user_on() {
    let _turn = PORT.lock().unwrap_or_else(|e| e.into_inner());
    let env = TestEnv::new();
    let (child, stderr, page, opened) = begin(&env);
    let query = |name: &str| page.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).expect("it");
    let state = query("state");
    let door = opened.strip_prefix("http://127.0.0.1:8788").expect("an address of our own").to_owned();
    for told in [&state, &query("code_challenge"), "authorize"] {
        assert!(!opened.contains(told), "{opened}");
    }
    if let Some(answer) = asked_by_another_user(&door) {
        assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains(&state), "{answer}");
    }
    assert!(ask("/open/").starts_with("HTTP/1.1 404"));
    assert!(ask(&format!("{door}0")).starts_with("HTTP/1.1 404"));
    for _ in 0..2 {
        let answer = ask(&door);
        assert!(answer.starts_with("HTTP/1.1 302 ") && answer.contains(&format!("Location: {page}\r\n")), "{answer}");
    }
    assert!(ask(&format!("/callback?code=c/code&state={state}")).starts_with("HTTP/1.1 200"));
    assert_eq!(end(child, stderr).exit(0).out, "1\n");
    assert!(env.credentials().contains("r/oauth-1"));
}
