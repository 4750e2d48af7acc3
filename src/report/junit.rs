//! JUnit XML, in the dialect that Jenkins, GitLab and GitHub's actions read. The only file that knows `quick-junit`.
//!
//! A scenario is a suite, a check a case. What does not apply is skipped with its reason; a warning passes and says so.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::terminal;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::event::{Problem, ProblemKind};
use crate::outcome::run::Run;

/// The whole report.
pub fn render(run: &Run) -> String {
    let mut report = Report::new("keyspec");
    report.set_time(Duration::from_micros(run.timing.total_us));
    let properties = properties(run);
    let mut checks = run.checks.iter().peekable();
    while let Some(first) = checks.peek() {
        let scenario = first.scenario.clone();
        let mut suite = TestSuite::new(scenario.as_str());
        for (name, value) in &properties {
            suite.add_property(Property::new(name.as_str(), terminal::plain(value)));
        }
        while let Some(check) = checks.next_if(|check| check.scenario == scenario) {
            suite.add_test_case(case(check));
        }
        report.add_test_suite(suite);
    }
    if !run.problems.is_empty() {
        let mut suite = TestSuite::new("keyspec");
        suite.add_test_cases(run.problems.iter().map(problem_case));
        report.add_test_suite(suite);
    }
    report.to_string().unwrap_or_else(|error| format!("<!-- the report could not be written: {error} -->\n"))
}

fn properties(run: &Run) -> Vec<(String, String)> {
    let Some(header) = &run.header else { return Vec::new() };
    [
        ("keyspec", header.keyspec.clone()),
        ("suite", header.suite.clone()),
        ("target", header.target.clone()),
        ("implementation", format!("{} {}", header.implementation.name, header.implementation.version)),
        ("edition", header.edition.clone()),
        ("seed", header.seed.to_string()),
        ("partial", header.partial.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// What went wrong beside the checks: a target that is not there, an expectation that is out of date.
fn problem_case(problem: &Problem) -> TestCase {
    let kind = match problem.kind {
        ProblemKind::Expectation => NonSuccessKind::Failure,
        ProblemKind::Target | ProblemKind::Harness => NonSuccessKind::Error,
        ProblemKind::Note => return TestCase::new("note", TestCaseStatus::success()),
    };
    let name = match problem.kind {
        ProblemKind::Target => "target",
        ProblemKind::Expectation => "expectation",
        ProblemKind::Harness | ProblemKind::Note => "keyspec",
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(problem.blame.word()).set_message(terminal::plain(&problem.message));
    TestCase::new(name, status)
}

fn case(check: &CheckResult) -> TestCase {
    let mut case = TestCase::new(check.check.as_str(), status(check));
    case.set_classname(check.scenario.as_str());
    if check.outcome == Outcome::Warn {
        case.set_system_out(details(check));
    }
    case
}

fn status(check: &CheckResult) -> TestCaseStatus {
    let message = check.finding.as_ref().map(|finding| finding.summary.clone()).or_else(|| check.reason.clone());
    let message = terminal::plain(&message.unwrap_or_default());
    let bad = |kind: NonSuccessKind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(check.outcome.word()).set_message(message.as_str()).set_description(details(check));
        status
    };
    match check.outcome {
        Outcome::Pass | Outcome::Warn => TestCaseStatus::success(),
        Outcome::Fail | Outcome::UnexpectedPass | Outcome::NotObserved => bad(NonSuccessKind::Failure),
        Outcome::Error => bad(NonSuccessKind::Error),
        Outcome::Flaky => {
            let mut status = TestCaseStatus::success();
            let mut rerun = TestRerun::new(NonSuccessKind::Failure);
            rerun.set_type(check.outcome.word()).set_message(message.as_str()).set_description(details(check));
            status.add_rerun(rerun);
            status
        }
        Outcome::ExpectedFail | Outcome::Skip | Outcome::NotApplicable => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(check.outcome.word());
            status.set_message(format!(
                "{}: {}",
                check.outcome.word(),
                check.reason.as_deref().map_or(message, terminal::plain)
            ));
            status
        }
    }
}

/// What a person at a terminal would read, without colours.
fn details(check: &CheckResult) -> String {
    anstream::adapter::strip_str(&terminal::block(check)).to_string()
}
