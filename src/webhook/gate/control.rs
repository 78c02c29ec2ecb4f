//! How the gate's threads are woken and told to end.
//!
//! In: [`Control::stop`] from whoever owns the gate. Out: the event loop wakes; the forwarders
//! see that it is over.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rustix::event::{EventfdFlags, eventfd};

use super::once_a_minute::OnceAMinute;

/// Shared by all threads of one gate.
#[derive(Debug)]
pub(super) struct Control {
    bell: OwnedFd,
    stop_by: Mutex<Option<Instant>>,
    over: AtomicBool,
    /// Held by the forwarder that is connecting, see [`super::relay`].
    pub(super) connecting: Mutex<()>,
    /// The forwarders' common trouble with the server behind the gate.
    pub(super) trouble: OnceAMinute,
}

impl Control {
    pub(super) fn new() -> io::Result<Control> {
        Ok(Control {
            bell: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
            stop_by: Mutex::new(None),
            over: AtomicBool::new(false),
            connecting: Mutex::new(()),
            trouble: OnceAMinute::default(),
        })
    }

    /// Wakes the event loop.
    pub(super) fn wake(&self) {
        // it can only fail when 2^64 wakes are pending: then the bell rings anyway
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }

    /// Silences the bell until the next wake.
    pub(super) fn silence(&self) {
        // fails only when the bell is silent already
        let _ = rustix::io::read(&self.bell, &mut [0; 8]);
    }

    /// Asks the gate to close: no new connections, and what is in work has until then.
    pub(super) fn stop(&self, by: Instant) {
        *self.stop_by.lock().unwrap_or_else(PoisonError::into_inner) = Some(by);
        self.wake();
    }

    /// Until when what is in work may go on, once the gate is closing.
    pub(super) fn stop_by(&self) -> Option<Instant> {
        *self.stop_by.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The event loop has ended: no answer will reach anybody.
    pub(super) fn set_over(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl AsFd for Control {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}
