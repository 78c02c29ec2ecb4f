//! A first start, or a migration, that is killed: whatever it leaves, the next command goes on from there.

use crate::env::Env;
use crate::limits::as_nobody;
use ficsync_sandbox::{COMPANY, TOKEN};
use rusqlite::Connection;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// https://sqlite.org/fileformat2.html, "The Rollback Journal": how one begins.
const JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

fn beside(db: &Path, end: &str) -> PathBuf {
    let mut name = db.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn add(env: &Env) -> String {
    let token = env.dir.path().join("token.txt");
    std::fs::write(&token, TOKEN).expect("token file");
    format!("account add --name Rossi --token-file {}", token.display())
}

/// What a first start leaves that is killed in the transaction which makes the file: its first page, and a journal that
/// says that there was none.
fn leave_half_a_file(db: &Path) {
    let conn = Connection::open(db).expect("a database");
    conn.execute_batch("PRAGMA journal_mode = WAL").expect("a first page");
    drop(conn);
    assert_eq!(db.metadata().expect("a file").len(), 4096);
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&JOURNAL);
    // no page in it, a nonce, a file of no page before, sectors of 512 bytes, pages of 4,096
    for (at, value) in [(8, 0_u32), (12, 7), (16, 0), (20, 512), (24, 4096)] {
        journal[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    std::fs::write(beside(db, "-journal"), journal).expect("a journal");
}

/// What a killed change without the write-ahead log leaves: pages of the middle, and a journal of those before.
fn leave_half_a_change(db: &Path) {
    let conn = Connection::open(db).expect("a database");
    conn.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 5; BEGIN IMMEDIATE; CREATE TABLE half (x);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
         INSERT INTO half SELECT randomblob(2000) FROM n;",
    )
    .expect("a change, too large for the cache");
    let left = [db.to_owned(), beside(db, "-journal")].map(|path| (std::fs::read(&path).expect("a file"), path));
    conn.execute_batch("ROLLBACK").expect("taken back");
    drop(conn);
    left.into_iter().for_each(|(bytes, path)| std::fs::write(path, bytes).expect("as it was when it was killed"));
    assert!(std::fs::read(beside(db, "-journal")).expect("a journal").starts_with(&JOURNAL));
}

/// The first schema, with a company in it.
fn make_old(db: &Path) {
    let conn = Connection::open(db).expect("a database");
    let first = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/migrations/0001_mirror.sql");
    conn.execute_batch("PRAGMA journal_mode = WAL").expect("a log");
    conn.execute_batch(&std::fs::read_to_string(first).expect("a migration")).expect("the first schema");
    conn.pragma_update(None, "application_id", 0x4649_4353).expect("ours");
    conn.pragma_update(None, "user_version", 1).expect("a version");
    conn.execute(
        "INSERT INTO accounts (id, name, company_id, created_at) VALUES (1, 'Rossi', ?1, '2026-01-01T00:00:00Z')",
        [COMPANY],
    )
    .expect("an account");
}

/// Kills the command this long after its start. Says whether it had ended by itself.
fn killed(command: &mut Command, after: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    std::thread::sleep(after);
    let ended = child.try_wait().expect("asked").is_some();
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
    ended
}

#[test]
fn a_first_start_that_was_killed_in_the_middle_is_begun_again() {
    for words in ["status", "db check", "sync all", "events drain"] {
        let env = Env::new();
        leave_half_a_file(&env.db());
        // There is nothing in it yet: a look says so, and what works on it finds no account.
        let ran = env.run(words);
        assert!(!ran.stderr().contains("readonly"), "{words}: {}", ran.stderr());
        env.run(&add(&env)).exit(0);
        env.run("sync all").exit(0);
        assert!(!beside(&env.db(), "-journal").exists());
    }
    let env = Env::new();
    leave_half_a_file(&env.db());
    env.run("status").exit(1).says(&["there is no database", "account add"]);
    leave_half_a_file(&env.db());
    env.run(&add(&env)).exit(0);
}

#[test]
fn a_half_change_of_an_older_schema_is_taken_back_and_the_file_migrated() {
    let env = Env::new();
    make_old(&env.db());
    leave_half_a_change(&env.db());
    env.run("account list").exit(0);
    let halves: i64 = env.value("SELECT count(*) FROM sqlite_schema WHERE name = 'half'");
    assert_eq!((halves, env.value::<String>("SELECT name FROM accounts")), (0, "Rossi".to_owned()));
    assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn the_half_change_of_another_program_is_left_to_it() {
    let env = Env::new();
    Connection::open(env.db()).and_then(|conn| conn.execute_batch("CREATE TABLE theirs (x)")).expect("their file");
    leave_half_a_change(&env.db());
    let read = || [env.db(), beside(&env.db(), "-journal")].map(|path| std::fs::read(path).expect("a file"));
    let before = read();
    for words in ["status", "sync all", add(&env).as_str()] {
        env.run(words).exit(78).says(&["another program"]);
    }
    assert!(read() == before, "something was written");
}

#[test]
fn who_may_not_write_is_told_what_to_do_about_a_half_change() {
    let env = Env::with_account();
    leave_half_a_change(&env.db());
    for (path, mode) in [(env.dir.path().to_owned(), 0o755), (env.db(), 0o644), (beside(&env.db(), "-journal"), 0o644)]
    {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    }
    if !rustix::process::geteuid().is_root() {
        std::fs::set_permissions(env.db(), Permissions::from_mode(0o444)).expect("a mode");
    }
    let Some(output) = as_nobody(&env, "status") else { return eprintln!("skipped: no setpriv here") };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("was killed, and this user may not") && said.contains("ficsync db check"), "{said}");
    std::fs::set_permissions(env.db(), Permissions::from_mode(0o644)).expect("a mode");
    env.run("db check").exit(0);
}

#[test]
fn a_first_start_killed_at_any_moment_leaves_what_the_next_command_takes() {
    let env = Env::new();
    let words = add(&env);
    let mut early = 0;
    for step in 0..120 {
        let folder = env.dir.path().join(step.to_string());
        std::fs::create_dir(&folder).expect("a folder");
        let db = folder.join("ficsync.db");
        let command = |words: &str| {
            let mut command = env.command(words);
            command.env("FICSYNC_DB", &db);
            command
        };
        // From before the file is there until after the account is.
        early += usize::from(!killed(&mut command(&words), Duration::from_micros(500 + 150 * step)));
        for words in ["account list", words.as_str(), "db check"] {
            let output = command(words).output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let fine = output.status.success() || ["there is no database", " already"].iter().any(|w| said.contains(w));
            assert!(fine, "{words}, killed after step {step}: {said}");
        }
    }
    assert!(early > 0, "all ended before they were killed");
}

#[test]
fn a_migration_killed_at_any_moment_leaves_what_the_next_command_takes() {
    let env = Env::new();
    for step in 0..60 {
        let folder = env.dir.path().join(step.to_string());
        std::fs::create_dir(&folder).expect("a folder");
        let db = folder.join("ficsync.db");
        make_old(&db);
        let command = |words: &str| {
            let mut command = env.command(words);
            command.env("FICSYNC_DB", &db);
            command
        };
        killed(&mut command("account list"), Duration::from_micros(500 + 200 * step));
        for words in ["account list", "db check"] {
            let output = command(words).output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{words}, killed after step {step}: {said}");
        }
    }
}
