//! Where the listener listens, and what it tells systemd: a Unix socket, a passed socket that outlives it, notices.

use crate::env::Env;
use crate::hook::{Hook, command, deliver, id_of, news, read_all, sink, status, wire};
use ficsync_sandbox::{COMPANY, Mapping, Message};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn over_unix(path: &Path, message: &Message) -> u16 {
    let mut stream = UnixStream::connect(path).expect("the socket");
    stream.write_all(&wire(message)).expect("a request");
    status(&read_all(&mut stream))
}

#[test]
fn a_unix_socket_is_the_groups_replaces_a_stale_one_and_is_taken_away() {
    let env = Env::with_account();
    let path = env.dir.path().join("hook.sock");
    let start = || Hook::of(command(&env).env("FICSYNC_LISTEN", format!("unix:{}", path.display())));
    let mut hook = start();
    assert_eq!(std::fs::metadata(&path).expect("the socket").permissions().mode() & 0o777, 0o660);
    assert_eq!(over_unix(&path, &news(&env, 7)), 202);
    hook.kill();
    assert!(path.exists(), "a killed listener leaves its socket behind");
    let hook = start();
    assert_eq!(over_unix(&path, &news(&env, 7)), 202);
    let second = command(&env).env("FICSYNC_LISTEN", format!("unix:{}", path.display())).output().expect("it runs");
    assert_eq!(second.status.code(), Some(1), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(over_unix(&path, &news(&env, 7)), 202, "the second did not take the first's socket away");
    hook.stop(0);
    assert!(!path.exists());
    let private = std::fs::read_dir(env.dir.path()).expect("folder").flatten();
    let private = private.filter(|entry| entry.file_name().to_string_lossy().starts_with("ficsync-"));
    assert_eq!(private.count(), 1, "only the killed one's private socket is left");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events"), 3);
}

/// A socket as systemd passes it: descriptor 3 of a process that is told so.
struct Passed {
    socket: TcpListener,
    address: SocketAddr,
}

impl Passed {
    /// Nothing where there is no python3 to put the descriptor in its place.
    fn new() -> Option<Passed> {
        if Command::new("python3").arg("--version").output().is_err() {
            eprintln!("skipped: python3 is missing");
            return None;
        }
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
        // as deep as that of the unit: what comes during a restart waits here
        rustix::net::listen(&socket, 4096).expect("a backlog");
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty()).expect("a descriptor to be inherited");
        let address = socket.local_addr().expect("an address");
        Some(Passed { socket, address })
    }

    fn start(&self, env: &Env) -> Hook {
        use std::os::fd::AsRawFd;
        const LAUNCH: &str = "import os, sys\nos.dup2(int(sys.argv[1]), 3)\n\
            os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\nos.execv(sys.argv[2], sys.argv[2:])";
        let listen = command(env);
        let mut launcher = Command::new("python3");
        launcher.args(["-c", LAUNCH, &self.socket.as_raw_fd().to_string()]).arg(listen.get_program());
        launcher.arg("webhook-listen").env_clear();
        launcher.envs(listen.get_envs().filter_map(|(name, value)| Some((name, value?))));
        // the one that is passed wins: here nobody could listen
        launcher.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("FICSYNC_LISTEN", "192.0.2.1:1");
        let mut hook = Hook::of(&mut launcher);
        assert!(hook.log().contains("(passed by systemd)"), "{}", hook.log());
        hook.address = self.address;
        hook
    }
}

#[test]
fn a_restart_on_a_passed_socket_turns_nobody_away() {
    let env = Env::with_account();
    let Some(passed) = Passed::new() else { return };
    let (over, sent) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let fic = &env.fic;
    let clients = || {
        while !over.load(Ordering::SeqCst) {
            let message =
                fic.notification(&sink(1, "entity"), COMPANY, "entities.clients.update", &[7], Mapping::Binary);
            let answer = deliver(passed.address, &message);
            sent.lock().expect("a lock").push((id_of(&message), answer));
        }
    };
    let hook = std::thread::scope(|scope| {
        let _ends = Ends(&over);
        let mut hook = passed.start(&env);
        (0..8).for_each(|_| drop(scope.spawn(clients)));
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(300));
            hook.stop(0);
            std::thread::sleep(Duration::from_millis(200));
            hook = passed.start(&env);
        }
        std::thread::sleep(Duration::from_millis(300));
        hook
    });
    hook.stop(0);
    let sent = sent.into_inner().expect("a lock");
    let wrong: Vec<u16> = sent.iter().map(|(_, answer)| *answer).filter(|answer| *answer != 202).collect();
    assert!(wrong.is_empty(), "{} of {} were not taken: {wrong:?}", wrong.len(), sent.len());
    let conn = env.open();
    let mut statement = conn.prepare("SELECT event_id FROM events").expect("events");
    let there: BTreeSet<String> =
        statement.query_map([], |row| row.get(0)).expect("events").collect::<Result<_, _>>().expect("events");
    assert_eq!(there, sent.into_iter().map(|(id, _)| id).collect());
}

