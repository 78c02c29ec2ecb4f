//! Stopping: SIGTERM and SIGINT become a flag that every loop and every sleep looks at.
//!
//! In: signals. Out: [`Shutdown::requested`] and sleeps that end early. Does not end the process: whoever holds work
//! finishes or hands it back first.

use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The wish to stop, shared by all threads of the process.
#[derive(Debug, Clone)]
pub struct Shutdown {
    flag: Arc<AtomicBool>,
    /// Nothing is ever sent: that the sender is gone is the message, and reaches every receiver.
    bell: Receiver<()>,
}

/// Asks for the stop when told to: what the signal thread, or a test, holds.
#[derive(Debug)]
pub struct Stopper {
    flag: Arc<AtomicBool>,
    sender: Option<Sender<()>>,
}

impl Stopper {
    /// Asks everybody to stop.
    pub fn stop(&mut self) {
        self.flag.store(true, Ordering::SeqCst);
        self.sender = None;
    }
}

impl Shutdown {
    /// A wish to stop that nobody has yet, and the handle that voices it.
    pub fn new() -> (Self, Stopper) {
        let (sender, bell) = bounded(0);
        let flag = Arc::new(AtomicBool::new(false));
        (Self { flag: Arc::clone(&flag), bell }, Stopper { flag, sender: Some(sender) })
    }

    /// Listens for SIGTERM and SIGINT. A second one ends the process at once.
    ///
    /// # Errors
    /// When the signal handlers cannot be set.
    pub fn on_signals() -> Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let (shutdown, mut stopper) = Self::new();
        let mut signals =
            signal_hook::iterator::Signals::new([SIGTERM, SIGINT]).context("could not listen for SIGTERM")?;
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                let mut seen = signals.forever();
                if seen.next().is_some() {
                    log::info!("stopping: finishing what is in work");
                    stopper.stop();
                }
                if let Some(signal) = seen.next() {
                    // 128 + signal: what a shell shows for a process that a signal ended.
                    std::process::exit(128 + signal);
                }
            })
            .context("could not start the signal thread")?;
        Ok(shutdown)
    }

    /// Whether the stop was asked for.
    pub fn requested(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }

    /// Sleeps for `time`, or until the stop is asked for. True when it slept the whole time.
    pub fn sleep(&self, time: Duration) -> bool {
        use crossbeam_channel::RecvTimeoutError::Timeout;
        matches!(self.bell.recv_timeout(time), Err(Timeout))
    }

    /// A channel that is disconnected once the stop is asked for: for `select!`.
    pub fn bell(&self) -> &Receiver<()> {
        &self.bell
    }
}
