//! `keyspec bisect`: the releases between which a check changes.

use std::sync::Arc;

use clap::Args;

use super::common;
use super::failure::Failure;
use super::filter::FilterArgs;
use super::sweep::SweepArgs;
use crate::outcome::exit::ExitCode;
use crate::outcome::timeline::Sampling;
use crate::report::history;

/// Finds the releases between which a check changes, with few installed
///
/// Runs the ends of the range, the ends of every line in it and the releases in which the edition changes, and then
/// divides wherever two neighbours differ.
#[derive(Debug, Clone, Args)]
pub struct BisectArgs {
    /// The id of a check, as `keyspec list` shows it; of several, by their first components or with `*`
    #[arg(value_name = "CHECK")]
    check: String,

    #[command(flatten)]
    sweep: SweepArgs,

    /// Run every release, so that nothing that came and went is missed
    #[arg(long, conflicts_with = "ends")]
    exhaustive: bool,

    /// Run the ends only before dividing: fewest releases, and what came and went between them is missed
    #[arg(long)]
    ends: bool,
}

pub fn run(args: &BisectArgs) -> Result<ExitCode, Failure> {
    let suite = Arc::new(args.sweep.suite.read()?);
    let selection = FilterArgs::default().selection(&suite, std::slice::from_ref(&args.check))?;
    let sampling = match (args.exhaustive, args.ends) {
        (true, _) => Sampling::All,
        (_, true) => Sampling::Ends,
        _ => Sampling::Boundaries,
    };
    let swept = common::carry_through(async |stop| args.sweep.sweep(&suite, &selection, sampling, stop).await)?;
    args.sweep.tell(&swept, &history::changes(&swept.history))
}
