//! The server behind the gate: handler threads that read whole requests and write answers.
//!
//! In: connections of the gate's forwarders, over a private Unix socket. Out: one call of the application per request,
//! and its answer on the wire. What to answer is not known here; a fault of the application is 503, because to the
//! service 500 says the same and a client that does not know us reads it as final.
//!
//! Large requests are handed on to a few threads of their own: memory that a thread has used is kept for it by the system's
//! allocator, so that what all threads use once is used by all of them for good.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use crossbeam_channel::{Receiver, Sender, unbounded};
use tiny_http::{Header, Response, StatusCode};

use super::answer::Answer;
use super::gate::{InnerSocket, SMALL};
use super::request::{Method, Request};

/// What the listener calls itself in each answer.
pub const NAME: &str = "ficsync";

/// Threads that read large bodies. An event has some hundred bytes, one of an import of a thousand records 10 KiB.
const FOR_LARGE: usize = 4;

/// What answers requests.
pub type Application = dyn Fn(&Request<'_>) -> Answer + Send + Sync;

/// A running server.
pub struct Server {
    inner: Arc<tiny_http::Server>,
    socket: InnerSocket,
    handlers: Vec<JoinHandle<()>>,
    broken: Arc<AtomicBool>,
}

/// What each handler thread holds.
#[derive(Clone)]
struct Handler {
    inner: Arc<tiny_http::Server>,
    broken: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
    desk: Desk,
    /// There are never more in it than the gate's forwarders carry.
    large: Sender<tiny_http::Request>,
}

/// Where requests are answered.
#[derive(Clone)]
struct Desk {
    application: Arc<Application>,
    body_bytes: usize,
}

/// Tells the handlers to end.
#[derive(Clone)]
pub struct Stop {
    inner: Arc<tiny_http::Server>,
    stopping: Arc<AtomicBool>,
    handlers: usize,
}

impl Server {
    /// Starts `handlers` threads, and some for large requests; the socket is made below `folder`.
    ///
    /// # Errors
    /// When the socket or a thread cannot be made.
    pub fn start(
        folder: &Path,
        handlers: usize,
        body_bytes: usize,
        application: Arc<Application>,
    ) -> Result<(Server, Stop)> {
        let (listener, socket) = InnerSocket::bind(folder)?;
        let inner = tiny_http::Server::from_listener(listener, None)
            .map_err(|error| anyhow!(error))
            .context("could not start the server behind the gate")?;
        let inner = Arc::new(inner);
        let (broken, stopping) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let stop = Stop { inner: Arc::clone(&inner), stopping: Arc::clone(&stopping), handlers };
        let (large, todo) = unbounded();
        let desk = Desk { application, body_bytes };
        let handler = Handler { inner: Arc::clone(&inner), broken: Arc::clone(&broken), stopping, desk, large };
        let mut threads = Vec::with_capacity(handlers + FOR_LARGE);
        for number in 0..FOR_LARGE {
            let (desk, todo) = (handler.desk.clone(), todo.clone());
            threads.push(spawn(&format!("large-{number}"), move || desk.run(&todo))?);
        }
        for number in 0..handlers {
            let handler = handler.clone();
            threads.push(spawn(&format!("intake-{number}"), move || handler.run())?);
        }
        Ok((Server { inner, socket, handlers: threads, broken }, stop))
    }

    /// The private socket, for the gate.
    pub fn path(&self) -> PathBuf {
        self.socket.path()
    }

    /// False once the server, or one of its threads, has ended.
    pub fn is_alive(&self) -> bool {
        !self.broken.load(Ordering::SeqCst) && self.handlers.iter().all(|handler| !handler.is_finished())
    }

    /// Ends the handlers; those that wait for the disk are left behind when `by` has come.
    pub fn stop(self, stop: &Stop, by: Instant) {
        stop.stop();
        while self.handlers.iter().any(|handler| !handler.is_finished()) && Instant::now() < by {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        drop(self.inner);
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder.spawn(run).context("could not start a thread of the webhook intake")
}

impl Stop {
    fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        for _ in 0..self.handlers {
            self.inner.unblock();
        }
    }
}

impl Handler {
    fn run(self) {
        loop {
            match self.inner.recv() {
                Ok(request) if request.body_length().is_none_or(|length| length > SMALL) => {
                    // its threads end after us
                    let _ = self.large.send(request);
                }
                Ok(request) => self.desk.handle(request),
                Err(_) if self.stopping.load(Ordering::SeqCst) => return,
                Err(error) => {
                    // its accept loop has ended, and only one of us is told
                    log::error!("the webhook server behind the gate has failed, nothing is taken in any more: {error}");
                    self.broken.store(true, Ordering::SeqCst);
                    return;
                }
            }
        }
    }
}

impl Desk {
    fn run(self, todo: &Receiver<tiny_http::Request>) {
        todo.iter().for_each(|request| self.handle(request));
    }

    fn handle(&self, mut request: tiny_http::Request) {
        let length = request.body_length().unwrap_or(0).min(self.body_bytes);
        let mut body = Vec::with_capacity(length);
        // the gate has bounded it already; this only keeps the two apart
        let read = request.as_reader().take(self.body_bytes as u64 + 1).read_to_end(&mut body);
        let answer = match read {
            Ok(length) if length > self.body_bytes => Answer::text(413, "the body is too large"),
            Ok(_) => self.answer(&request, &body),
            Err(_) => Answer::later("the request could not be read"),
        };
        // the gate has gone, or given the answer up
        let _ = request.respond(response(&answer));
    }

    fn answer(&self, request: &tiny_http::Request, body: &[u8]) -> Answer {
        let method = match request.method() {
            tiny_http::Method::Get => Method::Get,
            tiny_http::Method::Post => Method::Post,
            _ => Method::Other,
        };
        let headers = request.headers().iter().map(|header| (header.field.as_str().as_str(), header.value.as_str()));
        let request = Request { method, target: request.url(), headers: headers.collect(), body };
        catch_unwind(AssertUnwindSafe(|| (self.application)(&request))).unwrap_or_else(|_| {
            // the panic's own message, with its place, is on stderr already
            log::error!("a fault of the program while answering a request; it was answered with 503");
            Answer::later("try again later")
        })
    }
}

fn response(answer: &Answer) -> Response<Cursor<Vec<u8>>> {
    // by `Server` doctors and people tell our refusals from a proxy's
    let fixed = [("Content-Type", answer.content_type), ("Server", NAME)];
    let headers =
        fixed.iter().chain(answer.headers()).filter_map(|(name, value)| Header::from_bytes(*name, *value).ok());
    let body = answer.body.clone().into_bytes();
    let length = body.len();
    // in one piece, with a length: the gate would put it together anyway
    Response::new(StatusCode(answer.status), headers.collect(), Cursor::new(body), Some(length), None)
        .with_chunked_threshold(usize::MAX)
}
