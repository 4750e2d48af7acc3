//! A run as a whole: the fold of its events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{CheckResult, Outcome};
use super::documentation::Documentation;
use super::event::{Event, Header, Problem, Timing};
use super::score::Score;

/// A finished, or broken-off, run. This is the `json` report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub header: Option<Header>,
    pub summary: BTreeMap<String, Counts>,
    /// By profile.
    #[serde(default)]
    pub scores: BTreeMap<String, Score>,
    pub checks: Vec<CheckResult>,
    pub problems: Vec<Problem>,
    /// What was read, where the run is over documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Documentation>,
    pub timing: Timing,
    /// By scenario.
    #[serde(default)]
    pub timings: BTreeMap<String, Timing>,
    pub interrupted: bool,
    /// Did the last event arrive? A run without it was cut off.
    pub complete: bool,
}

/// How many checks ended how. The key `all` of a summary is the sum over the profiles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Counts(pub BTreeMap<Outcome, usize>);

impl Counts {
    pub fn of(&self, outcome: Outcome) -> usize {
        self.0.get(&outcome).copied().unwrap_or(0)
    }

    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// Checks with a verdict.
    pub fn observed(&self) -> usize {
        self.0.iter().filter(|(outcome, _)| outcome.is_observed()).map(|(_, n)| n).sum()
    }
}

impl Run {
    /// Takes in the next event.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::RunStarted(header) => self.header = Some(header),
            Event::DocumentationRead(documentation) => self.documentation = Some(documentation),
            Event::ScenarioStarted { .. } => {}
            Event::ScenarioFinished { scenario, timing } => {
                self.timings.insert(scenario, timing);
            }
            Event::CheckFinished(result) => {
                for key in ["all", &result.profile] {
                    *self.summary.entry(key.to_owned()).or_default().0.entry(result.outcome).or_default() += 1;
                }
                self.scores.entry(result.profile.clone()).or_default().add(&result);
                self.checks.push(result);
            }
            Event::Problem(problem) => self.problems.push(problem),
            Event::RunFinished { timing, interrupted } => {
                self.timing = timing;
                self.interrupted = interrupted;
                self.complete = true;
                // Scenarios end in any order; reports do not change with it.
                self.checks.sort_by(|a, b| (&a.scenario, &a.check).cmp(&(&b.scenario, &b.check)));
            }
        }
    }

    /// Events that come to this run when they are taken in: what a stream would have said, scenario by scenario.
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = self.header.iter().cloned().map(Event::RunStarted).collect();
        events.extend(self.documentation.iter().cloned().map(Event::DocumentationRead));
        let mut apart: BTreeMap<&str, Vec<&CheckResult>> =
            self.timings.keys().map(|name| (name.as_str(), Vec::new())).collect();
        for check in &self.checks {
            apart.entry(&check.scenario).or_default().push(check);
        }
        for (scenario, checks) in apart {
            let scenario = scenario.to_owned();
            events.push(Event::ScenarioStarted { scenario: scenario.clone() });
            events.extend(checks.into_iter().cloned().map(Event::CheckFinished));
            let timing = self.timings.get(&scenario).copied();
            events.extend(timing.map(|timing| Event::ScenarioFinished { scenario, timing }));
        }
        events.extend(self.problems.iter().cloned().map(Event::Problem));
        if self.complete {
            events.push(Event::RunFinished { timing: self.timing, interrupted: self.interrupted });
        }
        events
    }

    /// The counts over all profiles.
    pub fn counts(&self) -> Counts {
        self.summary.get("all").cloned().unwrap_or_default()
    }
}
