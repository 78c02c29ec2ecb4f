//! The gate's limits: how much of everything a stranger may use.
//!
//! In: nothing, or the caller's own numbers. Out: one [`Limits`] that every other part of the
//! gate obeys. It decides nothing itself, except that there are never more connections than
//! the process may open files.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// Files that the rest of the process needs: the database and its journals, the log, the
/// listener, epoll, requests to the service, a backup.
const OTHER_FILES: u64 = 32;

/// Below this many connections a gate is of no use; then rather meet EMFILE now and then.
const FEWEST: usize = 4;

/// A request of up to so many bytes is small, as events are. With the default limits all small ones together are at most
/// 16 MiB.
pub const SMALL: usize = 32 << 10;

/// Limits for one gate. [`Limits::default`] has the numbers that ficsync runs with; tests use
/// shorter times.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request's line and headers. 16 KiB: real ones have about 1 KiB.
    pub head_bytes: usize,
    /// Number of headers. Real requests have about 15, behind a CDN 30.
    pub headers: usize,
    /// Bytes of a request's body, decoded. 1 MiB is what the intake promises to take.
    pub body_bytes: usize,
    /// Bytes held for all together, so that memory is bounded whatever they send: half of them
    /// for requests that are arriving, half for large ones that are being passed on.
    pub held_bytes: usize,
    /// Bytes of an answer's body. /metrics is the largest, with some 100 KiB.
    pub answer_bytes: usize,
    /// From accept (or a kept connection's first byte) to the end of the head.
    pub head_time: Duration,
    /// From the same moment to the end of the whole request.
    pub request_time: Duration,
    /// From the end of the request to the answer from behind the gate.
    pub answer_time: Duration,
    /// For the client to take the answer.
    pub write_time: Duration,
    /// How long a kept connection may stay silent.
    pub idle_time: Duration,
    /// How long a client may go on sending after it was refused, so that it sees the answer.
    pub linger_time: Duration,
    /// How many bytes of that are read and thrown away.
    pub linger_bytes: usize,
    /// Connections at once. At the cap the oldest that is not at work goes.
    pub connections: usize,
    /// Connections at once from one address (IPv6: from one /64). Loopback and Unix sockets are
    /// exempt: there all clients of a proxy share one address.
    pub per_peer: usize,
    /// Threads that pass requests on, each with one connection to the server behind the gate.
    pub forwarders: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head_bytes: 16 << 10,
            headers: 64,
            body_bytes: 1 << 20,
            held_bytes: 32 << 20,
            answer_bytes: 4 << 20,
            head_time: Duration::from_secs(5),
            request_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(30),
            write_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(5),
            linger_time: Duration::from_secs(2),
            linger_bytes: 8 << 20,
            connections: 512,
            per_peer: 64,
            forwarders: 16,
        }
    }
}

impl Limits {
    /// The same limits with no more connections than this process may still open: running out
    /// of files would stop the database and the requests to the service as well.
    pub fn fitted(self) -> Limits {
        let files = getrlimit(Resource::Nofile).current;
        self.fitted_to(files)
    }

    fn fitted_to(mut self, files: Option<u64>) -> Limits {
        let Some(files) = files else { return self };
        // each forwarder's connection is two files here, as the server behind the gate is in
        // this process, and tiny_http duplicates the one it accepts
        let taken = OTHER_FILES + 3 * self.forwarders as u64;
        let free = usize::try_from(files.saturating_sub(taken)).unwrap_or(usize::MAX);
        self.connections = self.connections.min(free.max(FEWEST));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stay_below_the_number_of_open_files() {
        for (files, wanted) in
            [(None, 512), (Some(1024), 512), (Some(592), 512), (Some(591), 511), (Some(100), 20), (Some(10), FEWEST)]
        {
            let fitted = Limits::default().fitted_to(files);
            assert_eq!(fitted.connections, wanted, "{files:?} files");
        }
    }
}
