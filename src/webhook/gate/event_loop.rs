//! The event loop: one thread, one epoll, all connections.
//!
//! In: the public listener. Out: forwards for the forwarders. It accepts, hands readiness to the
//! connections, keeps the limits that concern all of them together ([`super::crowd`] has who is
//! counted and who must go) and ends when told to.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::conn::{Act, Conn, Interest};
use super::control::Control;
use super::crowd::Crowd;
use super::frame::Request;
use super::limits::Limits;
use super::once_a_minute::OnceAMinute;
use super::relay::{Done, Forward};
use super::stats::{Reason, Stats};
use super::stream::Listener;

/// How often deadlines are looked at while there are connections, and how long accepting
/// pauses when the system has no file left.
const TICK: Duration = Duration::from_millis(100);
/// Connections accepted before the others get their turn.
const ACCEPTS: usize = 64;
/// Bytes read from one connection before the others get their turn.
const SCRATCH: usize = 64 << 10;

const LISTENER: u64 = 0;
const BELL: u64 = 1;
/// Connections are numbered from here, and no number is ever used twice: an event or an answer
/// for one that has gone finds nothing.
const FIRST: u64 = 2;

pub(super) struct EventLoop {
    epoll: OwnedFd,
    listener: Option<Listener>,
    control: Arc<Control>,
    forwards: Sender<Forward>,
    done: Receiver<Done>,
    limits: Arc<Limits>,
    stats: Arc<Stats>,
    crowd: Crowd,
    next: u64,
    scratch: Vec<u8>,
    /// Accepting goes on then.
    paused: Option<Instant>,
    trouble: OnceAMinute,
    ticked: Instant,
    stopping: bool,
}

impl EventLoop {
    pub(super) fn new(
        listener: Listener,
        limits: Arc<Limits>,
        stats: Arc<Stats>,
        control: Arc<Control>,
        forwards: Sender<Forward>,
        done: Receiver<Done>,
    ) -> io::Result<EventLoop> {
        listener.prepare()?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        epoll::add(&epoll, &*control, EventData::new_u64(BELL), EventFlags::IN)?;
        Ok(EventLoop {
            epoll,
            listener: Some(listener),
            control,
            forwards,
            done,
            crowd: Crowd::new(Arc::clone(&limits), Arc::clone(&stats)),
            limits,
            stats,
            next: FIRST,
            scratch: vec![0; SCRATCH],
            paused: None,
            trouble: OnceAMinute::default(),
            ticked: Instant::now(),
            stopping: false,
        })
    }

    /// Runs until told to stop. An error is one of epoll itself, after which nothing can go on.
    pub(super) fn run(mut self) {
        let result = self.turn_over();
        self.control.set_over();
        if let Err(error) = result {
            log::error!("the webhook gate has failed, nothing is taken in any more: {error}");
        }
    }

