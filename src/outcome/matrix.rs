//! Targets side by side: the checks of one suite against each of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exit::ExitCode;
use super::observation::{Observation, Standing};
use super::run::{Counts, Run};
use crate::deployment::protocol::Implementation;
use crate::spec::requirement::Level;

/// The version of the document.
pub const SCHEMA: u32 = 1;

/// Checks against targets. This is the `json` report of `keyspec matrix`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Matrix {
    pub schema: u32,
    /// The version of keyspec.
    pub keyspec: String,
    /// Digest of the scenarios and requirements.
    pub suite: String,
    /// Filters were given, so this says nothing of the whole.
    pub partial: bool,
    /// The target that the others are compared with.
    pub authority: Option<String>,
    /// How many checks each profile has, `all` being the sum. It is the same for every target: what does not apply to one is
    /// counted as such, never left out.
    pub denominators: BTreeMap<String, usize>,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Releases of the given ranges that could not be judged.
    pub left_out: Vec<LeftOut>,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub target: String,
    pub implementation: Implementation,
    /// Empty when the target did not start.
    pub edition: String,
    /// As `keyspec run` would have ended.
    pub exit_code: u8,
    /// Why there is no verdict, or less of one: the target did not start, the adapter died, an expectation is stale.
    pub problems: Vec<String>,
    pub summary: BTreeMap<String, Counts>,
    /// With the authority; nothing for the authority itself.
    pub agreement: Option<Agreement>,
}

/// How far two targets agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// Checks that hold on both, or on neither.
    pub same: usize,
    /// Checks with a verdict on both.
    pub compared: usize,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    pub check: String,
    /// The first that it cites.
    pub requirement: String,
    pub level: Level,
    pub profile: String,
    /// In the order of the columns; nothing where the target did not start.
    pub cells: Vec<Option<Observation>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    pub target: String,
    pub reason: String,
}

impl LeftOut {
    /// The targets of each reason, in the order in which they come.
    pub fn by_reason(all: &[Self]) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for one in all {
            match groups.iter_mut().find(|(reason, _)| *reason == one.reason) {
                Some((_, targets)) => targets.push(&one.target),
                None => groups.push((&one.reason, vec![&one.target])),
            }
        }
        groups
    }
}

/// What a target came to.
#[derive(Debug, Clone)]
pub struct Entrant {
    pub target: String,
    /// The run, or the exit code and the sentence with which it ended before it began.
    pub run: Result<Run, (ExitCode, String)>,
}

impl Matrix {
    /// Puts runs side by side. `rows` are the selected checks without cells; `authority` is one of the entrants.
    pub fn new(suite: &str, partial: bool, rows: Vec<Row>, entrants: &[Entrant], authority: Option<&str>) -> Self {
        let mut matrix = Self {
            schema: SCHEMA,
            keyspec: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.to_owned(),
            partial,
            authority: authority.map(str::to_owned),
            denominators: denominators(&rows),
            columns: entrants.iter().map(column).collect(),
            rows,
            left_out: Vec::new(),
        };
        let seen: Vec<BTreeMap<&str, Observation>> = entrants
            .iter()
            .map(|entrant| entrant.run.iter().flat_map(|run| &run.checks))
            .map(|checks| checks.map(|result| (result.check.as_str(), Observation::from(result))).collect())
            .collect();
        for row in &mut matrix.rows {
            row.cells = seen.iter().map(|seen| seen.get(row.check.as_str()).cloned()).collect();
        }
        if let Some(at) = entrants.iter().position(|entrant| Some(entrant.target.as_str()) == authority) {
            for (other, column) in matrix.columns.iter_mut().enumerate().filter(|(other, _)| *other != at) {
                column.agreement = Some(agreement(&matrix.rows, at, other));
            }
        }
        matrix
    }

    /// The worst that any of the targets came to.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::worst(self.columns.iter().map(|column| ExitCode::from_number(column.exit_code)))
    }

    /// What is wrong, or known to be wrong, with one target.
    pub fn findings(&self, at: usize) -> impl Iterator<Item = (&Row, &Observation)> {
        let found = move |row: &Row| row.cells.get(at).and_then(Option::as_ref).is_some_and(Observation::is_finding);
        self.rows.iter().filter(move |row| found(row)).filter_map(move |row| Some((row, row.cells.get(at)?.as_ref()?)))
    }

    /// Why checks do not apply to one target, the most frequent reason first.
    pub fn not_applicable(&self, at: usize) -> Vec<(&str, usize)> {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        let cells = self.rows.iter().filter_map(|row| row.cells.get(at)?.as_ref());
        for cell in cells.filter(|cell| cell.standing() == Some(Standing::NotApplicable)) {
            *reasons.entry(cell.why.as_deref().unwrap_or_default()).or_default() += 1;
        }
        let mut sorted: Vec<_> = reasons.into_iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        sorted
    }
}

impl Observation {
    /// Everything that people look at: what does not hold, known or not, and what gave no verdict.
    pub fn is_finding(&self) -> bool {
        self.outcome.is_bad() || self.standing() == Some(Standing::Breaks)
    }
}

