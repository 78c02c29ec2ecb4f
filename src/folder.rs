//! What lies below the data folder is opened here: never through a symbolic link, nor by a second name (a hard link).
//!
//! In: a folder's path, then names in it. Out: open files. Whoever may write the data folder could else lead a command of
//! somebody mightier to another file. A folder is held open and its files are opened from there, so that nothing that
//! takes its name meanwhile counts. The path to the data folder is the administrator's and may hold links.

use crate::report::Problem;
use anyhow::{Context, Result};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// For its owner alone.
const PRIVATE_FOLDER: u32 = 0o700;
/// For its owner alone.
const PRIVATE_FILE: u32 = 0o600;

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    open: File,
    path: PathBuf,
}

impl Folder {
    /// Opens a folder. `None`: there is none.
    ///
    /// # Errors
    /// When it is a link or no folder, or the system refuses.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(open) => Ok(Some(Self { open: open.into(), path: path.to_owned() })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(explained(path, error, "open the folder")),
        }
    }

    /// Opens a folder that is its owner's alone, and this user's; makes it when there is none, and takes away what others
    /// may do in it.
    ///
    /// # Errors
    /// As [`Folder::open`], and when it is another user's.
    pub fn private(path: &Path) -> Result<Self> {
        match rustix::fs::mkdir(path, Mode::from_raw_mode(PRIVATE_FOLDER)) {
            Ok(()) => path.parent().map_or(Ok(()), sync_folder)?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(explained(path, error, "make the folder")),
        }
        let folder = Self::open(path)?.with_context(|| format!("the folder {} is gone again", path.display()))?;
        let about = folder.open.metadata()?;
        let me = rustix::process::geteuid().as_raw();
        if about.uid() != me {
            return Err(of_another(path, about.uid()));
        }
        if about.mode() & 0o077 != 0 {
            let mode = Permissions::from_mode(PRIVATE_FOLDER);
            folder.open.set_permissions(mode).with_context(|| format!("could not chmod {}", path.display()))?;
        }
        Ok(folder)
    }

    /// Opens a file for reading. `None`: there is none.
    ///
    /// # Errors
    /// When it is a link, has a second name or is no file, or the system refuses.
    pub fn read(&self, name: impl AsRef<OsStr>) -> Result<Option<File>> {
        match self.at(name.as_ref(), OFlags::RDONLY) {
            Err(error) if is_missing(&error) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Opens a file for reading and writing, made when there is none: a lock. Its content is left.
    ///
    /// # Errors
    /// As [`Folder::read`].
    pub fn lock_file(&self, name: impl AsRef<OsStr>) -> Result<File> {
        self.at(name.as_ref(), OFlags::RDWR | OFlags::CREATE)
    }

    /// Locks the file of that name, made when there is none, until what is returned is dropped. `None`: somebody holds
    /// it, or took the file away in this moment.
    ///
    /// # Errors
    /// As [`Folder::read`].
    pub fn try_lock(&self, name: impl AsRef<OsStr>) -> Result<Option<File>> {
        let name = name.as_ref();
        let file = self.lock_file(name)?;
        match file.try_lock() {
            // A file without its name locks nothing: others would lock the next one of that name.
            Ok(()) => Ok(self.still_names(name, &file).then_some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("could not lock {}", self.path.join(name).display()))
            }
        }
    }

    /// Makes a file that is not there yet, for its owner alone.
    ///
    /// # Errors
    /// When something has that name, or the system refuses.
    pub fn create(&self, name: impl AsRef<OsStr>) -> Result<File> {
        self.at(name.as_ref(), OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
    }

    /// Gives a file another name, and takes that from what has it.
    ///
    /// # Errors
    /// The system's.
    pub fn rename(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> Result<()> {
        rustix::fs::renameat(&self.open, from.as_ref(), &self.open, to.as_ref())
            .with_context(|| format!("could not rename {}", self.path.join(from.as_ref()).display()))
    }

    /// Removes a file, or a link itself. That there is none is well.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> Result<()> {
        match rustix::fs::unlinkat(&self.open, name.as_ref(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => {
                Err(error).with_context(|| format!("could not remove {}", self.path.join(name.as_ref()).display()))
            }
        }
    }

    /// What is in it.
    ///
    /// # Errors
    /// The system's.
    pub fn names(&self) -> Result<Vec<OsString>> {
        let list = || -> rustix::io::Result<Vec<OsString>> {
            let entries = rustix::fs::Dir::read_from(&self.open)?;
            entries.map(|entry| Ok(OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned())).collect()
        };
        let mut names = list().with_context(|| format!("could not list {}", self.path.display()))?;
        names.retain(|name| name != "." && name != "..");
        Ok(names)
    }

    /// Whether a name is still this open file's: somebody may have removed it, or put another in its place.
    fn still_names(&self, name: impl AsRef<OsStr>, file: &File) -> bool {
        let found = rustix::fs::statat(&self.open, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW);
        let about = rustix::fs::fstat(file);
        matches!((found, about), (Ok(a), Ok(b)) if (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino))
    }

    /// Returns when the names in it are on disk.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&self) -> Result<()> {
        self.open.sync_all().with_context(|| format!("could not sync the folder {}", self.path.display()))
    }

    fn at(&self, name: &OsStr, how: OFlags) -> Result<File> {
        let path = self.path.join(name);
        // Without O_NONBLOCK a named pipe would be waited for.
        let flags = how | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.open, name, flags, Mode::from_raw_mode(PRIVATE_FILE)) {
            Ok(open) => plain(open.into(), &path),
            Err(error) => Err(explained(&path, error, "open")),
        }
    }
}

