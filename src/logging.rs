//! Log lines on stderr: which are shown, and how they look.
//!
//! In: `-v`, `-q`, `RUST_LOG`. Out: `info: Rossi srl invoices: …`, with journald's `<6>` in front where stderr is the
//! journal. Only ficsync's own lines are shown: libraries may log what they send.

use crate::cli::Global;
use crate::exit::Exit;
use crate::report::Problem;
use anyhow::Result;
use log::{Level, LevelFilter};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Something that writes a line: it is called once.
pub type Aside = Box<dyn Fn(&mut dyn FnMut()) + Send>;

/// What steps aside for each line.
static ASIDE: Mutex<Option<Aside>> = Mutex::new(None);

/// From now on each line is written within `aside`: a progress bar of several threads steps aside for it. `None`: there
/// is no such bar any more.
pub fn within(aside: Option<Aside>) {
    *ASIDE.lock().unwrap_or_else(PoisonError::into_inner) = aside;
}

/// Stderr, one line at a time.
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let mut written = Ok(());
        let mut write = || written = std::io::stderr().write_all(line);
        match &*ASIDE.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(aside) => aside(&mut write),
            None => write(),
        }
        written.map(|()| line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// Starts the log.
///
/// # Errors
/// When `RUST_LOG` cannot be read (exit 78).
pub fn start(global: &Global, env: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    let filters = env("RUST_LOG").filter(|text| !text.is_empty() && global.verbose == 0 && global.quiet == 0);
    let level = match (global.verbose, global.quiet) {
        (0, 0) => LevelFilter::Info,
        (1, _) => LevelFilter::Debug,
        (_, 0) => LevelFilter::Trace,
        (_, 1) => LevelFilter::Warn,
        _ => LevelFilter::Error,
    };
    let wrong = filters.as_deref().and_then(|text| env_filter::Builder::new().try_parse(text).err());
    let mut builder = env_logger::Builder::new();
    match (&filters, &wrong) {
        (Some(text), None) => builder.parse_filters(text),
        _ => builder.filter_level(level),
    };
    let journal = env("JOURNAL_STREAM").is_some_and(|stream| stderr_is(&stream));
    builder.format(move |out, record| match record.target().starts_with("ficsync") {
        true if journal => writeln!(out, "<{}>{}", priority(record.level()), record.args()),
        true => writeln!(out, "{}: {}", word(record.level()), record.args()),
        false => Ok(()),
    });
    builder.target(env_logger::Target::Pipe(Box::new(Lines)));
    builder.init();
    match wrong {
        Some(why) => Err(Problem::new(
            Exit::Settings,
            format!("setting log filter (environment, RUST_LOG): {why}; valid is, for example, info or ficsync=debug"),
        )
        .into()),
        None => Ok(()),
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}

/// sd-daemon(3): the priority of a line on stderr.
fn priority(level: Level) -> u8 {
    match level {
        Level::Error => 3,
        Level::Warn => 4,
        Level::Info => 6,
        Level::Debug | Level::Trace => 7,
    }
}

/// systemd sets JOURNAL_STREAM to the device and inode of the stream that it connected; a redirected stderr has others.
fn stderr_is(stream: &str) -> bool {
    let Ok(stat) = rustix::fs::fstat(std::io::stderr()) else { return false };
    stream == format!("{}:{}", stat.st_dev, stat.st_ino)
}
