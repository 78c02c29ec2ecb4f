//! All connections of the gate, counted: how many, from whom, with how many bytes.
//!
//! In: connections and jobs that come and go. Out: whether there is room, and who goes first
//! if there is none. It closes nothing itself and knows no epoll.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use super::conn::Conn;
use super::limits::Limits;
use super::stats::Stats;

/// A job of up to so many bytes is small. With the default limits all small ones together are
/// at most 16 MiB.
const SMALL: usize = 32 << 10;

pub(super) struct Crowd {
    limits: Arc<Limits>,
    stats: Arc<Stats>,
    /// By number, so by age.
    conns: BTreeMap<u64, Conn>,
    peers: HashMap<IpAddr, usize>,
    /// Bytes held by the connections.
    held: usize,
    jobs: usize,
    /// Bytes of the jobs under way. They are counted by themselves, as a client may go while
    /// its job stays.
    job_bytes: usize,
}

impl Crowd {
    pub(super) fn new(limits: Arc<Limits>, stats: Arc<Stats>) -> Crowd {
        Crowd {
            limits,
            stats,
            conns: BTreeMap::new(),
            peers: HashMap::new(),
            held: 0,
            jobs: 0,
            job_bytes: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.conns.is_empty()
    }

    pub(super) fn get(&mut self, number: u64) -> Option<&mut Conn> {
        self.conns.get_mut(&number)
    }

    /// What `each` says of every connection, the oldest first.
    pub(super) fn map<T>(&mut self, mut each: impl FnMut(&mut Conn) -> T) -> Vec<(u64, T)> {
        let conns = self.conns.iter_mut();
        conns.map(|(number, conn)| (*number, each(conn))).collect()
    }

    pub(super) fn add(&mut self, number: u64, conn: Conn) {
        if let Some(peer) = conn.peer.counted {
            *self.peers.entry(peer).or_default() += 1;
        }
        self.conns.insert(number, conn);
        self.stats.set_open(self.conns.len());
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some(conn) = self.conns.remove(&number) else {
            return;
        };
        self.held -= conn.counted;
        self.stats.set_open(self.conns.len());
        let Some(peer) = conn.peer.counted else {
            return;
        };
        if let Some(count) = self.peers.get_mut(&peer) {
            *count -= 1;
            if *count == 0 {
                self.peers.remove(&peer);
            }
        }
    }

    /// Counts a connection's bytes again, after something has happened to it.
    pub(super) fn recount(&mut self, number: u64) -> Option<&mut Conn> {
        let conn = self.conns.get_mut(&number)?;
        let held = conn.held();
        self.held = self.held - conn.counted + held;
        conn.counted = held;
        Some(conn)
    }

    /// Who must go before this connection can be added. An error: nobody can, all are at work.
    pub(super) fn make_room(&self, conn: &Conn) -> Result<Option<u64>, ()> {
        let from_peer = |peer| self.peers.get(&peer).copied().unwrap_or(0);
        if let Some(peer) = conn.peer.counted
            && from_peer(peer) >= self.limits.per_peer
        {
            return self.first_to_go(Some(peer)).map(Some).ok_or(());
        }
        if self.conns.len() >= self.limits.connections {
            return self.first_to_go(None).map(Some).ok_or(());
        }
        Ok(None)
    }

    /// The connection (of one peer, or of all) that is given up first: those that are done or
    /// idle before those that are being read, and the oldest of each.
    pub(super) fn first_to_go(&self, peer: Option<IpAddr>) -> Option<u64> {
        let conns = self.conns.iter();
        conns
            .filter(|(_, conn)| peer.is_none() || conn.peer.counted == peer)
            .filter_map(|(number, conn)| Some((conn.rank()?, *number)))
            .min()
            .map(|(_, number)| number)
    }

    /// While too many bytes are held: who holds most. A small request is never the one.
    pub(super) fn too_large(&self) -> Option<u64> {
        if self.held <= self.limits.held_bytes / 2 {
            return None;
        }
        let conns = self.conns.iter().filter(|(_, conn)| conn.rank().is_some());
        conns
            .filter(|(_, conn)| conn.counted > 0)
            .max_by_key(|(_, conn)| conn.counted)
            .map(|(number, _)| *number)
    }

    /// Whether another job of so many bytes may be under way. Large ones share half of the
    /// bytes that may be held; small ones, as events are, never wait for large ones to end:
    /// there can be no more of them than connections.
    pub(super) fn takes_job(&self, bytes: usize) -> bool {
        let fits = bytes <= SMALL || self.job_bytes + bytes <= self.limits.held_bytes / 2;
        fits && self.jobs < self.limits.connections
    }

    pub(super) fn job_sent(&mut self, bytes: usize) {
        self.jobs += 1;
        self.job_bytes += bytes;
    }

    pub(super) fn job_done(&mut self, bytes: usize) {
        self.jobs -= 1;
        self.job_bytes -= bytes;
    }
}
