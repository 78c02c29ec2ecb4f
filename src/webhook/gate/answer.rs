//! Answers: reads the one from behind the gate, and words the gate's own.
//!
//! In: bytes from the server behind the gate. Out: a [`Reply`] whose framing is ours: one
//! Content-Length, and a `Connection` header that says what the gate will do. It does no input
//! or output.

use super::chunked::Chunked;
use super::stats::Reason;

/// Our own server sends about 200 bytes.
const HEAD_BYTES: usize = 16 << 10;
const HEADERS: usize = 64;

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// Status line and headers, without `Connection` and without the empty line.
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Reply {
    /// The bytes for the client.
    pub(super) fn wire(&self, keep_alive: bool) -> Vec<u8> {
        let connection: &[u8] = match keep_alive {
            true => b"Connection: keep-alive\r\n\r\n",
            false => b"Connection: close\r\n\r\n",
        };
        [&self.head, connection, &self.body].concat()
    }
}

/// The gate's own answer to a request that it does not pass on, or has no answer for.
pub(super) fn refusal(reason: Reason, what: &str, may_be_event: bool) -> Vec<u8> {
    let (status, words) = match reason.status(may_be_event) {
        400 => (400, "Bad Request"),
        408 => (408, "Request Timeout"),
        413 => (413, "Content Too Large"),
        431 => (431, "Request Header Fields Too Large"),
        505 => (505, "HTTP Version Not Supported"),
        _ => (503, "Service Unavailable"),
    };
    let retry = if status == 503 { "Retry-After: 5\r\n" } else { "" };
    let length = what.len() + 1;
    format!(
        "HTTP/1.1 {status} {words}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
         {retry}Connection: close\r\n\r\n{what}\n"
    )
    .into_bytes()
}

/// What is wrong with an answer. It is our own server's, so this is for the log.
pub(super) type Wrong = &'static str;

/// An answer on its way in.
pub(super) struct Reader {
    to_head: bool,
    most: usize,
    buffer: Vec<u8>,
    head: Option<(Vec<u8>, Ending)>,
    /// Whether the server keeps its connection after this answer.
    pub(super) keeps: bool,
}

enum Ending {
    Length(usize),
    Chunked(Chunked),
    Close,
}

impl Reader {
    /// A reader of one answer with a body of at most `most` bytes; answers to HEAD have none.
    pub(super) fn new(to_head: bool, most: usize) -> Reader {
        Reader { to_head, most, buffer: Vec::new(), head: None, keeps: true }
    }

