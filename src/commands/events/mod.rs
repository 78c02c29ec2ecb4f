//! `events`: the outbox of webhook events, for people.
//!
//! In: what was typed. Out: tables, JSON, changes to the outbox. How events are worked off is `worker`'s.

mod drain;
mod list;
mod retry;

use crate::cli::EventsCommand;
use crate::exit::Exit;
use crate::report::say;
use crate::settings::Settings;
use anyhow::Result;
use jiff::SignedDuration;

/// Runs an `events` command.
///
/// # Errors
/// The command's.
pub fn run(command: EventsCommand, settings: &Settings) -> Result<Exit> {
    match command {
        EventsCommand::List { status, limit, json } => list::run(status.as_deref(), limit, json, settings),
        EventsCommand::Show { id } => list::show(id, settings),
        EventsCommand::Retry { ids, failed } => retry::run((!failed).then_some(&*ids), settings),
        EventsCommand::Drain => drain::run(settings),
        EventsCommand::Prune { older_than } => prune(older_than, settings),
    }
}

fn prune(older_than: SignedDuration, settings: &Settings) -> Result<Exit> {
    let before = settings.clock.now().saturating_sub(older_than)?;
    let gone = super::parts::existing(settings)?.prune_events(before)?;
    say(format_args!("{gone} events thrown away"))?;
    Ok(Exit::Done)
}
