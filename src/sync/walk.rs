//! The full walk: reads everything once, oldest change first.
//!
//! By key, not by page number: each page begins at the last stamp of the one before, so that nothing slips between pages
//! when records are inserted, changed or deleted meanwhile. A record changed during the walk moves ahead of it and is
//! met again. Rows that should stand in a part that was read, and do not, are noted; those not met elsewhere by the end
//! are deleted (by `changes`, which closes the walk).

use super::halt::Result;
use super::job::{Absent, Job};
use super::resume::{Cursor, Group, Stage};
use crate::store::walk;
use crate::window::{Span, Window};

impl Job<'_> {
    /// Goes on with the walk under way, up to its closing.
    ///
    /// # Errors
    /// [`super::halt::Halt`]; the next run goes on from the last committed page.
    pub fn walk(&mut self) -> Result<()> {
        self.tally.full = true;
        loop {
            let refused = match self.progress.walk.clone() {
                Some(Stage::Climb(_)) if self.refusals.plain() => true,
                Some(Stage::Climb(cursor)) => self.walk_up(cursor)?,
                Some(Stage::Nulls) => self.walk_nulls()?,
                Some(Stage::Plain { page, total }) => return self.walk_plain(page, total),
                Some(Stage::Closing) | None => return Ok(()),
            };
            if refused {
                self.fall_back()?;
            }
        }
    }

    /// Begins a walk, unless one is under way.
    pub fn begin_walk(&mut self) -> Result<()> {
        if self.progress.walk.is_none() {
            self.progress.walk = Some(Stage::Climb(Cursor::default()));
            self.progress.gap = None;
            self.commit(|tx, place, _| walk::forget(tx, place))?;
        }
        Ok(())
    }

    /// Everything with a stamp. True when the service refuses to sort or filter by it.
    fn walk_up(&mut self, cursor: Cursor) -> Result<bool> {
        let result = self.follow(
            Absent::Note,
            |source| source.climb(cursor, None),
            |job, chunk| {
                job.progress.walk = Some(chunk.next.clone().map_or(Stage::Nulls, Stage::Climb));
            },
        );
        match result {
            Err(halt) if halt.is_refusal() => {
                log::warn!("{}: {halt}; falling back to plain pages", self.place.resource.name);
                self.refusals.filter_by_change = true;
                Ok(true)
            }
            Err(halt) => Err(halt),
            Ok(()) => {
                // The last chunk of a group has no cursor after it, and neither has the list.
                self.progress.walk = Some(Stage::Nulls);
                self.commit(|_, _, _| Ok(()))?;
                Ok(false)
            }
        }
    }

    /// Everything without a stamp. True when the service refuses that filter.
    fn walk_nulls(&mut self) -> Result<bool> {
        let window = Window::updated(Span::Null);
        let result = self.follow(
            Absent::Note,
            |source| source.group(&window, Group::default(), Vec::new(), &|_| None).map(|_| ()),
            |_, _| {},
        );
        match result {
            Err(halt) if halt.is_refusal() => {
                log::warn!("{}: {halt}; falling back to plain pages", self.place.resource.name);
                self.refusals.filter_by_change = true;
                Ok(true)
            }
            Err(halt) => Err(halt),
            Ok(()) => {
                self.progress.walk = Some(Stage::Closing);
                self.progress.nulls_seen_at = Some(self.store.clock().stamp());
                self.commit(|_, _, _| Ok(()))?;
                Ok(false)
            }
        }
    }

    /// Begins a walk in plain pages instead.
    pub(super) fn fall_back(&mut self) -> Result<()> {
        self.progress.walk = Some(Stage::Plain { page: 1, total: None });
        self.commit(|tx, place, _| walk::forget(tx, place))
    }
}
