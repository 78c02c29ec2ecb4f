//! Changes: what is new since the last run, for one request when nothing is.
//!
//! Asks for the whole list, newest change first. The first page brings the changes, and the service's count: where the
//! mirror has more rows, something was deleted. More than a page of changes is read page by page, downwards, for as long
//! as nobody disturbs it; else by key, upwards, which nothing can disturb.
//!
//! Why reading downwards is safe while count and order hold: a record that is changed meanwhile rises to the top and
//! pushes the others down, so that the next page brings one of them twice; one that is deleted pulls them up, and the
//! count falls; one that is created pushes them down, and the count rises. Where neither the count nor the order shows
//! anything, nothing moved across the edge between two pages.

use super::confirm::MOST_CONFIRMED;
use super::halt::{Halt, Result};
use super::resource_sync::{Absent, ResourceSync, Tally};
use super::resume::{Cursor, Gap, Progress, Stage};
use crate::api::pages::{List, Page, Sort};
use crate::clock;
use crate::record::{Id, Record, ids};
use crate::store::gone::Gone;
use crate::store::mirror::{self, Written};
use crate::store::walk;
use crate::window::{Span, Window};
use jiff::SignedDuration;
use std::collections::HashSet;

/// How often the top of the list is looked at before the run gives up on a list that changes all the time.
const MOST_ROUNDS: u32 = 8;

/// How long a look at the records without a stamp is good where nothing seems to change.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// A page and when it was asked for.
pub(super) struct Asked {
    page: Page,
    as_of: i64,
}

/// Reading page after page, downwards.
struct Descent {
    window: Window,
    total: u64,
    pages: u64,
    seen: HashSet<Id>,
    /// Stamp of the last record so far.
    edge: Option<String>,
    /// Whether the last page was all of one second.
    one_second: bool,
}

impl Descent {
    fn new(window: Window, total: u64) -> Self {
        Self { window, total, pages: 1, seen: HashSet::new(), edge: None, one_second: false }
    }

    /// Notes a page. Returns the stamp at its end.
    fn note(&mut self, records: &[Record]) -> Option<String> {
        self.seen.extend(records.iter().map(|r| r.id.clone()));
        self.edge = records.last().and_then(|r| r.updated_at.clone());
        self.one_second = self.edge.is_some() && records.first().is_some_and(|r| r.updated_at == self.edge);
        self.edge.clone()
    }

    /// Whether nothing moved across the edge between the last page and this one.
    fn continues_with(&self, page: &Page) -> bool {
        let first = page.records.first().and_then(|r| r.updated_at.as_ref());
        let in_order = self.edge.as_ref().zip(first).is_none_or(|(edge, first)| first <= edge);
        page.total == self.total && in_order && !page.records.iter().any(|r| self.seen.contains(&r.id))
    }
}

/// How far down a run reads: everything below is known.
#[derive(Debug, Clone)]
struct Low {
    stamp: String,
    /// Whether everything of that second is known too.
    whole: bool,
}

impl Low {
    fn cursor(low: Option<&Self>) -> Cursor {
        Cursor { from: low.map(|low| low.stamp.clone()), past: low.is_some_and(|low| low.whole), group: None }
    }

    /// Whether a list, newest change first, that got to `stamp` needs no more.
    fn is_reached_by(&self, stamp: &str) -> bool {
        stamp < self.stamp.as_str() || (self.whole && stamp == self.stamp)
    }
}

