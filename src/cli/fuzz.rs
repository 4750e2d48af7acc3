//! `keyspec fuzz`: live campaigns, and differential ones.

mod faults;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::common::{self, ReachArgs, TargetArgs};
use super::failure::Failure;
use super::output::{self, Color, Progress};
use crate::campaign::drive::{Campaign, Event, Options};
use crate::campaign::ground::Ground;
use crate::campaign::known::Known;
use crate::campaign::play;
use crate::campaign::player::Arena;
use crate::campaign::store::{self, Store};
use crate::campaign::story::story;
use crate::campaign::summary::Summary;
use crate::deployment::target::Target;
use crate::outcome::exit::ExitCode;
use crate::reference::adapter::capabilities;
use crate::report::format::{Format, Wanted};
use crate::run::selection::Shard;
use crate::spec::edition::Edition;
use crate::spec::fault::Faults;
use crate::spec::requirement::Profile;

/// Generates sequences of operations and judges what a target answers by the reference's model
#[derive(Debug, Clone, Args)]
pub struct FuzzArgs {
    #[command(flatten)]
    pub target: TargetArgs,

    /// Another target that plays the same sequences; repeatable. Each is judged by its own edition
    #[arg(long, value_name = "TARGET")]
    pub against: Vec<String>,

    /// How long: 60, 60s, 10m, 2h [default: 60s unless --ops is given]
    #[arg(long, value_parser = duration)]
    pub time: Option<Duration>,

    /// How many operations, at least
    #[arg(long, value_name = "N")]
    pub ops: Option<u64>,

    /// Operations a second, at most
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,

    /// Sequences at once [default: twice the number of processors]
    #[arg(long, short)]
    pub jobs: Option<usize>,

    /// One of N parts, counted from 1: 1/4. No two parts draw the same sequence
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,

    /// Goes on with the campaign of this seed, shard and target that was broken off
    #[arg(long)]
    pub resume: bool,

    /// Ends after so many findings
    #[arg(long, value_name = "N")]
    pub max_fail: Option<usize>,

    /// Only what is of this profile: core, server, limits, sessions, ...; repeat it for several
    #[arg(long)]
    pub profile: Vec<Profile>,

