//! Listeners and connections, TCP or Unix, as one kind each.
//!
//! In: a bound listener. Out: non-blocking streams and who is at their other end.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

/// The public socket: our own, or one passed by systemd.
#[derive(Debug)]
pub enum Listener {
    /// A TCP socket.
    Tcp(TcpListener),
    /// A Unix socket; who made it removes its path.
    Unix(UnixListener),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Listener {
        Listener::Tcp(listener)
    }
}

impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Listener {
        Listener::Unix(listener)
    }
}

impl Listener {
    /// Makes it fit for the event loop.
    pub(super) fn prepare(&self) -> io::Result<()> {
        // std asks for 128, which a burst fills: the system then drops what comes, and an honest
        // client tries again only a second later. 4096 is what Linux allows by itself.
        rustix::net::listen(self, 4096)?;
        match self {
            Listener::Tcp(listener) => listener.set_nonblocking(true),
            Listener::Unix(listener) => listener.set_nonblocking(true),
        }
    }

    pub(super) fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                // answers are written whole, so waiting for more to send gains nothing; it only
                // fails on a connection that has ended, which is found out on reading
                let _ = stream.set_nodelay(true);
                Ok((Stream::Tcp(stream), Peer::at(address.ip())))
            }
            Listener::Unix(listener) => {
                let (stream, _) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok((Stream::Unix(stream), Peer::unix()))
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Tcp(listener) => listener.as_fd(),
            Listener::Unix(listener) => listener.as_fd(),
        }
    }
}

/// Who is at the other end.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// For the server behind the gate.
    pub(super) text: String,
    /// What its connections are counted under; none if it may have any number.
    pub(super) counted: Option<IpAddr>,
}

impl Peer {
    fn unix() -> Peer {
        Peer { text: "unix".to_owned(), counted: None }
    }

    fn at(address: IpAddr) -> Peer {
        let address = address.to_canonical();
        let counted = match address {
            address if address.is_loopback() => None,
            // one customer line usually has a whole /64
            IpAddr::V6(v6) => Some(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64))),
            v4 => Some(v4),
        };
        Peer { text: address.to_string(), counted }
    }
}

#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// Tells the other end that nothing more will come.
    pub(super) fn shutdown_write(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(into),
            Stream::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Tcp(stream) => stream.as_fd(),
            Stream::Unix(stream) => stream.as_fd(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_counted_by_address_and_proxies_are_not() {
        for (address, text, counted) in [
            ("127.0.0.1", "127.0.0.1", None),
            ("::1", "::1", None),
            ("::ffff:127.0.0.1", "127.0.0.1", None),
            ("192.0.2.7", "192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", "192.0.2.7", Some("192.0.2.7")),
            ("2001:db8:1:2:3::4", "2001:db8:1:2:3::4", Some("2001:db8:1:2::")),
        ] {
            let peer = Peer::at(address.parse().unwrap_or(IpAddr::V4([0; 4].into())));
            assert_eq!(peer.text, text);
            let key = peer.counted.map(|key| key.to_string());
            assert_eq!(key.as_deref(), counted, "{address}");
        }
        assert_eq!(Peer::unix().counted, None);
    }
}
