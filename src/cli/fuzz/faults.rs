//! `keyspec fuzz --faults`: the faults of the reference as the test bed of campaigns. No scenario takes part.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::FuzzArgs;
use crate::campaign::drive::{Campaign, Options};
use crate::campaign::ground::Ground;
use crate::campaign::known::Known;
use crate::campaign::play::Subject;
use crate::campaign::player::Arena;
use crate::campaign::summary::Summary;
use crate::cli::common;
use crate::cli::failure::Failure;
use crate::cli::output::{self, Progress};
use crate::outcome::exit::ExitCode;
use crate::outcome::pattern::Pattern;
use crate::reference::adapter::capabilities;
use crate::run::selection::Shard;
use crate::spec::edition::Edition;
use crate::spec::fault::{Fault, Faults};
use crate::spec::words::least_far;

/// Faults that no sequence can show.
const OUT_OF_REACH: &[(Fault, &str)] =
    &[(Fault::TransportChunkedIsEmpty, "how a body is cut into pieces is below what a campaign sends")];

/// A fault is given up after so many operations, and after so long.
const OPERATIONS: u64 = 100_000;
const TIME: Duration = Duration::from_secs(60);

/// The reference without faults has to agree with itself on so many operations before any fault is believed.
const BASELINE: u64 = 10_000;

/// Finding so much is enough: nine in ten.
const ENOUGH: f64 = 0.9;

/// What a campaign made of one fault.
struct Hunt {
    fault: Fault,
    /// Operations until it was caught, and the steps and words of the finding.
    caught: Option<(u64, usize, String)>,
    operations: u64,
}

pub(super) fn run(args: &FuzzArgs, selectors: &[String]) -> Result<ExitCode, Failure> {
    let faults = selected(selectors)?;
    let (within, beyond): (Vec<Fault>, Vec<Fault>) =
        faults.into_iter().partition(|fault| out_of_reach(*fault).is_none());
    let hunts = common::carry_through(async |stop| {
        let (args, within) = (args.clone(), within.clone());
        let working = tokio::task::spawn_blocking(move || hunts(&args, &within, &stop));
        working.await.unwrap_or_else(|_| Err(Failure::environment("a campaign broke off")))
    })?;
    let caught = hunts.iter().filter(|hunt| hunt.caught.is_some()).count();
    output::print(args.color, &render(args, &hunts, &beyond));
    Ok(if caught as f64 >= ENOUGH * within.len() as f64 { ExitCode::Conforms } else { ExitCode::Findings })
}

fn selected(selectors: &[String]) -> Result<Vec<Fault>, Failure> {
    if selectors.is_empty() {
        return Ok(Fault::ALL.to_vec());
    }
    let mut wanted = BTreeSet::new();
    for text in selectors {
        let pattern = Pattern::leading(text);
        let found: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| pattern.matches(fault.id())).collect();
        if found.is_empty() {
            let near = least_far(text, Fault::ALL.iter().map(|fault| fault.id())).join(", ");
            let message = format!("`{text}` selects no fault; near to it: {near}");
            return Err(Failure { code: ExitCode::NothingObserved, message });
        }
        wanted.extend(found);
    }
    Ok(wanted.into_iter().collect())
}

fn out_of_reach(fault: Fault) -> Option<&'static str> {
    OUT_OF_REACH.iter().find(|(other, _)| *other == fault).map(|(_, reason)| *reason)
}

