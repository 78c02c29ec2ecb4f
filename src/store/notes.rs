//! Notes of requests that wait in memory for the next transaction, so that a request costs none of its own.
//!
//! In: what a request and its answer leave behind, in their order. Out: the same, written by whichever transaction of the
//! run comes next ([`Store::write`]). One that is taken back gives its notes back. A kill loses those that no transaction
//! has committed: how many that may be is said by who notes (`crate::ledger`).

use super::quota::{self, Quota};
use super::{Store, Tx};
use anyhow::Result;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Makes what is known after an answer of what was known before.
pub type After = Arc<dyn Fn(Quota) -> Quota + Send + Sync>;

/// Something to be kept of an account's requests.
#[derive(Clone)]
pub enum Note {
    /// A request was sent at `now` (unix milliseconds); those before `forget_before` count no more.
    Sent {
        /// Whose.
        account_id: i64,
        /// When.
        now: i64,
        /// What is too old.
        forget_before: i64,
    },
    /// An answer came.
    Answered {
        /// To whom.
        account_id: i64,
        /// What it says.
        after: After,
    },
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { account_id, now, .. } => write!(f, "Sent({account_id}, {now})"),
            Self::Answered { account_id, .. } => write!(f, "Answered({account_id})"),
        }
    }
}

/// The notes that no transaction has committed yet, in their order.
#[derive(Debug, Default)]
pub struct Notes(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    notes: Vec<Waits>,
}

#[derive(Debug)]
struct Waits {
    number: u64,
    note: Note,
    /// A transaction under way writes it.
    taken: bool,
}

/// Notes that a transaction writes. Dropped before it is committed, they wait again.
struct Batch<'a> {
    of: &'a Notes,
    notes: Vec<(u64, Note)>,
    committed: bool,
}

impl Notes {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, note: Note) {
        let mut waiting = self.waiting();
        waiting.last += 1;
        let number = waiting.last;
        waiting.notes.push(Waits { number, note, taken: false });
    }

    /// Requests that a kill would make unknown.
    fn sent(&self) -> usize {
        self.waiting().notes.iter().filter(|waits| matches!(waits.note, Note::Sent { .. })).count()
    }

    /// What the answers say that are not committed, or are being committed: saying it twice does no harm.
    fn answers(&self, account: i64) -> Vec<After> {
        let of = |waits: &Waits| match &waits.note {
            Note::Answered { account_id, after } if *account_id == account => Some(Arc::clone(after)),
            _ => None,
        };
        self.waiting().notes.iter().filter_map(of).collect()
    }

    fn take(&self) -> Batch<'_> {
        let mut waiting = self.waiting();
        let free = waiting.notes.iter_mut().filter(|waits| !waits.taken);
        let notes = free.map(|waits| {
            waits.taken = true;
            (waits.number, waits.note.clone())
        });
        Batch { of: self, notes: notes.collect(), committed: false }
    }

    /// Runs a transaction that also writes what waits. `run` is given what is to be done in it first.
    pub(super) fn with<T>(&self, run: impl FnOnce(&dyn Fn(&Tx<'_>) -> Result<()>) -> Result<T>) -> Result<T> {
        let mut batch = self.take();
        let value = run(&|tx| batch.notes.iter().try_for_each(|(_, note)| note.write(tx)))?;
        batch.committed = true;
        Ok(value)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut waiting = self.of.waiting();
        let ours = |waits: &Waits| self.notes.iter().any(|(number, _)| *number == waits.number);
        if self.committed {
            waiting.notes.retain(|waits| !ours(waits));
        } else {
            waiting.notes.iter_mut().filter(|waits| ours(waits)).for_each(|waits| waits.taken = false);
        }
    }
}

impl Note {
    fn write(&self, tx: &Tx<'_>) -> Result<()> {
        match self {
            Self::Sent { account_id, now, forget_before } => quota::note_request(tx, *account_id, *now, *forget_before),
            Self::Answered { account_id, after } => quota::change(tx, *account_id, |known| after(known)),
        }
    }
}

impl Store {
    /// From now on notes wait for the next transaction of this store, or of one that [`Store::again`] makes of it.
    #[must_use]
    pub fn hold_notes(mut self) -> Self {
        self.notes = Some(Arc::default());
        self
    }

    /// Notes something: with the next transaction where notes are held, else at once.
    pub fn note(&mut self, note: Note) -> Result<()> {
        match &self.notes {
            Some(notes) => {
                notes.add(note);
                Ok(())
            }
            None => self.write(|tx| note.write(tx)),
        }
    }

    /// Writes the notes that wait.
    ///
    /// # Errors
    /// The database's; they wait on.
    pub fn write_notes(&mut self) -> Result<()> {
        match &self.notes {
            Some(notes) if !notes.waiting().notes.is_empty() => self.write(|_| Ok(())),
            _ => Ok(()),
        }
    }

    /// How many requests are noted in memory only.
    pub fn requests_in_memory(&self) -> usize {
        self.notes.as_ref().map_or(0, |notes| notes.sent())
    }

    /// The quota of an account as it will be when all notes are written.
    pub fn quota_with_notes(&self, account_id: i64) -> Result<Quota> {
        // Looked at before the database: what is committed in between is said twice, not missed.
        let answers = self.notes.as_ref().map(|notes| notes.answers(account_id)).unwrap_or_default();
        Ok(answers.iter().fold(self.quota(account_id)?, |known, after| after(known)))
    }
}