/// Ends the clients when it goes, also by a panic: their scope waits for them.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// systemd's end of the notices.
struct Notices(UnixDatagram);

impl Notices {
    fn at(path: &Path) -> Notices {
        let socket = UnixDatagram::bind(path).expect("a socket for notices");
        socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a time-out");
        Notices(socket)
    }

    /// All that has come until one has all these words; fails when that takes too long.
    #[track_caller]
    fn until(&self, words: &str) -> Vec<String> {
        let (end, mut seen) = (Instant::now() + Duration::from_secs(15), Vec::new());
        let mut buffer = [0; 4096];
        while Instant::now() < end {
            if let Ok(length) = self.0.recv(&mut buffer) {
                seen.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                if seen.last().is_some_and(|last| last.contains(words)) {
                    return seen;
                }
            }
        }
        panic!("{words:?} did not come: {seen:?}");
    }

    /// How many notices with these words come within a time.
    fn count(&self, words: &str, within: Duration) -> usize {
        let (end, mut count) = (Instant::now() + within, 0);
        let mut buffer = [0; 4096];
        while Instant::now() < end {
            if let Ok(length) = self.0.recv(&mut buffer) {
                count += usize::from(String::from_utf8_lossy(&buffer[..length]).contains(words));
            }
        }
        count
    }
}

#[test]
fn systemd_is_told_and_the_watchdog_is_fed_only_while_it_answers() {
    let env = Env::with_account();
    let path = env.dir.path().join("notify.sock");
    let notices = Notices::at(&path);
    let hook = Hook::of(command(&env).env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "1500000"));
    let first = notices.until("READY=1");
    assert!(first.last().is_some_and(|last| last.contains("STATUS=listening for webhooks on 127.0.0.1:")), "{first:?}");
    notices.until("WATCHDOG=1");
    notices.until("WATCHDOG=1");
    // another program's lock is no reason for a restart, but is told
    let locker = env.open();
    locker.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    notices.until("STATUS=failing");
    notices.until("WATCHDOG=1");
    locker.execute_batch("ROLLBACK").expect("the end of the lock");
    notices.until("STATUS=listening");
    // a process that does nothing any more does not feed it
    hook.signal("STOP");
    let _ = notices.count("WATCHDOG=1", Duration::from_millis(300));
    assert_eq!(notices.count("WATCHDOG=1", Duration::from_secs(2)), 0);
    hook.signal("CONT");
    notices.until("WATCHDOG=1");
    hook.stop(0);
    notices.until("STOPPING=1");
}

/// strace at work. Killed when dropped, which lets go of what it holds.
struct Tracer(Child);

impl Drop for Tracer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A debugger that lets every sync of the disk take two minutes. Nothing where there is none, or where it may not attach.
fn slow_disk(pid: u32) -> Option<Tracer> {
    let attach = Command::new("strace")
        .args([
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "trace=fdatasync,fsync",
            "-e",
            "inject=fdatasync,fsync:delay_enter=120000000",
        ])
        .args(["-p", &pid.to_string()])
        .stderr(Stdio::piped())
        .spawn();
    let said = attach.ok().and_then(|mut strace: Child| {
        let line = BufReader::new(strace.stderr.take()?).lines().map_while(Result::ok).next()?;
        let tracer = Tracer(strace);
        line.contains("attached").then_some(tracer)
    });
    if said.is_none() {
        eprintln!("skipped: there is no strace, or it may not attach");
    }
    said
}

#[test]
fn a_writer_that_hangs_ends_the_listener_and_loses_nothing() {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 3);
    env.run("sync all").exit(0);
    let client = env.fic.ids(COMPANY, "clients")[1];
    let mut hook = Hook::start(&env);
    let Some(strace) = slow_disk(hook.child.id()) else { return };
    env.fic.update(COMPANY, "clients", client);
    let message = news(&env, client);
    assert_eq!(hook.send(&message), 503, "put off: {}", hook.log());
    let until = Instant::now() + Duration::from_secs(60);
    while !hook.log().contains("it hangs in a transaction") {
        assert!(Instant::now() < until, "it is not noticed: {}", hook.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    // who is traced ends for others only when the tracer has let go
    drop(strace);
    assert_eq!(hook.wait(Duration::from_secs(10)), Some(1), "ended, for systemd to start it again");
    let again = Hook::start(&env);
    assert_eq!(again.send(&message), 202, "the service sends it again");
    again.stop(0);
    env.run("events drain").exit(0);
    env.same_as_service("clients");
}
