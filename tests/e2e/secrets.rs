//! No token anywhere but in its file.

use crate::env::Env;
use ficsync_sandbox::{COMPANY, Fault, TOKEN};

#[test]
fn a_sync_leaves_no_token_behind() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 120);
    let quoting = Fault::Status {
        code: 500,
        retry_after: None,
        body: Some(format!(r#"{{"error":{{"message":"bad token {TOKEN}"}}}}"#)),
    };
    let mut said = String::new();
    for (words, faults) in [("sync all -vv", 0), ("sync all -vv --json", 8), ("status --json", 0), ("sync all", 8)] {
        (0..faults).for_each(|_| env.fic.fault(quoting.clone()));
        let ran = env.command(words).env("RUST_LOG", "trace").output().expect("the binary runs");
        said.push_str(&String::from_utf8_lossy(&ran.stdout));
        said.push_str(&String::from_utf8_lossy(&ran.stderr));
        env.fic.clear_faults();
    }
    assert!(said.contains("clients"), "something was said");
    assert!(!said.contains(TOKEN), "{said}");
    for entry in std::fs::read_dir(env.dir.path()).expect("folder").map(|entry| entry.expect("entry").path()) {
        if entry.is_file() && entry.file_name().is_some_and(|name| name != "token.txt") {
            let bytes = std::fs::read(&entry).expect("file");
            assert!(!bytes.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()), "{}", entry.display());
        }
    }
}

#[test]
fn the_command_line_of_a_running_sync_holds_no_token() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 20);
    env.fic.fault(Fault::Hang(2));
    let mut child = env.spawn("sync clients");
    std::thread::sleep(std::time::Duration::from_millis(300));
    for file in ["cmdline", "environ"] {
        let text = std::fs::read(format!("/proc/{}/{file}", child.id())).expect("proc");
        assert!(!String::from_utf8_lossy(&text).contains(TOKEN), "{file}");
    }
    assert!(child.wait().expect("its end").success());
}
