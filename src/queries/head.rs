//! The head of a query: its question, what the answer is, its limits, its parameters. The form is told in sql/README.md.
//!
//! In: a file's text. Out: a [`Query`]. Runs nothing.

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A day, `2026-06-30`.
    Date,
    /// One of these words.
    Words(Vec<String>),
    /// Any text: what a query of the administrator's own may declare as anything else.
    Text,
}

/// A declared parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, without the colon.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// What it is when it is not given, in words; the SQL itself makes it. `None`: it must be given.
    pub default: Option<String>,
    /// What it is for.
    pub note: Option<String>,
}

/// A query with its head.
#[derive(Debug, Clone)]
pub struct Query {
    /// Its name: the file's.
    pub name: String,
    /// What is asked.
    pub question: String,
    /// What the answer is, in as many lines as it needs.
    pub about: Vec<String>,
    /// What the answer cannot know.
    pub limits: Vec<String>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What is run: the whole text.
    pub sql: String,
}

/// Reads a query's head.
pub fn read(name: &str, text: &str) -> Query {
    let mut lines =
        text.lines().map_while(|line| line.strip_prefix("--")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let question = lines.next().unwrap_or_default().to_owned();
    let (mut about, mut limits, mut parameters) = (Vec::new(), Vec::<String>::new(), Vec::new());
    for line in lines {
        if let Some(limit) = line.strip_prefix("Limits: ") {
            limits.push(limit.to_owned());
        } else if let (Some(more), Some(last)) = (line.strip_prefix("  "), limits.last_mut()) {
            last.push(' ');
            last.push_str(more.trim());
        } else if let Some(declared) = line.strip_prefix(':') {
            parameters.push(parameter(declared));
        } else {
            about.push(line.to_owned());
        }
    }
    Query { name: name.to_owned(), question, about, limits, parameters, sql: text.to_owned() }
}

/// `days integer = 12 (what it is for)`.
fn parameter(declared: &str) -> Parameter {
    let (declared, note) = match declared.split_once(" (") {
        Some((declared, note)) => (declared, Some(note.trim_end_matches(')').to_owned())),
        None => (declared, None),
    };
    let (declared, default) = match declared.split_once(" = ") {
        Some((declared, default)) => (declared, Some(default.to_owned())),
        None => (declared, None),
    };
    let (name, kind) = declared.trim().split_once(' ').unwrap_or((declared.trim(), ""));
    let kind = match kind {
        "integer" => Kind::Integer,
        "date" => Kind::Date,
        words if words.contains('|') => Kind::Words(words.split('|').map(str::to_owned).collect()),
        _ => Kind::Text,
    };
    Parameter { name: name.to_owned(), kind, default, note }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read() {
        let query = read(
            "q",
            "-- What is owed?\n-- By day.\n-- Limits: A guess,\n--   no more.\n-- :by quarter|month = quarter\n\
             -- :days integer = 12 (how many)\n-- :client_id integer\nSELECT 1; -- :not a parameter\n",
        );
        assert_eq!((query.question.as_str(), query.about.as_slice()), ("What is owed?", &["By day.".to_owned()][..]));
        assert_eq!(query.limits, ["A guess, no more."]);
        let parameter = |name: &str, kind, default: Option<&str>, note: Option<&str>| Parameter {
            name: name.to_owned(),
            kind,
            default: default.map(str::to_owned),
            note: note.map(str::to_owned),
        };
        let by = Kind::Words(vec!["quarter".to_owned(), "month".to_owned()]);
        assert_eq!(
            query.parameters,
            [
                parameter("by", by, Some("quarter"), None),
                parameter("days", Kind::Integer, Some("12"), Some("how many")),
                parameter("client_id", Kind::Integer, None, None),
            ]
        );
        assert_eq!(read("empty", "SELECT 1").question, "");
    }
}
