//! The webhook subscriptions of an account: what is wanted, what the service has, what is done about the difference.
//!
//! In: an account's client, the database, the settings. Out: subscriptions made, verified, changed, deleted, and an
//! [`Outcome`] for each. What changes something at the service is written down first, so that a challenge that arrives at
//! once finds a known sink. Prints nothing: that is the command's.
//!
//! ```text
//!  take_over (what does the service have?) ─> ensure (what is missing, what is wrong?) ─> requests (one change each)
//!                                                                                          rules (may it be asked for?)
//! ```

mod ensure;
mod outcome;
mod requests;
pub mod rules;
mod takeover;

pub use outcome::{Difference, Outcome};
pub use requests::NewSubscription;
pub use takeover::Found;

use crate::api::Api;
use crate::exit::Exit;
use crate::report::Problem;
use crate::resource::events;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::lock::{self, Asked, RunLock};
use crate::webhook::route::Route;
use anyhow::Result;

/// The subscriptions of one account, which nobody else works on meanwhile.
pub struct AccountSubscriptions<'a> {
    /// The account.
    pub account: Account,
    /// The database.
    pub store: &'a mut Store,
    api: Api,
    settings: &'a Settings,
    shutdown: Shutdown,
    /// Two at work would each make what is missing.
    _lock: RunLock,
}

impl<'a> AccountSubscriptions<'a> {
    /// Opens those of an account. `connect` makes its client.
    ///
    /// # Errors
    /// 75 when another process works on them.
    pub fn open(
        settings: &'a Settings,
        store: &'a mut Store,
        account_id: i64,
        shutdown: &Shutdown,
        connect: impl FnOnce(&Account) -> Result<Api>,
    ) -> Result<Self> {
        let account = store.account(account_id)?;
        let about = format!("process {} since {}", std::process::id(), settings.clock.stamp());
        let lock = match lock::ask_for_subscriptions(&settings.db, account_id, &about)? {
            Asked::Ours(lock) => lock,
            Asked::HeldBy(holder) => return Err(busy(&account, &holder)),
        };
        let api = connect(&account)?;
        Ok(Self { api, store, account, settings, shutdown: shutdown.clone(), _lock: lock })
    }

    /// The sink of a group below the public URL.
    fn sink(&self, group: &str) -> Result<String> {
        if self.settings.public_url.is_none() {
            return Err(no_public_url().into());
        }
        sink(self.settings, self.account.id, group)
            .ok_or_else(|| Problem::failed("there is no such group", "see: ficsync subscriptions list").into())
    }
}

/// Where the service is to send the events of a group, if that is known: below the public URL.
pub fn sink(settings: &Settings, account_id: i64, group: &str) -> Option<String> {
    let group = events::GROUPS.iter().find(|known| **known == group)?;
    Some(Route { account_id, group }.sink(settings.public_url.as_ref()?))
}

fn busy(account: &Account, holder: &str) -> anyhow::Error {
    Problem::new(Exit::Stopped, format!("{account}: its subscriptions are being worked on by {holder}"))
        .hint("wait until it ends, then run again")
        .into()
}

/// Sinks are built from the public URL: without one there is none.
fn no_public_url() -> Problem {
    Problem::new(Exit::Settings, "setting public_url: it is not set, so that there is no sink to tell the service")
        .hint(
            "give it with --public-url, FICSYNC_PUBLIC_URL or the configuration file, such as https://hooks.example.it",
        )
}
