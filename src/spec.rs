//! What the documents say: requirements, editions, error codes, permissions, the wire and the model.
//!
//! Pure: nothing in here knows a clock, a socket, a process or a runtime. `now` is an argument.

pub mod config;
pub mod edition;
pub mod error;
pub mod fault;
pub mod key;
pub mod model;
pub mod operation;
pub mod permission;
pub mod request;
pub mod requirement;
pub mod route;
pub mod setup;
pub mod walk;
pub mod wire;
pub mod words;
