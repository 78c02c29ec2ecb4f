//! What the framer takes, what it refuses, and that neither depends on how bytes arrive.

use proptest::prelude::*;

use super::*;

const PATH: &str = "/api/webhooks/fic/1/entity";

fn framer() -> Framer {
    Framer::new(&Limits::default())
}

/// Everything that becomes of these bytes: the requests, then the state at the end.
fn results<'a>(portions: impl IntoIterator<Item = &'a [u8]>) -> Vec<Framed> {
    let mut framer = framer();
    let mut all = Vec::new();
    for portion in portions {
        let mut framed = framer.push(portion);
        while let Framed::Complete(_) = framed {
            all.push(framed);
            framed = framer.push(&[]);
        }
        if let Framed::Refuse(..) = framed {
            all.push(framed);
            return all;
        }
    }
    all.push(Framed::Incomplete);
    all
}

fn refused(bytes: &[u8]) -> Option<Reason> {
    match results([bytes]).pop() {
        Some(Framed::Refuse(reason, _)) => Some(reason),
        _ => None,
    }
}

/// A request with these header lines, each ended by CRLF, and this body.
fn post(headers: &str, body: &str) -> Vec<u8> {
    format!("POST {PATH} HTTP/1.1\r\nHost: a\r\n{headers}\r\n{body}").into_bytes()
}

