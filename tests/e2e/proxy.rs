//! Real web servers with the configurations of `contrib/` before the listener: TLS by a certificate made here.
//!
//! Skipped, and said so, where a server, `openssl` or `curl` is missing.

use crate::env::Env;
use crate::hook::{Hook, news};
use crate::proxies::{HOST, KINDS, Kind, Place};
use ficsync_sandbox::{COMPANY, Message};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running web server. Killed when dropped.
pub struct Proxy {
    child: Child,
    pub port: u16,
    /// Holds `ca.pem`, the authority that signed its certificate.
    pub folder: tempfile::TempDir,
}

/// The kinds that can be tried here.
pub fn here() -> Vec<&'static Kind> {
    let works = |program: &str, flag: &str| Command::new(program).arg(flag).output().is_ok();
    if !works("openssl", "version") || !works("curl", "--version") {
        eprintln!("skipped: openssl or curl is missing");
        return Vec::new();
    }
    let (there, missing): (Vec<&Kind>, Vec<&Kind>) = KINDS.iter().partition(|kind| works(kind.program, kind.version));
    missing.iter().for_each(|kind| eprintln!("skipped: there is no {}", kind.program));
    there
}

/// A certificate for a name, its key, and the authority that signed it.
fn certificate(folder: &Path, host: &str) {
    let openssl = |words: &str| {
        let made = Command::new("openssl").args(words.split(' ')).current_dir(folder).output().expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {key} -days 2 -keyout ca.key -out ca.pem -subj /CN=authority-of-{host}"));
    openssl(&format!("req {key} -keyout key.pem -out cert.csr -subj /CN={host} -addext subjectAltName=DNS:{host}"));
    openssl(
        "x509 -req -in cert.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out cert.pem",
    );
}

impl Proxy {
    /// A web server before `listener`, with a certificate for `host`.
    pub fn start(kind: &Kind, host: &str, listener: SocketAddr) -> Proxy {
        let folder = tempfile::tempdir().expect("folder");
        certificate(folder.path(), host);
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let file = folder.path().join("configuration");
        let place = Place { folder: folder.path(), host, port, listener };
        std::fs::write(&file, (kind.configuration)(&place)).expect("configuration");
        let errors = std::fs::File::create(folder.path().join("errors")).expect("a file");
        let child = Command::new(kind.program)
            .args(kind.arguments)
            .arg(&file)
            .env("HOME", folder.path())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .expect("it starts");
        let proxy = Proxy { child, port, folder };
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "{} does not listen: {}", kind.name, proxy.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
        proxy
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default()
    }

    /// The status of a request, with the name and the certificate checked; 0 when there was no (whole) answer.
    fn ask(&self, path: &str, arguments: &[&str], body: &[u8]) -> u16 {
        let mut child = Command::new("curl")
            .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20", "--noproxy", "*"])
            .args(["--cacert", &self.folder.path().join("ca.pem").display().to_string()])
            .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", self.port), "--path-as-is"])
            .args(arguments)
            .arg(format!("https://{HOST}:{}{path}", self.port))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("curl runs");
        // It may end without having read all of it, as when the body is too large.
        let _ = child.stdin.take().expect("stdin").write_all(body);
        let output = child.wait_with_output().expect("its end");
        if !output.status.success() {
            // A status may be there all the same: that of 100 Continue.
            eprint!("{path}: {}", String::from_utf8_lossy(&output.stderr));
            return 0;
        }
        String::from_utf8_lossy(&output.stdout).parse().expect("a status")
    }

    /// Sends a message as the service does, with `more` headers.
    fn deliver(&self, message: &Message, more: &[&str]) -> u16 {
        let path = message.sink.strip_prefix("https://hooks.example.it").expect("a sink of ours");
        let headers: Vec<String> = message.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut arguments = vec!["-X", &message.method, "--data-binary", "@-"];
        headers.iter().map(String::as_str).chain(more.iter().copied()).for_each(|line| arguments.extend(["-H", line]));
        self.ask(path, &arguments, message.body.as_bytes())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Asked first: Apache's processes outlive a parent that is killed, and go on for ever.
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let until = Instant::now() + Duration::from_secs(5);
        while self.child.try_wait().is_ok_and(|end| end.is_none()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Headers by which a client could claim to be somebody else, somewhere else.
const LIES: &[&str] = &[
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: elsewhere.example.it",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Uri: /api/webhooks/fic/2/entity",
    "Forwarded: for=127.0.0.1;host=elsewhere.example.it;proto=http",
    "X-Original-URL: /metrics",
];

#[test]
fn the_webhooks_are_passed_on_and_nothing_else() {
    here().into_iter().for_each(passes_webhooks_and_nothing_else);
}

fn passes_webhooks_and_nothing_else(kind: &Kind) {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 5);
    env.run("sync all").exit(0);
    let ids = env.fic.ids(COMPANY, "clients");
    let hook = Hook::start(&env);
    let proxy = Proxy::start(kind, HOST, hook.address);
    let name = kind.name;

    let status = proxy.deliver(&news(&env, ids[0]), &[]);
    assert!((200..300).contains(&status), "{name}: {status}: {} {}", proxy.errors(), hook.log());
    assert!(
        (200..300).contains(&proxy.deliver(&news(&env, ids[1]), LIES)),
        "{name}: lies about the way change nothing"
    );
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events"), 2);

    let forged = Message { headers: Vec::new(), ..news(&env, ids[2]) };
    assert_eq!(proxy.deliver(&forged, LIES), 401, "{name}: and let nobody in");
    let lies: Vec<&str> = LIES.iter().flat_map(|lie| ["-H", lie]).collect();
    for path in ["/", "/healthz", "/metrics", "/api/webhooks/fic/../../../metrics", "/api/webhooks/fi"] {
        let status = proxy.ask(path, &lies, b"");
        assert!(kind.elsewhere.contains(&status), "{name}: {path}: {status}");
    }
    let sink = "/api/webhooks/fic/1/entity";
    let status = proxy.ask(sink, &["-X", "DELETE"], b"");
    assert!(kind.elsewhere.contains(&status), "{name}: DELETE: {status}");
    let status = proxy.ask(sink, &["--data-binary", "@-"], &vec![b'x'; 2_000_000]);
    assert!(kind.too_long.contains(&status), "{name}: 2 MB: {status}");
    assert_eq!(proxy.ask(sink, &["-H", "Transfer-Encoding: chunked", "--data-binary", "@-"], b"{}"), 401, "{name}");
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events"), 2);
    hook.stop(0);
    // The service tries again after a 5xx, and drops an event after a 4xx.
    let status = proxy.deliver(&news(&env, ids[3]), &[]);
    assert!(status >= 500, "{name}: while the listener is away: {status}");
}

#[test]
fn a_burst_is_kept_whole() {
    here().into_iter().for_each(keeps_a_burst);
}

fn keeps_a_burst(kind: &Kind) {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "clients", 60);
    env.run("sync all").exit(0);
    let ids = env.fic.ids(COMPANY, "clients");
    let hook = Hook::start(&env);
    let proxy = Proxy::start(kind, HOST, hook.address);
    let messages: Vec<Message> = ids.iter().map(|id| news(&env, *id)).collect();
    let (one, two) = messages.split_at(messages.len() / 2);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let senders = [one, two].map(|part| {
            let proxy = &proxy;
            scope.spawn(move || part.iter().map(|message| proxy.deliver(message, &[])).collect::<Vec<u16>>())
        });
        senders.into_iter().flat_map(|sender| sender.join().expect("a sender")).collect()
    });
    let all = statuses.iter().all(|status| (200..300).contains(status));
    assert!(all, "{}: {statuses:?} {}", kind.name, proxy.errors());
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events"), 60, "{}", kind.name);
    hook.stop(0);
}
