//! `make bench`: a full sync of detailed invoices, beside what it cannot be faster than.
//!
//! In one run, alternating, against the sandbox in a process of its own: ficsync's first sync, a run with nothing new and
//! one with `--full`; the same requests read by plain ureq and thrown away; the same records inserted by plain SQLite, one
//! table, one transaction per page; and `sqlite_utils_sync.py`, where python3 has requests and sqlite-utils. Then memory and
//! processor time at more and fewer records. Prints medians and ratios: absolute times are this machine's.
//!
//! `FICSYNC_BENCH_RECORDS` (20,000), `FICSYNC_BENCH_ROUNDS` (5) and `FICSYNC_BENCH_MANY` (100,000) change the size,
//! `FICSYNC_BENCH_PYTHON` (python3) is the Python to use.

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

    /// Syncs all invoices.
    fn sync(&self, sandbox: &Sandbox, flags: &[&str]) -> Run {
        let started = Instant::now();
        let before = processor_time();
        let mut child = self.ficsync(sandbox, &["sync", "invoices"]).args(flags).spawn().expect("it runs");
        let mut peak = 0;
        loop {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
            peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                assert!(status.success(), "sync ended with {status}");
                return Run { time: started.elapsed(), processor: processor_time() - before, peak };
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// What a run of ficsync took.
struct Run {
    time: Duration,
    /// In the program and in the kernel for it.
    processor: Duration,
    /// Peak memory in kB.
    peak: u64,
}

/// Processor time of all processes that were waited for.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // After the name, which may hold spaces: cutime and cstime are the 14th and 15th, in hundredths of a second.
    let fields: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let ticks: u64 = fields[13..15].iter().map(|n| n.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
}

/// The script with sqlite-utils. Nothing where this Python has not what it needs.
fn script(sandbox: &Sandbox) -> Option<Duration> {
    let python = std::env::var("FICSYNC_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let able = Command::new(&python).args(["-c", "import requests, sqlite_utils"]).stderr(Stdio::null()).status();
    able.ok().filter(|status| status.success())?;
    let folder = tempfile::tempdir().expect("a folder");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/sqlite_utils_sync.py");
    let started = Instant::now();
    let status = Command::new(python)
        .args([path, &sandbox.url, &sandbox.token])
        .arg(folder.path().join("script.db"))
        .status()
        .expect("it runs");
    assert!(status.success(), "the script ended with {status}");
    Some(started.elapsed())
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
    let (mut firsts, mut agains, mut fulls, mut reads, mut inserts, mut scripts) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        let world = World::new(&sandbox);
        firsts.push(world.sync(&sandbox, &[]).time);
        agains.push(world.sync(&sandbox, &[]).time);
        fulls.push(world.sync(&sandbox, &["--full"]).time);
        reads.push(read(&sandbox, None));
        inserts.push(insert(&pages));
        scripts.extend(script(&sandbox));
    }
    let (first, again, full) = (median(firsts), median(agains), median(fulls));
    let (read, insert) = (median(reads), median(inserts));
    let megabytes = pages.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    println!("first sync           {first:8.3} s  {:8.0} records/s", records as f64 / first);
    println!("run with nothing new {again:8.3} s");
    println!("unchanged, --full    {full:8.3} s");
    println!("plain reading        {read:8.3} s  {:8.0} MB/s", megabytes / read);
    println!("plain inserting      {insert:8.3} s  {:8.0} MB/s", megabytes / insert);
    println!("first sync / max(read, insert)  {:5.2}", first / read.max(insert));
    println!("unchanged, --full / insert      {:5.2}", full / insert);
    if scripts.is_empty() {
        println!("sqlite-utils: not measured, this python3 has no requests and sqlite-utils");
    } else {
        let script = median(scripts);
        println!("sqlite-utils         {script:8.3} s, {:.2} times the first sync", script / first);
    }
    drop(sandbox);
    by_size(number("FICSYNC_BENCH_MANY", 100_000));
}

/// Memory and processor time of first syncs that differ in size.
fn by_size(many: usize) {
    let first = |records: usize| {
        let sandbox = Sandbox::start(records);
        // The first sorted page makes the sandbox sort.
        read(&sandbox, None);
        World::new(&sandbox).sync(&sandbox, &[])
    };
    let (small, large) = (first(many / 10), first(many));
    let each = |run: &Run, records: usize| run.processor.as_secs_f64() * 1e6 / records as f64;
    let (of_small, of_large) = (each(&small, many / 10), each(&large, many));
    println!(
        "processor time per record: {of_small:.0} us of {}, {of_large:.0} us of {many}: {:.2}",
        many / 10,
        of_large / of_small
    );
    println!("peak memory: {} kB and {} kB: {:.2}", small.peak, large.peak, large.peak as f64 / small.peak as f64);
}
