//! Pages are walked through: what they show of ficsync and sqlite3 is run in its order, each page in a world of its own
//! with a service, an empty folder and a public name that leads to the listener.
//!
//! What other programs do (`systemctl`, `apt`, `restic`) is run by `make test-system`, as printed, in a Debian of its own.

use crate::words::{blocks, commands};
use crate::world::text_of;
use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The public name in the pages.
const PUBLIC: &str = "https://hooks.example.it";
/// Programs of the pages that are run elsewhere: `make` by CI, all others by `make test-system`.
const ELSEWHERE: &[&str] = &[
    "apt",
    "cat",
    "cp",
    "install",
    "journalctl",
    "make",
    "mv",
    "restic",
    "rm",
    "systemctl",
    "systemd-creds",
    "systemd-sysusers",
    "systemd-tmpfiles",
    "usermod",
];
/// Pages with commands, and those whose commands are for developers of ficsync.
const WALKED: &[&str] = &["README.it.md", "README.md", "docs/operations.md", "docs/quickstart.md", "sql/README.md"];
const FOR_DEVELOPERS: &[&str] = &["CONTRIBUTING.md"];
/// What pages take for granted.
const FILES: &[(&str, &str)] = &[("config.toml", ""), ("token.txt", TOKEN), ("secret.txt", "a-secret")];

/// One page's walk. The listener is killed when dropped.
struct Walk {
    fic: Sandbox,
    dir: tempfile::TempDir,
    listener: Option<Child>,
    has_account: bool,
}

impl Walk {
    fn new() -> Walk {
        let walk = Walk {
            fic: Sandbox::start(5),
            dir: tempfile::tempdir().expect("folder"),
            listener: None,
            has_account: false,
        };
        for (list, count) in [("clients", 30), ("suppliers", 5), ("invoices", 140), ("quotes", 8)] {
            walk.fic.populate(COMPANY, list, count);
        }
        for (name, text) in FILES {
            std::fs::write(walk.dir.path().join(name), text).expect("a file");
        }
        std::fs::create_dir(walk.dir.path().join("backups")).expect("folder");
        walk
    }

    /// What stands for the machine's folders here.
    fn placed(&self, word: &str) -> String {
        let at = |name: &str| self.dir.path().join(name).display().to_string();
        word.replace("$(ficsync db path)", &at("ficsync.db"))
            .replace("/var/backups/ficsync", &at("backups"))
            .replace("/var/lib/ficsync", &self.dir.path().display().to_string())
            .replace("/etc/ficsync/bianchi.toml", &at("config.toml"))
    }

    fn command(&self, program: &Path, words: &[String]) -> Command {
        let mut command = Command::new(program);
        command
            .args(words)
            .current_dir(self.dir.path())
            .env_clear()
            .env("FICSYNC_DB", self.dir.path().join("ficsync.db"))
            .env("FICSYNC_CONFIG", self.dir.path().join("config.toml"))
            .env("FICSYNC_API_URL", self.fic.url())
            .env("FICSYNC_LISTEN", "127.0.0.1:0")
            .env("FICSYNC_PUBLIC_URL", PUBLIC)
            .env("FICSYNC_WEBHOOK_PUBLIC_KEY", self.fic.public_key_pem())
            .stdin(Stdio::null());
        if words.iter().any(|word| word == "--token-stdin") {
            command.stdin(std::fs::File::open(self.dir.path().join("token.txt")).expect("the token"));
        }
        command
    }

    /// Starts the listener, and lets the public name lead to it.
    fn listen(&mut self, words: &[String]) {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_ficsync")), words);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the listener starts");
        let lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let mut lines = lines.map_while(Result::ok);
        let said = lines.find(|line| line.contains("listening for webhooks on ")).expect("it listens");
        // the rest is read too, so that the pipe does not fill
        std::thread::spawn(move || lines.count());
        let (_, address) = said.split_once("listening for webhooks on ").expect("an address");
        let address = address.split([';', ' ']).next().unwrap_or_default();
        self.fic.map_sink(PUBLIC, &format!("http://{address}"));
        self.fic.deliver(true);
        self.listener = Some(child);
    }

    /// Runs a command of a page, where it is one that is run.
    fn run(&mut self, words: &[String]) -> Option<Output> {
        let words: Vec<String> = words.iter().map(|word| self.placed(word)).collect();
        let shown = words.join(" ");
        let program = match words[0].as_str() {
            "ficsync" => Path::new(env!("CARGO_BIN_EXE_ficsync")),
            "sqlite3" if Command::new("sqlite3").arg("--version").output().is_ok() => Path::new("sqlite3"),
            "sqlite3" => {
                eprintln!("skipped: there is no sqlite3 here for: {shown}");
                return None;
            }
            other => {
                assert!(ELSEWHERE.contains(&other), "nobody runs: {shown}");
                return None;
            }
        };
        if words[1] == "webhook-listen" {
            self.listen(&words[1..]);
            return None;
        }
        // the service asks the listener at once whether it is there
        if shown.starts_with("ficsync subscriptions ensure") && self.listener.is_none() {
            self.listen(&["webhook-listen".to_owned()]);
        }
        let output = self.command(program, &words[1..]).output().expect("it runs");
        let code = output.status.code();
        let expected = expected(&shown);
        assert!(
            code.is_some_and(|code| expected.contains(&code)),
            "{shown}: {code:?}, {}",
            String::from_utf8_lossy(&output.stderr)
        );
        self.has_account |= adds_account(&words);
        Some(output)
    }
}

