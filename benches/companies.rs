//! `cargo bench --bench companies`: runs over many companies at a service that takes its time.
//!
//! Against the sandbox in a process of its own, where every answer takes 300 ms: a run of 200 accounts with nothing new at
//! 16 jobs, beside the time that its requests take at 16 at a time; the same with five companies that never answer; peak
//! memory by the number of jobs, in such a run and in a first one; then 1,000 accounts at 32 jobs. Four minutes.
//!
//! `FICSYNC_BENCH_COMPANIES` (200) and `FICSYNC_BENCH_MANY` (1,000) change the size.

#![allow(clippy::expect_used, clippy::print_stdout)] // a program for a person at a terminal

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What every answer takes, in milliseconds.
const ANSWER: u64 = 300;
/// Resource types of a run.
const RESOURCES: usize = 4;
/// Companies that never answer.
const HANGING: usize = 5;

/// The sandbox, in a process of its own; it ends with this value.
struct Sandbox {
    process: Child,
    url: String,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Sandbox {
    /// One with so many companies of a hundred records each.
    fn start(companies: usize) -> Self {
        let program = example("sandbox");
        let mut process = Command::new(&program)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}; `make bench` builds it", program.display()));
        let mut lines =
            BufReader::new(process.stdout.take().expect("a pipe")).lines().map(|line| line.expect("a line"));
        let url = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).expect("an address");
        std::thread::spawn(move || lines.for_each(drop));
        let sandbox = Self { process, url };
        sandbox.control("quota", r#"{"five_minutes": 10000000, "hourly": 10000000, "monthly": 10000000}"#);
        for id in (0..companies).map(company) {
            sandbox.control("company", &format!(r#"{{"id": {id}, "name": "Company {id}"}}"#));
            for (resource, count) in [("clients", 40), ("suppliers", 10), ("invoices", 40), ("quotes", 10)] {
                let text = format!(r#"{{"company": {id}, "resource": "{resource}", "count": {count}}}"#);
                sandbox.control("populate", &text);
            }
        }
        sandbox
    }

    fn control(&self, path: &str, json: &str) -> String {
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
        let mut answer = agent.post(format!("{}/_sandbox/{path}", self.url)).send(json).expect("the sandbox answers");
        answer.body_mut().read_to_string().expect("text")
    }

    fn delay(&self, milliseconds: u64) {
        self.control("delay", &format!(r#"{{"milliseconds": {milliseconds}}}"#));
    }

    /// A token that sees all companies.
    fn token(&self) -> String {
        let answer: serde_json::Value =
            serde_json::from_str(&self.control("token", r#"{"scopes": ["*"]}"#)).expect("JSON");
        answer["token"].as_str().expect("a token").to_owned()
    }
}

fn company(place: usize) -> usize {
    20_000 + place
}

/// An example beside this benchmark's own binary: `target/release/deps/companies-…` and `target/release/examples/…`.
fn example(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("this program");
    here.parent().and_then(Path::parent).expect("a folder").join("examples").join(name)
}

/// A folder with an account for each company.
struct World<'a> {
    sandbox: &'a Sandbox,
    folder: tempfile::TempDir,
}

impl<'a> World<'a> {
    fn new(sandbox: &'a Sandbox, companies: usize) -> Self {
        let world = Self { sandbox, folder: tempfile::tempdir().expect("a folder") };
        let token = world.folder.path().join("token");
        std::fs::write(&token, sandbox.token()).expect("a file");
        std::fs::write(world.folder.path().join("config.toml"), "").expect("a file");
        for id in (0..companies).map(company) {
            let mut add = world.ficsync(&format!("account add --name c{id} --company-id {id}"));
            assert!(add.arg("--token-file").arg(&token).status().expect("it runs").success());
        }
        world
    }

    fn ficsync(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
        command.args(words.split_whitespace()).env_clear().stdout(Stdio::null()).stderr(Stdio::null());
        command.env("FICSYNC_DB", self.db()).env("FICSYNC_API_URL", &self.sandbox.url);
        command.env("FICSYNC_CONFIG", self.folder.path().join("config.toml"));
        command
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("ficsync.db")
    }

    /// Runs to the end. Returns the time in seconds and the peak memory in MB.
    fn sync(&self, words: &str) -> (f64, f64) {
        let started = Instant::now();
        let mut child = self.ficsync(words).spawn().expect("it runs");
        let mut peak = 0.0_f64;
        loop {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
            peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0));
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                let hung = words.contains("timeout");
                assert!(status.code() == Some(i32::from(hung)), "{words}: {status}");
                return (started.elapsed().as_secs_f64(), peak / 1_000.0);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// How many seconds after its first account began the last run ended with the accounts that did not fail.
    fn others_took(&self) -> f64 {
        let conn = rusqlite::Connection::open(self.db()).expect("the database");
        let sql = "WITH last AS (SELECT * FROM sync_runs ORDER BY id DESC LIMIT (SELECT count(*) FROM accounts) * 4)
                   SELECT unixepoch(max(finished_at) FILTER (WHERE outcome = 'ok')) - unixepoch(min(started_at)) FROM last";
        conn.query_row(sql, [], |row| row.get(0)).expect("a time")
    }
}

/// What the requests take, so many at a time.
fn at_best(companies: usize, jobs: usize) -> f64 {
    (companies * RESOURCES) as f64 * ANSWER as f64 / 1_000.0 / jobs as f64
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn memory(world: &World<'_>, sandbox: &Sandbox, companies: usize) {
    println!("\npeak memory in MB: jobs, a run with nothing new, a full walk of all");
    for jobs in [1, 2, 8, 16, 32, 64] {
        sandbox.delay(20);
        let tick = world.sync(&format!("sync all --jobs {jobs}")).1;
        sandbox.delay(0);
        let full = world.sync(&format!("sync all --full --jobs {jobs}")).1;
        let first = World::new(sandbox, companies).sync(&format!("sync all --jobs {jobs}")).1;
        println!("{jobs:3} {tick:6.1} {full:6.1}, a first one {first:6.1}; allowed: {}", 32 + 2 * (jobs - 1));
    }
}

fn main() {
    let (companies, many) = (number("FICSYNC_BENCH_COMPANIES", 200), number("FICSYNC_BENCH_MANY", 1_000));
    let sandbox = Sandbox::start(companies);
    let world = World::new(&sandbox, companies);
    let (first, _) = world.sync("sync all --jobs 16");
    println!("{companies} companies of 100 records, first run at a service that answers at once: {first:.1} s");
    sandbox.delay(ANSWER);
    let (time, peak) = world.sync("sync all --jobs 16");
    let best = at_best(companies, 16);
    println!(
        "nothing new, answers after {ANSWER} ms, 16 jobs: {time:.1} s, {:.2} times {best:.1} s; {peak:.1} MB",
        time / best
    );
    for id in (0..HANGING).map(|place| company(place * 7)) {
        let fault = format!(r#"{{"kind": "hang", "n": 60, "on": "/c/{id}/"}}"#);
        (0..2 * RESOURCES).for_each(|_| drop(sandbox.control("fault", &fault)));
    }
    let (time, _) = world.sync("sync all --jobs 16 --timeout 5s");
    let best = at_best(companies - HANGING, 16 - HANGING);
    println!(
        "{HANGING} of them never answer (time-out 5 s): all ended after {time:.1} s, the others after {:.0} s; with {} places \
         they need {best:.1} s",
        world.others_took(),
        16 - HANGING
    );
    sandbox.control("clear_faults", "{}");
    memory(&world, &sandbox, companies);
    drop(sandbox);
    let sandbox = Sandbox::start(many);
    let world = World::new(&sandbox, many);
    let (first, _) = world.sync("sync all --jobs 32");
    sandbox.delay(ANSWER);
    let (time, peak) = world.sync("sync all --jobs 32");
    let best = at_best(many, 32);
    println!(
        "\n{many} companies, 32 jobs: first run {first:.1} s at a service that answers at once; nothing new, answers"
    );
    println!("after {ANSWER} ms: {time:.1} s, {:.2} times {best:.1} s; {peak:.1} MB", time / best);
}
