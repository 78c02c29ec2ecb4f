//! What the tests of this folder share: asking the sandbox as a client does.

use std::time::Duration;

use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};
use serde_json::Value;

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `RateLimit-HourlyRemaining`.
    pub remaining: Option<String>,
    /// The body; null when it is no JSON.
    pub body: Value,
}

/// A client that follows no redirects and takes every status.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into()
}

/// Asks with a token.
pub fn get_as(sandbox: &Sandbox, token: &str, path: &str) -> Result<Answer, ureq::Error> {
    let url = format!("{}{path}", sandbox.url());
    let mut answer = agent().get(&url).header("Authorization", format!("Bearer {token}")).call()?;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (retry_after, remaining) = (header("retry-after"), header("ratelimit-hourlyremaining"));
    let text = answer.body_mut().with_config().limit(1 << 30).read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status: answer.status().as_u16(), retry_after, remaining, body })
}

/// Asks for something of the company.
pub fn get(sandbox: &Sandbox, path: &str) -> Answer {
    get_as(sandbox, TOKEN, &format!("/c/{COMPANY}{path}")).expect("an answer")
}

/// The ids on a page.
pub fn ids(answer: &Answer) -> Vec<i64> {
    answer.body["data"].as_array().expect("data").iter().filter_map(|record| record["id"].as_i64()).collect()
}
