//! Asks a listener how it is, over its public socket, like anybody else.
//!
//! In: an address. Out: status and body of its /healthz. For the watchdog, and for those who look from outside; knows
//! nothing of the process that answers.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::settings::parse::Listen;

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// What our own answer has is a tenth of it.
const LONGEST: u64 = 16 << 10;

/// The status and the body of the listener's /healthz.
///
/// # Errors
/// When nothing answers within about `patience`, or what answers is no HTTP.
pub fn healthz(address: &Listen, patience: Duration) -> io::Result<(u16, String)> {
    let until = Instant::now() + patience;
    match address {
        Listen::Tcp(address) => {
            let stream = TcpStream::connect_timeout(address, patience)?;
            stream.set_read_timeout(Some(rest(until)?))?;
            stream.set_write_timeout(Some(patience))?;
            exchange(stream)
        }
        Listen::Unix(path) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(rest(until)?))?;
            stream.set_write_timeout(Some(patience))?;
            exchange(stream)
        }
    }
}

fn rest(until: Instant) -> io::Result<Duration> {
    let rest = until.saturating_duration_since(Instant::now());
    // a time-out of nothing means none at all
    if rest.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(rest) }
}

fn exchange(mut stream: impl Read + Write) -> io::Result<(u16, String)> {
    stream.write_all(REQUEST)?;
    let mut bytes = Vec::new();
    stream.take(LONGEST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    match status {
        Some(status) => Ok((status, body.to_owned())),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "what answers there does not speak HTTP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn an_answer_is_read_and_silence_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = Listen::Tcp(listener.local_addr().expect("an address"));
        let answers = std::thread::spawn(move || {
            for answer in ["HTTP/1.1 503 X\r\nA: b\r\n\r\n{\"a\":1}", "SSH-2.0\r\n\r\n"] {
                let (mut stream, _) = listener.accept().expect("a client");
                let mut request = [0; REQUEST.len()];
                stream.read_exact(&mut request).expect("a request");
                stream.write_all(answer.as_bytes()).expect("an answer");
            }
            let _silent = listener.accept().expect("a client");
            std::thread::sleep(Duration::from_millis(500));
        });
        let ask = || healthz(&address, Duration::from_millis(200));
        assert_eq!(ask().expect("an answer"), (503, "{\"a\":1}".to_owned()));
        assert!(ask().is_err(), "no HTTP");
        assert!(ask().is_err(), "silence");
        answers.join().expect("the server");
        assert!(ask().is_err(), "nobody listens");
    }
}
