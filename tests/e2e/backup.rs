//! Copies of the database: one at a time to one file, and nothing of an unfinished one stays.

use crate::env::Env;
use ficsync_sandbox::COMPANY;
use rusqlite::Connection;
use std::fs::File;

#[test]
fn a_copy_waits_for_nobody_and_disturbs_no_other_to_the_same_file() {
    let env = Env::with_account();
    let place = |name: &str| env.dir.path().join(name);
    let words = format!("db backup {}", place("copy.db").display());
    let lock = File::create(place("copy.db.part.lock")).expect("a lock");
    lock.lock().expect("held");
    std::fs::write(place("copy.db.part"), "another's").expect("a copy in the making");
    env.run(&words).exit(75).says(&["another copy", "is being made"]);
    assert_eq!(std::fs::read_to_string(place("copy.db.part")).expect("still there"), "another's");
    env.run(&format!("db backup {}", place("second.db").display())).exit(0);
    // Its maker was killed.
    drop(lock);
    env.run(&words).exit(0);
    env.run(&words).exit(1).says(&["exists already"]);
    for left in ["copy.db.part", "copy.db.part.lock", "second.db.part.lock"] {
        assert!(!place(left).exists(), "{left}");
    }
}

#[test]
fn of_many_copies_to_one_file_one_is_made_and_it_is_whole() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 2_000);
    env.run("sync all").exit(0);
    let copy = env.dir.path().join("copy.db");
    let words = format!("db backup {}", copy.display());
    let children: Vec<_> = (0..6).map(|_| env.spawn(&words)).collect();
    let codes: Vec<_> = children.into_iter().map(|mut child| child.wait().expect("its end").code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 1 | 75))), "{codes:?}");
    let conn = Connection::open(&copy).expect("the copy");
    let found: (String, i64) = conn
        .query_row("SELECT (SELECT * FROM pragma_integrity_check), (SELECT count(*) FROM invoices)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("a whole copy");
    assert_eq!(found, ("ok".to_owned(), 2_000));
}

#[test]
fn an_unfinished_copy_is_not_written_through_a_link() {
    let env = Env::with_account();
    let place = |name: &str| env.dir.path().join(name);
    std::fs::write(place("mine"), "mine").expect("a file");
    std::os::unix::fs::symlink(place("mine"), place("copy.db.part")).expect("a link");
    env.run(&format!("db backup {}", place("copy.db").display())).exit(0);
    assert_eq!(std::fs::read_to_string(place("mine")).expect("a file"), "mine");
    assert!(place("copy.db").symlink_metadata().expect("the copy").is_file());
}
