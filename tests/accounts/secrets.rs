//! No token in the database, in a log line, in `ps`, in an error or in JSON.

use crate::env::TestEnv;
use std::fs;
use std::path::Path;
use std::time::Duration;

const SECRETS: &[&str] = &["a/by-hand", "a/of-company", "a/oauth-", "r/oauth-", "c/code", "very-secret", "a/unknown"];

#[test]
fn no_secret_leaves_the_credential_file() {
    let mut env = TestEnv::with_account();
    env.fic.world().quotes = true;
    let mut said = Vec::new();
    let mut keep = |ran: crate::env::Ran| said.push(ran.out + &ran.err);
    keep(env.run_with_input(&["-vv", "account", "set-token", "1", "--token-stdin"], "a/unknown").exit(77));
    keep(env.login("c/code\n").exit(0));
    env.ahead = 90_000;
    for args in [
        &["-vv", "account", "check"][..],
        &["account", "list", "--json"],
        &["account", "show", "1"],
        &["status", "--json"],
        &["status"],
    ] {
        keep(env.run(args).exit(0));
    }
    env.ahead = 2 * 90_000;
    env.fic.world().refresh.clear();
    env.fic.world().access.clear();
    keep(env.run(&["-vv", "account", "check"]).exit(77));
    let trace = env.command(&["account", "check"]).env("RUST_LOG", "trace").output().expect("ficsync");
    keep(trace.into());
    for text in &said {
        assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
    }
    for file in files(&env.path("data")) {
        let bytes = fs::read(&file).expect("file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{}", file.display());
    }
}

/// Every file but the credentials.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder").map(|e| e.expect("entry").path()) {
        if !entry.is_dir() {
            found.push(entry);
        } else if !entry.ends_with("credentials") {
            found.extend(files(&entry));
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn ps_shows_no_secret() {
    let env = TestEnv::with_account();
    env.fic.world().delay = Duration::from_secs(5);
    let mut child = env.start(&["account", "check"]);
    env.fic.wait_for(|asked| asked.target.contains("/c/12345/"));
    for file in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{}/{file}", child.id())).expect("proc");
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(text.contains(if file == "cmdline" { "check" } else { "FICSYNC_DB" }));
        assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
    }
    child.kill().expect("kill");
    child.wait().expect("end");
}
