//! The listener under load and in trouble: nothing that was answered 2xx is lost, nothing is stored twice.

use crate::env::Env;
use crate::hook::{Hook, command, id_of, in_table, memory, news, scaled, send_all, status, wire};
use ficsync_sandbox::{COMPANY, Fault, Message};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
    env.fic.populate(COMPANY, "invoices", scaled("FICSYNC_TEST_INVOICES", 3_000, 12_000));
    let hook = Hook::start(&env);
    // all of one record, so that the workers leave most of the 300 requests in five minutes to the sync
    let messages: Vec<Message> = (0..scaled("FICSYNC_TEST_EVENTS", 2_000, 20_000)).map(|_| news(&env, 7)).collect();
    if messages.len() > 10_000 {
        // a service that takes its time now and then: the sync lasts for as long as the events
        (1..=12).for_each(|n| env.fic.fault_on("type=invoice", 10 * n, Fault::Hang(2)));
    }
    let mut sync = env.spawn("sync invoices");
    let begun = Instant::now();
    let statuses = send_all(hook.address, &messages);
    let rate = messages.len() as f64 / begun.elapsed().as_secs_f64();
    let while_it_ran = sync.try_wait().expect("a child").is_none();
    assert!(matches!(sync.wait().expect("sync").code(), Some(0 | 75)));
    assert!(statuses.iter().all(|status| *status == 202), "{:?}", statuses.iter().find(|status| **status != 202));
    assert_eq!(in_table(&env), messages.iter().map(id_of).collect());
    eprintln!(
        "{rate:.0} events per second; the sync {} longer than they",
        if while_it_ran { "took" } else { "took no" }
    );
    env.pass(301);
    env.run("sync invoices").exit(0);
    env.same_as_service("invoices");
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
fn the_stop_under_load_is_quick_and_loses_nothing() {
    let env = Env::with_account();
    for _ in 0..scaled("FICSYNC_TEST_STOPS", 5, 20) {
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
    let time = Duration::from_secs(scaled("FICSYNC_TEST_LOCK_SECONDS", 6, 30) as u64);
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

/// A client that sends a byte a second: of its head, or of its body. When it is cut off it begins anew.
struct Slow {
    stream: TcpStream,
    bytes: std::vec::IntoIter<u8>,
}

impl Slow {
    fn start(hook: &Hook, message: &[u8], quick: usize) -> Slow {
        let mut stream = TcpStream::connect(hook.address).expect("a connection");
        stream.write_all(&message[..quick]).expect("the beginning");
        stream.set_nonblocking(true).expect("a mode");
        Slow { stream, bytes: Vec::from(&message[quick..]).into_iter() }
    }

    /// Sends the next byte. False when the connection has come to its end.
    fn go_on(&mut self) -> bool {
        let goes_on = matches!(self.stream.read(&mut [0; 512]), Err(error) if error.kind() == ErrorKind::WouldBlock);
        goes_on && self.bytes.next().is_some_and(|byte| self.stream.write_all(&[byte]).is_ok())
    }
}

/// Keeps so many slow clients connected until it is over. How often one was cut off.
fn slow_clients(hook: &Hook, message: &[u8], count: usize, over: &AtomicBool) -> usize {
    let head = message.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    // a byte at a time from the first on, or after the head
    let start = |at: usize| Slow::start(hook, message, [1, head][at % 2]);
    let (mut clients, mut cut): (Vec<Slow>, _) = ((0..count).map(start).collect(), 0);
    while !over.load(Ordering::SeqCst) {
        let begun = Instant::now();
        for (at, client) in clients.iter_mut().enumerate() {
            if !client.go_on() {
                *client = start(at);
                cut += 1;
            }
        }
        std::thread::sleep(Duration::from_secs(1).saturating_sub(begun.elapsed()));
    }
    cut
}

#[test]
fn slow_clients_do_not_stop_others() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let count = scaled("FICSYNC_TEST_SLOW_CLIENTS", 200, 1_000);
    let seconds = scaled("FICSYNC_TEST_SLOW_SECONDS", 4, 30);
    // the tests beside this one share the processor
    let most = Duration::from_millis(scaled("FICSYNC_TEST_SLOW_P99_MS", 1_000, 100) as u64);
    let (message, over) = (wire(&news(&env, 7)), AtomicBool::new(false));
    let (mut times, cut, threads) = std::thread::scope(|scope| {
        let slow = scope.spawn(|| slow_clients(&hook, &message, count, &over));
        std::thread::sleep(Duration::from_millis(500));
        let (mut times, mut most_threads) = (Vec::new(), 0);
        let end = Instant::now() + Duration::from_secs(seconds as u64);
        while Instant::now() < end {
            let honest = news(&env, 8);
            let begun = Instant::now();
            assert_eq!(hook.send(&honest), 202);
            times.push(begun.elapsed());
            most_threads = most_threads.max(threads(&hook));
            std::thread::sleep(Duration::from_millis(20));
        }
        over.store(true, Ordering::SeqCst);
        (times, slow.join().expect("slow clients"), most_threads)
    });
    times.sort();
    let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    eprintln!(
        "{count} slow clients for {seconds} s, {cut} cut off: {} events from others, median {median:?}, p99 {p99:?}, at \
         most {:?}; {threads} threads, {} KiB",
        times.len(),
        times[times.len() - 1],
        memory(&hook) / 1024
    );
    assert!(p99 <= most, "99 of 100 honest clients waited up to {p99:?}");
    // 64 handlers, 64 forwarders and a thread for the connection of each, however many clients there are
    assert!(threads <= 3 * 64 + 24, "{threads} threads");
    assert!(memory(&hook) < 96 << 20, "{} bytes", memory(&hook));
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events"), times.len() as i64);
    hook.stop(0);
}

fn threads(hook: &Hook) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", hook.child.id()));
    tasks.expect("a running process").count()
}