    /// Whether nothing has arrived.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.head.is_none()
    }

    /// Takes more bytes; the answer, once it is whole.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Option<Reply>, Wrong> {
        self.buffer.extend_from_slice(bytes);
        if self.head.is_none() {
            self.read_head()?;
        }
        let Some((_, ending)) = &mut self.head else {
            return Ok(None);
        };
        let whole = match ending {
            Ending::Length(length) => self.buffer.len() >= *length,
            Ending::Close => false,
            Ending::Chunked(decoder) => {
                let taken = decoder.feed(&self.buffer).map_err(|(_, what)| what)?;
                self.buffer.drain(..taken);
                decoder.is_done()
            }
        };
        if self.buffer.len() > self.most {
            return Err("answer too large");
        }
        Ok(if whole { self.finish() } else { None })
    }

    /// The server has closed: the end of an answer that has no other.
    pub(super) fn end(&mut self) -> Result<Reply, Wrong> {
        match &self.head {
            Some((_, Ending::Close)) => self.finish().ok_or("no answer"),
            _ => Err("answer cut off"),
        }
    }

    fn finish(&mut self) -> Option<Reply> {
        let (mut head, ending) = self.head.take()?;
        let mut body = std::mem::take(&mut self.buffer);
        match ending {
            Ending::Chunked(decoder) => body = decoder.into_body(),
            Ending::Length(length) => body.truncate(length),
            Ending::Close => {}
        }
        if !self.to_head {
            head.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        Some(Reply { head, body })
    }

    fn read_head(&mut self) -> Result<(), Wrong> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        let length = match answer.parse(&self.buffer) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if self.buffer.len() <= HEAD_BYTES => return Ok(()),
            _ => return Err("bad answer"),
        };
        let status = answer.code.unwrap_or(0);
        if status < 200 {
            return Err("an interim answer that nobody asked for");
        }
        let reason = answer.reason.unwrap_or_default();
        let mut head = format!("HTTP/1.1 {status} {reason}\r\n").into_bytes();
        let mut ending = Ending::Close;
        for header in answer.headers.iter() {
            let value = header.value.trim_ascii();
            match header.name.to_ascii_lowercase().as_str() {
                "content-length" if matches!(ending, Ending::Close) => {
                    ending = Ending::Length(length_of(value, self.most)?);
                    if self.to_head {
                        copy(&mut head, header);
                    }
                }
                "transfer-encoding" => ending = Ending::Chunked(Chunked::new(self.most)),
                "connection" => self.keeps &= !value.eq_ignore_ascii_case(b"close"),
                "content-length" | "keep-alive" | "trailer" | "upgrade" => {}
                _ => copy(&mut head, header),
            }
        }
        if self.to_head || status == 204 || status == 304 {
            ending = Ending::Length(0);
        }
        self.keeps &= !matches!(ending, Ending::Close);
        self.buffer.drain(..length);
        self.head = Some((head, ending));
        Ok(())
    }
}

fn length_of(value: &[u8], most: usize) -> Result<usize, Wrong> {
    let text = std::str::from_utf8(value).map_err(|_| "bad Content-Length")?;
    match text.parse() {
        Ok(length) if length <= most => Ok(length),
        Ok(_) => Err("answer too large"),
        Err(_) => Err("bad Content-Length"),
    }
}

fn copy(head: &mut Vec<u8>, header: &httparse::Header<'_>) {
    head.extend_from_slice(header.name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(header.value.trim_ascii());
    head.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an answer byte by byte, then the end of the connection.
    fn read(answer: &str, to_head: bool) -> Result<String, Wrong> {
        let mut reader = Reader::new(to_head, 10);
        for byte in answer.as_bytes() {
            if let Some(reply) = reader.push(&[*byte])? {
                return Ok(String::from_utf8_lossy(&reply.wire(reader.keeps)).into_owned());
            }
        }
        let reply = reader.end()?;
        Ok(String::from_utf8_lossy(&reply.wire(reader.keeps)).into_owned())
    }

    #[test]
    fn answers_get_one_length_and_our_connection_header() {
        let kept = "Connection: keep-alive\r\n\r\n";
        for (answer, wanted) in [
            (
                "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabcdef",
                format!("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n{kept}abc"),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                format!("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n{kept}abc"),
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", format!("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n{kept}")),
            (
                "HTTP/1.1 200 OK\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc".to_owned(),
            ),
            (
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            ),
        ] {
            assert_eq!(read(answer, false), Ok(wanted));
        }
    }

    #[test]
    fn the_answer_to_head_keeps_its_length_and_has_no_body() {
        assert_eq!(
            read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true).as_deref(),
            Ok("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n")
        );
    }

    #[test]
    fn what_is_no_answer_is_told() {
        for (answer, wrong) in [
            ("", "answer cut off"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "answer cut off"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "answer too large"),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "bad Content-Length"),
            ("HTTP/1.1 200 OK\r\n\r\n0123456789a", "answer too large"),
            ("HTTP/1.1 100 Continue\r\n\r\n", "an interim answer that nobody asked for"),
            ("SSH-2.0-x\r\n", "bad answer"),
        ] {
            assert_eq!(read(answer, false), Err(wrong), "{answer:?}");
        }
    }
}