    fn turn_over(&mut self) -> io::Result<()> {
        let mut events = Vec::with_capacity(256);
        while !self.is_finished() {
            match epoll::wait(&self.epoll, spare_capacity(&mut events), self.timeout().as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let now = Instant::now();
            for event in events.drain(..) {
                let (number, flags) = (event.data.u64(), event.flags);
                match number {
                    LISTENER => self.accept(now),
                    BELL => self.control.silence(),
                    number => self.on_ready(number, flags, now),
                }
            }
            self.take_answers(now);
            self.look_at_clock(now);
        }
        Ok(())
    }

    /// Nothing to look at but the sockets: then sleep without end.
    fn timeout(&self) -> Option<Timespec> {
        let idle = self.crowd.is_empty() && self.paused.is_none() && !self.stopping;
        let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
        (!idle).then_some(tick)
    }

    fn is_finished(&mut self) -> bool {
        let Some(by) = self.control.stop_by() else {
            return false;
        };
        if !self.stopping {
            self.stopping = true;
            self.listener = None;
            let now = Instant::now();
            for (number, act) in self.crowd.map(|conn| conn.finish_up(now)) {
                self.perform(number, act, now);
            }
        }
        if Instant::now() < by && !self.crowd.is_empty() {
            return false;
        }
        for (number, ()) in self.crowd.map(|c| c.abandon(Reason::Stopping, "closing")) {
            self.close(number);
        }
        true
    }

    fn accept(&mut self, now: Instant) {
        for _ in 0..ACCEPTS {
            let Some(listener) = &self.listener else {
                return;
            };
            match listener.accept() {
                Ok((stream, peer)) => {
                    let (limits, stats) = (Arc::clone(&self.limits), Arc::clone(&self.stats));
                    self.admit(Conn::new(stream, peer, limits, stats, now), now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // the client has gone again: its own affair
                Err(error) if is_of_client(&error) => self.stats.accept_error(),
                Err(error) => return self.pause(&error, now),
            }
        }
    }

    fn admit(&mut self, mut conn: Conn, now: Instant) {
        self.stats.accepted();
        match self.crowd.make_room(&conn) {
            Ok(None) => {}
            Ok(Some(evicted)) => self.evict(evicted),
            Err(()) => return conn.turn_away(),
        }
        let number = self.next;
        self.next += 1;
        let data = EventData::new_u64(number);
        match epoll::add(&self.epoll, &conn.stream, data, EventFlags::IN) {
            Ok(()) => {
                self.crowd.add(number, conn);
                // most clients have sent by now: to look at once saves a turn, and none is
                // evicted for having said nothing before it was listened to
                self.on_ready(number, EventFlags::IN, now);
            }
            Err(error) => self.pause(&error.into(), now),
        }
    }

    /// The system cannot give us another connection now. The listener stays readable, so that
    /// waiting for it would spin: it is left out for a moment, and the first to go gives its
    /// file back if files are what is wanting.
    fn pause(&mut self, error: &io::Error, now: Instant) {
        self.stats.accept_error();
        if self.trouble.may_say(now) {
            log::warn!("could not accept a webhook connection, trying again: {error}");
        }
        if is_of_shortage(error)
            && let Some(first) = self.crowd.first_to_go(None)
        {
            self.evict(first);
        }
        if self.paused.is_none()
            && let Some(listener) = &self.listener
            && epoll::delete(&self.epoll, listener).is_ok()
        {
            self.paused = Some(now + TICK);
        }
    }

    fn look_at_clock(&mut self, now: Instant) {
        if self.paused.is_some_and(|until| now >= until)
            && let Some(listener) = &self.listener
            && epoll::add(&self.epoll, listener, EventData::new_u64(LISTENER), EventFlags::IN).is_ok()
        {
            self.paused = None;
        }
        if now < self.ticked + TICK {
            return;
        }
        self.ticked = now;
        for (number, act) in self.crowd.map(|conn| conn.on_time(now)) {
            self.perform(number, act, now);
        }
    }

    fn on_ready(&mut self, number: u64, flags: EventFlags, now: Instant) {
        let Some(conn) = self.crowd.get(number) else {
            return;
        };
        let gone = flags.intersects(EventFlags::HUP | EventFlags::ERR);
        let act = match conn.interest() {
            Interest::Input => conn.on_input(&mut self.scratch, now),
            Interest::Output if flags.contains(EventFlags::OUT) => conn.on_output(now),
            Interest::Nothing if !gone => return self.watch(number, Interest::Nothing),
            Interest::Output | Interest::Nothing => Act::Close,
        };
        self.perform(number, act, now);
    }

    fn take_answers(&mut self, now: Instant) {
        while let Ok(done) = self.done.try_recv() {
            self.crowd.forward_done(done.held);
            if let Some(conn) = self.crowd.get(done.connection) {
                let act = conn.on_answer(done.result, now);
                self.perform(done.connection, act, now);
            }
        }
    }

    fn perform(&mut self, number: u64, act: Act, now: Instant) {
        match act {
            Act::Wait => {}
            Act::Close => return self.close(number),
            Act::Relay(request) => self.relay(number, &request, now),
        }
        if let Some(conn) = self.crowd.recount(number) {
            // most clients stay silent until they have their answer: not to tell epoll to look
            // away saves two calls per request, and it is told when one does speak
            match conn.interest() {
                Interest::Nothing => {}
                wanted => self.watch(number, wanted),
            }
        }
        while let Some(largest) = self.crowd.too_large() {
            self.evict(largest);
        }
    }

    fn relay(&mut self, number: u64, request: &Request, now: Instant) {
        let Some(conn) = self.crowd.recount(number) else {
            return;
        };
        let forward = Forward {
            connection: number,
            wire: request.wire(&conn.peer.text),
            to_head: request.method() == "HEAD",
            until: now + self.limits.answer_time,
        };
        let held = forward.wire.len();
        if self.crowd.takes_forward(held) && self.forwards.try_send(forward).is_ok() {
            return self.crowd.forward_sent(held);
        }
        if let Some(conn) = self.crowd.get(number) {
            let act = conn.refuse(Reason::Crowded, "too busy", now);
            if matches!(act, Act::Close) {
                self.close(number);
            }
        }
    }

    /// Tells epoll what to watch a connection for.
    fn watch(&mut self, number: u64, wanted: Interest) {
        let Some(conn) = self.crowd.get(number) else {
            return;
        };
        if wanted == conn.watched {
            return;
        }
        conn.watched = wanted;
        let flags = match wanted {
            Interest::Input => EventFlags::IN,
            Interest::Output => EventFlags::OUT,
            Interest::Nothing => EventFlags::empty(),
        };
        let data = EventData::new_u64(number);
        if epoll::modify(&self.epoll, &conn.stream, data, flags).is_err() {
            self.close(number);
        }
    }

    fn evict(&mut self, number: u64) {
        self.stats.evicted();
        if let Some(conn) = self.crowd.get(number) {
            conn.abandon(Reason::Crowded, "too many connections");
        }
        self.close(number);
    }

    /// Dropping the socket takes it out of epoll.
    fn close(&mut self, number: u64) {
        self.crowd.remove(number);
    }
}

/// Errors that accept(2) passes on from the new connection rather than from the listener.
fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown, NetworkUnreachable,
        NotConnected, PermissionDenied, TimedOut,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
            | NotConnected
            | PermissionDenied
            | TimedOut
    )
}

/// Whether closing a connection helps against it.
fn is_of_shortage(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM))
}
