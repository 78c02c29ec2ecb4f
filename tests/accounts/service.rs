//! The whole way, against the strict sandbox: log in by the browser, sync, look, refresh, remove.

use crate::env::Ran;
use crate::login::PORT;
use ficsync_sandbox::{COMPANY, Quirk, Sandbox};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use url::Url;

struct Place {
    dir: tempfile::TempDir,
    fic: Sandbox,
    ahead: i64,
}

impl Place {
    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
        command
            .args(words.split_whitespace())
            .env_clear()
            .env("FICSYNC_DB", self.dir.path().join("ficsync.db"))
            .env("FICSYNC_API_URL", self.fic.url())
            .env("FICSYNC_CLOCK_SHIFT", self.ahead.to_string())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, words: &str) -> Ran {
        Ran::from(self.command(words).output().expect("ficsync"))
    }

    fn advance(&mut self, seconds: i64) {
        self.ahead += seconds;
        self.fic.advance(seconds);
    }

    /// Logs in as a person with a browser would.
    fn login(&self) -> Ran {
        let secret = self.dir.path().join("secret");
        std::fs::write(&secret, "app-secret").expect("secret");
        let words = "account login --name Rossi --client-id app --no-browser --client-secret-file";
        let mut command = self.command(&format!("{words} {}", secret.display()));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ficsync");
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr")).lines().map_while(Result::ok);
        let line = stderr.find(|line| line.starts_with("http")).expect("address");
        let redirect = header(&get(&line), "location").expect("redirect");
        assert!(get(&redirect).starts_with("HTTP/1.1 200"));
        Ran::from(child.wait_with_output().expect("end"))
    }
}

fn get(address: &str) -> String {
    let url = Url::parse(address).expect("URL");
    let mut stream = TcpStream::connect((url.host_str().expect("host"), url.port().expect("port"))).expect("connect");
    let target = &url[url::Position::BeforePath..];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answer");
    answer
}

fn header(answer: &str, name: &str) -> Option<String> {
    let named =
        |line: &str| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned());
    answer.lines().find_map(named)
}

fn sqlite(db: &Path, statement: &str) -> String {
    let output = Command::new("sqlite3").arg("-readonly").arg(db).arg(statement).output().expect("sqlite3");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[test]
fn log_in_sync_look_refresh_remove() {
    let _turn = PORT.lock().unwrap_or_else(|e| e.into_inner());
    let mut place = Place { dir: tempfile::tempdir().expect("folder"), fic: Sandbox::start(3), ahead: 0 };
    place.fic.register_client("app", "app-secret");
    place.fic.populate(COMPANY, "clients", 150);
    assert_eq!(place.login().exit(0).out, "1\n");
    // With PKCE and without: a service that knows none passes it over.
    place.fic.quirk(Quirk::NoPkce);
    assert_eq!(place.login().exit(0).out, "1\n");
    place.run("status --max-age 1h").exit(1).says(&["clients (never)"]);
    place.run("sync all").exit(0);
    let status = place.run("status --json").exit(0).json();
    let account = &status["accounts"][0];
    assert_eq!(
        (account["resources"][0]["rows"].as_i64(), &account["resources"][0]["complete"]),
        (Some(150), &true.into())
    );
    assert!(account["last_sync_at"].is_string() && account["quota"]["monthly_remaining"].is_i64(), "{account}");
    place.run("status --max-age 1h").exit(0);

    // Ended by the service, then by time: both are healed on the way.
    place.fic.expire_access_tokens();
    place.run("sync all").exit(0);
    place.advance(86_400);
    place.run("sync all").exit(0);
    let refreshes = place.fic.journal().iter().filter(|r| format!("{r:?}").contains("/oauth/token")).count();
    assert_eq!(refreshes, 4, "two logins and two refreshes");

    place.fic.expire_access_tokens();
    place.fic.revoke_refresh_tokens();
    place.run("sync all").exit(77).says(&["account 1", "ficsync account login --name 'Rossi'"]);
    assert_eq!(place.login().exit(0).out, "1\n");
    place.run("sync all").exit(0);

    let db = place.dir.path().join("ficsync.db");
    assert_eq!(sqlite(&db, "SELECT count(*) FROM clients"), "150");
    place.run("account remove 1 --yes").exit(0);
    let left =
        "SELECT (SELECT count(*) FROM clients) + (SELECT count(*) FROM sync_runs) + (SELECT count(*) FROM accounts)";
    assert_eq!(sqlite(&db, left), "0");
    place.run("db check").exit(0);
    assert_eq!(place.fic.violations(), [""; 0]);
}
