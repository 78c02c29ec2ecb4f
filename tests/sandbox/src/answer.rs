//! What goes back to the client: status, headers, body, and how the bytes are to be mistreated on the way.
//! The service's shapes of errors. Does not write to sockets.

use std::time::Duration;

use serde_json::{Value, json};

/// How an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Travel {
    Plain,
    /// Half of the body, then the connection ends.
    Cut,
    /// The connection is reset, no byte is sent.
    Reset,
    /// Silence first.
    Late(Duration),
    /// 64 bytes at a time with pauses.
    Drip(Duration),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) travel: Travel,
    /// How many records the body holds.
    pub(crate) records: usize,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: String) -> Reply {
        let headers = vec![("Content-Type", content_type.to_owned())];
        Reply { status, headers, body, travel: Travel::Plain, records: 0 }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Reply {
        Reply::new(status, "application/json", body.to_string())
    }

    pub(crate) fn text(status: u16, body: String) -> Reply {
        Reply::new(status, "application/json", body)
    }

    /// `{"data": …}` around a text of JSON.
    pub(crate) fn data(data: &str, records: usize) -> Reply {
        Reply { records, ..Reply::text(200, format!("{{\"data\":{data}}}")) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Reply {
        self.headers.push((name, value.to_string()));
        self
    }
}

/// A request that is refused. With `violation`, the client did what the vendor's description does not allow.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reply: Reply,
    pub(crate) violation: Option<String>,
}

impl Refusal {
    /// Refused, and the client could not know better.
    pub(crate) fn innocent(reply: Reply) -> Refusal {
        Refusal { reply, violation: None }
    }

    /// Refused as the client's mistake.
    pub(crate) fn mistake(reply: Reply, what: impl Into<String>) -> Refusal {
        Refusal { reply, violation: Some(what.into()) }
    }

    /// 422 with the field that is wrong.
    pub(crate) fn invalid(field: &str, what: impl Into<String>) -> Refusal {
        let what = what.into();
        Refusal::mistake(validation(field, &what), what)
    }
}

/// 422 in the service's shape.
pub(crate) fn validation(field: &str, what: &str) -> Reply {
    let error = json!({
        "error": {
            "message": "The given data was invalid.", "code": "VALIDATION_ERROR",
            "validation_result": {field: [what]},
        },
        "extra": null,
    });
    Reply::json(422, &error)
}

/// An error with a message and a code.
pub(crate) fn failure(status: u16, message: &str, code: &str) -> Reply {
    let error = json!({"error": {"message": message, "code": code, "validation_result": null}, "extra": null});
    Reply::json(status, &error)
}

/// 404 in the service's shape.
pub(crate) fn not_found(message: &str) -> Reply {
    failure(404, message, "NOT_FOUND")
}

/// The short 401.
pub(crate) fn unauthorized() -> Reply {
    Reply::json(401, &json!({"error": {"message": "Unauthorized."}}))
}

/// 403 for a missing scope or licence: without `Retry-After`.
pub(crate) fn no_permission(scope: &str) -> Reply {
    failure(403, &format!("You do not have the permission {scope}."), "NO_PERMISSION")
}

/// An OAuth error.
pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}
