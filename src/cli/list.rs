//! `keyspec list`: what there is.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::common::SuiteArgs;
use super::failure::Failure;
use super::output::{self, Color};
use crate::outcome::exit::ExitCode;
use crate::run::suite::Suite;
use crate::spec::edition::{Kind, Row};
use crate::spec::fault::Fault;

/// Lists requirements, scenarios, checks, faults, or what differs between editions
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value_t = What::Scenarios)]
    what: What,

    /// One JSON document instead of lines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    suite: SuiteArgs,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Scenarios,
    Checks,
    Requirements,
    Faults,
    Editions,
}

/// One thing, with the columns that people read.
struct Line {
    columns: Vec<String>,
    json: Value,
}

pub fn run(args: &ListArgs) -> Result<ExitCode, Failure> {
    let suite = args.suite.read()?;
    let lines: Vec<Line> = match args.what {
        What::Scenarios => scenarios(&suite),
        What::Checks => checks(&suite),
        What::Requirements => requirements(&suite),
        What::Faults => faults(),
        What::Editions => editions(),
    };
    let text = if args.json {
        let all = lines.into_iter().map(|line| line.json).collect::<Vec<_>>();
        format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default())
    } else {
        table(&lines)
    };
    output::print(args.color, &text);
    Ok(ExitCode::Conforms)
}

fn scenarios(suite: &Suite) -> Vec<Line> {
    let line = |scenario: &crate::scenario::story::Scenario| {
        let count = scenario.checks().count();
        let editions = scenario.editions.as_ref().map(ToString::to_string);
        Line {
            columns: vec![scenario.id.clone(), format!("{count} checks"), scenario.title.clone()],
            json: json!({"id": scenario.id, "title": scenario.title, "checks": count, "editions": editions}),
        }
    };
    suite.scenarios.iter().map(|scenario| line(scenario)).collect()
}

fn checks(suite: &Suite) -> Vec<Line> {
    suite
        .checks()
        .map(|(scenario, check)| Line {
            columns: vec![check.id.clone(), scenario.id.clone(), check.requirements.join(", ")],
            json: json!({"id": check.id, "scenario": scenario.id, "requirements": check.requirements}),
        })
        .collect()
}

fn requirements(suite: &Suite) -> Vec<Line> {
    let coverage = suite.coverage();
    suite
        .catalogue
        .iter()
        .map(|requirement| {
            let checks = coverage.get(requirement.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let covered = match &requirement.excluded {
                Some(_) => "excluded".to_owned(),
                None => format!("{} checks", checks.len()),
            };
            let faults: Vec<&str> = Fault::ALL
                .iter()
                .filter(|fault| fault.requirement() == requirement.id)
                .map(|fault| fault.id())
                .collect();
            let broken = match &requirement.unbroken {
                Some(_) => "unbroken".to_owned(),
                None => format!("{} faults", faults.len()),
            };
            Line {
                columns: vec![
                    requirement.id.clone(),
                    requirement.level.to_string(),
                    requirement.profile.to_string(),
                    covered,
                    broken,
                    requirement.statement.clone(),
                ],
                json: json!({
                    "id": requirement.id,
                    "level": requirement.level,
                    "profile": requirement.profile,
                    "statement": requirement.statement,
                    "source": requirement.source.to_string(),
                    "drift": requirement.drift,
                    "excluded": requirement.excluded,
                    "unbroken": requirement.unbroken,
                    "checks": checks,
                    "faults": faults,
                }),
            }
        })
        .collect()
}

fn faults() -> Vec<Line> {
    let line = |fault: &Fault| Line {
        columns: vec![fault.id().to_owned(), fault.requirement().to_owned(), fault.sentence().to_owned()],
        json: json!({"id": fault.id(), "requirement": fault.requirement(), "sentence": fault.sentence()}),
    };
    Fault::ALL.iter().map(line).collect()
}

fn editions() -> Vec<Line> {
    let line = |row: &Row| {
        let kind = match row.kind {
            Kind::Difference => "difference",
            Kind::Defect => "defect",
        };
        let intervals = row.intervals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Line {
            columns: vec![row.id.to_owned(), kind.to_owned(), intervals.clone(), row.sentence.to_owned()],
            json: json!({"id": row.id, "kind": kind, "releases": intervals, "sentence": row.sentence, "source": row.source}),
        }
    };
    Row::all().iter().map(line).collect()
}

/// Columns as wide as their widest, the last as long as it is.
fn table(lines: &[Line]) -> String {
    let count = lines.iter().map(|line| line.columns.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|at| {
            lines.iter().filter_map(|line| line.columns.get(at)).map(|text| text.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let row = |line: &Line| {
        let cells = line.columns.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(row).collect()
}
