//! Evaluates a filter over records. In: a parsed filter and the kind of record. Out: a tester, or the field
//! that the list does not let people filter by. Comparisons with null never match, as in SQL.

use std::cmp::Ordering;

use crate::collection::{Key, Record, place};
use crate::filter::{Expr, Literal, Op, Test};
use crate::resource::Kind;

/// A filter with its fields looked up.
#[derive(Debug)]
pub(crate) enum Tester {
    And(Box<Tester>, Box<Tester>),
    Or(Box<Tester>, Box<Tester>),
    Test { place: usize, op: Op, value: Key },
}

/// Looks up the fields; refuses those that the list cannot be filtered by and values that are no times.
pub(crate) fn compile(kind: Kind, expr: &Expr) -> Result<Tester, String> {
    match expr {
        Expr::And(one, two) => Ok(Tester::And(Box::new(compile(kind, one)?), Box::new(compile(kind, two)?))),
        Expr::Or(one, two) => Ok(Tester::Or(Box::new(compile(kind, one)?), Box::new(compile(kind, two)?))),
        Expr::Test(test) => compile_test(kind, test),
    }
}

fn compile_test(kind: Kind, test: &Test) -> Result<Tester, String> {
    if !kind.filters(&test.field) {
        return Err(format!("the field {} cannot be filtered by", test.field));
    }
    let place = place(kind, &test.field).ok_or_else(|| format!("the field {} is not kept", test.field))?;
    Ok(Tester::Test { place, op: test.op, value: literal(test)? })
}

fn literal(test: &Test) -> Result<Key, String> {
    let timed = test.field.ends_with("_at");
    match &test.value {
        Literal::Text(text) if timed => stamp(text).map(|text| Key::Text(text.into())),
        _ if timed && !matches!(test.op, Op::IsNull | Op::IsNotNull) => {
            Err(format!("{} is compared with something that is no time", test.field))
        }
        Literal::Text(text) => Ok(Key::Text(text.as_str().into())),
        Literal::Number(number) => Ok(Key::Number(*number)),
        Literal::Bool(truth) => Ok(Key::Bool(*truth)),
        Literal::None => Ok(Key::Null),
    }
}

/// A date alone means its midnight.
fn stamp(text: &str) -> Result<String, String> {
    let whole = if text.len() == 10 { format!("{text} 00:00:00") } else { text.to_owned() };
    match jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", &whole) {
        Ok(_) if whole.len() == 19 => Ok(whole),
        _ => Err(format!("{text:?} is no time like 2021-08-23 05:34:20")),
    }
}

impl Tester {
    /// Does the record match?
    pub(crate) fn matches(&self, record: &Record) -> bool {
        match self {
            Tester::And(one, two) => one.matches(record) && two.matches(record),
            Tester::Or(one, two) => one.matches(record) || two.matches(record),
            Tester::Test { place, op, value } => test(record.key(*place), *op, value),
        }
    }

    /// The places of all fields that the filter names.
    pub(crate) fn places(&self) -> Vec<usize> {
        match self {
            Tester::And(one, two) | Tester::Or(one, two) => [one.places(), two.places()].concat(),
            Tester::Test { place, .. } => vec![*place],
        }
    }
}

fn test(key: &Key, op: Op, value: &Key) -> bool {
    if *key == Key::Null {
        return op == Op::IsNull;
    }
    match op {
        Op::IsNull => false,
        Op::IsNotNull => true,
        Op::Eq => compare(key, value) == Ordering::Equal,
        Op::Ne => compare(key, value) != Ordering::Equal,
        Op::Lt => compare(key, value) == Ordering::Less,
        Op::Le => compare(key, value) != Ordering::Greater,
        Op::Gt => compare(key, value) == Ordering::Greater,
        Op::Ge => compare(key, value) != Ordering::Less,
        Op::Like => like(&text(key), &text(value)),
        Op::NotLike => !like(&text(key), &text(value)),
        Op::Contains => text(key).contains(&text(value)),
        Op::NotContains => !text(key).contains(&text(value)),
        Op::StartsWith => text(key).starts_with(&text(value)),
        Op::EndsWith => text(key).ends_with(&text(value)),
    }
}