impl ResourceSync<'_> {
    /// Brings the mirror up to now.
    ///
    /// # Errors
    /// [`Halt`]; the next run goes on from the last committed page.
    pub fn changes(&mut self) -> Result<()> {
        for round in 0..MOST_ROUNDS {
            self.fill_gap()?;
            let top = self.top()?;
            self.page_size = top.page.size;
            if !top.page.more {
                return self.take_whole(top);
            }
            let total = top.page.total;
            let nulls_on_top = top.page.records.first().is_some_and(|r| r.updated_at.is_none());
            let before = self.tally;
            let low = self.low();
            if !self.read_down(top, low)? {
                self.fill_gap()?;
                if self.progress.walk.is_some() || self.rows()? != total {
                    continue;
                }
            }
            self.close_nulls(nulls_on_top, total)?;
            self.settle_walk(total)?;
            if self.rows()? != total {
                self.audit(total, round)?;
            }
            if self.progress.walk.is_none() {
                self.look_at_nulls(before)?;
            }
            if self.progress.walk.is_some() {
                // A whole walk was found cheaper.
                self.walk()?;
                continue;
            }
            if self.rows()? == total {
                return Ok(());
            }
        }
        Err(Halt::Restless(format!(
            "{} changed at the service all the time while they were read; what was read is kept",
            self.place.resource.name
        )))
    }

    /// How far down to read. `None`: to the end. What an earlier run read while it was open is read again, once: what
    /// changes after this run began is the next one's.
    fn low(&mut self) -> Option<Low> {
        let known = self.state.watermark.clone()?;
        let owed = self.owed.take().filter(|owed| *owed <= known);
        let whole = owed.is_none();
        Some(Low { stamp: owed.unwrap_or(known), whole })
    }

    /// The newest page, asked for twice when it says that a large part is gone.
    fn top(&mut self) -> Result<Asked> {
        let mut top = self.ask(1)?;
        for again in [true, false] {
            let rows = self.rows()?;
            let known = self.store.known(self.place.account_id, self.place.resource, &ids(&top.page.records))?;
            let unknown = top.page.records.len() as u64 - known;
            let missing = (rows + unknown).saturating_sub(top.page.total);
            let wipe = self.is_mass_delete(missing, rows);
            // An empty list where there are rows is asked for again too, however few they are.
            if !wipe && (top.page.total > 0 || rows == 0 || !again) {
                break;
            }
            if !again {
                return Err(self.mass_delete(rows, top.page.total, missing));
            }
            top = self.ask(1)?;
        }
        Ok(top)
    }

    pub(super) fn ask(&self, page: u64) -> Result<Asked> {
        self.ask_in(Window::default(), page)
    }

    fn ask_in(&self, window: Window, page: u64) -> Result<Asked> {
        let as_of = self.store.writes()?;
        let resource = self.place.resource;
        let page = self.api.page(&List { resource, window, sort: Sort::NewestChange, page, part: None })?;
        Ok(Asked { page, as_of })
    }

    /// The whole list is one page: what is not on it is gone.
    fn take_whole(&mut self, top: Asked) -> Result<()> {
        let Asked { page, as_of } = top;
        self.progress = Progress::default();
        self.note_stamps(&page.records, page.at);
        self.state.last_full_at = Some(self.store.clock().stamp());
        let (written, deleted) = self.commit(|tx, place, now| {
            let written = mirror::apply(tx, place, &page.records, as_of, now)?;
            let all = Window::default();
            let gone = all.fixed().map(|all| Gone::absent(tx, place, all, &ids(&page.records), as_of)).transpose()?;
            walk::forget(tx, place)?;
            let deleted = gone.map_or(Ok(0), |gone| mirror::delete(tx, place, &gone, now))?;
            Ok((written, deleted))
        })?;
        self.count_page(page.records.len(), written);
        self.tally.deleted += deleted;
        Ok(())
    }

    /// Reads from the top down to what is known. False when a part is left as a gap: a second of which not all was on a
    /// page, or what was disturbed.
    fn read_down(&mut self, top: Asked, low: Option<Low>) -> Result<bool> {
        let gap = |until| Some(Gap { cursor: Low::cursor(low.as_ref()), until });
        // What an earlier run owes is read here, or stays as a gap.
        self.progress.open_from.clone_from(&self.open);
        let mut descent = Descent::new(Window::default(), top.page.total);
        let mut current = top;
        loop {
            let reached = !current.page.more || reached(&current.page, low.as_ref());
            let edge = descent.note(&current.page.records);
            let only_nulls = current.page.records.iter().all(|r| r.updated_at.is_none());
            // A walk that ends here and met no stamp at all has nothing below.
            let reached = reached || (only_nulls && low.is_none() && self.progress.walk.is_some());
            self.progress.gap = if reached { None } else { gap(edge.clone()) };
            self.take_top(current)?;
            if reached {
                return Ok(true);
            }
            if edge.is_some() && edge == low.as_ref().map(|low| low.stamp.clone()) {
                // The rest of the second that is read again: by key, since page numbers are of no use in it.
                return Ok(false);
            }
            current = if only_nulls && descent.window.updated == Span::Any {
                // A service that puts records without a stamp first: the others are asked for alone.
                let next = self.ask_in(Window::updated(Span::NotNull), 1)?;
                descent = Descent::new(Window::updated(Span::NotNull), next.page.total);
                next
            } else if let Some(next) = self.next_below(&mut descent)? {
                next
            } else {
                self.progress.gap = gap(None);
                self.commit(|_, _, _| Ok(()))?;
                return Ok(false);
            };
        }
    }

    /// The next page of a descent, if it stands where the last one ended.
    fn next_below(&self, descent: &mut Descent) -> Result<Option<Asked>> {
        if descent.one_second {
            // A page of one second is part of a group, which page numbers cannot read.
            return Ok(None);
        }
        descent.pages += 1;
        let next = self.ask_in(descent.window.clone(), descent.pages)?;
        Ok(descent.continues_with(&next.page).then_some(next))
    }

    /// Commits a page from the top. A walk that is being closed hears that these records exist.
    pub(super) fn take_top(&mut self, page: Asked) -> Result<()> {
        let Asked { page, as_of } = page;
        self.note_stamps(&page.records, page.at);
        let written = self.commit(|tx, place, now| {
            walk::met(tx, place, &ids(&page.records))?;
            mirror::apply(tx, place, &page.records, as_of, now)
        })?;
        self.count_page(page.records.len(), written);
        Ok(())
    }

    fn count_page(&mut self, records: usize, written: Written) {
        self.tally.fetched += records as u64;
        self.tally.written.add(written);
        self.watch.advance(records as u64);
    }

    /// Reads what an interrupted or disturbed run left out.
    fn fill_gap(&mut self) -> Result<()> {
        let Some(Gap { cursor, until }) = self.progress.gap.clone() else { return Ok(()) };
        let stop = until.clone();
        let result = self.follow(
            Absent::Ignore,
            |source| source.climb(cursor, stop.as_deref()),
            |sync, chunk| {
                sync.progress.gap = chunk.next.clone().map(|cursor| Gap { cursor, until: until.clone() });
            },
        );
        match result {
            Err(halt) if halt.is_refusal() => {
                self.refusals.filter_by_change = true;
                self.progress.gap = None;
                self.begin_walk()?;
                self.walk()
            }
            Err(halt) => Err(halt),
            Ok(_) => {
                self.progress.gap = None;
                self.commit(|_, _, _| Ok(()))
            }
        }
    }

    /// Ends a walk: rows that it missed and nothing met since are deleted. A few are asked for first; many are believed,
    /// by the walk and by the service's count, but for those that it may have overlooked.
    fn settle_walk(&mut self, total: u64) -> Result<()> {
        if self.progress.walk != Some(Stage::Closing) {
            return Ok(());
        }
        let unmet = self.store.unmet(self.place)?;
        let (missing, rows) = (unmet.len() as u64, self.rows()?);
        if self.is_mass_delete(missing, rows) {
            let again = self.ask(1)?.page.total;
            if self.is_mass_delete(rows.saturating_sub(again), rows) {
                return Err(self.mass_delete(rows, again, missing));
            }
        }
        if unmet.len() <= MOST_CONFIRMED {
            self.confirm(&unmet)?;
        }
        // Fewer would be left than the service counts: some were missed by the walk, not by the service. The audit finds
        // out which.
        let believed = rows - missing.min(rows) >= total;
        self.progress.walk = None;
        self.state.last_full_at = Some(self.store.clock().stamp());
        let deleted = self.commit(|tx, place, now| {
            let deleted = if believed { walk::delete_missing(tx, place, now)? } else { 0 };
            walk::forget(tx, place)?;
            Ok(deleted)
        })?;
        self.tally.deleted += deleted;
        Ok(())
    }

    /// Records without a stamp show only in counts, and one that is new hides one that is gone. Where there are any, they
    /// are looked at, with one request for up to a page of them: when something else changed, and once a day.
    fn look_at_nulls(&mut self, before: Tally) -> Result<()> {
        let nulls = Window::updated(Span::Null);
        let now = self.store.clock().now();
        let seen = self.progress.nulls_seen_at.as_deref().and_then(|at| clock::age(at, now));
        let calm = self.tally.written.changed() == before.written.changed() && self.tally.deleted == before.deleted;
        let fresh = seen.is_some_and(|age| age < A_DAY);
        let here = self.count(&nulls)?;
        if (calm && fresh) || here == 0 || self.refusals.filter_by_change {
            return Ok(());
        }
        let many = self.compare(&nulls, Some(here))?;
        if many.is_some_and(|there| there != here || !fresh) {
            self.compare_group(nulls)?;
        }
        self.progress.nulls_seen_at = Some(clock::stamp(now));
        self.commit(|_, _, _| Ok(()))
    }
}

/// Whether everything below this page is known.
fn reached(page: &Page, low: Option<&Low>) -> bool {
    let (Some(last), Some(low)) = (page.records.last(), low) else { return page.records.is_empty() };
    match last.updated_at.as_deref() {
        Some(last) => low.is_reached_by(last),
        // Records without a stamp stand last: all others were on this page or above.
        None => page.records.iter().any(|r| r.updated_at.is_some()),
    }
}
