//! Root works on another user's data folder, or database, as that user.
//!
//! In: the database's path. Out: the process is the owner from then on, or a refusal with the line to type. Whatever he puts into the folder, a link to a
//! file of root's for example, then leads nowhere that he could not go himself. To be called before anything below the
//! folder is opened. Nothing happens for any other user than root.

use crate::report::Problem;
use anyhow::{Context, Result};
use nix::unistd::{self, Gid, Uid, User};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::ffi::{CString, OsString};
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// The group of a user whom the system does not know: "nogroup", which owns nothing.
const NOBODYS: u32 = 65_534;
/// As many links as the kernel follows in one path.
const MOST_LINKS: usize = 40;

/// The owner of a data folder, or of the database in one of root's, as whom root works.
#[derive(Debug)]
pub struct Owner {
    uid: Uid,
    user: Option<User>,
    place: PathBuf,
}

impl fmt::Display for Owner {
    /// As `sudo -u` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            Some(user) => f.write_str(&user.name),
            None => write!(f, "'#{}'", self.uid),
        }
    }
}

impl Owner {
    /// What is his.
    pub fn place(&self) -> &Path {
        &self.place
    }

    fn new((place, uid): Owned) -> Self {
        let uid = Uid::from_raw(uid);
        // Not found, or the list of users cannot be asked: his number is enough.
        Self { uid, user: User::from_uid(uid).ok().flatten(), place }
    }

    /// Makes this process his, with his groups, for good: groups first, since he may not choose them.
    fn take_over(&self) -> Result<()> {
        let group = match &self.user {
            Some(user) => {
                unistd::initgroups(&CString::new(user.name.as_str())?, user.gid)?;
                user.gid
            }
            None => {
                unistd::setgroups(&[])?;
                Gid::from_raw(NOBODYS)
            }
        };
        unistd::setresgid(group, group, group)?;
        Ok(unistd::setresuid(self.uid, self.uid, self.uid)?)
    }
}

/// Lets root go on as the owner of the folder of the database `db`, or of `db` in a folder of root's. Returns him, where
/// that is another user.
///
/// # Errors
/// When that user cannot be taken on, or when somebody else than root decides where the path leads and the folder is root's.
pub fn work_as_owner(db: &Path) -> Result<Option<Owner>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let folder = db.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let way = Way::to(folder).with_context(|| format!("could not look at the folder {}", folder.display()))?;
    let database = db.symlink_metadata().ok().map(|found| (db.to_owned(), found.uid()));
    let Some(owner) = way.owner(database)? else { return Ok(None) };
    let place = owner.place.display();
    owner.take_over().with_context(|| {
        Problem::failed(
            format!("{place} is {owner}'s, and root could not go on as that user"),
            format!("run: sudo -u {owner} ficsync ..."),
        )
    })?;
    log::debug!("goes on as {owner}, whose {place} is");
    Ok(Some(owner))
}

/// A folder, or a link, and whose it is.
type Owned = (PathBuf, u32);

/// The way to a folder, link by link: who owns one of them decides where it leads.
struct Way {
    passed: Vec<Owned>,
    /// The folder, or the nearest one that is there and that it would be made in.
    end: Owned,
}

impl Way {
    fn to(folder: &Path) -> std::io::Result<Self> {
        let start = if folder.is_absolute() { PathBuf::new() } else { Path::new(".").canonicalize()? };
        let mut left = parts(&start.join(folder));
        let mut here = PathBuf::from("/");
        let mut way = Self { passed: Vec::new(), end: (here.clone(), here.metadata()?.uid()) };
        let mut links = 0;
        while let Some(part) = left.pop_front() {
            let next = step(&here, &part);
            let found = match next.symlink_metadata() {
                Ok(found) => found,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            };
            way.passed.push((next.clone(), found.uid()));
            if found.is_symlink() {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::LOOP.into());
                }
                parts(&next.read_link()?).into_iter().rev().for_each(|part| left.push_front(part));
            } else {
                here = next;
                way.end = (here.clone(), found.uid());
            }
        }
        Ok(way)
    }

    /// The user who must do the work. `None`: root himself.
    fn owner(self, database: Option<Owned>) -> Result<Option<Owner>> {
        let of_others = |(_, uid): &Owned| *uid != 0;
        if let Some(owned) = [Some(self.end.clone()), database].into_iter().flatten().find(of_others) {
            return Ok(Some(Owner::new(owned)));
        }
        match self.passed.into_iter().find(of_others) {
            None => Ok(None),
            Some(owned) => Err(stolen(&self.end.0, &Owner::new(owned))),
        }
    }
}

