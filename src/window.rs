//! A window: a part of a list, said once for both sides.
//!
//! The service is asked for it (`api::filter` writes it as `q`), the database is asked for it (`store::window` writes
//! it as SQL), and the two answers are compared. Holds no data and asks nobody.

use crate::record::{Id, Record};
use serde::{Deserialize, Serialize};

/// Records by their time stamps and ids. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Bounds on `updated_at`.
    pub updated: Span,
    /// Bounds on `created_at`.
    pub created: Span,
    /// Only ids above this one.
    pub after_id: Option<i64>,
    /// Only ids up to this one, itself included.
    pub to_id: Option<i64>,
}

/// Bounds on one time stamp, compared as text: the service's stamps sort as they read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// Any value, null too.
    #[default]
    Any,
    /// Null.
    Null,
    /// Any value but null.
    NotNull,
    /// Exactly this second.
    At(String),
    /// From `from` on, before `before`; null is never within.
    Range {
        /// First second within.
        from: Option<String>,
        /// First second no longer within.
        before: Option<String>,
    },
    /// Everything later than this second; null is never within.
    After(String),
    /// Everything later than one second and before another.
    Between {
        /// Last second not yet within.
        after: String,
        /// First second no longer within.
        before: String,
    },
}

/// A window that a record can leave only by being deleted (see [`Window::fixed`]): that a row is absent from it proves
/// that the record is gone. Absence from a window over `updated_at` proves nothing: the record may have changed.
#[derive(Debug, Clone, Copy)]
pub struct Fixed<'a>(&'a Window);

impl Fixed<'_> {
    /// The window.
    pub fn window(&self) -> &Window {
        self.0
    }
}

impl Span {
    /// This second and everything later.
    pub fn since(from: impl Into<String>) -> Self {
        Self::Range { from: Some(from.into()), before: None }
    }

    /// The two parts of this span below and from `middle` on.
    pub fn split(&self, middle: &str) -> (Self, Self) {
        let (from, before) = match self {
            Self::Range { from, before } => (from.clone(), before.clone()),
            _ => (None, None),
        };
        (Self::Range { from, before: Some(middle.to_owned()) }, Self::Range { from: Some(middle.to_owned()), before })
    }
}

impl Window {
    /// Records by `updated_at` alone.
    pub fn updated(updated: Span) -> Self {
        Self { updated, ..Self::default() }
    }

    /// Records by `created_at` alone.
    pub fn created(created: Span) -> Self {
        Self { created, ..Self::default() }
    }

    /// The same window, where a record can leave it only by being deleted: `created_at` and `id` never change, so that
    /// bounds on nothing else are needed. Nothing where `updated_at` is bounded.
    pub fn fixed(&self) -> Option<Fixed<'_>> {
        (self.updated == Span::Any).then_some(Fixed(self))
    }

    /// The same records, but only with ids above `after` and up to `to`.
    #[must_use]
    pub fn ids(&self, after: Option<i64>, to: Option<i64>) -> Self {
        Self { after_id: after, to_id: to, ..self.clone() }
    }
}

impl Span {
    /// Whether a stamp lies within.
    pub fn holds(&self, stamp: Option<&str>) -> bool {
        match (self, stamp) {
            (Self::Any, _) | (Self::Null, None) | (Self::NotNull, Some(_)) => true,
            (Self::At(at), Some(stamp)) => at == stamp,
            (Self::Range { from, before }, Some(stamp)) => {
                from.as_deref().is_none_or(|from| from <= stamp)
                    && before.as_deref().is_none_or(|before| stamp < before)
            }
            (Self::After(after), Some(stamp)) => after.as_str() < stamp,
            (Self::Between { after, before }, Some(stamp)) => after.as_str() < stamp && stamp < before.as_str(),
            _ => false,
        }
    }
}

impl Window {
    /// Whether a record lies within.
    pub fn holds(&self, record: &Record) -> bool {
        self.updated.holds(record.updated_at.as_deref())
            && self.created.holds(record.created_at.as_deref())
            && self.after_id.is_none_or(|after| record.id > Id::Number(after))
            && self.to_id.is_none_or(|to| record.id <= Id::Number(to))
    }
}
