//! One connection: what it is doing, until when, and what comes next.
//!
//! In: readiness, answers and the time. Out: an [`Act`] for the event loop. It reads from and
//! writes to its own socket without ever blocking; it knows no other connection.
//!
//! ```text
//! Reading ──whole request──> Waiting ──answer──> Writing ──┬─> Idle ──first byte──> Reading
//!    └──refusal──────────────────────────────────────^     ├─> Lingering ─> closed
//!                                                          └─> closed
//! ```

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{self, Reply};
use super::frame::{Framed, Framer, Request};
use super::limits::Limits;
use super::stats::{Reason, Stats};
use super::stream::{Peer, Stream};

/// How long a connection that has said nothing yet may take to begin, once the gate is stopping: longer than a request
/// is behind its connection, shorter than a stop may take.
const LAST_MOMENT: Duration = Duration::from_millis(500);

/// What the event loop is to do with a connection.
#[derive(Debug)]
pub(super) enum Act {
    /// Nothing until the next event.
    Wait,
    /// Pass this request on.
    Relay(Request),
    /// Close it.
    Close,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interest {
    Input,
    Output,
    Nothing,
}

#[derive(Debug)]
enum Phase {
    Reading { head_by: Instant, whole_by: Instant },
    Waiting { until: Instant, keep_alive: bool, is_event: bool },
    Writing { until: Instant, output: Vec<u8>, written: usize, after: After },
    Idle { until: Instant },
    Lingering { until: Instant, left: usize },
}

#[derive(Clone, Copy, Debug)]
enum After {
    Keep,
    Linger,
    Close,
}

#[derive(Debug)]
pub(super) struct Conn {
    pub(super) stream: Stream,
    pub(super) peer: Peer,
    /// What the event loop has told the system to watch for.
    pub(super) watched: Interest,
    /// Bytes that the event loop has counted for this connection.
    pub(super) counted: usize,
    limits: Arc<Limits>,
    stats: Arc<Stats>,
    framer: Framer,
    phase: Phase,
    /// The gate is stopping: no further request on this connection.
    last: bool,
}

impl Conn {
    pub(super) fn new(stream: Stream, peer: Peer, limits: Arc<Limits>, stats: Arc<Stats>, now: Instant) -> Conn {
        Conn {
            stream,
            peer,
            watched: Interest::Input,
            counted: 0,
            framer: Framer::new(&limits),
            phase: reading(&limits, now),
            limits,
            stats,
            last: false,
        }
    }

    pub(super) fn interest(&self) -> Interest {
        match self.phase {
            Phase::Reading { .. } | Phase::Idle { .. } | Phase::Lingering { .. } => Interest::Input,
            Phase::Writing { .. } => Interest::Output,
            // what a client sends meanwhile waits in its socket, not in our memory
            Phase::Waiting { .. } => Interest::Nothing,
        }
    }

    /// Bytes held for this connection.
    pub(super) fn held(&self) -> usize {
        let output = match &self.phase {
            Phase::Writing { output, .. } => output.len(),
            _ => 0,
        };
        self.framer.held() + output
    }

    /// How readily it is given up when room is needed, the lowest first; none: not at all.
    pub(super) fn rank(&self) -> Option<u8> {
        match self.phase {
            Phase::Lingering { .. } => Some(0),
            Phase::Idle { .. } => Some(1),
            Phase::Reading { .. } if self.framer.is_empty() => Some(2),
            Phase::Reading { .. } => Some(3),
            Phase::Writing { .. } => Some(4),
            Phase::Waiting { .. } => None,
        }
    }

    /// The socket has input, or has ended.
    pub(super) fn on_input(&mut self, scratch: &mut [u8], now: Instant) -> Act {
        let count = match self.stream.read(scratch) {
            Ok(0) => return Act::Close,
            Ok(count) => count,
            Err(error) if is_pause(&error) => return Act::Wait,
            Err(_) => return Act::Close,
        };
        match &mut self.phase {
            Phase::Idle { .. } => self.phase = reading(&self.limits, now),
            Phase::Reading { .. } if self.last && self.framer.is_empty() => self.phase = reading(&self.limits, now),
            Phase::Reading { .. } => {}
            Phase::Lingering { left, .. } => {
                *left = left.saturating_sub(count);
                return if *left == 0 { Act::Close } else { Act::Wait };
            }
            // not watched for input
            Phase::Waiting { .. } | Phase::Writing { .. } => return Act::Close,
        }
        let framed = self.framer.push(&scratch[..count]);
        self.on_framed(framed, now)
    }

    /// The socket takes output again.
    pub(super) fn on_output(&mut self, now: Instant) -> Act {
        let Phase::Writing { output, written, after, .. } = &mut self.phase else {
            return Act::Wait;
        };
        while *written < output.len() {
            match self.stream.write(&output[*written..]) {
                Ok(count) => *written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_pause(&error) => return Act::Wait,
                Err(_) => return Act::Close,
            }
        }
        match *after {
            After::Keep => self.next_request(now),
            After::Linger => self.linger(now),
            After::Close => Act::Close,
        }
    }

