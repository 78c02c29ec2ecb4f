//! HTTP: one request, one answer, with time-outs.
//!
//! In: a [`Request`] and a token. Out: status, the headers that matter, the body as text. Judges nothing: see the
//! parent. Time-outs are set here because ureq has none by default, and statuses are no errors here, because the
//! headers and the body of a refusal say what to do.

use super::Fault;
use super::lead::Lead;
use super::ledger::Told;
use super::pacer::LONGEST_BLOCK;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error, http};
use url::Url;

/// What ficsync calls itself.
pub const USER_AGENT: &str = concat!("ficsync/", env!("CARGO_PKG_VERSION"));
/// A page of 100 detailed documents is about 0.4 MB; one larger than this is not a page.
const MOST_BODY: u64 = 64 * 1024 * 1024;
/// A 429 that names no time.
const DEFAULT_RETRY: i64 = 30;

/// A connection pool to the service, shared by all that ask.
#[derive(Debug, Clone)]
pub struct Transport {
    agent: Agent,
    base: String,
    timeout: Duration,
    /// Where there is TLS.
    lead: Option<Arc<Lead>>,
}

/// One request.
#[derive(Debug)]
pub struct Request {
    method: http::Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<String>,
}

impl Request {
    /// A GET of `path` below the API base.
    pub fn get(path: &str, query: &[(&str, String)]) -> Self {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { method: http::Method::GET, path: path.to_owned(), query, body: None }
    }

    /// A POST of JSON to `path` below the API base.
    pub fn post(path: &str, body: String) -> Self {
        Self { method: http::Method::POST, path: path.to_owned(), query: Vec::new(), body: Some(body) }
    }

    /// A PUT of JSON to `path` below the API base.
    pub fn put(path: &str, body: String) -> Self {
        Self { method: http::Method::PUT, ..Self::post(path, body) }
    }

    /// A DELETE of `path` below the API base.
    pub fn delete(path: &str) -> Self {
        Self { method: http::Method::DELETE, ..Self::get(path, &[]) }
    }

    /// Whether it may be sent again when it is not known what became of it. Only reading may: also a PUT of the same
    /// sink can make the service send another challenge.
    pub fn repeatable(&self) -> bool {
        self.method.is_safe()
    }
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: String,
    headers: http::HeaderMap,
    /// From sending the request to the end of the body.
    took: Duration,
}

impl Transport {
    /// Connections to the API base `base`, of which so many are kept while nobody uses them; each answer must begin within
    /// `timeout`.
    pub fn new(base: &Url, timeout: Duration, connections: usize) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(USER_AGENT)
            // A page is some hundred KB, a request a few hundred bytes. Each connection holds both for as long as it lives.
            .input_buffer_size(32 << 10)
            .output_buffer_size(8 << 10)
            .max_idle_connections(connections)
            .max_idle_connections_per_host(connections)
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_recv_body(Some(timeout * 2))
            .timeout_global(Some(timeout * 4))
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
        let lead = (base.scheme() == "https").then(Arc::default);
        if base.scheme() == "http" {
            // Plain http is loopback only: no proxy lies between.
            config = config.proxy(None);
        }
        let base = base.as_str().trim_end_matches('/').to_owned();
        Self { agent: config.build().into(), base, timeout, lead }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When no whole answer came: a text for people, and whether it was for time.
    pub fn send(&self, request: &Request, token: &SecretString) -> Result<Answer, (String, Fault)> {
        self.send_with(request, Some(token)).map(|answer| answer.without(&[token]))
    }

    /// Sends a request that carries no token: how one gets one.
    ///
    /// # Errors
    /// As [`Transport::send`].
    pub fn send_without_token(&self, request: &Request) -> Result<Answer, (String, Fault)> {
        self.send_with(request, None)
    }

    fn send_with(&self, request: &Request, token: Option<&SecretString>) -> Result<Answer, (String, Fault)> {
        let started = std::time::Instant::now();
        let mut answer = self.exchange(request, token).map_err(|error| self.explain(request, &error))?;
        answer.took = started.elapsed();
        let (method, what, status) = (&request.method, describe(request), answer.status);
        log::debug!("{method} {what} -> {status} in {} ms", answer.took.as_millis());
        Ok(answer)
    }

    fn exchange(&self, request: &Request, token: Option<&SecretString>) -> Result<Answer, Error> {
        let mut builder = http::Request::builder()
            .method(request.method.clone())
            .uri(self.url(request))
            .header("Accept", "application/json");
        if let Some(token) = token {
            builder = builder.header("Authorization", format!("Bearer {}", token.expose_secret()));
        }
        let _first = self.lead.as_ref().and_then(|lead| lead.begin());
        let response = match &request.body {
            Some(body) => self.agent.run(builder.header("Content-Type", "application/json").body(body.clone())?)?,
            None => self.agent.run(builder.body(())?)?,
        };
        read(response)
    }

    fn url(&self, request: &Request) -> String {
        let mut url = format!("{}{}", self.base, request.path);
        if !request.query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.query).finish();
            // The service's documentation encodes a space as %20.
            url.push('?');
            url.push_str(&query.replace('+', "%20"));
        }
        url
    }

    fn explain(&self, request: &Request, error: &Error) -> (String, Fault) {
        match error {
            Error::Timeout(_) => {
                (format!("the service did not answer within {} s", self.timeout.as_secs_f32()), Fault::Timeout)
            }
            other => {
                let tries = if request.repeatable() { ", several times" } else { "" };
                (format!("the connection to {} failed{tries}: {other}", self.base), kind(other))
            }
        }
    }
}

