//! The webhook gate with a real tiny_http behind it: honest clients, and the attacks that
//! bare tiny_http does not survive.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // figures, and what is skipped, are said

mod alone;
mod attacks;

mod house;
mod manners;
mod speed;
