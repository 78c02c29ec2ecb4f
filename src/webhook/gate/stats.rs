//! The gate's counters, and the reasons for which it turns a request away.
//!
//! In: one call per happening. Out: numbers for /metrics. Counting only; what is
//! done about a reason is decided where it arises.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a request was not passed on, or its answer not passed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not a request that we understand without doubt.
    Malformed,
    /// The line and headers are too long or too many.
    HeadTooLarge,
    /// The body is larger than the intake takes.
    BodyTooLarge,
    /// Neither HTTP/1.0 nor HTTP/1.1.
    Version,
    /// The request did not arrive in time.
    Slow,
    /// Too many connections, from all or from one address, or too many bytes held.
    Crowded,
    /// The server behind the gate did not answer in time.
    NoAnswer,
    /// The server behind the gate could not be reached, or what it said was no answer.
    BadAnswer,
    /// The gate is closing.
    Stopping,
}

impl Reason {
    /// All reasons, in the order of their counters.
    pub const ALL: [Reason; 9] = [
        Reason::Malformed,
        Reason::HeadTooLarge,
        Reason::BodyTooLarge,
        Reason::Version,
        Reason::Slow,
        Reason::Crowded,
        Reason::NoAnswer,
        Reason::BadAnswer,
        Reason::Stopping,
    ];

    /// The name used as a label of the counter.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Malformed => "malformed",
            Reason::HeadTooLarge => "head_too_large",
            Reason::BodyTooLarge => "body_too_large",
            Reason::Version => "version",
            Reason::Slow => "slow",
            Reason::Crowded => "crowded",
            Reason::NoAnswer => "no_answer",
            Reason::BadAnswer => "bad_answer",
            Reason::Stopping => "stopping",
        }
    }

    /// The status to answer with. The service drops an event for good on any 4xx, so whatever
    /// may be its event and is not at fault itself gets 503 and is sent again.
    pub fn status(self, may_be_event: bool) -> u16 {
        match self {
            Reason::Malformed => 400,
            Reason::HeadTooLarge => 431,
            Reason::BodyTooLarge => 413,
            Reason::Version => 505,
            Reason::Slow if !may_be_event => 408,
            Reason::Slow | Reason::Crowded | Reason::NoAnswer | Reason::BadAnswer | Reason::Stopping => 503,
        }
    }
}

/// Counters since the gate was started; `open` is the number of connections now.
#[derive(Debug, Default)]
pub struct Stats {
    accepted: AtomicU64,
    open: AtomicU64,
    relayed: AtomicU64,
    evicted: AtomicU64,
    accept_errors: AtomicU64,
    refused: [AtomicU64; Reason::ALL.len()],
}

/// The counters at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections open now.
    pub open: u64,
    /// Requests answered from behind the gate.
    pub relayed: u64,
    /// Connections closed to make room for others.
    pub evicted: u64,
    /// Times that the system refused to accept a connection (no file left, mostly).
    pub accept_errors: u64,
    /// Refusals per reason, as (label, count).
    pub refused: Vec<(&'static str, u64)>,
}

impl Stats {
    pub(super) fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_open(&self, connections: usize) {
        self.open.store(connections as u64, Ordering::Relaxed);
    }

    pub(super) fn relayed(&self) {
        self.relayed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn evicted(&self) {
        self.evicted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn accept_error(&self) {
        self.accept_errors.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, reason: Reason) {
        self.refused[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often a request was refused for this reason.
    pub fn refused_for(&self, reason: Reason) -> u64 {
        self.refused[reason as usize].load(Ordering::Relaxed)
    }

    /// All counters now. They are read one after the other, so they may differ by a request.
    pub fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            accepted: read(&self.accepted),
            open: read(&self.open),
            relayed: read(&self.relayed),
            evicted: read(&self.evicted),
            accept_errors: read(&self.accept_errors),
            refused: Reason::ALL.iter().map(|reason| (reason.name(), self.refused_for(*reason))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_counter() {
        let stats = Stats::default();
        for (at, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, at, "{}", reason.name());
            for _ in 0..=at {
                stats.refused(*reason);
            }
        }
        for (at, (_, count)) in stats.snapshot().refused.iter().enumerate() {
            assert_eq!(*count, at as u64 + 1);
        }
    }

    #[test]
    fn what_may_be_an_event_gets_a_4xx_only_for_its_own_fault() {
        for reason in Reason::ALL {
            let own_fault = matches!(reason, Reason::Malformed | Reason::HeadTooLarge | Reason::BodyTooLarge);
            assert_eq!(reason.status(true) < 500, own_fault, "{}", reason.name());
        }
        assert_eq!(Reason::Slow.status(false), 408);
    }
}
