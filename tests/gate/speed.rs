//! What the gate costs: requests per second through it and past it. Not run by default:
//! `cargo test --release --test gate -- --ignored --nocapture speed`.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ficsync::webhook::gate::Limits;
use tiny_http::Server;

use crate::house::{House, handler, post, read_one};

const CLIENTS: usize = 16;
const TIME: Duration = Duration::from_secs(2);

/// Requests per second of some clients that ask one after the other.
fn rate(address: SocketAddr, keep: bool) -> f64 {
    let client = move || {
        let (begun, mut count) = (Instant::now(), 0);
        let request = post(if keep { "" } else { "Connection: close\r\n" }, &[b'x'; 80]);
        let mut kept = None;
        while begun.elapsed() < TIME {
            let mut stream = match kept.take() {
                Some(stream) => stream,
                None => BufReader::new(TcpStream::connect(address).unwrap()),
            };
            stream.get_mut().write_all(&request).unwrap();
            assert!(read_one(&mut stream).1.starts_with("POST 80"));
            kept = keep.then_some(stream);
            count += 1;
        }
        count
    };
    let clients: Vec<_> = (0..CLIENTS).map(|_| std::thread::spawn(client)).collect();
    let counts = clients.into_iter().map(|client| client.join().unwrap());
    f64::from(counts.sum::<i32>()) / TIME.as_secs_f64()
}

#[test]
#[ignore = "a measurement, for a machine that does nothing else"]
fn speed() {
    let house = House::new(Limits::default());
    let bare = Arc::new(Server::http("127.0.0.1:0").unwrap());
    let address = bare.server_addr().to_ip().unwrap();
    for _ in 0..8 {
        handler(Arc::clone(&bare));
    }
    for (what, keep) in [("kept", true), ("closed", false)] {
        let (gate, bare) = (rate(house.address, keep), rate(address, keep));
        let ratio = gate / bare;
        eprintln!("connections {what}: {gate:.0}/s through the gate, {bare:.0}/s bare, {ratio:.2}");
        assert!(ratio > 0.25, "{what}: the gate costs more than three quarters");
    }
}
