//! Root's commands on a data folder of another user, who put links into it: nothing of root's is touched.
//!
//! Skipped, and said so, where the test is not root's.

use crate::env::{Env, Ran};
use ficsync_sandbox::{COMPANY, TOKEN};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};

/// A user that is nobody's.
const OTHER: u32 = 64_132;
/// What stands in root's file.
const SECRET: &str = "root's own\n";

/// A data folder of another user, and a folder of root's that he may not enter.
struct World {
    env: Env,
    roots: tempfile::TempDir,
}

impl World {
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: another user needs root");
            return None;
        }
        let world = Self { env: Env::new(), roots: tempfile::tempdir().expect("a folder") };
        for place in [world.env.dir.path().to_owned(), world.place("config.toml")] {
            chown(place, Some(OTHER), Some(OTHER)).expect("an owner");
        }
        for (name, text, mode) in [("token.txt", TOKEN, 0o600), ("victim", SECRET, 0o600)] {
            std::fs::write(world.of_root(name), text).expect("a file");
            std::fs::set_permissions(world.of_root(name), Permissions::from_mode(mode)).expect("a mode");
        }
        std::fs::create_dir(world.of_root("trap")).expect("a folder");
        Some(world)
    }

    /// The same with account 1.
    fn with_account() -> Option<Self> {
        let world = Self::new()?;
        world.add().exit(0);
        Some(world)
    }

    fn add(&self) -> Ran {
        self.with_token("account add --name Rossi")
    }

    fn with_token(&self, words: &str) -> Ran {
        self.env.run(&format!("{words} --token-file {}", self.of_root("token.txt").display()))
    }

    /// A name in the data folder.
    fn place(&self, name: &str) -> PathBuf {
        self.env.dir.path().join(name)
    }

    fn of_root(&self, name: &str) -> PathBuf {
        self.roots.path().join(name)
    }

    /// The other user puts a link in the place of what was there.
    fn plant(&self, name: &str, target: &str) {
        let place = self.place(name);
        if place.symlink_metadata().is_ok() {
            std::fs::rename(&place, place.with_extension("away")).expect("moved away");
        }
        symlink(self.of_root(target), &place).expect("a link");
        lchown(&place, Some(OTHER), Some(OTHER)).expect("an owner");
    }

    /// The command left root's files alone, and ended so.
    #[track_caller]
    fn refuses(&self, ran: Ran, code: i32, words: &[&str]) {
        self.nothing_happened();
        ran.exit(code).says(words);
    }

    /// Nothing of root's was written, given away, opened to others or made.
    #[track_caller]
    fn nothing_happened(&self) {
        assert_eq!(std::fs::read_to_string(self.of_root("victim")).expect("a file"), SECRET);
        for (name, mode) in [("victim", 0o600), ("trap", 0o755)] {
            let found = self.of_root(name).metadata().expect("root's");
            assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (0, 0, mode), "{name}");
        }
        assert_eq!(std::fs::read_dir(self.of_root("trap")).expect("a folder").count(), 0);
    }
}

fn owners(folder: &Path, found: &mut Vec<(PathBuf, u32)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        found.push((entry.clone(), entry.symlink_metadata().expect("there").uid()));
        if entry.is_dir() {
            owners(&entry, found);
        }
    }
}

#[test]
fn root_does_its_work_as_the_owner_of_the_folder() {
    let Some(world) = World::with_account() else { return };
    world.env.fic.populate(COMPANY, "clients", 30);
    for words in ["sync all", "events drain", "status", "doctor", "db check"] {
        let ran = world.env.run(words);
        assert!(ran.output.status.code().is_some_and(|code| code < 2), "{words}: {}", ran.stderr());
    }
    world.env.run("sync all").exit(0);
    world.with_token("account set-token 1").exit(0);
    world.env.run(&format!("db backup {}", world.place("copy.db").display())).exit(0);
    world.env.same_as_service("clients");
    let mut found = Vec::new();
    owners(world.env.dir.path(), &mut found);
    assert!(found.len() > 6, "{found:?}");
    let not_his: Vec<_> = found.iter().filter(|(_, uid)| *uid != OTHER).collect();
    assert!(not_his.is_empty(), "{not_his:?}");
    // He could not read what root can; nor can he write where root can.
    let ran = world.env.run(&format!("db backup {}", world.of_root("copy.db").display())).exit(1);
    assert!(ran.stderr().contains(&format!("this was done as '#{OTHER}'")), "{}", ran.stderr());
    world.nothing_happened();
}

#[test]
fn a_folder_that_root_makes_in_a_folder_of_roots_is_roots() {
    let Some(world) = World::new() else { return };
    let db = world.of_root("new/folder/f.db");
    let words = format!("account add --name Rossi --db {}", db.display());
    world.with_token(&words).exit(0);
    assert_eq!(
        (db.metadata().expect("made").uid(), db.parent().expect("folder").metadata().expect("made").uid()),
        (0, 0)
    );
}

