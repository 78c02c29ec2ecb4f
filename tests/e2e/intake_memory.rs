//! Memory of the listener: strangers who send as much as they may, from many connections at once, do not bring it near
//! the limit of its unit, and others are served meanwhile.

use crate::env::Env;
use crate::hook::{Hook, PUBLIC, command, exchange, id_of, memory, news, scaled, status};
use ficsync_sandbox::{COMPANY, Message, Signing};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What the listener may use at its peak: not half of what its unit grants.
const MOST: u64 = 96_000_000;
/// The largest body that is taken.
const LONGEST: usize = 1 << 20;

/// Bodies of the full size. Each makes much of it in its own way: one text, many ids, a name that has to be unescaped.
fn bodies() -> [Vec<u8>; 4] {
    let filled = |begin: &str, fill: &str, end: &str| {
        let times = (LONGEST - begin.len() - end.len()) / fill.len();
        let text = format!("{begin}{}{end}", fill.repeat(times));
        let padding = " ".repeat(LONGEST - text.len());
        (text + &padding).into_bytes()
    };
    [
        filled(r#"{"specversion":"1.0","id":"1","type":"t","subject":""#, "x", r#""}"#),
        filled(r#"{"data":{"ids":[1"#, ",1234567", "]}}"),
        filled(r#"{""#, r"\u0061", r#"":1}"#),
        vec![0xff; LONGEST],
    ]
}

/// What a stranger sends: a message's headers, a token that the service has not signed, a body.
fn forged(message: &Message, token: &str, body: &[u8], chunked: bool) -> Vec<u8> {
    let path = message.sink.strip_prefix(PUBLIC).expect("a sink of ours");
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n");
    for (name, value) in message.headers.iter().filter(|(name, _)| name != "Authorization") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !chunked {
        return [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat();
    }
    let mut wire = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(10_000) {
        wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        wire.extend_from_slice(chunk);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"0\r\n\r\n");
    wire
}

/// One of each kind: with a token that is none, and with one that only its signature gives away; with ce-headers, and
/// with everything in the body; with a length, and in chunks.
fn requests(env: &Env) -> Vec<Vec<u8>> {
    let binary = news(env, 7);
    let mut structured = binary.clone();
    structured.headers.retain(|(name, _)| !name.starts_with("ce-"));
    let claims = env.fic.claims(&binary.sink, COMPANY, &id_of(&binary));
    let tokens = ["no.token.atall".to_owned(), env.fic.sign(&claims, Signing::OtherKey)];
    let mut all = Vec::new();
    for body in bodies() {
        for message in [&binary, &structured] {
            for token in &tokens {
                all.extend([false, true].map(|chunked| forged(message, token, &body, chunked)));
            }
        }
    }
    all
}

/// Sends so many of them from so many connections at once, while others are served. How many were answered, rather than
/// cut off before they had sent all.
fn attack(env: &Env, hook: &Hook, requests: &[Vec<u8>], count: usize, clients: usize) -> usize {
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let client = || {
        while let Some(at) = Some(next.fetch_add(1, Ordering::SeqCst)).filter(|at| *at < count) {
            match status(&exchange(hook.address, &requests[at % requests.len()])) {
                401 | 503 => answered.fetch_add(1, Ordering::SeqCst),
                0 => 0,
                other => panic!("a forged event was answered {other}"),
            };
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        while clients.iter().any(|client| !client.is_finished()) {
            assert_eq!(hook.send(&news(env, 8)), 202, "others are served");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    answered.into_inner()
}

#[test]
fn forged_bodies_of_the_full_size_do_not_fill_the_memory() {
    let env = Env::with_account();
    // As on a machine with many processors: what a thread has once used is kept for it alone.
    let hook = Hook::of(command(&env).env("MALLOC_ARENA_MAX", "512"));
    let (requests, count) = (requests(&env), scaled("FICSYNC_TEST_FORGED", 1_000, 10_000));
    // As many as are passed on at once, so that each gets as far as it can; then more than can be held.
    for clients in [14, 150] {
        let answered = attack(&env, &hook, &requests, count, clients);
        let peak = memory(&hook);
        eprintln!("{count} forged bodies from {clients} clients, {answered} answered, {peak} bytes at the peak");
        assert!(peak <= MOST, "{peak} bytes");
    }
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE resource_ids <> '[8]'"), 0);
    hook.stop(0);
}
