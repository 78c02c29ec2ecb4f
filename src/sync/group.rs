//! Groups: records that share a stamp, more of them than a page holds.
//!
//! The service orders them anew at each request, so page numbers miss some and bring others twice. In: a window that is
//! such a group. Out: chunks that together are the whole group. Three ways, by what the service allows: ranges of ids,
//! pages in order of ids, or reading again until as many different ones were seen as the service counts.

use super::halt::{Halt, Result};
use super::resume::{Cursor, Group};
use super::source::{Chunk, Part, Source};
use crate::api::pages::{PER_PAGE, Sort};
use crate::record::{Id, Record};
use crate::resource::TieBreak;
use crate::window::Window;
use std::collections::HashSet;

/// How often a group is read before giving up: of 250 records, a page of 100 misses one with chance 0.6, and 20 rounds
/// of three pages miss it with chance 0.6^60.
const MOST_ROUNDS: u64 = 20;
/// Share of a page that a range of ids aims at, where ids lie irregularly: one that holds more than a page is asked for
/// again.
const CAREFUL: f64 = 0.82;
/// The same where the last range held what was expected.
const BOLD: f64 = 0.98;

/// Makes the cursor after a chunk; nothing stands for the end of the group.
pub type Wrap<'w> = &'w dyn Fn(Option<Group>) -> Option<Cursor>;

impl Source<'_> {
    /// Reads the whole group. Returns how many records it has.
    ///
    /// # Errors
    /// [`Halt`]; everything handed over before counts.
    pub fn group(&mut self, base: &Window, start: Group, sample: Vec<Record>, wrap: Wrap<'_>) -> Result<u64> {
        loop {
            let result = match self.refusals.tie_break(self.resource) {
                TieBreak::FilterById => self.by_ranges(base, &start, &sample, wrap),
                TieBreak::SortById => self.by_pages(base, &start, wrap),
                TieBreak::Reread => self.by_rereading(base, wrap),
            };
            match (&result, self.refusals.tie_break(self.resource)) {
                (Err(halt), TieBreak::FilterById) if halt.is_refusal() => self.refusals.filter_by_id = true,
                (Err(halt), TieBreak::SortById) if halt.is_refusal() => self.refusals.sort_by_id = true,
                _ => return result,
            }
        }
    }

    /// Ranges of ids, each at most a page: its order does not matter then.
    fn by_ranges(&mut self, base: &Window, start: &Group, sample: &[Record], wrap: Wrap<'_>) -> Result<u64> {
        let mut after = start.after_id;
        let mut guess = Guess::new(sample, start);
        let mut found = 0;
        loop {
            let to = guess.upper();
            let window = base.ids(after, to);
            let (page, as_of) = self.page(window.clone(), Sort::None, 1)?;
            let present: Vec<Id> = page.records.iter().map(|r| r.id.clone()).collect();
            guess.page = page.size;
            guess.learn(&numbers(&page.records), page.total, to);
            if page.more {
                let next = wrap(Some(place(after)));
                self.send(Chunk { as_of, next, at: page.at, records: page.records, ..Chunk::default() })?;
                continue;
            }
            found += page.total;
            let next = to.map(|to| place(Some(to)));
            let finished = next.is_none();
            let (complete, next, at) = (Part::one(window), wrap(next), page.at);
            self.send(Chunk { records: page.records, complete, present, as_of, next, at, ..Chunk::default() })?;
            if finished {
                return Ok(found);
            }
            after = to;
        }
    }

    /// Pages in order of ids. A count that changes on the way means that records left: it starts over.
    fn by_pages(&mut self, base: &Window, start: &Group, wrap: Wrap<'_>) -> Result<u64> {
        let mut at = if start.pages > 0 { start.clone() } else { Group::default() };
        for _ in 0..MOST_ROUNDS * PER_PAGE {
            let (page, as_of) = self.page(base.clone(), Sort::Id, at.pages + 1)?;
            let present: Vec<Id> = page.records.iter().map(|r| r.id.clone()).collect();
            let last = present.last().and_then(Id::number);
            if at.pages > 0 && page.total != at.total {
                at = Group::default();
                let next = wrap(Some(at.clone()));
                self.send(Chunk { as_of, next, at: page.at, records: page.records, ..Chunk::default() })?;
                continue;
            }
            let part = base.ids(at.after_id, last.filter(|_| page.more));
            // The first page holds all ids up to its last one; between two pages a record may slip.
            let complete = if at.pages == 0 { Part::one(part) } else { Part::several(part) };
            at = Group { after_id: last, pages: at.pages + 1, total: page.total };
            let next = wrap(page.more.then(|| at.clone()));
            let clock = page.at;
            self.send(Chunk { records: page.records, complete, present, as_of, next, at: clock, ..Chunk::default() })?;
            if !page.more {
                return Ok(page.total);
            }
        }
        Err(restless(self.resource.name))
    }

    /// Pages as they come, again and again, until as many different records were seen as there are.
    fn by_rereading(&mut self, base: &Window, wrap: Wrap<'_>) -> Result<u64> {
        let mut seen = HashSet::new();
        let mut number = 1;
        let first_as_of = self.store.writes()?;
        for _ in 0..MOST_ROUNDS * PER_PAGE {
            let (page, as_of) = self.page(base.clone(), Sort::None, number)?;
            seen.extend(page.records.iter().map(|r| r.id.clone()));
            number = if page.more { number + 1 } else { 1 };
            let whole = seen.len() as u64 == page.total;
            let next = wrap((!whole).then(Group::default));
            let total = page.total;
            if !whole {
                // More than there are: some left meanwhile.
                if seen.len() as u64 > total {
                    seen.clear();
                }
                self.send(Chunk { as_of, next, at: page.at, records: page.records, ..Chunk::default() })?;
                continue;
            }
            let present = seen.into_iter().collect();
            let alone = page.records.len() as u64 == total;
            let complete = if alone { Part::one(base.clone()) } else { Part::several(base.clone()) };
            let at = page.at;
            self.send(Chunk {
                records: page.records,
                complete,
                present,
                as_of: first_as_of,
                next,
                at,
                ..Chunk::default()
            })?;
            return Ok(total);
        }
        Err(restless(self.resource.name))
    }
}

