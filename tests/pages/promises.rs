//! What an administrator builds on: messages, metrics, checks, units, exit codes and settings that pages name are the
//! program's own.

use crate::docs::understood;
use crate::words::commands;
use crate::world::{project, text_of};
use std::collections::BTreeSet;
use std::path::Path;

/// All files below a folder.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() { files(&entry, found) } else { found.push(entry) }
    }
}

/// The program's source, with text that goes on in the next line joined.
fn source() -> String {
    let mut found = Vec::new();
    files(&project("src"), &mut found);
    found.push(project("systemd/failure"));
    let text: String = found.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect();
    let mut joined = String::new();
    for part in text.split("\\\n") {
        joined.push_str(if joined.is_empty() { part } else { part.trim_start() });
    }
    joined
}

/// The part of operations.md below a heading, up to the next.
fn section(heading: &str) -> String {
    let text = text_of("docs/operations.md");
    let (_, rest) = text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    rest.split("\n#").next().unwrap_or_default().to_owned()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The first column of a table's rows.
fn first_column(section: &str) -> Vec<&str> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row[1..].split(" | ").next().unwrap_or_default()).collect()
}

#[test]
fn messages_that_alerts_look_for_are_the_programs() {
    let (section, source) = (section("### Messages that an alert may look for"), source());
    let messages: Vec<&str> = first_column(&section).into_iter().flat_map(quoted).collect();
    assert!(messages.len() >= 19, "{messages:?}");
    for message in messages {
        assert!(source.contains(message), "no message of ficsync contains {message:?}");
    }
}

#[test]
fn metrics_that_alerts_look_for_are_the_listeners() {
    let (section, source) = (section("### Metrics"), source());
    let metrics: Vec<&str> = first_column(&section).into_iter().flat_map(quoted).collect();
    assert!(metrics.len() >= 10, "{metrics:?}");
    for metric in metrics {
        let name = metric.trim_start_matches("ficsync_").trim_end_matches("_total");
        assert!(source.contains(&format!("\"{name}\",")), "there is no metric {metric}");
    }
}

#[test]
fn checks_of_the_doctor_are_all_named_and_no_others() {
    let section = section("### Checks of `doctor`");
    let named: BTreeSet<String> =
        quoted(&section).iter().filter(|id| id.contains('.')).map(|id| (*id).to_owned()).collect();
    let mut found = Vec::new();
    files(&project("src/commands/doctor"), &mut found);
    let text: String = found.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect();
    let is_id = |word: &&str| {
        let (Some((group, rest)), true) = (word.split_once('.'), word.len() < 40) else { return false };
        let lower = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        lower(group) && lower(rest)
    };
    let made: BTreeSet<String> = text.split('"').filter(is_id).map(str::to_owned).collect();
    assert_eq!(named, made);
}

#[test]
fn units_that_pages_name_are_there() {
    let mut seen = 0;
    for page in ["docs/operations.md", "docs/quickstart.md", "README.it.md", "man/ficsync.7", "SECURITY.md"] {
        let text = text_of(page);
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "-@._".contains(c))) {
            let word = word.trim_end_matches('.');
            let kind = word.rsplit_once('.').map(|(_, kind)| kind);
            if !word.starts_with("ficsync-") || !matches!(kind, Some("service" | "timer" | "socket")) {
                continue;
            }
            let template = word
                .split_once('@')
                .map(|(name, rest)| format!("{name}@.{}", rest.rsplit_once('.').map_or(rest, |(_, kind)| kind)));
            let file = template.unwrap_or_else(|| word.to_owned());
            assert!(project("systemd").join(&file).exists(), "{page} names {word}");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} found");
}

#[test]
fn the_overview_page_shows_commands_that_work_and_every_exit_code() {
    use ficsync::exit::Exit;
    let page = text_of("man/ficsync.7");
    let mut seen = 0;
    for example in page.split("\n.EX\n").skip(1) {
        let lines: Vec<String> = example.split("\n.EE").next().unwrap_or_default().lines().map(str::to_owned).collect();
        for mut words in commands(&lines) {
            if words[0] == "sudo" {
                let user = usize::from(words.get(1).is_some_and(|word| word == "-u"));
                words.drain(..1 + 2 * user);
            }
            seen += 1;
            understood(&words).unwrap_or_else(|why| panic!("{}: {why}", words.join(" ")));
        }
    }
    assert!(seen >= 10, "only {seen} commands found");
    for exit in [Exit::Done, Exit::Failed, Exit::Usage, Exit::Stopped, Exit::Denied, Exit::Settings] {
        assert!(page.contains(&format!(".TP\n.B {}\n", exit.code())), "no exit code {}", exit.code());
    }
}

/// The file of settings that is installed: nothing in it counts, and everything in it would.
#[test]
fn the_annotated_settings_show_the_defaults_and_all_keys() {
    use ficsync::settings::{Flags, Settings};
    let text = text_of("contrib/config.toml");
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "a line counts");
    let keys: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix('#')?.split_once(" = ")).map(|(key, _)| key).collect();
    let all: BTreeSet<&str> = keys.iter().copied().collect();
    let readme = text_of("README.md");
    let (_, block) = readme.split_once("```toml\n").expect("the settings in README.md");
    let known = block.split("```").next().unwrap_or_default().lines();
    let known: BTreeSet<&str> =
        known.filter_map(|line| line.trim_start_matches("# ").split_once(" = ")).map(|(key, _)| key).collect();
    assert_eq!(all, known, "the settings that README.md shows");

    // A key with its value, or the head of a table.
    let is_setting = |line: &str| line.starts_with('[') || line.contains(" = ") && !line.starts_with(' ');
    let load = |text: &str| {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).expect("file");
        Settings::load(Flags { config: Some(file), ..Flags::default() }, &|_| None).expect("settings")
    };
    let shown: String = text
        .lines()
        .filter_map(|line| line.strip_prefix('#').filter(|rest| is_setting(rest)))
        .map(|line| format!("{line}\n"))
        .collect();
    let (plain, shown) = (load(""), load(&shown));
    assert_eq!(shown.workers, plain.workers);
    assert_eq!(shown.listen.to_string(), plain.listen.to_string());
    assert_eq!(shown.full_every, plain.full_every);
    assert_eq!((shown.max_wait, shown.timeout), (plain.max_wait, plain.timeout));
    assert_eq!(shown.api_url, plain.api_url);
    let names = |settings: &Settings| settings.resources.iter().map(|resource| resource.name).collect::<Vec<_>>();
    assert_eq!(names(&shown), names(&plain));
    assert!((shown.quota_share - plain.quota_share).abs() < f64::EPSILON);
    assert_eq!(shown.every.len(), 2, "shown as an example, which needs a table: {:?}", shown.every);
}

#[test]
fn the_packages_changelog_is_of_this_version() {
    let changelog = text_of("contrib/deb/changelog");
    let first = changelog.lines().next().unwrap_or_default();
    assert!(first.starts_with(&format!("ficsync ({}-1) ", env!("CARGO_PKG_VERSION"))), "{first}");
}
