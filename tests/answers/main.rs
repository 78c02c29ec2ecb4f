//! The queries of `sql/queries` on a small company with everything that occurs in Italy: each is asked, and each row that
//! it gives is compared with figures that were worked out by hand.
//!
//! The company is in `company/`: served by the sandbox, synced by the binary. The figures are in the other files, with the
//! reckoning beside them. `heads.rs` looks at the queries' text.

#![allow(clippy::expect_used)] // a test that cannot go on should stop

mod answer;
mod company;
mod cookbook;
mod documents;
mod empty;
mod head;
mod heads;
mod open;
mod plans;
mod random;
mod rounding;
mod second;
mod taxes;
mod turnover;
mod world;
