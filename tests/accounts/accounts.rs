//! `account add`, `list`, `show`, `check`, `set-token`, `remove`.

use crate::env::TestEnv;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

#[test]
fn an_account_is_added_listed_shown_and_removed() {
    let env = TestEnv::with_account();
    let list = env.run(&["account", "list"]).exit(0).out;
    assert!(list.lines().nth(1).is_some_and(|line| line.starts_with("1   Rossi  12345       Rossi srl")), "{list}");
    let json = env.run(&["account", "list", "--json"]).exit(0);
    let account = json.json()["accounts"][0].clone();
    assert_eq!((account["id"].as_i64(), account["company_id"].as_i64()), (Some(1), Some(12345)));
    assert!(env.run(&["account", "show", "1"]).exit(0).out.contains("made by hand"));
    env.run(&["account", "show", "2"]).exit(1).says(&["no account 2", "there is 1", "ficsync account list"]);
    env.run(&["account", "remove", "1"]).exit(2).says(&["--yes"]);
    env.run(&["account", "remove", "1", "--yes"]).exit(0);
    assert!(!env.path("data/credentials/1.json").exists());
    assert_eq!(env.run(&["account", "list", "--json"]).exit(0).json()["accounts"], serde_json::json!([]));
    // An id is not given again.
    let file = env.file("token", "a/by-hand");
    assert_eq!(env.run(&["account", "add", "--name", "R", "--token-file", &file]).exit(0).out, "2\n");
}

#[test]
fn folder_and_file_are_the_owners_alone() {
    let env = TestEnv::with_account();
    let mode = |name: &str| fs::metadata(env.path(name)).expect("metadata").mode() & 0o777;
    assert_eq!((mode("data/credentials"), mode("data/credentials/1.json")), (0o700, 0o600));
    fs::set_permissions(env.path("data/credentials/1.json"), Permissions::from_mode(0o644)).expect("chmod");
    env.run(&["account", "check"]).exit(77).says(&["0644", "chmod 600"]);
}

#[test]
fn a_token_of_several_companies_needs_a_choice() {
    let env = TestEnv::new();
    env.fic.world().companies.push((777, "Bianchi"));
    let add = |more: &[&str]| {
        let args = ["account", "add", "--name", "R", "--token-stdin"];
        env.run_with_input(&[&args, more].concat(), "a/by-hand\n")
    };
    add(&[]).exit(2).says(&["12345 (Rossi srl)", "777 (Bianchi)", "--company-id N"]);
    add(&["--company-id", "9"]).exit(77).says(&["company 9", "777"]);
    assert_eq!(add(&["--company-id", "777"]).exit(0).out, "1\n");
    add(&["--company-id", "777"]).exit(1).says(&["account 1 already", "set-token 1"]);
    assert_eq!(add(&["--company-id", "12345"]).exit(0).out, "2\n");
}

#[test]
fn a_refused_or_unusable_token_leaves_nothing() {
    let env = TestEnv::new();
    let add = |input: &str| env.run_with_input(&["account", "add", "--name", "R", "--token-stdin"], input);
    add("a/unknown").exit(77).says(&["401"]);
    add("").exit(77).says(&["empty", "--token-file"]);
    add("a\nb").exit(77).says(&["several lines"]);
    env.run(&["account", "add", "--name", "R", "--token-file", "/nowhere/t"]).exit(77).says(&["/nowhere/t"]);
    env.run(&["account", "add", "--name", "R"]).exit(2);
    env.run(&["account", "add", "--name", " ", "--token-stdin"]).exit(2).says(&["name"]);
    assert_eq!(env.run(&["account", "list", "--json"]).exit(0).json()["accounts"], serde_json::json!([]));
    assert!(!env.path("data/credentials/1.json").exists());
}

#[test]
fn set_token_tries_the_new_one_first() {
    let env = TestEnv::with_account();
    let set = |token: &str| env.run_with_input(&["account", "set-token", "1", "--token-stdin"], token);
    let before = env.credentials();
    set("a/unknown").exit(77).says(&["401"]);
    env.fic.world().companies = vec![(777, "Bianchi")];
    set("a/by-hand").exit(77).says(&["account 1", "does not see company 12345", "777"]);
    assert_eq!(env.credentials(), before);
    env.fic.world().companies = vec![(12345, "Rossi srl")];
    env.fic.world().access.insert("a/second".to_owned());
    set("a/second").exit(0);
    assert!(env.credentials().contains("a/second"));
    set("a/second").exit(0);
    env.run_with_input(&["account", "set-token", "5", "--token-stdin"], "x").exit(1).says(&["no account 5"]);
}

