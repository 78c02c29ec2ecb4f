//! The attacks that bare tiny_http 0.12 does not survive, and some more.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use ficsync::webhook::gate::{Limits, Reason};

use crate::house::{House, post, process, quick, read_all, status};

/// Many connections, each having sent these bytes.
fn flood(house: &House, count: usize, bytes: &[u8]) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = house.connect();
        let _ = stream.write_all(bytes);
        stream
    };
    (0..count).map(open).collect()
}

#[test]
fn huge_lengths_cost_nothing() {
    let house = House::new(Limits::default());
    for length in ["1073741824", "1000000000000", "18446744073709551615"] {
        for body in ["", "abc"] {
            let head = "POST /api/webhooks/fic/1/entity HTTP/1.1\r\nHost: a\r\nContent-Length: ";
            let answer = house.send(format!("{head}{length}\r\n\r\n{body}").as_bytes());
            assert_eq!(status(&answer), "413", "{length}");
        }
    }
    let unread = "POST /unread HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n";
    let answer = house.send(&[unread.as_bytes(), &vec![b'x'; 1 << 20]].concat());
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(house.good(5), 5);
}

#[test]
fn idle_and_slow_clients_do_not_stop_others() {
    let house = House::new(quick());
    let threads = process("Threads");
    for bytes in [&b""[..], b"GET / HTTP/1.1\r\nA: ", &post("", &[b'x'; 4000])[..2000]] {
        let attackers = flood(&house, 1000, bytes);
        assert_eq!(house.good(20), 20, "under {}", bytes.escape_ascii());
        let open = house.gate().stats().snapshot().open;
        assert!(open <= 512, "{open} open");
        assert!(house.empties(Duration::from_secs(4)), "attackers stay");
        drop(attackers);
    }
    // other tests run in this process at the same time, with at most some 30 threads each
    assert!(process("Threads") < threads + 400, "a thread per connection");
}

#[test]
fn a_dribbled_body_ends_in_time() {
    let house = House::new(quick());
    let dribble = |mut stream: TcpStream| {
        std::thread::spawn(move || {
            stream.write_all(&post("", &[b'x'; 500])[..100]).unwrap();
            for _ in 0..40 {
                std::thread::sleep(Duration::from_millis(100));
                if stream.write_all(b"x").is_err() {
                    break;
                }
            }
            read_all(&mut stream)
        })
    };
    let attackers: Vec<_> = (0..32).map(|_| dribble(house.connect())).collect();
    assert_eq!(house.good(20), 20);
    assert!(house.empties(Duration::from_secs(4)));
    assert_eq!(house.refused(Reason::Slow), 32);
    attackers.into_iter().for_each(|attacker| {
        attacker.join().unwrap();
    });
}

#[test]
fn other_versions_leave_no_thread_behind() {
    let house = House::new(Limits::default());
    for _ in 0..200 {
        let answer = house.send(b"GET / HTTP/2.0\r\nHost: a\r\n\r\n");
        assert_eq!(status(&answer), "505");
    }
    assert_eq!(house.refused(Reason::Version), 200);
    assert_eq!(house.good(5), 5);
}

#[test]
fn endless_heads_are_cut_off() {
    let house = House::new(Limits::default());
    let line = [b"GET / HTTP/1.1\r\nA: ", &vec![b'x'; 1 << 20][..]].concat();
    assert_eq!(status(&house.send(&line)), "431");
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(2000));
    assert_eq!(status(&house.send(many.as_bytes())), "431");
    assert_eq!(house.good(5), 5);
}

#[test]
fn smuggled_requests_never_reach_the_server() {
    let house = House::new(Limits::default());
    let hidden = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    for headers in [
        "Content-Length: 0\r\nContent-Length: 37\r\n",
        "Content-Length: +34\r\n",
        "Content-Length: x\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "A: b\nContent-Length: 37\r\n",
    ] {
        let answer = house.send(format!("POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n{hidden}").as_bytes());
        assert_eq!(status(&answer), "400", "{headers:?}: {answer}");
        assert!(!answer.contains("smuggled"), "{headers:?}: {answer}");
    }
    assert_eq!(house.gate().stats().snapshot().relayed, 0);
    // what is rightly inside a body stays there
    let answer = house.send(&post("Connection: close\r\n", hidden.as_bytes()));
    assert!(answer.ends_with(&format!("POST {} 127.0.0.1", hidden.len())), "{answer}");
}

#[test]
fn lone_line_feeds_and_foreign_bytes_are_answered_at_once() {
    let house = House::new(Limits::default());
    for bytes in [
        &b"GET / HTTP/1.1\nHost: a\n\n"[..],
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\xff: b\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ] {
        let begun = std::time::Instant::now();
        let answer = house.send(bytes);
        assert_eq!(status(&answer), "400", "{}: {answer}", bytes.escape_ascii());
        // it need not wait for a time-out, but for the client to close
        assert!(begun.elapsed() < Duration::from_secs(4));
    }
    // legal, and to be passed over: an event must not be lost to a proxy's header
    let value = house.send(b"GET / HTTP/1.1\r\nHost: a\r\nTown: S\xe3o\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&value), "200", "{value}");
}

#[test]
fn garbage_after_a_request_spoils_only_what_comes_after() {
    let house = House::new(Limits::default());
    let answer = house.send(&[&post("", b"x")[..], &[0x01; 3000]].concat());
    assert!(answer.contains("POST 1 127.0.0.1"), "{answer}");
    assert!(answer.contains("HTTP/1.1 400 Bad Request"), "{answer}");
}

#[test]
fn memory_is_bounded_whatever_is_sent() {
    let limits = Limits { held_bytes: 8 << 20, ..quick() };
    let house = House::new(limits);
    let body = vec![b'x'; (1 << 20) - 1];
    let almost = post("", &[&body[..], b"x"].concat());
    let attackers = flood(&house, 40, &almost[..almost.len() - 1]);
    assert_eq!(house.good(20), 20);
    assert!(house.refused(Reason::Crowded) >= 32, "{:?}", house.gate().stats().snapshot());
    drop(attackers);
    assert_eq!(house.good(20), 20);
}

#[test]
fn clients_that_do_not_read_their_answers_are_cut_off() {
    let house = House::new(quick());
    let ask = b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200);
    let attackers = flood(&house, 20, &ask);
    assert_eq!(house.good(20), 20);
    assert!(house.empties(Duration::from_secs(6)), "{:?}", house.gate().stats().snapshot());
    drop(attackers);
}

#[test]
fn a_small_cap_lets_honest_clients_through() {
    let house = House::new(Limits { connections: 16, ..Limits::default() });
    let attackers = flood(&house, 200, b"POST / HTTP/1.1\r\nA: b");
    assert_eq!(house.good(20), 20);
    let counts = house.gate().stats().snapshot();
    assert!(counts.open <= 16 && counts.evicted >= 184, "{counts:?}");
    let evicted = attackers.into_iter().take(184);
    let told = evicted.filter_map(|mut stream| (status(&read_all(&mut stream)) == "503").then_some(()));
    assert_eq!(told.count(), 184, "all were told that there was no room");
}
