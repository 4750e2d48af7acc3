//! Does a reply meet an expectation? A list of mismatches; an empty one means that it holds.
//!
//! Total, and a function of the reply and the context alone. Says what differs, never who is to blame.

mod describe;
mod equal;
mod expectation;
mod list;
mod moment;
mod never;
mod number;
mod object;
mod refusal;
mod reply;
mod tally;
mod text;
mod value;

pub use never::SHORTEST_SECRET;
pub use reply::{Payload, Refusal, Reply};

use crate::spec::edition::Edition;

use super::bind::Known;

/// What a reply is judged by, beside the expectation.
#[derive(Debug, Clone)]
pub struct MatchContext<'c> {
    pub edition: &'c Edition,
    pub known: &'c Known,
    /// The deployment's time just before the request and just after its reply, in milliseconds.
    pub now_before: i64,
    pub now_after: i64,
    /// The clock stands still between two requests, so times match to the millisecond.
    pub exact_clock: bool,
    /// With any other clock, how far a time may be off. Milliseconds.
    pub tolerance: i64,
}

/// The tolerance of a clock that runs: two seconds.
pub const TOLERANCE: i64 = 2000;

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where in the reply: `status`, `body.key.permissions.files[0]`, `replies[3].body`.
    pub path: String,
    pub expected: String,
    pub actual: String,
}

impl Mismatch {
    fn new(path: impl Into<String>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into(), actual: actual.into() }
    }
}

#[cfg(test)]
mod tests;
