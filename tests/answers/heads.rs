//! The text of the queries: heads that a program can read, and nothing reckoned by themselves that a view reckons.

use crate::head::{self, Query};
use std::collections::BTreeSet;

/// The words of a text, as SQL has them; parameters with their colon.
fn words(sql: &str) -> BTreeSet<&str> {
    sql.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|word| !word.is_empty()).collect()
}

#[test]
fn each_begins_with_its_question_and_declares_its_parameters() {
    let queries = head::all();
    assert!(queries.len() >= 46, "{} queries", queries.len());
    for Query { name, question, limits, parameters, sql } in queries {
        assert!(question.ends_with('?') && question.matches('?').count() == 1, "{name} begins with {question:?}");
        assert!(limits.iter().all(|limit| limit.ends_with('.')), "{name}: {limits:?}");
        let used: BTreeSet<&str> = words(&sql).into_iter().filter_map(|word| word.strip_prefix(':')).collect();
        let declared: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(used, declared, "{name}: parameters used, and declared in the head");
        assert_eq!(parameters.len(), declared.len(), "{name} declares one twice");
        let account = parameters.last().expect("a parameter");
        let said = (account.name.as_str(), account.kind.as_str(), account.default.as_deref());
        assert_eq!(said, ("account_id", "integer", Some("all")), "{name}");
        for parameter in &parameters {
            let known = matches!(parameter.kind.as_str(), "integer" | "date") || parameter.kind.contains('|');
            assert!(known, "{name}: {parameter:?}");
        }
        assert!(!sql.contains("--"), "{name}: comments stand in the head");
        assert_eq!(sql.matches(';').count() - sql.matches("'; '").count(), 1, "{name}: one statement");
    }
}

#[test]
fn defaults_are_those_of_the_definitions() {
    let known = |name: &str, default: &str| match name {
        "today" => default == "today",
        "year" => default == "this year",
        "from" => ["today - 12 months + 1 day", "first of last year"].contains(&default),
        "to" => default == "today",
        "account_id" => default == "all",
        "by" => default == "quarter",
        _ => default.parse::<i64>().is_ok(),
    };
    for query in head::all() {
        for parameter in query.parameters {
            match parameter.default.as_deref() {
                Some(default) => assert!(known(&parameter.name, default), "{}: {default}", query.name),
                None => assert_eq!((query.name.as_str(), parameter.name.as_str()), ("client_statement", "client_id")),
            }
        }
    }
}

/// Views subtract credit notes and turn dollars into euros, once. `amount_gross` is never used: what it holds is not known.
#[test]
fn none_writes_a_sign_an_exchange_rate_or_the_gross_amount() {
    for Query { name, sql, .. } in head::all() {
        let words = words(&sql);
        for forbidden in ["sign", "exchange_rate", "amount_gross", "raw", "json_extract"] {
            assert!(!words.contains(forbidden), "{name} has the word {forbidden}");
        }
        let plain: String = sql.chars().filter(|c| !c.is_whitespace()).collect();
        for forbidden in ["-1*", "*-1", "(-1)", "THEN-", "ELSE-", "(0-", ",0-", "->"] {
            assert!(!plain.contains(forbidden), "{name} has {forbidden}");
        }
        // Amounts in a document's own currency; corrispettivi are in euro.
        let own = words.iter().find(|word| word.starts_with("amount_") && **word != "amount_currency");
        let of_receipts = words.contains("receipts");
        assert!(own.is_none() || of_receipts, "{name} has {own:?}");
    }
}

/// What nobody may take for a tax return says so.
#[test]
fn estimates_and_guesses_say_what_they_are() {
    for (name, word) in [
        ("vat_settlement", "estimate"),
        ("forfettario_threshold", "estimate"),
        ("reverse_charge_to_integrate", "guess"),
        ("export_plafond", "accountant"),
        ("stamp_duty_missing", "nature"),
        ("withholding_by_client", "by hand"),
        ("product_margin", "today's"),
        ("quotes_conversion", "gone"),
        ("cash_by_month", "due date"),
    ] {
        let limits = head::named(name).limits.join(" ");
        assert!(limits.contains(word), "{name} does not say {word:?}: {limits:?}");
    }
}

/// docs/queries.md lists all of them; `make queries` writes it.
#[test]
fn the_page_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/queries.md");
    let text = std::fs::read_to_string(path).expect("docs/queries.md");
    let (before, rest) = text.split_once("<!-- list -->\n").expect("a mark before the list");
    let (_, after) = rest.split_once("<!-- end of list -->\n").expect("a mark after the list");
    let fresh = format!("{before}<!-- list -->\n{}<!-- end of list -->\n{after}", listed());
    if std::env::var_os("FICSYNC_WRITE_PAGES").is_some() {
        std::fs::write(path, &fresh).expect("docs/queries.md");
    } else {
        assert!(text == fresh, "docs/queries.md is stale; run: make queries");
    }
}

fn listed() -> String {
    let mut page = String::new();
    for Query { name, question, limits, parameters, .. } in head::all() {
        page += &format!("\n### {name}\n\n{question}\n");
        let own: Vec<String> = parameters.iter().filter(|p| p.name != "account_id").map(shown).collect();
        if !own.is_empty() {
            page += &format!("\nParameters: {}.\n", own.join("; "));
        }
        if !limits.is_empty() {
            page += &format!("\n*Limits: {}*\n", limits.join(" "));
        }
    }
    page + "\n"
}

fn shown(parameter: &head::Parameter) -> String {
    let default = parameter.default.as_ref().map_or(", to be given".to_owned(), |default| format!(" = {default}"));
    let note = parameter.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    format!("`{}`{default}{note}", parameter.name)
}
