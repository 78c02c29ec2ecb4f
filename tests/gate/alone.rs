//! What can only be seen in a process of its own: running out of files, and the threads and
//! the memory that attacks cost. Each test runs itself again in a child.

use std::fs::File;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use ficsync::webhook::gate::Limits;
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::house::{House, post, process, quick, wait_for};

const CHILD: &str = "FICSYNC_TEST_ALONE";

/// Runs `test` in a child process that runs nothing else.
fn alone(name: &str, test: fn()) {
    if std::env::var_os(CHILD).is_some() {
        test();
        eprintln!("{name} is done");
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("alone::{name}"), "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{}: {said}", child.status);
    assert!(said.contains("is done"), "the child ran no test: {said}");
}

#[test]
fn running_out_of_files_is_survived() {
    alone("running_out_of_files_is_survived", || {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = Some(140);
        setrlimit(Resource::Nofile, limit).unwrap();
        let house = House::new(quick());
        // 140 less 32 of others and 3 for each of 16 forwarders
        assert_eq!(house.gate().limits().connections, 60);
        assert_eq!(house.good(20), 20);

        let mut hoard: Vec<File> = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            hoard.push(file);
        }
        // five are left: two pairs of client and gate, and a client whose other end finds none
        hoard.truncate(hoard.len() - 5);
        let clients: Vec<TcpStream> = (0..9).filter_map(|_| TcpStream::connect(house.address).ok()).collect();
        let errors = || house.gate().stats().snapshot().accept_errors;
        assert!(wait_for(Duration::from_secs(2), || errors() > 0), "no error, no test");
        std::thread::sleep(Duration::from_millis(500));
        assert!(errors() < 20, "{} errors: it spins", errors());

        drop((clients, hoard));
        assert_eq!(house.good(20), 20);
    });
}

/// Threads of this process. One that was joined is counted for a moment longer: that is waited for.
fn settled_threads(expected: u64) -> u64 {
    for _ in 0..200 {
        if process("Threads") == expected {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    process("Threads")
}

#[test]
fn attacks_cost_neither_threads_nor_memory() {
    alone("attacks_cost_neither_threads_nor_memory", || {
        let house = House::new(Limits { held_bytes: 8 << 20, ..quick() });
        assert_eq!(house.good(100), 100);
        let large = post("", &vec![b'x'; 1 << 20]);
        let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000)).repeat(31);
        let chunked = format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
        let head = format!("GET / HTTP/1.1\r\nA: {}", "b".repeat(16_000));
        let almost = &large[..large.len() - 1];
        let (threads, memory) = (process("Threads"), process("VmRSS"));
        for (count, bytes) in [(1000, &b""[..]), (1000, head.as_bytes()), (60, almost), (60, chunked.as_bytes())] {
            let attackers: Vec<TcpStream> = (0..count)
                .map(|_| {
                    let mut stream = house.connect();
                    let _ = stream.write_all(bytes);
                    stream
                })
                .collect();
            assert_eq!(house.good(20), 20);
            assert_eq!(settled_threads(threads), threads);
            drop(attackers);
        }
        let grown = process("VmHWM").saturating_sub(memory);
        // 8 MiB are held at most, but each new large buffer replaces an older one: malloc keeps some
        eprintln!("{grown} KiB more");
        assert!(grown < 24 << 10, "{grown} KiB more");
    });
}

#[test]
fn waiting_costs_no_processor_time() {
    alone("waiting_costs_no_processor_time", || {
        let house = House::new(Limits::default());
        // one waits for its answer and has already sent more, one has sent half, one nothing
        let mut clients: Vec<TcpStream> = (0..3).map(|_| house.connect()).collect();
        let slow = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
        clients[0].write_all(slow).unwrap();
        clients[1].write_all(&slow[..9]).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        clients[0].write_all(slow).unwrap();
        let before = processor_ticks();
        std::thread::sleep(Duration::from_millis(600));
        let spent = processor_ticks() - before;
        // 60 ticks have passed; a loop that spins takes most of them
        assert!(spent < 15, "{spent} ticks");
    });
}

/// Processor time of this process so far, in hundredths of a second.
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
    ticks(11) + ticks(12)
}
