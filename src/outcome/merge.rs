//! Several runs as one: the parts that `--shard` made, or runs of different checks on one target.

use std::collections::BTreeMap;

use super::check::Blame;
use super::event::{Event, Header, Part, Problem, ProblemKind, Timing};
use super::run::Run;

/// Why runs are not parts of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("there is nothing to merge")]
    Nothing,
    #[error("{name}: the run has no header: it never began")]
    NoHeader { name: String },
    #[error("{name}: it is about documentation, which is not divided")]
    Documentation { name: String },
    #[error("{one} and {other} are not of one run: their {what} differ (`{ones}`, `{others}`)")]
    Apart { one: String, other: String, what: &'static str, ones: String, others: String },
    #[error("{one} and {other} are the same part, {number}/{of}")]
    SamePart { one: String, other: String, number: usize, of: usize },
    #[error("{one} and {other} both judge `{check}`: it would count twice")]
    SameCheck { one: String, other: String, check: String },
    #[error("the parts have {found} checks together, and should have {expected}: one of them was changed")]
    Lost { found: usize, expected: usize },
}

/// One run from several, each with the name of its file. Nothing is lost and nothing counted twice: checks are disjoint,
/// and of parts that are missing the merged run says so and is not complete.
pub fn merge(runs: &[(String, Run)]) -> Result<Run, MergeError> {
    let headers = runs.iter().map(|(name, run)| header_of(name, run)).collect::<Result<Vec<_>, _>>()?;
    let (Some((first, head)), Some((_, rest))) = (headers.first(), headers.split_first()) else {
        return Err(MergeError::Nothing);
    };
    for (name, header) in rest {
        same_run(first, head, name, header)?;
    }
    let missing = missing_parts(&headers)?;
    disjoint(runs)?;
    let checks = headers.iter().map(|(_, header)| header.checks).sum();
    if let (Some(part), true) = (head.part, missing.is_empty())
        && part.checks != checks
    {
        return Err(MergeError::Lost { found: checks, expected: part.checks });
    }
    let header = Header {
        started: headers.iter().map(|(_, header)| header.started.clone()).min().unwrap_or_default(),
        partial: match head.part {
            Some(part) => part.partial || !missing.is_empty(),
            None => headers.iter().any(|(_, header)| header.partial),
        },
        part: None,
        scenarios: headers.iter().map(|(_, header)| header.scenarios).sum(),
        checks,
        ..(*head).clone()
    };
    let mut merged = Run::default();
    merged.apply(Event::RunStarted(header));
    for event in runs.iter().flat_map(|(_, run)| run.events()) {
        match event {
            Event::CheckFinished(_) | Event::ScenarioFinished { .. } => merged.apply(event),
            // Each part tells of stale expectations, which are looked at in the whole suite.
            Event::Problem(problem) if !merged.problems.contains(&problem) => merged.apply(Event::Problem(problem)),
            _ => {}
        }
    }
    for part in &missing {
        let message = format!("part {}/{} is missing", part.number, part.of);
        merged.apply(Event::Problem(Problem { kind: ProblemKind::Note, blame: Blame::Harness, message }));
    }
    let interrupted = runs.iter().any(|(_, run)| run.interrupted);
    merged.apply(Event::RunFinished { timing: Timing::sum(runs.iter().map(|(_, run)| run.timing)), interrupted });
    merged.complete = missing.is_empty() && runs.iter().all(|(_, run)| run.complete);
    Ok(merged)
}

fn header_of<'r>(name: &'r str, run: &'r Run) -> Result<(&'r str, &'r Header), MergeError> {
    if run.documentation.is_some() {
        return Err(MergeError::Documentation { name: name.to_owned() });
    }
    run.header.as_ref().map(|header| (name, header)).ok_or_else(|| MergeError::NoHeader { name: name.to_owned() })
}

fn same_run(first: &str, head: &Header, name: &str, header: &Header) -> Result<(), MergeError> {
    let said = |header: &Header| {
        let who = format!("{} {}", header.implementation.name, header.implementation.version);
        let parts = header.part.map(|part| format!("{} checks in {} parts", part.checks, part.of)).unwrap_or_default();
        [
            ("suites", header.suite.clone()),
            ("targets", header.target.clone()),
            ("implementations", who),
            ("editions", header.edition.clone()),
            ("divisions", parts),
        ]
    };
    let differs = said(head).into_iter().zip(said(header)).find(|((_, one), (_, other))| one != other);
    let Some(((what, ones), (_, others))) = differs else { return Ok(()) };
    Err(MergeError::Apart { one: first.to_owned(), other: name.to_owned(), what, ones, others })
}

