//! The parts of a page that say something, each with its line.

use super::script::Script;
use super::shape::{Field, Shape};

/// An endpoint, as an `APIMethod` or `Endpoint` element describes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Endpoint {
    pub(super) line: usize,
    pub(super) anchor: String,
    /// `POST`
    pub(super) method: String,
    /// `/api-key/create`
    pub(super) path: String,
    /// `createApiKey`, if the page says.
    pub(super) name: Option<String>,
    pub(super) needs_session: bool,
    pub(super) server_only: bool,
    pub(super) fields: Vec<Field>,
}

/// An entry of a list of options.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OptionEntry {
    pub(super) line: usize,
    pub(super) anchor: String,
    /// `rateLimit`, `timeWindow`
    pub(super) path: Vec<String>,
    /// What is said of it, each paragraph with its line.
    pub(super) told: Vec<Told>,
}

/// A paragraph about an option.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) line: usize,
    pub(super) text: String,
    /// The words of code in it, in their order.
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(String),
    Code(String),
}

/// `type Result = …` below an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResultType {
    pub(super) line: usize,
    pub(super) anchor: String,
    /// Index into [`Page::endpoints`].
    pub(super) endpoint: usize,
    pub(super) shape: Shape,
}

/// A block of code.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Example {
    pub(super) line: usize,
    pub(super) anchor: String,
    /// The anchor of the section of the second level.
    pub(super) section: String,
    pub(super) script: Result<Script, (usize, String)>,
}

/// A table of the database.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) line: usize,
    pub(super) fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Link {
    pub(super) line: usize,
    pub(super) anchor: String,
    pub(super) url: String,
}

/// A word of code that names an error, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Code {
    pub(super) line: usize,
    pub(super) anchor: String,
    pub(super) word: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sentence {
    pub(super) line: usize,
    pub(super) anchor: String,
    pub(super) text: String,
}
