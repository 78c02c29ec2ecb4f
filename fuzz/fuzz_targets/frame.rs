//! Fuzzes `ficsync::webhook::fuzzing::frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ficsync::webhook::fuzzing::frame(data));
