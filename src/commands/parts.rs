//! The parts that commands are built of: the client of an account, the policy of a person's command.
//!
//! In: settings and an account. Out: an [`Api`] with the account's tokens and the quota that the database knows.

use crate::api::oauth::Endpoint;
use crate::api::pacer::Priority;
use crate::api::{Api, Budget, Policy, Transport};
use crate::credentials::Vault;
use crate::ledger::{MemoryLedger, StoreLedger};
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::store::accounts::Account;
use crate::store::{Cache, Store};
use crate::sync::cadence::Every;
use crate::sync::plan::Wishes;
use crate::tokens::{Fixed, Kept};
use crate::worker::{Connect, Params};
use anyhow::Result;
use secrecy::SecretString;
use std::sync::Arc;

/// The client of an account, over connections of its own.
///
/// # Errors
/// When the database cannot be opened.
pub fn api(settings: &Settings, account: &Account, policy: Policy) -> Result<Api> {
    let store = Store::open(&settings.db, settings.clock)?.with_cache(Cache::Small)?;
    Ok(api_over(transport(settings), store, settings, account, policy))
}

/// The client of an account, over connections to the service that others use too. `store` keeps its quota.
pub fn api_over(transport: Transport, store: Store, settings: &Settings, account: &Account, policy: Policy) -> Api {
    let ledger = Arc::new(StoreLedger::new(store, account.id));
    let endpoint = Endpoint { transport: transport.clone(), shutdown: policy.shutdown.clone(), clock: settings.clock };
    let tokens = Arc::new(Kept::new(vault(settings), account.clone(), endpoint));
    Api::new(transport, account.company_id, tokens, ledger, policy)
}

/// A client for a token that no account has yet.
pub fn api_for_token(settings: &Settings, token: SecretString, company_id: i64, policy: Policy) -> Api {
    let ledger = Arc::new(MemoryLedger::default());
    Api::new(transport(settings), company_id, Arc::new(Fixed(token)), ledger, policy)
}

/// How the requests of a person's command are made: they may use the last of the hour's quota.
pub fn policy(settings: &Settings, shutdown: &Shutdown) -> Policy {
    Policy {
        priority: Priority::Urgent,
        max_wait: settings.max_wait,
        shutdown: shutdown.clone(),
        clock: settings.clock,
        budget: Arc::new(Budget::new(None)),
    }
}

/// The database, which must be there already.
///
/// # Errors
/// When there is none, or it cannot be opened.
pub fn existing(settings: &Settings) -> Result<Store> {
    Store::open_existing(&settings.db, settings.clock)
}

/// Makes clients of accounts, over the same connections to the service.
pub fn connect(settings: &Settings) -> Arc<Connect> {
    let (own, transport) = (settings.clone(), transport(settings));
    Arc::new(move |account, policy| {
        let store = Store::open(&own.db, own.clock)?.with_cache(Cache::Small)?;
        Ok(api_over(transport.clone(), store, &own, account, policy))
    })
}

/// What the webhook workers need.
pub fn workers(settings: &Settings, shutdown: &Shutdown) -> Params {
    Params {
        db: settings.db.clone(),
        clock: settings.clock,
        workers: settings.workers,
        resources: settings.resources.clone(),
        shutdown: shutdown.clone(),
        connect: connect(settings),
    }
}

/// Where tokens come from.
pub fn endpoint(settings: &Settings, shutdown: &Shutdown) -> Endpoint {
    Endpoint { transport: transport(settings), shutdown: shutdown.clone(), clock: settings.clock }
}

/// The connections to the service: as many stay open as accounts may be at work.
pub fn transport(settings: &Settings) -> Transport {
    Transport::new(&settings.api_url, settings.timeout, settings.jobs)
}

/// Where the credentials lie.
pub fn vault(settings: &Settings) -> Vault {
    Vault::new(&settings.db, settings.credentials_directory.as_deref())
}

/// What the settings wish of the cadence.
pub fn wishes(settings: &Settings) -> Wishes {
    let every = |every: &Option<jiff::SignedDuration>| every.map_or(Every::Auto, Every::Fixed);
    Wishes {
        every: settings.every.iter().map(|(name, time)| (name.clone(), every(time))).collect(),
        share: settings.quota_share,
    }
}
