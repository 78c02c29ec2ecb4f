//! A gate with tiny_http behind it, and raw clients.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ficsync::webhook::gate::{Gate, GateHandle, InnerSocket, Limits, Reason};
use tiny_http::{Header, Response, Server};

/// A body of more than 32 KiB, which tiny_http sends in chunks.
pub const LONG_BODY: usize = 100_000;

/// A gate, the server behind it, and the socket between them.
pub struct House {
    pub gate: Option<GateHandle>,
    pub address: SocketAddr,
    server: Arc<Server>,
    handlers: Vec<std::thread::JoinHandle<()>>,
    _socket: InnerSocket,
}

/// Limits as in earnest, with times short enough for a test.
pub fn quick() -> Limits {
    Limits {
        head_time: Duration::from_millis(700),
        request_time: Duration::from_millis(1200),
        answer_time: Duration::from_secs(2),
        write_time: Duration::from_secs(1),
        idle_time: Duration::from_millis(500),
        linger_time: Duration::from_millis(500),
        ..Limits::default()
    }
}

impl House {
    pub fn new(limits: Limits) -> House {
        let (inner, socket) = InnerSocket::bind(&std::env::temp_dir()).unwrap();
        let server = Arc::new(Server::from_listener(inner, None).unwrap());
        let handlers = (0..8).map(|_| handler(Arc::clone(&server))).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Gate::start(listener, limits, socket.path()).unwrap();
        House { gate: Some(gate), address, server, handlers, _socket: socket }
    }

    pub fn gate(&self) -> &GateHandle {
        self.gate.as_ref().unwrap()
    }

    pub fn refused(&self, reason: Reason) -> u64 {
        self.gate().stats().refused_for(reason)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// Sends these bytes on a connection of their own and reads until it is closed.
    pub fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // a refusal may come, and the connection end, before all is sent
        let _ = stream.write_all(bytes);
        read_all(&mut stream)
    }

    /// How many of `count` honest requests, one after the other, are answered well within 2 s.
    pub fn good(&self, count: usize) -> usize {
        let good = || -> io::Result<bool> {
            let begun = Instant::now();
            let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(2))?;
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            stream.write_all(&post("Connection: close\r\n", b"honest"))?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(begun.elapsed() < Duration::from_secs(2) && answer.ends_with("POST 6 127.0.0.1"))
        };
        (0..count).filter(|_| good().unwrap_or(false)).count()
    }

    /// Waits until no connection is open any more; false if that takes longer than `within`.
    pub fn empties(&self, within: Duration) -> bool {
        wait_for(within, || self.gate().stats().snapshot().open == 0)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.gate.take();
        for _ in &self.handlers {
            self.server.unblock();
        }
        for handler in self.handlers.drain(..) {
            handler.join().unwrap();
        }
    }
}

/// Answers with the method, the body's length and the peer; some paths do other things.
pub fn handler(server: Arc<Server>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        while let Ok(mut request) = server.recv() {
            let url = request.url().to_owned();
            let mut body = Vec::new();
            if !url.ends_with("/unread") {
                let _ = request.as_reader().read_to_end(&mut body);
            }
            if url.ends_with("/slow") {
                std::thread::sleep(Duration::from_millis(800));
            }
            if url.ends_with("/never") {
                std::thread::sleep(Duration::from_millis(2500));
            }
            let headers = request.headers().iter();
            let peer = headers.clone().find(|h| h.field.equiv("X-Ficsync-Peer"));
            let peer = peer.map_or("", |h| h.value.as_str()).to_owned();
            let text = match url.ends_with("/long") {
                true => "x".repeat(LONG_BODY),
                false => format!("{} {} {peer}", request.method(), body.len()),
            };
            let header = Header::from_bytes("X-Url", url).unwrap();
            let _ = request.respond(Response::from_string(text).with_header(header));
        }
    })
}

/// A POST to a sink.
pub fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST /api/webhooks/fic/1/entity HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// Reads until the other end closes; what came before an error counts.
pub fn read_all(stream: &mut impl Read) -> String {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads one answer with a length, leaving the connection open.
pub fn read_one(stream: &mut impl Read) -> (String, String) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("an answer's head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).expect("an answer's body");
    (head, String::from_utf8(body).unwrap())
}

pub fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

/// Waits until something is so; false if it takes too long.
pub fn wait_for(within: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if begun.elapsed() > within {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A number from this process's /proc/self/status, such as `Threads` or `VmRSS` (KiB).
pub fn process(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
