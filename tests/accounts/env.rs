//! A folder, an imitation of the service, and the real program run in a bare environment.

use crate::fake::Fake;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub struct TestEnv {
    pub dir: tempfile::TempDir,
    pub fic: Fake,
    /// Seconds that the program's clock runs ahead.
    pub ahead: i64,
    /// `$CREDENTIALS_DIRECTORY`.
    pub systemd: Option<PathBuf>,
}

/// What a run came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl TestEnv {
    /// One that mirrors four resource types, which are enough here.
    pub fn new() -> Self {
        let env = Self { dir: tempfile::tempdir().expect("folder"), fic: Fake::start(), ahead: 0, systemd: None };
        env.file("config.toml", "resources = [\"clients\", \"suppliers\", \"invoices\", \"quotes\"]\n");
        env
    }

    /// One with account 1, whose token was made by hand.
    pub fn with_account() -> Self {
        let env = Self::new();
        let file = env.file("token", "a/by-hand\n");
        assert_eq!(env.run(&["account", "add", "--name", "Rossi", "--token-file", &file]).exit(0).out, "1\n");
        env
    }

    /// One with account 1 from an OAuth login.
    pub fn with_login() -> Self {
        let env = Self::new();
        env.login("c/code\n").exit(0);
        env
    }

    /// `account login --paste`, answered with a line.
    pub fn login(&self, line: &str) -> Ran {
        let secret = self.file("client-secret", "very-secret\n");
        let args = ["account", "login", "--name", "Rossi", "--client-id", "app", "--paste", "--client-secret-file"];
        self.run_with_input(&[&args[..], &[secret.as_str()]].concat(), line)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("file");
        self.path(name).display().to_string()
    }

    /// The credential file of account 1.
    pub fn credentials(&self) -> String {
        std::fs::read_to_string(self.path("data/credentials/1.json")).expect("credentials")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
        command
            .env_clear()
            .env("FICSYNC_DB", self.path("data/ficsync.db"))
            .env("FICSYNC_API_URL", format!("http://{}", self.fic.address))
            .env("FICSYNC_CONFIG", self.path("config.toml"))
            .env("FICSYNC_CLOCK_SHIFT", self.ahead.to_string())
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(folder) = &self.systemd {
            command.env("CREDENTIALS_DIRECTORY", folder);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().expect("ficsync"))
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().expect("ficsync")
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().expect("ficsync");
        // It may end before it reads: what it says then is what the test looks at.
        let _ = child.stdin.take().expect("stdin").write_all(input.as_bytes());
        Ran::from(child.wait_with_output().expect("end"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Ran {
    pub fn exit(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// The last line on stderr holds all these words.
    pub fn says(self, words: &[&str]) -> Self {
        let last = self.err.lines().last().unwrap_or_default();
        assert!(words.iter().all(|word| last.contains(word)), "{words:?} in: {last}");
        self
    }

    pub fn json(&self) -> Value {
        assert!(self.out.starts_with("{\n  \"version\": 1,\n"), "{}", self.out);
        serde_json::from_str(&self.out).expect("JSON")
    }
}
