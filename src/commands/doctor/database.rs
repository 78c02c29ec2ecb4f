//! Is the database there, ours, intact, and can it be written.

use super::Findings;
use crate::settings::Settings;
use crate::store::Store;
use std::time::Duration;

/// A transaction of ours lasts milliseconds: a lock that is held for longer is somebody's forgotten `BEGIN`.
const PATIENCE: Duration = Duration::from_secs(5);

/// What helps where the database is damaged.
pub const RESTORE: &str = "restore a backup, or move the file away and run: ficsync sync all";

/// The open database.
#[derive(Debug)]
pub struct Found {
    /// For reading at least.
    pub store: Store,
    /// Whether a transaction could be written.
    pub writable: bool,
}

/// Looks at the database. Nothing, when it cannot be used at all.
pub fn look(settings: &Settings, findings: &mut Findings) -> Option<Found> {
    let mut store = match Store::open_existing(&settings.db, settings.clock) {
        Ok(store) => store,
        Err(error) => {
            findings.error("database.open", None, &error, RESTORE);
            return None;
        }
    };
    findings.good("database.open", None, settings.db.display().to_string());
    match store.quick_check() {
        Ok(None) => findings.good("database.intact", None, "no damaged page"),
        Ok(Some(damage)) => findings.bad("database.intact", None, damage, RESTORE),
        Err(error) => findings.error("database.intact", None, &error, RESTORE),
    }
    let tried = store.set_patience(PATIENCE).and_then(|()| store.try_writing());
    let writable = tried.is_ok();
    match tried {
        Ok(()) => findings.good("database.writable", None, "a transaction was written"),
        Err(error) => {
            let cure = format!(
                "run as the user that owns {0}, and end what holds it, see: fuser -v {0}",
                settings.db.display()
            );
            findings.error("database.writable", None, &error, &cure);
        }
    }
    Some(Found { store, writable })
}
