//! The units in `systemd/`: understood by systemd, hardened, and in step with the program's exit codes.
//!
//! Skipped, and said so, where the program `systemd-analyze` is missing.

#![allow(clippy::expect_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // what is skipped is said

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The highest exposure that `systemd-analyze security` may find: 0 is none, 10 is all.
const MOST_EXPOSED: f64 = 1.5;

fn units(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("systemd/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == kind))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no {kind} in systemd/");
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a unit")
}

/// Copies of the units whose program is this build's, since none is installed here.
fn copies() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for path in ["service", "timer", "socket"].into_iter().flat_map(units) {
        let unit = text(&path).replace("/usr/bin/ficsync", env!("CARGO_BIN_EXE_ficsync"));
        let unit = unit.lines().filter(|line| !line.starts_with("Documentation=")).collect::<Vec<_>>().join("\n");
        std::fs::write(folder.path().join(path.file_name().expect("a name")), unit).expect("a copy");
    }
    folder
}

fn analyze(words: &[&str], folder: &Path) -> Option<Output> {
    let path = format!("{}:/usr/lib/systemd/system:/lib/systemd/system", folder.display());
    let output = Command::new("systemd-analyze").args(words).env("SYSTEMD_UNIT_PATH", path).output().ok();
    if output.is_none() {
        eprintln!("skipped: there is no systemd-analyze here");
    }
    output
}

#[test]
fn systemd_understands_them() {
    let folder = copies();
    for path in ["service", "timer", "socket"].into_iter().flat_map(units) {
        let copy = folder.path().join(path.file_name().expect("a name")).display().to_string();
        let Some(output) = analyze(&["verify", &copy], folder.path()) else { return };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let about_us: Vec<&str> = said.lines().filter(|line| line.contains("ficsync")).collect();
        assert!(about_us.is_empty(), "{copy}: {about_us:#?}");
    }
}

#[test]
fn the_services_are_hardened() {
    let folder = copies();
    for path in units("service") {
        let copy = folder.path().join(path.file_name().expect("a name")).display().to_string();
        let Some(output) = analyze(&["security", "--offline=true", &copy], folder.path()) else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let level = said
            .lines()
            .find_map(|line| line.split_once("Overall exposure level for")?.1.split_once(": ")?.1.split(' ').next())
            .unwrap_or_else(|| panic!("{copy}: no level in {said}"));
        let level: f64 = level.parse().expect("a number");
        assert!(level <= MOST_EXPOSED, "{}: exposure {level}", path.display());
    }
}

#[test]
fn an_early_stop_is_no_failure_and_the_timer_retries() {
    let sync = text(&units("service").into_iter().find(|path| path.ends_with("ficsync-sync.service")).expect("sync"));
    let early = ficsync::exit::Exit::Stopped.code();
    assert!(sync.lines().any(|line| line == format!("SuccessExitStatus={early}")));
    assert!(!sync.lines().any(|line| line.starts_with("Restart=")));
}
