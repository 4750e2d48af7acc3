//! Running systems under test: how they are named, started, reached and told the time.

pub mod guard;
pub mod http;
pub mod link;
pub mod process;
pub mod protocol;
pub mod redact;
