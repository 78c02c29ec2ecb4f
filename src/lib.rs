//! ficsync
pub mod webhook;
