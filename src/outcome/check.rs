//! What became of one check.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::Finding;

/// Every way in which a check can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// At least one subject was observed, and it was as the requirement says.
    Pass,
    /// A MUST does not hold.
    Fail,
    /// A SHOULD does not hold.
    Warn,
    /// It does not hold, and the expectations say so.
    ExpectedFail,
    /// It holds, and the expectations say that it does not.
    UnexpectedPass,
    /// It failed, and held when it was tried again.
    Flaky,
    /// The expectations say not to look.
    Skip,
    /// The edition, the configuration or the capabilities of the target leave it out.
    NotApplicable,
    /// It should have been looked at, and nothing was there to look at. Never green.
    NotObserved,
    /// The run broke before there was a verdict.
    Error,
}

impl Outcome {
    /// In the order in which reports count them.
    pub const ALL: &[Self] = &[
        Self::Pass,
        Self::Fail,
        Self::UnexpectedPass,
        Self::Flaky,
        Self::Error,
        Self::NotObserved,
        Self::Warn,
        Self::ExpectedFail,
        Self::Skip,
        Self::NotApplicable,
    ];

    /// As it is written in every report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::ExpectedFail => "expected-fail",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Flaky => "flaky",
            Self::Skip => "skip",
            Self::NotApplicable => "not-applicable",
            Self::NotObserved => "not-observed",
            Self::Error => "error",
        }
    }

    /// Was a subject looked at, so that there is a verdict?
    pub fn is_observed(self) -> bool {
        matches!(self, Self::Pass | Self::Fail | Self::Warn | Self::ExpectedFail | Self::UnexpectedPass | Self::Flaky)
    }

    /// Does it stand in the way of conformance?
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Fail | Self::UnexpectedPass | Self::Flaky | Self::Error | Self::NotObserved)
    }
}

/// Who has to look into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    /// The implementation under test.
    Target,
    /// keyspec itself.
    Harness,
    /// The adapter, the network, the machine.
    Environment,
    /// The reply can have more than one cause.
    Ambiguous,
}

impl Blame {
    pub fn word(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Harness => "harness",
            Self::Environment => "environment",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// One check of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    /// Permanent id.
    pub check: String,
    pub scenario: String,
    /// The requirements that it cites; the first gives level and profile.
    pub requirements: Vec<String>,
    pub level: crate::spec::requirement::Level,
    pub profile: String,
    pub outcome: Outcome,
    /// How many replies were looked at.
    pub subjects: u32,
    /// Why it was not a plain pass or fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Box<Finding>>,
}
