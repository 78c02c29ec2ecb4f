//! The framer: bytes of a connection in, whole requests out.
//!
//! In: bytes in any portions. Out: [`Framed`]: nothing yet, one whole request, or a refusal.
//! How the bytes are cut into portions never changes the result, and no byte is looked at
//! twice. It does no input or output, knows no clock, and never holds more than one head and
//! one body within the limits, and the last portion. It is what faces strangers: small, fuzzed
//! (`fuzz/`), boring.

use super::chunked::{Chunked, Refused, is_text};
use super::head::{self, Framing, Head};
use super::limits::Limits;
use super::stats::Reason;

/// Where the service sends its events.
pub const EVENT_PATH: &str = "/api/webhooks/fic/";

/// What has become of the bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// More bytes are needed.
    Incomplete,
    /// A whole request. Bytes after it are kept for the next.
    Complete(Request),
    /// The connection cannot be understood any further.
    Refuse(Reason, &'static str),
}

/// A whole request: its head and its decoded body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    head: Head,
    body: Vec<u8>,
}

impl Request {
    /// The method, as sent.
    pub fn method(&self) -> &str {
        &self.head.method
    }

    /// The target: a path and perhaps a query, visible ASCII, not decoded.
    pub fn target(&self) -> &str {
        &self.head.target
    }

    /// The body, no longer chunked.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the client wants to keep the connection.
    pub fn keep_alive(&self) -> bool {
        self.head.keep_alive
    }

    /// Whether the request may be one of the service's events.
    pub fn is_event(&self) -> bool {
        self.head.target.starts_with(EVENT_PATH)
    }

    /// The request as it is passed on: HTTP/1.1 with exactly one Content-Length.
    pub fn wire(&self, peer: &str) -> Vec<u8> {
        let Head { method, target, forwarded, .. } = &self.head;
        let mut wire = Vec::with_capacity(forwarded.len() + self.body.len() + 256);
        wire.extend_from_slice(format!("{method} {target} HTTP/1.1\r\n").as_bytes());
        wire.extend_from_slice(forwarded);
        let own = format!("{}: {peer}\r\nContent-Length: {}\r\n\r\n", head::PEER_HEADER, self.body.len());
        wire.extend_from_slice(own.as_bytes());
        wire.extend_from_slice(&self.body);
        wire
    }
}

/// The framer of one connection.
#[derive(Debug)]
pub struct Framer {
    head_bytes: usize,
    headers: usize,
    body_bytes: usize,
    /// Bytes that belong to no finished part yet.
    buffer: Vec<u8>,
    state: State,
    /// Whether the client waits for `100 Continue` and has not been told.
    awaited: bool,
}

#[derive(Debug)]
enum State {
    /// The first so many bytes of the buffer have been looked at.
    Head(usize),
    Body {
        head: Head,
        body: Vec<u8>,
        length: usize,
    },
    Chunked {
        head: Head,
        decoder: Chunked,
    },
    Refused(Refused),
}

impl Framer {
    /// A framer that obeys these limits.
    pub fn new(limits: &Limits) -> Framer {
        Framer {
            head_bytes: limits.head_bytes,
            headers: limits.headers,
            body_bytes: limits.body_bytes,
            buffer: Vec::new(),
            state: State::Head(0),
            awaited: false,
        }
    }

    /// Takes more bytes (or none, to go on after a request) and says what they make.
    pub fn push(&mut self, bytes: &[u8]) -> Framed {
        self.buffer.extend_from_slice(bytes);
        match self.advance() {
            Ok(None) => {
                if self.buffer.is_empty() {
                    // a portion is 64 KiB: too much to keep for each connection
                    self.buffer = Vec::new();
                }
                Framed::Incomplete
            }
            Ok(Some(request)) => Framed::Complete(request),
            Err((reason, what)) => {
                self.buffer = Vec::new();
                self.state = State::Refused((reason, what));
                Framed::Refuse(reason, what)
            }
        }
    }

    /// Whether no byte of a request has arrived.
    pub fn is_empty(&self) -> bool {
        matches!(self.state, State::Head(_)) && self.buffer.is_empty()
    }

    /// Whether a head is whole and its body is awaited.
    pub fn in_body(&self) -> bool {
        matches!(self.state, State::Body { .. } | State::Chunked { .. })
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.buffer.capacity()
            + match &self.state {
                State::Head(_) | State::Refused(_) => 0,
                State::Body { body, .. } => body.capacity(),
                State::Chunked { decoder, .. } => decoder.held(),
            }
    }