#[test]
fn links_in_the_place_of_a_lock_lead_root_nowhere() {
    let Some(world) = World::with_account() else { return };
    world.env.run("sync all").exit(0);
    world.plant("ficsync.db.locks/1.lock", "victim");
    world.refuses(world.env.run("sync all"), 1, &["ficsync.db.locks/1.lock is a symbolic link", "ls -l"]);
    world.plant("ficsync.db.locks", "trap");
    for words in ["events drain", "sync all", "account remove 1 --yes"] {
        world.refuses(world.env.run(words), 1, &["ficsync.db.locks is a symbolic link"]);
    }
}

#[test]
fn links_in_the_place_of_credentials_lead_root_nowhere() {
    let Some(world) = World::with_account() else { return };
    world.plant("credentials/1.lock", "victim");
    world.refuses(world.with_token("account set-token 1"), 1, &["credentials/1.lock is a symbolic link"]);
    world.plant("credentials/1.json", "victim");
    world.refuses(world.env.run("sync all"), 77, &["credentials/1.json is a symbolic link"]);
    world.plant("credentials", "trap");
    world.refuses(world.with_token("account set-token 1"), 1, &["credentials is a symbolic link"]);
    world.env.fic.add_company(777, "Bianchi");
    std::fs::write(world.of_root("token.txt"), world.env.fic.issue_token(&[777], &["*"])).expect("a token");
    world.refuses(world.with_token("account add --name Bianchi"), 1, &["credentials is a symbolic link"]);
}

#[test]
fn a_link_in_the_place_of_the_database_leads_root_nowhere() {
    let Some(world) = World::new() else { return };
    world.plant("ficsync.db", "trap/new.db");
    world.refuses(world.add(), 78, &["ficsync.db is a symbolic link", "trap/new.db"]);
    for words in ["status", "sync all", "db check"] {
        world.refuses(world.env.run(words), 78, &["is a symbolic link"]);
    }
}

#[test]
fn a_second_name_of_roots_file_is_not_opened() {
    let Some(world) = World::with_account() else { return };
    world.env.run("sync all").exit(0);
    for name in
        ["ficsync.db-wal", "ficsync.db-shm", "ficsync.db-journal", "ficsync.db.locks/1.lock", "credentials/1.lock"]
    {
        let place = world.place(name);
        let away = place.with_extension("away");
        let moved = std::fs::rename(&place, &away).is_ok();
        std::fs::hard_link(world.of_root("victim"), &place).expect("a second name");
        let ran =
            if name.starts_with("cred") { world.with_token("account set-token 1") } else { world.env.run("sync all") };
        world.refuses(ran, 1, &[place.file_name().and_then(|name| name.to_str()).expect("a name")]);
        std::fs::remove_file(&place).expect("away with it");
        if moved {
            std::fs::rename(&away, &place).expect("back");
        }
    }
    world.env.run("sync all").exit(0);
}

#[test]
fn a_way_through_another_users_folder_to_one_of_roots_is_not_gone() {
    let Some(world) = World::new() else { return };
    world.plant("instance", "trap");
    let db = world.place("instance/ficsync.db");
    let words = format!("account add --name Rossi --db {}", db.display());
    world.refuses(world.with_token(&words), 1, &["is root's, but the way to it leads through", "chown"]);
}

#[test]
fn a_users_own_links_are_not_followed_either() {
    let env = Env::with_account();
    let place = |name: &str| env.dir.path().join(name);
    env.run("sync all").exit(0);
    std::fs::write(place("mine"), SECRET).expect("a file");
    for (name, words) in
        [("ficsync.db.locks/1.lock", "sync all"), ("ficsync.db-wal", "sync all"), ("ficsync.db-shm", "status")]
    {
        std::fs::rename(place(name), place("away")).expect("moved away");
        symlink(place("mine"), place(name)).expect("a link");
        env.run(words).exit(1).says(&["is a symbolic link"]);
        std::fs::remove_file(place(name)).expect("removed");
        std::fs::hard_link(place("mine"), place(name)).expect("a second name");
        env.run(words).exit(1).says(&["has a second name"]);
        std::fs::rename(place("away"), place(name)).expect("back");
    }
    assert_eq!(std::fs::read_to_string(place("mine")).expect("a file"), SECRET);
    std::fs::hard_link(env.db(), place("second.db")).expect("a second name");
    env.run("sync all").exit(1).says(&["ficsync.db has a second name"]);
    std::fs::remove_file(place("second.db")).expect("removed");
    env.run("sync all").exit(0);
}
