//! The gate: it owns the public socket and lets only whole, checked requests through.
//!
//! In: a listener, limits, and the path of the private Unix socket on which the real server
//! (tiny_http) listens. Out: that server sees complete requests with one Content-Length, from
//! as many connections as there are forwarders, and nothing else.
//!
//! Why: tiny_http 0.12 must not face strangers. One request with a huge Content-Length aborts
//! the process, one failed accept ends the server for good, it has no time-outs, a thread per
//! connection without bound, and takes the first of two lengths. The gate costs a tenth to a
//! third of the requests per second, and bounds threads, files, memory and time.
//!
//! One thread (`event_loop`) holds all connections (`conn`, `crowd`) and frames their
//! requests (`frame`, `head`, `chunked`); a few `relay` threads carry these to the
//! server and bring the answers (`answer`) back. It does not know what a webhook is, but for
//! one thing: to the service any 4xx means "drop this event", so what is not the request's own
//! fault is 503 ([`Reason::status`]).

mod answer;
mod chunked;
mod conn;
mod control;
mod crowd;
mod event_loop;
mod frame;
mod head;
mod inner;
mod limits;
mod once_a_minute;
mod relay;
mod stats;
mod stream;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossbeam_channel::{bounded, unbounded};

use control::Control;
use event_loop::EventLoop;
use relay::Forwarder;

pub use frame::{EVENT_PATH, Framed, Framer, Request};
pub use head::{Head, PEER_HEADER};
pub use inner::InnerSocket;
pub use limits::{Limits, SMALL};
pub use stats::{Reason, Snapshot, Stats};
pub use stream::Listener;

/// Starts gates.
pub struct Gate;

/// A running gate. Dropping it closes it at once.
pub struct GateHandle {
    control: Arc<Control>,
    stats: Arc<Stats>,
    limits: Arc<Limits>,
    event_loop: Option<JoinHandle<()>>,
    forwarders: Vec<JoinHandle<()>>,
}

impl Gate {
    /// Opens a gate on `listener`; requests go to the server that listens, or soon will, on
    /// the Unix socket `relay`. The number of connections is lowered to what the process may
    /// open.
    pub fn start(listener: impl Into<Listener>, limits: Limits, relay: impl AsRef<Path>) -> Result<GateHandle> {
        Gate::start_counting(listener, limits, relay, Arc::new(Stats::default()))
    }

    /// The same, with counters that somebody else reads too.
    pub fn start_counting(
        listener: impl Into<Listener>,
        limits: Limits,
        relay: impl AsRef<Path>,
        stats: Arc<Stats>,
    ) -> Result<GateHandle> {
        let limits = Arc::new(limits.fitted());
        let control = Arc::new(Control::new().context("could not make the gate's eventfd")?);
        let mut handle = GateHandle {
            control: Arc::clone(&control),
            stats,
            limits: Arc::clone(&limits),
            event_loop: None,
            forwarders: Vec::new(),
        };
        let (forwards, todo) = bounded(limits.connections);
        let (results, done) = unbounded();
        for number in 0..limits.forwarders {
            let forwarder = Forwarder {
                path: relay.as_ref().to_owned(),
                answer_bytes: limits.answer_bytes,
                control: Arc::clone(&control),
                stream: None,
            };
            let (todo, results) = (todo.clone(), results.clone());
            let name = format!("gate-{number}");
            let run = move || forwarder.run(todo, results);
            handle.forwarders.push(spawn(name, run)?);
        }
        let stats = Arc::clone(&handle.stats);
        let event_loop = EventLoop::new(listener.into(), limits, stats, control, forwards, done)
            .context("could not watch the webhook listener")?;
        handle.event_loop = Some(spawn("gate".to_owned(), move || event_loop.run())?);
        Ok(handle)
    }
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name);
    builder.spawn(run).context("could not start a thread of the webhook gate")
}

impl GateHandle {
    /// Takes no further connection, gives requests that have begun to arrive until `grace` has
    /// passed, and closes. Takes at most a quarter of a second longer than `grace`.
    pub fn stop(mut self, grace: Duration) {
        self.end(grace);
    }

    /// False once the event loop has failed; then the process should end, to be started again.
    pub fn is_running(&self) -> bool {
        self.event_loop.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// The gate's counters.
    pub fn stats(&self) -> &Arc<Stats> {
        &self.stats
    }

    /// The limits in force, fitted to the number of files that the process may open.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    fn end(&mut self, grace: Duration) {
        self.control.stop(Instant::now() + grace);
        // a thread that panicked has said so on stderr; there is nothing left to end in it
        if let Some(event_loop) = self.event_loop.take() {
            let _ = event_loop.join();
        }
        self.control.set_over();
        for forwarder in self.forwarders.drain(..) {
            let _ = forwarder.join();
        }
    }
}

impl Drop for GateHandle {
    fn drop(&mut self) {
        if self.event_loop.is_some() || !self.forwarders.is_empty() {
            self.end(Duration::ZERO);
        }
    }
}
