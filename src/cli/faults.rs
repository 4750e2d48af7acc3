//! `keyspec faults`: the suite against each fault of the reference. Who catches what?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::AnsiColor;
use clap::Args;
use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::common::{self, SuiteArgs};
use super::failure::Failure;
use super::output::{self, Color, Progress};
use crate::deployment::redact::Secrets;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::event::{Event, Header};
use crate::outcome::exit::ExitCode;
use crate::outcome::expectation::Expectations;
use crate::outcome::pattern::Pattern;
use crate::run::execute::execute;
use crate::run::execution::{Execution, Options};
use crate::run::plan::{Ground, Plan};
use crate::run::selection::Selection;
use crate::run::subject::{Launcher, Subject};
use crate::run::suite::Suite;
use crate::spec::edition::Edition;
use crate::spec::fault::{Fault, Faults};
use crate::spec::requirement::Level;
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

    /// One JSON document instead of lines
    #[arg(long)]
    json: bool,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// What the suite made of the faults.
struct Matrix {
    kills: Vec<Kill>,
    /// The checks that hold on the reference without faults, in the newest of its editions, and that can fail there: what
    /// is only for other editions, and what is a MAY, kills nothing by its nature.
    judged: BTreeSet<String>,
}

/// What the suite made of one fault.
#[derive(Debug, Clone)]
struct Kill {
    fault: Fault,
    /// The checks that do not pass, with whether they cite the requirement that the fault breaks.
    caught: BTreeMap<String, bool>,
}

impl Kill {
    /// Caught by a check that names the broken requirement?
    fn is_killed(&self) -> bool {
        self.caught.values().any(|cites| *cites)
    }
}

