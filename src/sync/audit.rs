//! The audit: finds out which records are gone (or were missed), by counting.
//!
//! The service is asked how many records it has in a range of `created_at`; where the mirror has as many, there is
//! nothing to find; where not, the range is halved. The last, small range is read whole and compared. Where a whole walk
//! would cost less, a walk is begun instead.

use super::halt::Result;
use super::resource_sync::{Absent, ResourceSync};
use super::resume::Group;
use super::source::{Chunk, Part};
use crate::api::pages::{List, Page, Sort};
use crate::record::ids;
use crate::window::{Span, Window};

/// A part of the list, and how many records the service counts in it.
struct Counted {
    window: Window,
    remote: u64,
}

impl ResourceSync<'_> {
    /// Mends the mirror of a list of which the service counts `total`. `round` counts the tries of this run.
    ///
    /// # Errors
    /// [`super::halt::Halt`].
    pub fn audit(&mut self, total: u64, round: u32) -> Result<()> {
        if self.refusals.filter_by_creation || self.refusals.plain() || self.walk_is_cheaper(total)? || round > 2 {
            return self.begin_walk();
        }
        match self.narrow(total) {
            Err(halt) if halt.is_refusal() => {
                log::warn!("{}: {halt}; walking everything to find what was deleted", self.place);
                self.refusals.filter_by_creation = true;
                self.begin_walk()
            }
            result => result,
        }
    }

    /// By the differing number of records alone: each takes about log2(N/100) counts and a page.
    fn walk_is_cheaper(&self, total: u64) -> Result<bool> {
        let rows = self.rows()?;
        let pages = (rows.max(total) / self.page_size).max(1);
        let depth = u64::from(pages.next_power_of_two().trailing_zeros());
        Ok(rows.abs_diff(total).saturating_mul(depth + 2) > pages + 4)
    }

    fn narrow(&mut self, total: u64) -> Result<()> {
        let mut parts = self.roots(total)?;
        while let Some(Counted { window, remote }) = parts.pop() {
            if self.count(&window)? == remote {
                continue;
            }
            if remote <= self.page_size {
                if let Some(remote) = self.compare(&window, Some(remote))? {
                    parts.push(Counted { window, remote });
                }
                continue;
            }
            match self.store.middle(self.place.account_id, self.place.resource, &window)? {
                Some(middle) => parts.extend(self.halves(&window, remote, &middle)?),
                None => self.compare_group(window)?,
            }
        }
        Ok(())
    }

    /// Records without `created_at` lie in no range: they are a part of their own, where there are any.
    fn roots(&self, total: u64) -> Result<Vec<Counted>> {
        let nulls = Window::created(Span::Null);
        let all = Window::created(Span::NotNull);
        // Where there are none here and something is gone, there are none there: that costs no request.
        let ask = self.count(&nulls)? > 0 || self.count(&all)? < total;
        let remote = if ask { self.api.count(self.place.resource, &nulls)? } else { 0 };
        Ok(vec![Counted { window: nulls, remote }, Counted { window: all, remote: total.saturating_sub(remote) }])
    }

    fn halves(&self, window: &Window, remote: u64, middle: &str) -> Result<[Counted; 2]> {
        let (lower, upper) = window.created.split(middle);
        let part = |created| Window { created, ..window.clone() };
        let below = self.api.count(self.place.resource, &part(lower.clone()))?;
        Ok([
            Counted { window: part(lower), remote: below },
            Counted { window: part(upper), remote: remote.saturating_sub(below) },
        ])
    }

    /// Reads a small part whole: rows that are not in it are deleted. Returns its size when it is more than a page. Where
    /// it has another size than was counted, it is read again: one wrong answer must not delete anything.
    pub(super) fn compare(&mut self, window: &Window, counted: Option<u64>) -> Result<Option<u64>> {
        let (mut page, mut as_of) = self.part(window)?;
        if counted.is_some_and(|counted| counted != page.total) {
            let first = page.total;
            (page, as_of) = self.part(window)?;
            if page.total != first {
                // It changes just now: the next round sees.
                return Ok(None);
            }
        }
        if page.more {
            return Ok(Some(page.total));
        }
        let (present, complete) = (ids(&page.records), Part::one(window.clone()));
        let chunk = Chunk { complete, present, as_of, at: page.at, records: page.records, ..Chunk::default() };
        let doubtful = self.take(chunk, Absent::Delete)?;
        self.confirm_or_walk(&doubtful)?;
        Ok(None)
    }

    fn part(&mut self, window: &Window) -> Result<(Page, i64)> {
        let as_of = self.store.writes()?;
        let list =
            List { resource: self.place.resource, window: window.clone(), sort: Sort::None, page: 1, part: None };
        let page = self.api.page(&list)?;
        self.page_size = page.size;
        Ok((page, as_of))
    }

    /// Reads a part that cannot be halved, because its records share one stamp or are unknown here.
    pub(super) fn compare_group(&mut self, window: Window) -> Result<()> {
        let doubtful = self.follow(
            Absent::Delete,
            |source| source.group(&window, Group::default(), Vec::new(), &|_| None).map(|_| ()),
            |_, _| {},
        )?;
        self.confirm_or_walk(&doubtful)
    }
}