/// Ids as numbers: only of those the service can give ranges.
fn numbers(records: &[Record]) -> Vec<i64> {
    records.iter().filter_map(|r| r.id.number()).collect()
}

fn place(after_id: Option<i64>) -> Group {
    Group { after_id, ..Group::default() }
}

fn restless(name: &str) -> Halt {
    Halt::Restless(format!(
        "{name} that were changed in one second could not be told apart; they are read again next time"
    ))
}

/// How wide a range of ids holds about a page.
#[derive(Debug)]
struct Guess {
    /// Lowest id not yet read, as far as known.
    start: Option<i64>,
    /// Ids per record.
    spread: f64,
    /// Records that a page holds.
    page: u64,
    /// Share of it that the next range aims at.
    aim: f64,
    /// Records not yet read, as far as known.
    left: u64,
    /// Whether `start` is only what a sample suggests.
    vague: bool,
    /// Everything up to here was read.
    after: Option<i64>,
    /// Ranges in a row that were empty.
    empty: u32,
}

impl Guess {
    /// Nothing is known.
    fn blank() -> Self {
        Self {
            start: None,
            spread: 1.0,
            page: PER_PAGE,
            aim: CAREFUL,
            left: u64::MAX,
            vague: true,
            after: None,
            empty: 0,
        }
    }

    fn new(sample: &[Record], group: &Group) -> Self {
        let mut guess = Self { after: group.after_id, ..Self::blank() };
        guess.sample(&numbers(sample), group.total);
        guess
    }

    /// Ids drawn at random from `total` tell how far apart all of them lie. Of n drawn, the lowest has on average one
    /// part in n + 1 of the others below it.
    fn sample(&mut self, ids: &[i64], total: u64) {
        let (Some(low), Some(high)) = (ids.iter().min(), ids.iter().max()) else { return };
        let (drawn, total_f) = (to_f64(ids.len()), to_f64(total).max(1.0));
        let inner = total_f * (drawn - 1.0).max(1.0) / (drawn + 1.0);
        self.spread = (to_f64(high.saturating_sub(*low)) / inner).max(1.0);
        let below = self.spread * (total_f - drawn).max(0.0) / (drawn + 1.0);
        let start = low.saturating_sub(to_i64(below));
        self.start = Some(self.after.map_or(start, |after| start.max(after.saturating_add(1))));
        (self.left, self.aim, self.vague) = (total, CAREFUL, true);
    }

