//! The machine: is there room on the disk, does systemd run the timer.

use super::Findings;
use crate::settings::Settings;
use std::path::Path;
use std::process::Command;

/// Room for the write-ahead log (64 MiB is kept of it), a first walk's checkpoint and a rotated token.
const LEAST_FREE: u64 = 256 << 20;
/// A migration may write a table anew: so much of the database's size is wanted as well.
const SHARE: u64 = 4;
/// Where systemd is, this is there (sd_booted(3)).
const BOOTED: &str = "/run/systemd/system";
/// Below it lie the databases of the units: `ficsync.db`, and `NAME/ficsync.db` for the instance `NAME`.
const SERVER_FOLDER: &str = "/var/lib/ficsync";

/// Looks at the machine.
pub fn look(settings: &Settings, findings: &mut Findings) {
    look_at_disk(&settings.db, findings);
    look_at_timers(settings, findings);
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

/// Whether systemd runs here.
pub fn is_booted() -> bool {
    Path::new(BOOTED).is_dir()
}

/// The timers that this database needs: that of the runs, and with webhooks that of the subscriptions.
fn look_at_timers(settings: &Settings, findings: &mut Findings) {
    let id = "timer.active";
    if !is_booted() {
        return findings.good(id, None, "not looked at: systemd does not run here");
    }
    let names: &[&str] = if settings.public_url.is_some() { &["sync", "ensure"] } else { &["sync"] };
    for name in names {
        let (timer, others) = timer(name, &settings.db);
        match is_active(&timer, others.as_deref()) {
            Ok(None) => {}
            Ok(Some(state)) => {
                let cure = format!("run: systemctl enable --now {timer}");
                return findings.bad(id, None, format!("{timer} is {state}"), cure);
            }
            Err(error) => {
                return findings.bad(id, None, format!("systemctl: {error}"), "see whether systemctl can be run");
            }
        }
    }
    let found = if names.len() == 1 { "the timer is active" } else { "the timers are active" };
    findings.good(id, None, found);
}

/// The timer of a database, and, where the database lies elsewhere than the units', what may stand for it.
pub fn timer(name: &str, db: &Path) -> (String, Option<String>) {
    let plain = format!("ficsync-{name}.timer");
    match db.parent().and_then(|folder| folder.strip_prefix(SERVER_FOLDER).ok()) {
        Some(below) if below.as_os_str().is_empty() => (plain, None),
        Some(below) => (format!("ficsync-{name}@{}.timer", below.display()), None),
        None => (plain, Some(format!("ficsync-{name}@*.timer"))),
    }
}

/// Nothing when one of them is active, else how the first one stands.
fn is_active(timer: &str, others: Option<&str>) -> std::io::Result<Option<String>> {
    let output = Command::new("systemctl").args(["is-active", timer]).args(others).output()?;
    // a line for each; of a pattern only those that are loaded
    let states = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut states = states.lines();
    let first = states.next().unwrap_or("not known to systemd").to_owned();
    Ok((first != "active" && states.all(|state| state != "active")).then_some(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_its_own_timer() {
        let of = |db: &str| timer("sync", Path::new(db));
        assert_eq!(of("/var/lib/ficsync/ficsync.db"), ("ficsync-sync.timer".to_owned(), None));
        assert_eq!(of("/var/lib/ficsync/bianchi/ficsync.db"), ("ficsync-sync@bianchi.timer".to_owned(), None));
        let elsewhere = ("ficsync-sync.timer".to_owned(), Some("ficsync-sync@*.timer".to_owned()));
        assert_eq!(of("/srv/ficsync.db"), elsewhere);
    }
}
