//! The machine: is there room on the disk, does systemd run the timer.

use super::Findings;
use crate::settings::Settings;
use std::path::Path;
use std::process::Command;

/// Room for the write-ahead log (32 MiB is kept of it), a first walk's checkpoint and a rotated token.
const LEAST_FREE: u64 = 256 << 20;
/// A migration may write a table anew: so much of the database's size is wanted as well.
const SHARE: u64 = 4;
/// Where systemd is, this is there (sd_booted(3)).
const BOOTED: &str = "/run/systemd/system";
const TIMER: &str = "ficsync-sync.timer";
/// The timers of the template unit, one for each database.
const INSTANCES: &str = "ficsync-sync@*.timer";

/// Looks at the machine.
pub fn look(settings: &Settings, findings: &mut Findings) {
    look_at_disk(&settings.db, findings);
    look_at_timer(findings);
}

fn look_at_disk(db: &Path, findings: &mut Findings) {
    // The folder may be yet to be made.
    let folder = db.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let size = std::fs::metadata(db).map_or(0, |found| found.len());
    let free = match rustix::fs::statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            let cure = format!("see: df {}", folder.display());
            return findings.bad("disk.space", None, format!("{}: {error}", folder.display()), cure);
        }
    };
    let wanted = LEAST_FREE.max(size / SHARE);
    let found = format!("{} free, the database has {}", megabytes(free), megabytes(size));
    if free >= wanted {
        return findings.good("disk.space", None, found);
    }
    let cure = format!("make room for {} below {}", megabytes(wanted), folder.display());
    findings.bad("disk.space", None, found, cure);
}

fn megabytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

fn look_at_timer(findings: &mut Findings) {
    let id = "timer.active";
    if !Path::new(BOOTED).is_dir() {
        return findings.good(id, None, "not looked at: systemd does not run here");
    }
    let state = Command::new("systemctl").args(["is-active", TIMER, INSTANCES]).output();
    let state = state.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match state {
        // a line for each; of the instances only those that are loaded
        Ok(state) if state.lines().any(|line| line == "active") => findings.good(id, None, "the timer is active"),
        Ok(state) => {
            let found = format!("{TIMER} is {}", state.lines().next().unwrap_or("not known to systemd"));
            findings.bad(id, None, found, format!("run: systemctl enable --now {TIMER}"));
        }
        Err(error) => findings.bad(id, None, format!("systemctl: {error}"), "see whether systemctl can be run"),
    }
}
