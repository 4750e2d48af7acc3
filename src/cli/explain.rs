//! `keyspec explain`: all that is known of one id.

use std::fmt::Write as _;

use clap::Args;

use super::common::SuiteArgs;
use super::failure::Failure;
use super::output::{self, Color};
use crate::outcome::exit::ExitCode;
use crate::run::suite::Suite;
use crate::scenario::story::{Check, Scenario};
use crate::spec::edition::Row;
use crate::spec::fault::Fault;
use crate::spec::requirement::Requirement;
use crate::spec::words::least_far;

/// Explains a requirement, check, scenario, fault or difference between editions
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// As reports and `keyspec list` name it
    id: String,

    #[command(flatten)]
    suite: SuiteArgs,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

pub fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let suite = args.suite.read()?;
    let mut parts = Vec::new();
    parts.extend(suite.catalogue.find(&args.id).map(|found| requirement(&suite, found)));
    parts.extend(
        suite.checks().find(|(_, found)| found.id == args.id).map(|(story, found)| check(&suite, story, found)),
    );
    parts.extend(suite.scenarios.iter().find(|found| found.id == args.id).map(|found| scenario(found)));
    parts.extend(Fault::ALL.iter().find(|found| found.id() == args.id).map(|found| fault(&suite, *found)));
    parts.extend(Row::all().iter().find(|found| found.id == args.id).map(edition_row));
    if parts.is_empty() {
        let names = suite
            .check_ids()
            .chain(suite.catalogue.iter().map(|requirement| requirement.id.as_str()))
            .chain(suite.scenarios.iter().map(|scenario| scenario.id.as_str()))
            .chain(Fault::ALL.iter().map(|fault| fault.id()))
            .chain(Row::all().iter().map(|row| row.id));
        let near = least_far(&args.id, names).join(", ");
        return Err(Failure {
            code: ExitCode::NothingObserved,
            message: format!("nothing is called `{}`; near to it: {near}; `keyspec list` shows what there is", args.id),
        });
    }
    output::print(args.color, &parts.join("\n"));
    Ok(ExitCode::Conforms)
}

fn requirement(suite: &Suite, found: &Requirement) -> String {
    let mut out =
        format!("requirement {} · {} · {}\n\n  {}\n\n", found.id, found.level, found.profile, found.statement);
    let _ = writeln!(out, "source    {}", found.source);
    if let Some(editions) = &found.editions {
        let _ = writeln!(out, "editions  {editions}");
    }
    if let Some(drift) = &found.drift {
        let _ = writeln!(out, "drift     {drift}");
    }
    if let Some(excluded) = &found.excluded {
        let _ = writeln!(out, "excluded  {excluded}");
    }
    for check in suite.coverage().get(found.id.as_str()).into_iter().flatten() {
        let _ = writeln!(out, "check     {check}");
    }
    for fault in Fault::ALL.iter().filter(|fault| fault.requirement() == found.id) {
        let _ = writeln!(out, "fault     {}", fault.id());
    }
    if let Some(unbroken) = &found.unbroken {
        let _ = writeln!(out, "unbroken  {unbroken}");
    }
    out
}

fn check(suite: &Suite, scenario: &Scenario, found: &Check) -> String {
    let mut out = format!("check {}\n\n", found.id);
    for requirement in suite.cited(found) {
        let _ = writeln!(out, "  {} ({}): {}", requirement.id, requirement.level, requirement.statement);
        let _ = writeln!(out, "  {}\n", requirement.source);
    }
    let _ = writeln!(out, "scenarios/{}.yaml:{}", scenario.id, found.place.line);
    let lines: Vec<&str> = scenario.source.lines().collect();
    let start = found.place.line.saturating_sub(1);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = lines.get(start).map_or(0, |line| indent(line));
    // The entry goes on as long as its lines are further in than its dash.
    let further = lines
        .iter()
        .skip(start + 1)
        .take_while(|line| indent(line) >= own && !line.trim_start().starts_with("- check:"));
    for line in lines.get(start).into_iter().chain(further) {
        let _ = writeln!(out, "    {line}");
    }
    let faults = Fault::ALL.iter().filter(|fault| found.requirements.iter().any(|id| id == fault.requirement()));
    for fault in faults {
        let _ = writeln!(out, "fault {}: {}", fault.id(), fault.sentence());
    }
    out
}

fn scenario(found: &Scenario) -> String {
    let mut out = format!("scenario {}\n\n  {}\n\n", found.id, found.title);
    for check in found.checks() {
        let _ = writeln!(out, "check  {}", check.id);
    }
    let _ = write!(out, "\n{}", found.source);
    out
}

fn fault(suite: &Suite, found: Fault) -> String {
    let mut out = format!("fault {}\n\n  {}\n\n", found.id(), found.sentence());
    let _ = writeln!(out, "breaks  {}", found.requirement());
    for check in suite.coverage().get(found.requirement()).into_iter().flatten() {
        let _ = writeln!(out, "check   {check}");
    }
    let _ = writeln!(out, "\nkeyspec run --target 'reference?fault={}'", found.id());
    out
}

fn edition_row(found: &Row) -> String {
    let intervals = found.intervals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("difference {}\n\n  {}\n\nreleases  {intervals}\nsource    {}\n", found.id, found.sentence, found.source)
}
