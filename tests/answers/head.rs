//! The head of a query: its question, what it is, its limits, its parameters.
//!
//! ```text
//! -- What is asked?
//! -- What the answer is, in as many lines as it needs.
//! -- Limits: what it cannot know. Goes on in lines that are indented by three spaces.
//! -- :name type = default (what it is for)
//! ```

use std::path::PathBuf;

/// A declared parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    /// `integer`, `date`, or the words that may be given, with `|` between them.
    pub kind: String,
    /// Nothing: it must be given.
    pub default: Option<String>,
    pub note: Option<String>,
}

/// A query with its head.
#[derive(Debug)]
pub struct Query {
    pub name: String,
    pub question: String,
    pub limits: Vec<String>,
    pub parameters: Vec<Parameter>,
    /// What is run.
    pub sql: String,
}

/// All queries, by name.
pub fn all() -> Vec<Query> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/queries"));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("sql/queries").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            read(&name, &std::fs::read_to_string(path).expect("text"))
        })
        .collect()
}

/// The query of this name.
pub fn named(name: &str) -> Query {
    all().into_iter().find(|query| query.name == name).unwrap_or_else(|| panic!("there is no query {name}"))
}

fn read(name: &str, text: &str) -> Query {
    let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("-- ")).collect();
    let sql: Vec<&str> = text.lines().skip(head.len()).collect();
    let mut query = Query {
        name: name.to_owned(),
        question: head.first().copied().unwrap_or_default().to_owned(),
        limits: Vec::new(),
        parameters: Vec::new(),
        sql: sql.join("\n"),
    };
    for line in head.iter().skip(1) {
        if let Some(limit) = line.strip_prefix("Limits: ") {
            query.limits.push(limit.to_owned());
        } else if let (Some(more), Some(last)) = (line.strip_prefix("  "), query.limits.last_mut()) {
            last.push(' ');
            last.push_str(more.trim());
        } else if let Some(declared) = line.strip_prefix(':') {
            query.parameters.push(parameter(declared));
        }
    }
    query
}

fn parameter(declared: &str) -> Parameter {
    let (declared, note) = match declared.split_once(" (") {
        Some((declared, note)) => (declared, Some(note.trim_end_matches(')').to_owned())),
        None => (declared, None),
    };
    let (declared, default) = match declared.split_once(" = ") {
        Some((declared, default)) => (declared, Some(default.to_owned())),
        None => (declared, None),
    };
    let (name, kind) = declared.split_once(' ').unwrap_or((declared, ""));
    Parameter { name: name.to_owned(), kind: kind.to_owned(), default, note }
}
