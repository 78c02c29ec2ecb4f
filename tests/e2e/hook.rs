//! The listener in a test: the real `webhook-listen` on a port of its own, and clients that speak raw HTTP to it.
//!
//! ```ignore
//! let hook = Hook::start(&env);
//! assert_eq!(hook.send(&message), 202);
//! hook.stop(0);
//! ```

use crate::env::Env;
use ficsync_sandbox::{COMPANY, Mapping, Message};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What stands before the sinks' paths.
pub const PUBLIC: &str = "https://hooks.example.it";
/// A client waits no longer for an answer: longer than the listener waits for its disk.
const PATIENCE: Duration = Duration::from_secs(15);

/// The sink of an account and a group.
pub fn sink(account: i64, group: &str) -> String {
    format!("{PUBLIC}/api/webhooks/fic/{account}/{group}")
}

/// A running listener. Killed when dropped.
pub struct Hook {
    pub child: Child,
    pub address: SocketAddr,
    pub stderr: Arc<Mutex<String>>,
}

/// The listener's command on a free port, with the sandbox's key.
pub fn command(env: &Env) -> Command {
    let mut command = env.command("webhook-listen");
    command
        .env("FICSYNC_LISTEN", "127.0.0.1:0")
        .env("FICSYNC_PUBLIC_URL", PUBLIC)
        .env("FICSYNC_WEBHOOK_PUBLIC_KEY", env.fic.public_key_pem())
        .env("TMPDIR", env.dir.path());
    command
}

impl Hook {
    /// Starts the listener and waits until it says where it listens.
    #[track_caller]
    pub fn start(env: &Env) -> Hook {
        Hook::of(&mut command(env))
    }

    /// The same with a command of the test's own.
    #[track_caller]
    pub fn of(command: &mut Command) -> Hook {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the listener starts");
        let stderr = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().expect("stderr"));
        let (kept, (told, tells)) = (Arc::clone(&stderr), std::sync::mpsc::channel());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                // kept before it is told: who waits for the address reads the log next
                kept.lock().expect("a lock").push_str(&format!("{line}\n"));
                if let Some((_, rest)) = line.split_once("listening for webhooks on ") {
                    let address = rest.split([';', ' ']).next().unwrap_or_default().to_owned();
                    let _ = told.send(address);
                }
            }
        });
        let address = tells.recv_timeout(Duration::from_secs(20));
        let address = address.unwrap_or_else(|_| panic!("it does not listen: {}", stderr.lock().expect("a lock")));
        // of a Unix socket there is no address: its test knows the path
        let address = address.parse().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 9)));
        Hook { child, address, stderr }
    }

    /// Sends a notification, and gives the status of the answer; 0 when there was none.
    pub fn send(&self, message: &Message) -> u16 {
        deliver(self.address, message)
    }

    /// Sends a request and gives the whole answer.
    pub fn ask(&self, request: &[u8]) -> String {
        exchange(self.address, request)
    }

    /// GET.
    pub fn get(&self, target: &str) -> String {
        self.ask(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())
    }

    pub fn log(&self) -> String {
        self.stderr.lock().expect("a lock").clone()
    }

    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(done.expect("kill runs").success());
    }

    /// Ends it by SIGTERM: within 10 s and with this code.
    #[track_caller]
    pub fn stop(mut self, code: i32) {
        self.signal("TERM");
        let begun = Instant::now();
        let end = self.wait(Duration::from_secs(15));
        assert_eq!(end, Some(code), "{}", self.log());
        assert!(begun.elapsed() < Duration::from_secs(10), "the stop took {:?}", begun.elapsed());
    }

    /// Ends it well; gives what it said.
    #[track_caller]
    pub fn stopped(self) -> String {
        let stderr = Arc::clone(&self.stderr);
        self.stop(0);
        let said = stderr.lock().expect("a lock");
        said.clone()
    }

    /// The exit code, once it has ended.
    pub fn wait(&mut self, within: Duration) -> Option<i32> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end: {}", self.log());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A client's update, told to account 1.
pub fn news(env: &Env, id: i64) -> Message {
    env.fic.notification(&sink(1, "entity"), COMPANY, "entities.clients.update", &[id], Mapping::Binary)
}

/// An event's id.
pub fn id_of(message: &Message) -> String {
    let found = message.headers.iter().find(|(name, _)| name == "ce-id");
    found.map(|(_, id)| id.clone()).expect("a binary message")
}

/// The message as the service sends it.
pub fn wire(message: &Message) -> Vec<u8> {
    let path = message.sink.strip_prefix(PUBLIC).expect("a sink of ours");
    let mut head = format!("{} {path} HTTP/1.1\r\nHost: hooks.example.it\r\nConnection: close\r\n", message.method);
    for (name, value) in &message.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n{}", message.body.len(), message.body));
    head.into_bytes()
}

/// Sends a message; the status of the answer, 0 when there was none.
pub fn deliver(address: SocketAddr, message: &Message) -> u16 {
    status(&exchange(address, &wire(message)))
}

/// Sends bytes on a connection of their own, and reads to its end.
pub fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(5)) else { return String::new() };
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time-out");
    // a refusal may come, and the connection end, before all is sent
    let _ = stream.write_all(request);
    read_all(&mut stream)
}

pub fn read_all(stream: &mut impl Read) -> String {
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status in an answer's first line; 0 when it is none.
pub fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0)
}

/// A number that makes a test longer where somebody asks for it.
pub fn scaled(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
