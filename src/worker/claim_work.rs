//! One claim, worked off: from leased events to rows, and back to the outbox what could not be done.
//!
//! In: the events of one lane of one account. Out: a [`Tally`]. Records by list where that is cheaper (`lists`), the rest
//! one by one; a deletion is believed when the service answers 404. What came is written, and its events are settled, in
//! one transaction per answer, so that a kill costs no more than the answer under way. Claims nothing and sleeps never.

use super::consequence;
use super::unfinished::{End, Trouble};
use super::wants::{self, Want};
use crate::api::{Api, ApiError};
use crate::record::{Id, Record};
use crate::resource::{self, Resource};
use crate::store::accounts::Account;
use crate::store::gone::Gone;
use crate::store::mirror::{self, Place};
use crate::store::outbox::{self, Claim, Finished, PutBack, Settled};
use crate::store::{Store, presence};
use crate::window::Window;
use anyhow::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::slice;

/// How often a record is asked for that others write meanwhile.
const MOST_ASKED: u32 = 4;

/// What became of the events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Done, ignored.
    pub finished: Finished,
    /// Put back.
    pub put_back: PutBack,
    /// Records asked for one by one.
    pub singles: u64,
    /// Pages of lists asked for.
    pub lists: u64,
}

/// What is known before a request begins; it says what its answer proves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    as_of: i64,
    pub(super) seen: i64,
}

/// A claim in work.
pub(super) struct ClaimWork<'a> {
    pub(super) store: &'a mut Store,
    /// Impatient until the first answer after a pause of the account.
    pub(super) api: Api,
    pub(super) account: &'a Account,
    pub(super) holder: &'a str,
    pub(super) claim: &'a Claim,
    /// The mirrored resource types of the lane.
    pub(super) resources: Vec<&'static Resource>,
    /// All mirrored resource types.
    mirrored: &'a [&'static Resource],
    /// A mirrored resource type of another lane.
    pub(super) other_lane: Option<&'static Resource>,
    /// Records that are still wanted.
    pub(super) todo: BTreeMap<Id, Want>,
    /// Why they are.
    pub(super) troubles: BTreeMap<Id, Trouble>,
    /// Requests in a row that got no usable answer.
    pub(super) unanswered: u32,
    pub(super) tally: Tally,
}

