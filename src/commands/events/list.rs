//! `events list` and `events show`.

use crate::commands::table::{or_dash, table};
use crate::exit::Exit;
use crate::report::{Problem, say, say_json};
use crate::resource::events;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::events::Event;
use anyhow::Result;
use serde::Serialize;
use serde_json::value::RawValue;

/// Ids shown in a line of the list: an import has thousands.
const MOST_IDS: usize = 40;

#[derive(Serialize)]
struct Document {
    version: u32,
    events: Vec<Event>,
}

/// Lists the newest events.
///
/// # Errors
/// When the database cannot be read.
pub fn run(status: Option<&str>, limit: u32, as_json: bool, settings: &Settings) -> Result<Exit> {
    let events = Store::open_read_only(&settings.db, settings.clock)?.events(status, limit)?;
    if as_json {
        say_json(&Document { version: 1, events })?;
        return Ok(Exit::Done);
    }
    let rows = events.iter().map(|event| {
        [
            event.id.to_string(),
            event.account_id.to_string(),
            event.status.clone(),
            or_dash(event.event_type.as_deref().map(short)),
            ids(&event.resource_ids),
            event.received_at.clone(),
            event.attempts.to_string(),
            or_dash(event.next_attempt_at.as_deref()),
            or_dash(event.last_error.as_deref().or(event.reason.as_deref())),
        ]
    });
    let head = ["id", "account", "status", "type", "resource_ids", "received_at", "attempts", "next_attempt_at", "why"];
    say(table(head, rows))?;
    Ok(Exit::Done)
}

/// All names begin alike.
fn short(event_type: &str) -> &str {
    event_type.strip_prefix(events::PREFIX).unwrap_or(event_type)
}

fn ids(list: &RawValue) -> String {
    let text = list.get();
    match text.char_indices().nth(MOST_IDS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Shows one event, column by column.
///
/// # Errors
/// When there is none.
pub fn show(id: i64, settings: &Settings) -> Result<Exit> {
    let found = Store::open_read_only(&settings.db, settings.clock)?.event(id)?;
    let event = found.ok_or_else(|| Problem::failed(format!("there is no event {id}"), "run: ficsync events list"))?;
    let text = |value: Option<String>| or_dash(value.as_deref());
    let rows = [
        ("id", event.id.to_string()),
        ("account_id", event.account_id.to_string()),
        ("event_group", event.event_group),
        ("event_id", event.event_id),
        ("type", text(event.event_type)),
        ("occurred_at", text(event.occurred_at)),
        ("received_at", event.received_at),
        ("resource_ids", event.resource_ids.get().to_owned()),
        ("status", event.status),
        ("attempts", event.attempts.to_string()),
        ("next_attempt_at", text(event.next_attempt_at)),
        ("last_error", text(event.last_error)),
        ("processed_at", text(event.processed_at)),
        ("reason", text(event.reason)),
        ("remaining_ids", event.remaining_ids.get().to_owned()),
        ("leased_by", text(event.leased_by)),
        ("leased_until", text(event.leased_until)),
    ];
    say(table(["what", "value"], rows.map(|(what, value)| [what.to_owned(), value])))?;
    Ok(Exit::Done)
}
