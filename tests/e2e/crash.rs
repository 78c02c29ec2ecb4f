//! Killed at any point: nothing is lost, nothing doubled, and the next run goes on from the last committed page.

use crate::env::Env;
use ficsync_sandbox::{COMPANY, Fault, Request};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Waits until the service has seen `n` requests in all. Panics after ten seconds.
fn wait_for_requests(env: &Env, n: usize) {
    let end = Instant::now() + Duration::from_secs(10);
    while env.fic.journal().len() < n {
        assert!(Instant::now() < end, "only {} requests came", env.fic.journal().len());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Locks the database after the service's `n`-th answer, before that is sent: what it brings comes, and cannot be written.
fn lock_after(env: &Env, n: usize) -> Receiver<Connection> {
    let ((told, tells), db) = (channel(), env.db());
    env.fic.after_request(n, move |_| {
        let conn = Connection::open(db).expect("database");
        conn.busy_timeout(Duration::from_secs(5)).expect("patience");
        conn.execute_batch("BEGIN IMMEDIATE").expect("the lock");
        told.send(conn).expect("the test waits");
    });
    tells
}

/// The lock, once it is held and the answer has had time to arrive.
fn locked(lock: &Receiver<Connection>) -> Connection {
    let held = lock.recv_timeout(Duration::from_secs(10)).expect("the answer");
    // On loopback an answer takes less than a millisecond.
    std::thread::sleep(Duration::from_millis(300));
    held
}

/// Requests that were made more than once, with how often.
fn repeated(requests: &[Request]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    requests.iter().for_each(|request| *counts.entry(request.line()).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count > 1).collect()
}

#[test]
fn a_killed_walk_goes_on_from_the_open_page() {
    for pages in [1, 2, 5, 11, 13] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, "invoices", 1_234);
        // The page after the `pages`-th never arrives.
        env.fic.fault_on("type=invoice", pages + 1, Fault::Hang(20));
        let mut child = env.spawn("sync invoices");
        wait_for_requests(&env, pages + 1);
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
        // The page that was being asked for is lost, and the one that was being written.
        assert!(env.value::<i64>("SELECT count(*) FROM invoices") >= 99 * (pages - 1).min(12) as i64);
        let noted = env.value::<i64>("SELECT count(*) FROM recent_requests");
        assert!(noted >= pages as i64 - 1, "{noted} of {} requests are noted", pages + 1);
        env.run("sync invoices").exit(0);
        env.same_as_service("invoices");
        let repeated = repeated(&env.fic.journal());
        assert!(repeated.len() <= 2 && repeated.iter().all(|(_, count)| *count == 2), "after {pages}: {repeated:#?}");
    }
}

#[test]
fn killed_at_random_moments_it_still_ends_right() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 350);
    env.fic.create_many(COMPANY, "clients", 320);
    env.fic.populate(COMPANY, "invoices", 800);
    for round in 0..12 {
        let mut child = env.spawn("sync all");
        std::thread::sleep(Duration::from_millis(15 + 23 * round));
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        env.pass(1);
        let ids = env.fic.ids(COMPANY, "clients");
        env.fic.delete(COMPANY, "clients", ids[(round as usize * 31) % ids.len()]);
        env.fic.touch_many(COMPANY, "clients", &ids[ids.len() - 130..ids.len() - 10]);
        assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
    }
    env.run("sync all").exit(0);
    env.all_same_as_service();
}

#[test]
fn a_signal_stops_it_early_and_nothing_is_lost() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 900);
    env.fic.fault_on("type=invoice", 4, Fault::Hang(2));
    let mut child = env.spawn("sync invoices");
    wait_for_requests(&env, 4);
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM)
        .expect("SIGTERM");
    assert_eq!(child.wait().expect("its end").code(), Some(75));
    assert!(env.value::<i64>("SELECT count(*) FROM invoices") >= 297);
    env.run("sync invoices").exit(0);
    env.same_as_service("invoices");
}

#[test]
fn two_runs_of_one_account_exclude_each_other() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 300);
    env.fic.fault_on("type=invoice", 2, Fault::Hang(3));
    let mut first = env.spawn("sync invoices");
    wait_for_requests(&env, 2);
    let before = Instant::now();
    env.run("sync all").exit(75).says(&["account 1", "another run", &format!("process {}", first.id())]);
    assert!(before.elapsed() < Duration::from_secs(2), "it does not wait");
    assert_eq!(first.wait().expect("its end").code(), Some(0));
    env.same_as_service("invoices");
}

#[test]
fn a_worker_killed_between_answer_and_commit_asks_again() {
    // Not killed, it goes on with the answer that it has: it had arrived.
    for killed in [false, true] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, "clients", 30);
        env.run("sync clients").exit(0);
        let ids = env.fic.ids(COMPANY, "clients");
        env.fic.update_with(COMPANY, "clients", ids[4], |client| client["name"] = "changed".into());
        env.fic.delete(COMPANY, "clients", ids[9]);
        let event = env.tell("entities.clients.update", &[ids[4], ids[9]]);
        env.fic.clear_journal();
        let lock = lock_after(&env, 1);
        let mut child = env.spawn("events drain");
        let lock = locked(&lock);
        let untouched = || {
            let rows =
                format!("SELECT count(*) FROM clients WHERE id IN ({}, {}) AND name <> 'changed'", ids[4], ids[9]);
            assert_eq!((env.value::<i64>(&rows), env.fate(event)), (2, ("processing".into(), 1)));
            assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 0);
        };
        untouched();
        if killed {
            child.kill().expect("SIGKILL");
            child.wait().expect("its end");
            drop(lock);
            untouched();
            env.run("events drain").exit(0);
        } else {
            drop(lock);
            assert!(child.wait().expect("its end").success());
        }
        env.same_as_service("clients");
        // The crash was an attempt, and the one answer that it cost is asked for again.
        assert_eq!(env.fate(event), ("done".into(), if killed { 2 } else { 1 }));
        assert_eq!(repeated(&env.fic.journal()).len(), usize::from(killed), "{:#?}", env.fic.journal());
        env.nothing_forbidden();
    }
}

#[test]
fn a_sync_killed_between_answer_and_commit_asks_again_for_two_pages_at_most() {
    for (page, killed) in [(1, true), (3, false), (3, true), (6, true)] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, "invoices", 700);
        let lock = lock_after(&env, page);
        let mut child = env.spawn("sync invoices");
        let lock = locked(&lock);
        let rows = || env.value::<i64>("SELECT count(*) FROM invoices");
        let before = rows();
        assert!(before < 100 * page as i64, "{before} rows, before page {page} was written");
        if killed {
            child.kill().expect("SIGKILL");
            child.wait().expect("its end");
            drop(lock);
            assert_eq!((rows(), env.value::<String>("PRAGMA integrity_check")), (before, "ok".into()));
            env.run("sync invoices").exit(0);
        } else {
            drop(lock);
            assert!(child.wait().expect("its end").success());
        }
        env.same_as_service("invoices");
        let repeated = repeated(&env.fic.journal());
        let again = repeated.iter().map(|(_, count)| count - 1).sum::<usize>();
        let allowed = if killed { 1..=2 } else { 0..=0 };
        assert!(allowed.contains(&again), "{page}: {repeated:#?}");
        env.nothing_forbidden();
    }
}
