//! What documentation says, as claims that can be tried: pages and OpenAPI documents are read, contradictions found, and
//! each claim is made into a small scenario for the runner.
//!
//! Pure: texts in, claims and scenarios out. Nothing is taken from the model or from an edition: the deployment decides.
//! Texts are untrusted; whoever calls this gives it a thread with a large stack (see [`limit`]).

pub mod claim;
pub mod compare;
mod contradiction;
mod endpoint;
mod error_code;
mod example;
mod key_object;
pub mod limit;
mod link;
mod markup;
mod openapi;
mod option;
mod option_probe;
pub mod page;
mod part;
mod probe;
mod prose;
mod result;
mod sample;
mod script;
mod sentence;
mod shape;
pub mod suite;
mod unit;

/// A document as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// As reports name it: a path, or `REV:PATH` as git does.
    pub name: String,
    /// The address at which readers find it, if the path shows it: `/docs/plugins/api-key`.
    pub address: Option<String>,
    pub text: String,
}

/// A text that cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Unreadable {
    pub file: String,
    /// 1-based.
    pub line: usize,
    pub message: String,
}

/// What stands on a page and is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub line: usize,
    pub what: String,
}
