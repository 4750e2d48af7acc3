//! Fuzz targets: one property a file, held against any bytes.
//!
//! The bodies are here, in the library, so that tests on a stable compiler replay their seeds. `fuzz/fuzz_targets/`
//! hands them to libFuzzer. `docs/fuzzing-in-process.md` says how to run them and how to add one.

pub mod ceiling;
mod document;
mod draw;
mod editions;
pub mod empty;
pub mod expectation;
pub mod frame;
pub mod machine;
pub mod mdx;
mod naive;
pub mod openapi;
pub mod permissions;
mod place;
pub mod recording;
pub mod request;
pub mod requirement;
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
    Target {
        name: "scenario",
        about: "any text is a scenario or has mistakes with their places, the same at each reading",
        run: scenario::run,
        seeds: scenario::seeds,
    },
    Target {
        name: "requirement",
        about: "any text is a catalogue, which reads again as an equal one, or has mistakes with their places",
        run: requirement::run,
        seeds: requirement::seeds,
    },
    Target {
        name: "expectation",
        about: "any text is a list of expectations, which can be brought up to date, or is refused",
        run: expectation::run,
        seeds: expectation::seeds,
    },
    Target {
        name: "mdx",
        about: "any page is claims that are a suite of scenarios, or is refused with its line",
        run: mdx::run,
        seeds: mdx::seeds,
    },
    Target {
        name: "openapi",
        about: "any document is claims that are a suite of scenarios, or is refused with its line",
        run: openapi::run,
        seeds: openapi::seeds,
    },
    Target {
        name: "frame",
        about: "however a stream is cut into pieces its frames are the same, and read again as equal ones",
        run: frame::run,
        seeds: frame::seeds,
    },
    Target {
        name: "recording",
        about: "any text is a finding or a corpus that reads again as an equal one, or is none",
        run: recording::run,
        seeds: recording::seeds,
    },
];

/// What the rates of the others are compared with. No property.
pub const EMPTY: Target =
    Target { name: "empty", about: "nothing: what a call costs", run: empty::run, seeds: empty::seeds };
