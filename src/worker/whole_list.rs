//! Events of records that can only be listed: their list is looked at whole, at most once a minute.
//!
//! In: a claim whose resource types have no path for single records. Out: the list looked at, and its events settled. The
//! reading is `crate::sync::whole`'s, which a run uses too.

use super::claim_work::ClaimWork;
use super::consequence;
use super::unfinished::{End, Trouble, Wait};
use crate::api::ApiError;
use crate::clock;
use crate::resource::Resource;
use crate::store::outbox::{self, Settled};
use crate::store::state;
use crate::sync::halt::Halt;
use crate::sync::watch::Nobody;
use crate::sync::whole::{self, Wish};
use anyhow::anyhow;
use jiff::SignedDuration;

/// Between two looks at a list lies at least this.
const A_MINUTE: SignedDuration = SignedDuration::from_secs(60);

impl ClaimWork<'_> {
    /// Looks at the list of a resource type that has no path for single records.
    pub(super) fn by_whole_list(&mut self, resource: &'static Resource) -> Result<(), End> {
        let Some(list) = resource.whole() else { return Ok(()) };
        let now = self.store.clock().now();
        let kept = self.store.state(self.account.id, resource.name)?;
        if let Some(age) = kept.looked_at.as_deref().and_then(|at| clock::age(at, now)).filter(|age| *age < A_MINUTE) {
            let (until, reason) = (now + (A_MINUTE - age), "its list was looked at a moment ago".to_owned());
            return Err(End::Trouble(Trouble::Waits(Wait { until, prefixes: Vec::new(), reason })));
        }
        let before = self.before()?;
        let wish = Wish { all: false, allow_mass_delete: false };
        let look = whole::look(&self.api, self.store, self.account.id, (resource, list), wish, &Nobody);
        self.tally.lists += 1;
        match look.halt {
            None => self.settle_list(resource, before.seen),
            Some(Halt::Api(error)) => self.list_failed(error, resource),
            Some(Halt::Own(error)) => Err(error.into()),
            Some(other) => Err(anyhow!(other.to_string()).into()),
        }
    }

    /// All events that came before the look are settled by it.
    fn settle_list(&mut self, resource: &'static Resource, seen: i64) -> Result<(), End> {
        let now = self.store.clock().stamp();
        let ids: Vec<serde_json::Value> = self.todo.values().map(|want| want.written.clone()).collect();
        let ids = serde_json::to_string(&ids).map_err(anyhow::Error::from)?;
        let (account_id, holder, lane) = (self.account.id, self.holder, self.claim.lane.as_str());
        let finished = self.store.write(|tx| {
            state::looked(tx, account_id, resource.name, &now)?;
            outbox::settle(tx, Settled { account_id, lane, holder, seen, ids: &ids, foreign: None }, &now)
        })?;
        self.count(finished);
        self.todo.clear();
        self.goes_on(resource)?;
        Ok(())
    }

    fn list_failed(&mut self, error: ApiError, resource: &'static Resource) -> Result<(), End> {
        let text = error.to_string();
        self.react(consequence::judge(error, self.account, resource), resource, None)?;
        Err(End::Trouble(Trouble::Failed(text)))
    }
}
