//! Whose turn it is: the order in which accounts are worked on.
//!
//! In: accounts, and what the database knows of their last successes. Out: the same accounts, in the order of their work.

use super::Wanted;
use crate::resource::Resource;
use crate::store::Store;
use crate::store::accounts::Account;
use anyhow::Result;

/// The account whose last success is oldest comes first, before it those that never had one: so runs that are cut short do
/// not leave out the same accounts each time. A success in the future, which a wrong clock wrote, is none.
pub fn in_turn(store: &Store, mut accounts: Vec<Account>, wanted: &[Wanted]) -> Result<Vec<Account>> {
    let resources: Vec<&Resource> = wanted.iter().map(|want| want.resource).collect();
    let now = store.clock().stamp();
    let mut oldest = store.oldest_successes(&resources)?;
    oldest.retain(|_, at| *at <= now);
    accounts.sort_by(|a, b| oldest.get(&a.id).cmp(&oldest.get(&b.id)).then(a.id.cmp(&b.id)));
    Ok(accounts)
}
