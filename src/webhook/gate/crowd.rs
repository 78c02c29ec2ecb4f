//! All connections of the gate, counted: how many, from whom, with how many bytes.
//!
//! In: connections and forwards that come and go. Out: whether there is room, and who goes first
//! if there is none. It closes nothing itself and knows no epoll.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use super::conn::Conn;
use super::limits::{Limits, SMALL};
use super::stats::Stats;

pub(super) struct Crowd {
    limits: Arc<Limits>,
    stats: Arc<Stats>,
    /// By number, so by age.
    conns: BTreeMap<u64, Conn>,
    peers: HashMap<IpAddr, usize>,
    /// Bytes held by the connections.
    held: usize,
    forwards: usize,
    /// Bytes of the forwards under way. They are counted by themselves, as a client may go while
    /// its forward stays.
    forward_bytes: usize,
}

impl Crowd {
    pub(super) fn new(limits: Arc<Limits>, stats: Arc<Stats>) -> Crowd {
        Crowd { limits, stats, conns: BTreeMap::new(), peers: HashMap::new(), held: 0, forwards: 0, forward_bytes: 0 }
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
        conns.filter(|(_, conn)| conn.counted > 0).max_by_key(|(_, conn)| conn.counted).map(|(number, _)| *number)
    }

    /// Whether another forward of so many bytes may be under way. Large ones share half of the
    /// bytes that may be held; small ones, as events are, never wait for large ones to end:
    /// there can be no more of them than connections.
    pub(super) fn takes_forward(&self, bytes: usize) -> bool {
        let fits = bytes <= SMALL || self.forward_bytes + bytes <= self.limits.held_bytes / 2;
        fits && self.forwards < self.limits.connections
    }

    pub(super) fn forward_sent(&mut self, bytes: usize) {
        self.forwards += 1;
        self.forward_bytes += bytes;
    }

    pub(super) fn forward_done(&mut self, bytes: usize) {
        self.forwards -= 1;
        self.forward_bytes -= bytes;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    use super::super::conn::Act;
    use super::super::stream::{Peer, Stream};
    use super::*;

    /// A crowd, and the other ends of its connections.
    struct Scene {
        crowd: Crowd,
        clients: Vec<UnixStream>,
    }

    impl Scene {
        fn new(limits: Limits) -> Scene {
            let crowd = Crowd::new(Arc::new(limits), Arc::new(Stats::default()));
            let clients = Vec::new();
            Scene { crowd, clients }
        }

        /// A connection from the address 192.0.2.`peer`, or from a proxy if that is 0.
        fn conn(&mut self, peer: u8) -> std::io::Result<Conn> {
            let (ours, client) = UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            self.clients.push(client);
            let counted = (peer > 0).then(|| IpAddr::from([192, 0, 2, peer]));
            let peer = Peer { text: String::new(), counted };
            let (limits, stats) = (&self.crowd.limits, &self.crowd.stats);
            let (limits, stats) = (Arc::clone(limits), Arc::clone(stats));
            Ok(Conn::new(Stream::Unix(ours), peer, limits, stats, Instant::now()))
        }

        /// Adds one that has sent these bytes.
        fn add(&mut self, number: u64, peer: u8, bytes: &[u8]) -> std::io::Result<()> {
            let mut conn = self.conn(peer)?;
            if let Some(client) = self.clients.last_mut() {
                client.write_all(bytes)?;
            }
            let act = conn.on_input(&mut vec![0; 64 << 10], Instant::now());
            assert!(matches!(act, Act::Wait | Act::Relay(_)), "{act:?}");
            self.crowd.add(number, conn);
            self.crowd.recount(number);
            Ok(())
        }
    }

    const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn at_the_cap_the_oldest_that_has_said_least_goes() -> std::io::Result<()> {
        let mut scene = Scene::new(Limits { connections: 4, ..Limits::default() });
        scene.add(2, 0, WHOLE)?;
        scene.add(3, 0, b"GET /")?;
        scene.add(4, 0, b"")?;
        let newcomer = scene.conn(0)?;
        assert_eq!(scene.crowd.make_room(&newcomer), Ok(None));
        scene.add(5, 0, b"")?;
        for (gone, next) in [(4, 6), (5, 7), (3, 8)] {
            assert_eq!(scene.crowd.make_room(&newcomer), Ok(Some(gone)));
            scene.crowd.remove(gone);
            scene.add(next, 0, WHOLE)?;
        }
        assert_eq!(scene.crowd.make_room(&newcomer), Err(()), "all are at work");
        Ok(())
    }

    #[test]
    fn a_peer_at_its_cap_only_loses_its_own() -> std::io::Result<()> {
        let mut scene = Scene::new(Limits { per_peer: 2, ..Limits::default() });
        for (number, peer) in [(2, 1), (3, 2), (4, 2), (5, 0), (6, 0), (7, 0)] {
            scene.add(number, peer, b"GET /")?;
        }
        for (peer, goes) in [(0, None), (1, None), (2, Some(3)), (3, None)] {
            let newcomer = scene.conn(peer)?;
            assert_eq!(scene.crowd.make_room(&newcomer), Ok(goes), "peer {peer}");
        }
        scene.crowd.remove(3);
        let newcomer = scene.conn(2)?;
        assert_eq!(scene.crowd.make_room(&newcomer), Ok(None));
        scene.crowd.remove(4);
        assert_eq!(scene.crowd.peers.len(), 1, "peers without connections are forgotten");
        Ok(())
    }

    #[test]
    fn too_many_bytes_cost_the_largest_and_bytes_are_given_back() -> std::io::Result<()> {
        let mut scene = Scene::new(Limits { held_bytes: 120_000, ..Limits::default() });
        let large = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n";
        scene.add(2, 0, &[&large[..], &[b'x'; 20_000]].concat())?;
        scene.add(3, 0, b"GET /")?;
        assert_eq!(scene.crowd.too_large(), None);
        scene.add(4, 0, &[&large[..], &[b'x'; 25_000]].concat())?;
        assert_eq!(scene.crowd.too_large(), Some(4));
        for number in [4, 3, 2] {
            scene.crowd.remove(number);
        }
        assert_eq!(scene.crowd.held, 0);
        Ok(())
    }

    #[test]
    fn large_jobs_do_not_crowd_out_small_ones() {
        let limits = Limits { held_bytes: 200_000, connections: 4, ..Limits::default() };
        let mut scene = Scene::new(limits);
        assert!(scene.crowd.takes_forward(100_000));
        scene.crowd.forward_sent(100_000);
        assert!(!scene.crowd.takes_forward(SMALL + 1));
        for _ in 0..3 {
            assert!(scene.crowd.takes_forward(SMALL));
            scene.crowd.forward_sent(SMALL);
        }
        assert!(!scene.crowd.takes_forward(1), "no more forwards than connections");
        scene.crowd.forward_done(100_000);
        scene.crowd.forward_done(SMALL);
        assert!(scene.crowd.takes_forward(SMALL + 1));
    }
}
