//! Ready answers: the queries of `sql/queries`, which are built in, and the administrator's own beside the settings.
//!
//! In: a name and `key=value` words. Out: the query, and the values to bind, each checked by its declared type. Runs nothing:
//! that is the store's.

mod built_in;
pub mod head;

use crate::exit::Exit;
use crate::report::Problem;
use crate::store::query::Given;
use anyhow::{Context, Result};
use built_in::BUILT_IN;
use head::{Kind, Parameter, Query};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// All queries, by name. Those in the folder `own` win over the built-in ones of the same name.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn all(own: Option<&Path>) -> Result<BTreeMap<String, Query>> {
    let mut queries: BTreeMap<String, Query> =
        BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), head::read(name, text))).collect();
    for (name, text) in own.map(own_files).transpose()?.unwrap_or_default() {
        let query = head::read(&name, &text);
        queries.insert(name, query);
    }
    Ok(queries)
}

/// Name and text of each `NAME.sql` in a folder; none where there is no such folder.
fn own_files(folder: &Path) -> Result<Vec<(String, String)>> {
    let about = || format!("could not read the queries in {}", folder.display());
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(about)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(about)?.path();
        if let Some(name) =
            path.file_stem().and_then(|name| name.to_str()).filter(|_| path.extension() == Some("sql".as_ref()))
        {
            let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            files.push((name.to_owned(), text));
        }
    }
    Ok(files)
}

/// The query of a name.
///
/// # Errors
/// When there is none: exit 2, with the nearest name.
pub fn find<'a>(queries: &'a BTreeMap<String, Query>, name: &str) -> Result<&'a Query> {
    let unknown = || {
        let near = nearest(name, queries.keys().map(String::as_str));
        let next =
            near.map_or_else(|| "see the list: ficsync query".to_owned(), |near| format!("did you mean {near}?"));
        Problem::new(Exit::Usage, format!("there is no query {name}")).hint(next)
    };
    queries.get(name).ok_or_else(|| unknown().into())
}

/// The values to bind: those that were given as `key=value`, and `account_id`.
///
/// # Errors
/// Exit 2: a key that the query does not declare, a value that is not of its type, a missing one that has no default.
pub fn values(query: &Query, words: &[String], account_id: Option<i64>) -> Result<Vec<(String, Given)>> {
    let mut values: Vec<(String, Given)> = Vec::new();
    for word in words {
        let (key, value) = word
            .split_once('=')
            .ok_or_else(|| usage(query, format!("{word:?} is no parameter: they are written KEY=VALUE")))?;
        let parameter = declared(query, key)?;
        if values.iter().any(|(known, _)| known == key) {
            return Err(usage(query, format!("{key} is given twice")).into());
        }
        values.push((key.to_owned(), read(query, parameter, value)?));
    }
    if let Some(id) = account_id {
        declared(query, "account_id")?;
        values.retain(|(key, _)| key != "account_id");
        values.push(("account_id".to_owned(), Given::Integer(id)));
    }
    let is_given = |parameter: &Parameter| values.iter().any(|(key, _)| *key == parameter.name);
    match query.parameters.iter().find(|parameter| parameter.default.is_none() && !is_given(parameter)) {
        Some(missing) => Err(usage(query, format!("{} needs {}=…", query.name, missing.name)).into()),
        None => Ok(values),
    }
}

fn declared<'a>(query: &'a Query, key: &str) -> Result<&'a Parameter> {
    let unknown = || {
        let near = nearest(key, query.parameters.iter().map(|parameter| parameter.name.as_str()));
        let near = near.map(|near| format!(": did you mean {near}?")).unwrap_or_default();
        usage(query, format!("{} has no parameter {key}{near}", query.name))
    };
    query.parameters.iter().find(|parameter| parameter.name == key).ok_or_else(|| unknown().into())
}

fn read(query: &Query, parameter: &Parameter, value: &str) -> Result<Given> {
    let wrong = |wanted: &str| usage(query, format!("{}={value}: it takes {wanted}", parameter.name));
    Ok(match &parameter.kind {
        Kind::Integer => Given::Integer(value.parse().map_err(|_| wrong("a whole number"))?),
        Kind::Date => {
            let day: Date = value.parse().map_err(|_| wrong("a day, as 2026-06-30"))?;
            Given::Text(day.to_string())
        }
        Kind::Words(words) if words.iter().any(|word| word == value) => Given::Text(value.to_owned()),
        Kind::Words(words) => return Err(wrong(&words.join(" or ")).into()),
        Kind::Text => Given::Text(value.to_owned()),
    })
}

fn usage(query: &Query, message: String) -> Problem {
    Problem::new(Exit::Usage, message).hint(format!("see: ficsync query --help {}", query.name))
}

/// The name that looks most like it, if one does: one slip, or one in four letters.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let slips = |other: &str| strsim::damerau_levenshtein(name, other);
    let near = names.map(|other| (slips(other), other)).min_by_key(|(slips, _)| *slips);
    near.filter(|(slips, _)| *slips <= 1 + name.chars().count() / 4).map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_of_the_folder_are_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/queries");
        let files = own_files(Path::new(folder)).expect("sql/queries");
        let built_in: BTreeMap<&str, &str> = BUILT_IN.iter().copied().collect();
        assert_eq!(files.len(), built_in.len());
        for (name, text) in &files {
            assert_eq!(built_in.get(name.as_str()), Some(&text.as_str()), "{name}");
        }
    }

    #[test]
    fn values_are_of_the_declared_type() {
        let queries = all(None).expect("queries");
        let of = |name: &str, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            values(find(&queries, name).expect("a query"), &words, None).map_err(|error| error.to_string())
        };
        let today = Given::Text("2026-06-30".to_owned());
        assert_eq!(of("receivables_aging", &["today=2026-06-30"]), Ok(vec![("today".to_owned(), today)]));
        assert_eq!(of("receivables_aging", &["account_id=2"]), Ok(vec![("account_id".to_owned(), Given::Integer(2))]));
        for (name, words, said) in [
            ("receivables_aging", &["today=30.6.2026"][..], "2026-06-30"),
            ("receivables_aging", &["today=2026-02-30"], "2026-06-30"),
            ("receivables_aging", &["tody=2026-06-30"], "did you mean today?"),
            ("receivables_aging", &["today"], "KEY=VALUE"),
            ("receivables_aging", &["account_id=x"], "whole number"),
            ("receivables_aging", &["account_id=1", "account_id=2"], "twice"),
            ("client_statement", &[], "client_id"),
            ("vat_settlement", &["by=week"], "quarter or month"),
        ] {
            let error = of(name, words).expect_err(name);
            assert!(error.contains(said), "{name} {words:?}: {error}");
        }
        let error = crate::report::one_line(&find(&queries, "receivable_aging").expect_err("a slip"));
        assert!(error.contains("did you mean receivables_aging?"), "{error}");
    }
}
