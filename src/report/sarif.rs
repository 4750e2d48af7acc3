//! SARIF 2.1.0, as code scanning reads it: each check that people must look at is a result at the place where its
//! expectation is written. What was expected to fail is a suppressed result.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::terminal;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::run::Run;

/// The whole report.
pub fn render(run: &Run) -> String {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    let mut results = Vec::new();
    for check in &run.checks {
        let Some(level) = level(check.outcome) else { continue };
        rules.entry(&check.check).or_insert_with(|| rule(check));
        results.push(result(check, level));
    }
    let notices: Vec<Value> = run
        .problems
        .iter()
        .map(|problem| json!({ "level": "error", "message": { "text": terminal::plain(&problem.message) } }))
        .collect();
    let version = run.header.as_ref().map(|header| header.keyspec.clone()).unwrap_or_default();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "keyspec",
                "version": version,
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            } },
            "invocations": [{ "executionSuccessful": run.complete && !run.interrupted, "toolExecutionNotifications": notices }],
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// How serious an outcome is. `None`: it is no result.
fn level(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Fail | Outcome::UnexpectedPass | Outcome::Flaky | Outcome::Error | Outcome::NotObserved => {
            Some("error")
        }
        Outcome::Warn => Some("warning"),
        Outcome::ExpectedFail => Some("error"),
        Outcome::Pass | Outcome::Skip | Outcome::NotApplicable => None,
    }
}

fn rule(check: &CheckResult) -> Value {
    let statement = check.finding.as_ref().map(|finding| terminal::plain(&finding.requirement.statement));
    json!({
        "id": check.check,
        "shortDescription": { "text": statement.unwrap_or_else(|| check.requirements.join(", ")) },
    })
}

fn result(check: &CheckResult, level: &str) -> Value {
    let finding = check.finding.as_ref();
    let reason = check.reason.as_deref().unwrap_or_default();
    let told = finding.map_or(reason, |finding| finding.summary.as_str());
    let statement = finding.map(|finding| finding.requirement.statement.as_str()).unwrap_or_default();
    let mut result = json!({
        "ruleId": check.check,
        "level": level,
        "message": { "text": terminal::plain(format!("{}: {statement} {told}", check.outcome.word()).trim()) },
        "partialFingerprints": { "check/v1": check.check },
    });
    if let Some(finding) = finding {
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.place.file) },
            "region": { "startLine": finding.place.line.max(1) },
        } }]);
    }
    if check.outcome == Outcome::ExpectedFail {
        result["suppressions"] = json!([{ "kind": "external", "justification": terminal::plain(reason) }]);
    }
    result
}

/// What a relative reference cannot hold as it is. A colon would make a scheme of what is before it.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'%')
    .add(b'#')
    .add(b'?')
    .add(b':')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'[')
    .add(b']');

fn uri(path: &str) -> String {
    utf8_percent_encode(path, RESERVED).to_string()
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
    fn a_path_is_a_relative_reference() {
        assert_eq!(uri("v1:docs/a b.mdx"), "v1%3Adocs/a%20b.mdx");
    }
}
