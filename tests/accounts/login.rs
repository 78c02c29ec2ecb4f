//! `account login`: by paste, and by the loopback address.

use crate::env::{Ran, TestEnv};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use url::Url;

/// The loopback port is one: its tests take turns.
pub static PORT: Mutex<()> = Mutex::new(());

#[test]
fn a_pasted_code_brings_tokens_that_are_kept_with_the_apps_secret() {
    let env = TestEnv::new();
    let ran = env.login("c/code\n").exit(0);
    assert_eq!(ran.out, "1\n");
    let address = address(&ran.err);
    let query = |name: &str| address.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    assert_eq!(address.path(), "/oauth/authorize");
    assert_eq!(query("redirect_uri").as_deref(), Some("http://127.0.0.1:8788/callback"));
    assert_eq!(query("response_type").as_deref(), Some("code"));
    assert!(query("scope").is_some_and(|s| s.contains("entity.clients:r issued") || s.contains("entity.suppliers:r")));
    assert_eq!(query("state").map(|s| s.len()), Some(32));
    // PKCE: the hash is in the address, its secret goes to the token endpoint alone.
    let secret = env.fic.token_requests()[0]["code_verifier"].as_str().map(str::to_owned).expect("a secret");
    let hash = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, secret.as_bytes()));
    assert_eq!((query("code_challenge"), query("code_challenge_method")), (Some(hash), Some("S256".to_owned())));
    assert!(secret.len() >= 43 && !ran.err.contains(&secret), "{}", ran.err);
    let kept: serde_json::Value = serde_json::from_str(&env.credentials()).expect("JSON");
    assert_eq!((&kept["kind"], &kept["access_token"]), (&"oauth".into(), &"a/oauth-1".into()));
    assert_eq!((&kept["refresh_token"], &kept["client_secret"]), (&"r/oauth-1".into(), &"very-secret".into()));
    assert!(env.run(&["account", "show", "1"]).exit(0).out.contains("OAuth login"));
}

#[test]
fn a_second_login_replaces_the_credentials_of_the_account() {
    let env = TestEnv::with_account();
    let ran = env.login("c/code\n").exit(0);
    assert_eq!(ran.out, "1\n");
    assert!(ran.err.contains("account 1 already: its credentials are replaced"), "{}", ran.err);
    assert!(env.credentials().contains("r/oauth-1") && !env.credentials().contains("a/by-hand"));
}

#[test]
fn what_is_no_code_or_refused_is_said() {
    let env = TestEnv::new();
    env.login("").exit(1).says(&["no redirect address"]);
    env.login("http://127.0.0.1:8788/callback?code=c/code&state=other\n").exit(1).says(&["another login"]);
    env.login("c/wrong\n").exit(77).says(&["invalid_grant", "log in again"]);
    let ran = env.login("c/wrong-and-quoted\n").exit(77);
    assert!(!ran.err.contains("c/wrong-and-quoted") && !ran.err.contains("very-secret"), "{}", ran.err);
    env.fic.world().client_secret = "another".to_owned();
    env.login("c/code\n").exit(77).says(&["invalid_client"]);
    assert!(!env.path("data/credentials").exists());
}

#[test]
fn the_browser_brings_the_code_and_strangers_do_not_disturb() {
    let _turn = PORT.lock().unwrap_or_else(|e| e.into_inner());
    let env = TestEnv::new();
    let (child, state, stderr) = begin(&env);
    let idle = TcpStream::connect("127.0.0.1:8788").expect("idle connection");
    assert!(ask("/favicon.ico").starts_with("HTTP/1.1 404"));
    assert!(ask("/callback?code=c/code&state=guessed").starts_with("HTTP/1.1 400"));
    assert!(ask(&format!("/callback?code=c/code&state={state}")).starts_with("HTTP/1.1 200"));
    drop(idle);
    assert_eq!(end(child, stderr).exit(0).out, "1\n");
    assert!(env.credentials().contains("r/oauth-1"));
}

