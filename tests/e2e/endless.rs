//! Requests that never end: chunks, extensions and trailers without end, fast and slow. Each is answered in bounded time
//! and with bounded memory, nothing is stored, and others are served meanwhile.

use crate::env::Env;
use crate::hook::{Hook, memory, news, read_all, status};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The gate's limit for a whole request, and how long it then listens on, so that the answer is seen: 12 s; and a busy
/// machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Clients of each kind at once.
const EACH: usize = 4;

/// What a client sends.
struct Endless {
    path: &'static str,
    /// After the head.
    begins: &'static [u8],
    /// For ever.
    goes_on: Vec<u8>,
    /// Between two of them.
    pause: Duration,
    status: u16,
}

/// Sends until it is cut off. The status of the answer, and how many bytes were sent.
fn send(address: SocketAddr, what: &Endless) -> (u16, usize) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time-out");
    let mut writer = stream.try_clone().expect("the same connection");
    std::thread::scope(|scope| {
        let sending = scope.spawn(move || {
            let head = format!("POST {} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", what.path);
            let (mut sent, until) = (0, Instant::now() + PATIENCE);
            let mut put = |bytes: &[u8]| writer.write_all(bytes).map(|()| sent += bytes.len());
            let mut going = put(head.as_bytes()).and_then(|()| put(what.begins));
            while going.is_ok() && Instant::now() < until {
                going = put(&what.goes_on);
                std::thread::sleep(what.pause);
            }
            sent
        });
        let answer = read_all(&mut stream);
        // It would go on for ever, as would a client that does not care for the answer.
        let _ = stream.shutdown(Shutdown::Both);
        (status(&answer), sending.join().expect("a client"))
    })
}

#[test]
fn what_never_ends_is_ended() {
    let env = Env::with_account();
    let hook = Hook::start(&env);
    let sink = "/api/webhooks/fic/1/entity";
    let fast = |begins: &'static [u8], goes_on: Vec<u8>, status| Endless {
        path: sink,
        begins,
        goes_on,
        pause: Duration::ZERO,
        status,
    };
    let slow = |path, begins: &'static [u8], goes_on: &[u8], status| Endless {
        path,
        begins,
        goes_on: goes_on.to_vec(),
        pause: Duration::from_millis(50),
        status,
    };
    let kinds = [
        fast(b"", [&b"400\r\n"[..], &[b'x'; 1024], b"\r\n"].concat(), 413),
        fast(b"", b"1\r\na\r\n".repeat(200), 413),
        fast(b"1;", vec![b'x'; 1024], 400),
        fast(b"", format!("1;{}\r\na\r\n", "x".repeat(200)).into_bytes(), 400),
        fast(b"0\r\n", b"A: b\r\n".repeat(100), 431),
        slow("/elsewhere", b"", b"1\r\na\r\n", 408),
        slow("/elsewhere", b"1;", b"x", 408),
        slow("/elsewhere", b"0\r\n", b"A: b\r\n", 408),
        // A 4xx would make the service drop an event that a slow proxy brings: 503 at the sinks.
        slow(sink, b"", b"1\r\na\r\n", 503),
    ];
    assert_eq!(hook.send(&news(&env, 7)), 202);
    let (begun, before) = (Instant::now(), memory(&hook));
    let sent: usize = std::thread::scope(|scope| {
        let clients: Vec<_> = kinds
            .iter()
            .flat_map(|kind| std::iter::repeat_n(kind, EACH))
            .map(|kind| (kind, scope.spawn(|| send(hook.address, kind))))
            .collect();
        while begun.elapsed() < Duration::from_secs(3) {
            assert_eq!(hook.send(&news(&env, 8)), 202, "others are served");
            std::thread::sleep(Duration::from_millis(100));
        }
        let ended = clients.into_iter().map(|(kind, client)| {
            let (status, sent) = client.join().expect("a client");
            let shown = kind.goes_on[..kind.goes_on.len().min(12)].escape_ascii().to_string();
            assert_eq!(status, kind.status, "{} {}{shown}", kind.path, kind.begins.escape_ascii());
            sent
        });
        ended.sum()
    });
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let grown = memory(&hook).saturating_sub(before);
    eprintln!("{} MB sent, {} KiB more memory at its peak, {:?}", sent / 1_000_000, grown / 1024, begun.elapsed());
    // The gate holds at most 32 MiB for all clients.
    assert!(grown < 40 << 20, "{grown} bytes more");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE resource_ids NOT IN ('[7]', '[8]')"), 0);
    hook.stop(0);
}
