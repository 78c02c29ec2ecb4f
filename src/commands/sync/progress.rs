//! Progress: a bar on a terminal, else a log line every ten seconds of long work.
//!
//! Where several accounts are at work at the same time it is one bar, of accounts; else one for each resource.

use crate::logging;
use crate::store::accounts::Account;
use crate::sync::watch::Watch;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Between two log lines of one long work.
const EVERY: Duration = Duration::from_secs(10);

/// What is shown of a run.
pub struct Board {
    shown: bool,
    /// Of all accounts.
    bar: Option<ProgressBar>,
}

impl Board {
    /// For a run over so many accounts, so many at a time. There are bars where stderr is a terminal that may show `info`
    /// lines.
    pub fn new(accounts: usize, at_a_time: usize) -> Self {
        let shown = std::io::stderr().is_terminal() && log::log_enabled!(log::Level::Info);
        let bar = (shown && at_a_time > 1).then(|| bar_of(accounts));
        Self { shown, bar }
    }

    /// The progress of an account.
    pub fn of(&self, account: &Account) -> Progress {
        Progress::new(account, self.shown && self.bar.is_none())
    }

    /// An account is through.
    pub fn account_done(&self) {
        self.bar.iter().for_each(|bar| bar.inc(1));
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            logging::within(None);
            bar.finish_and_clear();
        }
    }
}

/// A bar of accounts, which steps aside for log lines.
fn bar_of(accounts: usize) -> ProgressBar {
    let bar = ProgressBar::new(accounts as u64);
    if let Ok(style) = ProgressStyle::with_template("{pos} of {len} accounts {wide_bar} {eta}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let aside = bar.clone();
    logging::within(Some(Box::new(move |write| aside.suspend(write))));
    bar
}

/// Progress of one account's resources.
pub struct Progress {
    account_id: i64,
    bar: ProgressBar,
    lines: Mutex<Lines>,
}

struct Lines {
    name: String,
    records: u64,
    expected: Option<u64>,
    next: Instant,
}

impl Progress {
    /// Progress of `account`, shown as a bar or not.
    fn new(account: &Account, shown: bool) -> Self {
        let bar = if shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let lines = Lines { name: String::new(), records: 0, expected: None, next: Instant::now() + EVERY };
        Self { account_id: account.id, bar, lines: Mutex::new(lines) }
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Watch for Progress {
    fn begin(&self, name: &str) {
        name.clone_into(&mut self.lines().name);
        self.bar.set_message(format!("account {} {name}", self.account_id));
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn expect(&self, records: u64) {
        self.lines().expected = Some(records);
        self.bar.set_length(records);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            self.bar.set_style(style);
        }
    }

    fn advance(&self, records: u64) {
        self.bar.inc(records);
        let mut lines = self.lines();
        lines.records += records;
        if self.bar.is_hidden() && Instant::now() >= lines.next {
            lines.next = Instant::now() + EVERY;
            let of = lines.expected.map_or_else(String::new, |all| format!(" of about {all}"));
            log::info!("account {} {}: {} records{of} so far", self.account_id, lines.name, lines.records);
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
