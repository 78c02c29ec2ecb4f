//! `events drain`: works off what is due, without the webhook listener or beside it.

use crate::commands::parts;
use crate::exit::Exit;
use crate::report::Problem;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::worker::Pool;
use anyhow::Result;

/// Drains the outbox.
///
/// # Errors
/// When an event failed for good (1), or a signal came first (75).
pub fn run(settings: &Settings) -> Result<Exit> {
    drop(parts::existing(settings)?);
    let shutdown = Shutdown::on_signals()?;
    let drained = Pool::drain(parts::workers(settings, &shutdown))?;
    if drained.failed > 0 {
        let message = format!("{} webhook events have failed", drained.failed);
        return Err(Problem::failed(
            message,
            "run: ficsync events list --status failed; when the cause is mended: ficsync events retry --failed",
        )
        .into());
    }
    if drained.stopped {
        return Err(Problem::new(Exit::Stopped, "stopped before all was worked off").hint("run again").into());
    }
    Ok(Exit::Done)
}