#[test]
fn a_person_who_refuses_ends_the_login_and_so_does_a_signal() {
    let _turn = PORT.lock().unwrap_or_else(|e| e.into_inner());
    let env = TestEnv::new();
    let (child, state, stderr) = begin(&env);
    ask(&format!("/callback?error=access_denied&state={state}"));
    end(child, stderr).exit(77).says(&["access_denied", "log in again"]);
    let (child, _, stderr) = begin(&env);
    interrupt(&child);
    end(child, stderr).exit(75).says(&["stopped by a signal"]);
    assert!(env.fic.token_requests().is_empty());
}

#[test]
fn a_signal_ends_the_wait_for_a_paste() {
    let env = TestEnv::new();
    let secret = env.file("client-secret", "very-secret");
    let args = ["account", "login", "--name", "R", "--client-id", "app", "--paste", "--client-secret-file", &secret];
    let mut child = env.command(&args).stdin(Stdio::piped()).spawn().expect("ficsync");
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
    let mut told = String::new();
    while !told.contains("press Enter") {
        assert!(stderr.read_line(&mut told).expect("stderr") > 0, "{told}");
    }
    interrupt(&child);
    end(child, stderr).exit(75).says(&["stopped by a signal", "log in again"]);
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
}

/// The address in what was told.
pub fn address(told: &str) -> Url {
    let line = told.lines().find(|line| line.starts_with("http")).expect("address");
    Url::parse(line).expect("URL")
}

fn begin(env: &TestEnv) -> (Child, String, BufReader<ChildStderr>) {
    let secret = env.file("client-secret", "very-secret");
    let args =
        ["account", "login", "--name", "Rossi", "--client-id", "app", "--no-browser", "--client-secret-file", &secret];
    let mut child = env.start(&args);
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
    let mut told = String::new();
    while !told.contains("state=") {
        assert!(stderr.read_line(&mut told).expect("stderr") > 0, "{told}");
    }
    let state = address(&told).query_pairs().find(|(n, _)| n == "state").map(|(_, v)| v.into_owned());
    (child, state.expect("state"), stderr)
}

pub fn end(child: Child, mut stderr: BufReader<ChildStderr>) -> Ran {
    let mut told = String::new();
    stderr.read_to_string(&mut told).expect("stderr");
    let mut output = child.wait_with_output().expect("end");
    output.stderr = told.into_bytes();
    Ran::from(output)
}

pub fn ask(target: &str) -> String {
    let mut stream = TcpStream::connect("127.0.0.1:8788").expect("connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("time-out");
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:8788\r\n\r\n").as_bytes()).expect("request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answer");
    answer
}

/// The scopes that a login asks for.
fn asked_scopes(env: &TestEnv, more: &[&str]) -> Vec<String> {
    let secret = env.file("client-secret", "very-secret\n");
    let args =
        ["account", "login", "--name", "Rossi", "--client-id", "app", "--paste", "--client-secret-file", &secret];
    let ran = env.run(&[&args[..], more].concat()).exit(1);
    let scope = address(&ran.err).query_pairs().find(|(name, _)| name == "scope").map(|(_, value)| value.into_owned());
    scope.expect("scopes").split(' ').map(str::to_owned).collect()
}

#[test]
fn a_login_asks_for_the_scopes_of_what_the_settings_want() {
    let env = TestEnv::new();
    env.file("config.toml", "");
    let all: Vec<&str> =
        ficsync::resource::scopes(&ficsync::resource::all()).into_iter().map(|(scope, _)| scope).collect();
    assert_eq!((asked_scopes(&env, &[]), all.len()), (all.iter().map(|s| (*s).to_owned()).collect(), 20));
    let config =
        env.file("config.toml", "resources = [\"quotes\", \"payment_methods\", \"expenses\", \"pending_documents\"]\n");
    let some = asked_scopes(&env, &["--config", &config]);
    assert_eq!(some, ["issued_documents.quotes:r", "received_documents:r"]);
    assert_eq!(asked_scopes(&env, &["--config", &config, "--scope", "taxes:r"]), ["taxes:r"]);
}
