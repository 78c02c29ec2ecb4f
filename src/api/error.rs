//! What can go wrong between ficsync and the service, told apart by what follows from it.
//!
//! In: statuses, bodies, broken connections. Out: [`ApiError`]. Its texts are for people; they never hold a token or
//! more of a body than the service's own error message.

use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

/// Why a request brought nothing.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The quota is used up, or the wait that the service asks for is longer than allowed.
    #[error("{reason}; requests are possible again at {}", crate::clock::stamp(*until))]
    Quota {
        /// When to ask again.
        until: Timestamp,
        /// Which quota.
        reason: String,
    },
    /// 401, also after a refresh.
    #[error("the service refused the token (401): {0}")]
    Auth(String),
    /// 403 without Retry-After: scope or licence.
    #[error("the token or the licence does not allow it (403): {0}")]
    Scope(String),
    /// 404.
    #[error("the service knows no such thing (404): {0}")]
    NotFound(String),
    /// Any other 4xx: the request is not to the service's liking.
    #[error("the service rejected the request ({status}): {message}")]
    Rejected {
        /// The status, 422 for a filter or sort that it does not know.
        status: u16,
        /// Its message.
        message: String,
    },
    /// The service answered, but sorted or filtered otherwise than asked.
    #[error("the service ignored what was asked: {0}")]
    Ignored(String),
    /// 5xx, no answer, a broken connection: it was tried again, in vain.
    #[error("{0}")]
    Transient(String),
    /// An answer that is not as described: it was tried again, in vain.
    #[error("the service's answer cannot be used: {0}")]
    Malformed(String),
    /// The run's own limit or a signal.
    #[error("{0}")]
    Stopped(String),
    /// Not the service's fault: credentials file, database.
    #[error(transparent)]
    Own(#[from] anyhow::Error),
}

/// The service's error bodies, read leniently (documentation, "Errors").
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: serde_json::Value,
    error_description: Option<String>,
    message: Option<String>,
}

/// The message in an error body, or what stands for it: bodies can be HTML, empty or cut.
pub fn message(body: &str) -> String {
    let body: Body = serde_json::from_str(body).unwrap_or_default();
    let text = match &body.error {
        serde_json::Value::String(code) => Some(code.clone()),
        serde_json::Value::Object(error) => {
            let part = |key: &str| error.get(key).and_then(|v| v.as_str()).map(str::to_owned);
            match (part("message"), part("code")) {
                (Some(message), Some(code)) => Some(format!("{message} [{code}]")),
                (message, code) => message.or(code),
            }
        }
        _ => body.message.clone(),
    };
    let text = match (text, body.error_description) {
        (Some(code), Some(description)) => format!("{description} [{code}]"),
        (text, description) => text.or(description).unwrap_or_else(|| "without a message".to_owned()),
    };
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_every_shape() {
        for (body, text) in [
            (
                r#"{"error":{"message":"No.","code":"NO_PERMISSION","validation_result":{}},"extra":null}"#,
                "No. [NO_PERMISSION]",
            ),
            (r#"{"error":{"message":"Unauthorized."}}"#, "Unauthorized."),
            (r#"{"error":"invalid_request","error_description":"The code."}"#, "The code. [invalid_request]"),
            ("<html>502</html>", "without a message"),
            ("", "without a message"),
            ("[1]", "without a message"),
        ] {
            assert_eq!(message(body), text, "{body}");
        }
    }
}
