//! For whom a sink is: its account's company, and the addresses under which the service may know it.
//!
//! In: a route. Out: what the database says of it now, so that an account or a subscription that was added a moment ago
//! counts at once. Costs two reads by key; a cache would
//! have to be asked as often whether it is still good. Only for requests whose signature has been checked; for others
//! there is what is kept in memory.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use anyhow::Result;
use url::Url;

use super::route::Route;
use crate::store::Store;

/// A sink of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The account's company.
    pub company_id: i64,
    /// The sinks that are known for the account and group.
    pub sinks: Vec<String>,
}

/// The database, seen from the intake.
pub struct Directory {
    store: Mutex<Store>,
    public_url: Option<Url>,
    /// Ids of accounts, as far as they were met.
    known: RwLock<HashSet<i64>>,
}

impl Directory {
    /// A directory of what `store` holds, for sinks behind `public_url`.
    pub fn new(store: Store, public_url: Option<Url>) -> Result<Directory> {
        let known = store.accounts()?.iter().map(|account| account.id).collect();
        Ok(Directory { store: Mutex::new(store), public_url, known: RwLock::new(known) })
    }

    /// What there is at a route; nothing when there is no such account.
    pub fn look_up(&self, route: Route) -> Result<Option<Addressee>> {
        let store = self.store();
        let company = store.company_of(route.account_id)?;
        let addressee = match company {
            Some(company_id) => Some(Addressee { company_id, sinks: self.sinks(&store, route)? }),
            None => None,
        };
        drop(store);
        self.learn(route.account_id, addressee.is_some());
        Ok(addressee)
    }

    /// Whether there is such an account, without asking the database: for requests that nobody has signed.
    pub fn knows(&self, account_id: i64) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&account_id)
    }

    /// Notes which accounts there are now. What the database cannot say stays as it was.
    pub fn learn_all(&self) {
        let Ok(accounts) = self.store().accounts() else { return };
        let ids = accounts.iter().map(|account| account.id).collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = ids;
    }

    /// Whether the service still has to see a challenge answered at one of these sinks.
    pub fn awaits_challenge(&self, route: Route, addressee: &Addressee) -> Result<bool> {
        let store = self.store();
        for sink in &addressee.sinks {
            if store.has_unverified(route.account_id, route.group, sink)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The sinks of all accounts, for the log.
    pub fn sinks_of_all(&self) -> Result<Vec<String>> {
        let store = self.store();
        let mut all = Vec::new();
        for account in store.accounts()? {
            for group in crate::resource::events::GROUPS.iter().copied() {
                all.extend(store.known_sinks(account.id, group)?);
            }
        }
        Ok(all)
    }

    fn sinks(&self, store: &Store, route: Route) -> Result<Vec<String>> {
        let mut sinks = store.known_sinks(route.account_id, route.group)?;
        if let Some(sink) = self.public_url.as_ref().map(|url| route.sink(url)) {
            sinks.push(sink);
        }
        Ok(sinks)
    }

    fn learn(&self, account_id: i64, there: bool) {
        if self.knows(account_id) == there {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match there {
            true => known.insert(account_id),
            false => known.remove(&account_id),
        };
    }

    /// A reader that panicked has left nothing half done.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
