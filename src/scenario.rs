//! The scenario language: parse, bind, match. `docs/scenario-language.md` is its manual.
//!
//! Pure: a scenario is text in, and a tree with source positions out; matching is a function of a reply and the values known.

pub mod bind;
pub mod capture;
pub mod diagnostic;
pub mod matching;
pub mod merge;
pub mod needs;
pub mod parse;
pub mod references;
pub mod story;
pub mod suite;
pub(crate) mod yaml;

/// A longer file is refused. Bytes.
pub const MAX_BYTES: usize = 256 * 1024;

/// After so many mistakes in a file the rest of them helps nobody.
const MOST_MISTAKES: usize = 50;

/// A file that is nested deeper is refused. Lists and maps in one another.
pub const MAX_DEPTH: usize = 64;