fn step(here: &Path, part: &OsString) -> PathBuf {
    if part == ".." { here.parent().unwrap_or(here).to_owned() } else { here.join(part) }
}

/// The parts of a path; an absolute one begins with `/`, which takes a walk back to the top.
fn parts(path: &Path) -> VecDeque<OsString> {
    path.components().filter(|part| *part != Component::CurDir).map(|part| part.as_os_str().to_owned()).collect()
}

fn stolen(folder: &Path, other: &Owner) -> anyhow::Error {
    let (folder, place) = (folder.display(), other.place.display());
    Problem::failed(
        format!(
            "{folder} is root's, but the way to it leads through {place}, which is {other}'s and may lead elsewhere tomorrow"
        ),
        format!("run: chown {other} {folder}; or name a database below folders that are all root's"),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, lchown, symlink};

    /// A user that is nobody's.
    const OTHER: u32 = 64_131;

    fn who(path: &Path) -> Result<Option<u32>> {
        Ok(Way::to(path).expect("a way").owner(None)?.map(|owner| owner.uid.as_raw()))
    }

    /// A folder below which only root's are; none where the test is not root's.
    fn world() -> Option<tempfile::TempDir> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["roots", "others"] {
            std::fs::create_dir(dir.path().join(name)).expect("a folder");
        }
        chown(dir.path().join("others"), Some(OTHER), None).expect("an owner");
        Some(dir)
    }

    #[test]
    fn the_owner_of_the_nearest_folder_does_the_work() {
        let Some(dir) = world() else { return };
        let at = |name: &str| dir.path().join(name);
        assert_eq!(who(&at("roots")).expect("root"), None);
        assert_eq!(who(&at("roots/new/deep")).expect("root"), None);
        assert_eq!(who(&at("others")).expect("another"), Some(OTHER));
        assert_eq!(who(&at("others/new/deep")).expect("another"), Some(OTHER));
        assert_eq!(who(&at("roots/../others/.")).expect("another"), Some(OTHER));
    }

    #[test]
    fn a_way_through_another_users_hands_to_a_folder_of_roots_is_refused() {
        let Some(dir) = world() else { return };
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("others/roots")).expect("a folder");
        symlink(at("roots"), at("others/link")).expect("a link");
        symlink(at("others/roots"), at("links-to-inner")).expect("root's link");
        symlink(at("roots"), at("link-of-other")).expect("a link");
        lchown(at("link-of-other"), Some(OTHER), None).expect("an owner");
        symlink(at("roots"), at("link-of-root")).expect("a link");
        for name in ["others/roots", "others/link", "others/link/new", "links-to-inner", "link-of-other"] {
            let line = crate::report::one_line(&who(&at(name)).expect_err(name));
            assert!(line.contains("is root's, but") && line.contains(&OTHER.to_string()), "{name}: {line}");
        }
        assert_eq!(who(&at("link-of-root")).expect("root"), None);
    }

    #[test]
    fn in_a_folder_of_roots_the_databases_owner_does_the_work() {
        let Some(dir) = world() else { return };
        let owner = |uid| Way::to(dir.path()).expect("a way").owner(Some((PathBuf::new(), uid))).expect("somebody");
        assert_eq!(owner(OTHER).map(|owner| owner.uid.as_raw()), Some(OTHER));
        assert!(owner(0).is_none());
    }

    #[test]
    fn links_in_a_circle_end() {
        let dir = tempfile::tempdir().expect("a folder");
        symlink("b", dir.path().join("a")).expect("a link");
        symlink("a", dir.path().join("b")).expect("a link");
        assert!(Way::to(&dir.path().join("a")).is_err());
    }

    #[test]
    fn a_user_without_a_name_is_said_as_sudo_takes_it() {
        assert_eq!(Owner::new((PathBuf::new(), OTHER)).to_string(), "'#64131'");
        assert_eq!(Owner::new((PathBuf::new(), 0)).to_string(), "root");
    }
}
