//! The names of a statement's parameters, read.
//!
//! In: `$text(entity.name)`, `:account_id`. Out: a [`Parameter`]. SQLite takes both forms (<https://sqlite.org/lang_expr.html>,
//! "Parameters"); the part in parentheses is part of the name.

/// What a member of a record becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `$text`: as it was sent; what is no text becomes its JSON.
    Text,
    /// `$int`: a whole number, also one in quotes; true and false are 1 and 0; anything else is null.
    Int,
    /// `$num`: a number, also one in quotes; anything else, and what has no finite value, is null.
    Num,
    /// `$json`: its JSON, whatever it is.
    Json,
    /// `$has`: 1 where it is there and not null, else 0.
    Has,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// A member of the record, by the names that lead to it: `entity.name`.
    Member(Kind, String),
    /// Something that ficsync knows or works out, by its name without the colon.
    Own(String),
}

impl Parameter {
    /// Reads the name of a parameter, with its first character. `None`: it is neither form.
    pub fn read(name: &str) -> Option<Self> {
        if let Some(own) = name.strip_prefix(':') {
            return Some(Self::Own(own.to_owned()));
        }
        let (kind, path) = name.strip_prefix('$')?.strip_suffix(')')?.split_once('(')?;
        let kind = match kind {
            "text" => Kind::Text,
            "int" => Kind::Int,
            "num" => Kind::Num,
            "json" => Kind::Json,
            "has" => Kind::Has,
            _ => return None,
        };
        Some(Self::Member(kind, path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let member = |kind, path: &str| Some(Parameter::Member(kind, path.to_owned()));
        assert_eq!(Parameter::read(":account_id"), Some(Parameter::Own("account_id".to_owned())));
        assert_eq!(Parameter::read("$text(entity.name)"), member(Kind::Text, "entity.name"));
        assert_eq!(Parameter::read("$has(attachment_url)"), member(Kind::Has, "attachment_url"));
        for strange in ["$date(date)", "$text", "?1", "@x", "$text(x"] {
            assert_eq!(Parameter::read(strange), None, "{strange}");
        }
    }
}
