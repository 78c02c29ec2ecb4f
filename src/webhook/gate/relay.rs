//! The forwarders: threads that carry whole requests to the server behind the gate.
//!
//! In: [`Forward`]s. Out: one [`Done`] per forward, always. Each forwarder keeps one connection over
//! the private Unix socket and blocks on it, so the server never sees more connections than
//! there are forwarders. Knows nothing of the clients.
//!
//! Connections are made one after the other, and each is greeted before the next: tiny_http 0.12 gives a connection to
//! an idle thread without counting that thread as busy until it has woken, so that of two connections at the same moment
//! one may wait in its queue until the other ends, which with kept connections is never.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::answer::{Reader, Reply};
use super::control::Control;
use super::stats::Reason;

/// How often a forwarder that waits for an answer looks at its deadline, and whether the gate
/// has closed: short beside the 10 s that a stop may take.
const LOOK_UP: Duration = Duration::from_millis(250);

/// Answered by whatever server: that it is shows that a thread of the server has the connection.
const GREETING: &[u8] = b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n";

/// How long the server may take to answer it.
const GREETING_TIME: Duration = Duration::from_secs(2);

/// A request to carry.
pub(super) struct Forward {
    pub(super) connection: u64,
    pub(super) wire: Vec<u8>,
    pub(super) to_head: bool,
    pub(super) until: Instant,
}

/// What became of a forward.
pub(super) struct Done {
    pub(super) connection: u64,
    /// The size of the forward, for whoever keeps count of the bytes held.
    pub(super) held: usize,
    pub(super) result: Result<Reply, Reason>,
}

/// One forwarder.
pub(super) struct Forwarder {
    pub(super) path: PathBuf,
    pub(super) answer_bytes: usize,
    pub(super) control: Arc<Control>,
    pub(super) stream: Option<UnixStream>,
}

/// Why an exchange failed.
enum Failure {
    /// A kept connection turned out to be closed before any byte of an answer came.
    Stale,
    Late,
    Broken(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Broken(error.to_string())
    }
}

impl Forwarder {
    /// Carries forwards until there can be no more.
    pub(super) fn run(mut self, forwards: Receiver<Forward>, done: Sender<Done>) {
        for forward in forwards {
            let result = self.carry(&forward);
            let held = forward.wire.len();
            let connection = forward.connection;
            // the event loop has gone: so will the forwards
            if done.send(Done { connection, held, result }).is_err() {
                return;
            }
            self.control.wake();
        }
    }

    fn carry(&mut self, forward: &Forward) -> Result<Reply, Reason> {
        let mut outcome = self.exchange(forward);
        // once more on a fresh connection; an event that did get through twice is a twin
        if matches!(outcome, Err(Failure::Stale)) {
            outcome = self.exchange(forward);
        }
        outcome.map_err(|failure| {
            self.stream = None;
            match failure {
                Failure::Late => Reason::NoAnswer,
                Failure::Stale => Reason::BadAnswer,
                Failure::Broken(why) => {
                    if self.control.trouble.may_say(Instant::now()) {
                        log::warn!("the webhook server behind the gate failed: {why}");
                    }
                    Reason::BadAnswer
                }
            }
        })
    }

    fn exchange(&mut self, forward: &Forward) -> Result<Reply, Failure> {
        self.check(forward)?;
        let kept = self.stream.take();
        let reused = kept.is_some();
        let mut stream = match kept {
            Some(stream) => stream,
            None => self.connect(forward)?,
        };
        let mut reader = Reader::new(forward.to_head, self.answer_bytes);
        let sent = self.send(forward, &mut stream);
        let reply = sent.and_then(|()| self.receive(forward, &mut stream, &mut reader));
        match reply {
            Ok(reply) => {
                self.stream = reader.keeps.then_some(stream);
                Ok(reply)
            }
            Err(Failure::Broken(_)) if reused && reader.is_empty() => Err(Failure::Stale),
            Err(failure) => Err(failure),
        }
    }

    fn connect(&self, forward: &Forward) -> Result<UnixStream, Failure> {
        let _alone = self.control.connecting.lock().unwrap_or_else(PoisonError::into_inner);
        self.check(forward)?;
        let mut stream = UnixStream::connect(&self.path)?;
        stream.set_read_timeout(Some(LOOK_UP))?;
        stream.set_write_timeout(Some(LOOK_UP))?;
        let until = forward.until.min(Instant::now() + GREETING_TIME);
        let greeting = Forward { connection: forward.connection, wire: GREETING.to_vec(), to_head: false, until };
        let mut reader = Reader::new(false, self.answer_bytes);
        self.send(&greeting, &mut stream)?;
        self.receive(&greeting, &mut stream, &mut reader)?;
        match reader.keeps {
            true => Ok(stream),
            false => Err(Failure::Broken("it closes each connection at once".to_owned())),
        }
    }

    fn send(&self, forward: &Forward, stream: &mut UnixStream) -> Result<(), Failure> {
        let mut rest = &forward.wire[..];
        while !rest.is_empty() {
            match stream.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if is_pause(&error) => self.check(forward)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn receive(&self, forward: &Forward, stream: &mut UnixStream, reader: &mut Reader) -> Result<Reply, Failure> {
        let broken = |what: &str| Failure::Broken(what.to_owned());
        let mut buffer = [0; 8 << 10];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return reader.end().map_err(broken),
                Ok(count) => {
                    if let Some(reply) = reader.push(&buffer[..count]).map_err(broken)? {
                        return Ok(reply);
                    }
                    self.check(forward)?;
                }
                Err(error) if is_pause(&error) => self.check(forward)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn check(&self, forward: &Forward) -> Result<(), Failure> {
        match Instant::now() >= forward.until || self.control.is_over() {
            true => Err(Failure::Late),
            false => Ok(()),
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
