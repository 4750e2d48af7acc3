//! `keyspec replay`: a finding of a run or of a campaign, carried out again.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser};

use super::common;
use super::failure::Failure;
use super::fuzz::{self, FuzzArgs};
use super::output::{self, Color, Progress};
use super::run::{RunArgs, carry_out};
use crate::campaign::export::Export;
use crate::campaign::finding::Finding;
use crate::campaign::player::Arena;
use crate::campaign::replay::{Replay, replay};
use crate::campaign::story::story;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::exit::ExitCode;
use crate::outcome::recording::Recording;
use crate::outcome::run::Run;
use crate::report::terminal;
use crate::run::suite::{File, Suite};

/// Carries out a recorded finding again and says whether it still shows
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// What a run kept (.keyspec/findings/CHECK.json), or a campaign (.keyspec/campaign/CAUSE.json)
    file: PathBuf,

    /// Another target [default: the one on which it was found]
    #[arg(long, short)]
    target: Option<String>,

    /// Writes the finding of a campaign as a scenario, a curl script or a TypeScript test, and plays nothing:
    /// scenario, curl, typescript
    #[arg(long, value_name = "FORM")]
    export: Option<Export>,

    /// Further options of `keyspec run` (or `keyspec fuzz`), behind `--`
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

/// The same for `FuzzArgs`.
#[derive(Debug, Clone, Parser)]
struct WrappedFuzz {
    #[command(flatten)]
    fuzz: FuzzArgs,
}

pub fn run(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let text = common::read_file(&args.file)?;
    let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", args.file.display()));
    if Finding::is_meant(&text) {
        let finding = Finding::parse(&text).map_err(|error| wrong(&error))?;
        return match args.export {
            Some(export) => {
                output::print(Color::Never, &export.write(&finding));
                Ok(ExitCode::Conforms)
            }
            None => play_again(args, finding),
        };
    }
    let recording = Recording::parse(&text).map_err(|error| wrong(&error))?;
    if args.export.is_some() {
        return Err(wrong(&"only the findings of campaigns are exported; this one is a scenario already"));
    }
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

/// The finding of a campaign: on its own target, or on another by the edition of that one.
fn play_again(args: &ReplayArgs, finding: Finding) -> Result<ExitCode, Failure> {
    let target = args.target.as_ref().unwrap_or(&finding.target);
    let mut words: Vec<&str> = vec!["keyspec", "--target", target];
    if *target == finding.target {
        words.extend(["--edition", &finding.edition]);
    }
    words.extend(args.further.iter().map(String::as_str));
    let wrapped = WrappedFuzz::try_parse_from(words).map_err(|error| Failure::usage(error.to_string()))?.fuzz;
    let (outcome, now) = common::carry_through(async |stop| {
        let progress = Progress::new(wrapped.quiet);
        let known = fuzz::known(&wrapped.expectations)?;
        let (subject, _) = common::unless_stopped(&stop, fuzz::subject(&wrapped.target, &known, &progress)).await?;
        let (outcome, played) = replay(&subject, &finding, &fuzz::unique()).await;
        progress.finish();
        let now = played.deviation().map(|deviation| {
            let mut now = finding.clone();
            now.sequence.steps.truncate(deviation.step + 1);
            (now.cause, now.step) = (deviation.cause.clone(), deviation.step);
            (now.mismatches, now.told) = (deviation.shown.clone(), deviation.told.clone());
            now.target.clone_from(&subject.name);
            now.implementation = subject.arena.implementation().to_owned();
            now.edition = subject.arena.edition().to_string();
            now
        });
        if let Arena::Live(live) = &subject.arena {
            live.end().await;
        }
        Ok((outcome, now))
    })?;
    let mut text = now.as_ref().map(story).unwrap_or_default();
    text.push_str(&format!(
        "{} · {}: found on {}, replayed on {target}\n",
        outcome.word(),
        finding.cause,
        finding.target
    ));
    output::print(args.color, &text);
    Ok(match outcome {
        Replay::Fixed | Replay::Known => ExitCode::Conforms,
        Replay::Failed | Replay::Changed => ExitCode::Findings,
        Replay::NotObserved => ExitCode::NothingObserved,
    })
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
