//! From what a scenario showed to the results that are reported.

use std::collections::BTreeMap;
use std::path::Path;

use super::plan::Planned;
use super::suite::{Settled, Suite};
use crate::outcome::check::{Blame, CheckResult, Outcome};
use crate::outcome::exchange::Exchange;
use crate::outcome::expectation::Expectations;
use crate::outcome::finding::{Cited, Difference, Finding, Reproduce, Source};
use crate::scenario::story::Check;
use crate::spec::requirement::{Level, Requirement};

/// What became of one check, before levels and expectations.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    Holds {
        subjects: u32,
    },
    Breaks {
        subjects: u32,
        mismatches: Vec<Difference>,
        exchange: Option<Box<Exchange>>,
    },
    NotObserved {
        reason: String,
        exchange: Option<Box<Exchange>>,
    },
    Broke {
        reason: String,
        blame: Blame,
        exchange: Option<Box<Exchange>>,
    },
    /// Held when it was tried again.
    HeldLater {
        first: Vec<Difference>,
        exchange: Option<Box<Exchange>>,
    },
    NotApplicable {
        reason: String,
    },
    Skipped {
        reason: String,
    },
}

impl Verdict {
    /// Worth another try, where retries are allowed.
    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Self::Breaks { .. } | Self::NotObserved { .. } | Self::Broke { .. })
    }
}

/// Verdicts by check id.
pub(super) type Verdicts = BTreeMap<String, Verdict>;

/// Turns verdicts into results.
pub(super) struct Judge<'a> {
    pub(super) suite: &'a Suite,
    pub(super) expectations: &'a Expectations,
    /// As findings name it in the lines to paste.
    pub(super) target: &'a str,
    /// Where findings are kept; `none` keeps nothing.
    pub(super) findings: &'a Path,
}

