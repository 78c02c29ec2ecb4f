//! The writing side: one resource of one account during one run.
//!
//! In: chunks and pages. Out: rows, deletions, resume points, all committed together. Which requests to make is the
//! neighbours' (`walk`, `changes`, `audit`, `plain`).

use super::fold;
use super::halt::{Halt, Result};
use super::refusals::Refusals;
use super::resume::Progress;
use super::source::{Chunk, Sink, Source};
use super::watch::Watch;
use crate::api::Api;
use crate::record::{Id, Record, ids};
use crate::store::gone::Gone;
use crate::store::mirror::{self, Place, Written};
use crate::store::state::{self, State};
use crate::store::{Store, Tx, walk, window};
use crate::window::Window;
use crossbeam_channel::bounded;
use jiff::Timestamp;

/// Numbers of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records that came.
    pub fetched: u64,
    /// What they did to the tables.
    pub written: Written,
    /// Records found deleted.
    pub deleted: u64,
    /// Whether everything was walked.
    pub full: bool,
}

impl Tally {
    /// Adds the numbers of another list.
    pub fn add(&mut self, other: Self) {
        self.fetched += other.fetched;
        self.written.add(other.written);
        self.deleted += other.deleted;
    }
}

/// One resource of one account, being synced.
pub struct ResourceSync<'a> {
    /// The service.
    pub api: &'a Api,
    /// The database.
    pub store: &'a mut Store,
    /// Account and resource.
    pub place: Place<'a>,
    /// Bookkeeping, as it will be committed.
    pub state: State,
    /// Resume point, as it will be committed.
    pub progress: Progress,
    /// From this stamp on, an earlier run left records that may have changed since and kept their stamps.
    pub owed: Option<String>,
    /// The same for this run.
    pub open: Option<String>,
    /// What the service refuses.
    pub refusals: Refusals,
    /// Records that a page holds, as far as known.
    pub page_size: u64,
    /// The run's numbers so far.
    pub tally: Tally,
    /// Whether a wipe is believed.
    pub allow_mass_delete: bool,
    /// Who follows.
    pub watch: &'a dyn Watch,
}

/// What to do with rows that a complete part of the list does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Let them be: it is not asked here.
    Ignore,
    /// Note them: they may turn up elsewhere in the walk.
    Note,
    /// They are deleted, where that is proof enough.
    Delete,
}

