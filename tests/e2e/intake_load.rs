//! The listener under load and in trouble: nothing that was answered 2xx is lost, nothing is stored twice.

use crate::env::Env;
use crate::hook::{Hook, command, deliver, exchange, id_of, news, scaled, status, wire};
use ficsync_sandbox::{COMPANY, Message};
use std::collections::BTreeSet;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Connections at once.
const CLIENTS: usize = 16;

/// Sends all, from many connections; the statuses in the messages' order.
fn send_all(address: SocketAddr, messages: &[Message]) -> Vec<u16> {
    let (next, statuses) = (AtomicUsize::new(0), Mutex::new(vec![0; messages.len()]));
    let client = || {
        while let Some(at) = Some(next.fetch_add(1, Ordering::SeqCst)).filter(|at| *at < messages.len()) {
            let status = deliver(address, &messages[at]);
            statuses.lock().expect("a lock")[at] = status;
        }
    };
    std::thread::scope(|scope| (0..CLIENTS).for_each(|_| drop(scope.spawn(client))));
    statuses.into_inner().expect("a lock")
}

/// The ids of all events in the table, which holds none twice and is sound.
fn in_table(env: &Env) -> BTreeSet<String> {
    let conn = env.open();
    let mut statement = conn.prepare("SELECT event_id FROM events").expect("events");
    let ids: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("events").collect::<Result<_, _>>().expect("events");
    let set: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(set.len(), ids.len(), "an event twice");
    assert_eq!(env.value::<String>("PRAGMA integrity_check"), "ok");
    set
}

/// Those of the messages that were answered 2xx.
fn taken<'m>(messages: &'m [Message], statuses: &'m [u16]) -> impl Iterator<Item = String> {
    messages.iter().zip(statuses).filter(|(_, status)| (200..300).contains(*status)).map(|(message, _)| id_of(message))
}

fn many(env: &Env, count: usize) -> Vec<Message> {
    (0..count).map(|n| news(env, n as i64 % 50)).collect()
}

#[test]
fn thousands_of_events_while_a_sync_runs_are_all_there_once() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 3_000);
    let hook = Hook::start(&env);
    let messages = many(&env, scaled("FICSYNC_TEST_EVENTS", 2_000));
    let mut sync = env.spawn("sync invoices");
    let begun = Instant::now();
    let statuses = send_all(hook.address, &messages);
    let rate = messages.len() as f64 / begun.elapsed().as_secs_f64();
    assert!(sync.wait().expect("sync").success());
    assert!(statuses.iter().all(|status| *status == 202), "{:?}", statuses.iter().find(|status| **status != 202));
    assert_eq!(in_table(&env), messages.iter().map(id_of).collect());
    env.same_as_service("invoices");
    eprintln!("{rate:.0} events per second");
    hook.stop(0);
}

#[test]
fn twins_at_the_same_moment_are_stored_once() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let message = news(&env, 7);
    let twins = vec![message.clone(); 100];
    assert!(send_all(hook.address, &twins).iter().all(|status| *status == 202));
    assert_eq!(in_table(&env), BTreeSet::from([id_of(&message)]));
    hook.stop(0);
}

#[test]
fn what_was_answered_survives_a_kill() {
    let env = Env::with_account();
    let mut dice = fastrand::Rng::with_seed(11);
    let mut answered = BTreeSet::new();
    for _ in 0..scaled("FICSYNC_TEST_KILLS", 6) {
        let mut hook = Hook::start(&env);
        let messages = many(&env, 400);
        let address = hook.address;
        let statuses = std::thread::scope(|scope| {
            let sending = scope.spawn(|| send_all(address, &messages));
            std::thread::sleep(Duration::from_millis(dice.u64(5..300)));
            hook.kill();
            sending.join().expect("clients")
        });
        answered.extend(taken(&messages, &statuses));
        let there = in_table(&env);
        assert!(answered.is_subset(&there), "lost: {:?}", answered.difference(&there).collect::<Vec<_>>());
    }
    assert!(answered.len() > 10, "the kills came before anything was answered");
}

#[test]
fn the_stop_under_load_is_quick_and_loses_nothing() {
    let env = Env::with_account();
    for _ in 0..scaled("FICSYNC_TEST_STOPS", 5) {
        let hook = Hook::start(&env);
        let messages = many(&env, 1_000);
        let address = hook.address;
        let statuses = std::thread::scope(|scope| {
            let sending = scope.spawn(|| send_all(address, &messages));
            std::thread::sleep(Duration::from_millis(150));
            hook.stop(0);
            sending.join().expect("clients")
        });
        let taken: BTreeSet<String> = taken(&messages, &statuses).collect();
        assert!(taken.is_subset(&in_table(&env)) && !taken.is_empty());
        // refused by nobody listening, or put off: never dropped for good
        assert!(statuses.iter().all(|status| matches!(status, 0 | 202 | 503)), "{statuses:?}");
    }
}

