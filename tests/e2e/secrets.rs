//! No token anywhere but in its file, and in log lines nothing of people or their business.

use crate::env::Env;
use crate::hook::{Hook, news};
use ficsync_sandbox::{COMPANY, Fault, Message, TOKEN};
use serde_json::Value;
use std::collections::BTreeSet;

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

/// Values of a record that say something of a person or a company's business.
const PRIVATE: &[&str] = &[
    "name",
    "vat_number",
    "tax_code",
    "email",
    "certified_email",
    "phone",
    "address_street",
    "amount_gross",
    "subject",
];

/// Private values of all records, long enough that they are in no log line by chance.
fn private_values(env: &Env) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for resource in ["clients", "suppliers", "invoices", "quotes"] {
        for record in env.fic.truth(COMPANY, resource) {
            let parts = [&record, &record["entity"]];
            for value in parts.iter().flat_map(|part| PRIVATE.iter().map(|key| &part[*key])) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                values.extend((text.len() > 5 && value != &Value::Null).then_some(text));
            }
        }
    }
    values
}

#[test]
fn log_lines_hold_ids_but_nothing_of_people_or_business() {
    let env = Env::with_account();
    for (resource, count) in [("clients", 130), ("suppliers", 20), ("invoices", 140), ("quotes", 12)] {
        env.fic.populate(COMPANY, resource, count);
    }
    let mut private = private_values(&env);
    let mut said = String::new();
    let mut run = |words: &str| said.push_str(&env.run(words).stderr());
    run("sync all -v");
    let ids = env.fic.ids(COMPANY, "clients");
    env.fic.touch_many(COMPANY, "clients", &ids[..30]);
    private.extend(private_values(&env));
    env.fic.delete(COMPANY, "invoices", env.fic.ids(COMPANY, "invoices")[70]);
    env.fic.fault(Fault::status(500));
    run("sync all -v");
    ids[..60].iter().for_each(|id| env.fic.delete(COMPANY, "clients", *id));
    run("sync all -v");
    let hook = Hook::start(&env);
    assert_eq!(hook.send(&news(&env, ids[90])), 202);
    assert_eq!(hook.send(&news(&env, 1)), 202);
    assert_eq!(hook.send(&Message { headers: Vec::new(), ..news(&env, ids[91]) }), 401);
    let log = hook.stopped();
    run("events drain -v");
    said.push_str(&log);
    assert!(said.contains("clients") && said.lines().count() > 12, "something was said: {said}");
    assert!(!said.contains("Rossi"), "the account by its id alone: {said}");
    let told: Vec<&String> = private.iter().filter(|value| said.contains(value.as_str())).collect();
    assert!(private.len() > 500 && told.is_empty(), "of {}: {told:?} in {said}", private.len());
}
