//! The private Unix socket between the gate and the server behind it.
//!
//! In: a folder. Out: a listener for the server, in a folder of its own (0700, the socket 0600)
//! that goes when the [`InnerSocket`] is dropped. Whoever could connect here would pass by the
//! gate, so nobody else on the machine may.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Keeps the socket's folder.
#[derive(Debug)]
pub struct InnerSocket {
    folder: tempfile::TempDir,
}

impl InnerSocket {
    /// Makes the socket below `parent`: systemd's RuntimeDirectory, or where temporary files go.
    pub fn bind(parent: &Path) -> Result<(UnixListener, InnerSocket)> {
        let folder = tempfile::Builder::new()
            .prefix("ficsync-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent)
            .with_context(|| format!("could not make a folder in {}", parent.display()))?;
        let inner = InnerSocket { folder };
        let path = inner.path();
        let listener = UnixListener::bind(&path).with_context(|| format!("could not listen on {}", path.display()))?;
        set_permissions(&path, Permissions::from_mode(0o600))
            .with_context(|| format!("could not protect {}", path.display()))?;
        Ok((listener, inner))
    }

    /// The socket's path, for [`super::Gate::start`].
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("gate.sock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_may_connect_and_nothing_is_left() -> Result<()> {
        let parent = tempfile::tempdir()?;
        let mode = |path: &Path| -> Result<u32> { Ok(std::fs::metadata(path)?.permissions().mode() & 0o777) };
        let (_listener, inner) = InnerSocket::bind(parent.path())?;
        assert_eq!(mode(inner.folder.path())?, 0o700);
        assert_eq!(mode(&inner.path())?, 0o600);
        drop(inner);
        assert_eq!(std::fs::read_dir(parent.path())?.count(), 0);
        Ok(())
    }
}
