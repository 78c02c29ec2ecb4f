//! Plain pages: the walk for a resource whose list the service refuses to sort or filter by `updated_at`.
//!
//! Reads page after page in the steadiest order there is, again and again if need be, until as many different records
//! were seen as the service counts. A count that changes on the way begins it anew. Rows that were not seen are asked
//! for one by one before they are taken for deleted: page numbers prove less than keys.

use super::confirm::MOST_CONFIRMED;
use super::halt::{Halt, Result};
use super::resource_sync::ResourceSync;
use super::resume::Stage;
use crate::api::pages::{List, Page, Sort};
use crate::record::ids;
use crate::store::{mirror, walk};
use crate::window::Window;

/// How often the list is read before the run gives up.
const MOST_ROUNDS: u64 = 20;

impl ResourceSync<'_> {
    /// Reads the whole list in plain pages, from `page` on, where the first page counted `total`.
    ///
    /// # Errors
    /// [`Halt`]; the next run goes on from the last committed page.
    pub(super) fn walk_plain(&mut self, mut page: u64, mut total: Option<u64>) -> Result<()> {
        let mut rounds = 0;
        if total.is_none() {
            self.note_newest()?;
        }
        loop {
            let (found, as_of) = self.plain_page(page)?;
            if total.is_some_and(|total| total != found.total) {
                (page, total, rounds) = (1, None, rounds + 1);
                self.note_plain(page, total)?;
                self.commit(|tx, place, _| walk::forget(tx, place))?;
            } else {
                if total.is_none() {
                    self.believe(found.total)?;
                }
                let more = found.more;
                let all = found.total;
                (page, total) = (if more { page + 1 } else { 1 }, Some(all));
                self.take_plain(found, as_of, page, total)?;
                if self.store.noted(self.place, walk::Kind::Seen)?.0 == all {
                    return self.end_plain();
                }
                rounds += u64::from(!more);
            }
            if rounds > MOST_ROUNDS {
                return Err(Halt::Restless(format!(
                    "{} changed at the service all the time while they were read; what was read is kept",
                    self.place.resource.name
                )));
            }
        }
    }

    /// What changes while the pages are read is looked for afterwards, from the newest change of now on: the pages
    /// themselves do not come in the order of changes.
    fn note_newest(&mut self) -> Result<()> {
        if self.refusals.sort_by_change {
            return Ok(());
        }
        match self.ask(1) {
            Err(halt) if halt.is_refusal() => {
                self.refusals.sort_by_change = true;
                Ok(())
            }
            Err(halt) => Err(halt),
            Ok(top) => self.take_top(top),
        }
    }

    fn plain_page(&mut self, page: u64) -> Result<(Page, i64)> {
        let as_of = self.store.writes()?;
        let resource = self.place.resource;
        let sort = if self.refusals.steady_sort {
            Sort::None
        } else {
            resource.stamped().map_or(Sort::None, |list| Sort::Fields(list.steady_sort))
        };
        let found =
            self.api.page(&List { resource, window: Window::default(), sort, page, part: None }).map_err(Halt::from);
        match found {
            Err(halt) if halt.is_refusal() && !self.refusals.steady_sort => {
                self.refusals.steady_sort = true;
                self.plain_page(page)
            }
            found => Ok((found?, as_of)),
        }
    }

    /// A wipe is not believed at once.
    fn believe(&mut self, total: u64) -> Result<()> {
        let rows = self.rows()?;
        if self.is_mass_delete(rows.saturating_sub(total), rows) {
            let again = self.plain_page(1)?.0.total;
            if self.is_mass_delete(rows.saturating_sub(again), rows) {
                return Err(self.mass_delete(rows, again, rows - again));
            }
        }
        Ok(())
    }

    fn note_plain(&mut self, page: u64, total: Option<u64>) -> Result<()> {
        self.progress.walk = Some(Stage::Plain { page, total });
        self.commit(|_, _, _| Ok(()))
    }

    fn take_plain(&mut self, found: Page, as_of: i64, page: u64, total: Option<u64>) -> Result<()> {
        self.progress.walk = Some(Stage::Plain { page, total });
        let written = self.commit(|tx, place, now| {
            walk::note(tx, place, walk::Kind::Seen, &ids(&found.records), as_of)?;
            mirror::apply(tx, place, &found.records, as_of, now)
        })?;
        self.tally.fetched += found.records.len() as u64;
        self.tally.written.add(written);
        self.watch.advance(found.records.len() as u64);
        Ok(())
    }

    /// Every record was seen. The other rows are asked for one by one, unless a person said that many are gone.
    fn end_plain(&mut self) -> Result<()> {
        let as_of = self.store.noted(self.place, walk::Kind::Seen)?.1.unwrap_or_default();
        let unseen = self.store.unseen(self.place)?;
        let believed = self.allow_mass_delete && unseen.len() > MOST_CONFIRMED;
        if !believed {
            self.confirm(&unseen)?;
        }
        self.progress.walk = (!self.refusals.sort_by_change).then_some(Stage::Closing);
        self.state.last_full_at = Some(self.store.clock().stamp());
        let deleted = self.commit(|tx, place, now| {
            let deleted = if believed { walk::delete_unseen(tx, place, &unseen, as_of, now)? } else { 0 };
            walk::forget(tx, place)?;
            Ok(deleted)
        })?;
        self.tally.deleted += deleted;
        Ok(())
    }
}
