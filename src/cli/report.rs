//! `keyspec report`: saved runs told again, in another format, or several as one.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::common;
use super::failure::Failure;
use super::output::{self, Color};
use crate::outcome::exit::ExitCode;
use crate::outcome::merge::merge;
use crate::outcome::run::Run;
use crate::report::format::Wanted;
use crate::report::{documentation, terminal};

/// Tells saved runs again
#[derive(Debug, Clone, Subcommand)]
pub enum ReportCommand {
    Render(RenderArgs),
    Merge(MergeArgs),
}

/// Tells a saved run again, at the terminal or in another format. Ends with the code that the run ended with
#[derive(Debug, Clone, Args)]
pub struct RenderArgs {
    /// What `--report json=FILE` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    form: Form,
}

/// Makes one run of several: the parts that --shard made, or runs of different checks on one target
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// What `--report json=FILE` wrote, of each part
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    form: Form,
}

/// How it is told.
#[derive(Debug, Clone, Args)]
struct Form {
    /// Write a report: json, ndjson, junit, sarif, github or markdown, as junit=PATH; `-` is standard output; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Wanted>,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,

    /// Findings and the verdict only
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,

    /// Every check
    #[arg(long, short)]
    verbose: bool,
}

pub fn run(command: &ReportCommand) -> Result<ExitCode, Failure> {
    match command {
        ReportCommand::Render(args) => args.form.tell(&read(&args.file)?),
        ReportCommand::Merge(args) => {
            let read = |path: &PathBuf| Ok((path.display().to_string(), read(path)?));
            let runs = args.files.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
            args.form.tell(&merge(&runs).map_err(|error| Failure::usage(error.to_string()))?)
        }
    }
}

/// A run as a file has it. What can be counted is counted anew, so that a report never says what its checks do not.
fn read(path: &Path) -> Result<Run, Failure> {
    let text = common::read_up_to(path, MAX_REPORT)?;
    let wrong =
        |error| Failure::usage(format!("{} is no run, as `--report json=PATH` writes it: {error}", path.display()));
    let saved: Run = serde_json::from_str(&text).map_err(wrong)?;
    let mut run = Run::default();
    saved.events().into_iter().for_each(|event| run.apply(event));
    // A run that was cut off has no last event.
    run.interrupted = saved.interrupted;
    Ok(run)
}

/// A run in which every check fails shows an exchange of each. Bytes.
const MAX_REPORT: u64 = 64 * 1024 * 1024;

impl Form {
    fn tell(&self, run: &Run) -> Result<ExitCode, Failure> {
        let detail = match (self.quiet, self.verbose) {
            (true, _) => terminal::Detail::Quiet,
            (_, true) => terminal::Detail::Verbose,
            _ => terminal::Detail::Normal,
        };
        if !self.report.iter().any(|wanted| wanted.path == Path::new("-")) {
            let text = match run.documentation {
                Some(_) => documentation::render(run, detail),
                None => terminal::render(run, detail),
            };
            output::print(self.color, &text);
        }
        let events = run.events();
        for wanted in &self.report {
            output::write(&wanted.path, &wanted.format.render(run, &events))?;
        }
        Ok(ExitCode::of(run))
    }
}