    /// The upper end of the next range. `None`: all the rest, which fits a page.
    fn upper(&self) -> Option<i64> {
        let start = self.start.filter(|_| self.left > self.page)?;
        let page = to_f64(self.page);
        // A range of as many ids as a page has records never holds more than a page.
        Some(start.saturating_add(to_i64((self.spread * self.aim * page).max(page))).saturating_sub(1))
    }

    /// What the range up to `to` brought: `total` records, `ids` among them.
    fn learn(&mut self, ids: &[i64], total: u64, to: Option<i64>) {
        let (Some(to), Some(start)) = (to, self.start) else {
            self.sample(ids, total);
            return;
        };
        let width = to_f64(to.saturating_sub(start)) + 1.0;
        if total > self.page {
            self.start = ids.iter().min().copied().map(|low| low.min(start));
            self.spread = width / to_f64(total);
            self.aim = CAREFUL;
            return;
        }
        let as_expected = self.vague || (to_f64(total) - width / self.spread).abs() <= 3.0;
        self.aim = if as_expected { BOLD } else { CAREFUL };
        // Nothing there, twice: what is left was overestimated, or lies far off. The rest is asked for as a whole.
        self.empty = if total == 0 { self.empty + 1 } else { 0 };
        self.left = if self.empty > 1 { 0 } else { self.left.saturating_sub(total) };
        self.after = Some(to);
        // Never more than four times as wide at once: one empty range says little.
        if !self.vague {
            self.spread = (width / to_f64(total).max(1.0)).clamp(1.0, self.spread * 4.0);
        }
        (self.start, self.vague) = (Some(to.saturating_add(1)), false);
    }
}

#[allow(clippy::cast_precision_loss)] // an estimate
fn to_f64(n: impl TryInto<i64>) -> f64 {
    n.try_into().unwrap_or(i64::MAX) as f64
}

#[allow(clippy::cast_possible_truncation)] // saturates, which is right here
fn to_i64(x: f64) -> i64 {
    x as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests that reading these ids by ranges takes, with a page of 100 ids drawn by `draw` where there are more.
    fn requests(ids: &[i64], seed: u64) -> usize {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut draw = |from: &[i64]| random.choose_multiple(from.iter().copied(), PER_PAGE as usize);
        let mut guess = Guess::blank();
        guess.sample(&draw(ids), ids.len() as u64);
        let (mut after, mut count, mut found) = (i64::MIN, 0, 0);
        loop {
            let to = guess.upper();
            let inside: Vec<i64> =
                ids.iter().copied().filter(|id| *id > after && to.is_none_or(|to| *id <= to)).collect();
            count += 1;
            guess.learn(&draw(&inside), inside.len() as u64, to);
            if inside.len() as u64 > PER_PAGE {
                continue;
            }
            found += inside.len();
            match to {
                Some(to) => after = to,
                None => break,
            }
        }
        assert_eq!(found, ids.len());
        count
    }

    #[test]
    fn an_import_with_ids_in_sequence_is_read_in_full_pages() {
        for seed in 0..50 {
            let (dense, even) = ((5_000..6_037).collect::<Vec<_>>(), (0..20_000).map(|n| 7 * n).collect::<Vec<_>>());
            assert!(requests(&dense, seed) <= 13, "seed {seed}: {}", requests(&dense, seed));
            assert!(requests(&even, seed) <= 212, "seed {seed}: {}", requests(&even, seed));
        }
    }

    #[test]
    fn scattered_ids_are_read_with_few_more() {
        for seed in 0..50 {
            let mut random = fastrand::Rng::with_seed(1_000 + seed);
            let mut ids: Vec<i64> = (0..5_000).map(|_| random.i64(0..10_000_000)).collect();
            ids.extend(90_000_000..90_000_300);
            ids.sort_unstable();
            ids.dedup();
            assert!(requests(&ids, seed) <= 110, "seed {seed}: {}", requests(&ids, seed));
        }
    }
}
