//! What a setting's text means: one function per kind of value, used for flags, environment and file alike.
//!
//! In: text. Out: the value, or a sentence that says what would be valid.

use crate::resource::{self, Resource};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::time::Duration;
use url::{Host, Url};

/// The service's own API base (documentation, "API Reference").
const SERVICE: &str = "https://api-v2.fattureincloud.it";

/// Where the webhook listener listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address and port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Default for Listen {
    fn default() -> Self {
        Self::Tcp(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8787)))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A path.
///
/// # Errors
/// None.
pub fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

/// The service's API base.
pub fn service() -> Url {
    #[allow(clippy::expect_used)] // a constant, read in a test
    Url::parse(SERVICE).expect("the service's URL")
}

/// The API base: https, or plain http on a loopback host.
///
/// # Errors
/// When it is neither.
pub fn api_url(text: &str) -> Result<Url, String> {
    let url = base_url(text).ok_or_else(|| format!("{text:?} is no base URL; valid is, for example, {SERVICE}"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(format!("{text:?} would send tokens in the clear; valid is, for example, {SERVICE}")),
    }
}

/// The public base URL of the sinks: the service accepts https alone.
///
/// # Errors
/// When it is not https.
pub fn public_url(text: &str) -> Result<Url, String> {
    base_url(text)
        .filter(|url| url.scheme() == "https")
        .ok_or_else(|| format!("{text:?} is no https base URL; valid is, for example, https://hooks.example.it"))
}

fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.has_host() && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (plain && url.password().is_none()).then_some(url)
}

/// An address with port, or `unix:/path`.
///
/// # Errors
/// When it is neither.
pub fn listen(text: &str) -> Result<Listen, String> {
    match text.strip_prefix("unix:") {
        Some(path) if path.starts_with('/') => Ok(Listen::Unix(PathBuf::from(path))),
        Some(_) => {
            Err(format!("{text:?} needs an absolute path; valid is, for example, unix:/run/ficsync/webhook.sock"))
        }
        None => text.parse().map(Listen::Tcp).map_err(|_| {
            format!(
                "{text:?} is no listen address; valid is, for example, 127.0.0.1:8787 or unix:/run/ficsync/webhook.sock"
            )
        }),
    }
}

/// A number of threads, 1 to 64.
///
/// # Errors
/// When it is none.
pub fn workers(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (1..=64).contains(n))
        .ok_or_else(|| format!("{text:?} is no number from 1 to 64; the default is 4"))
}

/// So many accounts are at work at the same time, where nobody says otherwise: what the service allows from one address
/// is not documented.
pub const JOBS: usize = 8;

/// A number of accounts at work at the same time, 1 to 64.
///
/// # Errors
/// When it is none.
pub fn jobs(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (1..=64).contains(n))
        .ok_or_else(|| format!("{text:?} is no number from 1 to 64; the default is {JOBS}"))
}

/// A number of seconds, negative ones too.
///
/// # Errors
/// When it is none.
pub fn seconds(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number of seconds; valid is, for example, 3600"))
}

/// An age or a duration: `90d`, `1h 30m`. A day has 24 hours.
///
/// # Errors
/// When it is none, or not above zero.
pub fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text:?} is no duration; valid is, for example, 90d or 1h 30m");
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if duration.is_positive() { Ok(duration) } else { Err(wrong()) }
}

/// A duration to wait for: `60s`. Zero is allowed: do not wait.
///
/// # Errors
/// When it is none.
pub fn wait(text: &str) -> Result<Duration, String> {
    if text.trim() == "0" || text.trim() == "0s" {
        return Ok(Duration::ZERO);
    }
    Ok(age(text)?.unsigned_abs())
}

/// How often something is done: a time, or nothing for `auto`.
///
/// # Errors
/// When it is neither, or no time at all.
pub fn every(text: &str) -> Result<Option<SignedDuration>, String> {
    if text == "auto" {
        return Ok(None);
    }
    let every = age(text).map_err(|why| format!("{why}, or \"auto\""))?;
    if every.is_positive() { Ok(Some(every)) } else { Err(format!("{text:?} is no time; valid is 10m, or \"auto\"")) }
}

/// A share, 0 to 1.
///
/// # Errors
/// When it is none.
pub fn share(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("{text:?} is no share; valid is a number from 0 to 1, such as 0.4"))
}

/// How long to wait for something: longer than nothing.
///
/// # Errors
/// When it is no time, or none at all.
pub fn patience(text: &str) -> Result<Duration, String> {
    let time = wait(text)?;
    if time.is_zero() {
        Err(format!("{text:?} leaves no time for an answer; valid is a time such as 30s"))
    } else {
        Ok(time)
    }
}

/// Names of resource types, separated by commas.
///
/// # Errors
/// When one is unknown, or there is none.
pub fn resources(text: &str) -> Result<Vec<&'static Resource>, String> {
    let known = || format!("*, {}", resource::names().join(", "));
    let mut found = Vec::new();
    for name in text.split(',').map(str::trim) {
        if name == "*" {
            return Ok(resource::all());
        }
        let one = resource::by_name(name)
            .filter(|one| one.part_of().is_none())
            .ok_or_else(|| format!("{name:?} is no resource; valid are {}", known()))?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_base_is_https_or_loopback() {
        for good in [SERVICE, "http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9/base"] {
            assert!(api_url(good).is_ok(), "{good}");
        }
        for bad in ["http://example.com", "ftp://x", "x", "https://u:p@x", "https://x/?a=b", "http://127.evil.com"] {
            assert!(api_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(age("90d"), Ok(SignedDuration::from_hours(90 * 24)));
        assert_eq!(age("1h 30m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(wait("0s"), Ok(Duration::ZERO));
        assert_eq!(wait("1s"), Ok(Duration::from_secs(1)));
        for bad in ["", "soon", "-1h", "3", "1 month", "0s"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn listen_addresses() {
        assert_eq!(listen("unix:/run/x").map(|l| l.to_string()), Ok("unix:/run/x".to_owned()));
        assert_eq!(listen("[::1]:80").map(|l| l.to_string()), Ok("[::1]:80".to_owned()));
        for bad in ["unix:x", "8787", "localhost", "", "127.0.0.1"] {
            assert!(listen(bad).is_err(), "{bad}");
        }
    }
}
