//! A run with one check of every outcome, and texts that would break a careless format.

use crate::outcome::check::{Blame, CheckResult, Outcome};
use crate::outcome::event::{Event, Header, Problem, ProblemKind, SCHEMA, Timing};
use crate::outcome::exchange::{Exchange, Response, Sent};
use crate::outcome::finding::{Cited, Difference, Finding, Reproduce, Source};
use crate::outcome::run::Run;
use crate::spec::requirement::Level;

pub(super) fn run() -> Run {
    let mut run = Run::default();
    run.apply(Event::RunStarted(Header {
        schema: SCHEMA,
        keyspec: "0.0.0".to_owned(),
        target: "adapter:</script>".to_owned(),
        edition: "1.7.5".to_owned(),
        ..Header::default()
    }));
    for outcome in Outcome::ALL {
        run.apply(Event::CheckFinished(check(*outcome)));
    }
    let message = "known.toml:3: `a.b.c` matches no check\n::error::x".to_owned();
    run.apply(Event::Problem(Problem { kind: ProblemKind::Expectation, blame: Blame::Harness, message }));
    run.apply(Event::RunFinished { timing: Timing::default(), interrupted: false });
    run
}

fn check(outcome: Outcome) -> CheckResult {
    let id = format!("area.story.{}", outcome.word());
    let plain = matches!(outcome, Outcome::Pass | Outcome::Skip | Outcome::NotApplicable);
    CheckResult {
        scenario: "area/story".to_owned(),
        requirements: vec!["area.what".to_owned()],
        level: Level::Must,
        profile: "core".to_owned(),
        outcome,
        subjects: u32::from(outcome.is_observed()),
        reason: Some("because of `</script>]]>&\"` and \u{1b}[31m".to_owned()),
        finding: (!plain).then(|| Box::new(finding(&id))),
        check: id,
    }
}

fn finding(id: &str) -> Finding {
    let request = Sent::Http {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:1/api/auth/api-key/create".to_owned(),
        headers: Vec::new(),
        body: Some("{\"name\":\"```\"}".to_owned()),
    };
    let response = Response::Http { status: 200, headers: Vec::new(), body: "</script>\u{1b}[31m".to_owned() };
    let curl = request.curl();
    Finding {
        check: id.to_owned(),
        requirement: Cited {
            id: "area.what".to_owned(),
            level: Level::Must,
            statement: "It is <b>so</b>, @everybody.".to_owned(),
            source: "docs page#anchor".to_owned(),
        },
        blame: Blame::Target,
        summary: "status: expected 400, got 200\n::error::x".to_owned(),
        mismatches: vec![Difference {
            path: "status".to_owned(),
            expected: "400".to_owned(),
            actual: "200 | 100%".to_owned(),
        }],
        exchange: Some(Exchange { request, response, millis: 1.0 }),
        place: Source { file: "docs/a page, 1:2.mdx".to_owned(), line: 7 },
        reproduce: Reproduce { replay: "keyspec replay x".to_owned(), curl },
        expectation: None,
    }
}
