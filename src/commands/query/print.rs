//! How an answer is written.
//!
//! In: columns and rows. Out: a table for people, RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), JSON, or Markdown.

use crate::commands::table::columns;
use crate::queries::head::Query;
use crate::report::{say, say_json};
use crate::store::query::{Answer, Cell, Given};
use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::Write;

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    query: &'a str,
    params: Map<String, Value>,
    columns: &'a [String],
    rows: &'a [Vec<Cell>],
}

/// A table, numbers on the right, with what the answer cannot know below it.
pub fn table(answer: &Answer, limits: &[String]) -> Result<()> {
    let texts = answer.rows.iter().map(|row| row.iter().map(for_people).collect()).collect();
    say(columns(&answer.columns, texts, &numeric(answer)))?;
    limits.iter().try_for_each(|limit| say(format_args!("{}{limit}", if limit == &limits[0] { "\n" } else { "" })))
}

/// Which columns hold numbers only.
fn numeric(answer: &Answer) -> Vec<bool> {
    let is_text = |index: usize| answer.rows.iter().any(|row| matches!(row[index], Cell::Text(_)));
    let is_number = |index: usize| answer.rows.iter().any(|row| matches!(row[index], Cell::Integer(_) | Cell::Real(_)));
    (0..answer.columns.len()).map(|index| is_number(index) && !is_text(index)).collect()
}

/// Amounts with their two decimals; what has more keeps them.
fn for_people(cell: &Cell) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::Integer(n) => n.to_string(),
        Cell::Real(x) => {
            let cents = format!("{x:.2}");
            if cents.parse() == Ok(*x) { cents } else { x.to_string() }
        }
        Cell::Text(text) => text.clone(),
    }
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(n) => n.to_string(),
        Cell::Real(x) => x.to_string(),
        Cell::Text(text) => text.clone(),
    }
}

/// A head and a record for each row; null is an empty field.
pub fn csv(answer: &Answer) -> Result<()> {
    let mut text = record(&answer.columns);
    for row in &answer.rows {
        text.push_str(&record(&row.iter().map(plain).collect::<Vec<_>>()));
    }
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

fn record(fields: &[String]) -> String {
    let quoted = |field: &String| match field.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.clone(),
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

/// One document: the values that were given, and null for those that were not.
pub fn json(query: &Query, values: &[(String, Given)], answer: &Answer) -> Result<()> {
    let given = |name: &str| values.iter().find(|(key, _)| key == name).map(|(_, value)| json!(value));
    let params = query.parameters.iter().map(|p| (p.name.clone(), given(&p.name).unwrap_or(Value::Null))).collect();
    say_json(&Document { version: 1, query: &query.name, params, columns: &answer.columns, rows: &answer.rows })
}

/// A table in Markdown, numbers on the right.
pub fn markdown(answer: &Answer) -> Result<()> {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let escaped = |text: String| text.replace('|', "\\|").replace(['\r', '\n'], " ");
    say(line(answer.columns.clone()))?;
    say(line(numeric(answer).iter().map(|number| if *number { "---:" } else { "---" }.to_owned()).collect()))?;
    answer.rows.iter().try_for_each(|row| say(line(row.iter().map(|cell| escaped(for_people(cell))).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let fields = ["plain", "a,b", "say \"x\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(record(&fields), "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\r\n");
    }

    #[test]
    fn amounts_have_two_decimals_for_people() {
        let shown = [Cell::Real(1234.5), Cell::Real(-0.125), Cell::Real(7.0), Cell::Integer(7), Cell::Null];
        assert_eq!(shown.each_ref().map(for_people), ["1234.50", "-0.125", "7.00", "7", "-"]);
        assert_eq!(shown.each_ref().map(plain), ["1234.5", "-0.125", "7", "7", ""]);
    }
}
