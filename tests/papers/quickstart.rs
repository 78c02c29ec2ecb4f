//! The quickstart is walked through: its commands of ficsync and sqlite3 are run in their order, against the sandbox.

use crate::words::{blocks, commands};
use crate::world::text_of;
use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};
use std::process::{Command, Stdio};

#[test]
fn it_leads_to_a_first_query() {
    let (fic, dir) = (Sandbox::start(5), tempfile::tempdir().expect("folder"));
    for (list, count) in [("clients", 30), ("suppliers", 5), ("invoices", 140), ("quotes", 8)] {
        fic.populate(COMPANY, list, count);
    }
    let (db, token) = (dir.path().join("ficsync.db"), dir.path().join("token.txt"));
    std::fs::write(dir.path().join("config.toml"), "").expect("configuration");
    std::fs::write(&token, TOKEN).expect("token");

    let (mut ran, mut rows) = (Vec::new(), String::new());
    for block in blocks(&text_of("docs/quickstart.md")).into_iter().filter(|block| block.tag == "sh") {
        for mut words in commands(&block.lines) {
            if words[0] == "sudo" && words.get(1).is_some_and(|word| word == "-u") {
                words.drain(..3);
            }
            let program = match words[0].as_str() {
                "ficsync" => env!("CARGO_BIN_EXE_ficsync"),
                "sqlite3" if Command::new("sqlite3").arg("--version").output().is_ok() => "sqlite3",
                _ => continue,
            };
            let words: Vec<String> = words
                .iter()
                .map(|word| word.replace("/var/lib/ficsync/ficsync.db", &db.display().to_string()))
                .collect();
            let stdin = match words.iter().any(|word| word == "--token-stdin") {
                true => Stdio::from(std::fs::File::open(&token).expect("the token")),
                false => Stdio::null(),
            };
            let output = Command::new(program)
                .args(&words[1..])
                .current_dir(dir.path())
                .env("FICSYNC_DB", &db)
                .env("FICSYNC_CONFIG", dir.path().join("config.toml"))
                .env("FICSYNC_API_URL", fic.url())
                .stdin(stdin)
                .output()
                .expect("it runs");
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
            if program == "sqlite3" {
                rows = String::from_utf8_lossy(&output.stdout).into_owned();
            }
            ran.push(words);
        }
    }
    let first: Vec<&str> = ran.iter().filter(|words| words[0] == "ficsync").map(|words| words[1].as_str()).collect();
    assert_eq!(first, ["account", "account", "sync", "status"]);
    match ran.iter().any(|words| words[0] == "sqlite3") {
        true => assert!(rows.lines().count() > 3, "{rows}"),
        false => eprintln!("skipped: there is no sqlite3 here for the query"),
    }
}
