//! Windows in the service's filter language, the parameter `q` (documentation, "Filter Results").
//!
//! In: a [`Window`]. Out: `updated_at >= '2026-01-31 12:00:00' and id > 7`, or nothing for the whole list. Encoding for
//! the URL is the client's.

use crate::window::{Span, Window};

/// The `q` of a window.
pub fn q(window: &Window) -> Option<String> {
    let mut conditions = Vec::new();
    span(&mut conditions, "updated_at", &window.updated);
    span(&mut conditions, "created_at", &window.created);
    conditions.extend(window.after_id.map(|id| format!("id > {id}")));
    conditions.extend(window.to_id.map(|id| format!("id <= {id}")));
    (!conditions.is_empty()).then(|| conditions.join(" and "))
}

fn span(conditions: &mut Vec<String>, field: &str, span: &Span) {
    let text = |value: &str| format!("'{}'", value.replace('\'', "''"));
    match span {
        Span::Any => {}
        Span::Null => conditions.push(format!("{field} is null")),
        Span::NotNull | Span::Range { from: None, before: None } => conditions.push(format!("{field} is not null")),
        Span::At(at) => conditions.push(format!("{field} = {}", text(at))),
        Span::After(after) => conditions.push(format!("{field} > {}", text(after))),
        Span::Between { after, before } => {
            conditions.push(format!("{field} > {}", text(after)));
            conditions.push(format!("{field} < {}", text(before)));
        }
        Span::Range { from, before } => {
            conditions.extend(from.as_ref().map(|from| format!("{field} >= {}", text(from))));
            conditions.extend(before.as_ref().map(|before| format!("{field} < {}", text(before))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_read_as_the_documentation_wants() {
        let since = Window::updated(Span::since("2026-01-31 12:00:00"));
        assert_eq!(q(&Window::default()), None);
        assert_eq!(q(&since).as_deref(), Some("updated_at >= '2026-01-31 12:00:00'"));
        assert_eq!(
            q(&since.ids(Some(3), Some(9))).as_deref(),
            Some("updated_at >= '2026-01-31 12:00:00' and id > 3 and id <= 9")
        );
        assert_eq!(q(&Window::created(Span::Null)).as_deref(), Some("created_at is null"));
        assert_eq!(q(&Window::updated(Span::At("it's".to_owned()))).as_deref(), Some("updated_at = 'it''s'"));
    }
}
