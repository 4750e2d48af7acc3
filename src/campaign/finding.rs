//! A campaign's finding as a file that stands alone.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cause::Cause;
use super::sequence::Sequence;
use super::sequence::Step;
use crate::outcome::check::Blame;
use crate::outcome::finding::Difference;
use crate::spec::operation::Method;

/// The version of the format.
pub const SCHEMA: u32 = 1;

/// A sequence on which a target differs, with all that is needed to understand and repeat it. It holds symbols in place
/// of ids, keys and times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    pub schema: u32,
    pub kind: Kind,
    /// The version of keyspec.
    pub keyspec: String,
    pub cause: Cause,
    /// The cause in one sentence.
    #[serde(default)]
    pub summary: String,
    /// The requirement of the catalogue that is nearest: a campaign knows the operation, and people know what it breaks.
    #[serde(default)]
    pub requirement: String,
    #[serde(default = "target")]
    pub blame: Blame,
    /// The target on which it was found, and the edition by which it was judged.
    pub target: String,
    pub implementation: String,
    pub edition: String,
    /// What the sequence was drawn from.
    pub origin: Origin,
    pub sequence: Sequence,
    /// The step at which the target differs, from 0 on: always the last.
    pub step: usize,
    #[serde(alias = "differences")]
    pub mismatches: Vec<Difference>,
    /// What was expected and answered, step by step.
    pub told: Vec<Option<Told>>,
    pub stability: Stability,
    /// Is this the shortest sequence that was found?
    pub shrunk: bool,
    /// How often each campaign has met the cause.
    #[serde(default)]
    pub seen: BTreeMap<String, u64>,
}

/// What tells these files from the recordings of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Campaign,
}

/// Which sequence of which campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Origin {
    pub seed: u64,
    pub number: u64,
}

/// One step in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Told {
    pub expected: String,
    pub actual: String,
}

/// How often it shows: always, when both are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stability {
    pub shown: u32,
    pub of: u32,
}

fn target() -> Blame {
    Blame::Target
}

/// Who has to look into it: the target, if it shows each time.
pub fn blame(stability: Stability) -> Blame {
    if stability.is_stable() { Blame::Target } else { Blame::Ambiguous }
}

/// A requirement of the catalogue that is about the operation of a step.
pub fn requirement(step: Option<&Step>) -> &'static str {
    match step.and_then(Step::operation) {
        Some(Method::CreateApiKey) => "create.shape",
        Some(Method::VerifyApiKey) => "verify.result-shape",
        Some(Method::GetApiKey) => "get.returns-key-object",
        Some(Method::UpdateApiKey) => "update.returns-key-object",
        Some(Method::DeleteApiKey) => "delete.reply",
        Some(Method::ListApiKeys) => "list.own-keys",
        Some(Method::DeleteAllExpiredApiKeys) => "limits.delete-all-expired",
        Some(Method::GetSession) => "sessions.from-key",
        None => "transport.error-shape",
    }
}

/// A file that is no finding of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindingError {
    #[error("it is no finding of a campaign: {0}")]
    Malformed(String),
    #[error("it was written in version {0} of the format; this keyspec reads version {SCHEMA}")]
    Version(u64),
}

impl Finding {
    /// Findings of one id are one.
    pub fn id(&self) -> String {
        self.cause.id_on(&self.target)
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Is this text meant to be a finding of a campaign, whatever is wrong with it?
    pub fn is_meant(text: &str) -> bool {
        serde_json::from_str::<serde_json::Value>(text)
            .is_ok_and(|value| value.get("kind").is_some_and(|kind| kind == "campaign"))
    }

    pub fn parse(text: &str) -> Result<Self, FindingError> {
        let malformed = |error: serde_json::Error| FindingError::Malformed(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
        match value.get("schema").and_then(serde_json::Value::as_u64) {
            Some(version) if version != u64::from(SCHEMA) => Err(FindingError::Version(version)),
            _ => {
                let finding: Self = serde_json::from_value(value).map_err(malformed)?;
                match finding.sequence.strange_name() {
                    Some(name) => Err(FindingError::Malformed(format!("{name:?} is no name of a campaign"))),
                    None => Ok(finding),
                }
            }
        }
    }

    /// One finding of two of the same cause: the shorter sequence, and what all campaigns have seen. Whoever merges
    /// twice counts nothing twice.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let mut seen = self.seen.clone();
        for (campaign, times) in &other.seen {
            let there = seen.entry(campaign.clone()).or_default();
            *there = (*there).max(*times);
        }
        // An order without ties, so that it does not matter which of the two comes first.
        let length = |finding: &Self| {
            let text = serde_json::to_string(&finding.sequence).unwrap_or_default();
            (!finding.shrunk, finding.sequence.steps.len(), text.len(), text, finding.origin.number)
        };
        let mut best = if length(&other) < length(&self) { other } else { self };
        best.seen = seen;
        best
    }

    pub fn times(&self) -> u64 {
        self.seen.values().sum()
    }
}

impl Stability {
    pub fn is_stable(self) -> bool {
        self.shown == self.of
    }
}
