//! Fuzz targets: one property a file, held against any bytes.
//!
//! The bodies are here, in the library, so that tests on a stable compiler replay their seeds. `fuzz/fuzz_targets/`
//! hands them to libFuzzer. `docs/fuzzing-in-process.md` says how to run them and how to add one.

pub mod ceiling;
mod draw;
mod editions;
pub mod empty;
pub mod machine;
mod naive;
pub mod permissions;
pub mod request;
pub mod scenario;
#[cfg(test)]
mod trial;

/// One property and the inputs that its fuzzing begins with.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Of the file here, of the one in `fuzz/fuzz_targets`, and of the folder in `fuzz/seeds`.
    pub name: &'static str,
    /// What it promises, in one line.
    pub about: &'static str,
    /// Panics where the property is broken; never because the input is bad.
    pub run: fn(&[u8]),
    /// Inputs to begin with: the same at each call, few and small.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All properties, in the order of the documentation.
pub const TARGETS: &[Target] = &[
    Target {
        name: "scenario",
        about: "any text is a scenario or has mistakes with their places, the same at each reading",
        run: scenario::run,
        seeds: scenario::seeds,
    },
    Target {
        name: "request",
        about: "a request is read and answered as the spec's tables say, and written back it is the same",
        run: request::run,
        seeds: request::seeds,
    },
    Target {
        name: "permissions",
        about: "subset, meet, clamp and authorize are those of sets, and so is what a key is verified for",
        run: permissions::run,
        seeds: permissions::seeds,
    },
    Target {
        name: "ceiling",
        about: "whatever a client sends, no stored key is above what the ceiling permits",
        run: ceiling::run,
        seeds: ceiling::seeds,
    },
    Target {
        name: "machine",
        about: "sequences of operations keep the invariants, and are answered as a plain list of keys would",
        run: machine::run,
        seeds: machine::seeds,
    },
];

/// What the rates of the others are compared with. No property.
pub const EMPTY: Target =
    Target { name: "empty", about: "nothing: what a call costs", run: empty::run, seeds: empty::seeds };
