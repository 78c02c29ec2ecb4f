//! Pages promise nothing that does not work: each command line in them is one that ficsync understands, each `make`
//! target exists, each SQL statement runs, each file that they name is there.
//!
//! Blocks tagged `sh` hold commands, `sql` statements, `toml` a configuration file, `text` what is only looked at.

use crate::words::{Block, blocks, commands};
use crate::world::{project, text_of, world};
use clap::{CommandFactory, Parser};
use ficsync::cli::Cli;
use ficsync::settings::{Flags, Settings};

const PAGES: &[&str] = &[
    "README.md",
    "README.it.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "sql/README.md",
    "docs/figures.md",
    "docs/queries.md",
    "docs/architecture.md",
    "docs/design.md",
    "docs/operations.md",
    "docs/quickstart.md",
];

/// Programs that pages may show besides ficsync: what they do is not ours to test.
const OTHERS: &[&str] = &[
    "apt",
    "cargo",
    "cat",
    "cd",
    "chmod",
    "column",
    "cp",
    "git",
    "head",
    "install",
    "journalctl",
    "less",
    "mv",
    "printf",
    "restic",
    "rm",
    "sudo",
    "systemctl",
    "systemd-creds",
    "systemd-sysusers",
    "systemd-tmpfiles",
    "usermod",
];

fn all_blocks() -> Vec<(&'static str, Block)> {
    PAGES.iter().flat_map(|page| blocks(&text_of(page)).into_iter().map(move |block| (*page, block))).collect()
}

#[test]
fn every_block_says_what_it_is() {
    for (page, block) in all_blocks() {
        assert!(
            ["sh", "sql", "toml", "text"].contains(&block.tag.as_str()),
            "{page}: a block is tagged {:?}",
            block.tag
        );
    }
}

#[test]
fn every_command_shown_is_understood() {
    let mut seen = 0;
    for (page, block) in all_blocks().into_iter().filter(|(_, block)| block.tag == "sh") {
        for mut words in commands(&block.lines) {
            if words[0] == "sudo" {
                let user = usize::from(words.get(1).is_some_and(|word| word == "-u"));
                words.drain(..1 + 2 * user);
            }
            seen += 1;
            understood(&words).unwrap_or_else(|why| panic!("{page}: {}: {why}", words.join(" ")));
        }
    }
    assert!(seen > 30, "only {seen} commands found");
}

pub fn understood(words: &[String]) -> Result<(), String> {
    match words[0].as_str() {
        "ficsync" => match Cli::try_parse_from(words) {
            Err(error) if error.exit_code() != 0 => Err(error.to_string()),
            _ => Ok(()),
        },
        "make" => words[1..].iter().filter(|word| !word.contains('=')).try_for_each(|target| is_target(target)),
        "sqlite3" => runs(words.last().map_or("", String::as_str)),
        other if OTHERS.contains(&other) => Ok(()),
        other => Err(format!("{other} is not a program that pages may show")),
    }
}

fn is_target(target: &str) -> Result<(), String> {
    let found = text_of("Makefile").lines().any(|line| line.starts_with(&format!("{target}:")));
    if found { Ok(()) } else { Err(format!("the Makefile has no {target}")) }
}

fn runs(sql: &str) -> Result<(), String> {
    world().rows(sql).map(drop).map_err(|error| format!("{sql}: {error}"))
}

#[test]
fn every_statement_shown_runs() {
    let mut seen = 0;
    for (page, block) in all_blocks().into_iter().filter(|(_, block)| block.tag == "sql") {
        for statement in block.lines.join("\n").split_inclusive(';').filter(|sql| !sql.trim().is_empty()) {
            seen += 1;
            runs(statement).unwrap_or_else(|why| panic!("{page}: {why}"));
        }
    }
    assert!(seen >= 10, "only {seen} statements found");
}

#[test]
fn every_configuration_shown_is_valid() {
    let mut seen = 0;
    for (page, block) in all_blocks().into_iter().filter(|(_, block)| block.tag == "toml") {
        seen += 1;
        let dir = tempfile::tempdir().expect("folder");
        let file = dir.path().join("config.toml");
        std::fs::write(&file, block.lines.join("\n")).expect("file");
        let flags = Flags { config: Some(file), ..Flags::default() };
        Settings::load(flags, &|_| None).unwrap_or_else(|error| panic!("{page}: {error:#}"));
    }
    assert!(seen > 0);
}

#[test]
fn the_readme_names_every_command_and_exit_code() {
    let readme = text_of("README.md");
    for command in Cli::command().get_subcommands() {
        let words = format!("ficsync {}", command.get_name());
        assert!(readme.contains(&words), "README.md does not mention {words}");
    }
    use ficsync::exit::Exit;
    for exit in [Exit::Done, Exit::Failed, Exit::Usage, Exit::Stopped, Exit::Denied, Exit::Settings] {
        assert!(
            readme.contains(&format!("| {} |", exit.code())),
            "README.md does not explain exit code {}",
            exit.code()
        );
    }
}

#[test]
fn the_readme_names_every_variable_that_is_read() {
    let (readme, source) = (text_of("README.md"), text_of("src/settings/mod.rs"));
    let mut seen = 0;
    for name in source.split('"').filter(|text| text.starts_with("FICSYNC_")) {
        // Moves the clock, for tests; nobody is meant to set it.
        if name != "FICSYNC_CLOCK_SHIFT" {
            seen += 1;
            assert!(readme.contains(name), "README.md does not mention {name}");
        }
    }
    assert!(seen > 5, "only {seen} variables found");
}

#[test]
fn every_file_linked_is_there() {
    for page in PAGES {
        let folder = project(page).parent().expect("folder").to_owned();
        let text = text_of(page);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                assert!(folder.join(target).exists(), "{page} links to {target}, which is not there");
            }
        }
    }
}

#[test]
fn the_page_of_queries_names_every_one_and_how_many_there_are() {
    let page = text_of("docs/queries.md");
    let mut count = 0;
    for entry in std::fs::read_dir(project("sql/queries")).expect("sql/queries") {
        let name = entry.expect("entry").file_name().to_string_lossy().into_owned();
        let heading = format!("\n### {}\n", name.trim_end_matches(".sql"));
        assert!(page.contains(&heading), "docs/queries.md does not list {name}");
        count += 1;
    }
    assert_eq!(count, 46, "README.md, README.it.md, CHANGELOG.md and quickstart.md say forty-six");
}
