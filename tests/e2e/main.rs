//! End to end: the real binary against the sandbox, judged by the database's content.

mod env;
mod expect;

mod crash;
mod faults;
mod limits;
mod property;
mod quota;
mod secrets;
mod sync;
