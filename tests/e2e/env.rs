//! A test's world: a folder, a sandbox, the real binary in an empty environment.
//!
//! ```ignore
//! let env = Env::with_account();
//! env.fic.populate(COMPANY, "invoices", 250);
//! env.run("sync all").exit(0);
//! env.same_as_service("invoices");
//! ```

use crate::expect;
use ficsync_sandbox::{COMPANY, Request, Sandbox, TOKEN};
use rusqlite::Connection;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// The resources that most tests mirror: those with the most habits. `types.rs` mirrors all that the company has.
pub const RESOURCES: [&str; 4] = ["clients", "suppliers", "invoices", "quotes"];

/// One test's world. The sandbox and the folder go with it.
pub struct Env {
    /// The imitation of the service.
    pub fic: Sandbox,
    /// Holds the database, the credentials, the configuration.
    pub dir: tempfile::TempDir,
    /// Seconds that ficsync's clock runs ahead.
    pub ahead: std::cell::Cell<i64>,
}

impl Env {
    /// A world with a service and no account.
    pub fn new() -> Self {
        let env = Self { fic: Sandbox::start(7), dir: tempfile::tempdir().expect("folder"), ahead: 0.into() };
        env.config("");
        env
    }

    /// A world with account 1.
    pub fn with_account() -> Self {
        let env = Self::new();
        let token = env.dir.path().join("token.txt");
        std::fs::write(&token, TOKEN).expect("token file");
        env.run(&format!("account add --name Rossi --token-file {}", token.display())).exit(0);
        env.fic.clear_journal();
        env
    }

    /// The same that mirrors all that the company has.
    pub fn with_everything() -> Self {
        let env = Self::with_account();
        env.config_as_written("");
        env
    }

    /// Adds a company and, with a token of its own, the next account.
    pub fn add_account(&self, company: i64, name: &str) {
        self.fic.add_company(company, name);
        let token = self.dir.path().join(format!("{company}.txt"));
        std::fs::write(&token, self.fic.issue_token(&[company], &["*"])).expect("token file");
        self.run(&format!("account add --name {name} --token-file {}", token.display())).exit(0);
    }

    /// Writes the configuration file: these settings, and [`RESOURCES`] are what is mirrored where they name no others.
    pub fn config(&self, text: &str) {
        let resources = if text.contains("resources") { String::new() } else { format!("resources = {RESOURCES:?}\n") };
        self.config_as_written(&(resources + text));
    }

    /// Writes the configuration file with nothing added: all that the company has is mirrored where the text names nothing.
    pub fn config_as_written(&self, text: &str) {
        std::fs::write(self.dir.path().join("config.toml"), text).expect("configuration");
    }

    pub fn db(&self) -> PathBuf {
        self.dir.path().join("ficsync.db")
    }

    /// The binary, with these words as arguments.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
        command
            .args(words.split_whitespace())
            .env_clear()
            .env("FICSYNC_DB", self.db())
            .env("FICSYNC_CONFIG", self.dir.path().join("config.toml"))
            .env("FICSYNC_API_URL", self.fic.url())
            .env("FICSYNC_CLOCK_SHIFT", self.ahead.get().to_string())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, words: &str) -> Ran {
        self.run_with(words, &[])
    }

    /// The same with more in its environment.
    pub fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Ran {
        let output = self.command(words).envs(variables.iter().copied()).output().expect("the binary runs");
        Ran { words: words.to_owned(), output, requests: self.fic.journal() }
    }

    /// Starts it.
    pub fn spawn(&self, words: &str) -> Child {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }

    /// Lets time pass, here and at the service.
    pub fn pass(&self, seconds: i64) {
        self.fic.advance(seconds);
        self.ahead.set(self.ahead.get() + seconds);
    }

    /// The database, for looking.
    pub fn open(&self) -> Connection {
        Connection::open(self.db()).expect("database")
    }

    /// One value.
    pub fn value<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.open().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// The tables hold exactly what the service holds, field by field.
    #[track_caller]
    pub fn same_as_service(&self, resource: &str) {
        expect::same(&self.open(), resource, &self.fic.truth(COMPANY, resource));
    }

    /// The same where all these companies have accounts.
    #[track_caller]
    pub fn same_as_service_of(&self, companies: &[i64], resource: &str) {
        let truth: Vec<_> = companies.iter().flat_map(|company| self.fic.truth(*company, resource)).collect();
        expect::same(&self.open(), resource, &truth);
    }

    /// The same for all of [`RESOURCES`].
    #[track_caller]
    pub fn all_same_as_service(&self) {
        RESOURCES.iter().for_each(|resource| self.same_as_service(resource));
        self.nothing_forbidden();
    }

    /// The service was asked for nothing that its description does not allow.
    #[track_caller]
    pub fn nothing_forbidden(&self) {
        assert_eq!(self.fic.violations(), Vec::<String>::new());
    }

    /// Requests so far that ask for this resource.
    pub fn requests(&self, resource: &str) -> Vec<Request> {
        self.fic.journal().into_iter().filter(|request| asks_for(request, resource)).collect()
    }
}

/// Whether a request asks for records of this resource.
pub fn asks_for(request: &Request, resource: &str) -> bool {
    let kind = match resource {
        "invoices" => Some("invoice"),
        "quotes" => Some("quote"),
        _ => None,
    };
    match kind {
        Some(kind) => request.param("type") == Some(kind),
        None => request.path.ends_with(&format!("/entities/{resource}")),
    }
}

/// A run that has ended.
pub struct Ran {
    words: String,
    pub output: Output,
    requests: Vec<Request>,
}

impl Ran {
    /// It ended with this code.
    #[track_caller]
    pub fn exit(self, code: i32) -> Self {
        if self.output.status.code() != Some(code) {
            let last = self.requests.iter().rev().take(15).map(Request::line).collect::<Vec<_>>();
            panic!(
                "ficsync {} ended with {}, not {code}\nstderr: {}\nstdout: {}\nlast requests: {last:#?}",
                self.words,
                self.output.status,
                self.stderr(),
                self.stdout()
            );
        }
        self
    }

    /// The last line on stderr holds these words.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        let stderr = self.stderr();
        let last = stderr.lines().last().unwrap_or_default();
        for word in words {
            assert!(last.contains(word), "{word:?} is missing in the last line of:\n{stderr}");
        }
        self
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Its output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.output.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stdout()))
    }
}
