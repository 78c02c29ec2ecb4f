//! Whose a connection from this machine is: the user of the program at its other end.
//!
//! In: a connection on the loopback address. Out: whether that user is ours. The kernel's tables say it
//! (`/proc/self/net/tcp`); where they do not, it is not ours.

use std::net::{IpAddr, SocketAddr, TcpStream};

/// A client that speaks IPv4 by an IPv6 socket stands in the second one.
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
/// The state of a connection that both sides hold open. One that its owner has closed belongs to nobody, which the tables
/// write as user 0.
const ESTABLISHED: &str = "01";

/// Whether the program at the other end runs as our user.
pub fn is_ours(stream: &TcpStream) -> bool {
    let (Ok(peer), Ok(here)) = (stream.peer_addr(), stream.local_addr()) else { return false };
    let mut tables = TABLES.iter().filter_map(|table| std::fs::read_to_string(table).ok());
    let found = tables.find_map(|table| owner(&table, peer, here));
    found == Some(rustix::process::geteuid().as_raw())
}

/// The user who holds the end `here` of a connection to `there`.
fn owner(table: &str, here: SocketAddr, there: SocketAddr) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid …
        let mut words = line.split_ascii_whitespace();
        let (local, remote, state, uid) = (words.nth(1)?, words.next()?, words.next()?, words.nth(3)?);
        let is_it = state == ESTABLISHED && forms(here).contains(local) && forms(there).contains(remote);
        if is_it { uid.parse().ok() } else { None }
    })
}

/// An address as the tables write it.
struct Forms([String; 2]);

impl Forms {
    fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|form| form == text)
    }
}

/// Words of four bytes, each as this machine holds a number.
fn forms(address: SocketAddr) -> Forms {
    let words = |bytes: &[u8]| -> String {
        let word = |chunk: &[u8]| chunk.try_into().map_or(0, u32::from_ne_bytes);
        bytes.chunks(4).map(|chunk| format!("{:08X}", word(chunk))).collect()
    };
    let port = address.port();
    let with_port = |ip: String| format!("{ip}:{port:04X}");
    match address.ip() {
        IpAddr::V4(ip) => Forms([words(&ip.octets()), words(&ip.to_ipv6_mapped().octets())].map(with_port)),
        IpAddr::V6(ip) => Forms([words(&ip.octets()), words(&ip.octets())].map(with_port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    #[cfg(target_endian = "little")]
    fn the_tables_name_the_owner_of_an_open_end() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:2254 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0\n   \
            1: 0100007F:2254 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1\n   \
            2: 0100007F:D431 0100007F:2254 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0 20 4 30 10 -1\n   \
            3: 0000000000000000FFFF00000100007F:D432 0000000000000000FFFF00000100007F:2254 01 00000000:00000000 00:00000000 \
            00000000  1002        0 3 1 0 20 4 30 10 -1\n   \
            4: 0100007F:D433 0100007F:2254 05 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1\n";
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let found = [0xD431, 0xD432, 0xD433, 0xD434].map(|port| owner(table, at(port), at(0x2254)));
        assert_eq!(found, [Some(1001), Some(1002), None, None]);
    }

    #[test]
    fn a_connection_of_this_very_program_is_ours() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (server, _) = listener.accept().expect("the other end");
        assert!(is_ours(&server));
        drop(client);
        assert!(!is_ours(&server), "nobody holds its other end");
    }
}
