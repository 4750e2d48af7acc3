//! Running systems under test: how they are named, started, reached and told the time.

pub mod adapter;
pub mod attached;
pub mod capture;
pub mod frame;
pub mod guard;
pub mod http;
pub mod link;
pub mod process;
pub mod protocol;
pub mod range;
pub mod redact;
pub mod release;
pub mod releases;
pub mod running;
pub mod target;
