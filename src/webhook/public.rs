//! The public socket: a socket passed by systemd, an address, or a Unix socket.
//!
//! In: the wanted address, and what systemd has passed. Out: a bound listener and how it is reached. What comes over it is the
//! gate's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use listenfd::ListenFd;

use super::gate::Listener;
use crate::report::Problem;
use crate::settings::parse::Listen;

/// The address by which this machine itself reaches a listener.
pub fn from_here(address: &Listen) -> Listen {
    match address {
        Listen::Tcp(address) if address.ip().is_unspecified() => {
            let loopback = match address {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            };
            Listen::Tcp(SocketAddr::new(loopback, address.port()))
        }
        other => other.clone(),
    }
}

/// A bound public socket.
#[derive(Debug)]
pub struct Public {
    /// The socket.
    pub listener: Listener,
    /// Where it is reached.
    pub address: Listen,
    /// It was passed by systemd, which keeps it open while we are away.
    pub passed: bool,
    /// Takes the path away when dropped, where we have made it.
    pub path: Option<SocketPath>,
}

/// Takes the socket that systemd has passed, else binds what is wanted. To be called before there are threads:
/// it clears the variables by which the socket was announced.
///
/// # Errors
/// When the socket is of another kind, or the address cannot be had.
pub fn open(wanted: &Listen) -> Result<Public> {
    match passed()? {
        Some(public) => Ok(public),
        None => match wanted {
            Listen::Tcp(address) => tcp(*address),
            Listen::Unix(path) => unix(path),
        },
    }
}

fn passed() -> Result<Option<Public>> {
    let mut sockets = ListenFd::from_env();
    if sockets.len() == 0 {
        return Ok(None);
    }
    if sockets.len() > 1 {
        log::warn!("systemd has passed {} sockets; only the first is served", sockets.len());
    }
    let listener = match sockets.take_tcp_listener(0) {
        Ok(Some(listener)) => Listener::from(listener),
        _ => match sockets.take_unix_listener(0).context("the socket that systemd has passed is no stream socket")? {
            Some(listener) => Listener::from(listener),
            None => return Ok(None),
        },
    };
    let address = match &listener {
        Listener::Tcp(tcp) => Listen::Tcp(tcp.local_addr()?),
        Listener::Unix(unix) => Listen::Unix(unix.local_addr()?.as_pathname().unwrap_or(Path::new("")).to_owned()),
    };
    Ok(Some(Public { listener, address, passed: true, path: None }))
}

fn tcp(address: SocketAddr) -> Result<Public> {
    let listener = TcpListener::bind(address).map_err(|error| {
        Problem::failed(
            format!("could not listen on {address}: {error}"),
            "stop what listens there, or name another address with --listen",
        )
    })?;
    let address = Listen::Tcp(listener.local_addr().context("the listener has no address")?);
    Ok(Public { listener: listener.into(), address, passed: false, path: None })
}

/// Binds under another name, sets the mode, and moves it into place: the socket is never there with another mode, and
/// one that a killed process left behind is replaced.
fn unix(path: &Path) -> Result<Public> {
    refuse_taken(path)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let place = || -> std::io::Result<UnixListener> {
        let listener = UnixListener::bind(&beside)?;
        // the reverse proxy is to be in the group
        std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o660))?;
        std::fs::rename(&beside, path)?;
        Ok(listener)
    };
    let listener = place().map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Problem::failed(
            format!("could not listen on unix:{}: {error}", path.display()),
            "check that the folder exists and that this user may write there, or name another with --listen",
        )
    })?;
    let address = Listen::Unix(path.to_owned());
    Ok(Public { listener: listener.into(), address, passed: false, path: Some(SocketPath::of(path)?) })
}

/// Neither another program's socket nor a file that is none is replaced.
fn refuse_taken(path: &Path) -> Result<()> {
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if !found.file_type().is_socket() {
        let what = format!("{} is there already, and is no socket; it was left as it is", path.display());
        return Err(Problem::failed(what, "name another path with --listen").into());
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(Problem::failed(
            format!("another program listens on unix:{}", path.display()),
            "stop it, or name another path with --listen",
        )
        .into()),
        Err(_) => Ok(()),
    }
}

/// A socket's place in the file system, which goes with this value, unless another process has taken it meanwhile.
#[derive(Debug)]
pub struct SocketPath {
    path: PathBuf,
    file: (u64, u64),
}

impl SocketPath {
    fn of(path: &Path) -> Result<SocketPath> {
        let found = std::fs::symlink_metadata(path).with_context(|| format!("{} is gone again", path.display()))?;
        Ok(SocketPath { path: path.to_owned(), file: (found.dev(), found.ino()) })
    }
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        let ours = std::fs::symlink_metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == self.file);
        if ours {
            // a socket that stays behind is replaced at the next start
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("the socket").permissions().mode() & 0o777
    }

    #[test]
    fn a_unix_socket_is_for_its_group_replaces_a_stale_one_and_goes() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("hook.sock");
        drop(UnixListener::bind(&path).expect("a socket that is left behind"));
        let public = open(&Listen::Unix(path.clone())).expect("the stale one is replaced");
        assert_eq!((mode(&path), public.address.to_string()), (0o660, format!("unix:{}", path.display())));
        assert!(UnixStream::connect(&path).is_ok());
        let error = open(&Listen::Unix(path.clone())).expect_err("it is taken");
        assert!(error.to_string().contains("another program listens"), "{error}");
        drop(public);
        assert_eq!(std::fs::read_dir(dir.path()).expect("folder").count(), 0);
    }

    #[test]
    fn a_successor_keeps_its_socket_and_files_are_left_alone() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("hook.sock");
        let first = open(&Listen::Unix(path.clone())).expect("the first");
        std::fs::remove_file(&path).expect("somebody clears up");
        let _second = open(&Listen::Unix(path.clone())).expect("the second");
        drop(first);
        assert!(UnixStream::connect(&path).is_ok(), "the first took the second's socket away");
        let file = dir.path().join("file");
        std::fs::write(&file, "x").expect("file");
        assert!(open(&Listen::Unix(file.clone())).is_err());
        assert_eq!(std::fs::read_to_string(file).expect("file"), "x");
    }

    #[test]
    fn the_way_from_here_is_loopback() {
        for (address, wanted) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            let address = Listen::Tcp(address.parse().expect("an address"));
            assert_eq!(from_here(&address).to_string(), wanted);
        }
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("an address");
        let error = open(&Listen::Tcp(address)).expect_err("it is taken");
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }
}
