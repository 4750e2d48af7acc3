//! What a run over documentation read: the claims, where they stand, and what was not understood. With the results of the
//! run's checks, which have the ids of the claims, this accounts for every claim.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{CheckResult, Outcome};
use super::finding::Source;

/// All that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Documentation {
    pub documents: Vec<DocumentRead>,
    pub claims: Vec<ClaimRead>,
}

/// A document, and what in it is not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentRead {
    pub name: String,
    pub not_understood: Vec<NotUnderstood>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotUnderstood {
    /// 1-based.
    pub line: usize,
    pub what: String,
}

/// A claim. Its check has the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRead {
    pub id: String,
    pub place: Source,
    pub statement: String,
    /// Where the documentation says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradicted_by: Option<Source>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimVerdict {
    /// The deployment does what is said.
    Holds,
    /// It does something else.
    Drift,
    /// The documentation contradicts itself.
    Ambiguous,
    /// Nobody looked, for a reason.
    NotProbed,
    /// It should have been looked at, and there was nothing to see, or the run broke.
    NotObserved,
}

impl ClaimVerdict {
    pub const ALL: [Self; 5] = [Self::Holds, Self::Drift, Self::Ambiguous, Self::NotProbed, Self::NotObserved];

    /// As reports write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Drift => "drift",
            Self::Ambiguous => "ambiguous",
            Self::NotProbed => "not probed",
            Self::NotObserved => "not observed",
        }
    }
}

impl ClaimRead {
    /// What became of it.
    pub fn verdict(&self, result: Option<&CheckResult>) -> ClaimVerdict {
        match result.map(|result| result.outcome) {
            None => ClaimVerdict::NotObserved,
            Some(_) if self.contradicted_by.is_some() => ClaimVerdict::Ambiguous,
            Some(Outcome::NotApplicable | Outcome::Skip) => ClaimVerdict::NotProbed,
            Some(Outcome::NotObserved | Outcome::Error) => ClaimVerdict::NotObserved,
            Some(Outcome::Pass | Outcome::UnexpectedPass) => ClaimVerdict::Holds,
            Some(Outcome::Fail | Outcome::Warn | Outcome::ExpectedFail | Outcome::Flaky) => ClaimVerdict::Drift,
        }
    }
}

/// The results of a run by the ids of their checks.
pub fn results(checks: &[CheckResult]) -> HashMap<&str, &CheckResult> {
    checks.iter().map(|result| (result.check.as_str(), result)).collect()
}
