//! ficsync
