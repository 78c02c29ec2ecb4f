//! `doctor` and the public URL over real TLS: nginx before the listener, with a certificate of an authority made here,
//! which ficsync trusts by `SSL_CERT_FILE`. The name is `localhost`, which every resolver knows.
//!
//! Skipped, and said so, where nginx, openssl or curl is missing; the small disk where nothing may be mounted.

use crate::doctor::{checks, failed};
use crate::env::{Env, Ran};
use crate::hook::{self, Hook};
use crate::proxies::Kind;
use crate::proxy::{Proxy, here};
use ficsync_sandbox::{COMPANY, TOKEN};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

/// A world whose public name leads to nginx, and its listener. The sandbox goes its own way to the sinks.
struct World {
    env: Env,
    hook: Hook,
    proxy: Proxy,
}

impl World {
    fn new(nginx: &Kind) -> World {
        let env = Env::with_account();
        env.fic.populate(COMPANY, "invoices", 20);
        env.run("sync all").exit(0);
        let mut command = hook::command(&env);
        let hook = Hook::of(command.env_remove("FICSYNC_PUBLIC_URL"));
        let proxy = Proxy::start(nginx, "localhost", hook.address);
        let world = World { env, hook, proxy };
        world.env.fic.map_sink(&world.url(), &format!("http://{}", world.hook.address));
        world.env.run(&format!("subscriptions ensure --public-url {}", world.url())).exit(0);
        world
    }

    fn url(&self) -> String {
        url(self.proxy.port)
    }

    /// `doctor` with this public URL, trusting this authority.
    fn doctor(&self, public_url: &str, authority: &Path) -> Ran {
        let words = format!("doctor --json --public-url {public_url} --listen {}", self.hook.address);
        self.env.run_with(&words, &[("SSL_CERT_FILE", &authority.display().to_string())])
    }

    /// What `doctor` finds under a public URL where the listener is not: text and cure.
    #[track_caller]
    fn finds(&self, public_url: &str, authority: &Path, text: &str, cure: &str) {
        let found = failing(&self.doctor(public_url, authority).exit(1), "public_url.ours");
        let (found, what) =
            (found["found"].as_str().expect("text").to_owned(), found["cure"].as_str().expect("a cure"));
        assert!(found.contains(text) && what.contains(cure), "{found}; {what}");
    }
}

fn url(port: u16) -> String {
    format!("https://localhost:{port}")
}

/// The check with that id, which is not well.
#[track_caller]
fn failing(ran: &Ran, id: &str) -> Value {
    let found = checks(ran).into_iter().find(|check| check["id"] == id).expect("the check");
    assert_eq!(found["ok"], false, "{found}");
    found
}

#[test]
fn the_public_url_is_looked_at_through_tls() {
    let Some(nginx) = here().into_iter().find(|kind| kind.name == "nginx") else { return };
    let world = World::new(nginx);
    let authority = world.proxy.folder.path().join("ca.pem");
    let ran = world.doctor(&world.url(), &authority).exit(0);
    let all = checks(&ran);
    let ours = all.iter().find(|check| check["id"] == "public_url.ours").expect("the check");
    assert!(ours["found"].as_str().is_some_and(|text| text.contains("leads to the listener")), "{ours}");
    for id in ["listener.alive", "subscription.verified", "subscription.sink"] {
        assert!(all.iter().any(|check| check["id"] == id && check["ok"] == true), "{id}: {all:#?}");
    }

    // Another authority: what a company's own one looks like where it is not trusted.
    let other = Proxy::start(nginx, "hooks.example.it", world.hook.address);
    let other_authority = other.folder.path().join("ca.pem");
    world.finds(&world.url(), &other_authority, "UnknownIssuer", "update-ca-certificates");
    // A certificate for another name.
    world.finds(
        &url(other.port),
        &other_authority,
        "certificate not valid for name \"localhost\"",
        "valid certificate for localhost",
    );
    // No TLS at all where it should be.
    world.finds(&url(world.hook.address.port()), &authority, "https://localhost", "valid certificate for localhost");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    world.finds(&url(closed.port()), &authority, "refused", "start the reverse proxy");
    world.finds("https://hooks.example.invalid", &authority, "hooks.example.invalid", "an address in DNS");

    let stranger = stranger();
    let page = Proxy::start(nginx, "localhost", stranger);
    let its_authority = page.folder.path().join("ca.pem");
    world.finds(
        &url(page.port),
        &its_authority,
        "something else: 200, <h1>Benvenuti</h1>",
        "let the reverse proxy pass",
    );

    drop(world.proxy);
    world.env.nothing_forbidden();
    world.hook.stop(0);
}

/// A web server that knows nothing of webhooks.
fn stranger() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let page = "<h1>Benvenuti</h1>";
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}", page.len());
        }
    });
    address
}

/// A file system of this size. Unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<SmallDisk> {
        let folder = tempfile::tempdir().expect("folder");
        let size = format!("size={megabytes}m,mode=755");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk(folder)),
            _ => {
                eprintln!("skipped: nothing may be mounted here");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_small_disk_is_found() {
    let Some(disk) = SmallDisk::mount(64) else { return };
    let env = Env::new();
    let token = env.dir.path().join("token.txt");
    std::fs::write(&token, TOKEN).expect("token");
    let db = disk.0.path().join("ficsync.db").display().to_string();
    env.run(&format!("account add --name Rossi --token-file {} --db {db}", token.display())).exit(0);
    env.run(&format!("sync all --db {db}")).exit(0);
    let found = failed(&env.run(&format!("doctor --json --db {db}")).exit(1).says(&["disk.space"]), &["disk.space"]);
    let (text, cure) = (found[0]["found"].as_str().expect("text"), found[0]["cure"].as_str().expect("a cure"));
    assert!(text.contains(" MiB free") && cure.contains("make room for 256 MiB"), "{text}; {cure}");
}
