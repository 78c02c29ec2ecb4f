//! A small imitation of the service: companies, counts, and the OAuth token endpoint with refresh tokens that work once.
//!
//! One thread per connection, one request per connection. Everything that was asked is kept for the tests to read.

use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What the service knows and how it behaves.
pub struct World {
    /// Access tokens that work.
    pub access: HashSet<String>,
    /// Refresh tokens that work, once.
    pub refresh: HashSet<String>,
    /// Codes that work, once.
    pub codes: HashSet<String>,
    pub client_secret: String,
    pub companies: Vec<(i64, &'static str)>,
    /// Document types and entities that the token has no scope for: matched in the request's target.
    pub no_scope: Vec<&'static str>,
    /// Statuses that the token endpoint answers with before it works.
    pub token_failures: Vec<u16>,
    /// How long the token endpoint takes.
    pub token_delay: Duration,
    /// How long everything else takes.
    pub delay: Duration,
    /// Whether a 401 quotes the token, as a careless service might.
    pub quotes: bool,
    pub requests: Vec<Asked>,
    issued: u32,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub target: String,
    pub token: Option<String>,
    pub body: String,
}

pub struct Fake {
    pub address: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl Fake {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let address = listener.local_addr().expect("address");
        let world = Arc::new(Mutex::new(World {
            access: HashSet::from(["a/by-hand".to_owned()]),
            refresh: HashSet::new(),
            codes: HashSet::from(["c/code".to_owned()]),
            client_secret: "very-secret".to_owned(),
            companies: vec![(12345, "Rossi srl")],
            no_scope: Vec::new(),
            token_failures: Vec::new(),
            token_delay: Duration::ZERO,
            delay: Duration::ZERO,
            quotes: false,
            requests: Vec::new(),
            issued: 0,
        }));
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &world));
            }
        });
        Self { address, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("world")
    }

    /// The requests to the token endpoint.
    pub fn token_requests(&self) -> Vec<Value> {
        let world = self.world();
        let asked = world.requests.iter().filter(|r| r.target == "/oauth/token");
        asked.map(|r| serde_json::from_str(&r.body).expect("JSON")).collect()
    }

    /// Waits until a request came that `wanted` recognises.
    pub fn wait_for(&self, wanted: impl Fn(&Asked) -> bool) {
        for _ in 0..400 {
            if self.world().requests.iter().any(&wanted) {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the request did not come; there were {:?}", self.world().requests);
    }
}

fn serve(stream: TcpStream, world: &Mutex<World>) {
    let Some(asked) = read(&stream) else { return };
    let delay = {
        let mut world = world.lock().expect("world");
        world.requests.push(asked.clone());
        if asked.target == "/oauth/token" { world.token_delay } else { world.delay }
    };
    std::thread::sleep(delay);
    let (status, body) = answer(&asked, &mut world.lock().expect("world"));
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\
         RateLimit-HourlyRemaining: 900\r\nRateLimit-HourlyLimit: 1000\r\n\r\n",
        body.len()
    );
    // The client may have been killed: that is a test's point, no failure.
    let _ = (&stream).write_all((head + &body).as_bytes());
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let (mut token, mut length) = (None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => token = value.strip_prefix("Bearer ").map(str::to_owned),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, target, token, body: String::from_utf8(body).ok()? })
}

fn answer(asked: &Asked, world: &mut World) -> (u16, Value) {
    if (asked.method == "POST") != (asked.target == "/oauth/token") {
        return (405, json!({"error": {"message": "Method not allowed."}}));
    }
    if asked.target == "/oauth/token" {
        return token(asked, world);
    }
    let token = asked.token.clone().unwrap_or_default();
    if !world.access.contains(&token) {
        let message = if world.quotes { format!("{token} is not valid") } else { "Unauthorized.".to_owned() };
        return (401, json!({"error": {"message": message}}));
    }
    if asked.target == "/user/companies" {
        let companies = world.companies.iter();
        let companies: Vec<Value> = companies
            .map(|(id, name)| json!({"id": id, "name": name, "type": "company", "access_token": "a/of-company"}))
            .collect();
        return (200, json!({"data": {"companies": companies}}));
    }
    if world.no_scope.iter().any(|part| asked.target.contains(part)) {
        return (403, json!({"error": {"message": "You don't have the permission.", "code": "NO_PERMISSION"}}));
    }
    (200, json!({"data": [{"id": 1}], "total": 3, "per_page": 1, "current_page": 1}))
}

fn token(asked: &Asked, world: &mut World) -> (u16, Value) {
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let refuse = |error: &str| (401, json!({"error": error, "error_description": format!("{} is bad.", asked.body)}));
    if asked.token.is_some() {
        return refuse("token_not_wanted");
    }
    if let Some(status) = world.token_failures.pop() {
        return (status, json!({"error": "server_error"}));
    }
    if body["client_secret"] != world.client_secret.as_str() || body["client_id"] != "app" {
        return refuse("invalid_client");
    }
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let good = match text("grant_type").as_str() {
        "authorization_code" => {
            text("redirect_uri") == "http://127.0.0.1:8788/callback" && world.codes.remove(&text("code"))
        }
        "refresh_token" => world.refresh.remove(&text("refresh_token")),
        _ => false,
    };
    if !good {
        return refuse("invalid_grant");
    }
    world.issued += 1;
    let (access, refresh) = (format!("a/oauth-{}", world.issued), format!("r/oauth-{}", world.issued));
    world.access.insert(access.clone());
    world.refresh.insert(refresh.clone());
    (200, json!({"token_type": "bearer", "access_token": access, "refresh_token": refresh, "expires_in": 86400}))
}
