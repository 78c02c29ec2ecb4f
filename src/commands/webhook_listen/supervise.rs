//! Watches the listener, and tells systemd how it does.
//!
//! In: a running listener. Out: returns when a signal asks for the stop, or with an error when a part has ended or the
//! listener no longer answers on its own socket. The watchdog is fed only by a probe that went through.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use sd_notify::NotifyState;

use crate::report::Problem;
use crate::settings::parse::Listen;
use crate::shutdown::Shutdown;
use crate::webhook::listening::Listening;
use crate::webhook::probe;

/// How often the parts are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How often the listener's own socket is asked, where systemd wishes nothing shorter.
const PROBE: Duration = Duration::from_secs(10);
/// How long it may take to answer: events wait up to 5 s for a busy database, and /healthz behind them.
const PATIENCE: Duration = Duration::from_secs(8);
/// Unanswered probes in a row after which the listener is given up: one may meet a crowd.
const MOST_UNANSWERED: u32 = 3;

/// Watches until the stop is asked for.
///
/// # Errors
/// When the listener has to be started again.
pub fn until_stopped(listening: &Listening, address: &Listen, line: &str, shutdown: &Shutdown) -> Result<()> {
    let pulse = probing(address, shutdown)?;
    tell(&[NotifyState::Ready, NotifyState::Status(line)]);
    let mut told = String::new();
    while shutdown.sleep(LOOK) {
        let dead = listening.dead();
        if !dead.is_empty() {
            return Err(gone(&format!("the webhook listener cannot go on: {}", dead.join("; "))));
        }
        if pulse.unanswered.load(Ordering::SeqCst) >= MOST_UNANSWERED {
            return Err(gone(&format!("the webhook listener no longer answers on its own socket {address}")));
        }
        if pulse.answered.swap(false, Ordering::SeqCst) {
            tell(&[NotifyState::Watchdog]);
        }
        let now = pulse.status(line);
        if now != told {
            tell(&[NotifyState::Status(&now)]);
            told = now;
        }
    }
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing what is in hand")]);
    Ok(())
}

fn gone(what: &str) -> anyhow::Error {
    Problem::failed(what, "systemd starts it again; by hand: ficsync webhook-listen").into()
}

/// systemd may not be there, or not listen: that is no reason to stop.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        log::debug!("systemd was not told: {error}");
    }
}

/// What the probes have found.
#[derive(Default)]
struct Pulse {
    /// One went through since it was last looked at.
    answered: AtomicBool,
    /// In a row.
    unanswered: AtomicU32,
    failing: AtomicBool,
}

impl Pulse {
    fn status(&self, line: &str) -> String {
        match self.failing.load(Ordering::SeqCst) {
            true => "failing, see /healthz".to_owned(),
            false => line.to_owned(),
        }
    }
}

/// Asks in a thread of its own, so that a silent socket does not delay the stop.
fn probing(address: &Listen, shutdown: &Shutdown) -> Result<Arc<Pulse>> {
    let pulse = Arc::new(Pulse::default());
    // a third of what systemd grants: two may be late
    let every = sd_notify::watchdog_enabled().map_or(PROBE, |within| PROBE.min(within / 3));
    let (seen, address, shutdown) = (Arc::clone(&pulse), address.clone(), shutdown.clone());
    std::thread::Builder::new()
        .name("probe".to_owned())
        .spawn(move || {
            while shutdown.sleep(every) {
                ask(&address, &seen);
            }
        })
        .context("could not start the thread that watches the listener")?;
    Ok(pulse)
}

fn ask(address: &Listen, pulse: &Pulse) {
    match probe::healthz(address, PATIENCE) {
        Ok((status, body)) => {
            let failing = status != 200;
            if failing && !pulse.failing.swap(failing, Ordering::SeqCst) {
                log::error!("the webhook listener is not well: {}", body.trim());
            } else if !failing && pulse.failing.swap(failing, Ordering::SeqCst) {
                log::info!("the webhook listener is well again");
            }
            pulse.unanswered.store(0, Ordering::SeqCst);
            pulse.answered.store(true, Ordering::SeqCst);
        }
        // a passed socket may be for the proxy alone, or have no path: then there is no looking from outside
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied || has_no_path(address) => {
            log::debug!("the webhook listener's own socket cannot be asked: {error}");
            pulse.answered.store(true, Ordering::SeqCst);
        }
        Err(error) => {
            log::warn!("the webhook listener did not answer on its own socket {address}: {error}");
            pulse.unanswered.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn has_no_path(address: &Listen) -> bool {
    matches!(address, Listen::Unix(path) if path.as_os_str().is_empty())
}
