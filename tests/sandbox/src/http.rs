//! Sockets: reads requests, writes answers, and mistreats them where a fault says so. One thread per
//! connection, keep-alive. Knows nothing of the service.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use url::form_urlencoded;

use crate::answer::{Reply, Travel};
use crate::core::Core;

/// A whole request.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// What is wrong with the request's form.
    pub(crate) malformed: Option<String>,
    close: bool,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Heads and bodies beyond this are a mistake: requests of the API are small.
const MAX_REQUEST: usize = 1 << 20;
/// How often a waiting thread looks whether the sandbox has been stopped.
const TICK: Duration = Duration::from_millis(100);

/// Accepts connections until the sandbox stops.
pub(crate) fn serve(listener: &TcpListener, core: &Arc<Core>) {
    for stream in listener.incoming() {
        if core.stopped() {
            return;
        }
        let Ok(stream) = stream else { continue };
        core.connections.fetch_add(1, Ordering::SeqCst);
        let core = Arc::clone(core);
        thread::spawn(move || converse(stream, &core));
    }
}

fn converse(mut stream: TcpStream, core: &Core) {
    // Neither failure matters: without them the thread only ends later.
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(Some(TICK));
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer, core) {
        let close = request.close || request.malformed.is_some();
        let reply = core.handle(&request);
        let in_time = wait(core.delay_of(&request), core);
        if core.stopped() || !in_time || !write_reply(&mut stream, &reply, close, core) || close {
            return;
        }
    }
}

/// The next request, or none when the connection is over.
fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>, core: &Core) -> Option<Incoming> {
    let (mut request, used) = loop {
        if let Some(found) = parse_head(buffer) {
            break found;
        }
        fill(stream, buffer, core)?;
    };
    let length: usize = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if request.header("transfer-encoding").is_some() || used + length > MAX_REQUEST {
        request.malformed = Some("the body has no plain length, or too great a one".to_owned());
        return Some(request);
    }
    if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    while buffer.len() < used + length {
        fill(stream, buffer, core)?;
    }
    request.body = String::from_utf8_lossy(&buffer[used..used + length]).into_owned();
    buffer.drain(..used + length);
    Some(request)
}

/// Reads more; none at the end of the connection or of the sandbox.
fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>, core: &Core) -> Option<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        if core.stopped() || buffer.len() > MAX_REQUEST {
            return None;
        }
        match stream.read(&mut chunk) {
            Ok(0) => return None,
            Ok(count) => {
                buffer.extend_from_slice(&chunk[..count]);
                return Some(());
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(_) => return None,
        }
    }
}

/// A head and its length, once it is whole.
fn parse_head(buffer: &[u8]) -> Option<(Incoming, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    match head.parse(buffer) {
        Ok(httparse::Status::Complete(used)) => Some((incoming(&head), used)),
        Ok(httparse::Status::Partial) => None,
        Err(error) => {
            let malformed = Some(format!("no HTTP: {error}"));
            Some((Incoming { malformed, ..Incoming::default() }, buffer.len()))
        }
    }
}

fn incoming(head: &httparse::Request<'_, '_>) -> Incoming {
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let garbled = query.iter().any(|(key, value)| key.contains('\u{fffd}') || value.contains('\u{fffd}'));
    let malformed = match path {
        _ if garbled => Some("the query is no UTF-8".to_owned()),
        _ if !path.starts_with('/') => Some("the target is no path".to_owned()),
        _ => None,
    };
    let mut incoming = Incoming {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query,
        headers,
        body: String::new(),
        malformed,
        close: head.version == Some(0),
    };
    incoming.close |= incoming.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    incoming
}

/// Writes an answer; false when the connection ends with it.
fn write_reply(stream: &mut TcpStream, reply: &Reply, close: bool, core: &Core) -> bool {
    let bytes = render(reply, close);
    match reply.travel {
        Travel::Plain => stream.write_all(&bytes).is_ok(),
        Travel::Late(pause) => wait(pause, core) && stream.write_all(&bytes).is_ok(),
        Travel::Drip(pause) => bytes.chunks(64).all(|chunk| stream.write_all(chunk).is_ok() && wait(pause, core)),
        Travel::Cut => {
            let kept = bytes.len() - reply.body.len() / 2 - 1;
            let _ = stream.write_all(&bytes[..kept]);
            let _ = stream.shutdown(Shutdown::Both);
            false
        }
        Travel::Reset => {
            // With a linger of zero, closing sends RST instead of FIN.
            let _ = rustix::net::sockopt::set_socket_linger(&*stream, Some(Duration::ZERO));
            false
        }
    }
}

fn render(reply: &Reply, close: bool) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if close {
        head.push_str("Connection: close\r\n");
    }
    if reply.status != 204 {
        head.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(reply.body.as_bytes());
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

/// Sleeps; false when the sandbox was stopped meanwhile.
fn wait(pause: Duration, core: &Core) -> bool {
    let end = Instant::now() + pause;
    while !core.stopped() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::sleep(left.min(TICK));
    }
    false
}
