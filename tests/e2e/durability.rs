//! What was answered 2xx is on disk: seen in the listener's system calls, and after kills at random moments, with
//! workers at work.

use crate::env::Env;
use crate::hook::{Hook, deliver, id_of, in_table, news, read_all, scaled, sink, status, wire};
use ficsync_sandbox::{COMPANY, Mapping, Message, Sandbox};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Sends a message and has it taken. The port that it came from.
fn send_from_a_port(address: SocketAddr, message: &Message) -> u16 {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let port = stream.local_addr().expect("an address").port();
    stream.write_all(&wire(message)).expect("the request");
    assert_eq!(status(&read_all(&mut stream)), 202);
    port
}

/// A system call, and from which line of the trace to which it lasted.
struct Call {
    thread: String,
    text: String,
    begun: usize,
    ended: usize,
}

/// Reads strace's lines: a call that others interrupt is in two of them.
fn calls(trace: &str) -> Vec<Call> {
    let (mut open, mut calls): (HashMap<&str, Call>, Vec<Call>) = Default::default();
    for (at, line) in trace.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ').map(|(thread, text)| (thread, text.trim_start())) else {
            continue;
        };
        if text.starts_with("<... ") {
            calls.extend(open.remove(thread).map(|call| Call { text: call.text + text, ended: at, ..call }));
            continue;
        }
        let call = Call { thread: thread.to_owned(), text: text.to_owned(), begun: at, ended: at };
        match text.ends_with("<unfinished ...>") {
            true => drop(open.insert(thread, call)),
            false => calls.push(call),
        }
    }
    calls.sort_by_key(|call| call.begun);
    calls
}

/// The listener's writes and syncs while `work` is done; nothing where they cannot be seen.
fn traced(env: &Env, hook: &Hook, work: impl FnOnce()) -> Option<Vec<Call>> {
    let file = env.dir.path().join("trace");
    let tracer = std::process::Command::new("strace")
        // -yy: names of files and both ends of connections; pages of the log are shown whole
        .args(["-f", "-yy", "-s", "20000", "-e", "trace=pwrite64,fdatasync,fsync,write,writev,sendto"])
        .args(["-p", &hook.child.id().to_string(), "-o"])
        .arg(&file)
        .stderr(std::process::Stdio::null())
        .spawn();
    let Ok(mut tracer) = tracer else {
        eprintln!("skipped: strace is missing");
        return None;
    };
    std::thread::sleep(Duration::from_millis(700));
    if tracer.try_wait().expect("a child").is_some() {
        eprintln!("skipped: strace may not attach here");
        return None;
    }
    work();
    hook.signal("TERM");
    tracer.wait().expect("its end");
    Some(calls(&String::from_utf8_lossy(&std::fs::read(file).expect("the trace"))))
}

#[test]
fn each_events_own_row_is_synced_before_its_answer() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let messages: Vec<Message> = (0..40).map(|n| news(&env, n)).collect();
    let (ports, address) = (Mutex::new(Vec::new()), hook.address);
    let send = || {
        std::thread::scope(|scope| {
            for part in messages.chunks(10) {
                let ports = &ports;
                scope.spawn(move || {
                    for message in part {
                        let port = send_from_a_port(address, message);
                        ports.lock().expect("a lock").push((id_of(message), port));
                    }
                });
            }
        });
    };
    let Some(calls) = traced(&env, &hook, send) else { return };
    let ports = ports.into_inner().expect("a lock");
    assert_eq!(ports.len(), messages.len());
    let to_log = |call: &&Call| call.text.contains("ficsync.db-wal>");
    for (id, port) in ports {
        let row =
            calls.iter().filter(to_log).find(|call| call.text.starts_with("pwrite64(") && call.text.contains(&id));
        let row = row.unwrap_or_else(|| panic!("{id} was not written to the log"));
        // The transaction's own sync is the next of the thread that wrote the row.
        let sync = calls.iter().filter(to_log).find(|call| {
            call.thread == row.thread
                && call.begun > row.ended
                && call.text.split('(').next().is_some_and(|name| name.ends_with("sync"))
        });
        let sync = sync.unwrap_or_else(|| panic!("{id} was not synced"));
        assert!(sync.text.ends_with("= 0"), "{}", sync.text);
        let client = format!("->127.0.0.1:{port}]>");
        let answer = calls.iter().find(|call| call.text.contains(&client) && call.text.contains("202 Accepted"));
        let answer = answer.unwrap_or_else(|| panic!("{id} was not answered"));
        assert!(sync.ended < answer.begun, "{id}: row {}, sync {}, answer {}", row.begun, sync.begun, answer.begun);
    }
}

/// Clients that change while they are told of, each with a name that only grows: `v17`.
struct World<'e> {
    fic: &'e Sandbox,
    dice: fastrand::Rng,
    ids: Vec<i64>,
    changes: u64,
    /// What each event tells of: the record, and its version; nothing when it is gone.
    told: BTreeMap<String, (i64, Option<u64>)>,
}

