//! Nothing: the rate of this target is what the machine and the fuzzer cost.

/// Does nothing.
pub fn run(data: &[u8]) {
    std::hint::black_box(data);
}

/// The empty input.
pub fn seeds() -> Vec<Vec<u8>> {
    vec![Vec::new()]
}
