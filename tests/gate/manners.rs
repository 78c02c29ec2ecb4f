//! Honest clients, and those that are only slow or wrong: each gets its answer.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use ficsync::webhook::gate::{Gate, Limits, Reason};

use crate::house::{House, LONG_BODY, post, quick, read_all, read_one, status, wait_for};

#[test]
fn plain_requests_get_through_and_back() {
    let house = House::new(Limits::default());
    let get = house.send(b"GET /healthz?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(get.starts_with("HTTP/1.1 200 OK\r\n"), "{get}");
    assert!(get.contains("\r\nX-Url: /healthz?x=1\r\n"), "{get}");
    assert!(get.contains("\r\nConnection: close\r\n"), "{get}");
    assert!(get.ends_with("\r\n\r\nGET 0 127.0.0.1"), "{get}");
    let old = house.send(b"GET /healthz HTTP/1.0\r\n\r\n");
    assert!(old.ends_with("GET 0 127.0.0.1"), "{old}");
    let head = house.send(b"HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(head.contains("Content-Length: 16\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let large = house.send(&post("Connection: close\r\n", &vec![b'x'; 1 << 20]));
    assert!(large.ends_with("POST 1048576 127.0.0.1"), "{large}");
    assert_eq!(house.gate().stats().snapshot().relayed, 4);
}

#[test]
fn a_long_answer_arrives_whole() {
    let house = House::new(Limits::default());
    let answer = house.send(b"GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("Content-Length: {LONG_BODY}\r\n")), "{head}");
    assert_eq!(body.len(), LONG_BODY);
}

#[test]
fn connections_are_kept_and_pipelined_requests_answered_in_order() {
    let house = House::new(Limits::default());
    let mut stream = house.connect();
    for count in 1..5 {
        stream.write_all(&post("", &vec![b'x'; count])).unwrap();
        let (head, body) = read_one(&mut stream);
        assert!(head.contains("\r\nConnection: keep-alive\r\n"), "{head}");
        assert_eq!(body, format!("POST {count} 127.0.0.1"));
    }
    let both = [post("", b"x"), post("Connection: close\r\n", b"xx")].concat();
    stream.write_all(&both).unwrap();
    assert_eq!(read_one(&mut stream).1, "POST 1 127.0.0.1");
    assert!(read_all(&mut stream).ends_with("POST 2 127.0.0.1"));
    assert_eq!(house.gate().stats().snapshot().accepted, 1);
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let house = House::new(quick());
    let mut stream = house.connect();
    stream.write_all(&post("", b"x")).unwrap();
    read_one(&mut stream);
    let begun = Instant::now();
    assert_eq!(read_all(&mut stream), "");
    let waited = begun.elapsed();
    assert!(waited > Duration::from_millis(400), "{waited:?}");
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}

#[test]
fn chunked_bodies_arrive_whole_within_the_limit() {
    let house = House::new(Limits::default());
    let head = "POST /api/webhooks/fic/1/entity HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for (chunks, wanted) in [(0, "200"), (1, "200"), (32, "200"), (33, "413")] {
        let answer = house.send(format!("{head}{}0\r\n\r\n", chunk.repeat(chunks)).as_bytes());
        assert_eq!(status(&answer), wanted, "{chunks} chunks: {answer}");
        if wanted == "200" {
            let body = format!("POST {} 127.0.0.1", chunks * 0x8000);
            assert!(answer.ends_with(&body), "{answer}");
        }
    }
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    let house = House::new(Limits::default());
    let mut stream = house.connect();
    let request = post("Expect: 100-continue\r\nConnection: close\r\n", b"body");
    let (head, body) = request.split_at(request.len() - 4);
    stream.write_all(head).unwrap();
    assert_eq!(read_one(&mut stream).0, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body).unwrap();
    assert!(read_all(&mut stream).ends_with("POST 4 127.0.0.1"));
}

#[test]
fn a_client_that_has_said_all_still_gets_its_answer() {
    let house = House::new(Limits::default());
    let mut stream = house.connect();
    let slow = b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(slow).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(read_all(&mut stream).ends_with("GET 0 127.0.0.1"));
}

#[test]
fn a_refused_client_sees_why_though_it_goes_on_sending() {
    let house = House::new(Limits::default());
    let mut stream = house.connect();
    // 3 MiB fill any socket buffer: were they not drained, closing would reset the connection
    let sent = stream.write_all(&post("", &vec![b'x'; 3 << 20]));
    sent.expect("all is taken, if only to be thrown away");
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = read_all(&mut stream);
    assert_eq!(status(&answer), "413", "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert_eq!(house.refused(Reason::BodyTooLarge), 1);
    assert_eq!(house.good(1), 1);
}

#[test]
fn a_slow_request_is_answered_by_what_it_may_be() {
    let house = House::new(quick());
    let event = "POST /api/webhooks/fic/1/entity HTTP/1.1\r\nHost: a\r\n";
    for (bytes, wanted) in [
        (event, "503"),
        (&format!("{event}Content-Length: 9\r\n\r\nx"), "503"),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\n", "408"),
        ("POST /else HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", "408"),
        ("", "none"),
    ] {
        let begun = Instant::now();
        assert_eq!(status(&house.send(bytes.as_bytes())), wanted, "{bytes:?}");
        let waited = begun.elapsed();
        assert!(waited > Duration::from_millis(600), "{waited:?}");
        assert!(waited < Duration::from_secs(3), "{waited:?}");
    }
}

#[test]
fn no_answer_from_behind_is_a_503() {
    let house = House::new(quick());
    let answer = house.send(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&answer), "503", "{answer}");
    assert_eq!(house.refused(Reason::NoAnswer), 1);
    assert_eq!(house.good(20), 20, "each forwarder is of use again");
}

#[test]
fn nobody_behind_is_a_503_until_somebody_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (outer, inner) = (folder.path().join("outer"), folder.path().join("inner"));
    let gate = Gate::start(UnixListener::bind(&outer).unwrap(), quick(), &inner).unwrap();
    let ask = || {
        let mut stream = UnixStream::connect(&outer).unwrap();
        stream.write_all(&post("Connection: close\r\n", b"x")).unwrap();
        read_all(&mut stream)
    };
    assert_eq!(status(&ask()), "503");
    assert_eq!(gate.stats().refused_for(Reason::BadAnswer), 1);
    // a server that closes after each answer: every kept connection has gone stale
    let server = UnixListener::bind(&inner).unwrap();
    let answering = std::thread::spawn(move || {
        for _ in 0..40 {
            let (mut stream, _) = server.accept().unwrap();
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).unwrap();
            assert!(request[..count].ends_with(b"\r\nHost: gate\r\n\r\n"), "each connection is greeted");
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
            let count = stream.read(&mut request).unwrap();
            assert!(request[..count].ends_with(b"\r\nContent-Length: 1\r\n\r\nx"));
            stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\nhere").unwrap();
        }
    });
    for _ in 0..40 {
        let answer = ask();
        assert!(answer.ends_with("\r\n\r\nhere"), "{answer}");
    }
    answering.join().unwrap();
}

