//! A whole request, as the gate has let it through.
//!
//! In: what tiny_http has read. Out: method, target, headers, body, for those who decide. Judges nothing.

/// The methods that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// Any other.
    Other,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its method.
    pub method: Method,
    /// Path and query, as sent.
    pub target: &'a str,
    /// Its headers, in order.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Its body, empty where it has none.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The target without its query.
    pub fn path(&self) -> &'a str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// All values of a header.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}