    /// The answer to the request that was passed on, or why there is none.
    pub(super) fn on_answer(&mut self, result: Result<Reply, Reason>, now: Instant) -> Act {
        let Phase::Waiting { keep_alive, .. } = self.phase else {
            return Act::Wait;
        };
        let reply = match result {
            Ok(reply) => reply,
            Err(reason) => return self.refuse(reason, "no answer from behind the gate", now),
        };
        self.stats.relayed();
        let keep_alive = keep_alive && !self.last;
        let after = match keep_alive {
            true => After::Keep,
            // input left unread would make the system cut the answer off on closing
            false if !self.framer.is_empty() => After::Linger,
            false => After::Close,
        };
        self.write(reply.wire(keep_alive), after, now)
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) -> Act {
        match self.phase {
            Phase::Reading { head_by, whole_by } => {
                let late = now >= whole_by || (now >= head_by && !self.framer.in_body());
                match late {
                    false => Act::Wait,
                    true if self.framer.is_empty() && self.last => {
                        self.abandon(Reason::Stopping, "closing");
                        Act::Close
                    }
                    // silence is not worth an answer
                    true if self.framer.is_empty() => Act::Close,
                    true => self.refuse(Reason::Slow, "too slow", now),
                }
            }
            Phase::Waiting { until, .. } if now >= until => self.refuse(Reason::NoAnswer, "no answer in time", now),
            Phase::Writing { until, .. } | Phase::Idle { until } | Phase::Lingering { until, .. } if now >= until => {
                Act::Close
            }
            _ => Act::Wait,
        }
    }

    /// Refuses the request that is being read or waits for its answer.
    pub(super) fn refuse(&mut self, reason: Reason, what: &str, now: Instant) -> Act {
        self.stats.refused(reason);
        let output = answer::refusal(reason, what, self.may_be_event());
        self.write(output, After::Linger, now)
    }

    /// Says goodbye as far as the socket takes it at once; the connection is closed next.
    pub(super) fn abandon(&mut self, reason: Reason, what: &str) {
        if matches!(self.phase, Phase::Reading { .. } | Phase::Waiting { .. }) {
            self.stats.refused(reason);
            self.say(&answer::refusal(reason, what, self.may_be_event()));
        }
    }

    /// Says that there is no room for it.
    pub(super) fn turn_away(&mut self) {
        self.abandon(Reason::Crowded, "too many connections");
    }

    /// Last words. A client that cannot take 150 bytes has gone; input left unread would make
    /// the system cut them off, so what is there is thrown away.
    fn say(&mut self, words: &[u8]) {
        let _ = self.stream.write(words);
        let _ = self.stream.shutdown_write();
        let _ = self.stream.read(&mut [0; 4096]);
    }

    /// No further request on this connection.
    pub(super) fn finish_up(&mut self, now: Instant) -> Act {
        self.last = true;
        match self.phase {
            Phase::Idle { .. } | Phase::Lingering { .. } => Act::Close,
            // its request may be on the way: a moment for it
            Phase::Reading { head_by, .. } if self.framer.is_empty() => {
                let by = head_by.min(now + LAST_MOMENT);
                self.phase = Phase::Reading { head_by: by, whole_by: by };
                Act::Wait
            }
            _ => Act::Wait,
        }
    }

    fn may_be_event(&self) -> bool {
        match self.phase {
            Phase::Waiting { is_event, .. } => is_event,
            _ => self.framer.may_be_event(),
        }
    }

    fn on_framed(&mut self, framed: Framed, now: Instant) -> Act {
        match framed {
            Framed::Incomplete => {
                if self.framer.take_awaited() {
                    // a hint that fits any socket; without it the client goes on by itself
                    let _ = self.stream.write(b"HTTP/1.1 100 Continue\r\n\r\n");
                }
                Act::Wait
            }
            Framed::Complete(request) => {
                self.phase = Phase::Waiting {
                    until: now + self.limits.answer_time,
                    keep_alive: request.keep_alive(),
                    is_event: request.is_event(),
                };
                Act::Relay(request)
            }
            Framed::Refuse(reason, what) => self.refuse(reason, what, now),
        }
    }

    fn write(&mut self, output: Vec<u8>, after: After, now: Instant) -> Act {
        let until = now + self.limits.write_time;
        self.phase = Phase::Writing { until, output, written: 0, after };
        self.on_output(now)
    }

    fn next_request(&mut self, now: Instant) -> Act {
        if self.framer.is_empty() {
            if self.last {
                return Act::Close;
            }
            self.phase = Phase::Idle { until: now + self.limits.idle_time };
            return Act::Wait;
        }
        self.phase = reading(&self.limits, now);
        let framed = self.framer.push(&[]);
        self.on_framed(framed, now)
    }

    fn linger(&mut self, now: Instant) -> Act {
        if self.last || self.stream.shutdown_write().is_err() {
            return Act::Close;
        }
        self.framer = Framer::new(&self.limits);
        self.phase = Phase::Lingering { until: now + self.limits.linger_time, left: self.limits.linger_bytes };
        Act::Wait
    }
}

fn reading(limits: &Limits, now: Instant) -> Phase {
    Phase::Reading { head_by: now + limits.head_time, whole_by: now + limits.request_time }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