#[test]
fn stopping_finishes_what_has_begun_and_takes_nothing_new() {
    let mut house = House::new(Limits::default());
    let mut working = house.connect();
    working.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut silent = house.connect();
    let mut hanging = house.connect();
    hanging.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let mut late = house.connect();
    assert!(wait_for(Duration::from_secs(5), || { house.gate().stats().snapshot().open == 4 }));
    std::thread::sleep(Duration::from_millis(100));
    let gate = house.gate.take().unwrap();
    let stats = std::sync::Arc::clone(gate.stats());
    let begun = Instant::now();
    // it had connected before the stop, and only its request comes after
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        late.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        read_all(&mut late)
    });
    gate.stop(Duration::from_millis(1500));
    let took = begun.elapsed();
    assert!(took > Duration::from_millis(1400) && took < Duration::from_millis(2500), "{took:?}");
    let answer = read_all(&mut working);
    assert!(answer.ends_with("GET 0 127.0.0.1"), "{answer}");
    assert!(answer.contains("Connection: close"), "{answer}");
    assert_eq!(status(&late.join().unwrap()), "200");
    assert_eq!(status(&read_all(&mut silent)), "503");
    assert_eq!(status(&read_all(&mut hanging)), "503");
    assert_eq!(stats.refused_for(Reason::Stopping), 2);
    assert!(std::net::TcpStream::connect(house.address).is_err());
}

/// tiny_http may leave one of two connections that come at the same moment in its queue for good: the gate's must not.
#[test]
fn the_first_requests_may_all_come_at_once() {
    for _ in 0..5 {
        let house = House::new(Limits { forwarders: 16, ..quick() });
        let good = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..16).map(|_| scope.spawn(|| house.good(3))).collect();
            clients.into_iter().map(|client| client.join().unwrap()).sum::<usize>()
        });
        assert_eq!(good, 48);
    }
}