pub fn run(args: &FaultsArgs) -> Result<ExitCode, Failure> {
    let suite = Arc::new(args.suite.read()?);
    let faults = args.faults()?;
    let Matrix { kills, judged } = common::carry_through(async |stop| matrix(args, &suite, &faults, stop).await)?;
    let text =
        if args.json { render_json(&kills) } else { render(&kills, args.selectors.is_empty().then_some(&judged)) };
    output::print(args.color, &text);
    let survived = kills.iter().any(|kill| !kill.is_killed());
    Ok(if survived { ExitCode::Findings } else { ExitCode::Conforms })
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

/// Every fault in turn, several at once. Before any of them is believed, the reference without faults must pass.
async fn matrix(
    args: &FaultsArgs,
    suite: &Arc<Suite>,
    faults: &[Fault],
    stop: watch::Receiver<bool>,
) -> Result<Matrix, Failure> {
    let progress = Progress::new(false);
    let edition_of = |fault: Fault| args.edition.clone().unwrap_or_else(|| fault.edition());
    let editions: BTreeSet<Edition> = faults.iter().map(|fault| edition_of(*fault)).collect();
    let mut judged = BTreeSet::new();
    for edition in &editions {
        let results = results(suite, Faults::NONE, edition, &stop).await?;
        let bad: Vec<&str> = results.iter().filter(|one| is_caught(one)).map(|one| one.check.as_str()).collect();
        let held = results.iter().filter(|one| one.outcome == Outcome::Pass && one.level != Level::May);
        judged = held.map(|one| one.check.clone()).collect();
        if !bad.is_empty() {
            let names = bad.join(", ");
            return Err(Failure {
                code: ExitCode::Findings,
                message: format!(
                    "the reference of edition {edition} does not pass, so no fault can be judged: {names}"
                ),
            });
        }
    }
    progress.expect(faults.len());
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let permits = Arc::new(tokio::sync::Semaphore::new(args.jobs.unwrap_or(processors).max(1)));
    let tasks: Vec<_> = faults
        .iter()
        .map(|&fault| {
            let (suite, edition, stop, permits) =
                (Arc::clone(suite), edition_of(fault), stop.clone(), Arc::clone(&permits));
            tokio::spawn(async move {
                let _permit = permits.acquire_owned().await;
                let results = results(&suite, Faults::from(fault), &edition, &stop).await?;
                let bad = results.into_iter().filter(is_caught);
                let caught = bad.map(|one| (one.check, one.requirements.iter().any(|id| id == fault.requirement())));
                Ok::<Kill, Failure>(Kill { fault, caught: caught.collect() })
            })
        })
        .collect();
    let mut kills = Vec::new();
    for task in tasks {
        kills.push(task.await.map_err(|error| Failure { code: ExitCode::Harness, message: error.to_string() })??);
        progress.step(0);
    }
    progress.finish();
    if *stop.borrow() {
        return Err(Failure { code: ExitCode::Interrupted, message: "interrupted".to_owned() });
    }
    Ok(Matrix { kills, judged })
}

/// What the suite makes of the reference with these faults.
async fn results(
    suite: &Arc<Suite>,
    faults: Faults,
    edition: &Edition,
    stop: &watch::Receiver<bool>,
) -> Result<Vec<CheckResult>, Failure> {
    let launcher = Launcher::Embedded { edition: edition.clone(), faults, seed: 0 };
    let subject = Arc::new(Subject::launch(launcher, None, common::PATIENCE).await?);
    let ground = Ground { edition, capabilities: &subject.capabilities, fixed_config: None };
    let plan = Plan::new(suite, &Selection::default(), &ground);
    let (events, mut received) = mpsc::unbounded_channel();
    let execution = Execution {
        suite: Arc::clone(suite),
        subject,
        upgraded_from: None,
        expectations: Expectations::default(),
        secrets: Arc::new(Secrets::default()),
        options: Options { jobs: 4, retries: 0, max_fail: None, findings: "none".into(), run_id: "faults".to_owned() },
        today: time::Date::MIN,
        header: Header { target: format!("reference?fault={faults}"), ..Header::default() },
        events,
        stop: stop.clone(),
    };
    let mut results = Vec::new();
    let listen = async {
        while let Some(event) = received.recv().await {
            if let Event::CheckFinished(result) = event {
                results.push(result);
            }
        }
    };
    tokio::join!(execute(execution, plan), listen);
    Ok(results)
}

/// A MAY that was looked at and is not done does not apply, and yet the check saw that it is not done.
fn is_caught(result: &CheckResult) -> bool {
    let undone = result.outcome == Outcome::NotApplicable && result.subjects > 0;
    result.outcome.is_bad() || result.outcome == Outcome::Warn || undone
}

/// `judged` is given where all faults were tried: which of these checks did nothing?
fn render(kills: &[Kill], judged: Option<&BTreeSet<String>>) -> String {
    let mut out = String::new();
    for kill in kills {
        let (style, word) = if kill.is_killed() {
            (AnsiColor::Green.on_default(), "killed")
        } else if kill.caught.is_empty() {
            (AnsiColor::Red.on_default().bold(), "survived")
        } else {
            (AnsiColor::Red.on_default().bold(), "unnamed")
        };
        let count = kill.caught.len();
        let _ = writeln!(
            out,
            "{style}{word:<9}{style:#}{:<48} {count:>3} checks  {}",
            kill.fault.id(),
            kill.fault.requirement()
        );
        if !kill.is_killed() {
            for check in kill.caught.keys() {
                let _ = writeln!(out, "           {check}");
            }
        }
    }
    let killed = kills.iter().filter(|kill| kill.is_killed()).count();
    let _ = writeln!(out, "\n{killed} of {} faults killed by a check that names the broken requirement", kills.len());
    if let Some(judged) = judged {
        let busy: BTreeSet<&String> = kills.iter().flat_map(|kill| kill.caught.keys()).collect();
        let idle: Vec<&String> = judged.iter().filter(|check| !busy.contains(check)).collect();
        let _ = writeln!(out, "{} of {} checks kill nothing", idle.len(), judged.len());
        for check in idle {
            let _ = writeln!(out, "  idle  {check}");
        }
    }
    out
}

fn render_json(kills: &[Kill]) -> String {
    let rows: Vec<_> = kills
        .iter()
        .map(|kill| {
            let checks: Vec<&String> = kill.caught.keys().collect();
            json!({
                "fault": kill.fault.id(),
                "requirement": kill.fault.requirement(),
                "killed": kill.is_killed(),
                "checks": checks,
            })
        })
        .collect();
    format!("{}\n", serde_json::to_string_pretty(&rows).unwrap_or_default())
}
