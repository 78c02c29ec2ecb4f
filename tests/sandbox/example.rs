//! The sandbox as a process: an imitation of Fatture in Cloud to try ficsync against, without an account.
//!
//! ```text
//! cargo run --example sandbox -- [--port P] [--seed S] [--link-base URL] [--clients N] [--invoices N] [--LIST N]…
//! cargo run --example sandbox -- --control URL PATH [JSON]
//! ```
//!
//! The first form prints where it listens and the token to use, then serves until it is killed. Other lists can be
//! filled too (`--products N`, `--cashbook_entries N`, …), in the order given. The second form asks a running sandbox for something and prints the
//! answer: `POST /_sandbox/PATH` with the JSON, or `GET` without. The paths are listed in `src/control.rs` of the
//! sandbox.

use std::io::Write;
use std::process::ExitCode;

use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};

struct Wanted {
    port: u16,
    seed: u64,
    link_base: Option<String>,
    lists: Vec<(String, usize)>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["--control", url, path] => control(url, path, None),
        ["--control", url, path, json] => control(url, path, Some(json)),
        _ => wanted(args.into_iter()).and_then(|wanted| run(&wanted)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            let _ = writeln!(std::io::stderr(), "error: {what}");
            ExitCode::from(2)
        }
    }
}

fn wanted(mut args: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted { port: 0, seed: 1, link_base: None, lists: Vec::new() };
    while let Some(flag) = args.next() {
        let Some(name) = flag.strip_prefix("--") else {
            return Err(format!("unexpected argument {flag:?}"));
        };
        let value = args.next().ok_or_else(|| format!("{flag} needs a number"))?;
        let wrong = |_| format!("{flag} needs a number, not {value:?}");
        match name {
            "port" => wanted.port = value.parse().map_err(wrong)?,
            "link-base" => wanted.link_base = Some(value),
            "seed" => wanted.seed = value.parse().map_err(wrong)?,
            list if ficsync_sandbox::lists().any(|known| known == list) => {
                wanted.lists.push((list.to_owned(), value.parse().map_err(wrong)?));
            }
            _ => return Err(format!("unknown flag {flag}")),
        }
    }
    Ok(wanted)
}

fn run(wanted: &Wanted) -> Result<(), String> {
    let sandbox = Sandbox::start_on(wanted.port, wanted.seed).map_err(|error| format!("cannot listen: {error}"))?;
    if let Some(base) = &wanted.link_base {
        sandbox.set_link_base(base);
    }
    for (list, count) in &wanted.lists {
        sandbox.populate(COMPANY, list, *count);
    }
    let mut out = std::io::stdout();
    let said = writeln!(out, "listening on {}\ntoken {TOKEN} for company {COMPANY}", sandbox.url());
    said.and_then(|()| out.flush()).map_err(|error| format!("cannot print: {error}"))?;
    loop {
        std::thread::park();
    }
}

/// Asks a running sandbox and prints its answer.
fn control(url: &str, path: &str, json: Option<&str>) -> Result<(), String> {
    // Loopback only: a proxy of the environment has no business here.
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build().into();
    let url = format!("{}/_sandbox/{path}", url.trim_end_matches('/'));
    let sent = match json {
        Some(json) => agent.post(&url).header("Content-Type", "application/json").send(json),
        None => agent.get(&url).call(),
    };
    let mut answer = sent.map_err(|error| format!("{url}: {error}"))?;
    let text = answer.body_mut().read_to_string().map_err(|error| format!("{url}: {error}"))?;
    if !answer.status().is_success() {
        return Err(format!("{url}: {} {text}", answer.status()));
    }
    writeln!(std::io::stdout(), "{text}").map_err(|error| format!("cannot print: {error}"))
}
