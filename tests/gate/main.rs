//! The webhook gate with a real tiny_http behind it: honest clients, and the attacks that
//! bare tiny_http does not survive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod alone;
mod attacks;

mod house;
mod manners;
mod speed;
