//! The reading side: turns a place in a list into chunks, one request at a time, on a thread of its own.
//!
//! In: a cursor. Out: [`Chunk`]s, in order, each with the part of the list that it proves complete and the cursor after
//! it. Writes nothing. `climb` here reads by `updated_at`; groups that share one stamp are `group`'s.

use super::halt::{Halt, Result};
use super::refusals::Refusals;
use super::resume::{Cursor, Group, Nulls};
use crate::api::Api;
use crate::api::pages::{List, Page, Sort};
use crate::record::{Id, Record, ids};
use crate::resource::Resource;
use crate::store::Store;
use crate::window::{Span, Window};
use crossbeam_channel::Sender;
use jiff::Timestamp;

/// A part of the list that is known whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part.
    pub window: Window,
    /// Whether one answer held all of it. Several answers are of several moments: while they came, one record may have
    /// left and another come, and a third slipped between two pages.
    pub in_one_answer: bool,
}

impl Part {
    /// A part that one answer held.
    pub fn one(window: Window) -> Option<Self> {
        Some(Self { window, in_one_answer: true })
    }

    /// A part that several answers held.
    pub fn several(window: Window) -> Option<Self> {
        Some(Self { window, in_one_answer: false })
    }
}

/// Records that came in one answer.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The records.
    pub records: Vec<Record>,
    /// What they prove complete: every record of this part is among `present`.
    pub complete: Option<Part>,
    /// Ids within that part.
    pub present: Vec<Id>,
    /// Writes to the mirror there had been when the first request for it began.
    pub as_of: i64,
    /// Where to go on. `None`: the end.
    pub next: Option<Cursor>,
    /// The service's count of all that is being read, where it is known.
    pub total: Option<u64>,
    /// The service's clock when it was asked.
    pub at: Option<Timestamp>,
    /// What was learnt of the records without a stamp.
    pub nulls: Option<Nulls>,
}

/// Where chunks go.
pub struct Sink {
    /// The writer. Takes one chunk at a time, once it has committed the one before: no more than two pages are ever in
    /// memory, and a kill costs no more than the page that is being written and the one that is being asked for.
    pub chunks: Sender<Chunk>,
}

/// Reads one resource of one account.
pub struct Source<'a> {
    /// The service.
    pub api: &'a Api,
    /// For the number of writes before each request.
    pub store: Store,
    /// The resource type.
    pub resource: &'a Resource,
    /// What the service refuses; added to when it refuses more.
    pub refusals: Refusals,
    /// Where chunks go.
    pub sink: Sink,
}