#[test]
fn check_names_the_scope_that_is_missing() {
    let env = TestEnv::with_account();
    let good = env.run(&["account", "check"]).exit(0).out;
    assert_eq!(good.lines().filter(|line| line.ends_with("  ok")).count(), 4, "{good}");
    env.fic.world().no_scope = vec!["type=quote"];
    let checked = env.run(&["account", "check", "1"]).exit(77).says(&["issued_documents.quotes:r", "set-token 1"]);
    assert!(checked.out.contains("issued_documents.quotes:r    refused, the token lacks it"), "{}", checked.out);
    assert_eq!(checked.out.lines().filter(|line| line.ends_with("  ok")).count(), 3);
    env.fic.world().access.clear();
    env.run(&["account", "check"]).exit(77).says(&["account 1", "401", "set-token 1"]);
    fs::remove_file(env.path("data/credentials/1.json")).expect("remove");
    env.run(&["account", "check"]).exit(77).says(&["1.json is missing", "set-token 1"]);
}

#[test]
fn a_token_from_systemd_goes_first_and_is_not_copied() {
    let mut env = TestEnv::with_account();
    fs::create_dir(env.path("systemd")).expect("folder");
    env.file("systemd/fic-token-1", "a/from-systemd\n");
    env.fic.world().access.insert("a/from-systemd".to_owned());
    env.systemd = Some(env.path("systemd"));
    assert!(env.run(&["account", "check"]).exit(0).out.contains("passed by systemd"));
    let last = env.fic.world().requests.last().cloned().expect("request");
    assert_eq!(last.token.as_deref(), Some("a/from-systemd"));
    assert!(!env.credentials().contains("systemd"));
    env.file("systemd/fic-token-1", "\n");
    env.run(&["account", "check"]).exit(77).says(&["systemd passes", "is empty", "LoadCredential=fic-token-1:"]);
}

#[test]
fn an_account_that_is_being_worked_on_is_not_removed() {
    let env = TestEnv::with_account();
    fs::create_dir_all(env.path("data/ficsync.db.locks")).expect("folder");
    let lock = fs::File::create(env.path("data/ficsync.db.locks/1.lock")).expect("lock");
    lock.lock().expect("held");
    env.run(&["account", "remove", "1", "--yes"]).exit(75).says(&["account 1", "run again"]);
    drop(lock);
    env.run(&["account", "remove", "1", "--yes"]).exit(0);
}

#[test]
fn without_a_database_commands_say_how_to_make_one() {
    let env = TestEnv::new();
    for args in [&["account", "list"][..], &["status"], &["db", "check"], &["db", "backup", "/tmp/x.db"]] {
        env.run(args).exit(1).says(&["no database", "ficsync account add", "--db"]);
    }
    env.run(&["account", "remove", "1", "--yes"]).exit(1).says(&["no database"]);
    assert!(!env.path("data").exists());
}

#[test]
fn credentials_of_another_database_in_the_folder_are_not_overwritten() {
    let env = TestEnv::with_account();
    env.fic.world().companies = vec![(777, "Bianchi")];
    let other = env.path("data/other.db").display().to_string();
    let file = env.file("token", "a/by-hand");
    let add = ["--db", &other, "account", "add", "--name", "B", "--token-file", &file];
    env.run(&add).exit(1).says(&["credentials/1.json", "another database"]);
    env.run(&["--db", &other, "account", "list"]).exit(0);
    assert!(env.credentials().contains("12345"));
}

#[test]
fn no_account_without_credentials_and_one_that_lost_them_can_be_mended_or_removed() {
    let env = TestEnv::new();
    fs::create_dir(env.path("data")).expect("folder");
    env.file("data/credentials", "in the way");
    let file = env.file("token", "a/by-hand");
    env.run(&["account", "add", "--name", "R", "--token-file", &file]).exit(1).says(&["credentials"]);
    assert_eq!(env.run(&["account", "list", "--json"]).exit(0).json()["accounts"], serde_json::json!([]));
    fs::remove_file(env.path("data/credentials")).expect("out of the way");
    assert_eq!(env.run(&["account", "add", "--name", "R", "--token-file", &file]).exit(0).out, "1\n");
    fs::remove_file(env.path("data/credentials/1.json")).expect("lost");
    env.run(&["sync", "all"]).exit(77).says(&["account 1", "1.json is missing", "set-token 1 --token-file F"]);
    env.run(&["account", "set-token", "1", "--token-file", &file]).exit(0);
    env.run(&["account", "check"]).exit(0);
    fs::remove_file(env.path("data/credentials/1.json")).expect("lost");
    env.run(&["account", "remove", "1", "--yes"]).exit(0);
}
