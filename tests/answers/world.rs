//! A database that the binary synced from the sandbox.

use ficsync::clock::Clock;
use ficsync::store::Store;
use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};
use rusqlite::{Connection, OpenFlags};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The second company: its ids are the first one's.
pub const OTHER: i64 = 77;

/// A service and the database that was made from it.
pub struct World {
    pub fic: Sandbox,
    dir: tempfile::TempDir,
}

/// The company with everything in it, and a second one. Made once: tests only look.
pub fn full() -> Connection {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD
        .get_or_init(|| {
            let world = World::new();
            crate::company::fill(&world.fic);
            world.add_account("Rossi", TOKEN);
            world.add_account("Verdi", &world.fic.issue_token(&[OTHER], &["*"]));
            world.run("sync all");
            crate::company::delete(&world.fic);
            world.run("sync all");
            world
        })
        .open()
}

impl World {
    pub fn new() -> World {
        World::of_seed(11)
    }

    /// A world whose data are drawn by a seed.
    pub fn of_seed(seed: u64) -> World {
        let world = World { fic: Sandbox::start(seed), dir: tempfile::tempdir().expect("folder") };
        world.fic.set_quota(100_000, 100_000, 1_000_000);
        std::fs::write(world.dir.path().join("config.toml"), "").expect("configuration");
        world
    }

    /// Makes the file, without an account.
    pub fn make_file(&self) {
        drop(Store::open(&self.dir.path().join("ficsync.db"), Clock::default()).expect("a new file"));
    }

    pub fn add_account(&self, name: &str, token: &str) {
        let file = self.dir.path().join(format!("{name}.txt"));
        std::fs::write(&file, token).expect("token");
        self.run(&format!("account add --name {name} --token-file {}", file.display()));
    }

    /// Runs ficsync, which must end with 0.
    pub fn run(&self, words: &str) {
        let output = Command::new(env!("CARGO_BIN_EXE_ficsync"))
            .args(words.split_whitespace())
            .env_clear()
            .env("FICSYNC_DB", self.dir.path().join("ficsync.db"))
            .env("FICSYNC_CONFIG", self.dir.path().join("config.toml"))
            .env("FICSYNC_API_URL", self.fic.url())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(self.fic.violations(), Vec::<String>::new());
    }

    /// The database, for looking.
    pub fn open(&self) -> Connection {
        let file = self.dir.path().join("ficsync.db");
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("database")
    }
}

/// The company that has everything.
pub const FIRST: i64 = COMPANY;
