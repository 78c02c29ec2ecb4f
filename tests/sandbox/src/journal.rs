//! What the sandbox was asked: one entry per request of the service's API, control requests left out.

use jiff::Timestamp;

use crate::faults::Fault;

/// One request and how it was answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The query, decoded, in the order sent.
    pub query: Vec<(String, String)>,
    /// All headers as sent.
    pub headers: Vec<(String, String)>,
    /// The body, if it was text.
    pub body: String,
    /// The status of the answer; 0 when the connection was reset.
    pub status: u16,
    /// How many records the answer held.
    pub records: usize,
    /// The company asked for.
    pub company: Option<i64>,
    /// The fault that the request met.
    pub fault: Option<Fault>,
    /// When, by the sandbox's clock.
    pub at: Timestamp,
}

impl Request {
    /// The value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a header, whatever its capitals.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// `GET /path?decoded=query`.
    pub fn line(&self) -> String {
        let query: Vec<String> = self.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{} {}?{}", self.method, self.path, query.join("&"))
    }
}