fn adds_account(words: &[String]) -> bool {
    words.join(" ").starts_with("ficsync account add") && !words.iter().any(|word| word == "--db")
}

/// How a command may end that cannot end with 0 here.
fn expected(shown: &str) -> &'static [i32] {
    match shown {
        // nobody pastes the browser's answer: the tests of the login do
        _ if shown.starts_with("ficsync account login") => &[1],
        // the public name has no TLS here, and no timer runs
        _ if shown.starts_with("ficsync doctor") => &[1],
        _ => &[0],
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        if let Some(listener) = &mut self.listener {
            let _ = listener.kill();
            let _ = listener.wait();
        }
    }
}

/// The lines of a page that are commands: of its blocks, or of a manual page's examples.
fn shown(page: &str) -> Vec<Vec<String>> {
    let text = text_of(page);
    let lines: Vec<String> = match page.ends_with(".md") {
        true => blocks(&text).into_iter().filter(|block| block.tag == "sh").flat_map(|block| block.lines).collect(),
        false => text
            .split("\n.EX\n")
            .skip(1)
            .flat_map(|example| example.split("\n.EE").next().unwrap_or_default().lines().map(str::to_owned))
            .collect(),
    };
    let mut commands = commands(&lines);
    for words in &mut commands {
        if words[0] == "sudo" {
            let user = usize::from(words.get(1).is_some_and(|word| word == "-u"));
            words.drain(..1 + 2 * user);
        }
    }
    commands
}

/// Walks through a page that begins where there is an account, or nothing. Gives what was run, with its output.
fn walk(page: &str, with_account: bool) -> Vec<(Vec<String>, Output)> {
    let mut walk = Walk::new();
    if with_account {
        for words in ["ficsync account add --name Rossi --token-file token.txt", "ficsync sync all"] {
            walk.run(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        }
    }
    let mut ran = Vec::new();
    for words in shown(page) {
        // a page that begins anew, for another kind of machine
        if walk.has_account && adds_account(&words) {
            walk = Walk::new();
        }
        ran.extend(walk.run(&words).map(|output| (words, output)));
    }
    ran
}

#[test]
fn every_page_with_commands_is_walked_through() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["", "docs", "contrib", "sql", "systemd"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let page = path.strip_prefix(root).expect("a page here").display().to_string();
            if page.ends_with(".md") && blocks(&text_of(&page)).iter().any(|block| block.tag == "sh") {
                found.push(page);
            }
        }
    }
    found.retain(|page| !FOR_DEVELOPERS.contains(&page.as_str()));
    found.sort();
    assert_eq!(found, WALKED);
}

#[test]
fn the_quickstart_leads_to_a_first_query() {
    let ran = walk("docs/quickstart.md", false);
    let commands: Vec<&str> =
        ran.iter().filter(|(words, _)| words[0] == "ficsync").map(|(words, _)| words[1].as_str()).collect();
    assert_eq!(commands, ["account", "account", "sync", "status"]);
    if let Some((_, output)) = ran.iter().find(|(words, _)| words[0] == "sqlite3") {
        let rows = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(rows.lines().count() > 3, "{rows}");
    }
}

#[test]
fn the_readme_can_be_walked_through() {
    assert!(walk("README.md", false).len() >= 10);
}

#[test]
fn the_italian_readme_can_be_walked_through() {
    assert!(walk("README.it.md", false).len() >= 4);
}

#[test]
fn the_operators_page_can_be_walked_through() {
    assert!(walk("docs/operations.md", true).len() >= 8);
}

#[test]
fn the_page_of_queries_can_be_walked_through() {
    let ran = walk("sql/README.md", true);
    if let [(_, output)] = &*ran {
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "140", "invoices");
    }
}

#[test]
fn the_overview_page_can_be_walked_through() {
    assert!(walk("man/ficsync.7", false).len() >= 5);
}
