//! `keyspec history`: which release fixed what, and which broke what.

use std::sync::Arc;

use clap::Args;

use super::common;
use super::failure::Failure;
use super::filter::FilterArgs;
use super::sweep::SweepArgs;
use crate::outcome::exit::ExitCode;
use crate::outcome::timeline::Sampling;
use crate::report::history;

/// Runs the suite on every release of a range and says which fixed what, and which broke what
///
/// What a release showed is kept: a history that was interrupted goes on where it was, and one that is asked for again
/// runs only what is new.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    #[command(flatten)]
    sweep: SweepArgs,

    /// Only these checks, scenarios or requirements, or their first components; repeatable
    #[arg(long, value_name = "SELECTOR")]
    select: Vec<String>,

    #[command(flatten)]
    filter: FilterArgs,
}

pub fn run(args: &HistoryArgs) -> Result<ExitCode, Failure> {
    let suite = Arc::new(args.sweep.suite.read()?);
    let selection = args.filter.selection(&suite, &args.select)?;
    // With a limit, the releases that tell most come first.
    let sampling = if args.sweep.releases.is_some() { Sampling::Boundaries } else { Sampling::All };
    let swept = common::carry_through(async |stop| args.sweep.sweep(&suite, &selection, sampling, stop).await)?;
    args.sweep.tell(&swept, &history::releases(&swept.history))
}
