//! What the client must remember between processes, and cannot by itself: this room knows no database.
//!
//! In: what an answer told of the quota. Out: what is known of it. See `crate::ledger` for the one in the database.

use super::pacer::Seen;
use anyhow::Result;
use jiff::Timestamp;

/// What an answer told of the quota; nothing where it told nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// `RateLimit-HourlyRemaining`
    pub hourly_remaining: Option<i64>,
    /// `RateLimit-HourlyLimit`
    pub hourly_limit: Option<i64>,
    /// `RateLimit-MonthlyRemaining`
    pub monthly_remaining: Option<i64>,
    /// `RateLimit-MonthlyLimit`
    pub monthly_limit: Option<i64>,
    /// From `Retry-After`: not before, and why.
    pub blocked: Option<(Timestamp, String)>,
    /// Refused for speed (429).
    pub too_fast: bool,
}

/// What was known when a request began, in the ledger's own numbers: by it the ledger tells which answers are too old to
/// replace what was noted since. Numbers, not times: no clock decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Begun {
    /// Answers that had been noted.
    pub answers: i64,
    /// Blocks that had been noted.
    pub blocks: i64,
}

/// The memory of an account's requests, shared by all processes.
pub trait Ledger: Send + Sync {
    /// What is known now.
    ///
    /// # Errors
    /// The memory's.
    fn seen(&self) -> Result<Seen>;
    /// A request is being sent.
    ///
    /// # Errors
    /// The memory's.
    fn sent(&self) -> Result<Begun>;
    /// The answer came to the request that began so.
    ///
    /// # Errors
    /// The memory's.
    fn told(&self, begun: Begun, told: &Told) -> Result<()>;
}

/// Where access tokens come from.
pub trait Tokens: Send + Sync {
    /// The token to send now: one that expires soon is refreshed first.
    ///
    /// # Errors
    /// When there is none or it cannot be refreshed: a [`crate::report::Problem`] with exit 77.
    fn access(&self) -> Result<secrecy::SecretString>;
    /// A token to use instead of `refused`, after the service answered 401. `None`: there is no other.
    ///
    /// # Errors
    /// As above.
    fn instead_of(&self, refused: &secrecy::SecretString) -> Result<Option<secrecy::SecretString>>;
}
