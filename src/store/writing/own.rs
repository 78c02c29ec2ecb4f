//! What stands in a row and not in the record: keys, the write's number, what was worked out.
//!
//! In: the name of a parameter. Out: its value. sql/README.md lists the names.

use crate::money::Figure;
use crate::record::Id;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// What ficsync knows of a record beside its text.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The local account.
    pub account_id: i64,
    /// The resource type's name.
    pub resource: &'a str,
    /// What a document of this type counts for: 1, -1, or 0 where it is no turnover.
    pub sign: i64,
    /// Its row in the table.
    pub row: i64,
    /// The service's id.
    pub id: &'a Id,
    /// When it is written, UTC.
    pub synced_at: &'a str,
    /// The number of the write.
    pub written_in: i64,
    /// Fingerprint of its content.
    pub content: i64,
}

/// All of ficsync's values for one row.
pub struct Own<'a> {
    /// Of the record.
    pub about: &'a About<'a>,
    /// Its text.
    pub raw: &'a str,
    /// Of the row in its list, from 0.
    pub position: i64,
    /// What was worked out.
    pub figures: &'a [(&'static str, Figure)],
}

impl Own<'_> {
    /// The value of a parameter. What is not known by this name is null.
    pub fn value(&self, name: &str) -> ToSqlOutput<'_> {
        match name {
            "account_id" => int(self.about.account_id),
            "resource" => text(self.about.resource),
            "row" | "parent" => int(self.about.row),
            "id" => id(self.about.id),
            "sign" => int(self.about.sign),
            "position" => int(self.position),
            "synced_at" => text(self.about.synced_at),
            "written_in" => int(self.about.written_in),
            "content" => int(self.about.content),
            "raw" => text(self.raw),
            _ => match self.figures.iter().find(|(figure, _)| *figure == name) {
                Some((_, Figure::Int(n))) => int(*n),
                Some((_, Figure::Num(x))) => ToSqlOutput::Owned(Value::Real(*x)),
                Some((_, Figure::Text(words))) => text(words),
                Some((_, Figure::Null)) | None => ToSqlOutput::Owned(Value::Null),
            },
        }
    }
}

fn id(id: &Id) -> ToSqlOutput<'_> {
    match id {
        Id::Number(number) => int(*number),
        Id::Text(words) => text(words),
    }
}

fn int(n: i64) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(Value::Integer(n))
}

fn text(text: &str) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
}
