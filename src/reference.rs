//! The embedded server: the model behind an HTTP port, and behind the adapter protocol like any stranger.
//!
//! Knows sockets, time and frames. What a request means is the model's to say: nothing in here judges one.

pub mod adapter;
mod data;
pub mod server;
