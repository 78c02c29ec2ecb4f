//! What the listener answers: a status, a short text, and what must stand beside it.
//!
//! In: what was decided. Out: the response on the wire, by [`super::server`]. Decides nothing.

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// What the body is.
    pub content_type: &'static str,
}

/// Plain text, one line.
const TEXT: &str = "text/plain; charset=utf-8";

impl Answer {
    /// A line of text.
    pub fn text(status: u16, line: &str) -> Answer {
        Answer { status, body: format!("{line}\n"), content_type: TEXT }
    }

    /// A JSON document.
    pub fn json(status: u16, body: String) -> Answer {
        Answer { status, body, content_type: "application/json" }
    }

    /// There is nothing at this path.
    pub fn not_found() -> Answer {
        Answer::text(404, "not found")
    }

    /// The path is right, the method is not.
    pub fn wrong_method() -> Answer {
        Answer::text(405, "method not allowed")
    }

    /// Not now: the service sends it again.
    pub fn later(line: &str) -> Answer {
        Answer::text(503, line)
    }

    /// The headers that belong to the status, besides the body's.
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self.status {
            401 => &[("WWW-Authenticate", "Bearer")],
            405 => &[("Allow", "GET, POST")],
            // longer than a locked database or a restart lasts, as a rule
            503 => &[("Retry-After", "10")],
            _ => &[],
        }
    }
}
