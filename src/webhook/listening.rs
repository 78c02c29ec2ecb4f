//! The listener as a whole: gate, server, intake and writer, started and stopped in their order.
//!
//! In: a bound socket, the database, the parts that live elsewhere (workers). Out: a [`Listening`] that takes events
//! until it is stopped. Knows neither settings nor systemd.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use crossbeam_channel::Sender;
use url::Url;

use super::answer::Answer;
use super::directory::Directory;
use super::gate::{Gate, GateHandle, Limits, Stats};
use super::health::{Health, Part};
use super::intake::{Incoming, Intake};
use super::metrics::{self, Family, Metrics, Source};
use super::numbers;
use super::public::{Public, SocketPath};
use super::repeated::Repeated;
use super::request::{Method, Request};
use super::route::Route;
use super::server::{Server, Stop};
use super::verify::Verifier;
use super::writer::{Inbox, Writer};
use crate::store::outbox::{NewEvent, Stored};
use crate::store::{Store, subscriptions};

/// Handler threads, and forwarders that bring them requests. They only wait for the disk; as many events as they are
/// fit into one transaction.
const HANDLERS: usize = 64;
/// How long another program's lock on the database is waited for by look-ups; the writer waits as long. Shorter than an
/// event waits for its answer, so that it is told.
const PATIENCE: Duration = Duration::from_secs(4);
/// A transaction that lasts longer than this is no lock any more, but a writer that hangs.
const HANGS: Duration = Duration::from_secs(30);

/// What the listener is made of, besides its socket and database.
pub struct Setup {
    /// Where the private socket is made.
    pub folder: PathBuf,
    /// Checks signatures.
    pub verifier: Verifier,
    /// What stands before the sinks' paths.
    pub public_url: Option<Url>,
    /// Rung when there are new events.
    pub bell: Sender<()>,
    /// What else must be well for the listener to be.
    pub parts: Vec<Part>,
    /// What else has numbers for Prometheus.
    pub sources: Vec<Source>,
}

/// A running listener.
pub struct Listening {
    gate: GateHandle,
    server: Server,
    stop: Stop,
    writer: Arc<Writer>,
    health: Arc<Health>,
    sinks: Vec<String>,
    _path: Option<SocketPath>,
}

impl Listening {
    /// Starts to take events.
    ///
    /// # Errors
    /// When the database, a socket or a thread cannot be had.
    pub fn start(public: Public, store: &Store, setup: Setup) -> Result<Listening> {
        let (writer, inbox) = writer(Store::open_durable(store.path(), store.clock())?, setup.bell)?;
        let writer = Arc::new(writer);
        let reader = store.again()?;
        reader.set_patience(PATIENCE)?;
        let directory = Directory::new(reader, setup.public_url)?;
        let sinks = directory.sinks_of_all()?;
        let health = Arc::new(Health::new(store.again()?, parts(setup.parts, &writer, &inbox))?);
        let metrics = Arc::new(Metrics::default());
        let stats = Arc::new(Stats::default());
        let mut sources = setup.sources;
        sources.push(numbers::of_database(store.again()?));
        sources.push(of_gate(Arc::clone(&stats)));
        sources.push(of_queue(inbox.clone()));
        let registry = metrics.registry(sources);
        let intake = Intake {
            verifier: setup.verifier,
            directory,
            inbox,
            metrics: Arc::clone(&metrics),
            clock: store.clock(),
            repeated: Repeated::default(),
        };
        let limits = Limits { forwarders: HANDLERS, ..Limits::default() };
        let asked = Arc::clone(&health);
        let application = move |request: &Request<'_>| answer(&intake, &asked, &registry, request);
        let (server, stop) = Server::start(&setup.folder, HANDLERS, limits.body_bytes, Arc::new(application))?;
        let gate = Gate::start_counting(public.listener, limits, server.path(), stats)?;
        Ok(Listening { gate, server, stop, writer, health, sinks, _path: public.path })
    }

    /// The sinks that are known now.
    pub fn sinks(&self) -> &[String] {
        &self.sinks
    }

