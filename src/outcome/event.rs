//! The event stream of a run: everything that reports, and a stored run, are made of.
//!
//! Versioned: `schema` in the first event. Fields are added, never changed in meaning.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{Blame, CheckResult};
use super::documentation::Documentation;
use crate::deployment::protocol::Implementation;

/// The version of the event stream and of the JSON report.
pub const SCHEMA: u32 = 1;

/// One line of the `ndjson` report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    RunStarted(Header),
    /// What was read, where the run is over documentation.
    DocumentationRead(Documentation),
    ScenarioStarted {
        scenario: String,
    },
    CheckFinished(CheckResult),
    ScenarioFinished {
        scenario: String,
        timing: Timing,
    },
    /// Something that people should know and that is no check.
    Problem(Problem),
    RunFinished {
        timing: Timing,
        interrupted: bool,
    },
}

/// What was judged, by what, and how much of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    pub schema: u32,
    /// The version of keyspec.
    pub keyspec: String,
    /// Digest of the scenarios and requirements: equal digests are equal suites.
    pub suite: String,
    /// As it was written on the command line.
    pub target: String,
    pub implementation: Implementation,
    pub edition: String,
    pub capabilities: Vec<String>,
    pub seed: u64,
    /// ISO 8601.
    pub started: String,
    /// Filters were given, so this run says nothing of the whole.
    pub partial: bool,
    /// The part of a run that this is, where it was divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    pub scenarios: usize,
    pub checks: usize,
}

/// One of several runs that are one together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Counted from 1.
    pub number: usize,
    pub of: usize,
    /// The checks of all parts.
    pub checks: usize,
    /// Are all parts together less than everything?
    pub partial: bool,
}

/// Where the time went. Microseconds of wall time; what is done at once is added up, so parts can exceed the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    pub total_us: u64,
    /// Waiting for replies to requests and calls.
    pub target_us: u64,
    pub requests: u64,
    /// Starting deployments, which the others wait for or not.
    #[serde(default)]
    pub deploy_us: u64,
    #[serde(default)]
    pub deployments: u64,
}

impl Timing {
    /// All of it, as if done one after the other.
    pub fn sum(timings: impl IntoIterator<Item = Self>) -> Self {
        timings.into_iter().fold(Self::default(), |all, one| Self {
            total_us: all.total_us.saturating_add(one.total_us),
            target_us: all.target_us.saturating_add(one.target_us),
            requests: all.requests.saturating_add(one.requests),
            deploy_us: all.deploy_us.saturating_add(one.deploy_us),
            deployments: all.deployments.saturating_add(one.deployments),
        })
    }
}

/// A fault of the run itself: the adapter died, an expectation is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    pub kind: ProblemKind,
    pub blame: Blame,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The target could not be started or reached, or broke off.
    Target,
    /// An entry of the expectations that matches nothing, is out of date, or no longer fails.
    Expectation,
    /// keyspec itself went wrong.
    Harness,
    /// Worth knowing, without consequence.
    Note,
}
