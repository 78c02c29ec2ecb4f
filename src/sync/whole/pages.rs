//! Lists without stamps that come in pages.
//!
//! Records that share a sort key come in an order of their own at each request, so pages miss some and bring others twice:
//! they are read until as many different ones were seen as the service counts. Even then one may have slipped by while
//! another came and a third went: rows that were not seen are asked for one by one, or looked for in a second reading.

use super::super::halt::{Halt, Result};
use super::Reader;
use crate::api::pages::{List, Page, Sort};
use crate::record::Id;
use crate::store::parts::{self, Part};
use crate::window::Window;
use std::collections::{BTreeSet, HashSet};

/// How often the pages are read before the run gives up.
const MOST_ROUNDS: u32 = 20;
/// Up to so many rows are asked for one by one where a person said that many may be gone.
const MOST_CONFIRMED: usize = 50;

/// What a reading of all pages met.
struct Met {
    ids: HashSet<Id>,
    total: u64,
    /// Writes to the mirror there had been when it began.
    as_of: i64,
}

impl Reader<'_> {
    /// Reads all pages of a part and compares.
    pub(super) fn pages(
        &mut self,
        parameter: Option<(&'static str, &'static str)>,
        sort: Option<&'static str>,
        part: &Part,
    ) -> Result<()> {
        let rows = self.store.count_part(self.place, part)?;
        let mut met = self.read_pages(parameter, sort)?;
        let mut unmet = self.unmet(part, &met)?;
        if unmet.is_empty() {
            return Ok(());
        }
        let single = self.place.resource.single.is_some();
        if !single || self.is_doubtful(met.total == 0, unmet.len() as u64, rows) {
            let first = unmet;
            met = self.read_pages(parameter, sort)?;
            unmet = self.unmet(part, &met)?;
            unmet.retain(|id| first.contains(id));
        }
        self.guard(met.total, unmet.len() as u64, rows)?;
        if single && (unmet.len() <= MOST_CONFIRMED || !self.wish.allow_mass_delete) {
            return self.confirm(&unmet);
        }
        self.bury(&parts::gone_twice(unmet.into_iter().collect(), met.as_of))
    }

    fn unmet(&self, part: &Part, met: &Met) -> Result<BTreeSet<Id>> {
        let rows = self.store.absent_from_part(self.place, part, &[], met.as_of)?;
        Ok(rows.into_iter().filter(|id| !met.ids.contains(id)).collect())
    }

    /// Reads pages until as many different records were seen as there are, and writes them.
    fn read_pages(
        &mut self,
        parameter: Option<(&'static str, &'static str)>,
        mut sort: Option<&'static str>,
    ) -> Result<Met> {
        let mut met = Met { ids: HashSet::new(), total: 0, as_of: self.store.writes()? };
        let (mut number, mut rounds) = (1, 0);
        while rounds <= MOST_ROUNDS {
            let as_of = self.store.writes()?;
            let page = match self.page(parameter, sort, number) {
                Err(halt) if halt.is_refusal() && sort.is_some() => {
                    sort = None;
                    continue;
                }
                page => page?,
            };
            if number == 1 {
                self.watch.expect(page.total);
            }
            if number > 1 && page.total != met.total {
                // Something came or went: what was seen may be gone.
                met = Met { ids: HashSet::new(), total: 0, as_of: self.store.writes()? };
                (number, rounds) = (1, rounds + 1);
                continue;
            }
            met.total = page.total;
            met.ids.extend(page.records.iter().map(|record| record.id.clone()));
            self.apply(&page.records, as_of)?;
            if met.ids.len() as u64 == page.total {
                return Ok(met);
            }
            if met.ids.len() as u64 > page.total {
                met.ids.clear();
            }
            rounds += u32::from(!page.more);
            number = if page.more { number + 1 } else { 1 };
        }
        let name = self.place.resource.name;
        Err(Halt::Restless(format!(
            "{name} changed at the service all the time while they were read; what was read is kept"
        )))
    }

    fn page(&self, part: Option<(&'static str, &'static str)>, sort: Option<&'static str>, page: u64) -> Result<Page> {
        let sort = sort.map_or(Sort::None, Sort::Fields);
        let list = List { resource: self.place.resource, window: Window::default(), sort, page, part };
        Ok(self.api.page(&list)?)
    }
}