/// Numbers with numbers, else texts; capitals do not matter, as in the database behind such services.
fn compare(key: &Key, value: &Key) -> Ordering {
    match (key, value) {
        (Key::Text(one), Key::Text(two)) if one.eq_ignore_ascii_case(two) => Ordering::Equal,
        (Key::Text(_), Key::Text(_)) | (Key::Number(_), Key::Number(_)) | (Key::Bool(_), Key::Bool(_)) => {
            key.compare(value)
        }
        (Key::Number(_), Key::Text(digits)) => key.compare(&Key::Number(digits.trim().parse().unwrap_or_default())),
        (Key::Bool(truth), Key::Number(number)) => f64::from(u8::from(*truth)).total_cmp(number),
        _ => text(key).cmp(&text(value)),
    }
}

fn text(key: &Key) -> String {
    match key {
        Key::Null => String::new(),
        Key::Bool(truth) => truth.to_string(),
        Key::Number(number) => number.to_string(),
        Key::Text(text) => text.to_lowercase(),
    }
}

/// SQL's LIKE: `%` for any text, `_` for one character.
fn like(text: &str, pattern: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return text.is_empty();
    };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '%' => (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| like(&text[at..], rest)),
        _ => match text.chars().next() {
            Some(letter) if first == '_' || first == letter => like(&text[letter.len_utf8()..], rest),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::Collection;
    use crate::filter::parse;
    use crate::resource::named;
    use serde_json::json;

    fn hits(filter: &str) -> Vec<i64> {
        let mut collection = Collection::new(named("clients"));
        collection
            .put(1.into(), &json!({"id": 1, "name": "Rossi S.r.l.", "code": "5", "updated_at": "2021-08-23 05:34:20"}));
        collection
            .put(2.into(), &json!({"id": 2, "name": "D'Angelo", "code": null, "updated_at": "2021-08-24 00:00:00"}));
        collection.put(3.into(), &json!({"id": 3, "name": "Caffè", "code": "", "updated_at": null}));
        let tester = compile(Kind::Client, &parse(filter).expect("a filter")).expect("a tester");
        collection
            .records
            .iter()
            .filter(|record| tester.matches(record))
            .filter_map(|record| record.id.number())
            .collect()
    }

    #[test]
    fn comparisons() {
        assert_eq!(hits("updated_at >= '2021-08-23 05:34:20'"), [1, 2]);
        assert_eq!(hits("updated_at > '2021-08-23 05:34:20'"), [2]);
        assert_eq!(hits("updated_at = '2021-08-24'"), [2]);
        assert_eq!(hits("updated_at != '2021-08-24'"), [1]);
        assert_eq!(hits("updated_at is null"), [3]);
        assert_eq!(hits("code is not null"), [1, 3]);
        assert_eq!(hits("id = 1 or id > 2"), [1, 3]);
        assert_eq!(hits("code = 5"), [1]);
        assert_eq!(hits("id = '2'"), [2]);
    }

    #[test]
    fn texts() {
        assert_eq!(hits("name = 'rossi s.r.l.'"), [1]);
        assert_eq!(hits("name like '%''a%'"), [2]);
        assert_eq!(hits("name like 'caff_'"), [3]);
        assert_eq!(hits("name not like 'r%'"), [2, 3]);
        assert_eq!(hits("name contains 'SS'"), [1]);
        assert_eq!(hits("name not contains 'ss'"), [2, 3]);
        assert_eq!(hits("name starts with 'Caf'"), [3]);
        assert_eq!(hits("name ends with 'l.'"), [1]);
    }

    #[test]
    fn fields_and_times_are_checked() {
        let compile_text = |kind, text: &str| compile(kind, &parse(text).expect("a filter")).is_ok();
        assert!(compile_text(Kind::Client, "id = 1"));
        assert!(!compile_text(Kind::Issued, "id = 1"));
        assert!(!compile_text(Kind::Client, "entity.name = 'x'"));
        assert!(!compile_text(Kind::Client, "updated_at > 'yesterday'"));
        assert!(!compile_text(Kind::Client, "updated_at > '2021-08-23T05:34:20'"));
        assert!(!compile_text(Kind::Client, "updated_at > 5"));
    }
}