impl World<'_> {
    /// Changes a client, or makes one or deletes one, and tells of it.
    fn change(&mut self) -> Message {
        self.changes += 1;
        let name = format!("v{}", self.changes);
        let at = self.dice.usize(..self.ids.len());
        let (id, version) = match self.dice.u8(..20) {
            0 => {
                let id = self.ids.swap_remove(at);
                self.fic.delete(COMPANY, "clients", id);
                (id, None)
            }
            1 | 2 => {
                let id = self.fic.create_with(COMPANY, "clients", |client| client["name"] = name.as_str().into());
                self.ids.push(id);
                (id, Some(self.changes))
            }
            _ => {
                let id = self.ids[at];
                self.fic.update_with(COMPANY, "clients", id, |client| client["name"] = name.as_str().into());
                (id, Some(self.changes))
            }
        };
        let sink = sink(1, "entity");
        let message = self.fic.notification(&sink, COMPANY, "entities.clients.update", &[id], Mapping::Binary);
        self.told.insert(id_of(&message), (id, version));
        message
    }

    /// What was done is in the rows: each is as new as the newest event of it that is done, and what is said to be gone is.
    #[track_caller]
    fn rows_are_right(&self, env: &Env) {
        let conn = env.open();
        let mut statement = conn.prepare("SELECT id, name FROM clients").expect("clients");
        let rows =
            statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).expect("clients");
        let version = |name: &str| name.strip_prefix('v').and_then(|n| n.parse().ok()).unwrap_or(0);
        let rows: BTreeMap<i64, u64> =
            rows.map(|row| row.expect("a row")).map(|(id, name)| (id, version(&name))).collect();
        let mut statement = conn.prepare("SELECT event_id FROM events WHERE status = 'done'").expect("events");
        for event in statement.query_map([], |row| row.get::<_, String>(0)).expect("events") {
            let (id, told) = self.told[&event.expect("an event")];
            match (rows.get(&id), told) {
                (Some(here), Some(told)) => assert!(*here >= told, "client {id} is v{here}, v{told} is done"),
                (Some(here), None) => panic!("client {id} is gone, and v{here} here"),
                (None, _) => assert!(!self.ids.contains(&id), "client {id} is not here"),
            }
        }
    }
}

/// Sends what `next` gives, from many connections, until it gives nothing or `over` is set. The messages that were not
/// taken, and the ids of those that were.
fn send_until(
    address: SocketAddr,
    over: &AtomicBool,
    next: &(dyn Fn() -> Option<Message> + Sync),
) -> (Vec<Message>, BTreeSet<String>) {
    let results = Mutex::new((Vec::new(), BTreeSet::new()));
    let client = || {
        while let Some(message) = (!over.load(Ordering::SeqCst)).then(next).flatten() {
            let status = deliver(address, &message);
            let mut results = results.lock().expect("a lock");
            match status {
                202 => drop(results.1.insert(id_of(&message))),
                _ => results.0.push(message),
            }
            if status == 0 {
                break; // nobody is there any more
            }
        }
    };
    std::thread::scope(|scope| (0..16).for_each(|_| drop(scope.spawn(client))));
    results.into_inner().expect("a lock")
}

#[test]
fn killed_under_load_nothing_answered_is_lost_and_no_row_is_wrong() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 60);
    env.fic.set_quota(1_000_000, 1_000_000, 1_000_000);
    env.run("sync clients").exit(0);
    let (dice, ids) = (fastrand::Rng::with_seed(11), env.fic.ids(COMPANY, "clients"));
    let world = Mutex::new(World { fic: &env.fic, dice, ids, changes: 0, told: BTreeMap::new() });
    let (mut again, mut answered): (Vec<Message>, BTreeSet<String>) = Default::default();
    let (mut kills, mut in_work) = (0, 0);
    for _ in 0..scaled("FICSYNC_TEST_KILLS", 5, 50) {
        let (mut hook, over) = (Hook::start(&env), AtomicBool::new(false));
        let (address, before) = (hook.address, Mutex::new(VecDeque::from(std::mem::take(&mut again))));
        // What was not taken is sent again, as the service does it.
        let next =
            || before.lock().expect("a lock").pop_front().or_else(|| Some(world.lock().expect("a lock").change()));
        let moment = Duration::from_millis(world.lock().expect("a lock").dice.u64(20..700));
        let (refused, taken) = std::thread::scope(|scope| {
            let sending = scope.spawn(|| send_until(address, &over, &next));
            std::thread::sleep(moment);
            hook.kill();
            over.store(true, Ordering::SeqCst);
            sending.join().expect("clients")
        });
        kills += 1;
        again = before.into_inner().expect("a lock").into();
        again.extend(refused);
        answered.extend(taken);
        let there = in_table(&env);
        assert!(answered.is_subset(&there), "lost: {:?}", answered.difference(&there).collect::<Vec<_>>());
        world.lock().expect("a lock").rows_are_right(&env);
        in_work += env.value::<i64>("SELECT count(*) FROM events WHERE status = 'processing'");
    }
    assert!(answered.len() > 10 * kills, "only {} were answered before {kills} kills", answered.len());
    let hook = Hook::start(&env);
    let rest = Mutex::new(again);
    let (refused, taken) = send_until(hook.address, &AtomicBool::new(false), &|| rest.lock().expect("a lock").pop());
    assert!(refused.is_empty(), "{} are not taken by a listener that is well", refused.len());
    answered.extend(taken);
    let begun = Instant::now();
    while env.value::<i64>("SELECT count(*) FROM events WHERE status IN ('pending', 'processing')") > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "left after a restart: {}", env.fates());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(in_table(&env), answered, "what is there was answered at last");
    assert_eq!(env.fates(), format!("done {}", answered.len()));
    env.same_as_service("clients");
    env.nothing_forbidden();
    eprintln!("{} events answered, {kills} kills, {in_work} events in work at them", answered.len());
    hook.stop(0);
}
