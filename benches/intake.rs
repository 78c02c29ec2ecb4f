//! Events per second and latency of the real listener, beside a server that does nothing, in one run.
//!
//! `cargo bench --bench intake`. For 1, 16 and 64 clients, each event on a connection of its own, as the service sends
//! them: ficsync's `webhook-listen` (signature checked, event on disk before the answer), and tiny_http answering 202 to
//! the same requests. Medians of alternating rounds, and their ratio: absolute times are this machine's and its disk's.
//! Loopback only. The events are of a group that is not mirrored: what workers do beside it is not measured.
//!
//! `FICSYNC_BENCH_ROUNDS` (5) and `FICSYNC_BENCH_EVENTS` (1,500 per round) change the size. With
//! `FICSYNC_BENCH_BACKLOG=200000` something else is measured: the intake while the workers drain so many events.

#![allow(clippy::expect_used, clippy::print_stdout)] // a program for a person at a terminal

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ficsync_sandbox::{COMPANY, Mapping, Message, Sandbox, TOKEN};

const PUBLIC: &str = "https://hooks.example.it";

/// The listener in a process of its own; it ends with this value.
struct Listener {
    process: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Listener {
    fn start(fic: &Sandbox) -> Listener {
        Listener::prepared(fic, "http://127.0.0.1:9", 1, |_| {})
    }

    /// The same with workers that have a service, and a database that was prepared.
    fn prepared(fic: &Sandbox, service: &str, workers: usize, prepare: impl FnOnce(&rusqlite::Connection)) -> Listener {
        let folder = tempfile::tempdir().expect("a folder");
        let token = folder.path().join("token.txt");
        std::fs::write(&token, TOKEN).expect("a token file");
        let config = folder.path().join("config.toml");
        std::fs::write(&config, "").expect("a configuration file");
        let command = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
            command.args(words).env_clear();
            command.env("FICSYNC_DB", folder.path().join("ficsync.db")).env("FICSYNC_CONFIG", &config);
            command
        };
        let token = token.display().to_string();
        let add = command(&["account", "add", "--name", "Bench", "--token-file", &token])
            .env("FICSYNC_API_URL", fic.url())
            .stdout(Stdio::null())
            .status();
        assert!(add.expect("ficsync runs").success());
        prepare(&rusqlite::Connection::open(folder.path().join("ficsync.db")).expect("the database"));
        let mut process = command(&["webhook-listen", "--workers", &workers.to_string()])
            .env("FICSYNC_API_URL", service)
            .env("FICSYNC_LISTEN", "127.0.0.1:0")
            .env("FICSYNC_PUBLIC_URL", PUBLIC)
            .env("FICSYNC_WEBHOOK_PUBLIC_KEY", fic.public_key_pem())
            .env("TMPDIR", folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the listener starts");
        let mut lines = BufReader::new(process.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, rest) = line.split_once("listening for webhooks on ")?;
            rest.split(';').next()?.parse().ok()
        });
        std::thread::spawn(move || lines.for_each(drop));
        Listener { process, address: address.expect("an address"), folder }
    }

    /// Its memory at its peak, as the system tells it.
    fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("?").trim().to_owned()
    }

    /// Events in the table.
    fn stored(&self) -> usize {
        self.count("1")
    }

    fn count(&self, such: &str) -> usize {
        let conn = rusqlite::Connection::open(self.folder.path().join("ficsync.db")).expect("the database");
        conn.query_row(&format!("SELECT count(*) FROM events WHERE {such}"), [], |row| row.get(0)).expect("a count")
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// tiny_http on a port of its own, answering 202 to whatever comes. It ends with the process.
fn idle_server() -> SocketAddr {
    let server = std::sync::Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a port"));
    let address = server.server_addr().to_ip().expect("an address");
    for _ in 0..64 {
        let server = std::sync::Arc::clone(&server);
        std::thread::spawn(move || {
            while let Ok(mut request) = server.recv() {
                let _ = request.as_reader().read_to_end(&mut Vec::new());
                // a client that has gone is counted as one without an answer
                let _ = request.respond(tiny_http::Response::from_string("accepted\n").with_status_code(202));
            }
        });
    }
    address
}

/// What one round gave.
#[derive(Clone, Copy)]
struct Round {
    per_second: f64,
    p99: Duration,
}

fn wire(message: &Message) -> Vec<u8> {
    let path = message.sink.strip_prefix(PUBLIC).expect("a sink of ours");
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: hooks.example.it\r\nConnection: close\r\n");
    for (name, value) in &message.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n{}", message.body.len(), message.body));
    head.into_bytes()
}

fn status(address: SocketAddr, request: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).get(9..12).and_then(|code| code.parse().ok()).expect("a status")
}

fn deliver(address: SocketAddr, request: &[u8]) {
    assert_eq!(status(address, request), 202);
}

