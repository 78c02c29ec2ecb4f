//! A database that the real binary synced from the sandbox, with something to find for every question of the cookbook.

use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Other lists, so that most questions find something.
const OTHERS: [&str; 16] = [
    "products",
    "credit_notes",
    "proformas",
    "orders",
    "delivery_notes",
    "self_own_invoices",
    "self_supplier_invoices",
    "issued_receipts",
    "expenses",
    "passive_credit_notes",
    "pending_documents",
    "receipts",
    "taxes",
    "cashbook_entries",
    "emails",
    "archive_documents",
];

/// The database and the service it was made from. One for all tests of this binary, which only look.
pub struct World {
    pub fic: Sandbox,
    dir: tempfile::TempDir,
}

/// The world; made once.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::make)
}

impl World {
    fn make() -> World {
        let world = World { fic: Sandbox::start(11), dir: tempfile::tempdir().expect("folder") };
        std::fs::write(world.dir.path().join("config.toml"), "").expect("configuration");
        std::fs::write(world.dir.path().join("token.txt"), TOKEN).expect("token");
        world.fill();
        let token = world.dir.path().join("token.txt").display().to_string();
        world.run(&["account", "add", "--name", "Rossi", "--token-file", &token]);
        world.run(&["sync", "all"]);
        for resource in ["clients", "invoices"] {
            world.fic.delete(COMPANY, resource, world.fic.ids(COMPANY, resource)[5]);
        }
        world.run(&["sync", "all"]);
        world
    }

    fn fill(&self) {
        for (list, count) in [("clients", 120), ("suppliers", 30), ("invoices", 400), ("quotes", 60)] {
            self.fic.populate(COMPANY, list, count);
        }
        for list in OTHERS {
            self.fic.populate(COMPANY, list, 40);
        }
        let ids = self.fic.ids(COMPANY, "clients");
        for id in &ids[20..22] {
            self.fic.update_with(COMPANY, "clients", *id, |record| record["vat_number"] = "IT01234567890".into());
        }
        self.fic.update_with(COMPANY, "clients", ids[30], |record| {
            record["vat_number"] = "".into();
            record["tax_code"] = serde_json::Value::Null;
        });
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("ficsync.db")
    }

    /// Runs ficsync, which must end with 0.
    fn run(&self, words: &[&str]) {
        let output = Command::new(env!("CARGO_BIN_EXE_ficsync"))
            .args(words)
            .env_clear()
            .env("FICSYNC_DB", self.file())
            .env("FICSYNC_CONFIG", self.dir.path().join("config.toml"))
            .env("FICSYNC_API_URL", self.fic.url())
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The database, for looking.
    pub fn open(&self) -> Connection {
        Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("database")
    }

    /// How many rows a query gives, all of them read.
    pub fn rows(&self, sql: &str) -> Result<usize, rusqlite::Error> {
        let conn = self.open();
        let mut statement = conn.prepare(sql)?;
        // Parameters that are not bound are null, as in the sqlite3 program: the queries' own defaults.
        let mut rows = statement.raw_query();
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

/// A file of the project.
pub fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Its text.
pub fn text_of(path: &str) -> String {
    std::fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
