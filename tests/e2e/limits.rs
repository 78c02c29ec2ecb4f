//! The machine's limits: foreign, damaged, newer and read-only files, a full disk, memory, wrong usage.

use crate::env::{Env, Ran};
use ficsync_sandbox::COMPANY;
use rusqlite::Connection;
use std::fs::Permissions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[test]
fn a_database_of_another_program_is_left_alone() {
    let env = Env::new();
    Connection::open(env.db()).and_then(|c| c.execute_batch("CREATE TABLE theirs (x)")).expect("their file");
    let before = std::fs::read(env.db()).expect("file");
    env.run("sync all").exit(78).says(&["another program", "--db"]);
    assert_eq!(std::fs::read(env.db()).expect("file"), before);
    std::fs::write(env.db(), "this is no database, it is a letter to my aunt, and quite a long one").expect("file");
    let before = std::fs::read(env.db()).expect("file");
    env.run("sync all").exit(78).says(&["not a SQLite database"]);
    assert_eq!(std::fs::read(env.db()).expect("file"), before);
}

#[test]
fn an_empty_file_is_a_database_not_made_yet_and_a_folder_is_none() {
    let env = Env::new();
    std::fs::write(env.db(), "").expect("file");
    env.run("status").exit(1).says(&["there is no database", "account add"]);
    for words in ["sync all", "sync all --dry-run", "account check", "account list"] {
        env.run(words).exit(1).says(&["there is no database", "account add"]);
    }
    assert_eq!(std::fs::metadata(env.db()).expect("file").len(), 0, "a look makes no database");
    let folder = env.db().with_file_name("folder");
    std::fs::create_dir(&folder).expect("folder");
    for words in ["status", "sync all", "db check"] {
        let output = env.command(words).arg("--db").arg(&folder).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{words}: {said}");
        assert!(said.contains("is a folder") && said.contains("--db"), "{words}: {said}");
    }
}

#[test]
fn a_backup_is_for_those_alone_who_may_read_the_database() {
    let env = Env::with_account();
    let mode = |path: &Path| path.metadata().expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&env.db()) & 0o007, 0, "a new database");
    let copy = env.db().with_file_name("copy.db");
    for (given, wanted) in [(0o600, 0o600), (0o640, 0o640), (0o644, 0o640)] {
        std::fs::set_permissions(env.db(), Permissions::from_mode(given)).expect("mode");
        env.run(&format!("db backup {}", copy.display())).exit(0);
        assert_eq!(mode(&copy), wanted, "{given:o}");
        std::fs::remove_file(&copy).expect("file");
    }
    env.run("db backup no/such/folder/copy.db").exit(1).says(&["there is no folder no/such/folder"]);
}

#[test]
fn a_run_over_a_linked_folder_waits_for_one_over_the_folder() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 50);
    env.fic.fault_on("clients", 1, ficsync_sandbox::Fault::Hang(20));
    let mut first = env.spawn("sync clients");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while env.requests("clients").is_empty() {
        assert!(std::time::Instant::now() < end, "the first run never asks");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let elsewhere = tempfile::tempdir().expect("folder");
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(env.dir.path(), &link).expect("link");
    let second = env.command("sync clients").arg("--db").arg(link.join("ficsync.db")).output().expect("runs");
    first.kill().expect("SIGKILL");
    first.wait().expect("its end");
    assert_eq!(second.status.code(), Some(75), "{}", String::from_utf8_lossy(&second.stderr));
}

#[test]
fn a_link_to_the_database_is_refused_and_names_the_file() {
    let env = Env::with_account();
    let link = env.db().with_file_name("link.db");
    std::os::unix::fs::symlink("ficsync.db", &link).expect("link");
    for words in ["sync all", "status", "account list", "db check"] {
        let refused = env.run(&format!("{words} --db {}", link.display()));
        refused.exit(78).says(&["link.db is a symbolic link", "--db", &env.db().display().to_string()]);
    }
}

#[test]
fn a_newer_schema_is_left_alone() {
    let env = Env::with_account();
    env.open().pragma_update(None, "user_version", 9_999).expect("pragma");
    let before = std::fs::read(env.db()).expect("file");
    env.run("sync all").exit(1).says(&["newer ficsync", "install"]);
    assert_eq!(std::fs::read(env.db()).expect("file"), before);
}

#[test]
fn a_damaged_file_is_named() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 300);
    env.run("sync all").exit(0);
    env.open().execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;").expect("checkpoint");
    let mut bytes = std::fs::read(env.db()).expect("file");
    let end = bytes.len();
    bytes[8_192..end.min(200_000)].fill(0x5a);
    std::fs::write(env.db(), &bytes).expect("file");
    env.run("sync all --full").exit(1).says(&["damaged", "ficsync db check"]);
    env.run("db check").exit(1).says(&["damaged"]);
}