#[test]
fn takes_plain_requests() {
    for (bytes, body, keep_alive) in [
        (post("Content-Length: 3\r\n", "abc"), "abc", true),
        (post("content-length: 0003\r\nConnection: close\r\n", "abc"), "abc", false),
        (post("CONNECTION: foo , Close\r\n", ""), "", false),
        (post("Transfer-Encoding: Chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), "abc", true),
        (post("X-Town: S\u{e3}o Paulo\r\nContent-Length: 1\r\n", "a"), "a", true),
        (post("Upgrade: h2c\r\nContent-Length: 1\r\n", "a"), "a", true),
        (post("Upgrade: websocket\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n", ""), "", true),
        (b"GET /healthz?a=%00 HTTP/1.0\r\n\r\n".to_vec(), "", false),
        (b"HEAD / HTTP/1.0\r\nConnection: Keep-Alive\r\nEmpty:\r\n\r\n".to_vec(), "", true),
    ] {
        let all = results([&bytes[..]]);
        let [Framed::Complete(request), Framed::Incomplete] = &all[..] else {
            panic!("{} gave {all:?}", bytes.escape_ascii());
        };
        assert_eq!(request.body(), body.as_bytes());
        assert_eq!(request.keep_alive(), keep_alive, "{}", bytes.escape_ascii());
    }
}

#[test]
fn passes_on_headers_but_not_those_of_the_connection() {
    let headers = "Authorization: Bearer x\r\nConnection: Authorization, close\r\nTE: trailers\r\n\
                   Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\
                   Keep-Alive: 5\r\nExpect: 100-continue\r\nx-ficsync-PEER: me\r\nce-id:  7 \r\n\
                   Town: \u{e3}\r\nTransfer-Encoding: chunked\r\n";
    let all = results([&post(headers, "2\r\nhi\r\n0\r\nX-Trailer: t\r\n\r\n")[..]]);
    let Framed::Complete(request) = &all[0] else { panic!("{all:?}") };
    assert_eq!(
        String::from_utf8_lossy(&request.wire("192.0.2.1")),
        format!(
            "POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nce-id: 7\r\n\
             X-Ficsync-Peer: 192.0.2.1\r\nContent-Length: 2\r\n\r\nhi"
        )
    );
}

#[test]
fn an_upgrade_that_was_not_taken_up_changes_nothing_of_what_follows() {
    let upgrade = post("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", "");
    let all = results([&[&upgrade[..], &post("Content-Length: 1\r\n", "b")].concat()[..]]);
    let [Framed::Complete(first), Framed::Complete(second), Framed::Incomplete] = &all[..] else { panic!("{all:?}") };
    assert_eq!((first.body(), second.body()), (&b""[..], &b"b"[..]));
    // Who speaks the new protocol without having been told to is not understood.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let all = results([&[&upgrade[..], preface].concat()[..]]);
    assert!(matches!(&all[..], [Framed::Complete(_), Framed::Refuse(..)]), "{all:?}");
}

#[test]
fn refuses_malformed_heads() {
    let line = |line: &str| format!("{line}\r\nHost: a\r\n\r\n").into_bytes();
    for bytes in [
        // the line
        line("GET /"),
        line("GET  / HTTP/1.1"),
        line("GET / HTTP/1.1 "),
        line(" GET / HTTP/1.1"),
        line("GET\t/ HTTP/1.1"),
        line("GET / x HTTP/1.1"),
        line("G{T / HTTP/1.1"),
        line("GET / http/1.1"),
        line("GET / XTTP/1.1"),
        line("GET http://a/ HTTP/1.1"),
        line("CONNECT a:443 HTTP/1.1"),
        line("OPTIONS * HTTP/1.1"),
        line("GET /\u{e8} HTTP/1.1"),
        line("GET /\x7f HTTP/1.1"),
        b"\r\nGET / HTTP/1.1\r\n\r\n".to_vec(),
        b"\nGET / HTTP/1.1\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\nHost: a\n\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: a\r\n\n".to_vec(),
        b"GET / HTTP/1.1\rHost: a\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".to_vec(), // TLS
        // headers
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        post("Host: b\r\n", ""),
        "GET / HTTP/1.1\r\nHost: \u{e8}\r\n\r\n".as_bytes().to_vec(),
        post("A\r\n", ""),
        post(": b\r\n", ""),
        post("A : b\r\n", ""),
        post(" A: b\r\n", ""),
        post("A: b\r\n c\r\n", ""),
        post("A(: b\r\n", ""),
        post("\u{e8}: b\r\n", ""),
        post("A: b\0\r\n", ""),
        post("A: b\x1b\r\n", ""),
        post("Expect: a\r\nExpect: b\r\n", ""),
    ] {
        assert_eq!(refused(&bytes), Some(Reason::Malformed), "{}", bytes.escape_ascii());
    }
}

#[test]
fn refuses_doubtful_lengths() {
    for headers in [
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\ncontent-length: 5\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: -3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: 3 3\r\n",
        "Content-Length: 3;\r\n",
        "Content-Length: \u{663}\r\n",
        "Content-Length:\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\x0b\r\n",
    ] {
        let bytes = post(headers, "0\r\n\r\n");
        assert_eq!(refused(&bytes), Some(Reason::Malformed), "{headers:?}");
    }
    let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(old.as_bytes()), Some(Reason::Malformed));
}

#[test]
fn refuses_what_is_too_large_and_takes_what_just_fits() {
    let mib = 1 << 20;
    for (length, reason) in [
        (mib.to_string(), None),
        ((mib + 1).to_string(), Some(Reason::BodyTooLarge)),
        ("1000000000000".to_owned(), Some(Reason::BodyTooLarge)),
        (u64::MAX.to_string(), Some(Reason::BodyTooLarge)),
        ("9".repeat(100), Some(Reason::BodyTooLarge)),
    ] {
        let bytes = post(&format!("Content-Length: {length}\r\n"), "");
        assert_eq!(refused(&bytes), reason, "{length}");
    }
    for (chunk, reason) in [("100000\r\n", None), ("100001\r\n", Some(Reason::BodyTooLarge))] {
        assert_eq!(refused(&post("Transfer-Encoding: chunked\r\n", chunk)), reason);
    }
    // with Host there are 63 and 64 more
    for (more, reason) in [(63, None), (64, Some(Reason::HeadTooLarge))] {
        assert_eq!(refused(&post(&"A: b\r\n".repeat(more), "")), reason, "{more}");
    }
    let empty = post("A: \r\n", "").len();
    for (size, reason) in [(16 << 10, None), ((16 << 10) + 1, Some(Reason::HeadTooLarge))] {
        let bytes = post(&format!("A: {}\r\n", "b".repeat(size - empty)), "");
        assert_eq!(bytes.len(), size);
        assert_eq!(refused(&bytes), reason, "{size}");
    }
    // and without its end
    assert_eq!(refused(&vec![b'a'; (16 << 10) + 1]), Some(Reason::HeadTooLarge));
}

#[test]
fn refuses_other_versions() {
    for version in ["HTTP/2.0", "HTTP/2", "HTTP/0.9", "HTTP/1.2", "HTTP/1.10", "HTTP/3"] {
        let bytes = format!("GET / {version}\r\nHost: a\r\n\r\n");
        assert_eq!(refused(bytes.as_bytes()), Some(Reason::Version), "{version}");
    }
    assert_eq!(refused(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Some(Reason::Version));
}

#[test]
fn asks_to_go_on_once_and_only_when_the_client_waits() {
    let head = post("Expect: 100-continue\r\nContent-Length: 2\r\n", "");
    let mut waiting = framer();
    assert_eq!(waiting.push(&head), Framed::Incomplete);
    assert!(waiting.take_awaited());
    assert!(!waiting.take_awaited());
    let mut hasty = framer();
    assert_eq!(hasty.push(&[&head[..], b"a"].concat()), Framed::Incomplete);
    assert!(!hasty.take_awaited());
}

#[test]
fn knows_what_may_be_an_event() {
    for (bytes, may_be) in [
        ("POST /api/web", true),
        ("POST /api/webhooks/fic/1/entity HTTP/1.1\r\nA: b\r\n", true),
        ("GET /api/webhooks/fic/1/en", true),
        ("POST /api/webhooks/fix/", false),
        ("GET /metrics", false),
    ] {
        let mut framer = framer();
        framer.push(bytes.as_bytes());
        assert_eq!(framer.may_be_event(), may_be, "{bytes}");
    }
}

#[test]
fn requests_in_one_portion_come_one_by_one() {
    let one = post("Content-Length: 1\r\n", "a");
    let two = post("Transfer-Encoding: chunked\r\n", "1\r\nb\r\n0\r\n\r\n");
    let all = results([&[&one[..], &two[..], b"garbage\n"].concat()[..]]);
    let bodies = all.iter().filter_map(|framed| match framed {
        Framed::Complete(request) => Some(request.body()),
        _ => None,
    });
    assert_eq!(bodies.collect::<Vec<_>>(), [b"a", b"b"]);
    assert!(matches!(all.last(), Some(Framed::Refuse(Reason::Malformed, _))));
}

/// Pieces that requests, and attacks on parsers, are made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "POST / HTTP/1.1\r\nHost: a\r\n",
        "GET /x HTTP/1.0\r\n",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        "Content-Length: 3\r\n",
        "Content-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
        "0\r\n\r\n",
        "3\r\nabc\r\n",
        "abc",
        "1;x\r\na\r\n",
        "Connection: close\r\n",
        "Expect: 100-continue\r\n",
        "A: b\r\n",
        " ",
        "\t",
        "\0",
        ":",
        "0\r\nT: x\r\n\r\n",
        "Host: a\r\n",
        "HTTP/2.0",
        "ffffffffffffffff\r\n",
    ]);
    prop_oneof![
        8 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ]
}

