//! `make bench`: a full sync of detailed invoices, beside what it cannot be faster than.
//!
//! In one run, alternating, against the sandbox in a process of its own: ficsync's sync; the same requests read by plain
//! ureq and thrown away; the same records inserted by plain SQLite, one table, one transaction per page. Then peak memory
//! at a tenth of the records and at all of them. Prints medians and ratios: absolute times are this machine's.
//!
//! `FICSYNC_BENCH_RECORDS` (20,000) and `FICSYNC_BENCH_ROUNDS` (5) change the size.

#![allow(clippy::expect_used, clippy::print_stdout)] // a program for a person at a terminal

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The sandbox, in a process of its own; it ends with this value.
struct Sandbox {
    process: Child,
    url: String,
    token: String,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Sandbox {
    fn start(invoices: usize) -> Self {
        let program = example("sandbox");
        let mut process = Command::new(&program)
            .args(["--invoices", &invoices.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}; `make bench` builds it", program.display()));
        let mut lines =
            BufReader::new(process.stdout.take().expect("a pipe")).lines().map(|line| line.expect("a line"));
        let url = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).expect("an address");
        let token = lines.find_map(|line| line.strip_prefix("token ").map(str::to_owned)).expect("a token");
        let token = token.split(' ').next().expect("a token").to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        let quota = r#"{"five_minutes": 10000000, "hourly": 10000000, "monthly": 10000000}"#;
        ureq::post(format!("{url}/_sandbox/quota")).send(quota).expect("the sandbox answers");
        Self { process, url, token }
    }
}

/// An example beside this benchmark's own binary: `target/release/deps/sync-…` and `target/release/examples/…`.
fn example(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("this program");
    here.parent().and_then(Path::parent).expect("a folder").join("examples").join(name)
}

/// One ficsync world: a folder with an account.
struct World(tempfile::TempDir);

impl World {
    fn new(sandbox: &Sandbox) -> Self {
        let world = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(world.0.path().join("token"), &sandbox.token).expect("a file");
        std::fs::write(world.0.path().join("config.toml"), "").expect("a file");
        let file = world.0.path().join("token").display().to_string();
        let added = world.ficsync(sandbox, &["account", "add", "--name", "bench", "--token-file", &file]).status();
        assert!(added.expect("it runs").success());
        world
    }

    fn ficsync(&self, sandbox: &Sandbox, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
        command.args(words).env_clear().stdout(Stdio::null()).stderr(Stdio::null());
        command.env("FICSYNC_DB", self.0.path().join("ficsync.db")).env("FICSYNC_API_URL", &sandbox.url);
        command.env("FICSYNC_CONFIG", self.0.path().join("config.toml"));
        command
    }

    /// Syncs all invoices. Returns the time and the peak memory in kB.
    fn sync(&self, sandbox: &Sandbox) -> (Duration, u64) {
        let started = Instant::now();
        let mut child = self.ficsync(sandbox, &["sync", "invoices"]).spawn().expect("it runs");
        let mut peak = 0;
        loop {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
            peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                assert!(status.success(), "sync ended with {status}");
                return (started.elapsed(), peak);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The pages that a walk asks for, read and thrown away; kept in `keep` when that is given.
fn read(sandbox: &Sandbox, mut keep: Option<&mut Vec<String>>) -> Duration {
    let started = Instant::now();
    let agent = ureq::Agent::new_with_defaults();
    let mut q = "updated_at is not null".to_owned();
    loop {
        let mut answer = agent
            .get(format!("{}/c/12345/issued_documents", sandbox.url))
            .query_pairs([("type", "invoice"), ("fieldset", "detailed"), ("sort", "updated_at")])
            .query_pairs([("page", "1"), ("per_page", "100"), ("q", q.as_str())])
            .header("Authorization", format!("Bearer {}", sandbox.token))
            .call()
            .expect("a page");
        let page = answer.body_mut().with_config().limit(64 << 20).read_to_string().expect("text");
        // The last stamp of the page, without parsing it: what comes after the last "updated_at".
        let last = page.rsplit_once("\"updated_at\":\"").map(|(_, rest)| rest[..19].to_owned());
        let more = page.contains("\"next_page_url\":\"");
        if let Some(keep) = keep.as_deref_mut() {
            keep.push(page);
        }
        match last.filter(|_| more) {
            Some(last) => q = format!("updated_at >= '{last}'"),
            None => return started.elapsed(),
        }
    }
}

/// The records of these pages inserted by plain SQLite: one table, the text alone, one transaction per page.
fn insert(pages: &[String]) -> Duration {
    #[derive(serde::Deserialize)]
    struct Page {
        data: Vec<Box<serde_json::value::RawValue>>,
    }
    let pages: Vec<Page> = pages.iter().map(|page| serde_json::from_str(page).expect("a page")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let started = Instant::now();
    let mut conn = rusqlite::Connection::open(folder.path().join("plain.db")).expect("a database");
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE records (raw TEXT)")
        .expect("a table");
    for page in &pages {
        let tx = conn.transaction().expect("a transaction");
        for record in &page.data {
            tx.prepare_cached("INSERT INTO records VALUES (?1)")
                .and_then(|mut s| s.execute([record.get()]))
                .expect("a row");
        }
        tx.commit().expect("a commit");
    }
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn main() {
    let (records, rounds) = (number("FICSYNC_BENCH_RECORDS", 20_000), number("FICSYNC_BENCH_ROUNDS", 5));
    println!("{records} detailed invoices, median of {rounds} rounds, everything on this machine");
    let sandbox = Sandbox::start(records);
    let mut pages = Vec::new();
    // The first sorted page makes the sandbox sort: not part of any measurement.
    read(&sandbox, Some(&mut pages));
    let (mut syncs, mut agains, mut reads, mut inserts, mut peak) = (vec![], vec![], vec![], vec![], 0);
    for _ in 0..rounds {
        let world = World::new(&sandbox);
        let (time, memory) = world.sync(&sandbox);
        syncs.push(time);
        peak = peak.max(memory);
        agains.push(world.sync(&sandbox).0);
        reads.push(read(&sandbox, None));
        inserts.push(insert(&pages));
    }
    let small = Sandbox::start(records / 10);
    let small_peak = World::new(&small).sync(&small).1;
    let (sync, again, read, insert) = (median(syncs), median(agains), median(reads), median(inserts));
    let megabytes = pages.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    println!("full sync            {sync:8.3} s  {:8.0} records/s", records as f64 / sync);
    println!("run with nothing new {again:8.3} s");
    println!("plain reading        {read:8.3} s  {:8.0} MB/s", megabytes / read);
    println!("plain inserting      {insert:8.3} s  {:8.0} MB/s", megabytes / insert);
    println!("sync / max(read, insert)        {:5.2}", sync / read.max(insert));
    println!(
        "peak memory {small_peak} kB at {} records, {peak} kB at {records}: {:.2}",
        records / 10,
        peak as f64 / small_peak as f64
    );
}
