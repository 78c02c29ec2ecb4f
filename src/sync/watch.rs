//! Who follows a run: a progress bar, a log line now and then, or nobody.
//!
//! In: numbers, from the run. Out: nothing here: see `commands::progress`.

/// Told of a run's steps.
pub trait Watch: Sync {
    /// Work on a resource begins.
    fn begin(&self, name: &str);
    /// So many records are to come in all.
    fn expect(&self, records: u64);
    /// So many records came.
    fn advance(&self, records: u64);
    /// Work on the resource ended.
    fn end(&self);
}

/// Nobody follows.
pub struct Nobody;

impl Watch for Nobody {
    fn begin(&self, _name: &str) {}
    fn expect(&self, _records: u64) {}
    fn advance(&self, _records: u64) {}
    fn end(&self) {}
}
