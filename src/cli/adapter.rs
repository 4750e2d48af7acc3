//! `keyspec adapter check`: is this adapter wired properly? No verdict on conformance.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use clap::{Args, Subcommand};

use super::common::{self, TargetArgs};
use super::failure::Failure;
use super::output::{self, Color, Progress};
use crate::outcome::exit::ExitCode;
use crate::report::terminal;
use crate::run::subject::SubjectError;
use crate::run::wiring::{self, Found, Observation};

/// Asks an adapter questions about itself
#[derive(Debug, Clone, Subcommand)]
pub enum AdapterCommand {
    Check(CheckArgs),
}

/// Is this adapter wired properly? Says nothing of conformance
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// `better-auth@1.7.5`, `adapter:COMMAND`, `adapter:DIR`
    #[arg(value_name = "TARGET")]
    name: Option<String>,

    #[command(flatten)]
    target: TargetArgs,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

pub fn run(args: &AdapterCommand) -> Result<ExitCode, Failure> {
    let AdapterCommand::Check(args) = args;
    let mut target = args.target.clone();
    if let Some(name) = &args.name {
        target.target.clone_from(name);
    }
    let observations = common::carry_through(async |stop| {
        let progress = Progress::new(false);
        let subject = common::unless_stopped(&stop, target.try_connect(&progress)).await;
        progress.finish();
        let subject = match subject? {
            Err(SubjectError::Adapter(error)) => return Ok(vec![wiring::unheard(&error)]),
            subject => subject?,
        };
        let Some(adapter) = subject.adapter().await else {
            return Err(Failure::usage(format!("`{}` runs already and has no adapter to check", target.target)));
        };
        let observations = common::unless_stopped(&stop, async { Ok(wiring::check(&adapter).await) }).await;
        subject.end().await;
        observations
    })?;
    output::print(args.color, &render(&target.target, &observations));
    let wrong = observations.iter().any(|one| matches!(one.found, Found::Wrong(..)));
    Ok(if wrong { ExitCode::Findings } else { ExitCode::Conforms })
}

fn render(target: &str, observations: &[Observation]) -> String {
    let mut out = String::new();
    for one in observations {
        let (style, word, told) = match &one.found {
            Found::Right(told) => (AnsiColor::Green.on_default(), "ok", told),
            Found::Undeclared(told) => (AnsiColor::Cyan.on_default(), "not declared", told),
            Found::Wrong(told, _) => (AnsiColor::Red.on_default().bold(), "wrong", told),
        };
        let _ = writeln!(
            out,
            "{style}{word:<13}{style:#}{:<24}{}",
            one.subject,
            terminal::indented(&terminal::plain(told))
        );
        if let Found::Wrong(_, cause) = one.found {
            let _ = writeln!(out, "{:13}look at: {}", "", cause.look());
            let _ = writeln!(out, "{:13}to mend: {}", "", cause.mend());
        }
    }
    let wrong = observations.iter().filter(|one| matches!(one.found, Found::Wrong(..))).count();
    let verdict = match wrong {
        0 => "the adapter is wired properly; this says nothing of conformance".to_owned(),
        1 => "1 mistake in the wiring".to_owned(),
        _ => format!("{wrong} mistakes in the wiring"),
    };
    let _ = writeln!(out, "\n{target}: {verdict}");
    out
}
