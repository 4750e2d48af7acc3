//! How a target stands in a profile: of all checks of the profile, how many apply, and how they went.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{CheckResult, Outcome};

/// The score of a profile. `checks` is the same for every target that a suite is run on, whatever the target declares:
/// what it leaves out does not apply, with the reason; what it declares and does wrong fails.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// All that were selected.
    pub checks: usize,
    /// `checks` without those that do not apply.
    pub applicable: usize,
    pub passed: usize,
    /// What stands in the way of conformance, and SHOULDs that do not hold; with a verdict or without one.
    pub failed: usize,
    /// What the expectations speak of: known failures, and checks that are not to be looked at.
    pub excused: usize,
    pub not_applicable: usize,
    /// Why, with how many checks each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, usize>,
}

impl Score {
    /// Counts one check.
    pub fn add(&mut self, result: &CheckResult) {
        self.checks += 1;
        match result.outcome {
            Outcome::NotApplicable => {
                self.not_applicable += 1;
                *self.reasons.entry(result.reason.clone().unwrap_or_default()).or_default() += 1;
                return;
            }
            Outcome::Pass => self.passed += 1,
            Outcome::ExpectedFail | Outcome::Skip => self.excused += 1,
            Outcome::Fail
            | Outcome::Warn
            | Outcome::UnexpectedPass
            | Outcome::Flaky
            | Outcome::NotObserved
            | Outcome::Error => self.failed += 1,
        }
        self.applicable += 1;
    }
}