/// Sends all requests from so many clients at once, each one after the other.
fn round(address: SocketAddr, clients: usize, requests: &[Vec<u8>]) -> Round {
    let next = AtomicUsize::new(0);
    let client = || {
        let mut times = Vec::new();
        while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
            let begun = Instant::now();
            deliver(address, request);
            times.push(begun.elapsed());
        }
        times
    };
    let begun = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    });
    let per_second = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort();
    Round { per_second, p99: times[times.len() * 99 / 100] }
}

fn median(rounds: &[Round]) -> Round {
    let mut rates: Vec<f64> = rounds.iter().map(|round| round.per_second).collect();
    let mut tails: Vec<Duration> = rounds.iter().map(|round| round.p99).collect();
    rates.sort_by(f64::total_cmp);
    tails.sort();
    Round { per_second: rates[rates.len() / 2], p99: tails[tails.len() / 2] }
}

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// An event of a group that is not mirrored.
fn event(fic: &Sandbox, n: usize) -> Vec<u8> {
    let sink = format!("{PUBLIC}/api/webhooks/fic/1/products");
    wire(&fic.notification(&sink, COMPANY, "products.update", &[n as i64], Mapping::Binary))
}

/// Stores events that wait, each of the next of these clients.
fn fill(conn: &rusqlite::Connection, count: usize, clients: &[i64]) {
    let clients = serde_json::to_string(clients).expect("ids");
    let sql = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1),
          ids AS MATERIALIZED (SELECT key, json_array(value) AS id FROM json_each(?2))
        INSERT INTO events (account_id, event_group, event_id, type, received_at, resource_ids, remaining_ids, status,
                            next_attempt_at, lane)
        SELECT 1, 'entity', 'waits-' || i, 'it.fattureincloud.webhooks.entities.clients.update', '2026-01-01T00:00:00Z',
               id, id, 'pending', '2026-01-01T00:00:00Z', '/entities/clients'
          FROM n JOIN ids ON key = i % json_array_length(?2)";
    conn.execute(sql, (count, clients)).expect("events");
}

/// The intake while so many events are drained: how long each of its own events takes.
fn while_draining(backlog: usize, fresh: &dyn Fn(&Sandbox, usize) -> Vec<u8>) {
    let fic = Sandbox::start(7);
    fic.populate(COMPANY, "clients", 20_000.min(backlog));
    fic.set_quota(1_000_000, 1_000_000, 1_000_000);
    let clients = fic.ids(COMPANY, "clients");
    let listener = Listener::prepared(&fic, &fic.url(), 4, |conn| fill(conn, backlog, &clients));
    let waiting = "status IN ('pending', 'processing')";
    println!("   waiting   answered     503   p50 ms   p99 ms   longest ms");
    let begun = Instant::now();
    let mut left = backlog;
    while left > 0 && begun.elapsed() < Duration::from_secs(60) {
        let requests: Vec<Vec<u8>> = (0..1_000).map(|n| fresh(&fic, n)).collect();
        let mut times = Vec::new();
        let mut put_off = 0;
        for request in &requests {
            let begun = Instant::now();
            put_off += usize::from(status(listener.address, request) == 503);
            times.push(begun.elapsed());
            std::thread::sleep(Duration::from_millis(2));
        }
        times.sort();
        let ms = |at: usize| times[at].as_secs_f64() * 1e3;
        let answered = times.len() - put_off;
        println!("{left:>10}   {answered:>8}   {put_off:>5}   {:>6.1}   {:>6.1}   {:>10.1}", ms(499), ms(989), ms(999));
        left = listener.count(waiting);
    }
    println!("{} of {backlog} events drained in {:.1} s", backlog - left, begun.elapsed().as_secs_f64());
    println!("the listener's memory at its peak: {}", listener.memory());
}

fn main() {
    let (rounds, count) = (number("FICSYNC_BENCH_ROUNDS", 5), number("FICSYNC_BENCH_EVENTS", 1_500));
    let fic = Sandbox::start(7);
    let backlog = number("FICSYNC_BENCH_BACKLOG", 0);
    if backlog > 0 {
        return while_draining(backlog, &event);
    }
    let (listener, idle) = (Listener::start(&fic), idle_server());
    let fresh = |n: usize| event(&fic, n);
    let mut sent = 0;
    println!("clients   ficsync/s   p99 ms      idle/s   p99 ms   ficsync/idle");
    for clients in [1, 16, 64] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let requests: Vec<Vec<u8>> = (0..count).map(fresh).collect();
            ours.push(round(listener.address, clients, &requests));
            sent += count;
            theirs.push(round(idle, clients, &requests));
        }
        let (ours, theirs) = (median(&ours), median(&theirs));
        println!(
            "{clients:>7}   {:>9.0}   {:>6.1}   {:>9.0}   {:>6.1}   {:>12.2}",
            ours.per_second,
            ours.p99.as_secs_f64() * 1e3,
            theirs.per_second,
            theirs.p99.as_secs_f64() * 1e3,
            ours.per_second / theirs.per_second
        );
    }
    assert_eq!(listener.stored(), sent, "every event that was answered is in the table, once");
    println!("{sent} events answered, {sent} in the table; the listener's memory at its peak: {}", listener.memory());
}
