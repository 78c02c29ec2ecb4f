//! The cashbook: one answer for each calendar year.
//!
//! The first look goes back year by year until three in a row are empty, and at least five; later ones ask for this year and
//! the last. This year's window reaches to the end of the next, so that what is dated ahead is not missed. An entry that is
//! not where it was may have moved to another year: it is asked for by its id before it is taken for deleted.

use super::super::halt::{Halt, Result};
use super::Reader;
use crate::record::{Id, Record};
use crate::resource::Shape;
use crate::store::parts::Part;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// The first look goes back at least so many years.
const FEWEST: i16 = 5;
/// And ends after so many in a row without an entry.
const EMPTY_IN_A_ROW: i16 = 3;
/// No cashbook is older.
const FIRST_YEAR: i16 = 1990;

impl Reader<'_> {
    pub(super) fn years(&mut self) -> Result<()> {
        let zone = TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC);
        let this = zone.to_datetime(self.now()).year();
        let oldest = self.oldest_year()?;
        let (mut empty, mut unmet, mut met) = (0, BTreeSet::new(), BTreeSet::new());
        let (mut first, mut failed) = (Ok(()), false);
        for year in (FIRST_YEAR..=this).rev() {
            let back = this - year;
            let needed = back < 2
                || (self.wish.all
                    && (back < FEWEST || empty < EMPTY_IN_A_ROW || oldest.is_some_and(|oldest| year >= oldest)));
            if !needed {
                break;
            }
            let (from, to) = (format!("{year}-01-01"), format!("{}-12-31", if back == 0 { year + 1 } else { year }));
            match self.window(from, to, &mut met) {
                Err(halt) if halt.is_of_list() => return Err(halt),
                // It has failed twice in a row: not one year is the trouble, but the service.
                Err(halt @ Halt::Api(_)) if failed => return Err(halt),
                Err(halt) => {
                    failed = matches!(halt, Halt::Api(_));
                    first = first.and(Err(halt));
                }
                Ok((entries, absent)) => {
                    failed = false;
                    empty = if entries == 0 { empty + 1 } else { 0 };
                    unmet.extend(absent);
                }
            }
        }
        unmet.retain(|id| !met.contains(id));
        self.confirm(&unmet)?;
        first
    }

    /// Reads the entries of a window and writes them. Returns how many there are, and the rows that are not among them.
    fn window(&mut self, from: String, to: String, met: &mut BTreeSet<Id>) -> Result<(usize, Vec<Id>)> {
        let query = [("date_from", from.clone()), ("date_to", to.clone())];
        let part = Part::Days { from, to };
        let rows = self.store.count_part(self.place, &part)?;
        let mut as_of = self.store.writes()?;
        let mut entries = self.entries(&query)?;
        let mut absent = self.absent(&part, &entries, as_of)?;
        if self.is_doubtful(entries.is_empty(), absent.len() as u64, rows) {
            as_of = self.store.writes()?;
            entries = self.entries(&query)?;
            absent = self.absent(&part, &entries, as_of)?;
        }
        met.extend(entries.iter().map(|entry| entry.id.clone()));
        self.apply(&entries, as_of)?;
        self.guard(entries.len() as u64, absent.len() as u64, rows)?;
        Ok((entries.len(), absent))
    }

    fn entries(&self, query: &[(&str, String)]) -> Result<Vec<Record>> {
        let resource = self.place.resource;
        Ok(self.api.answer(resource, resource.list.path, query, Shape::Records, None)?)
    }

    fn absent(&self, part: &Part, entries: &[Record], as_of: i64) -> Result<Vec<Id>> {
        let present: Vec<Id> = entries.iter().map(|entry| entry.id.clone()).collect();
        Ok(self.store.absent_from_part(self.place, part, &present, as_of)?)
    }

    /// The year of the oldest entry that is here.
    fn oldest_year(&self) -> Result<Option<i16>> {
        Ok(self.store.first_day(self.place)?.and_then(|day| day.get(..4)?.parse().ok()))
    }
}
