//! What root makes in another user's folder belongs to that user.
//!
//! `sudo ficsync account add` on a server whose units run as `ficsync` would else leave files that the units cannot
//! write. SQLite does the same with the `-wal` and `-shm` that it makes. In: what was just made, and the folder it is
//! in. Nothing happens for any other user than root: only root can give files away.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Gives a file that root owns to the owner of its folder. Whatever was opened is given away, not what now has its name.
///
/// # Errors
/// When the folder cannot be looked at, or the system refuses.
pub fn hand_over(file: &File, folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (made, around) = (file.metadata()?, folder.metadata()?);
    if made.uid() == 0 && around.uid() != 0 {
        fchown(file, Some(around.uid()), Some(around.gid()))?;
    }
    Ok(())
}

/// The same for a folder, and the one that it is in.
///
/// # Errors
/// As [`hand_over`].
pub fn hand_over_folder(made: &Path) -> io::Result<()> {
    hand_over(&File::open(made)?, made.parent().unwrap_or(made))
}