    /// Whether the client waits to be told to go on with the body; true once per request.
    pub fn take_awaited(&mut self) -> bool {
        std::mem::take(&mut self.awaited)
    }

    /// Whether what has arrived is, or may become, one of the service's events: to those a 4xx
    /// is final, so that it must not be given for slowness.
    pub fn may_be_event(&self) -> bool {
        match &self.state {
            State::Body { head, .. } | State::Chunked { head, .. } => head.target.starts_with(EVENT_PATH),
            State::Refused(_) => false,
            State::Head(_) => ["POST ", "GET "].iter().any(|method| {
                let start = format!("{method}{EVENT_PATH}");
                let mut both = self.buffer.iter().zip(start.as_bytes());
                both.all(|(ours, theirs)| ours == theirs)
            }),
        }
    }

    fn advance(&mut self) -> Result<Option<Request>, Refused> {
        if let State::Head(looked_at) = self.state {
            let Some(end) = self.find_end(looked_at)? else {
                return Ok(None);
            };
            self.begin_body(end)?;
        }
        match std::mem::replace(&mut self.state, State::Head(0)) {
            State::Body { head, body, length } => Ok(self.fill(head, body, length)),
            State::Chunked { head, decoder } => self.decode(head, decoder),
            State::Refused(why) => Err(why),
            State::Head(_) => Ok(None),
        }
    }

    /// Looks for the end of the head, and refuses at once what no head has in it.
    fn find_end(&mut self, looked_at: usize) -> Result<Option<usize>, Refused> {
        for at in looked_at..self.buffer.len() {
            if at >= self.head_bytes {
                return Err((Reason::HeadTooLarge, "head too large"));
            }
            check_byte(&self.buffer[..=at])?;
            if self.buffer[..=at].ends_with(b"\r\n\r\n") {
                return Ok(Some(at + 1));
            }
        }
        self.state = State::Head(self.buffer.len());
        Ok(None)
    }

    fn begin_body(&mut self, end: usize) -> Result<(), Refused> {
        let head = head::parse(&self.buffer[..end], self.headers, self.body_bytes)?;
        self.buffer.drain(..end);
        self.awaited = head.expects_continue && self.buffer.is_empty();
        self.state = match head.framing {
            Framing::Length(length) => State::Body { head, body: Vec::new(), length },
            Framing::Chunked => State::Chunked { head, decoder: Chunked::new(self.body_bytes) },
        };
        Ok(())
    }

    fn fill(&mut self, head: Head, mut body: Vec<u8>, length: usize) -> Option<Request> {
        let missing = (length - body.len()).min(self.buffer.len());
        // doubling, as Vec does, but never beyond what was announced
        let room = (2 * (body.len() + missing)).min(length);
        body.reserve_exact(room - body.len());
        body.extend(self.buffer.drain(..missing));
        if body.len() < length {
            self.state = State::Body { head, body, length };
            return None;
        }
        self.finish(head, body)
    }

    fn decode(&mut self, head: Head, mut decoder: Chunked) -> Result<Option<Request>, Refused> {
        let taken = decoder.feed(&self.buffer)?;
        self.buffer.drain(..taken);
        if !decoder.is_done() {
            self.state = State::Chunked { head, decoder };
            return Ok(None);
        }
        Ok(self.finish(head, decoder.into_body()))
    }

    fn finish(&mut self, head: Head, body: Vec<u8>) -> Option<Request> {
        self.awaited = false;
        self.buffer.shrink_to_fit();
        Some(Request { head, body })
    }
}

/// Checks the last of these bytes against the one before it.
fn check_byte(seen: &[u8]) -> Result<(), Refused> {
    let (first, before, byte) = match seen {
        [.., before, byte] => (false, *before, *byte),
        [byte] => (true, b'\n', *byte),
        [] => return Ok(()),
    };
    let wrong = match (before, byte) {
        (b'\r', b'\n') => return Ok(()),
        (b'\r', _) => "CR without LF",
        (_, b'\r') if first => "empty line before the request",
        (_, b'\r') => return Ok(()),
        (_, b'\n') => "LF without CR",
        (b'\n', b' ' | b'\t') => "a line begins with a blank",
        _ if !is_text(byte) => "control character in the head",
        _ => return Ok(()),
    };
    Err((Reason::Malformed, wrong))
}

#[cfg(test)]
mod tests;