/// Refuses what is no file of its own under this path: what somebody else opens by it next (SQLite) would be another file.
/// That there is none is well.
///
/// # Errors
/// When it is a link, has a second name or is no file.
pub fn refuse_links(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => Err(a_link(path)),
        Ok(found) => one_name(&found, path),
        Err(_) => Ok(()),
    }
}

/// Hands an open file back if it is one, and has one name.
fn plain(file: File, path: &Path) -> Result<File> {
    let found = file.metadata().with_context(|| format!("could not look at {}", path.display()))?;
    one_name(&found, path)?;
    Ok(file)
}

fn one_name(found: &std::fs::Metadata, path: &Path) -> Result<()> {
    let path = path.display();
    if !found.is_file() {
        return Err(Problem::failed(format!("{path} is not a file"), format!("see what it is: ls -ld {path}")).into());
    }
    if found.nlink() > 1 {
        return Err(Problem::failed(
            format!("{path} has a second name (a hard link); it was left as it is, since it may be another's file"),
            format!("find the other name with: find / -xdev -samefile {path}; then remove the one that is too many"),
        )
        .into());
    }
    Ok(())
}

fn a_link(path: &Path) -> anyhow::Error {
    let path = path.display();
    Problem::failed(
        format!("{path} is a symbolic link, and ficsync follows none in its folder"),
        format!("see who put it there: ls -l {path}; then remove it, and run again"),
    )
    .into()
}

fn of_another(path: &Path, uid: u32) -> anyhow::Error {
    let path = path.display();
    Problem::failed(
        format!("the folder {path} belongs to another user (uid {uid})"),
        format!("see: ls -ld {path}; then give it to the user that runs ficsync, or remove it"),
    )
    .into()
}

/// What the system refused. It has several words for a link that may not be followed.
fn explained(path: &Path, error: Errno, doing: &str) -> anyhow::Error {
    if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        return a_link(path);
    }
    anyhow::Error::from(std::io::Error::from(error)).context(format!("could not {doing} {}", path.display()))
}

/// Whether an error says that there is nothing of that name.
pub fn is_missing(error: &anyhow::Error) -> bool {
    is_kind(error, std::io::ErrorKind::NotFound)
}

/// Whether an error says that this user may not.
pub fn is_denied(error: &anyhow::Error) -> bool {
    is_kind(error, std::io::ErrorKind::PermissionDenied)
}

fn is_kind(error: &anyhow::Error, kind: std::io::ErrorKind) -> bool {
    error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()).is_some_and(|cause| cause.kind() == kind)
}

fn sync_folder(path: &Path) -> Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("could not sync the folder {}", path.display()))
}

#[cfg(test)]
mod tests;