fn soup() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..14).prop_map(|pieces| pieces.concat())
}

/// A sound request, by length or in chunks.
fn sound() -> impl Strategy<Value = Vec<u8>> {
    let chunks = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..5);
    (any::<bool>(), chunks, "[!-~]{0,20}", "[ -~]{0,30}").prop_map(|(chunked, chunks, path, value)| {
        let head = format!("POST /{path} HTTP/1.1\r\nHost: a\r\nX-Value: {value}\r\n");
        let mut bytes = head.into_bytes();
        if !chunked {
            let body = chunks.concat();
            bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
            bytes.extend(body);
            return bytes;
        }
        bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        for chunk in chunks {
            bytes.extend(format!("{:x};e=f\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\nTrailer: t\r\n\r\n");
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn how_bytes_are_cut_changes_nothing(
        bytes in prop_oneof![soup(), (sound(), soup()).prop_map(|(a, b)| [a, b].concat())],
        size in 1usize..40,
    ) {
        let whole = results([&bytes[..]]);
        prop_assert_eq!(&results(bytes.chunks(1)), &whole);
        prop_assert_eq!(&results(bytes.chunks(size)), &whole);
    }

    #[test]
    fn a_sound_request_is_taken_whole(bytes in sound()) {
        let all = results([&bytes[..]]);
        prop_assert!(matches!(all[..], [Framed::Complete(_), Framed::Incomplete]), "{:?}", all);
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        results([&bytes[..]]);
    }

    #[test]
    fn what_is_passed_on_has_one_length_and_reads_the_same(bytes in prop_oneof![soup(), sound()]) {
        for framed in results([&bytes[..]]) {
            let Framed::Complete(request) = framed else { continue };
            let wire = request.wire("192.0.2.1");
            let head_end = wire.windows(4).position(|w| w == b"\r\n\r\n").map_or(0, |at| at + 4);
            let head = String::from_utf8_lossy(&wire[..head_end]).to_ascii_lowercase();
            let length = format!("\r\ncontent-length: {}\r\n", request.body().len());
            prop_assert_eq!(head.matches("\r\ncontent-length:").count(), 1);
            prop_assert!(head.contains(&length));
            prop_assert!(!head.contains("\r\ntransfer-encoding:") && head.is_ascii());
            prop_assert_eq!(&wire[head_end..], request.body());
            // the second reading adds nothing but the Host that HTTP/1.0 may lack
            if !head.contains("\r\nhost:") { continue }
            let again = results([&wire[..]]);
            let Framed::Complete(again) = &again[0] else {
                return Err(TestCaseError::fail(format!("{again:?}")));
            };
            prop_assert_eq!(again.wire("192.0.2.1"), wire);
        }
    }
}
