//! Decoder for chunked bodies, of requests and of answers.
//!
//! In: the bytes after a head, in any portions. Out: the decoded body, or why it is refused.
//! Extensions are passed over and trailers dropped, both within bounds. It does no input or
//! output and keeps nothing but the decoded body.

use super::stats::Reason;

/// One chunk-size line: 16 digits and some extension. Nobody known sends extensions.
const LINE_BYTES: usize = 256;
/// Extensions of all chunks together, so that they cannot be many times the body.
const EXTENSION_BYTES: usize = 4 << 10;
/// All trailers together.
const TRAILER_BYTES: usize = 4 << 10;

/// Why a body is refused: the reason and a few words for the client.
pub(super) type Refused = (Reason, &'static str);

/// A chunked body on its way in.
#[derive(Debug)]
pub(super) struct Chunked {
    body: Vec<u8>,
    most: usize,
    state: State,
    extensions: usize,
    trailers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size { digits: usize, size: u64 },
    Extension { size: u64, line: usize },
    SizeEnd { size: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Done,
}

const FIRST: State = State::Size { digits: 0, size: 0 };

impl Chunked {
    /// A decoder for a body of at most `most` bytes.
    pub(super) fn new(most: usize) -> Chunked {
        Chunked { body: Vec::new(), most, state: FIRST, extensions: 0, trailers: 0 }
    }

    /// Takes what belongs to the body from `input` and says how much that was.
    pub(super) fn feed(&mut self, input: &[u8]) -> Result<usize, Refused> {
        let mut at = 0;
        while at < input.len() && self.state != State::Done {
            if let State::Data { left } = self.state {
                at += self.take_data(left, &input[at..]);
            } else {
                self.state = self.step(input[at])?;
                at += 1;
            }
        }
        Ok(at)
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    pub(super) fn held(&self) -> usize {
        self.body.capacity()
    }

    pub(super) fn into_body(self) -> Vec<u8> {
        self.body
    }

    fn take_data(&mut self, left: u64, input: &[u8]) -> usize {
        let count = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
        self.body.extend_from_slice(&input[..count]);
        self.state = match left - count as u64 {
            0 => State::DataCr,
            left => State::Data { left },
        };
        count
    }

    fn step(&mut self, byte: u8) -> Result<State, Refused> {
        match (self.state, byte) {
            (State::Size { digits, size }, _) => self.size(digits, size, byte),
            (State::Extension { size, .. }, b'\r') => Ok(State::SizeEnd { size }),
            (State::Extension { size, line }, _) => self.extension(size, line, byte),
            (State::SizeEnd { size }, b'\n') => self.begin(size),
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(FIRST),
            (State::TrailerStart, b'\r') => Ok(State::LastLf),
            (State::TrailerStart | State::Trailer, _) => self.trailer(byte),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::LastLf, b'\n') => Ok(State::Done),
            _ => Err((Reason::Malformed, "a chunk does not end where it should")),
        }
    }

    fn size(&self, digits: usize, size: u64, byte: u8) -> Result<State, Refused> {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        match (digit, byte) {
            // 16 digits fill 64 bits, so no shift can lose one
            (Some(digit), _) if digits < 16 => Ok(State::Size { digits: digits + 1, size: size << 4 | digit }),
            (None, b'\r') if digits > 0 => Ok(State::SizeEnd { size }),
            (None, b';') if digits > 0 => Ok(State::Extension { size, line: 0 }),
            _ => Err((Reason::Malformed, "bad chunk size")),
        }
    }

    fn extension(&mut self, size: u64, line: usize, byte: u8) -> Result<State, Refused> {
        self.extensions += 1;
        if line >= LINE_BYTES || self.extensions > EXTENSION_BYTES || !is_text(byte) {
            return Err((Reason::Malformed, "bad chunk extension"));
        }
        let line = line + 1;
        Ok(State::Extension { size, line })
    }

    fn begin(&self, size: u64) -> Result<State, Refused> {
        let free = (self.most - self.body.len()) as u64;
        match size {
            0 => Ok(State::TrailerStart),
            left if left <= free => Ok(State::Data { left }),
            _ => Err((Reason::BodyTooLarge, "body too large")),
        }
    }

    fn trailer(&mut self, byte: u8) -> Result<State, Refused> {
        self.trailers += 1;
        match byte {
            _ if self.trailers > TRAILER_BYTES => Err((Reason::HeadTooLarge, "trailers too large")),
            b'\r' => Ok(State::TrailerLf),
            _ if is_text(byte) => Ok(State::Trailer),
            _ => Err((Reason::Malformed, "bad trailer")),
        }
    }
}

/// Whether a byte may stand in a header's value: no control character but the tab.
pub(super) fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(input: &[u8]) -> Result<(Vec<u8>, usize), Refused> {
        let mut chunked = Chunked::new(10);
        let taken = chunked.feed(input)?;
        assert!(chunked.is_done(), "not done: {chunked:?}");
        Ok((chunked.into_body(), taken))
    }

    #[test]
    fn decodes_chunks_extensions_and_trailers_and_stops_at_the_end() {
        for (input, body, rest) in [
            (&b"0\r\n\r\n"[..], &b""[..], 0),
            (b"3\r\nabc\r\n0\r\n\r\nGET /", b"abc", 5),
            (b"3;x=\"y\"\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n", b"abc\r\n", 0),
            (b"A\r\n0123456789\r\n000\r\nA: b\r\nC:\r\n\r\n", b"0123456789", 0),
        ] {
            let (decoded, taken) = decode(input).unwrap_or_else(|why| panic!("{why:?}"));
            assert_eq!(decoded, body);
            assert_eq!(input.len() - taken, rest);
        }
    }

    #[test]
    fn refuses_what_is_not_plain() {
        let long_extension = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(300));
        let long_trailer = format!("0\r\nA: {}\r\n\r\n", "x".repeat(5000));
        let many_extensions = format!("1;{}\r\na\r\n", "x".repeat(200)).repeat(30);
        for (input, reason) in [
            (&b"\r\n"[..], Reason::Malformed),
            (b"g\r\n", Reason::Malformed),
            (b"-1\r\n", Reason::Malformed),
            (b"0x1\r\n", Reason::Malformed),
            (b" 1\r\n", Reason::Malformed),
            (b"1 \r\n", Reason::Malformed),
            (b"1\n", Reason::Malformed),
            (b"1\r\nab", Reason::Malformed),
            (b"1\r\na\n", Reason::Malformed),
            (b"1;\0\r\n", Reason::Malformed),
            (b"0\r\nA: b\n", Reason::Malformed),
            (b"0\r\n\0", Reason::Malformed),
            (b"0\r\n\rx", Reason::Malformed),
            (b"b\r\n", Reason::BodyTooLarge),
            (b"9\r\n012345678\r\n2\r\n", Reason::BodyTooLarge),
            (b"ffffffffffffffff\r\n", Reason::BodyTooLarge),
            (b"00000000000000001\r\n", Reason::Malformed),
            (long_extension.as_bytes(), Reason::Malformed),
            (many_extensions.as_bytes(), Reason::Malformed),
            (long_trailer.as_bytes(), Reason::HeadTooLarge),
        ] {
            let most = if input.len() > 5000 { 100 } else { 10 };
            let refused = Chunked::new(most).feed(input).map_err(|(reason, _)| reason);
            assert_eq!(refused, Err(reason), "{}", input.escape_ascii());
        }
    }
}