/// The parts that nobody brought. Runs that are no parts miss nothing.
fn missing_parts(headers: &[(&str, &Header)]) -> Result<Vec<Part>, MergeError> {
    let mut seen = BTreeMap::new();
    for (name, part) in headers.iter().filter_map(|(name, header)| Some((name, header.part?))) {
        if let Some(one) = seen.insert(part.number, name) {
            let Part { number, of, .. } = part;
            return Err(MergeError::SamePart { one: (*one).to_owned(), other: (*name).to_owned(), number, of });
        }
    }
    let Some(part) = headers.first().and_then(|(_, header)| header.part) else { return Ok(Vec::new()) };
    // A number of parts that no run can have had is a wrong file; what is told of it stays bounded.
    let missing = (1..=part.of).filter(|number| !seen.contains_key(number)).take(MOST_TOLD);
    Ok(missing.map(|number| Part { number, ..part }).collect())
}

/// So many missing parts are named.
const MOST_TOLD: usize = 100;

fn disjoint(runs: &[(String, Run)]) -> Result<(), MergeError> {
    let mut seen = BTreeMap::new();
    for (name, run) in runs {
        for result in &run.checks {
            if let Some(one) = seen.insert(&result.check, name) {
                let check = result.check.clone();
                return Err(MergeError::SameCheck { one: one.clone(), other: name.clone(), check });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::check::{CheckResult, Outcome};

    fn part(number: usize, checks: &[&str]) -> (String, Run) {
        let header = Header {
            target: "reference".to_owned(),
            checks: checks.len(),
            partial: true,
            part: Some(Part { number, of: 2, checks: 3, partial: false }),
            ..Header::default()
        };
        let mut run = Run::default();
        run.apply(Event::RunStarted(header));
        for check in checks {
            let result = serde_json::json!({
                "check": check, "scenario": "keys/create", "requirements": ["keys.created"], "level": "MUST",
                "profile": "core", "outcome": "pass", "subjects": 1,
            });
            run.apply(Event::CheckFinished(serde_json::from_value::<CheckResult>(result).unwrap()));
        }
        run.apply(Event::RunFinished { timing: Timing { requests: 2, ..Timing::default() }, interrupted: false });
        (format!("{number}.json"), run)
    }

    #[test]
    fn parts_are_the_whole() {
        let merged = merge(&[part(2, &["c"]), part(1, &["a", "b"])]).unwrap();
        let header = merged.header.clone().unwrap();
        assert_eq!((header.checks, header.partial, header.part), (3, false, None));
        assert_eq!((merged.counts().of(Outcome::Pass), merged.timing.requests, merged.complete), (3, 4, true));
    }

    #[test]
    fn what_is_missing_is_said_and_no_pass() {
        let merged = merge(&[part(2, &["c"])]).unwrap();
        assert!(!merged.complete && merged.header.unwrap().partial);
        assert_eq!(merged.problems[0].message, "part 1/2 is missing");
    }

    #[test]
    fn nothing_counts_twice_and_nothing_gets_lost() {
        let error = |runs: &[(String, Run)]| merge(runs).unwrap_err().to_string();
        assert_eq!(error(&[]), "there is nothing to merge");
        assert_eq!(error(&[part(1, &["a"]), part(1, &["b"])]), "1.json and 1.json are the same part, 1/2");
        assert_eq!(
            error(&[part(1, &["a", "b"]), part(2, &["b"])]),
            "1.json and 2.json both judge `b`: it would count twice"
        );
        assert_eq!(
            error(&[part(1, &["a"]), part(2, &["b"])]),
            "the parts have 2 checks together, and should have 3: one of them was changed"
        );
        let (name, mut other) = part(2, &["c"]);
        other.header.as_mut().unwrap().target = "better-auth@1.7.5".to_owned();
        assert_eq!(
            error(&[part(1, &["a", "b"]), (name, other)]),
            "1.json and 2.json are not of one run: their targets differ (`reference`, `better-auth@1.7.5`)"
        );
    }
}
