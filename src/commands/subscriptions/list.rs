//! `subscriptions list`: what the local table holds.

use crate::commands::table::{or_dash, table};
use crate::exit::Exit;
use crate::report::{say, say_json};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::subscriptions::Subscription;
use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    version: u8,
    subscriptions: Vec<Subscription>,
}

/// Lists them.
///
/// # Errors
/// When the database cannot be read.
pub fn run(as_json: bool, settings: &Settings) -> Result<Exit> {
    let store = Store::open_read_only(&settings.db, settings.clock)?;
    let mut subscriptions = Vec::new();
    for account in store.accounts()? {
        subscriptions.extend(store.subscriptions(account.id)?);
    }
    if as_json {
        say_json(&Document { version: 1, subscriptions })?;
        return Ok(Exit::Done);
    }
    let rows = subscriptions.iter().map(|s| {
        let state = match (s.missing_since.is_some(), s.verified) {
            (true, _) => "gone at the service",
            (_, true) => "verified",
            _ => "not verified",
        };
        [
            s.account_id.to_string(),
            or_dash(s.id.as_deref()),
            s.event_group.clone(),
            state.to_owned(),
            s.types.len().to_string(),
            s.sink.clone(),
        ]
    });
    say(table(["account", "id", "group", "state", "types", "sink"], rows))?;
    Ok(Exit::Done)
}
