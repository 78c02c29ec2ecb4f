//! End to end: the real binary against the sandbox, judged by the database's content.

#![allow(clippy::expect_used, clippy::unwrap_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // what is skipped is said

mod env;
mod expect;
mod hook;

mod circles;
mod crash;
mod doctor;
mod doctor_tls;
mod durability;
mod endless;
mod faults;
mod intake;
mod intake_load;
mod intake_sockets;
mod limits;
mod many;
mod outages;
mod outbox;
mod property;
mod proxies;
mod proxy;
mod quota;
mod readers;
mod realtime;
mod secrets;
mod subscriptions;
mod subscriptions_care;
mod sync;
mod worker_trouble;
mod workers;
