//! End to end: the real binary against the sandbox, judged by the database's content.

#![allow(clippy::expect_used, clippy::unwrap_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // what is skipped is said

mod env;
mod expect;
mod expect_types;
mod hook;

mod backup;
mod clocks;
mod crash;
mod dead_token;
mod doctor;
mod doctor_tls;
mod durability;
mod endless;
mod faults;
mod intake;
mod intake_load;
mod intake_memory;
mod intake_sockets;
mod limits;
mod many;
mod migration;
mod month;
mod one_second;
mod outages;
mod outbox;
mod property;
mod proxies;
mod proxy;
mod quota;
mod readers;
mod realtime;
mod registry;
mod root;
mod scopes;
mod secrets;
mod start;
mod subscriptions;
mod subscriptions_care;
mod sync;
mod types;
mod types_events;
mod unchanged_lists;
mod worker_trouble;
mod workers;
