//! What the fuzz targets run: the two parsers that face strangers, with what must always hold.
//!
//! In: arbitrary bytes. Out: nothing, or a panic when a promise is broken. See `fuzz/`.

use super::gate::{Framed, Framer, Limits};
use super::notification::Message;

/// The framer gives the same however the bytes are cut, and takes its own output back.
pub fn frame(data: &[u8]) {
    let limits = Limits::default();
    let whole = framed(data, data.len().max(1), &limits);
    assert_eq!(whole, framed(data, 1, &limits), "byte by byte");
    let cut = 2 + data.first().map_or(0, |byte| usize::from(*byte));
    assert_eq!(whole, framed(data, cut, &limits), "in portions of {cut}");
    // what is passed on has two headers of the gate's own more, and a blank after each colon
    let inner = Limits { headers: limits.headers + 2, head_bytes: 2 * limits.head_bytes, ..limits };
    for one in whole {
        let Framed::Complete(request) = one else {
            continue;
        };
        let wire = request.wire("192.0.2.1");
        let again = framed(&wire, wire.len(), &inner);
        match &again[..] {
            [Framed::Complete(again), Framed::Incomplete] => {
                assert_eq!(again.wire("192.0.2.1"), wire, "read again");
            }
            // HTTP/1.0 may come without Host
            _ => assert!(!has_host(&wire), "{again:?}"),
        }
    }
}

fn has_host(wire: &[u8]) -> bool {
    let mut lines = wire.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .by_ref()
        .take_while(|line| !line.is_empty())
        .any(|line| line.len() >= 5 && line[..5].eq_ignore_ascii_case(b"host:"))
}

fn framed(data: &[u8], portion: usize, limits: &Limits) -> Vec<Framed> {
    let mut framer = Framer::new(limits);
    let mut all = Vec::new();
    for bytes in data.chunks(portion) {
        let mut next = framer.push(bytes);
        while let Framed::Complete(_) = next {
            all.push(next);
            next = framer.push(&[]);
        }
        if let Framed::Refuse(..) = next {
            all.push(next);
            return all;
        }
    }
    all.push(Framed::Incomplete);
    all
}

/// A notification is always read, with each id once. The data is header lines, an empty line,
/// and the body.
pub fn notification(data: &[u8]) {
    let (head, body) = match data.windows(2).position(|two| two == b"\n\n") {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (&b""[..], data),
    };
    let head = String::from_utf8_lossy(head);
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let message = Message::read(headers, body);
    let (_, _) = (message.event_id(), message.subject());
    let ids = message.notification().ids;
    let unique: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id twice");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_run() {
        frame(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /");
        frame(b"GET / HTTP/1.0\r\n\r\n\0");
        // as many headers as may be: found by the fuzzer, which was surprised that two are added
        frame(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "x:y\r\n".repeat(63)).as_bytes());
        notification(b"ce-id: 1\nce-type: x\n\n{\"data\":{\"ids\":[1,1,\"a\"]}}");
        notification(b"");
    }
}