/// Runs as another user where this one may do everything.
pub fn as_nobody(env: &Env, words: &str) -> Option<std::process::Output> {
    if !rustix::process::geteuid().is_root() {
        return env.command(words).output().ok();
    }
    let command = env.command(words);
    let mut wrapped = std::process::Command::new("setpriv");
    wrapped.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(command.get_program());
    wrapped.args(command.get_args()).env_clear();
    command.get_envs().for_each(|(key, value)| {
        value.map(|value| wrapped.env(key, value));
    });
    wrapped.output().ok()
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let env = Env::with_account();
    std::fs::set_permissions(env.dir.path(), Permissions::from_mode(0o555)).expect("mode");
    let Some(output) = as_nobody(&env, "sync all") else {
        return eprintln!("skipped: no setpriv here");
    };
    std::fs::set_permissions(env.dir.path(), Permissions::from_mode(0o755)).expect("mode");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let last = stderr.lines().last().unwrap_or_default();
    assert!(last.contains("database") && last.contains("write"), "{stderr}");
}

/// Runs with a limit on the size of files, as a full disk would be.
fn with_file_limit(env: &Env, kilobytes: u64, words: &str) -> std::process::Output {
    let command = env.command(words);
    let program = command.get_program().to_string_lossy().into_owned();
    let mut shell = std::process::Command::new("bash");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {kilobytes}; exec {program} {words}")).env_clear();
    command.get_envs().for_each(|(key, value)| {
        value.map(|value| shell.env(key, value));
    });
    shell.output().expect("bash")
}

#[test]
fn a_full_disk_takes_the_page_back_and_the_next_run_goes_on() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 1_500);
    let output = with_file_limit(&env, 3_000, "sync invoices");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.lines().last().unwrap_or_default().contains("disk"), "{stderr}");
    assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
    env.run("sync invoices").exit(0);
    env.same_as_service("invoices");
}

/// Peak memory of the runs that mirror `n` invoices, in kB.
fn peak(n: usize) -> u64 {
    let env = Env::with_account();
    env.config("max_wait = '0s'");
    env.fic.set_quota(100_000, 100_000, 100_000);
    env.fic.populate(COMPANY, "invoices", n);
    let mut peak = 0;
    loop {
        let (of_run, code) = peak_of(&mut env.spawn("sync invoices"));
        peak = peak.max(of_run);
        match code {
            Some(0) => return peak,
            // 300 requests in five minutes are enough.
            Some(75) => env.pass(310),
            code => panic!("it ended with {code:?}"),
        }
    }
}

/// Follows a process to its end: its peak memory in kB, and its exit code.
pub fn peak_of(child: &mut std::process::Child) -> (u64, Option<i32>) {
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
        peak = peak.max(most.trim().trim_end_matches(" kB").parse().unwrap_or(0));
        if let Some(status) = child.try_wait().expect("wait") {
            return (peak, status.code());
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_records() {
    // More by an environment variable: 100,000 need a minute.
    let most = std::env::var("FICSYNC_TEST_RECORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(25_000);
    let (small, large) = (peak(most / 10), peak(most));
    eprintln!("peak memory: {small} kB for {} records, {large} kB for {most}", most / 10);
    assert!(large as f64 <= 1.3 * small as f64, "{small} kB for {} records, {large} kB for {most}", most / 10);
}

#[test]
fn wrong_usage_is_2_and_says_what_would_be_right() {
    let env = Env::with_account();
    for (words, right) in [
        ("sync cats", "clients"),
        ("sync all --max-requests many", "--max-requests"),
        ("sink all", "sync"),
        ("account add --name X", "--token-file"),
        ("status --max-age soon", "90d"),
        ("--listen nowhere status", "127.0.0.1:8787"),
        ("--timeout 0s status", "30s"),
        ("--api-url http://example.com status", "https"),
    ] {
        let ran: Ran = env.run(words).exit(2);
        assert!(ran.stderr().contains(right), "{words}: {}", ran.stderr());
    }
    env.config("workers = 'many'");
    env.run("status").exit(78).says(&["workers", "config.toml", "4"]);
    env.config("webhook_public_key = 'no key'");
    env.run("status").exit(78).says(&["webhook_public_key", "config.toml", "PEM"]);
    env.config("");
    let no_text = std::ffi::OsStr::from_bytes(b"/tmp/\xff.db");
    let output = env.command("db path").env("FICSYNC_DB", no_text).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(78) && said.contains("FICSYNC_DB") && said.contains("UTF-8"), "{said}");
    env.run("sync all --account-id 9").exit(1).says(&["no account 9", "ficsync account list"]);
}
