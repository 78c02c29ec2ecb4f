//! Lists without stamps: read whole, and compared by content.
//!
//! In: a resource type of an account. Out: its rows made right. A list has one part or several (sources, years, price
//! lists); each is compared by itself: what did not change is not written, what is not there any more is deleted. An
//! answer that is empty, or lacks many, is asked for again, and then meets the guard against wipes. What pages hold is
//! known only when as many different records were seen as the service counts (`pages`); the cashbook has years (`years`).
//! Keeps no resume point: what was read is written, and read again next time.

mod answers;
mod pages;
mod years;

use super::halt::{Halt, Result};
use super::watch::Watch;
use super::{Tally, is_mass_delete};
use crate::api::Api;
use crate::record::{Id, Record};
use crate::resource::{Parts, Resource, Whole};
use crate::store::mirror::{self, Place};
use crate::store::parts::{self, Part};
use crate::store::{Store, gone::Gone};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How a look at a list ended.
#[derive(Debug)]
pub struct Look {
    /// Numbers.
    pub tally: Tally,
    /// `None`: well.
    pub halt: Option<Halt>,
}

/// What a look is to do.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Every year of the cashbook, not only the last two.
    pub all: bool,
    /// Believe a wipe.
    pub allow_mass_delete: bool,
}

/// A list being read.
struct Reader<'a> {
    api: &'a Api,
    store: &'a mut Store,
    place: Place<'a>,
    wish: Wish,
    watch: &'a dyn Watch,
    tally: Tally,
}

/// Looks at the list of a resource type, which must be one that is read whole.
pub fn look(
    api: &Api,
    store: &mut Store,
    account_id: i64,
    (resource, list): (&Resource, Whole),
    wish: Wish,
    watch: &dyn Watch,
) -> Look {
    let place = Place { account_id, resource };
    let tally = Tally { full: true, ..Tally::default() };
    let mut reader = Reader { api, store, place, wish, watch, tally };
    let halt = reader.read(list.parts).err();
    Look { tally: reader.tally, halt }
}

impl Reader<'_> {
    fn read(&mut self, parts: Parts) -> Result<()> {
        match parts {
            Parts::Pages(sort) => self.pages(None, sort, &Part::All),
            Parts::PagesOf { parameter, values, column } => self.each(values, |reader, value| {
                let part = Part::Of { column, value: (*value).to_owned() };
                reader.pages(Some((parameter, value)), None, &part)
            }),
            Parts::Answer(_) | Parts::DetailedAnswer | Parts::Company => self.answer(parts),
            Parts::AnswerOf { parameter, values, column, shape } => {
                self.each(values, |reader, value| reader.answer_of(parameter, value, column, shape))
            }
            Parts::OfEach { parent, below, column, shape } => self.of_each(parent, below, column, shape),
            Parts::Years => self.years(),
        }
    }

    /// Each part, also after one that failed; the first failure counts. What concerns all of them ends it at once.
    fn each<T>(&mut self, parts: &[T], mut work: impl FnMut(&mut Self, &T) -> Result<()>) -> Result<()> {
        let mut first = Ok(());
        for part in parts {
            match work(self, part) {
                Err(halt) if halt.is_of_list() => return Err(halt),
                Err(halt) if first.is_ok() => first = Err(halt),
                _ => {}
            }
        }
        first
    }

    /// Writes records.
    fn apply(&mut self, records: &[Record], as_of: i64) -> Result<()> {
        let (place, now) = (self.place, self.store.clock().stamp());
        let written = self.store.write(|tx| mirror::apply(tx, place, records, as_of, &now))?;
        self.tally.fetched += records.len() as u64;
        self.tally.written.add(written);
        self.watch.advance(records.len() as u64);
        Ok(())
    }

    /// Deletes what is gone.
    fn bury(&mut self, gone: &Gone) -> Result<()> {
        let (place, now) = (self.place, self.store.clock().stamp());
        self.tally.deleted += self.store.write(|tx| mirror::delete(tx, place, gone, &now))?;
        Ok(())
    }

    /// A part that one answer holds, asked for again where that says that much is gone.
    fn compare(&mut self, part: &Part, ask: &dyn Fn(&Self) -> Result<Vec<Record>>) -> Result<()> {
        let rows = self.store.count_part(self.place, part)?;
        let mut as_of = self.store.writes()?;
        let mut records = ask(self)?;
        let mut missing = self.missing(part, &records, as_of)?;
        if self.is_doubtful(records.is_empty(), missing, rows) {
            as_of = self.store.writes()?;
            records = ask(self)?;
            missing = self.missing(part, &records, as_of)?;
        }
        self.apply(&records, as_of)?;
        self.guard(records.len() as u64, missing, rows)?;
        let place = self.place;
        let present: Vec<Id> = records.iter().map(|record| record.id.clone()).collect();
        let now = self.store.clock().stamp();
        self.tally.deleted += self.store.write(|tx| {
            let gone = parts::gone(tx, place, part, &present, as_of)?;
            mirror::delete(tx, place, &gone, &now)
        })?;
        Ok(())
    }

    fn missing(&self, part: &Part, records: &[Record], as_of: i64) -> Result<u64> {
        let present: Vec<Id> = records.iter().map(|record| record.id.clone()).collect();
        Ok(self.store.absent_from_part(self.place, part, &present, as_of)?.len() as u64)
    }

    /// Whether an answer is asked for again.
    fn is_doubtful(&self, is_empty: bool, missing: u64, rows: u64) -> bool {
        (is_empty && rows > 0) || is_mass_delete(missing, rows)
    }

    /// A wipe of a part is not believed, unless a person said so.
    fn guard(&self, remote: u64, missing: u64, local: u64) -> Result<()> {
        if !self.wish.allow_mass_delete && is_mass_delete(missing, local) {
            return Err(Halt::MassDelete { local, remote, missing });
        }
        Ok(())
    }

    /// Asks for each of these rows by its id: gone is what the service does not know any more.
    fn confirm(&mut self, ids: &BTreeSet<Id>) -> Result<()> {
        for id in ids {
            let as_of = self.store.writes()?;
            match self.api.record(self.place.resource, id)? {
                Some(record) => self.apply(&[record], as_of)?,
                None => self.bury(&Gone::answered(std::slice::from_ref(id), as_of))?,
            }
        }
        Ok(())
    }

    /// Now, by the service's clock as far as it is known.
    fn now(&self) -> Timestamp {
        self.store.clock().now() + self.api.skew().unwrap_or_default()
    }
}