impl Judge<'_> {
    /// The results of a scenario's selected checks. A check without a verdict was not observed: nothing is ever green
    /// because nobody looked.
    pub(super) fn results(&self, planned: &Planned, mut verdicts: Verdicts) -> Vec<CheckResult> {
        let mut results = Vec::with_capacity(planned.checks.len());
        for check in planned.scenario.checks() {
            let Some(reason) = planned.checks.get(&check.id) else { continue };
            let verdict = match reason {
                _ if self.suite.settled(&check.id).is_some() => self.settled(&check.id),
                Some(reason) => Verdict::NotApplicable { reason: reason.clone() },
                None => verdicts.remove(&check.id).unwrap_or_else(|| Verdict::NotObserved {
                    reason: "the scenario ended before it".to_owned(),
                    exchange: None,
                }),
            };
            results.extend(self.result(planned, check, verdict));
        }
        results
    }

    /// What is known of a check without a request.
    fn settled(&self, check: &str) -> Verdict {
        match self.suite.settled(check) {
            Some(Settled::Holds) => Verdict::Holds { subjects: 1 },
            Some(Settled::Breaks(difference)) => {
                Verdict::Breaks { subjects: 1, mismatches: vec![difference.clone()], exchange: None }
            }
            Some(Settled::Unprobed(reason)) => Verdict::NotApplicable { reason: reason.clone() },
            None => Verdict::NotApplicable { reason: String::new() },
        }
    }

    /// Where the expectation of a check is written.
    fn place(&self, planned: &Planned, check: &Check) -> Source {
        match self.suite.remarks.get(&check.id) {
            Some(remark) => remark.place.clone(),
            None => Source { file: format!("scenarios/{}.yaml", planned.scenario.id), line: check.place.line },
        }
    }

    fn result(&self, planned: &Planned, check: &Check, verdict: Verdict) -> Option<CheckResult> {
        let cited = self.suite.cited(check);
        let requirement = *cited.first()?;
        let (outcome, subjects, reason) = match &verdict {
            Verdict::Holds { subjects } => (Outcome::Pass, *subjects, None),
            Verdict::Breaks { subjects, .. } => match requirement.level {
                Level::Must => (Outcome::Fail, *subjects, None),
                Level::Should => (Outcome::Warn, *subjects, None),
                Level::May => (Outcome::NotApplicable, *subjects, Some("optional, and not done here".to_owned())),
            },
            // What a claim stands on is a claim itself, and fails as such.
            Verdict::NotObserved { reason, .. } if self.suite.remarks.contains_key(&check.id) => {
                (Outcome::NotApplicable, 0, Some(format!("what it stands on was refused ({reason})")))
            }
            Verdict::NotObserved { reason, .. } => (Outcome::NotObserved, 0, Some(reason.clone())),
            Verdict::Broke { reason, .. } => (Outcome::Error, 0, Some(reason.clone())),
            Verdict::HeldLater { .. } => {
                (Outcome::Flaky, 1, Some("it failed first and held when tried again".to_owned()))
            }
            Verdict::NotApplicable { reason } => (Outcome::NotApplicable, 0, Some(reason.clone())),
            Verdict::Skipped { reason } => (Outcome::Skip, 0, Some(reason.clone())),
        };
        let entry = self.expectations.entry(&check.id);
        let outcome = entry.map_or(outcome, |entry| entry.judge(outcome));
        let mut finding = self.finding(planned, check, requirement, outcome, verdict);
        let mut reason = reason;
        if let Some(entry) =
            entry.filter(|_| matches!(outcome, Outcome::ExpectedFail | Outcome::UnexpectedPass | Outcome::Skip))
        {
            reason = Some(entry.reason.clone());
            if let Some(finding) = &mut finding {
                finding.expectation = Some(entry.cite());
            }
        }
        Some(CheckResult {
            check: check.id.clone(),
            scenario: planned.scenario.id.clone(),
            requirements: check.requirements.clone(),
            level: requirement.level,
            profile: requirement.profile.to_string(),
            outcome,
            subjects,
            reason,
            finding: finding.map(Box::new),
        })
    }

    /// Without a file to replay, the check alone is run again.
    fn replay_line(&self, check: &str, outcome: Outcome) -> String {
        let target = quoted(self.target);
        if let Some(remark) = self.suite.remarks.get(check)
            && (remark.settled.is_some() || self.findings == Path::new("none") || !is_kept(outcome))
        {
            return format!("keyspec docs {} --target {target}", quoted(&remark.place.file));
        }
        if self.findings == Path::new("none") || !is_kept(outcome) {
            return format!("keyspec run {check} --target {target}");
        }
        let file = self.findings.join(finding_file(check));
        format!("keyspec replay {} --target {target}", quoted(&file.display().to_string()))
    }

    fn finding(
        &self,
        planned: &Planned,
        check: &Check,
        requirement: &Requirement,
        outcome: Outcome,
        verdict: Verdict,
    ) -> Option<Finding> {
        let (summary, blame, mismatches, exchange) = match verdict {
            _ if matches!(outcome, Outcome::Pass | Outcome::NotApplicable | Outcome::Skip) => return None,
            Verdict::Holds { .. } => (
                "it holds, though the expectations say that it does not: the entry can go".to_owned(),
                Blame::Harness,
                Vec::new(),
                None,
            ),
            Verdict::Breaks { mismatches, exchange, .. } => {
                let first = mismatches
                    .first()
                    .map(|one| format!("{}: expected {}, got {}", one.path, one.expected, one.actual));
                (first.unwrap_or_default(), Blame::Target, mismatches, exchange)
            }
            Verdict::HeldLater { first, exchange } => {
                ("it failed first and held when tried again".to_owned(), Blame::Ambiguous, first, exchange)
            }
            Verdict::NotObserved { reason, exchange } => (reason, Blame::Ambiguous, Vec::new(), exchange),
            Verdict::Broke { reason, blame, exchange } => (reason, blame, Vec::new(), exchange),
            Verdict::NotApplicable { .. } | Verdict::Skipped { .. } => return None,
        };
        let exchange = exchange.map(|exchange| *exchange);
        let curl = exchange.as_ref().and_then(|exchange| exchange.request.curl());
        Some(Finding {
            check: check.id.clone(),
            requirement: Cited {
                id: requirement.id.clone(),
                level: requirement.level,
                statement: requirement.statement.clone(),
                source: requirement.source.to_string(),
            },
            blame,
            summary,
            mismatches,
            exchange,
            place: self.place(planned, check),
            reproduce: Reproduce { replay: self.replay_line(&check.id, outcome), curl },
            expectation: None,
        })
    }
}

/// Where the finding of a check is kept, below the folder of findings.
pub fn finding_file(check: &str) -> String {
    format!("{check}.json")
}

/// Is a finding kept for `keyspec replay`? Everything that people must look at is.
pub fn is_kept(outcome: Outcome) -> bool {
    outcome.is_bad() || outcome == Outcome::Warn
}

/// As a shell reads it back.
pub fn quoted(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c)) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The folder, below the current one, in which a run leaves its findings.
pub const FINDINGS: &str = ".keyspec/findings";
