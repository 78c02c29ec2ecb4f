//! What there is, for `status`: rows, last successes and errors, quota, in one look at the database.
//!
//! In: the resource types that are mirrored. Out: an [`AccountStatus`] per account, all of one moment. Judges nothing.

use super::Store;
use super::accounts::Account;
use super::events::Numbers;
use super::quota::Quota;
use super::state::State;
use crate::resource::Resource;
use anyhow::Result;
use rusqlite::Connection;
use serde::Serialize;

/// One account.
#[derive(Debug)]
pub struct AccountStatus {
    /// The account.
    pub account: Account,
    /// Its resource types.
    pub resources: Vec<ResourceStatus>,
    /// Its webhook events.
    pub events: Numbers,
    /// Its webhook subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Its quota.
    pub quota: Quota,
}

/// One resource type of an account.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct ResourceStatus {
    /// The plural name.
    pub resource: &'static str,
    /// Records here.
    pub rows: u64,
    /// End of the last run that ended well.
    pub last_success_at: Option<String>,
    /// Error of the last run, nothing when it ended well.
    pub last_error: Option<String>,
    /// Whether a full walk was finished and nothing is unfinished.
    pub complete: bool,
    /// When it was last looked at.
    #[serde(skip)]
    pub looked_at: Option<String>,
    /// When the service last said that the token may not read it.
    #[serde(skip)]
    pub denied_at: Option<String>,
}

/// A webhook subscription.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Subscription {
    /// The service's id.
    pub id: String,
    /// The group.
    pub event_group: String,
    /// Where the service sends.
    pub sink: String,
    /// Whether it does already.
    pub verified: bool,
}

impl Store {
    /// All accounts as they are now.
    pub fn status(&self, resources: &[&'static Resource]) -> Result<Vec<AccountStatus>> {
        self.read(|conn| {
            // One read transaction: a run that commits meanwhile does not show in half of the numbers.
            let _moment = conn.unchecked_transaction()?;
            let one = |account: Account| -> Result<AccountStatus> {
                let of = |resource: &&'static Resource| self.resource_status(conn, account.id, resource);
                Ok(AccountStatus {
                    resources: resources.iter().map(of).collect::<Result<_>>()?,
                    events: self.event_numbers(account.id)?,
                    subscriptions: subscriptions(conn, account.id)?,
                    quota: self.quota(account.id)?,
                    account,
                })
            };
            self.accounts()?.into_iter().map(one).collect()
        })
    }

    fn resource_status(
        &self,
        conn: &Connection,
        account_id: i64,
        resource: &'static Resource,
    ) -> Result<ResourceStatus> {
        let sql = format!("SELECT count(*) FROM {} WHERE account_id = ?1 AND resource = ?2", resource.table.name);
        let rows = conn.prepare_cached(&sql)?.query_row((account_id, resource.name), |row| row.get(0))?;
        let state: State = self.state(account_id, resource.name)?;
        Ok(ResourceStatus {
            resource: resource.name,
            rows,
            complete: state.last_full_at.is_some() && !state.unfinished,
            last_success_at: state.last_success_at,
            last_error: state.last_error,
            looked_at: state.looked_at,
            denied_at: state.denied_at,
        })
    }
}

/// Subscriptions that the service has, as far as known.
fn subscriptions(conn: &Connection, account_id: i64) -> Result<Vec<Subscription>> {
    let ours = super::subscriptions::of_account(conn, account_id)?.into_iter().filter(|s| s.missing_since.is_none());
    Ok(ours
        .filter_map(|s| {
            Some(Subscription { id: s.id?, event_group: s.event_group, sink: s.sink, verified: s.verified })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::resource;
    use crate::store::state;

    #[test]
    fn complete_means_a_finished_full_walk_and_nothing_unfinished() {
        let dir = tempfile::tempdir().expect("folder");
        let mut store = Store::open(&dir.path().join("f.db"), Clock::default()).expect("store");
        store.add_account("A", (7, None), |_| Ok(())).expect("account");
        let look = |store: &Store| store.status(&[&resource::ALL[0]]).expect("status").remove(0).resources.remove(0);
        let never = look(&store);
        assert_eq!((never.rows, never.complete, never.last_success_at), (0, false, None));
        let mut now = State { last_full_at: Some("2026-01-01T00:00:00Z".to_owned()), ..State::default() };
        now.last_error = Some("why".to_owned());
        store.write(|tx| state::save(tx, 1, resource::ALL[0].name, &now)).expect("save");
        assert!(look(&store).complete && look(&store).last_error.as_deref() == Some("why"));
        now.unfinished = true;
        store.write(|tx| state::save(tx, 1, resource::ALL[0].name, &now)).expect("save");
        assert!(!look(&store).complete);
    }
}
