//! A request to a deployment and its reply, as plain data: the model's input and output.

use serde_json::Value;

use super::operation::Method;

/// By which door a request comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Over HTTP: a client, whatever it sends.
    Http,
    /// A server-side call. Without headers it is trusted, with headers it follows the client's rules.
    Server,
}

/// One request, before anything of it was looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Http {
        /// `GET`, `POST`, ...
        method: String,
        /// Below the base path: `/api-key/create`.
        path: String,
        /// Decoded pairs in their order, repetitions included.
        query: Vec<(String, String)>,
        /// Names in lower case.
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    Server {
        method: Method,
        body: Option<Value>,
        query: Option<Value>,
        headers: Option<Vec<(String, String)>>,
    },
}

/// What a deployment answers. For a server-side call a status of 400 and above means that it threw.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case; `set-cookie` above all.
    pub headers: Vec<(String, String)>,
    /// `None` is an empty body.
    pub body: Option<Value>,
}