/// All campaigns, several at once, each in a thread of its own.
fn hunts(args: &FuzzArgs, faults: &[Fault], stop: &watch::Receiver<bool>) -> Result<Vec<Hunt>, Failure> {
    let editions: BTreeSet<Edition> = faults.iter().map(|fault| edition(args, *fault)).collect();
    for edition in editions {
        let summary = hunt(args, &edition, Faults::NONE, BASELINE, stop)?;
        if let Some(finding) = summary.findings.first() {
            let message = format!(
                "the reference of edition {edition} differs from itself, so no fault can be judged: {}",
                finding.cause
            );
            return Err(Failure { code: ExitCode::Findings, message });
        }
    }
    let progress = Progress::new(args.quiet);
    progress.expect(faults.len());
    let queue: Mutex<VecDeque<(usize, Fault)>> = Mutex::new(faults.iter().copied().enumerate().collect());
    let done: Mutex<Vec<(usize, Result<Hunt, Failure>)>> = Mutex::default();
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let work = || {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some((at, fault)) = next.filter(|_| !*stop.borrow()) else { return };
            let operations = args.ops.unwrap_or(OPERATIONS);
            let summary = hunt(args, &edition(args, fault), Faults::from(fault), operations, stop);
            let hunt = summary.map(|summary| Hunt {
                fault,
                operations: summary.status.operations,
                caught: summary.findings.first().map(|finding| {
                    (summary.status.operations, finding.sequence.steps.len(), finding.cause.to_string())
                }),
            });
            progress.step(0);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, hunt));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.unwrap_or(processors).max(1) {
            scope.spawn(work);
        }
    });
    progress.finish();
    if *stop.borrow() {
        return Err(Failure::interrupted());
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, hunt)| hunt).collect()
}

/// The edition of the command line, or the newest in which the fault can show.
fn edition(args: &FuzzArgs, fault: Fault) -> Edition {
    args.target.reach.edition.clone().unwrap_or_else(|| fault.edition())
}

/// One campaign, up to its first finding.
fn hunt(
    args: &FuzzArgs,
    edition: &Edition,
    faults: Faults,
    operations: u64,
    stop: &watch::Receiver<bool>,
) -> Result<Summary, Failure> {
    let can = capabilities(edition).into_iter().collect();
    let name = if faults.is_empty() { "reference".to_owned() } else { format!("reference?fault={faults}") };
    let arena = Arena::Embedded { edition: edition.clone(), faults, seed: args.target.reach.seed.wrapping_add(1) };
    let campaign = Campaign {
        ground: Ground::new(edition.clone(), &can, None),
        subjects: vec![Arc::new(Subject { name, arena, known: Known::default() })],
        options: Options {
            seed: args.target.reach.seed,
            shard: Shard { number: 1, of: 1 },
            operations: Some(operations),
            time: Some(args.time.unwrap_or(TIME)),
            rate: None,
            jobs: 1,
            most_findings: Some(1),
            shrinking: super::SHRINKING.0,
            unique: "f".to_owned(),
        },
        store: None,
        resume: false,
        stop: stop.clone(),
        listener: &mut |_| {},
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| Failure::environment(format!("cannot start a thread: {error}")))?;
    runtime.block_on(campaign.run()).map_err(super::unwritable)
}

fn render(args: &FuzzArgs, hunts: &[Hunt], beyond: &[Fault]) -> String {
    let mut text = String::new();
    for hunt in hunts {
        let line = match &hunt.caught {
            Some((operations, steps, cause)) => {
                format!("caught after {operations:>6}, {steps:>2} steps · {} · {cause}", hunt.fault)
            }
            None => format!("not caught in {:>6}        · {} · {}", hunt.operations, hunt.fault, hunt.fault.sentence()),
        };
        if !args.quiet || hunt.caught.is_none() {
            let _ = writeln!(text, "{line}");
        }
    }
    for fault in beyond {
        let _ = writeln!(text, "out of reach                · {fault} · {}", out_of_reach(*fault).unwrap_or_default());
    }
    let caught: Vec<_> = hunts.iter().filter_map(|hunt| hunt.caught.as_ref()).collect();
    let longest = caught.iter().map(|(_, steps, _)| *steps).max().unwrap_or(0);
    let rate = 100.0 * caught.len() as f64 / (hunts.len().max(1)) as f64;
    let _ = writeln!(
        text,
        "{} of {} faults caught, {rate:.1} % · {} out of reach · the longest finding has {longest} steps",
        caught.len(),
        hunts.len(),
        beyond.len()
    );
    text
}