    /// What has ended that must not end; nothing when all is well. The database may be locked by somebody: that passes.
    pub fn dead(&self) -> Vec<String> {
        let mut dead = self.health.wrong_parts();
        if !self.gate.is_running() {
            dead.push("gate: it has ended".to_owned());
        }
        if !self.server.is_alive() {
            dead.push("server: it has ended".to_owned());
        }
        dead
    }

    /// Takes no further connection, answers what has begun to arrive until `grace` has passed, and stores what is in
    /// hand until `by`. False when something had to be left, which was then answered with 503.
    pub fn stop(self, grace: Duration, by: Instant) -> bool {
        self.gate.stop(grace);
        self.server.stop(&self.stop, by);
        drop(self.health);
        match Arc::try_unwrap(self.writer) {
            Ok(writer) => writer.finish(by),
            Err(_) => false,
        }
    }
}

fn writer(mut store: Store, bell: Sender<()>) -> Result<(Writer, Inbox<Incoming>)> {
    store.wait_eagerly()?;
    Writer::start(move |incoming: &[Incoming]| keep(&mut store, incoming), bell)
}

/// Marks what welcome events show to be verified, then stores all.
fn keep(store: &mut Store, incoming: &[Incoming]) -> Result<Vec<bool>> {
    let now = store.clock().stamp();
    for one in incoming {
        for sink in &one.verified {
            store.write_durably(|tx| subscriptions::mark_verified(tx, one.event.account_id, sink, &now))?;
        }
    }
    let events: Vec<NewEvent> = incoming.iter().map(|one| one.event.clone()).collect();
    let stored = store.store_batch(&events)?;
    Ok(stored.into_iter().map(|stored| matches!(stored, Stored::New(_))).collect())
}

/// The writer's own part of the health.
fn parts(mut parts: Vec<Part>, writer: &Arc<Writer>, inbox: &Inbox<Incoming>) -> Vec<Part> {
    let (writer, inbox) = (Arc::downgrade(writer), inbox.watcher());
    parts.push((
        "writer",
        Box::new(move || match writer.upgrade() {
            Some(writer) if !writer.is_alive() => Some("it has ended".to_owned()),
            _ if inbox.busy_for().is_some_and(|time| time > HANGS) => Some("it hangs in a transaction".to_owned()),
            _ => None,
        }),
    ));
    parts
}

fn answer(
    intake: &Intake,
    health: &Health,
    registry: &prometheus_client::registry::Registry,
    request: &Request<'_>,
) -> Answer {
    let get = request.method == Method::Get;
    match (request.path(), Route::parse(request.target)) {
        (_, Some(route)) => {
            let begun = Instant::now();
            let answer = intake.answer(route, request);
            intake.metrics.answered(begun.elapsed());
            answer
        }
        ("/healthz" | "/metrics", _) if !get => Answer::wrong_method(),
        ("/healthz", _) => {
            // Asked every few seconds, by ourselves too, and never by the public: the time to see which accounts came or went.
            intake.directory.learn_all();
            health.answer()
        }
        ("/metrics", _) => Answer { status: 200, body: metrics::text(registry), content_type: metrics::CONTENT_TYPE },
        _ => Answer::not_found(),
    }
}

fn of_queue(inbox: Inbox<Incoming>) -> Source {
    Box::new(move || {
        let waiting = vec![(Vec::new(), inbox.waiting() as f64)];
        vec![Family::gauge("webhook_waiting", "Events that wait for the disk", waiting)]
    })
}

fn of_gate(stats: Arc<Stats>) -> Source {
    Box::new(move || {
        let now = stats.snapshot();
        let one = |number: u64| vec![(Vec::new(), number as f64)];
        let refused = now.refused.iter().map(|(reason, n)| (vec![("reason", (*reason).to_owned())], *n as f64));
        vec![
            Family::gauge("gate_open", "Connections open now", one(now.open)),
            Family::counter("gate_accepted", "Connections accepted", one(now.accepted)),
            Family::counter("gate_relayed", "Requests answered from behind the gate", one(now.relayed)),
            Family::counter("gate_evicted", "Connections closed to make room", one(now.evicted)),
            Family::counter("gate_accept_errors", "Failures to accept a connection", one(now.accept_errors)),
            Family::counter("gate_refused", "Requests that the gate itself refused", refused.collect()),
        ]
    })
}
