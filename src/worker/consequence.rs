//! What follows from a request that failed.
//!
//! In: the error. Out: a [`Consequence`]. Decides for how far the trouble reaches: this record, a kind of events, the
//! account, everybody. Waits and counts nothing.

use crate::api::ApiError;
use crate::describe;
use crate::exit::Exit;
use crate::report::{exit_of, one_line};
use crate::resource::Resource;
use crate::store::accounts::Account;
use jiff::{SignedDuration, Timestamp};

/// What follows.
#[derive(Debug)]
pub enum Consequence {
    /// The account has no requests left until then.
    Quota(Timestamp, String),
    /// The account's token is no good: somebody must give it another.
    Token(String),
    /// The token may not read this kind of records: somebody must give it the scope.
    Scope(String),
    /// No usable answer: the service is down, or fails for this one request.
    NoAnswer(String),
    /// The service answers, but not for this.
    Refused(String),
    /// A signal.
    Stopped,
    /// The machine's or the database's fault.
    Own(anyhow::Error),
}

/// Judges the error of a request for a resource of an account.
pub fn judge(error: ApiError, account: &Account, resource: &Resource) -> Consequence {
    match error {
        // Stamps are whole seconds: rounded down, they would ask a moment too early.
        ApiError::Quota { until, reason } => Consequence::Quota(until + SignedDuration::from_millis(999), reason),
        ApiError::Auth(_) => Consequence::Token(words(error, account, resource)),
        ApiError::Scope(_) => Consequence::Scope(words(error, account, resource)),
        // Where the service is down, other servers answer for it, with pages of their own.
        ApiError::Transient(_) | ApiError::Malformed(_) => Consequence::NoAnswer(error.to_string()),
        ApiError::Stopped(_) => Consequence::Stopped,
        ApiError::Own(error) => own(error),
        ApiError::NotFound(_) | ApiError::Rejected { .. } | ApiError::Ignored(_) => {
            Consequence::Refused(error.to_string())
        }
    }
}

/// Credentials that are missing or dead are waited for like a refused token; a lock that others hold is waited for too.
fn own(error: anyhow::Error) -> Consequence {
    match exit_of(&error) {
        Exit::Denied | Exit::Stopped => Consequence::Token(one_line(&error)),
        _ => Consequence::Own(error),
    }
}

fn words(error: ApiError, account: &Account, resource: &Resource) -> String {
    one_line(&describe::describe_resource(error, account, resource))
}

/// How long to wait before a token or a scope is tried again, after so many waits in a row: 1, 2, 4, 8, then 15 minutes.
/// One request each: 100 a day of the 1,300 that a month's quota allows. A new token ends the wait at once.
pub fn patience(waits: u32) -> SignedDuration {
    SignedDuration::from_mins((1_i64 << waits.min(4)).min(15))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Problem;

    fn judged(error: ApiError) -> Consequence {
        let account = Account {
            id: 2,
            name: "Rossi".to_owned(),
            company_id: 7,
            company_name: None,
            created_at: String::new(),
            last_sync_at: None,
        };
        judge(error, &account, crate::resource::by_name("quotes").expect("quotes"))
    }

    #[test]
    fn each_error_reaches_as_far_as_it_should() {
        let text = || "why".to_owned();
        assert!(matches!(judged(ApiError::Auth(text())), Consequence::Token(t) if t.contains("set-token 2")));
        assert!(
            matches!(judged(ApiError::Scope(text())), Consequence::Scope(t) if t.contains("issued_documents.quotes:r"))
        );
        assert!(matches!(judged(ApiError::Transient(text())), Consequence::NoAnswer(_)));
        assert!(matches!(judged(ApiError::Malformed(text())), Consequence::NoAnswer(t) if t.contains("why")));
        assert!(matches!(judged(ApiError::Ignored(text())), Consequence::Refused(t) if t.contains("why")));
        assert!(matches!(judged(ApiError::Stopped(text())), Consequence::Stopped));
        let missing = Problem::new(Exit::Denied, "no credentials");
        assert!(matches!(judged(ApiError::Own(missing.into())), Consequence::Token(_)));
        assert!(matches!(judged(ApiError::Own(anyhow::anyhow!("disk full"))), Consequence::Own(_)));
        let until: Timestamp = "2026-01-01T00:00:00.2Z".parse().expect("time");
        assert!(matches!(judged(ApiError::Quota { until, reason: text() }), Consequence::Quota(at, _) if at > until));
    }

    #[test]
    fn patience_grows_to_a_quarter_of_an_hour() {
        assert_eq!([0, 1, 2, 3, 4, 99].map(|n| patience(n).as_mins()), [1, 2, 4, 8, 15, 15]);
    }
}