impl Row {
    /// Do targets to which the check applies show different things? What does not apply says nothing either way.
    pub fn differs(&self) -> bool {
        let mut told = self.cells.iter().flatten().map(|cell| (cell.standing(), cell.outcome.is_bad()));
        let mut told = told.by_ref().filter(|(standing, _)| *standing != Some(Standing::NotApplicable));
        let first = told.next();
        told.any(|one| Some(one) != first)
    }
}

fn denominators(rows: &[Row]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::from([("all".to_owned(), rows.len())]);
    for row in rows {
        *counts.entry(row.profile.clone()).or_default() += 1;
    }
    counts
}

fn column(entrant: &Entrant) -> Column {
    let mut column = Column {
        target: entrant.target.clone(),
        implementation: Implementation::default(),
        edition: String::new(),
        exit_code: ExitCode::Conforms as u8,
        problems: Vec::new(),
        summary: BTreeMap::new(),
        agreement: None,
    };
    match &entrant.run {
        Ok(run) => {
            if let Some(header) = &run.header {
                column.implementation = header.implementation.clone();
                column.edition.clone_from(&header.edition);
            }
            column.exit_code = ExitCode::of(run) as u8;
            column.problems = run.problems.iter().map(|problem| problem.message.clone()).collect();
            column.summary = run.summary.clone();
        }
        Err((code, message)) => {
            column.exit_code = *code as u8;
            column.problems = vec![message.clone()];
        }
    }
    column
}

fn agreement(rows: &[Row], one: usize, other: usize) -> Agreement {
    let told = |row: &Row, at: usize| {
        let standing = row.cells.get(at)?.as_ref()?.standing()?;
        matches!(standing, Standing::Holds | Standing::Breaks).then_some(standing)
    };
    let pairs = rows.iter().filter_map(|row| Some((told(row, one)?, told(row, other)?)));
    pairs.fold(Agreement { same: 0, compared: 0 }, |sum, (one, other)| Agreement {
        same: sum.same + usize::from(one == other),
        compared: sum.compared + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::check::{CheckResult, Outcome};
    use crate::outcome::event::{Event, Header, Timing};

    fn row(check: &str, profile: &str) -> Row {
        let (check, profile) = (check.to_owned(), profile.to_owned());
        Row { check, requirement: "r".to_owned(), level: Level::Must, profile, cells: Vec::new() }
    }

    fn rows() -> Vec<Row> {
        vec![row("a", "core"), row("b", "core"), row("c", "core"), row("d", "limits")]
    }

    fn entrant(target: &str, outcomes: [Outcome; 4]) -> Entrant {
        let mut run = Run::default();
        run.apply(Event::RunStarted(Header { edition: "1.7.5".to_owned(), ..Header::default() }));
        for (row, outcome) in rows().into_iter().zip(outcomes) {
            run.apply(Event::CheckFinished(CheckResult {
                check: row.check,
                scenario: "s".to_owned(),
                requirements: vec![row.requirement],
                level: row.level,
                profile: row.profile,
                outcome,
                subjects: 1,
                reason: (outcome != Outcome::Pass).then(|| outcome.word().to_owned()),
                finding: None,
            }));
        }
        run.apply(Event::RunFinished { timing: Timing::default(), interrupted: false });
        Entrant { target: target.to_owned(), run: Ok(run) }
    }

    fn matrix() -> Matrix {
        use Outcome::{ExpectedFail, Fail, NotApplicable, Pass};
        let absent =
            Entrant { target: "absent".to_owned(), run: Err((ExitCode::Environment, "it is not there".to_owned())) };
        let entrants = [
            entrant("newest", [Pass, ExpectedFail, Pass, Pass]),
            entrant("older", [Fail, Fail, Pass, NotApplicable]),
            absent,
        ];
        Matrix::new("digest", false, rows(), &entrants, Some("newest"))
    }

    #[test]
    fn denominators_are_those_of_the_suite_whatever_applies() {
        let matrix = matrix();
        let denominators: Vec<_> = matrix.denominators.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(denominators, [("all", 4), ("core", 3), ("limits", 1)]);
        assert_eq!(matrix.columns[1].summary["limits"].total(), 1);
        assert_eq!(matrix.not_applicable(1), [("not-applicable", 1)]);
    }

    #[test]
    fn agreement_compares_what_both_show_known_or_not() {
        let matrix = matrix();
        assert_eq!(matrix.columns[0].agreement, None);
        assert_eq!(matrix.columns[1].agreement, Some(Agreement { same: 2, compared: 3 }));
        assert_eq!(matrix.columns[2].agreement, Some(Agreement { same: 0, compared: 0 }));
    }

    #[test]
    fn a_row_differs_when_those_who_can_show_it_do_not_agree() {
        let differing: Vec<bool> = matrix().rows.iter().map(Row::differs).collect();
        // A known failure and an unknown one are not the same news.
        assert_eq!(differing, [true, true, false, false]);
    }

    #[test]
    fn one_that_is_not_there_has_its_column_and_the_exit_code() {
        let matrix = matrix();
        assert_eq!(matrix.columns[2].problems, ["it is not there"]);
        assert!(matrix.rows.iter().all(|row| row.cells[2].is_none()));
        assert_eq!(matrix.exit_code(), ExitCode::Environment);
        assert_eq!(matrix.findings(1).map(|(row, _)| row.check.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