impl<'a> ClaimWork<'a> {
    /// Works the claim off. `mirrored` are the resource types that the settings name.
    ///
    /// # Errors
    /// When events could not be put back: the database's.
    pub(super) fn run(
        store: &'a mut Store,
        api: &'a Api,
        account: &'a Account,
        holder: &'a str,
        claim: &'a Claim,
        mirrored: &'a [&'static Resource],
    ) -> Result<Tally> {
        let (resources, others): (Vec<_>, Vec<_>) = mirrored.iter().copied().partition(|r| r.lane() == claim.lane);
        let pause = store.pause_of(account.id, "")?;
        let mut work = ClaimWork {
            store,
            api: if pause.is_some() { api.impatient() } else { api.clone() },
            account,
            holder,
            claim,
            resources,
            mirrored,
            other_lane: others.iter().copied().find(|r| r.stamped().is_some()),
            todo: BTreeMap::new(),
            troubles: BTreeMap::new(),
            unanswered: 0,
            tally: Tally::default(),
        };
        let end = work.work().err();
        work.put_back(end.as_ref())?;
        Ok(work.tally)
    }

    fn work(&mut self) -> Result<(), End> {
        let wants = wants::read(&self.claim.events, &self.resources);
        self.todo = wants.records;
        if !wants.strange.is_empty() {
            self.dismiss(&json(&wants.strange)?)?;
        }
        if !wants.nameless.is_empty() {
            self.close(&json(&wants.nameless)?)?;
        }
        if self.todo.is_empty() {
            return Ok(());
        }
        if let Some(resource) = self.resources.first().copied().filter(|r| r.single.is_none()) {
            return self.by_whole_list(resource);
        }
        self.place_doubtful()?;
        for resource in self.resources.clone() {
            if resource.stamped().is_some() {
                self.by_lists(resource)?;
            }
        }
        // A quota may end before the last of them: what waits for longest comes first.
        let mut singles = self.open(|_| true);
        singles.sort_by_key(|id| self.todo.get(id).map(|want| want.oldest));
        for id in singles {
            self.single(&id)?;
        }
        Ok(())
    }

    /// Records that are wanted, have no trouble yet, and are such.
    pub(super) fn open(&self, such: impl Fn(&Want) -> bool) -> Vec<Id> {
        let open = |(id, want): &(&Id, &Want)| !self.troubles.contains_key(id) && such(want);
        self.todo.iter().filter(open).map(|(id, _)| id.clone()).collect()
    }

    /// Records whose events leave open what they are: those that are here are what they are here. Of those whose events are
    /// all of types that are not mirrored, only these are looked at: a document can have become one of another type.
    fn place_doubtful(&mut self) -> Result<(), End> {
        let doubtful = self.open(|want| want.surely().is_none());
        if doubtful.is_empty() {
            return Ok(());
        }
        let ids = json(&doubtful)?;
        for resource in &self.resources {
            for id in self.store.present(self.place(resource), &ids)? {
                if let Some(want) = self.todo.get_mut(&id) {
                    want.candidates = vec![resource];
                }
            }
        }
        let unknown = self.open(|want| want.candidates.is_empty());
        let written = self.written(&unknown);
        self.todo.retain(|id, _| unknown.binary_search(id).is_err());
        if !unknown.is_empty() {
            self.dismiss(&json(&written)?)?;
        }
        Ok(())
    }

    /// Ids as they stand in the events.
    fn written(&self, ids: &[Id]) -> Vec<serde_json::Value> {
        let written = |id: &Id| self.todo.get(id).map_or_else(|| serde_json::json!(id), |want| want.written.clone());
        ids.iter().map(written).collect()
    }

    /// Settles ids that no mirrored record has.
    fn dismiss(&mut self, ids: &str) -> Result<(), End> {
        let (before, now) = (self.before()?, self.store.clock().stamp());
        let settled = Settled {
            account_id: self.account.id,
            lane: &self.claim.lane,
            holder: self.holder,
            seen: before.seen,
            ids,
            foreign: Some("no mirrored record has this id"),
        };
        let finished = self.store.write(|tx| outbox::settle(tx, settled, &now))?;
        self.count(finished);
        Ok(())
    }

    /// Closes events that name no record: a JSON array of their local ids.
    fn close(&mut self, events: &str) -> Result<(), End> {
        let (holder, now) = (self.holder, self.store.clock().stamp());
        let finished = self.store.write(|tx| outbox::close(tx, holder, events, &now))?;
        self.count(finished);
        Ok(())
    }

    /// Asks for one record by its id.
    fn single(&mut self, id: &Id) -> Result<(), End> {
        for _ in 0..MOST_ASKED {
            let Some(resource) = self
                .todo
                .get(id)
                .filter(|_| !self.troubles.contains_key(id))
                .and_then(|w| w.candidates.first().copied())
            else {
                return Ok(());
            };
            let before = self.before()?;
            self.tally.singles += 1;
            match self.api.record(resource, id) {
                Ok(Some(record)) if is_bare(resource, &record) && self.with_stamps(resource, id)? => {}
                Ok(Some(record)) => {
                    let home = self.home(resource, &record);
                    self.take(resource, home, &[record], slice::from_ref(id), before)?;
                }
                Ok(None) => match self.elsewhere(resource, id) {
                    Ok(elsewhere) => {
                        self.take_with(resource, Some(resource), &[], slice::from_ref(id), before, elsewhere)?;
                    }
                    Err(error) => self.trouble_with(error, resource, id)?,
                },
                Err(error) => self.trouble_with(error, resource, id)?,
            }
        }
        if self.todo.contains_key(id) {
            let text = "it changed here each time it was asked for".to_owned();
            self.troubles.entry(id.clone()).or_insert(Trouble::Failed(text));
        }
        Ok(())
    }

    fn trouble_with(&mut self, error: ApiError, resource: &'static Resource, id: &Id) -> Result<(), End> {
        self.react(consequence::judge(error, self.account, resource), resource, Some(id))
    }

    /// The service's examples of single clients have no stamps, and rows need them: the list of just this id has them.
    /// False when it cannot be had.
    fn with_stamps(&mut self, resource: &'static Resource, id: &Id) -> Result<bool, End> {
        let (resource::TieBreak::FilterById, Some(number)) = (resource.tie_break(), id.number()) else {
            return Ok(false);
        };
        let window = Window::default().ids(Some(number - 1), Some(number));
        let found = self.list(resource, window, crate::api::pages::Sort::None, 1)?;
        Ok(found.is_some() || self.troubles.contains_key(id))
    }

    /// The resource type that a record belongs to: for documents its own word counts. `None`: it is not mirrored.
    fn home(&self, asked: &'static Resource, record: &Record) -> Option<&'static Resource> {
        if asked.list.document_type.is_none() || type_of(record).is_none() {
            return Some(asked);
        }
        self.resources.iter().copied().find(|r| is_of_type(r, record))
    }

    /// Looks for a record among those of another type, where the registry says that it may be one of them.
    fn elsewhere(
        &mut self,
        resource: &'static Resource,
        id: &Id,
    ) -> Result<Option<(&'static Resource, Record)>, ApiError> {
        let Some(other) = resource.events.or_else.and_then(resource::by_name) else { return Ok(None) };
        self.tally.singles += 1;
        let found = self.api.record(other, id)?;
        let home = |record: Record| {
            let home =
                self.mirrored.iter().copied().find(|r| r.list.path == other.list.path && is_of_type(r, &record))?;
            Some((home, record))
        };
        Ok(found.and_then(home))
    }

    /// What is to be noted before a request begins.
    pub(super) fn before(&self) -> Result<Before, End> {
        Ok(Before { as_of: self.store.writes()?, seen: self.store.last_event()? })
    }

    /// Writes an answer: `records` belong to `home`, and nothing else of the lane has the ids `ids`. Settles its events
    /// in the same transaction, but for records that somebody wrote since the request began. Returns how many wanted
    /// ones it settled.
    pub(super) fn take(
        &mut self,
        asked_for: &'static Resource,
        home: Option<&'static Resource>,
        records: &[Record],
        ids: &[Id],
        before: Before,
    ) -> Result<usize, End> {
        self.take_with(asked_for, home, records, ids, before, None)
    }

    /// The same, with a record that was found among those of another lane.
    fn take_with(
        &mut self,
        asked_for: &'static Resource,
        home: Option<&'static Resource>,
        records: &[Record],
        ids: &[Id],
        before: Before,
        elsewhere: Option<(&'static Resource, Record)>,
    ) -> Result<usize, End> {
        let (all, now) = (json(ids)?, self.store.clock().stamp());
        let written: Vec<(Id, serde_json::Value)> = ids.iter().cloned().zip(self.written(ids)).collect();
        let (account_id, resources) = (self.account.id, &self.resources);
        let place = |resource| Place { account_id, resource };
        let foreign = home.is_none().then_some("it is of a type that is not mirrored");
        let (holder, lane) = (self.holder, self.claim.lane.as_str());
        let (settled, finished) = self.store.write(|tx| {
            let mut contested = Vec::new();
            for resource in resources {
                contested.extend(presence::contested(tx, place(resource), &all, before.as_of)?);
            }
            if let Some(home) = home {
                mirror::apply(tx, place(home), records, before.as_of, &now)?;
            }
            if let Some((other, record)) = &elsewhere {
                mirror::apply(tx, place(other), slice::from_ref(record), before.as_of, &now)?;
            }
            let gone = Gone::answered(ids, before.as_of);
            for resource in resources.iter().filter(|r| records.is_empty() || Some(**r) != home) {
                mirror::delete(tx, place(resource), &gone, &now)?;
            }
            let (settled, ids): (Vec<Id>, Vec<serde_json::Value>) =
                written.into_iter().filter(|(id, _)| !contested.contains(id)).unzip();
            let ids = json(&ids)?;
            let seen = before.seen;
            let finished = outbox::settle(tx, Settled { account_id, lane, holder, seen, ids: &ids, foreign }, &now)?;
            Ok((settled, finished))
        })?;
        self.count(finished);
        self.unanswered = 0;
        self.goes_on(asked_for)?;
        Ok(settled.iter().filter(|id| self.todo.remove(id).is_some()).count())
    }

    pub(super) fn count(&mut self, finished: Finished) {
        self.tally.finished.done += finished.done;
        self.tally.finished.ignored += finished.ignored;
    }

    pub(super) fn place(&self, resource: &'static Resource) -> Place<'static> {
        Place { account_id: self.account.id, resource }
    }
}

/// Whether a record came without the stamps that it should have.
fn is_bare(resource: &Resource, record: &Record) -> bool {
    resource.stamped().is_some() && record.created_at.is_none() && record.updated_at.is_none()
}

/// What a document says that it is.
fn type_of(record: &Record) -> Option<String> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    serde_json::from_str::<Typed>(record.raw.get()).ok()?.kind
}

fn is_of_type(resource: &Resource, record: &Record) -> bool {
    resource.list.document_type.is_some() && resource.list.document_type == type_of(record).as_deref()
}

/// JSON of what is ours.
fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}
