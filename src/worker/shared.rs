//! What the pool's threads and their keeper share.
//!
//! In: [`Params`], from whoever starts a pool. Holds no logic.

use super::counters::Books;
use crate::api::{Api, Policy};
use crate::clock::Clock;
use crate::resource::Resource;
use crate::shutdown::Shutdown;
use crate::store::accounts::Account;
use crate::store::holder::Holder;
use anyhow::Result;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize};
use std::sync::{Arc, Mutex};

/// Makes the client of an account.
pub type Connect = dyn Fn(&Account, Policy) -> Result<Api> + Send + Sync;

/// What a pool needs.
#[derive(Clone)]
pub struct Params {
    /// The database file.
    pub db: PathBuf,
    /// The time.
    pub clock: Clock,
    /// Threads.
    pub workers: usize,
    /// The resource types that are mirrored; events of others are ignored.
    pub resources: Vec<&'static Resource>,
    /// The wish to stop.
    pub shutdown: Shutdown,
    /// Makes clients.
    pub connect: Arc<Connect>,
}

/// What the threads share.
pub(super) struct Shared {
    pub(super) params: Params,
    /// The name under which this process holds leases.
    pub(super) holder: Holder,
    pub(super) books: Books,
    /// Events up to this id may be claimed; younger ones are waited for to be joined by others.
    pub(super) ready: AtomicI64,
    /// Threads that are about to claim, or work.
    pub(super) busy: AtomicUsize,
    pub(super) apis: Mutex<HashMap<i64, Api>>,
}
