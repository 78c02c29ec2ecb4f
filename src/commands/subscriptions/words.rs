//! What became of subscriptions, in words: a line each on stdout.

use crate::report::{Problem, say};
use crate::store::accounts::Account;
use crate::store::subscriptions::Subscription;
use crate::subscriptions::{Difference, Outcome, rules};
use anyhow::Result;

/// Says what became of one.
///
/// # Errors
/// When it is not verified: then the error says what to do.
pub fn outcome(account: &Account, outcome: &Outcome) -> Result<()> {
    let id = account.id;
    match outcome {
        Outcome::Verified(s) => say(format_args!("account {id} {}: {} is verified", s.event_group, name(s, "-"))),
        Outcome::Unverified(s) => {
            say(format_args!("account {id} {}: {} is not verified yet", s.event_group, name(s, "-")))?;
            Err(unanswered(account, s).into())
        }
        Outcome::Deleted(s) => say(format_args!("account {id}: {} is deleted", name(s, &s.sink))),
    }
}

/// Says what the service has otherwise.
///
/// # Errors
/// When stdout cannot be written.
pub fn difference(account: &Account, difference: &Difference) -> Result<()> {
    let account = account.id;
    match difference {
        Difference::Gone(id) => say(format_args!("account {account}: {id} is gone at the service")),
        Difference::Changed(id) => say(format_args!("account {account}: {id} has changed at the service")),
        Difference::New { id, group } => say(format_args!("account {account}: {id} is new ({group})")),
        Difference::OfOthers { id, sink } => {
            say(format_args!("account {account}: {id} sends to {sink}: another program's, left alone"))
        }
    }
}

fn unanswered(account: &Account, subscription: &Subscription) -> Problem {
    let next = rules::next_step(subscription, name(subscription, "-"));
    Problem::failed(
        format!("{account}: the challenge for {} was not answered", subscription.sink),
        format!(
            "start ficsync webhook-listen and see that it is reachable under that address (ficsync doctor); {next}"
        ),
    )
}

/// The service's id, or another name where there is none yet.
fn name<'a>(subscription: &'a Subscription, otherwise: &'a str) -> &'a str {
    subscription.id.as_deref().unwrap_or(otherwise)
}
