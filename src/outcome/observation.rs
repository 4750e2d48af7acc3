//! What one target showed of one check, in short: what matrices and histories are made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{CheckResult, Outcome};

/// The outcome of a check with one line that says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    pub outcome: Outcome,
    /// What differed, or why there was nothing to compare. Nothing where it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What a target showed, by check.
pub type Seen = BTreeMap<String, Observation>;

/// What an outcome says of the target, whatever the level of the check and whether it was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    Holds,
    Breaks,
    /// It was looked for, and was not there.
    NotObserved,
    /// Left out by edition, configuration or capabilities.
    NotApplicable,
}

impl Outcome {
    /// Nothing where the run broke, left the check out, or could not make up its mind.
    pub fn standing(self) -> Option<Standing> {
        match self {
            Self::Pass | Self::UnexpectedPass => Some(Standing::Holds),
            Self::Fail | Self::Warn | Self::ExpectedFail => Some(Standing::Breaks),
            Self::NotObserved => Some(Standing::NotObserved),
            Self::NotApplicable => Some(Standing::NotApplicable),
            Self::Flaky | Self::Skip | Self::Error => None,
        }
    }
}

impl Observation {
    pub fn standing(&self) -> Option<Standing> {
        self.outcome.standing()
    }
}

impl From<&CheckResult> for Observation {
    fn from(result: &CheckResult) -> Self {
        let found = result.finding.as_ref().map(|finding| finding.summary.clone());
        // The reason of an expectation says more than what differed.
        let why = result.reason.clone().or(found).filter(|why| !why.is_empty());
        Self { outcome: result.outcome, why: why.map(|why| why.chars().take(LONGEST).collect()) }
    }
}

/// Of a longer line the rest is in the finding. Characters.
const LONGEST: usize = 600;
