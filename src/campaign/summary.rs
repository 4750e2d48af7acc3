//! What came of a campaign.

use schemars::JsonSchema;
use serde::Serialize;

use super::finding::Finding;
use super::status::Status;

/// What came of a campaign. This is its `json` report.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub schema: u32,
    pub seed: u64,
    /// All of them played every sequence.
    pub targets: Vec<String>,
    pub status: Status,
    pub findings: Vec<Finding>,
    /// Saved ones that still show.
    pub still_there: usize,
    pub fixed: usize,
    /// Why the target was given up.
    pub broken: Option<String>,
    pub interrupted: bool,
}
