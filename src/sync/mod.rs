//! Bulk sync: which requests to make so that the mirror is right.
//!
//! In: an account's [`Api`], the database, what is wanted. Out: the tables made right, a [`Report`] per resource, a row of
//! `sync_runs` each. Resume points are committed with the rows, so that a killed run goes on where it was: `resume` draws
//! the stages.
//!
//! The work on a list with stamps is one type, `ResourceSync`, whose functions stand where their subject is. Two threads:
//! one asks (`source`, and `group` for records that share a stamp), one writes (`resource_sync`). What to ask is decided in
//! `walk` (everything), `changes` (what is new; it also closes a walk), `audit` (what is gone), `confirm` (is it really?)
//! and `plain` (when the service refuses to sort). Lists without stamps are read by `whole`; `plan` and `cadence` say what
//! is due.
//!
//! Where a function does not say what its errors are, they are the database's.

mod audit;
pub mod cadence;
mod changes;
mod confirm;
mod fold;
mod group;
pub mod halt;
mod plain;
pub mod plan;
mod preview;
mod refusals;
mod resource_sync;
mod resume;
mod source;
mod walk;
pub mod watch;
pub mod whole;

pub use halt::Halt;
pub use preview::{Preview, preview};
pub use resource_sync::Tally;

use crate::api::Api;
use crate::api::pages::PER_PAGE;
use crate::clock;
use crate::resource::{self, Resource, Whole};
use crate::store::Store;
use crate::store::mirror::Place;
use crate::store::state::{self, State};
use crate::window::Window;
use anyhow::Result;
use jiff::SignedDuration;
use refusals::Refusals;
use resource_sync::ResourceSync;
use resume::Progress;
use watch::Watch;

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Walk everything again.
    pub full: bool,
    /// Believe a wipe.
    pub allow_mass_delete: bool,
    /// A full walk older than this is repeated when the month's quota can bear it.
    pub full_every: SignedDuration,
}

/// How the work on a resource ended.
#[derive(Debug)]
pub struct Report {
    /// Numbers.
    pub tally: Tally,
    /// `None`: well.
    pub halt: Option<Halt>,
    /// Bookkeeping as it stands now.
    pub state: State,
}

/// Syncs one resource of one account. Errors of the service are in the report; the caller sums them up.
///
/// # Errors
/// When the database cannot be read to begin with.
pub fn run(
    api: &Api,
    store: &mut Store,
    account_id: i64,
    resource: &Resource,
    wish: &Wish,
    watch: &dyn Watch,
) -> Result<Report> {
    let state = store.state(account_id, resource.name)?;
    if let Some(list) = resource.whole() {
        return run_whole(api, store, (account_id, resource, list), wish, watch, state);
    }
    let progress: Progress = read(state.progress.as_deref());
    let mut sync = ResourceSync {
        api,
        owed: progress.open_from.clone(),
        open: None,
        progress,
        refusals: refusals(&state, wish),
        state,
        place: Place { account_id, resource },
        page_size: PER_PAGE,
        tally: Tally::default(),
        allow_mass_delete: wish.allow_mass_delete,
        watch,
        store,
    };
    watch.begin(resource.name);
    let halt = sync.run(wish).err();
    watch.end();
    Ok(Report { tally: sync.tally, halt, state: sync.state })
}

/// A list without stamps.
fn run_whole(
    api: &Api,
    store: &mut Store,
    (account_id, resource, list): (i64, &Resource, Whole),
    wish: &Wish,
    watch: &dyn Watch,
    mut state: State,
) -> Result<Report> {
    let place = Place { account_id, resource };
    let all = state.last_full_at.is_none() || wish.full || walk_is_due(store, place, &state, wish)?;
    watch.begin(resource.name);
    let wish = whole::Wish { all, allow_mass_delete: wish.allow_mass_delete };
    let mut look = whole::look(api, store, account_id, (resource, list), wish, watch);
    // What is part of it, once it is known which parts there are.
    for (part, list) in resource::part_of(resource).filter_map(|part| Some((part, part.whole()?))) {
        if look.halt.is_none() {
            let more = whole::look(api, store, account_id, (part, list), wish, watch);
            look.tally.add(more.tally);
            look.halt = more.halt;
        }
    }
    watch.end();
    if look.halt.is_none() && all {
        state.last_full_at = Some(store.clock().stamp());
        store.write(|tx| state::save(tx, account_id, resource.name, &state))?;
    }
    Ok(Report { tally: look.tally, halt: look.halt, state })
}

/// A wipe is not believed at once: more than 5 % and more than 20 of the rows.
fn is_mass_delete(missing: u64, rows: u64) -> bool {
    missing > 20 && missing.saturating_mul(20) > rows
}

/// Resume points of an older ficsync that cannot be read any more cost a walk, not the run.
fn read<T: Default + serde::de::DeserializeOwned>(text: Option<&str>) -> T {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl ResourceSync<'_> {
    fn run(&mut self, wish: &Wish) -> halt::Result<()> {
        if begins_with_walk(self.store, self.place, &self.state, wish)? {
            self.begin_walk()?;
            self.walk()?;
        }
        if self.refusals.sort_by_change {
            return Ok(());
        }
        match self.changes() {
            Err(halt) if halt.is_refusal() => {
                log::warn!("{}: {halt}; falling back to plain pages", self.place);
                self.refusals.sort_by_change = true;
                self.progress.gap = None;
                self.fall_back()?;
                self.walk()
            }
            result => result,
        }
    }
}

/// Whether a run reads everything before it asks for changes: it was asked to, nothing or not all has been read yet, the
/// service cannot say what changed, or the last full walk is too old.
fn begins_with_walk(store: &Store, place: Place<'_>, state: &State, wish: &Wish) -> Result<bool> {
    let unread = state.last_full_at.is_none() || read::<Progress>(state.progress.as_deref()).walk.is_some();
    Ok(unread || wish.full || refusals(state, wish).sort_by_change || walk_is_due(store, place, state, wish)?)
}

/// Whether the last full walk is too old, and a new one costs less than a quarter of what the month has left.
fn walk_is_due(store: &Store, place: Place<'_>, state: &State, wish: &Wish) -> Result<bool> {
    let now = store.clock().now();
    let age = state.last_full_at.as_deref().and_then(|at| clock::age(at, now));
    if age.is_some_and(|age| age < wish.full_every) {
        return Ok(false);
    }
    let left = store.quota(place.account_id)?.monthly_remaining;
    let rows = store.count(place.account_id, place.resource, &Window::default())?;
    let cost = i64::try_from(rows / 99 + 4).unwrap_or(i64::MAX);
    Ok(left.is_none_or(|left| cost <= left / 4))
}

/// What the service is known to refuse; a full walk tries it again.
fn refusals(state: &State, wish: &Wish) -> Refusals {
    if wish.full { Refusals::default() } else { read(state.refused.as_deref()) }
}

impl Report {
    /// Whether the run has to stop for this account: nothing more can be asked.
    pub fn ends_account(&self) -> bool {
        self.halt.as_ref().is_some_and(Halt::is_of_account)
    }
}
