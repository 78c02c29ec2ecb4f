//! Reads one complete request head and says what it means, or why it is refused.
//!
//! In: the bytes up to and with the empty line, which [`super::frame`] has already found to be
//! free of stray control characters. Out: a [`Head`]. `httparse` knows the grammar; the rules
//! here are stricter than the grammar: whatever two parsers might read in two ways is refused,
//! since the server behind the gate is another parser. Paths are the router's business.

use super::chunked::Refused;
use super::stats::Reason;

/// Where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
}

/// What a request's line and headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) framing: Framing,
    pub(super) keep_alive: bool,
    pub(super) expects_continue: bool,
    /// The headers that are passed on, each with its CRLF.
    pub(super) forwarded: Vec<u8>,
}

/// The header that tells the server behind the gate who is asking. A client's own is dropped.
pub const PEER_HEADER: &str = "X-Ficsync-Peer";

/// Headers about this connection or this framing, which end at the gate. What `Connection`
/// names beside them is passed on: gate and server are one program, and a client must not be
/// able to remove `Authorization` from what the server sees. An `Upgrade` is not taken up (RFC 9110,
/// 7.8: a server may ignore it): the request is answered as what it is, and what follows it on the
/// connection is read as the next request.
const DROPPED: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-ficsync-peer",
];

const fn malformed(what: &'static str) -> Refused {
    (Reason::Malformed, what)
}

/// Reads a complete head.
pub(super) fn parse(bytes: &[u8], most_headers: usize, most_body: usize) -> Result<Head, Refused> {
    let new_version = check_line(bytes)?;
    let mut headers = vec![httparse::EMPTY_HEADER; most_headers];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err(malformed("bad head")),
        Err(httparse::Error::TooManyHeaders) => {
            return Err((Reason::HeadTooLarge, "too many headers"));
        }
        Err(_) => return Err(malformed("bad head")),
    }
    let found = Found::collect(request.headers)?;
    let framing = found.framing(new_version, most_body)?;
    found.check_host(new_version)?;
    Ok(Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        framing,
        keep_alive: found.keep_alive(new_version),
        expects_continue: new_version && found.expects_continue(),
        forwarded: forwarded(request.headers),
    })
}

/// Checks `METHOD SP /target SP HTTP/1.x`; true for HTTP/1.1.
fn check_line(head: &[u8]) -> Result<bool, Refused> {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts[..] else {
        return Err(malformed("bad request line"));
    };
    if method.is_empty() || !method.iter().all(u8::is_ascii_graphic) {
        return Err(malformed("bad method"));
    }
    let new_version = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ if version.starts_with(b"HTTP/") => {
            return Err((Reason::Version, "only HTTP/1.0 and HTTP/1.1"));
        }
        _ => return Err(malformed("bad request line")),
    };
    if !target.starts_with(b"/") || !target.iter().all(u8::is_ascii_graphic) {
        return Err(malformed("the target must be a path"));
    }
    Ok(new_version)
}

/// The headers that the gate itself obeys.
#[derive(Default)]
struct Found<'a> {
    length: Option<&'a [u8]>,
    encoding: Option<&'a [u8]>,
    hosts: usize,
    connection: Vec<&'a [u8]>,
    expect: Option<&'a [u8]>,
}

impl<'a> Found<'a> {
    fn collect(headers: &[httparse::Header<'a>]) -> Result<Found<'a>, Refused> {
        let mut found = Found::default();
        for header in headers {
            let value = header.value.trim_ascii();
            match header.name.to_ascii_lowercase().as_str() {
                "content-length" => once(&mut found.length, value)?,
                "transfer-encoding" => once(&mut found.encoding, value)?,
                "expect" => once(&mut found.expect, value)?,
                // it would not be passed on, see `forwarded`
                "host" if !value.is_ascii() => return Err(malformed("bad Host")),
                "host" => found.hosts += 1,
                "connection" => found.connection.push(value),
                _ => {}
            }
        }
        Ok(found)
    }

    fn framing(&self, new_version: bool, most_body: usize) -> Result<Framing, Refused> {
        match (self.length, self.encoding) {
            (None, None) => Ok(Framing::Length(0)),
            (Some(length), None) => content_length(length, most_body),
            (None, Some(encoding)) if new_version && encoding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
            (None, Some(_)) => Err(malformed("only chunked, and only in HTTP/1.1")),
            (Some(_), Some(_)) => Err(malformed("both a length and an encoding")),
        }
    }

    fn check_host(&self, new_version: bool) -> Result<(), Refused> {
        match self.hosts {
            1 => Ok(()),
            0 if !new_version => Ok(()),
            _ => Err(malformed("exactly one Host, please")),
        }
    }

    fn keep_alive(&self, new_version: bool) -> bool {
        let says = |word: &[u8]| {
            let mut words = self.connection.iter().flat_map(|v| v.split(|b| *b == b','));
            words.any(|w| w.trim_ascii().eq_ignore_ascii_case(word))
        };
        !says(b"close") && (new_version || says(b"keep-alive"))
    }

    fn expects_continue(&self) -> bool {
        self.expect.is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }
}

fn once<'a>(slot: &mut Option<&'a [u8]>, value: &'a [u8]) -> Result<(), Refused> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(malformed("a header that may stand once stands twice")),
    }
}

/// Digits only: `+5`, `5, 5` and `0x5` are read differently by different parsers.
fn content_length(value: &[u8], most_body: usize) -> Result<Framing, Refused> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(malformed("bad Content-Length"));
    }
    let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    match length {
        Some(length) if length <= most_body => Ok(Framing::Length(length)),
        // too large for a machine word is too large for us
        _ => Err((Reason::BodyTooLarge, "body too large")),
    }
}

/// The headers to pass on. One whose value is not ASCII is left out: a proxy may add such a
/// one (the name of the sender's town, say), which must cost nobody an event, but tiny_http
/// closes the connection on it.
fn forwarded(headers: &[httparse::Header<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for header in headers {
        let name = header.name.to_ascii_lowercase();
        if DROPPED.contains(&name.as_str()) || !header.value.is_ascii() {
            continue;
        }
        bytes.extend_from_slice(header.name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(header.value.trim_ascii());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