    /// Only with these options of the plugin: a file with JSON
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Writes what came of it: json=PATH; `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<Wanted>,

    /// Where findings are kept; `none` keeps nothing
    #[arg(long, value_name = "DIR", default_value = FINDINGS)]
    pub findings: PathBuf,

    /// Known differences; repeatable. `bundled` is the file that comes with keyspec, `none` is nothing at all
    /// [default: bundled]
    #[arg(long, value_name = "FILE")]
    pub expectations: Vec<PathBuf>,

    /// Takes the findings of these folders into --findings, and plays nothing; repeatable
    #[arg(long, value_name = "DIR", conflicts_with_all = ["against", "resume", "shard"])]
    pub merge: Vec<PathBuf>,

    /// A campaign against each fault of the reference, until it is caught; or only against those that these select.
    /// --time and --ops are for each of them [default: 60s and 100000 operations]
    #[arg(long, value_name = "FAULT", num_args = 0.., conflicts_with_all = ["against", "resume", "shard", "merge"])]
    pub faults: Option<Vec<String>>,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,

    /// The verdict only
    #[arg(long, short)]
    pub quiet: bool,
}

/// Where findings are kept unless a folder is named.
pub const FINDINGS: &str = ".keyspec/campaign";

/// Questions that shrinking one finding may ask: of a model, and of a deployment that has to be started each time.
const SHRINKING: (usize, usize) = (3000, 400);

pub fn run(args: &FuzzArgs) -> Result<ExitCode, Failure> {
    if !args.merge.is_empty() {
        return merge(args);
    }
    if let Some(selectors) = &args.faults {
        return faults::run(args, selectors);
    }
    if let Some(wanted) = args.report.iter().find(|wanted| wanted.format != Format::Json) {
        return Err(Failure::usage(format!("a campaign is reported as json, not as {}", wanted.format)));
    }
    let summary = common::carry_through(async |stop| campaign(args, stop).await)?;
    if !args.report.iter().any(|wanted| wanted.path == Path::new("-")) {
        output::print(args.color, &render(args, &summary));
    }
    for wanted in &args.report {
        let text = serde_json::to_string_pretty(&summary).unwrap_or_default() + "\n";
        output::write(&wanted.path, &text)?;
    }
    Ok(exit_code(&summary))
}

fn merge(args: &FuzzArgs) -> Result<ExitCode, Failure> {
    let from: Vec<Store> = args.merge.iter().map(|dir| Store::new(dir)).collect();
    let count = store::merge(&from, &Store::new(&args.findings)).map_err(unwritable)?;
    output::print(args.color, &format!("{count} findings in {}\n", args.findings.display()));
    Ok(ExitCode::Conforms)
}

async fn campaign(args: &FuzzArgs, stop: watch::Receiver<bool>) -> Result<Summary, Failure> {
    let progress = Progress::new(args.quiet);
    let known = args.known()?;
    let first = common::unless_stopped(&stop, subject(&args.target, &known, &progress)).await?;
    let (mut subjects, mut ground) = (vec![Arc::new(first.0)], first.1);
    for name in &args.against {
        let reach = ReachArgs { edition: None, ..args.target.reach.clone() };
        let target = TargetArgs { target: name.clone(), reach };
        let (subject, its_ground) = common::unless_stopped(&stop, subject(&target, &known, &progress)).await?;
        subjects.push(Arc::new(subject));
        ground = ground.and(&its_ground);
    }
    ground = ground.about(&args.profile);
    if let Some(path) = &args.config {
        let config = serde_json::from_str(&common::read_file(path)?);
        ground = ground.with(config.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?);
    }
    progress.tell("");
    let live = subjects.iter().any(|subject| matches!(subject.arena, Arena::Live(_)));
    let shown = subjects.clone();
    let quiet = args.quiet || args.report.iter().any(|wanted| wanted.path == Path::new("-"));
    let mut listener = |event: Event<'_>| match event {
        Event::Went(status) => progress.tell(&status.line()),
        Event::Replayed(finding, replay) if !quiet => {
            progress.aside(|| output::print(args.color, &format!("{} · {}\n", replay.word(), finding.cause)));
        }
        Event::Found(finding) if !quiet => progress.aside(|| {
            let path = Store::new(&args.findings).path(finding);
            let mut text = story(finding);
            if args.findings.as_os_str() != "none" {
                text.push_str(&format!("  keyspec replay {}\n", path.display()));
            }
            output::print(args.color, &(text + "\n"));
        }),
        Event::Found(_) | Event::Replayed(..) => {}
    };
    let campaign = Campaign {
        ground,
        subjects,
        options: args.options(live),
        store: (args.findings.as_os_str() != "none").then(|| Store::new(&args.findings)),
        resume: args.resume,
        stop,
        listener: &mut listener,
    };
    let summary = campaign.run().await.map_err(unwritable);
    progress.finish();
    for subject in shown {
        if let Arena::Live(subject) = &subject.arena {
            subject.end().await;
        }
    }
    summary
}

/// A target as campaigns see it, and what it can do. The reference plays in this process.
pub(super) async fn subject(
    args: &TargetArgs,
    known: &Known,
    progress: &Progress,
) -> Result<(play::Subject, Ground), Failure> {
    let target = args.target()?;
    let (arena, ground) = if let Target::Reference { faults } = &target {
        let faults: Faults = faults.join(",").parse().map_err(|error| Failure::usage(format!("{error}")))?;
        let edition = args.reach.edition.clone().unwrap_or_else(Edition::newest);
        let can = capabilities(&edition).into_iter().collect();
        let ground = Ground::new(edition.clone(), &can, None);
        (Arena::Embedded { edition, faults, seed: args.reach.seed.wrapping_add(1) }, ground)
    } else {
        let subject = args.connect(progress).await?;
        let fixed = subject.fixed_config().cloned();
        let ground = Ground::new(subject.edition.clone(), &subject.capabilities, fixed);
        (Arena::Live(Arc::new(subject)), ground)
    };
    let known = known.clone().of(arena.edition(), arena.implementation());
    Ok((play::Subject { name: target.to_string(), arena, known }, ground))
}

impl FuzzArgs {
    fn known(&self) -> Result<Known, Failure> {
        known(&self.expectations)
    }

    fn options(&self, live: bool) -> Options {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let unlimited = self.time.is_none() && self.ops.is_none();
        Options {
            seed: self.target.reach.seed,
            shard: self.shard.unwrap_or(Shard { number: 1, of: 1 }),
            operations: self.ops,
            time: self.time.or(unlimited.then_some(Duration::from_secs(60))),
            rate: self.rate.filter(|rate| *rate > 0.0),
            jobs: self.jobs.unwrap_or(2 * processors),
            most_findings: self.max_fail,
            shrinking: if live { SHRINKING.1 } else { SHRINKING.0 },
            unique: unique(),
        }
    }
}

/// What is known: the bundled file unless others are named.
pub(super) fn known(paths: &[PathBuf]) -> Result<Known, Failure> {
    let bundled = || Known::bundled().map_err(|error| Failure::usage(error.to_string()));
    if paths.is_empty() {
        return bundled();
    }
    let mut all = Known::default();
    for path in paths.iter().filter(|path| path.as_os_str() != "none") {
        all = all.and(match path.as_os_str() == "bundled" {
            true => bundled()?,
            false => Known::parse(&path.display().to_string(), &common::read_file(path)?)
                .map_err(|error| Failure::usage(error.to_string()))?,
        });
    }
    Ok(all)
}

/// A text that no other campaign has.
pub(super) fn unique() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{:x}{:x}", std::process::id(), since.as_nanos())
}

/// `60`, `60s`, `10m`, `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.find(|sign: char| sign.is_alphabetic()).map_or((text, "s"), |at| text.split_at(at));
    let factor = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("`{text}` is no time: write 60, 60s, 10m or 2h")),
    };
    let seconds = number.parse::<f64>().map_err(|_| format!("`{text}` is no time: write 60, 60s, 10m or 2h"))?;
    Duration::try_from_secs_f64(seconds * factor).map_err(|_| format!("`{text}` is no time that can pass"))
}

