//! People who only read: another user, in the folder's group, with the `sqlite3` program.
//!
//! Skipped, and said so, where the test is not root's or `setpriv` or `sqlite3` are missing.

use crate::env::Env;
use crate::hook::Hook;
use ficsync_sandbox::{COMPANY, TOKEN};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A user and a group that are nobody's.
const READER: &str = "64123";
const READERS: u32 = 64124;

/// A world whose folder is a server's: its group may look into it.
fn shared() -> Option<Env> {
    let root = rustix::process::geteuid().is_root();
    let found = |name: &str| Command::new(name).arg("--version").output().is_ok();
    if !root || !found("setpriv") || !found("sqlite3") {
        eprintln!("skipped: another user needs root, setpriv and sqlite3");
        return None;
    }
    let env = Env::new();
    chown(env.dir.path(), None, Some(READERS)).expect("a group");
    std::fs::set_permissions(env.dir.path(), Permissions::from_mode(0o2750)).expect("a mode");
    let token = env.dir.path().join("token.txt");
    std::fs::write(&token, TOKEN).expect("token file");
    std::fs::set_permissions(&token, Permissions::from_mode(0o600)).expect("a mode");
    env.run(&format!("account add --name Rossi --token-file {}", token.display())).exit(0);
    Some(env)
}

fn as_reader(words: &[&str]) -> Output {
    let group = READERS.to_string();
    Command::new("setpriv")
        .args(["--reuid", READER, "--regid", &group, "--clear-groups"])
        .args(words)
        .output()
        .expect("setpriv runs")
}

/// What the reader's `sqlite3` says to a query. The first run that opens the file after a time in which nobody had it open
/// makes the shared memory anew. Who opens the file between two of its steps, some microseconds apart, is told that he may
/// not write: asked again, the query must do.
fn query(env: &Env, sql: &str) -> Result<String, String> {
    match ask(env, sql) {
        Err(why) if why.contains("attempt to write a readonly database") => ask(env, sql),
        answer => answer,
    }
}

fn ask(env: &Env, sql: &str) -> Result<String, String> {
    // A run that opens the file holds it for an instant, which a reader without a time-out may meet.
    let db = env.db().display().to_string();
    let said = as_reader(&["sqlite3", "-readonly", "-cmd", ".timeout 2000", &db, sql]);
    match said.status.success() {
        true => Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&said.stderr).trim().to_owned()),
    }
}

/// Every file and folder in the world's folder.
fn made(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { [vec![path.clone()], made(&path)].concat() } else { vec![path] })
        .collect()
}

#[test]
fn what_root_does_in_a_users_folder_is_done_as_that_user() {
    let Some(env) = shared() else { return };
    let owner: u32 = READER.parse().expect("a number");
    let folder = env.dir.path().join("state");
    std::fs::create_dir(&folder).expect("a folder");
    // The way there must be open to him, who does the work.
    std::fs::set_permissions(env.dir.path(), Permissions::from_mode(0o2751)).expect("a mode");
    chown(&folder, Some(owner), Some(READERS)).expect("an owner");
    let env_of = |words: &str| {
        let mut command = env.command(words);
        command.env("FICSYNC_DB", folder.join("deep/ficsync.db"));
        command
    };
    let token = env.dir.path().join("token.txt").display().to_string();
    for words in [&format!("account add --name Rossi --token-file {token}"), "sync all", "events drain"] {
        let output = env_of(words).output().expect("it runs");
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let made = made(&folder);
    assert!(made.len() > 6, "{made:?}");
    for path in made {
        assert_eq!(path.metadata().expect("a file").uid(), owner, "{}", path.display());
    }
}

fn clients(env: &Env) -> Result<String, String> {
    query(env, "SELECT count(*) FROM clients")
}

#[test]
fn a_reader_can_query_whether_anything_runs_or_not() {
    let Some(env) = shared() else { return };
    env.fic.populate(COMPANY, "clients", 230);
    assert_eq!(clients(&env).as_deref(), Ok("0"), "after the account was added");
    env.run("sync all").exit(0);
    assert_eq!(clients(&env).as_deref(), Ok("230"), "after a run");
    env.run("status").exit(0);
    assert_eq!(clients(&env).as_deref(), Ok("230"), "after a look");
    let mut hook = Hook::start(&env);
    assert_eq!(clients(&env).as_deref(), Ok("230"), "while the listener runs");
    env.fic.create(COMPANY, "clients");
    env.run("sync all").exit(0);
    assert_eq!(clients(&env).as_deref(), Ok("231"), "what stands in the log is seen");
    hook.kill();
    assert_eq!(clients(&env).as_deref(), Ok("231"), "after the listener was killed");
    env.run("sync all").exit(0);
    assert_eq!(clients(&env).as_deref(), Ok("231"), "and after the next run");
}

#[test]
fn a_reader_can_query_at_every_moment_of_a_run() {
    let Some(env) = shared() else { return };
    env.fic.populate(COMPANY, "clients", 3000);
    let (mut asked, mut seen) = (0, Vec::new());
    for round in 0..3 {
        let mut child = env.spawn(if round == 0 { "sync all" } else { "sync all --full" });
        let until = Instant::now() + Duration::from_secs(60);
        while child.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < until, "the run does not end");
            seen.push(clients(&env).unwrap_or_else(|why| panic!("query {asked} of round {round}: {why}")));
            asked += 1;
        }
    }
    assert!(asked > 20, "only {asked} queries fell into the runs");
    assert!(seen.windows(2).all(|two| number(&two[0]) <= number(&two[1])), "rows came only: {seen:?}");
    assert_eq!(clients(&env).as_deref(), Ok("3000"));
}

fn number(text: &str) -> u32 {
    text.parse().expect("a count")
}

#[test]
fn a_reader_reads_no_token_writes_nothing_and_locks_no_run() {
    let Some(env) = shared() else { return };
    env.run("sync all").exit(0);
    let place = |name: &str| env.dir.path().join(name).display().to_string();
    for hidden in ["credentials", "credentials/1.json", "ficsync.db.locks", "ficsync.db.locks/1.lock", "token.txt"] {
        let path = place(hidden);
        assert!(env.dir.path().join(hidden).exists(), "{hidden} is there");
        let look = if env.dir.path().join(hidden).is_dir() { "ls" } else { "cat" };
        let refused = as_reader(&[look, &path]);
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{hidden}: {refused:?}");
    }
    let db = env.db().display().to_string();
    assert!(!as_reader(&["sqlite3", &db, "DELETE FROM accounts"]).status.success());
    for name in ["ficsync.db", "ficsync.db-wal", "ficsync.db-shm", "new"] {
        let tried = as_reader(&["sh", "-c", &format!(": >> '{}'", place(name))]);
        assert!(!tried.status.success(), "{name} can be written");
        assert!(!as_reader(&["rm", &place(name)]).status.success(), "{name} can be removed");
    }
    let dump = as_reader(&["sqlite3", "-readonly", &db, ".dump"]);
    let text = String::from_utf8_lossy(&dump.stdout);
    assert!(dump.status.success() && text.contains("Rossi") && !text.contains(TOKEN));
}

#[test]
fn somebody_outside_the_group_reads_nothing() {
    let Some(env) = shared() else { return };
    let db = env.db().display().to_string();
    let words =
        ["--reuid", READER, "--regid", READER, "--clear-groups", "sqlite3", "-readonly", &db, "SELECT 1 FROM accounts"];
    let output = Command::new("setpriv").args(words).output().expect("setpriv runs");
    assert!(!output.status.success(), "{output:?}");
}