impl ResourceSync<'_> {
    /// Runs `work` and saves the resume point in one transaction.
    pub fn commit<T>(&mut self, work: impl FnOnce(&Tx<'_>, Place<'_>, &str) -> anyhow::Result<T>) -> Result<T> {
        let text = |value: serde_json::Result<String>| value.map_err(anyhow::Error::from);
        self.state.progress = Some(text(serde_json::to_string(&self.progress))?);
        self.state.unfinished = self.progress.walk.is_some() || self.progress.gap.is_some();
        self.state.refused = Some(text(serde_json::to_string(&self.refusals))?);
        let (place, state, now) = (self.place, &self.state, self.store.clock().stamp());
        Ok(self.store.write(|tx| {
            let value = work(tx, place, &now)?;
            state::save(tx, place.account_id, place.resource.name, state)?;
            Ok(value)
        })?)
    }

    /// Commits records, and what their absence from a complete part of the list says. Returns rows that may be gone, but
    /// whose absence does not prove it.
    pub fn take(&mut self, chunk: Chunk, absent: Absent) -> Result<Vec<Id>> {
        // Only who reads in the order of changes knows all changes up to the newest that he met.
        if absent != Absent::Delete {
            self.note_stamps(&chunk.records, chunk.at);
        }
        let Chunk { records, complete, present, as_of, total, .. } = chunk;
        if let Some(total) = total {
            self.watch.expect(total);
        }
        let (written, deleted, doubtful) = self.commit(|tx, place, now| {
            let written = mirror::apply(tx, place, &records, as_of, now)?;
            let mut deleted = 0;
            let mut doubtful = Vec::new();
            walk::met(tx, place, &ids(&records))?;
            match (complete, absent) {
                (None, _) | (_, Absent::Ignore) => {}
                (Some(part), Absent::Note) => {
                    let kind = if part.in_one_answer { walk::Kind::Missing } else { walk::Kind::Doubtful };
                    let missing = window::absent(tx, place, &part.window, &present, as_of)?;
                    walk::note(tx, place, kind, &missing, as_of)?;
                }
                (Some(part), Absent::Delete) => match part.window.fixed().filter(|_| part.in_one_answer) {
                    Some(fixed) => {
                        let gone = Gone::absent(tx, place, fixed, &present, as_of)?;
                        deleted = mirror::delete(tx, place, &gone, now)?;
                    }
                    None => doubtful = window::absent(tx, place, &part.window, &present, as_of)?,
                },
            }
            Ok((written, deleted, doubtful))
        })?;
        self.tally.fetched += records.len() as u64;
        self.tally.written.add(written);
        self.tally.deleted += deleted;
        self.watch.advance(records.len() as u64);
        Ok(doubtful)
    }

    /// Runs `read` on a thread of its own and takes its chunks: a page is asked for while the one before is written.
    /// `note` moves the resume point before each commit. Returns what [`ResourceSync::take`] found doubtful.
    pub fn follow(
        &mut self,
        absent: Absent,
        read: impl FnOnce(&mut Source<'_>) -> Result<()> + Send,
        mut note: impl FnMut(&mut Self, &Chunk),
    ) -> Result<Vec<Id>> {
        let (chunks, incoming) = bounded(0);
        let mut source = Source {
            api: self.api,
            store: self.store.again()?,
            resource: self.place.resource,
            refusals: self.refusals.clone(),
            sink: Sink { chunks },
        };
        let mut doubtful = Vec::new();
        let (taken, (read, refusals)) = std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let result = read(&mut source);
                (result, source.refusals)
            });
            let taken = incoming.iter().try_for_each(|chunk| {
                note(self, &chunk);
                doubtful.extend(self.take(chunk, absent)?);
                Ok(())
            });
            drop(incoming);
            let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (taken, read)
        });
        self.refusals = refusals;
        taken.and(read).map(|()| doubtful)
    }

    /// Rows of this resource, within a window.
    pub fn count(&self, window: &Window) -> Result<u64> {
        Ok(self.store.count(self.place.account_id, self.place.resource, window)?)
    }

    /// All rows of this resource.
    pub fn rows(&self) -> Result<u64> {
        self.count(&Window::default())
    }

    /// Notes the newest stamp of an answer: the watermark never goes back, and what was read while its second ran is read
    /// again. `at` is the service's clock when it was asked.
    pub fn note_stamps(&mut self, records: &[Record], at: Option<Timestamp>) {
        let Some(newest) = records.iter().filter_map(|r| r.updated_at.as_deref()).max() else { return };
        let met_before = self.state.watermark.as_deref() >= Some(newest);
        let open = fold::still_open(newest, at, met_before);
        let earlier = |a: Option<String>, b: Option<String>| a.into_iter().chain(b).min();
        self.progress.open_from = earlier(self.progress.open_from.take(), open.clone());
        self.open = earlier(self.open.take(), open);
        if !met_before {
            self.state.watermark = Some(newest.to_owned());
        }
    }

    /// A wipe is not believed at once, unless a person said so.
    pub fn is_mass_delete(&self, missing: u64, rows: u64) -> bool {
        !self.allow_mass_delete && super::is_mass_delete(missing, rows)
    }

    /// The end of a wipe that the service insists on.
    pub fn mass_delete(&self, local: u64, remote: u64, missing: u64) -> Halt {
        Halt::MassDelete { local, remote, missing }
    }
}