fn unwritable(error: std::io::Error) -> Failure {
    Failure::environment(format!("cannot keep what was found: {error}"))
}

fn render(args: &FuzzArgs, summary: &Summary) -> String {
    let status = &summary.status;
    let mut text = format!(
        "{} operations in {} sequences, {:.0} a second · {} verdicts, {} kinds of answers\n",
        status.operations,
        status.sequences,
        status.rate(),
        status.verdicts(),
        status.features
    );
    if !args.quiet {
        for (reason, times) in &status.unplayed {
            let reason = crate::report::terminal::plain(reason);
            text.push_str(&format!("  not played to the end: {reason}, {times} times\n"));
        }
        for (id, times) in &status.explained {
            text.push_str(&format!("  known: {id}, {times} times\n"));
        }
    }
    if let Some(reason) = &summary.broken {
        text.push_str(&format!("  given up: {}\n", crate::report::terminal::plain(reason)));
    }
    let known = match (summary.still_there, summary.fixed) {
        (0, 0) => String::new(),
        (still, fixed) => format!(", of the saved ones {still} still there and {fixed} fixed"),
    };
    let word = match exit_code(summary) {
        ExitCode::Conforms => "no finding",
        ExitCode::Interrupted => "interrupted",
        ExitCode::NothingObserved => "nothing was observed",
        ExitCode::Environment => "broken off",
        _ => "does not conform",
    };
    let findings = summary.findings.len();
    text.push_str(&format!("{word} · {findings} findings{known}\n"));
    text
}

fn exit_code(summary: &Summary) -> ExitCode {
    match summary {
        Summary { interrupted: true, .. } => ExitCode::Interrupted,
        Summary { broken: Some(_), .. } => ExitCode::Environment,
        summary if !summary.findings.is_empty() || summary.still_there > 0 => ExitCode::Findings,
        summary if summary.status.operations == 0 => ExitCode::NothingObserved,
        _ => ExitCode::Conforms,
    }
}
