//! How a campaign goes: rates, what was covered, what was found.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::spec::operation::Method;

/// The numbers of a campaign.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Requests to each target.
    pub operations: u64,
    pub sequences: u64,
    /// How long it took, the time before a resumption included.
    pub millis: u64,
    /// Kinds of answers.
    pub features: usize,
    /// Sequences that showed something new.
    pub kept: usize,
    /// By operation and verdict: how often.
    pub answered: BTreeMap<String, BTreeMap<String, u64>>,
    /// Known differences that were met, and how often.
    pub explained: BTreeMap<String, u64>,
    /// Why sequences could not be played to their end, and how often: what the target does not have, or refuses.
    pub unplayed: BTreeMap<String, u64>,
    /// New ones.
    pub findings: usize,
}

impl Status {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.operations as f64 * 1000.0 / self.millis.max(1) as f64
    }

    /// How many of the operations were answered at all.
    pub fn covered(&self) -> usize {
        Method::ALL.iter().filter(|method| self.answered.contains_key(method.name())).count()
    }

    /// How many pairs of an operation and a verdict were seen.
    pub fn verdicts(&self) -> usize {
        let operations = Method::ALL.iter().filter_map(|method| self.answered.get(method.name()));
        operations.map(BTreeMap::len).sum()
    }

    /// One line, for a terminal.
    pub fn line(&self) -> String {
        format!(
            "{} operations · {:.0}/s · {} of {} operations, {} verdicts, {} kinds of answers · {} findings",
            self.operations,
            self.rate(),
            self.covered(),
            Method::ALL.len(),
            self.verdicts(),
            self.features,
            self.findings
        )
    }
}
