//! The vocabulary that runs and reports share: events, check results, findings, runs, exit codes.
//!
//! Pure: results are data, and errors are fields of the result.

pub mod check;
pub mod documentation;
pub mod event;
pub mod exchange;
pub mod exit;
pub mod expectation;
pub mod finding;
pub mod history;
pub mod kill_matrix;
pub mod matrix;
pub mod merge;
pub mod observation;
pub mod pattern;
pub mod recording;
pub mod run;
pub mod score;
pub mod timeline;
