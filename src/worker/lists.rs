//! Many records of one resource by list, as `plan` says.
//!
//! In: a claim in work and a resource type. Out: records that need not be asked for one by one. Everything that comes on the way is
//! written, wanted or not. A list that the service refuses, or that does not pay, is given up: single records are always
//! right.

use super::claim_work::ClaimWork;
use super::consequence;
use super::plan::{self, May, Way};
use super::unfinished::End;
use crate::api::pages::{List, Sort};
use crate::record::Id;
use crate::resource::{Resource, TieBreak};
use crate::window::Window;

/// How often it is planned anew: each time knows the rows that came before.
const MOST_ROUNDS: u32 = 6;

/// What an answer brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Got {
    /// Wanted records.
    pub(super) wanted: usize,
    /// Whether another page follows.
    pub(super) more: bool,
}

/// What a round brought.
#[derive(Debug, Default)]
struct Round {
    requests: usize,
    wanted: usize,
    refused: bool,
}

impl Round {
    /// Adds a request. False when there is no use in going on.
    fn add(&mut self, got: Option<Got>) -> bool {
        self.requests += 1;
        self.refused |= got.is_none();
        self.wanted += got.map_or(0, |got| got.wanted);
        got.is_some()
    }
}

impl ClaimWork<'_> {
    /// Fetches by list what is cheaper so.
    pub(super) fn by_lists(&mut self, resource: &'static Resource) -> Result<(), End> {
        let mut may = May { by_id: Some(resource.tie_break()), by_change: true };
        for _ in 0..MOST_ROUNDS {
            let ids: Vec<i64> =
                self.open(|want| want.surely() == Some(resource) && !want.gone).iter().filter_map(Id::number).collect();
            if ids.len() < 2 {
                return Ok(());
            }
            let gaps = self.store.gaps(self.place(resource), &ids)?;
            let way = plan::plan(&ids, &gaps, may);
            let newest = way == Way::Newest;
            let round = match way {
                Way::Singly => return Ok(()),
                Way::Ranges(ranges) => self.ranges(resource, &ranges)?,
                Way::Pages(pages) => self.pages(resource, &pages)?,
                Way::Newest => self.newest(resource)?,
            };
            if newest {
                may.by_change = false;
            } else if round.refused || round.wanted <= round.requests {
                may.by_id = None;
            }
        }
        Ok(())
    }

    fn ranges(&mut self, resource: &'static Resource, ranges: &[(i64, i64)]) -> Result<Round, End> {
        let mut round = Round::default();
        for (from, to) in ranges {
            let window = Window::default().ids(Some(from - 1), Some(*to));
            if !round.add(self.list(resource, window, Sort::None, 1)?) {
                break;
            }
        }
        Ok(round)
    }

    fn pages(&mut self, resource: &'static Resource, pages: &[u64]) -> Result<Round, End> {
        let mut round = Round::default();
        for page in pages {
            if !round.add(self.list(resource, Window::default(), Sort::Id, *page)?) {
                break;
            }
        }
        Ok(round)
    }

    /// Pages of the newest changes, as long as each brings more than a single fetch would.
    fn newest(&mut self, resource: &'static Resource) -> Result<Round, End> {
        // Records of one second come in a new order at each request, where ids do not settle it.
        let sort = match resource.tie_break() {
            TieBreak::SortById => Sort::Fields("-updated_at,-id"),
            _ => Sort::NewestChange,
        };
        let mut round = Round::default();
        for page in 1.. {
            let got = self.list(resource, Window::default(), sort, page)?;
            let pays = got.is_some_and(|got| got.more && got.wanted > 1);
            if !round.add(got) || !pays || self.open(|want| want.surely() == Some(resource) && !want.gone).len() < 2 {
                break;
            }
        }
        Ok(round)
    }

    /// Asks for one page and writes it. `None`: the service refused, or did not answer.
    pub(super) fn list(
        &mut self,
        resource: &'static Resource,
        window: Window,
        sort: Sort,
        page: u64,
    ) -> Result<Option<Got>, End> {
        let before = self.before()?;
        self.tally.lists += 1;
        match self.api.page(&List { resource, window, sort, page, part: None }) {
            Ok(page) => {
                let ids: Vec<Id> = page.records.iter().map(|record| record.id.clone()).collect();
                // An empty page says nothing of any record.
                let wanted = match ids.is_empty() {
                    true => 0,
                    false => self.take(resource, Some(resource), &page.records, &ids, before)?,
                };
                Ok(Some(Got { wanted, more: page.more }))
            }
            Err(error) => {
                let consequence = consequence::judge(error, self.account, resource);
                self.react(consequence, resource, None)?;
                Ok(None)
            }
        }
    }
}
