//! `query`: ready answers, as a table, CSV, JSON or Markdown.
//!
//! In: the database, for reading only, and the queries. Out: the answer on stdout, and under a table for people what it
//! cannot know. Writes nothing.

mod print;

use super::table::table;
use crate::cli::{self, Format, QueryArgs};
use crate::exit::Exit;
use crate::queries::head::{Kind, Parameter, Query};
use crate::queries::{self};
use crate::report::say;
use crate::settings::Settings;
use crate::store::Store;
use anyhow::Result;
use std::collections::BTreeMap;

/// Runs a query, or shows what there is.
///
/// # Errors
/// Exit 2 for an unknown name, parameter or value; else when the database cannot be read or the query fails.
pub fn run(args: &QueryArgs, settings: &Settings) -> Result<Exit> {
    let queries = queries::all(settings.queries.as_deref())?;
    match &args.name {
        None if args.help => say(cli::help::page("query"))?,
        None => list(&queries)?,
        Some(name) if args.help => say(describe(queries::find(&queries, name)?))?,
        Some(name) => answer(queries::find(&queries, name)?, args, settings)?,
    }
    Ok(Exit::Done)
}

fn list(queries: &BTreeMap<String, Query>) -> Result<()> {
    say(table(["query", "asks"], queries.values().map(|query| [query.name.clone(), query.question.clone()])))
}

fn answer(query: &Query, args: &QueryArgs, settings: &Settings) -> Result<()> {
    let values = queries::values(query, &args.parameters, args.account_id)?;
    let store = Store::open_read_only(&settings.db, settings.clock)?;
    let answer = store.query(&query.name, &query.sql, &values, settings.longest_query)?;
    match args.format {
        Format::Table => print::table(&answer, &query.limits),
        Format::Csv => print::csv(&answer),
        Format::Json => print::json(query, &values, &answer),
        Format::Markdown => print::markdown(&answer),
    }
}

fn describe(query: &Query) -> String {
    let mut lines = vec![query.question.clone()];
    lines.extend(query.about.iter().cloned());
    lines.extend(query.limits.iter().map(|limit| format!("Limits: {limit}")));
    lines.push(String::new());
    lines.push(format!("Usage: ficsync query {} [KEY=VALUE]...", query.name));
    lines.extend(query.parameters.iter().map(parameter));
    lines.join("\n")
}

fn parameter(parameter: &Parameter) -> String {
    let kind = match &parameter.kind {
        Kind::Integer => "N".to_owned(),
        Kind::Date => "YYYY-MM-DD".to_owned(),
        Kind::Words(words) => words.join("|"),
        Kind::Text => "TEXT".to_owned(),
    };
    let default = match &parameter.default {
        Some(default) => format!("  [default: {default}]"),
        None => "  must be given".to_owned(),
    };
    let note = parameter.note.as_ref().map(|note| format!("  {note}")).unwrap_or_default();
    format!("  {}={kind}{default}{note}", parameter.name)
}