#[test]
fn a_locked_database_puts_events_off_and_all_is_right_afterwards() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let locker = env.open();
    locker.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let (messages, over) = (many(&env, 200), AtomicBool::new(false));
    let time = Duration::from_secs(scaled("FICSYNC_TEST_LOCK_SECONDS", 6) as u64);
    let (statuses, slowest, health) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let mut seen = Vec::new();
            let mut slowest = Duration::ZERO;
            while !over.load(Ordering::SeqCst) {
                let begun = Instant::now();
                seen.extend(send_all(hook.address, &messages[..64]));
                slowest = slowest.max(begun.elapsed());
            }
            (seen, slowest)
        });
        std::thread::sleep(time.mul_f32(0.7));
        let health = hook.get("/healthz");
        std::thread::sleep(time.mul_f32(0.3));
        locker.execute_batch("ROLLBACK").expect("the end of the lock");
        over.store(true, Ordering::SeqCst);
        let (seen, slowest) = sending.join().expect("clients");
        (seen, slowest, health)
    });
    assert!(statuses.iter().all(|status| matches!(status, 202 | 503)), "{statuses:?}");
    assert!(statuses.contains(&503), "nothing was put off in {time:?}");
    assert!(slowest < Duration::from_secs(26), "64 events from 16 clients took {slowest:?}");
    assert!(status(&health) == 503 && health.contains("database: "), "{health}");
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(status(&hook.get("/healthz")), 200);
    assert!(send_all(hook.address, &messages).iter().all(|status| *status == 202));
    assert_eq!(in_table(&env), messages.iter().map(id_of).collect());
    hook.stop(0);
}

/// The write limit of `ulimit -f` stands in for a full disk: SQLite sees a write that fails.
#[test]
fn a_full_disk_puts_events_off_and_loses_nothing() {
    let env = Env::with_account();
    let size = std::fs::metadata(env.db()).expect("database").len();
    let listen = command(&env);
    let mut limited = std::process::Command::new("bash");
    // in units of 1,024 bytes; the signal that goes with the limit is ignored, as on a disk there is none
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" webhook-listen", size / 1024 + 64);
    limited.args(["-c", &script]).arg(listen.get_program()).env_clear();
    limited.envs(listen.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let hook = Hook::of(&mut limited);
    let messages = many(&env, 600);
    let statuses = send_all(hook.address, &messages);
    assert!(statuses.iter().all(|status| matches!(status, 202 | 503)), "{statuses:?}");
    assert!(statuses.contains(&503), "the disk was never full");
    let taken: BTreeSet<String> = taken(&messages, &statuses).collect();
    drop(hook);
    assert!(taken.is_subset(&in_table(&env)));
    let hook = Hook::start(&env);
    assert!(send_all(hook.address, &messages).iter().all(|status| *status == 202), "there is space again");
    assert_eq!(in_table(&env).len(), messages.len());
    hook.stop(0);
}

#[test]
fn slow_clients_do_not_stop_others() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let (count, seconds) = (scaled("FICSYNC_TEST_SLOW_CLIENTS", 200), scaled("FICSYNC_TEST_SLOW_SECONDS", 4));
    let slow: Vec<TcpStream> = (0..count)
        .filter_map(|at| {
            let mut stream = TcpStream::connect(hook.address).ok()?;
            let bytes = wire(&news(&env, 7));
            // nothing at all, half a head, half a body
            let _ = stream.write_all(&bytes[..[0, 80, bytes.len() - 5][at % 3]]);
            Some(stream)
        })
        .collect();
    let end = Instant::now() + Duration::from_secs(seconds as u64);
    let mut honest = 0;
    while Instant::now() < end {
        let begun = Instant::now();
        assert_eq!(hook.send(&news(&env, 8)), 202);
        assert!(begun.elapsed() < Duration::from_secs(2), "an honest client waited {:?}", begun.elapsed());
        honest += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
    // 64 handlers, 64 forwarders and a thread for the connection of each, however many clients there are
    assert!(threads(&hook) <= 3 * 64 + 24, "{} threads", threads(&hook));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events"), honest);
    drop(slow);
    hook.stop(0);
}

fn threads(hook: &Hook) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", hook.child.id()));
    tasks.expect("a running process").count()
}

#[test]
fn the_answer_comes_after_the_disk() {
    let env = Env::with_account();
    let Some(trace) = strace(&env) else { return };
    // the last lines of the listener's own: the event's commit syncs before the answer is written to the client
    let synced = trace.iter().rposition(|line| line.contains("fdatasync(") || line.contains("fsync("));
    let answered = trace.iter().position(|line| line.contains("202 Accepted"));
    let (synced, answered) = (synced.expect("a sync"), answered.expect("an answer"));
    let between = trace[..answered].iter().rposition(|line| line.contains("sync("));
    assert!(between.is_some(), "answered at line {answered}, synced at {synced}:\n{}", trace.join("\n"));
}

/// The system calls of one delivery; nothing where they cannot be seen.
fn strace(env: &Env) -> Option<Vec<String>> {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is missing");
        return None;
    }
    let hook = Hook::start(env);
    // the first one writes what only the first writes
    assert_eq!(hook.send(&news(env, 7)), 202);
    let file = env.dir.path().join("trace");
    let mut tracer = std::process::Command::new("strace")
        .args([
            "-f",
            "-s",
            "64",
            "-e",
            "trace=fdatasync,fsync,write,sendto,writev",
            "-p",
            &hook.child.id().to_string(),
            "-o",
        ])
        .arg(&file)
        .stderr(std::process::Stdio::null())
        .spawn()
        .ok()?;
    std::thread::sleep(Duration::from_millis(700));
    if tracer.try_wait().ok()?.is_some() {
        eprintln!("skipped: strace may not attach here");
        return None;
    }
    let answer = exchange(hook.address, &wire(&news(env, 8)));
    assert_eq!(status(&answer), 202);
    hook.stop(0);
    let _ = tracer.wait();
    Some(std::fs::read_to_string(file).ok()?.lines().map(str::to_owned).collect())
}
