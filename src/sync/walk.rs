//! The full walk: reads everything once, oldest change first.
//!
//! By key, not by page number: each page begins at the last stamp of the one before, so that nothing slips between pages
//! when records are inserted, changed or deleted meanwhile. A record changed during the walk moves ahead of it and is
//! met again. Rows that should stand in a part that was read, and do not, are noted; those not met elsewhere by the end
//! are deleted (by `changes`, which closes the walk).

use super::halt::Result;
use super::resource_sync::{Absent, ResourceSync};
use super::resume::{Cursor, Group, Nulls, Stage};
use crate::store::walk;
use crate::window::{Span, Window};

impl ResourceSync<'_> {
    /// Goes on with the walk under way, up to its closing.
    ///
    /// # Errors
    /// [`super::halt::Halt`]; the next run goes on from the last committed page.
    pub fn walk(&mut self) -> Result<()> {
        self.tally.full = true;
        loop {
            let result = match self.progress.walk.clone() {
                Some(Stage::Climb(_)) if self.refusals.plain() => self.fall_back(),
                Some(Stage::Climb(cursor)) => self.walk_up(cursor),
                Some(Stage::Nulls) => match self.progress.nulls {
                    Nulls::Unknown => self.walk_nulls(),
                    Nulls::Read => self.nulls_are_read(),
                    // Whether there are any shows the top of the list, which `changes` asks for.
                    Nulls::NotFirst => return Ok(()),
                },
                Some(Stage::Plain { page, total }) => return self.walk_plain(page, total),
                Some(Stage::Closing) | None => return Ok(()),
            };
            match result {
                Err(halt) if halt.is_refusal() => {
                    log::warn!("{}: {halt}; falling back to plain pages", self.place);
                    self.refusals.filter_by_change = true;
                    self.fall_back()?;
                }
                result => result?,
            }
        }
    }

    /// Begins a walk, unless one is under way.
    pub fn begin_walk(&mut self) -> Result<()> {
        if self.progress.walk.is_none() {
            self.progress.walk = Some(Stage::Climb(Cursor::default()));
            self.progress.nulls = Nulls::Unknown;
            self.progress.gap = None;
            self.commit(|tx, place, _| walk::forget(tx, place))?;
        }
        Ok(())
    }

    /// Everything with a stamp.
    fn walk_up(&mut self, cursor: Cursor) -> Result<()> {
        self.follow(
            Absent::Note,
            |source| source.climb(cursor, None),
            |sync, chunk| {
                sync.progress.nulls = chunk.nulls.unwrap_or(sync.progress.nulls);
                sync.progress.walk = Some(chunk.next.clone().map_or(Stage::Nulls, Stage::Climb));
            },
        )?;
        // The list may have ended within a group, which has a cursor after it.
        self.progress.walk = Some(Stage::Nulls);
        self.commit(|_, _, _| Ok(()))
    }

    /// Everything without a stamp.
    fn walk_nulls(&mut self) -> Result<()> {
        let window = Window::updated(Span::Null);
        self.follow(
            Absent::Note,
            |source| source.group(&window, Group::default(), Vec::new(), &|_| None).map(|_| ()),
            |_, _| {},
        )?;
        self.nulls_are_read()
    }

    fn nulls_are_read(&mut self) -> Result<()> {
        self.progress.walk = Some(Stage::Closing);
        self.progress.nulls_seen_at = Some(self.store.clock().stamp());
        self.commit(|_, _, _| Ok(()))
    }

    /// The records without a stamp, where they do not stand first. At the end of the walk the top of the list shows that
    /// there are none: it does not begin with one (`stand_on_top`), and all that the service counts (`total`) was met.
    pub(super) fn close_nulls(&mut self, stand_on_top: bool, total: u64) -> Result<()> {
        if self.progress.walk != Some(Stage::Nulls) {
            return Ok(());
        }
        let here = self.count(&Window::updated(Span::Null))?;
        let missing = self.store.unmet(self.place)?.len() as u64;
        if !stand_on_top && here == 0 && self.rows()?.saturating_sub(missing) == total {
            return self.nulls_are_read();
        }
        self.progress.nulls = Nulls::Unknown;
        self.walk()
    }

    /// Begins a walk in plain pages instead.
    pub(super) fn fall_back(&mut self) -> Result<()> {
        self.progress.walk = Some(Stage::Plain { page: 1, total: None });
        self.commit(|tx, place, _| walk::forget(tx, place))
    }
}