fn kind(error: &Error) -> Fault {
    use std::io::ErrorKind;
    match error {
        Error::HostNotFound => Fault::NoName,
        // The handshake is part of the first write: rustls' errors come as data that is not valid.
        Error::Rustls(_) | Error::Tls(_) => Fault::Tls,
        Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Fault::Refused,
            ErrorKind::InvalidData => Fault::Tls,
            _ => Fault::Other,
        },
        _ => Fault::Other,
    }
}

/// Path and query as they are said in the log: no token is in either.
fn describe(request: &Request) -> String {
    let query = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    if query.is_empty() { request.path.clone() } else { format!("{}?{query}", request.path) }
}

fn read(response: http::Response<Body>) -> Result<Answer, Error> {
    let (parts, mut body) = response.into_parts();
    // A buffer that grows by doubling would be up to twice as large as the page, in each job.
    let expected = body.content_length().unwrap_or(0).min(MOST_BODY);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    body.with_config().limit(MOST_BODY).reader().read_to_end(&mut bytes)?;
    let body = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(Answer { status: parts.status.as_u16(), body, headers: parts.headers, took: Duration::ZERO })
}

impl Answer {
    /// A refusal may quote what it refuses, and its text goes into logs and the database: secrets are taken out of it.
    pub fn without(mut self, secrets: &[&SecretString]) -> Self {
        if self.status >= 400 {
            for secret in secrets.iter().map(|s| s.expose_secret()).filter(|s| !s.is_empty()) {
                // JSON may write a slash as \/.
                for form in [secret.to_owned(), secret.replace('/', "\\/")] {
                    self.body = self.body.replace(&form, "[secret]");
                }
            }
        }
        self
    }

    /// Whether its body is a page for a browser.
    pub fn is_page(&self) -> bool {
        self.body.trim_start().starts_with('<')
    }

    /// What its headers tell of the quota, at the time `now`.
    pub fn told(&self, now: Timestamp) -> Told {
        Told {
            hourly_remaining: self.number("RateLimit-HourlyRemaining"),
            hourly_limit: self.number("RateLimit-HourlyLimit"),
            monthly_remaining: self.number("RateLimit-MonthlyRemaining"),
            monthly_limit: self.number("RateLimit-MonthlyLimit"),
            blocked: self.blocked(now),
            too_fast: self.status == 429,
        }
    }

    fn blocked(&self, now: Timestamp) -> Option<(Timestamp, String)> {
        let after = match (self.status, self.header("Retry-After")) {
            (403 | 429, Some(text)) => self.retry_after(text).unwrap_or(DEFAULT_RETRY),
            (429, None) => DEFAULT_RETRY,
            _ => return None,
        };
        let reason = match self.status {
            429 => "the service says that requests come too fast (429)",
            _ => "the service says that the hour's or the month's quota is used up (403)",
        };
        let after = SignedDuration::from_secs(after.max(0)).min(LONGEST_BLOCK);
        Some((now.saturating_add(after).ok()?, reason.to_owned()))
    }

    /// Seconds, or a date that is taken against the service's own clock.
    fn retry_after(&self, text: &str) -> Option<i64> {
        text.trim().parse().ok().or_else(|| {
            let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Some(until.duration_since(self.date()?).as_secs())
        })
    }

    /// The service's clock when it answered.
    pub fn date(&self) -> Option<Timestamp> {
        Some(jiff::fmt::rfc2822::parse(self.header("Date")?).ok()?.timestamp())
    }

    /// The service's clock when the request was sent: what the answer says may be as old as that.
    pub fn asked_at(&self) -> Option<Timestamp> {
        self.date()?.checked_sub(SignedDuration::try_from(self.took).ok()?).ok()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.header(name)?.trim().parse().ok()
    }

    /// A header, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_quotes_the_token_does_not_pass_it_on() {
        let body = r#"{"error":{"message":"a/x1 and a\/x1 are not valid"}}"#.to_owned();
        let answer = Answer { status: 401, body, headers: http::HeaderMap::new(), took: Duration::ZERO };
        let body = answer.without(&[&SecretString::from("a/x1")]).body;
        assert!(!body.contains("x1") && body.contains("not valid"), "{body}");
    }

    #[test]
    fn no_wait_is_longer_than_a_month_whatever_is_asked_for() {
        let now: Timestamp = "2026-03-01T10:20:00Z".parse().expect("a time");
        for (text, seconds) in [
            ("90", 90),
            ("-5", 0),
            ("99999999", LONGEST_BLOCK.as_secs()),
            ("1795530000000", LONGEST_BLOCK.as_secs()),
            ("9223372036854775807", LONGEST_BLOCK.as_secs()),
            ("soon", DEFAULT_RETRY),
        ] {
            let headers = [(http::header::RETRY_AFTER, text.parse().expect("a header"))].into_iter().collect();
            let told = Answer { status: 403, body: String::new(), headers, took: Duration::ZERO }.told(now);
            let (until, _) = told.blocked.expect("a wait");
            assert_eq!(until.duration_since(now).as_secs(), seconds, "{text}");
        }
    }
}
