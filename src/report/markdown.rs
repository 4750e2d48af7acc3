//! Markdown for an issue or the summary of a job: what people must look at, each with its evidence, and the counts.

use std::fmt::Write as _;

use super::markup::{code, text};
use super::terminal;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::documentation::results;
use crate::outcome::exchange::{Exchange, Response, Sent};
use crate::outcome::finding::Finding;
use crate::outcome::run::Run;

/// The whole report.
pub fn render(run: &Run) -> String {
    let mut out = String::from("# keyspec\n\n");
    if let Some(header) = &run.header {
        let who = format!("{} {}", header.implementation.name, header.implementation.version);
        let _ = writeln!(out, "{} as {}, edition {}.\n", text(who.trim()), code(&header.target), text(&header.edition));
    }
    out.push_str(&counts(run));
    for check in run.checks.iter().filter(|check| check.outcome.is_bad() || check.outcome == Outcome::Warn) {
        out.push_str(&section(run, check));
    }
    for problem in &run.problems {
        let _ = writeln!(out, "**Problem:** {}\n", text(&problem.message));
    }
    let known: Vec<&CheckResult> = run.checks.iter().filter(|check| check.outcome == Outcome::ExpectedFail).collect();
    if !known.is_empty() {
        out.push_str("## Known\n\n");
        for check in known {
            let _ = writeln!(out, "* {}: {}", code(&check.check), text(check.reason.as_deref().unwrap_or_default()));
        }
    }
    out
}

fn counts(run: &Run) -> String {
    let counts = run.counts();
    let mut out = String::from("| outcome | checks |\n|---|---:|\n");
    for outcome in Outcome::ALL.iter().filter(|outcome| counts.of(**outcome) > 0) {
        let _ = writeln!(out, "| {} | {} |", outcome.word(), counts.of(*outcome));
    }
    out + "\n"
}

fn section(run: &Run, check: &CheckResult) -> String {
    let mut out = String::new();
    let Some(finding) = &check.finding else {
        let _ = writeln!(
            out,
            "## {}: {}\n\n{}\n",
            check.outcome.word(),
            code(&check.check),
            text(check.reason.as_deref().unwrap_or_default())
        );
        return out;
    };
    let place = format!("{}:{}", finding.place.file, finding.place.line);
    let _ = writeln!(out, "## {}: {}\n", check.outcome.word(), code(&check.check));
    let said = if run.documentation.is_some() { "The documentation says" } else { "Required" };
    let _ = writeln!(out, "**{said}** ({}): {}\n", code(&place), text(&finding.requirement.statement));
    let contradiction = run.documentation.as_ref().and_then(|read| {
        results(&run.checks).get(check.check.as_str())?;
        read.claims.iter().find(|claim| claim.id == check.check)?.contradicted_by.clone()
    });
    if let Some(other) = contradiction {
        let _ = writeln!(out, "**It says otherwise** at {}.\n", code(&format!("{}:{}", other.file, other.line)));
    }
    out.push_str(&evidence(finding));
    out
}

fn evidence(finding: &Finding) -> String {
    let mut out = String::new();
    if finding.mismatches.is_empty() {
        let _ = writeln!(out, "{}\n", text(&finding.summary));
    } else {
        out.push_str("| | expected | actual |\n|---|---|---|\n");
        for one in &finding.mismatches {
            let _ = writeln!(out, "| {} | {} | {} |", code(&one.path), cell(&one.expected), cell(&one.actual));
        }
        out.push('\n');
    }
    if let Some(exchange) = &finding.exchange {
        out.push_str(&fenced(&shown(exchange)));
    }
    if let Some(curl) = &finding.reproduce.curl {
        out.push_str(&fenced(curl));
    }
    out
}

fn shown(exchange: &Exchange) -> String {
    let mut out = format!("> {}\n", exchange.request.line());
    match &exchange.request {
        Sent::Http { body: Some(body), .. } => out.push_str(&format!("> {body}\n")),
        Sent::Call { query, body, .. } => {
            for (name, value) in [("query", query), ("body", body)] {
                if let Some(value) = value {
                    out.push_str(&format!("> {name} {value}\n"));
                }
            }
        }
        Sent::Http { body: None, .. } | Sent::Raw { .. } | Sent::Clock { .. } => {}
    }
    match &exchange.response {
        Response::Http { status, body, .. } => out.push_str(&format!("< {status}\n< {body}\n")),
        Response::Returned { value } => out.push_str(&format!("< returned {value}\n")),
        Response::Threw { error } => out.push_str(&format!("< threw {error}\n")),
        Response::Nothing { reason } => out.push_str(&format!("< nothing: {reason}\n")),
    }
    out
}

/// A block of code that nothing in it can close.
fn fenced(text: &str) -> String {
    let text = terminal::plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}\n\n", text.trim_end())
}

/// A cell of a table, shortened: the exchange has it all.
fn cell(value: &str) -> String {
    let short: String = value.chars().take(300).collect();
    text(&short)
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
    fn nothing_closes_a_block_of_code() {
        assert!(fenced("a\n````\nb").starts_with("`````\n"));
    }
}
