//! The help pages: all of them are read. Each shows the flags that concern its command, and takes the others too.

use std::process::{Command, Output};

/// Commands that ask the service.
const ASKING: &[&str] = &[
    "account add",
    "account check",
    "account login",
    "account remove",
    "account set-token",
    "doctor",
    "events drain",
    "subscriptions create",
    "subscriptions delete",
    "subscriptions ensure",
    "subscriptions sync",
    "subscriptions verify",
    "sync",
    "sync-subscriptions",
    "webhook-listen",
];
/// Commands that have to do with the sinks.
const SINKS: &[&str] = &[
    "account remove",
    "doctor",
    "subscriptions create",
    "subscriptions ensure",
    "subscriptions sync",
    "sync-subscriptions",
    "webhook-listen",
];
/// Global flags, and the pages that show them.
const FLAGS: &[(&str, &[&str])] = &[
    ("--api-url", ASKING),
    ("--timeout", ASKING),
    ("--listen", &["doctor", "webhook-listen"]),
    ("--workers", &["events drain", "webhook-listen"]),
    ("--public-url", SINKS),
];
/// Flags of every page but those of commands that print a text.
const EVERYWHERE: &[&str] = &["--config", "--db"];
const PRINTING: &[&str] = &["completions", "man"];

#[test]
fn each_page_shows_the_flags_that_concern_its_command() {
    let pages = pages();
    for named in ASKING.iter().chain(SINKS).chain(PRINTING) {
        assert!(pages.iter().any(|(path, _)| path == named), "there is no command {named}");
    }
    for (path, text) in &pages {
        for (flag, concerned) in FLAGS {
            assert_eq!(
                shows(text, flag),
                concerned.contains(&path.as_str()),
                "{flag} on the page of {path:?}:\n{text}"
            );
        }
        for flag in EVERYWHERE {
            assert_eq!(
                shows(text, flag),
                !PRINTING.contains(&path.as_str()),
                "{flag} on the page of {path:?}:\n{text}"
            );
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100), "a line of {path:?} is too long:\n{text}");
    }
}

#[test]
fn each_command_takes_all_global_flags() {
    for (path, text) in pages() {
        // Those that only hold other commands do nothing themselves.
        if text.contains("\nCommands:\n") {
            continue;
        }
        for flag in FLAGS.iter().map(|(flag, _)| *flag).filter(|flag| *flag != "--db") {
            // A wrong value, so that nothing is done.
            let run = ficsync(&format!("{path} {flag} :wrong:"));
            let said = String::from_utf8_lossy(&run.stderr).into_owned();
            assert!(said.contains("invalid value ':wrong:'") && said.contains(flag), "{path} {flag}: {said}");
        }
    }
}

#[test]
fn the_manual_page_has_every_global_flag() {
    let page = String::from_utf8(ficsync("man").stdout).expect("text").replace("\\-", "-");
    for flag in FLAGS.iter().map(|(flag, _)| flag).chain(EVERYWHERE) {
        assert!(page.contains(flag), "{flag} is missing");
    }
}

fn shows(text: &str, flag: &str) -> bool {
    text.lines().any(|line| line.split_whitespace().next() == Some(flag))
}

/// The path of every command, and its help.
fn pages() -> Vec<(String, String)> {
    let (mut pages, mut todo) = (Vec::new(), vec![String::new()]);
    while let Some(path) = todo.pop() {
        let text = String::from_utf8(ficsync(&format!("{path} --help")).stdout).expect("text");
        let list = text.split("\nCommands:\n").nth(1).unwrap_or_default().lines().take_while(|line| !line.is_empty());
        let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
        todo.extend(names.map(|name| format!("{path} {name}").trim_start().to_owned()));
        pages.push((path, text));
    }
    assert!(pages.len() > 30, "only {} pages were found", pages.len());
    pages
}

fn ficsync(words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ficsync"));
    command.args(words.split_whitespace()).env_clear().output().expect("the binary runs")
}
