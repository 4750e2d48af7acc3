//! Annotations as GitHub's runner reads them from standard output: one line for each check that people must look at, at
//! the place where its expectation is written.

use super::terminal;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::run::Run;

/// All annotations.
pub fn render(run: &Run) -> String {
    let mut out: String = run.checks.iter().filter_map(annotation).collect();
    for problem in &run.problems {
        out.push_str(&format!("::error title=keyspec::{}\n", data(&problem.message)));
    }
    out
}

fn annotation(check: &CheckResult) -> Option<String> {
    let level = match check.outcome {
        Outcome::Fail | Outcome::UnexpectedPass | Outcome::Flaky | Outcome::Error | Outcome::NotObserved => "error",
        Outcome::Warn => "warning",
        // Known, and so nothing to point at.
        Outcome::ExpectedFail => return None,
        Outcome::Pass | Outcome::Skip | Outcome::NotApplicable => return None,
    };
    let title = property(&format!("{} {}", check.outcome.word(), check.check));
    let Some(finding) = &check.finding else {
        let reason = data(check.reason.as_deref().unwrap_or_default());
        return Some(format!("::{level} title={title}::{reason}\n"));
    };
    let place = format!("file={},line={}", property(&finding.place.file), finding.place.line);
    let told = data(&format!("{} {}", finding.requirement.statement, finding.summary));
    Some(format!("::{level} {place},title={title}::{told}\n"))
}

/// The text of a command. A line end would begin another command.
fn data(text: &str) -> String {
    terminal::plain(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_outcome_has_its_place() {
        insta::assert_snapshot!(render(&fixture::run()));
    }

    #[test]
    fn a_hostile_text_begins_no_command() {
        assert_eq!(data("a\n::set-env name=x::y\r%0A"), "a%0A::set-env name=x::y\u{fffd}%250A");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
