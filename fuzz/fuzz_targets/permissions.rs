#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyspec::fuzz::permissions::run(data));
