//! What the tests of webhooks share: a sink that writes down what it gets, and requests for subscriptions.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ficsync_sandbox::{COMPANY, Sandbox, TOKEN};
use serde_json::{Value, json};

pub const PATIENCE: Duration = Duration::from_secs(10);
pub const SINK: &str = "https://hooks.example.com/api/1/entity";

/// What a sink was sent.
#[derive(Clone, Debug)]
pub struct Got {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A sink that answers challenges and gives notifications the status it is told to.
#[derive(Clone)]
pub struct Sink {
    pub base: String,
    got: Arc<Mutex<Vec<Got>>>,
    status: Arc<Mutex<u16>>,
}

impl Sink {
    pub fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let sink = Sink { base, got: Arc::default(), status: Arc::new(Mutex::new(200)) };
        let serving = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.answer(stream);
            }
        });
        sink
    }

    fn answer(&self, mut stream: std::net::TcpStream) {
        let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
        let (head, mut body) = loop {
            let count = stream.read(&mut chunk).unwrap_or(0);
            text.extend_from_slice(&chunk[..count]);
            if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
                break (String::from_utf8_lossy(&text[..end]).into_owned(), text[end + 4..].to_vec());
            }
            assert!(count > 0, "a request that ends in its head");
        };
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default().to_owned();
        let headers: Vec<(String, String)> =
            lines.filter_map(|line| line.split_once(": ")).map(|(key, value)| (key.into(), value.into())).collect();
        let mut got = Got { line, headers, body: Value::Null };
        let length: usize = got.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        while body.len() < length {
            let count = stream.read(&mut chunk).unwrap_or(0);
            body.extend_from_slice(&chunk[..count]);
        }
        got.body = serde_json::from_slice(&body).unwrap_or_default();
        let (status, answer) = self.decide(&got);
        self.got.lock().expect("a lock").push(got);
        let _ = write!(
            stream,
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
            answer.len()
        );
    }

    fn decide(&self, got: &Got) -> (u16, String) {
        let by_query = got.line.split("x-fic-verification-challenge=").nth(1).and_then(|tail| tail.split(' ').next());
        match got.header("x-fic-verification-challenge").or(by_query) {
            Some(challenge) => (200, json!({"verification": challenge}).to_string()),
            None => (*self.status.lock().expect("a lock"), String::new()),
        }
    }

    pub fn say(&self, status: u16) {
        *self.status.lock().expect("a lock") = status;
    }

    pub fn posts(&self) -> Vec<Got> {
        self.got.lock().expect("a lock").iter().filter(|got| got.line.starts_with("POST")).cloned().collect()
    }
}

pub fn call(sandbox: &Sandbox, method: &str, path: &str, body: Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}/c/{COMPANY}/subscriptions{path}", sandbox.url()))
        .header("Authorization", format!("Bearer {TOKEN}"));
    let mut answer = match method {
        "GET" | "DELETE" => agent.run(request.body(()).expect("a request")),
        _ => agent.run(request.header("Content-Type", "application/json").body(body.to_string()).expect("a request")),
    }
    .expect("an answer");
    let text = answer.body_mut().read_to_string().expect("a body");
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
}

pub fn wanted(sink: &str, types: &[&str]) -> Value {
    let types: Vec<String> = types.iter().map(|tail| format!("it.fattureincloud.webhooks.{tail}")).collect();
    json!({"data": {"sink": sink, "types": types, "verification_method": "header", "config": {"mapping": "binary"}}})
}
