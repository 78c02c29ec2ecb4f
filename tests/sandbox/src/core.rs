//! What the threads share: the state behind its lock, the turn that makes requests go one by one, and closures
//! that run between two requests.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::Sandbox;
use crate::answer::Reply;
use crate::control;
use crate::http::Incoming;
use crate::route;
use crate::state::State;

type Hook = Box<dyn FnOnce(&Sandbox) + Send>;

/// Shared by all threads and handles.
pub(crate) struct Core {
    pub(crate) address: SocketAddr,
    state: Mutex<State>,
    /// Held from the start of a request to the end of the closures that follow its answer.
    turn: Mutex<()>,
    hooks: Mutex<Vec<(usize, Hook)>>,
    stop: AtomicBool,
    /// Milliseconds that every answer takes, as on a way that is long.
    delay: AtomicU64,
    /// Connections that were taken.
    pub(crate) connections: AtomicUsize,
    own: Weak<Core>,
}

/// A lock whose holder panicked is still good: tests that fail must not fail others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub(crate) fn new(address: SocketAddr, state: State) -> Arc<Core> {
        Arc::new_cyclic(|own| Core {
            address,
            state: Mutex::new(state),
            turn: Mutex::new(()),
            hooks: Mutex::new(Vec::new()),
            stop: AtomicBool::new(false),
            delay: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            own: own.clone(),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Ends all threads; the accepting one is woken by a connection.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }

    /// Every answer takes so long from now on; others are answered meanwhile.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.delay.store(delay.as_millis() as u64, Ordering::SeqCst);
    }

    /// How long the answer to this request is to take.
    pub(crate) fn delay_of(&self, request: &Incoming) -> Duration {
        let control = request.path.starts_with("/_sandbox/");
        Duration::from_millis(if control { 0 } else { self.delay.load(Ordering::SeqCst) })
    }

    /// Runs a closure after the n-th following answer, before the next request is handled.
    pub(crate) fn after_request(&self, n: usize, hook: Hook) {
        lock(&self.hooks).push((n.max(1), hook));
    }

    /// How many changes have not met their request.
    pub(crate) fn hooks_waiting(&self) -> usize {
        lock(&self.hooks).len()
    }

    /// Answers one request at a time.
    pub(crate) fn handle(&self, request: &Incoming) -> Reply {
        let _turn = lock(&self.turn);
        if request.path == "/" {
            return route::front_page();
        }
        if let (Some(path), Some(core)) = (request.path.strip_prefix("/_sandbox/"), self.own.upgrade()) {
            return control::answer(&Sandbox::borrowed(core), path, request);
        }
        let reply = route::answer(&mut self.state(), request);
        self.run_hooks();
        reply
    }

    fn run_hooks(&self) {
        let due: Vec<Hook> = {
            let mut hooks = lock(&self.hooks);
            hooks.iter_mut().for_each(|(left, _)| *left -= 1);
            let (due, rest) = std::mem::take(&mut *hooks).into_iter().partition(|(left, _)| *left == 0);
            *hooks = rest;
            let due: Vec<(usize, Hook)> = due;
            due.into_iter().map(|(_, hook)| hook).collect()
        };
        let Some(core) = self.own.upgrade().filter(|_| !due.is_empty()) else {
            return;
        };
        let sandbox = Sandbox::borrowed(core);
        due.into_iter().for_each(|hook| hook(&sandbox));
    }
}
