//! `keyspec replay`: a recorded finding, carried out again.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser};

use super::common;
use super::failure::Failure;
use super::output::{self, Color};
use super::run::{RunArgs, carry_out};
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::exit::ExitCode;
use crate::outcome::recording::Recording;
use crate::outcome::run::Run;
use crate::report::terminal;
use crate::run::suite::{File, Suite};

/// Carries out a recorded finding again and says whether it still shows
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// What a run kept: .keyspec/findings/CHECK.json
    file: PathBuf,

    /// Another target [default: the one on which it was found]
    #[arg(long, short)]
    target: Option<String>,

    /// Further options of `keyspec run`, behind `--`
    #[arg(last = true, value_name = "OPTION")]
    further: Vec<String>,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// `RunArgs` as a command of its own, so that further options are read by the same rules.
#[derive(Debug, Parser)]
struct Wrapped {
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let recording = Recording::parse(&common::read_file(&args.file)?)
        .map_err(|error| Failure::usage(format!("{}: {error}", args.file.display())))?;
    let check = &recording.result.check;
    let target = args.target.as_ref().unwrap_or(&recording.target);
    let seed = recording.seed.to_string();
    let mut words: Vec<&str> = vec!["keyspec", check, "--target", target, "--seed", &seed, "--findings", "none"];
    words.extend(["--expectations", "none"]);
    if *target == recording.target {
        words.extend(["--edition", &recording.edition]);
    }
    words.extend(args.further.iter().map(String::as_str));
    let wrapped = Wrapped::try_parse_from(words).map_err(|error| Failure::usage(error.to_string()))?;
    let suite = Arc::new(recorded_suite(&recording)?);
    let (run, _) = common::carry_through(async |stop| carry_out(&wrapped.run, suite, stop).await)?;
    let now = run.checks.iter().find(|result| result.check == *check);
    let (word, code) = compare(&recording.result, now, &run);
    let mut text = String::new();
    if let Some(now) = now.filter(|now| now.finding.is_some()) {
        text.push_str(&terminal::block(now));
        text.push('\n');
    }
    let found = format!("{} on {}", recording.result.outcome.word(), recording.target);
    let outcome = now.map_or("nothing", |now| now.outcome.word());
    text.push_str(&format!("{word} · {check}: {found} when it was recorded, {outcome} on {target} now\n"));
    output::print(args.color, &text);
    Ok(code)
}

/// The recorded scenario with what it cites: the story is told as it was, whatever became of the files since.
fn recorded_suite(recording: &Recording) -> Result<Suite, Failure> {
    let file = File { path: format!("{}.yaml", recording.scenario), text: recording.source.clone() };
    let requirements = File { path: "requirements.toml".to_owned(), text: recording.requirements.clone() };
    Suite::read(&[file], &[requirements]).map_err(|mistakes| Failure::mistakes(&mistakes))
}

fn compare(then: &CheckResult, now: Option<&CheckResult>, run: &Run) -> (&'static str, ExitCode) {
    let differences = |result: &CheckResult| result.finding.as_ref().map(|finding| finding.mismatches.clone());
    match now {
        Some(now) if now.outcome == Outcome::Pass => ("fixed", ExitCode::of(run)),
        Some(now) if now.outcome == then.outcome && differences(now) == differences(then) => {
            ("still there", ExitCode::of(run))
        }
        Some(now) if now.outcome == Outcome::NotApplicable => ("does not apply", ExitCode::NothingObserved),
        Some(_) => ("changed", ExitCode::of(run)),
        None => ("not observed", ExitCode::NothingObserved),
    }
}
