//! Fuzzes `ficsync::webhook::fuzzing::notification`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ficsync::webhook::fuzzing::notification(data));
