//! Who answers at an address of our own: a request as a stranger makes it, without a token.
//!
//! In: the public base URL and a path. Out: status, `Server` and body of what answers there. Uses up no quota: it is
//! not the service that is asked.

use super::transport::{Request, Transport};
use super::{ApiError, Fault};
use std::time::Duration;
use url::Url;

/// What answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    /// The HTTP status.
    pub status: u16,
    /// The `Server` header; a reverse proxy may put its own name there.
    pub server: Option<String>,
    /// The body.
    pub body: String,
}

/// Sends an empty POST to `path` behind `base`, through DNS and TLS like everybody.
///
/// # Errors
/// When no whole answer came.
pub fn knock(base: &Url, path: &str, timeout: Duration) -> Result<Knock, ApiError> {
    let answer = Transport::new(base, timeout).send_without_token(&Request::post(path, "{}".to_owned()));
    let answer = answer.map_err(|(why, fault)| match fault {
        Fault::Timeout => ApiError::Transient(format!("nothing answered within {} s", timeout.as_secs_f32())),
        Fault::Other => ApiError::Transient(why),
    })?;
    let server = answer.header("Server").map(str::to_owned);
    Ok(Knock { status: answer.status, server, body: answer.body })
}
