//! keyspec: a conformance test harness and fuzzer for the API-key spec of Better Auth.
//!
//! `docs/design.md` draws the house.

pub mod campaign;
pub mod claims;
pub mod cli;
pub mod deployment;
pub mod fuzz;
pub mod outcome;
pub mod reference;
pub mod report;
pub mod run;
pub mod scenario;
pub mod spec;
