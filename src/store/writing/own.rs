//! What stands in a row and not in the record: keys, the write's number, what was worked out.
//!
//! In: the name of a parameter. Out: its value. sql/README.md lists the names.

use crate::money::Figure;
use crate::record::Id;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// What a parameter of ficsync's own stands for.
#[derive(Debug)]
pub enum Name {
    /// The local account.
    Account,
    /// The resource type's name.
    Resource,
    /// The record's row.
    Row,
    /// The service's id.
    Id,
    /// What a document counts for.
    Sign,
    /// The place in a list.
    Position,
    /// When it is written.
    SyncedAt,
    /// The number of the write.
    WrittenIn,
    /// The fingerprint.
    Content,
    /// The text.
    Raw,
    /// What was worked out under this name, and where it was found the last time: the order is always the same.
    Figure(String, AtomicUsize),
}

impl Name {
    /// Reads the name of a parameter, without its colon.
    pub fn read(name: String) -> Self {
        match name.as_str() {
            "account_id" => Self::Account,
            "resource" => Self::Resource,
            "row" | "parent" => Self::Row,
            "id" => Self::Id,
            "sign" => Self::Sign,
            "position" => Self::Position,
            "synced_at" => Self::SyncedAt,
            "written_in" => Self::WrittenIn,
            "content" => Self::Content,
            "raw" => Self::Raw,
            _ => Self::Figure(name, AtomicUsize::new(0)),
        }
    }
}

impl Own<'_> {
    /// The value of a parameter. What is not known by this name is null.
    pub fn value(&self, name: &Name) -> ToSqlOutput<'_> {
        match name {
            Name::Account => int(self.about.account_id),
            Name::Resource => text(self.about.resource),
            Name::Row => int(self.about.row),
            Name::Id => id(self.about.id),
            Name::Sign => int(self.about.sign),
            Name::Position => int(self.position),
            Name::SyncedAt => text(self.about.synced_at),
            Name::WrittenIn => int(self.about.written_in),
            Name::Content => int(self.about.content),
            Name::Raw => text(self.raw),
            Name::Figure(name, last) => match self.figure(name, last) {
                Some(Figure::Int(n)) => int(*n),
                Some(Figure::Num(x)) => ToSqlOutput::Owned(Value::Real(*x)),
                Some(Figure::Text(words)) => text(words),
                Some(Figure::Null) | None => ToSqlOutput::Owned(Value::Null),
            },
        }
    }

    fn figure(&self, name: &str, last: &AtomicUsize) -> Option<&Figure> {
        if let Some((found, figure)) = self.figures.get(last.load(Ordering::Relaxed))
            && *found == name
        {
            return Some(figure);
        }
        let place = self.figures.iter().position(|(figure, _)| *figure == name)?;
        last.store(place, Ordering::Relaxed);
        self.figures.get(place).map(|(_, figure)| figure)
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
