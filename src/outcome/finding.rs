//! What any part of keyspec reports when something is not as it should be: one type for all of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Blame;
use super::exchange::Exchange;
use crate::spec::requirement::Level;

/// Something that is not as a requirement says, with all that is needed to understand and repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub check: String,
    pub requirement: Cited,
    pub blame: Blame,
    /// One sentence: what went wrong.
    pub summary: String,
    /// Where expected and actual differ.
    pub mismatches: Vec<Difference>,
    /// The exchange that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
    /// Where the expectation is written.
    pub place: Source,
    pub reproduce: Reproduce,
    /// The expectation that was met or broken, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectation: Option<Expected>,
}

/// A requirement as findings quote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cited {
    pub id: String,
    pub level: Level,
    pub statement: String,
    /// Where the statement comes from: a page with its anchor, a file, or a proposal.
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Into the reply: `status`, `body.permissions`.
    pub path: String,
    pub expected: String,
    pub actual: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub file: String,
    /// 1-based.
    pub line: usize,
}

/// Two lines to paste.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Reproduce {
    pub replay: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

/// The entry of an expectations file that applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}
