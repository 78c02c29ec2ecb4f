//! The house's rooms: who may enter which, read from the sources.
//!
//! `src/lib.rs` draws the plan; this test holds it. In: every file of `src/`. What counts is code, comments may name
//! anything. A new room needs a line in [`ROOMS`], which is the moment to think about what it may use.

#![allow(clippy::expect_used)] // a test that cannot go on should stop

use std::path::{Path, PathBuf};

/// What every room may use: values, time, stopping, how errors are said.
const COMMON: &[&str] =
    &["clock", "exit", "folder", "json", "money", "ownership", "record", "report", "resource", "shutdown", "window"];

/// A room and what it may use besides [`COMMON`].
const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["cli", "commands", "logging", "settings"]),
    // The store for the words of an event's status.
    ("cli", &["settings", "store"]),
    (
        "commands",
        &[
            "api",
            "cli",
            "credentials",
            "describe",
            "ledger",
            "logging",
            "settings",
            "store",
            "subscriptions",
            "sync",
            "tokens",
            "webhook",
            "worker",
        ],
    ),
    ("logging", &["cli"]),
    ("settings", &[]),
    // The service and the database never name each other.
    ("api", &[]),
    ("store", &[]),
    ("ledger", &["api", "store"]),
    ("credentials", &["store"]),
    ("tokens", &["api", "credentials", "describe", "store"]),
    ("describe", &["api", "credentials", "store"]),
    // Both end in `store::mirror`; a worker reads a whole list as a run does, and nothing else of it.
    ("sync", &["api", "store"]),
    ("worker", &["api", "describe", "store", "sync"]),
    // Asks the service for what `webhook` listens to, under the paths that it listens at.
    ("subscriptions", &["api", "describe", "settings", "store", "webhook"]),
    // Must answer when the service is down or the quota is spent: no api.
    ("webhook", &["settings", "store"]),
];

/// A library or a part of std, and the only rooms that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("ureq", &["api"]),
    ("tiny_http", &["webhook"]),
    ("clap", &["cli", "commands", "main"]),
    ("clap_complete", &["cli", "commands"]),
    ("comfy_table", &["commands"]),
    ("indicatif", &["commands"]),
    ("jsonwebtoken", &["webhook"]),
    ("use ring", &["api", "webhook"]),
    ("std::env", &["main", "settings"]),
    ("Timestamp::now", &["clock"]),
    ("SystemTime::now", &["clock"]),
    // Who may become another user, and when.
    ("nix", &["ownership"]),
    ("work_as_owner", &["ownership", "commands"]),
];

/// Longer files are two files.
const MOST_LINES: usize = 450;

struct Source {
    path: String,
    /// The room: the first name below `src/`.
    room: String,
    lines: usize,
    /// The text without comments.
    code: String,
}

#[test]
fn every_room_uses_only_what_it_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room) else {
            assert!(is_common(&source.room), "{}: the room {:?} is not in ROOMS", source.path, source.room);
            continue;
        };
        for used in rooms_used(&source.code) {
            if used != source.room && !is_common(&used) && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_common_uses_only_what_is_common() {
    for source in sources().filter(|source| is_common(&source.room)) {
        for used in rooms_used(&source.code) {
            assert!(is_common(&used), "{} uses {used}", source.path);
        }
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (library, owners) in OWNERS {
            if names(&source.code, library) && !owners.contains(&source.room.as_str()) {
                wrong.push(format!("{} names {library}, which is for {owners:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_and_say_what_they_are_for() {
    for source in sources() {
        assert!(source.lines <= MOST_LINES, "{} has {} lines", source.path, source.lines);
        let text = std::fs::read_to_string(root().join(&source.path)).expect("source");
        assert!(text.starts_with("//! "), "{} does not open with what it is for", source.path);
    }
}

#[test]
fn the_reader_of_sources_sees_what_it_should() {
    let code = without_comments("use crate::api::{self, pages};\n// crate::store\nlet a = \"http://x\"; /// y\n");
    assert_eq!(rooms_used(&code), ["api"]);
    assert!(code.contains("http://x") && !code.contains('y'));
    assert_eq!(
        rooms_used("use crate::{store::Store, api};\nuse ficsync::cli;\nuse ficsync::{exit};"),
        ["store", "api", "cli", "exit"]
    );
    assert!(names("use ureq::Agent;", "ureq") && !names("let sureq = my_ureq;", "ureq"));
}

fn is_common(room: &str) -> bool {
    COMMON.contains(&room) || room == "lib"
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> impl Iterator<Item = Source> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    assert!(files.len() > 50, "only {} files found", files.len());
    files.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).expect("source");
        let path = path.strip_prefix(root()).expect("below the root");
        let room = path.iter().nth(1).and_then(|part| Path::new(part).file_stem()).expect("a room");
        Source {
            path: path.display().to_string(),
            room: room.to_string_lossy().into_owned(),
            lines: text.lines().count(),
            code: without_comments(&text),
        }
    })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Drops `//` comments; `//` inside a text (`http://`) follows a colon here and stays.
fn without_comments(text: &str) -> String {
    let code = |line: &str| {
        let end = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')).map_or(line.len(), |(at, _)| at);
        line[..end].to_owned()
    };
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// The rooms that code names: `crate::room`, `crate::{room, …}`, and the same by the crate's own name in `main`.
fn rooms_used(code: &str) -> Vec<String> {
    let starts = ["crate::", "ficsync::"].iter().flat_map(|root| code.match_indices(root).map(|(at, m)| at + m.len()));
    let mut places: Vec<usize> = starts.collect();
    places.sort_unstable();
    let mut found: Vec<String> = Vec::new();
    for place in places {
        let rest = &code[place..];
        let named = match rest.strip_prefix('{') {
            Some(list) => first_names(list),
            None => vec![word(rest)],
        };
        found.extend(named.into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())));
    }
    found
}

/// The first name of each entry of a `{…}` list.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut entry) = (1, Vec::new(), String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            names.push(word(entry.trim_start()));
            entry.clear();
        } else {
            entry.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// Whether code names a thing, as a whole word.
fn names(code: &str, thing: &str) -> bool {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.match_indices(thing)
        .any(|(at, _)| !code[..at].ends_with(part_of_word) && !code[at + thing.len()..].starts_with(part_of_word))
}