impl Source<'_> {
    /// Reads everything from `cursor` on, oldest change first, until the end or until `until` is passed.
    ///
    /// # Errors
    /// [`Halt`]; everything handed over before counts.
    pub fn climb(&mut self, mut cursor: Cursor, until: Option<&str>) -> Result<()> {
        loop {
            let next = match cursor.group.take() {
                Some(group) => {
                    let at = cursor.from.clone().unwrap_or_default();
                    self.climb_group(&at, group, Vec::new())?;
                    Some(Cursor { from: Some(at), past: true, group: None })
                }
                None => self.climb_page(&cursor, until)?,
            };
            match next {
                Some(next) => cursor = next,
                None => return Ok(()),
            }
        }
    }

    /// One page from `cursor` on. Returns where to go on.
    fn climb_page(&mut self, cursor: &Cursor, until: Option<&str>) -> Result<Option<Cursor>> {
        if cursor.from.is_none() {
            return self.climb_first(until);
        }
        let (page, as_of) = self.page(window_from(cursor), Sort::OldestChange, 1)?;
        self.climb_on(cursor, page, as_of, until)
    }

    /// The first page of the whole list: it also shows whether records without a stamp stand first, and often holds all
    /// of them, so that they need no request of their own.
    fn climb_first(&mut self, until: Option<&str>) -> Result<Option<Cursor>> {
        let start = Cursor::default();
        let (mut page, as_of) = self.page(Window::default(), Sort::OldestChange, 1)?;
        let (at, next) = (page.at, Some(start.clone()));
        if !page.more {
            let present = ids(&page.records);
            let records = page.records;
            let (complete, nulls) = (Part::one(Window::default()), Some(Nulls::Read));
            self.send(Chunk { records, complete, present, as_of, at, nulls, ..Chunk::default() })?;
            return Ok(None);
        }
        let stamped_first = page.records.first().is_some_and(|r| r.updated_at.is_some());
        let (stamped, bare): (Vec<_>, Vec<_>) = page.records.into_iter().partition(|r| r.updated_at.is_some());
        if stamped.is_empty() {
            self.send(Chunk { records: bare, as_of, at, next, ..Chunk::default() })?;
            // A list like this has hardly a stamp anywhere. Should "none" be wrong here, the count at the end tells.
            let (page, as_of) = self.page_as_told(window_from(&start), Sort::OldestChange, 1)?;
            return self.climb_on(&start, page, as_of, until);
        }
        let ended = stamped_first && !bare.is_empty();
        let nulls = if stamped_first { Nulls::NotFirst } else { Nulls::Read };
        let complete = Part::one(Window::updated(Span::Null)).filter(|_| nulls == Nulls::Read);
        page.total -= bare.len() as u64;
        let (present, nulls) = (ids(&bare), Some(nulls));
        self.send(Chunk { records: bare, complete, present, as_of, at, next, nulls, ..Chunk::default() })?;
        page.records = stamped;
        // Where those without a stamp stand last, and some are on this page, all others are on it too.
        page.more = !ended;
        self.climb_on(&start, page, as_of, until)
    }

    /// A page that was asked for from `cursor` on.
    fn climb_on(&mut self, cursor: &Cursor, page: Page, as_of: i64, until: Option<&str>) -> Result<Option<Cursor>> {
        let present: Vec<Id> = page.records.iter().map(|r| r.id.clone()).collect();
        let last = page.records.last().and_then(|r| r.updated_at.clone());
        let Some(last) = last.filter(|_| page.more) else {
            let complete = Part::one(window_from(cursor));
            self.send(Chunk { complete, present, as_of, at: page.at, records: page.records, ..Chunk::default() })?;
            return Ok(None);
        };
        let first = page.records.first().and_then(|r| r.updated_at.as_deref());
        if first == Some(last.as_str()) {
            // The page is one second and does not hold all of it; before that second there is nothing.
            if cursor.from.as_deref() != Some(&last) {
                let complete = Part::one(Window::updated(before(cursor, &last)));
                let next = Some(Cursor { from: Some(last.clone()), past: false, group: Some(Group::default()) });
                self.send(Chunk { complete, as_of, next, ..Chunk::default() })?;
            }
            let at_end = self.climb_group(&last, Group { total: page.total, ..Group::default() }, page.records)?;
            if at_end {
                // Rows that are newer than this second, the newest there is, are gone.
                let complete = Part::several(Window::updated(Span::After(last)));
                self.send(Chunk { complete, as_of, at: page.at, ..Chunk::default() })?;
                return Ok(None);
            }
            return Ok(Some(Cursor { from: Some(last), past: true, group: None }));
        }
        let done = until.is_some_and(|until| last.as_str() > until);
        let next = (!done).then(|| Cursor { from: Some(last.clone()), past: false, group: None });
        let complete = Part::one(Window::updated(before(cursor, &last)));
        let present =
            page.records.iter().filter(|r| r.updated_at.as_deref() < Some(&last)).map(|r| r.id.clone()).collect();
        let total = cursor.from.is_none().then_some(page.total);
        let at = page.at;
        self.send(Chunk {
            records: page.records,
            complete,
            present,
            as_of,
            next: next.clone(),
            total,
            at,
            ..Chunk::default()
        })?;
        Ok(next)
    }

    /// All records of the second `at`. `sample` are some of them. True when the service counted no other record from
    /// this second on.
    fn climb_group(&mut self, at: &str, group: Group, sample: Vec<Record>) -> Result<bool> {
        let counted = group.total;
        let wrap = |group: Option<Group>| Some(Cursor { from: Some(at.to_owned()), past: group.is_none(), group });
        let found = self.group(&Window::updated(Span::At(at.to_owned())), group, sample, &wrap)?;
        Ok(found == counted)
    }

    /// One page, and the number of writes before it was asked for. That there is nothing is believed when it is said twice:
    /// else one wrong answer would end the reading.
    pub(super) fn page(&self, window: Window, sort: Sort, page: u64) -> Result<(Page, i64)> {
        let (found, as_of) = self.page_as_told(window.clone(), sort, page)?;
        if found.total > 0 {
            return Ok((found, as_of));
        }
        self.page_as_told(window, sort, page)
    }

    /// One page, as the service says it the first time, and the number of writes before it was asked for.
    fn page_as_told(&self, window: Window, sort: Sort, page: u64) -> Result<(Page, i64)> {
        let as_of = self.store.writes()?;
        Ok((self.api.page(&List { resource: self.resource, window, sort, page, part: None })?, as_of))
    }

    /// Hands a chunk over: what comes next is asked for while it is written.
    pub(super) fn send(&self, chunk: Chunk) -> Result<()> {
        self.sink.chunks.send(chunk).map_err(|_| Halt::Hangup)
    }
}

/// The part of the list from a cursor on.
fn window_from(cursor: &Cursor) -> Window {
    Window::updated(match &cursor.from {
        None => Span::NotNull,
        Some(from) if cursor.past => Span::After(from.clone()),
        Some(from) => Span::since(from.clone()),
    })
}

/// The part of the list from a cursor up to a second, which may not be whole yet.
fn before(cursor: &Cursor, last: &str) -> Span {
    match &cursor.from {
        Some(from) if cursor.past => Span::Between { after: from.clone(), before: last.to_owned() },
        from => Span::Range { from: from.clone(), before: Some(last.to_owned()) },
    }
}
