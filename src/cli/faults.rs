//! `keyspec faults`: the suite against each fault of the reference. Who catches what?

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::AnsiColor;
use clap::Args;
use serde_json::{Value, json};

use super::common::{self, SuiteArgs};
use super::failure::Failure;
use super::output::{self, Color, Progress};
use crate::outcome::exit::ExitCode;
use crate::outcome::kill_matrix::{Kill, Matrix};
use crate::outcome::pattern::Pattern;
use crate::report::format::{Format, Wanted};
use crate::run::faults::{FaultsError, Trial};
use crate::spec::edition::Edition;
use crate::spec::fault::Fault;
use crate::spec::words::least_far;

/// Runs the suite against each fault of the reference and shows which checks catch it
#[derive(Debug, Clone, Args)]
pub struct FaultsArgs {
    /// Ids of faults, or their first components [default: all]
    #[arg(value_name = "FAULT")]
    selectors: Vec<String>,

    /// The edition of the reference [default: for each fault the newest in which it can show]
    #[arg(long)]
    edition: Option<Edition>,

    #[command(flatten)]
    suite: SuiteArgs,

    /// Faults at once [default: the number of processors]
    #[arg(long, short)]
    jobs: Option<usize>,

    /// Only what is wrong, and the sum
    #[arg(long, short)]
    quiet: bool,

    /// The kill matrix as a file, such as json=matrix.json; with `-` as its path on standard output in place of the lines
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Wanted>,

    /// One JSON document instead of lines: `--report json=-`
    #[arg(long)]
    json: bool,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

pub fn run(args: &FaultsArgs) -> Result<ExitCode, Failure> {
    if let Some(other) = args.report.iter().find(|wanted| wanted.format != Format::Json) {
        return Err(Failure::usage(format!("the kill matrix is written as json, not as {}", other.format)));
    }
    let suite = Arc::new(args.suite.read()?);
    let faults = args.faults()?;
    let matrix = common::carry_through(async |stop| {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let jobs = args.jobs.unwrap_or(processors);
        let progress = Progress::new(args.quiet);
        progress.expect(faults.len());
        let trial = Trial { suite: Arc::clone(&suite), faults, edition: args.edition.clone(), jobs, stop };
        let matrix = trial.matrix(&|| progress.step(0)).await;
        progress.finish();
        Ok(matrix?)
    })?;
    let mut printed = args.json;
    for Wanted { path, .. } in &args.report {
        if path.as_os_str() == "-" {
            printed = true;
            continue;
        }
        output::write(path, &document(&matrix))?;
    }
    let text = if printed { document(&matrix) } else { render(&matrix, args.quiet) };
    output::print(args.color, &text);
    Ok(if matrix.holds() { ExitCode::Conforms } else { ExitCode::Findings })
}

impl FaultsArgs {
    fn faults(&self) -> Result<Vec<Fault>, Failure> {
        let mut wanted = BTreeSet::new();
        for text in &self.selectors {
            let pattern = Pattern::leading(text);
            let found: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| pattern.matches(fault.id())).collect();
            if found.is_empty() {
                let near = least_far(text, Fault::ALL.iter().map(|fault| fault.id())).join(", ");
                let message = format!("`{text}` selects no fault; near to it: {near}");
                return Err(Failure { code: ExitCode::NothingObserved, message });
            }
            wanted.extend(found);
        }
        Ok(if self.selectors.is_empty() { Fault::ALL.to_vec() } else { wanted.into_iter().collect() })
    }
}

impl From<FaultsError> for Failure {
    fn from(error: FaultsError) -> Self {
        let code = match &error {
            FaultsError::Subject(_) => ExitCode::Environment,
            FaultsError::Unsound { .. } => ExitCode::Findings,
            FaultsError::Harness(_) => ExitCode::Harness,
            FaultsError::Interrupted => ExitCode::Interrupted,
        };
        Self { code, message: error.to_string() }
    }
}

/// `quiet`: without the faults that are caught as they should be.
fn render(matrix: &Matrix, quiet: bool) -> String {
    let mut out = String::new();
    for kill in matrix.faults.iter().filter(|kill| !quiet || !kill.is_named()) {
        line(&mut out, kill);
    }
    for judged in matrix.idle().into_iter().filter(|_| matrix.complete) {
        let _ = writeln!(out, "{}{:<48} {}", word(false, "idle"), judged.check, judged.edition);
    }
    for must in matrix.unbroken.iter().filter(|_| matrix.complete) {
        let _ = writeln!(out, "{}{must}", word(false, "unbroken"));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    sum(&mut out, matrix);
    out
}

fn line(out: &mut String, kill: &Kill) {
    let what = match kill {
        _ if kill.is_named() => word(true, "killed"),
        _ if kill.checks.is_empty() => word(false, "survived"),
        _ => word(false, "unnamed"),
    };
    let count = kill.checks.len();
    let _ = writeln!(out, "{what}{:<48} {count:>3} checks  {}", kill.fault, kill.requirement);
    if !kill.is_named() {
        for check in kill.checks.keys() {
            let _ = writeln!(out, "           {check}");
        }
    }
}

fn word(good: bool, word: &str) -> String {
    let style = if good { AnsiColor::Green.on_default() } else { AnsiColor::Red.on_default().bold() };
    format!("{style}{word:<9}{style:#}")
}

fn sum(out: &mut String, matrix: &Matrix) {
    let all = matrix.faults.len();
    let (survived, unnamed) = (matrix.survived().len(), matrix.unnamed().len());
    let named = all - survived - unnamed;
    let _ = writeln!(
        out,
        "{named} of {all} faults killed by a check that names the broken requirement, {unnamed} by others only, \
         {survived} survived"
    );
    if !matrix.complete {
        return;
    }
    let (idle, checks) = (matrix.idle().len(), matrix.checks.len());
    let _ = writeln!(out, "{idle} of {checks} checks kill nothing");
    let _ = writeln!(out, "{} MUSTs have neither a fault nor a reason why not", matrix.unbroken.len());
    for (profile, faults) in matrix.only() {
        let first = faults.first().map(|first| format!(", such as {first}")).unwrap_or_default();
        let _ = writeln!(out, "{profile}: {} faults that only its checks kill{first}", faults.len());
    }
}

/// The matrix with its sum.
fn document(matrix: &Matrix) -> String {
    let ids = |kills: Vec<&Kill>| kills.into_iter().map(|kill| kill.fault.clone()).collect::<Vec<_>>();
    let sum = json!({
        "faults": matrix.faults.len(),
        "survived": ids(matrix.survived()),
        "unnamed": ids(matrix.unnamed()),
        "checks": matrix.checks.len(),
        "idle": matrix.idle().into_iter().map(|judged| &judged.check).collect::<Vec<_>>(),
        "unbroken": matrix.unbroken,
        "only": matrix.only(),
        "holds": matrix.holds(),
    });
    let mut document = serde_json::to_value(matrix).unwrap_or_default();
    if let Value::Object(members) = &mut document {
        members.insert("sum".to_owned(), sum);
    }
    format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default())
}
