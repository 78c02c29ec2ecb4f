//! Progress: a bar on a terminal, else a log line every ten seconds of long work.

use crate::store::accounts::Account;
use crate::sync::watch::Watch;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Between two log lines of one long work.
const EVERY: Duration = Duration::from_secs(10);

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
    /// Progress of `account`: a bar where stderr is a terminal that may show `info` lines.
    pub fn new(account: &Account) -> Self {
        let shown = std::io::stderr().is_terminal() && log::log_enabled!(log::Level::Info);
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
