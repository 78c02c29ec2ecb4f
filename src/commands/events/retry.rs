//! `events retry`: failed events wait again.

use crate::commands::parts;
use crate::exit::Exit;
use crate::report::{Problem, say};
use crate::settings::Settings;
use anyhow::Result;

/// Lets the failed events with these ids, or all, wait again.
///
/// # Errors
/// When one of the ids is no failed event; the others wait again all the same.
pub fn run(ids: Option<&[i64]>, settings: &Settings) -> Result<Exit> {
    let waiting = parts::existing(settings)?.retry_failed(ids)?;
    say(format_args!("{} events wait again", waiting.len()))?;
    let missed: Vec<String> =
        ids.unwrap_or_default().iter().filter(|id| !waiting.contains(id)).map(i64::to_string).collect();
    if missed.is_empty() {
        return Ok(Exit::Done);
    }
    let message = format!("no failed event has the id {}", missed.join(", "));
    Err(Problem::failed(message, "run: ficsync events list --status failed").into())
}
