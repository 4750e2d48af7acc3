//! Targets side by side: at a terminal, as Markdown and as JSON.

mod markdown;
mod terminal;

use crate::outcome::check::Outcome;
use crate::outcome::exit::ExitCode;
use crate::outcome::matrix::{Agreement, Column, Matrix, Row};
use crate::outcome::observation::Observation;

pub use terminal::Layout;

/// For people at a terminal.
pub fn terminal(matrix: &Matrix, layout: Layout) -> String {
    terminal::render(matrix, layout)
}

/// For pages and comments.
pub fn markdown(matrix: &Matrix) -> String {
    markdown::render(matrix)
}

/// `docs/schema/matrix.json` describes it.
pub fn json(matrix: &Matrix) -> String {
    let text = serde_json::to_string_pretty(matrix);
    text.unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}")) + "\n"
}

/// One sign for an outcome.
pub(super) fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "✓",
        Outcome::Fail => "✗",
        Outcome::Warn => "!",
        Outcome::ExpectedFail => "x",
        Outcome::UnexpectedPass => "+",
        Outcome::Flaky => "~",
        Outcome::Skip => "s",
        Outcome::NotApplicable => "·",
        Outcome::NotObserved => "o",
        Outcome::Error => "E",
    }
}

/// What the signs mean that are in this matrix.
fn legend(matrix: &Matrix) -> String {
    let cells = || matrix.rows.iter().flat_map(|row| &row.cells);
    let there = |outcome: &Outcome| cells().flatten().any(|cell| cell.outcome == *outcome);
    let mut signs: Vec<String> = Outcome::ALL
        .iter()
        .filter(|outcome| there(outcome))
        .map(|outcome| format!("{} {}", mark(*outcome), meaning(*outcome)))
        .collect();
    if cells().any(Option::is_none) {
        signs.push("? not run".to_owned());
    }
    signs.join(", ")
}

fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "holds",
        Outcome::Fail => "fails",
        Outcome::Warn => "does not hold, and is a SHOULD",
        Outcome::ExpectedFail => "does not hold, as is known",
        other => other.word(),
    }
}

/// How a target came off.
fn verdict(column: &Column) -> String {
    let word = match ExitCode::from_number(column.exit_code) {
        ExitCode::Conforms => {
            return column.summary.get("all").map_or_else(|| "conforms".to_owned(), super::terminal::conforming);
        }
        ExitCode::Findings => "does not conform",
        ExitCode::NothingObserved => "no verdict: not everything was observed",
        ExitCode::Environment if column.edition.is_empty() => "did not start",
        ExitCode::Environment => "no verdict: it broke off",
        ExitCode::Interrupted => "no verdict: interrupted",
        ExitCode::Harness | ExitCode::Usage => "no verdict: keyspec itself failed",
    };
    word.to_owned()
}

/// `988 of 1004, 98.4 %`; the share is rounded down, so that 100 % is all.
fn share(agreement: Agreement) -> String {
    let Agreement { same, compared } = agreement;
    let Some(tenths) = (1000 * same).checked_div(compared) else { return "nothing to compare".to_owned() };
    format!("{same} of {compared}, {}.{} %", tenths / 10, tenths % 10)
}

/// The findings of a target: what is known, by its reason, and what is news.
struct Findings<'a> {
    known: Vec<(&'a str, Vec<&'a Row>)>,
    news: Vec<(&'a Row, &'a Observation)>,
}

impl<'a> Findings<'a> {
    fn of(matrix: &'a Matrix, at: usize) -> Self {
        let mut findings = Self { known: Vec::new(), news: Vec::new() };
        for (row, cell) in matrix.findings(at) {
            if cell.outcome != Outcome::ExpectedFail {
                findings.news.push((row, cell));
                continue;
            }
            let why = cell.why.as_deref().unwrap_or_default();
            match findings.known.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, rows)) => rows.push(row),
                None => findings.known.push((why, vec![row])),
            }
        }
        findings
    }
}

/// The profiles, and their sum at the end.
fn profiles(matrix: &Matrix) -> Vec<(&str, usize)> {
    let all = matrix.denominators.get("all").copied().unwrap_or_default();
    let single = matrix.denominators.iter().filter(|(name, _)| *name != "all");
    single.map(|(name, count)| (name.as_str(), *count)).chain([("all", all)]).collect()
}

/// `354✓ 4x 69·`: what became of the checks of a profile on a target; together the denominator.
fn score(column: &Column, profile: &str, of: usize) -> String {
    let counts = column.summary.get(profile).cloned().unwrap_or_default();
    let told = Outcome::ALL.iter().filter(|outcome| counts.of(**outcome) > 0);
    let mut parts: Vec<String> = told.map(|outcome| format!("{}{}", counts.of(*outcome), mark(*outcome))).collect();
    if counts.total() < of {
        parts.push(format!("{}?", of - counts.total()));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests;
