//! Webhook subscriptions at the service: list, get, create, modify, delete, verify.
//!
//! In: sinks, types, ids. Out: [`Remote`]s, with the service's warnings. One request each. What changes something is
//! sent once: when its answer is lost, only a later list tells what became of it. Decides nothing.

use super::transport::Request;
use super::{Api, ApiError, Unreadable};
use serde::Deserialize;
use serde_json::{Value, json};

/// A subscription as the service tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// `SUB230`.
    pub id: String,
    /// Where the service sends.
    pub sink: String,
    /// Whether the sink has answered the challenge.
    pub verified: bool,
    /// What it sends: single types, also where a group type was asked for.
    pub types: Vec<String>,
    /// `header` or `query`.
    pub verification_method: Option<String>,
    /// `binary` or `structured`.
    pub mapping: Option<String>,
}

/// What a subscription is to be.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Where the service is to send; https.
    pub sink: &'a str,
    /// What it is to send.
    pub types: &'a [String],
    /// How the challenge comes: `header` or `query`.
    pub verification_method: &'a str,
    /// How events are written: `binary` or `structured`.
    pub mapping: &'a str,
}

/// What a creation or change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The subscription as it is now.
    pub remote: Remote,
    /// Types that the service left out, in its own words.
    pub warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Raw {
    id: Option<String>,
    sink: Option<String>,
    verified: Option<bool>,
    types: Option<Vec<String>>,
    verification_method: Option<String>,
    config: Option<Config>,
}

#[derive(Deserialize)]
struct Config {
    mapping: Option<String>,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    /// The description has a list, its example one text.
    #[serde(default)]
    warnings: Value,
}

impl Raw {
    /// Nothing without an id: it could be neither asked for nor changed.
    fn read(self) -> Option<Remote> {
        Some(Remote {
            id: self.id.filter(|id| !id.is_empty())?,
            sink: self.sink.unwrap_or_default(),
            verified: self.verified.unwrap_or(false),
            types: self.types.unwrap_or_default(),
            verification_method: self.verification_method,
            mapping: self.config.and_then(|config| config.mapping),
        })
    }
}

impl Api {
    /// All subscriptions of the company that the token's app made.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn subscriptions(&self) -> Result<Vec<Remote>, ApiError> {
        self.get(&self.subscription_path(None, ""), &[], |answer| {
            let data =
                parse::<Vec<Raw>>(&answer.body)?.data.ok_or("a list of subscriptions without data".to_owned())?;
            Ok(data.into_iter().filter_map(Raw::read).collect())
        })
    }

    /// One subscription, or nothing when the service has it no more.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn subscription(&self, id: &str) -> Result<Option<Remote>, ApiError> {
        match self.get(&self.subscription_path(Some(id), ""), &[], |answer| Ok(made(&answer.body)?.remote)) {
            Ok(remote) => Ok(Some(remote)),
            Err(ApiError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a subscription. The service sends the challenge at once, perhaps before it answers.
    ///
    /// # Errors
    /// See [`ApiError`]. After `Transient` and `Malformed` it may exist.
    pub fn create_subscription(&self, draft: &Draft<'_>) -> Result<Made, ApiError> {
        self.send(&Request::post(&self.subscription_path(None, ""), draft.body()), |answer| made(&answer.body))
    }

    /// Changes a subscription. A changed sink is sent a challenge.
    ///
    /// # Errors
    /// See [`ApiError`]. After `Transient` and `Malformed` it may have been changed.
    pub fn modify_subscription(&self, id: &str, draft: &Draft<'_>) -> Result<Made, ApiError> {
        self.send(&Request::put(&self.subscription_path(Some(id), ""), draft.body()), |answer| made(&answer.body))
    }

    /// Takes a subscription away. One that is not there is well.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn delete_subscription(&self, id: &str) -> Result<(), ApiError> {
        match self.send(&Request::delete(&self.subscription_path(Some(id), "")), |_| Ok(())) {
            Err(ApiError::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    /// Asks for another challenge.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn verify_subscription(&self, id: &str, verification_method: &str) -> Result<(), ApiError> {
        let body = json!({"data": {"id": id, "verification_method": verification_method}}).to_string();
        self.send(&Request::post(&self.subscription_path(Some(id), "/verify"), body), |_| Ok(()))
    }

    fn subscription_path(&self, id: Option<&str>, tail: &str) -> String {
        let id = id.map(|id| format!("/{}", url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>()));
        self.of_company(&format!("/subscriptions{}{tail}", id.unwrap_or_default()))
    }
}

impl Draft<'_> {
    fn body(&self) -> String {
        json!({"data": {
            "sink": self.sink,
            "types": self.types,
            "verification_method": self.verification_method,
            "config": {"mapping": self.mapping},
        }})
        .to_string()
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a str) -> Result<Answer<T>, Unreadable> {
    serde_json::from_str(body).map_err(|e| Unreadable::Malformed(format!("not the JSON of a subscription ({e})")))
}

fn made(body: &str) -> Result<Made, Unreadable> {
    let answer = parse::<Raw>(body)?;
    let remote = answer.data.and_then(Raw::read).ok_or("a subscription without an id".to_owned())?;
    Ok(Made { remote, warnings: texts(&answer.warnings) })
}

fn texts(warnings: &Value) -> Vec<String> {
    match warnings {
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_every_shape() {
        for (warnings, wanted) in [
            ("null", &[][..]),
            (r#""""#, &[]),
            (r#""a is taken""#, &["a is taken"]),
            (r#"["a is taken", "b is taken"]"#, &["a is taken", "b is taken"]),
        ] {
            let body = format!(r#"{{"data":{{"id":"SUB1","types":null,"config":null}},"warnings":{warnings}}}"#);
            let made = made(&body).expect(warnings);
            assert_eq!((made.remote.id.as_str(), made.remote.verified), ("SUB1", false));
            assert_eq!(made.warnings, wanted);
        }
        assert!(made(r#"{"data":{"id":"SUB1","config":{"mapping":"binary"}}}"#).is_ok());
        for body in [r#"{"data":{"id":""}}"#, r#"{"data":null}"#, "{}", "[]", "<html>"] {
            assert!(made(body).is_err(), "{body}");
        }
    }
}
