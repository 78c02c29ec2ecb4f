//! `--dry-run`: what a sync would ask and write, by one request at most.
//!
//! In: the newest page. Out: numbers. Writes nothing to the mirror.

use super::halt::Result;
use super::{Wish, begins_with_walk};
use crate::api::Api;
use crate::api::pages::{List, PER_PAGE, Sort};
use crate::record::ids;
use crate::resource::Resource;
use crate::store::Store;
use crate::store::mirror::Place;
use crate::window::Window;

/// What a sync would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    /// Rows here.
    pub rows: u64,
    /// Records there.
    pub total: u64,
    /// Records on the newest page.
    pub fetched: u64,
    /// Records on the newest page that are not here.
    pub new: u64,
    /// Records on the newest page that changed since the last run.
    pub changed: u64,
    /// Whether everything would be walked.
    pub full: bool,
    /// Requests that it would take, about.
    pub requests: u64,
}

/// Looks at one resource.
///
/// # Errors
/// [`super::Halt`].
pub fn preview(api: &Api, store: &Store, account_id: i64, resource: &Resource, wish: &Wish) -> Result<Preview> {
    let state = store.state(account_id, resource.name)?;
    if resource.whole().is_some() {
        return preview_whole(api, store, Place { account_id, resource });
    }
    let full = begins_with_walk(store, Place { account_id, resource }, &state, wish)?;
    let page =
        api.page(&List { resource, window: Window::default(), sort: Sort::NewestChange, page: 1, part: None })?;
    let rows = store.count(account_id, resource, &Window::default())?;
    let on_page = ids(&page.records);
    let known = store.known(account_id, resource, &on_page)?;
    let newer = page.records.iter().filter(|r| r.updated_at > state.watermark).count() as u64;
    let new = on_page.len() as u64 - known;
    let requests = if full { page.total / 99 + 2 } else { 1 + newer / PER_PAGE };
    let fetched = on_page.len() as u64;
    Ok(Preview { rows, total: page.total, fetched, new, changed: newer.saturating_sub(new), full, requests })
}

/// A list without stamps tells nothing about its changes but by being read: only whether it may be read is asked.
fn preview_whole(api: &Api, store: &Store, place: Place<'_>) -> Result<Preview> {
    api.may_read(place.resource, store.clock().now())?;
    let rows = store.count(place.account_id, place.resource, &Window::default())?;
    let requests = super::plan::cost(store, place)?;
    Ok(Preview { rows, total: rows, fetched: 0, new: 0, changed: 0, full: true, requests })
}
