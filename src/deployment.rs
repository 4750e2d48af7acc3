//! Running systems under test: how they are named, started, reached and told the time.

pub mod protocol;
