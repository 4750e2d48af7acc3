//! A sweep: many releases, each judged by the same checks, as few as the search asks for. What `bisect` and `history` share.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use futures::StreamExt as _;
use semver::Version;
use tokio::sync::watch;

use super::common::{self, ReachArgs, SuiteArgs, TargetArgs};
use super::failure::Failure;
use super::output::{self, Color, Progress};
use super::trial::{self, Trial};
use crate::deployment::redact::Secrets;
use crate::deployment::release;
use crate::deployment::releases::{Releases, Resolved};
use crate::deployment::target::{Release, Target};
use crate::outcome::event::{Event, ProblemKind};
use crate::outcome::exit::ExitCode;
use crate::outcome::expectation::{Entry, Expectations};
use crate::outcome::history::{History, Life};
use crate::outcome::matrix::LeftOut;
use crate::outcome::observation::{Observation, Seen};
use crate::outcome::timeline::{Sampling, Timeline};
use crate::report::document::{Document, WantedDocument};
use crate::report::history;
use crate::run::ledger::Ledger;
use crate::run::selection::Selection;
use crate::run::suite::{self, Suite};
use crate::run::verdict::quoted;

/// Which releases a range takes in.
#[derive(Debug, Clone, Args)]
pub struct RangeArgs {
    /// Also alphas, betas and release candidates
    #[arg(long)]
    pub prereleases: bool,

    /// Only the releases that are installed already; nothing is asked of npm
    #[arg(long)]
    pub installed: bool,
}

/// What is swept, and how.
#[derive(Debug, Clone, Args)]
pub struct SweepArgs {
    /// Releases: `better-auth@1.3.*`, `better-auth@>=1.3 <1.5`, `better-auth@1.3.25..1.4.0`, `better-auth@1.7`
    #[arg(value_name = "RANGE")]
    pub range: String,

    #[command(flatten)]
    pub which: RangeArgs,

    #[command(flatten)]
    pub reach: ReachArgs,

    #[command(flatten)]
    pub suite: SuiteArgs,

    /// Run at most so many releases this time; the same command goes on from there the next time
    #[arg(long, value_name = "N")]
    pub releases: Option<usize>,

    /// Run everything again, also what is known from earlier
    #[arg(long)]
    pub fresh: bool,

    /// Releases at once [default: the number of processors]
    #[arg(long, short)]
    pub jobs: Option<usize>,

    /// Write the history: json=PATH, markdown=PATH; `-` is standard output; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<WantedDocument>,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,
}

/// What a sweep found.
#[derive(Debug)]
pub struct Swept {
    pub history: History,
    /// Why releases that should run did not.
    pub failed: bool,
}

impl RangeArgs {
    /// The releases of a range, with what people should know of the list said on standard error.
    pub async fn resolve(&self, target: &Target, progress: &Progress) -> Result<Option<Resolved>, Failure> {
        let Target::Releases(range) = target else { return Ok(None) };
        let releases = if self.installed {
            Releases::installed()?
        } else {
            Releases::published(&|what| progress.doing(what)).await?
        };
        common::tell_origin(&releases);
        Ok(Some(releases.resolve(range, self.prereleases)?))
    }
}

impl SweepArgs {
    /// The range with its prefix; a single version is a range of one.
    fn target(&self) -> Result<Target, Failure> {
        let text = self.range.trim();
        let text = if text.starts_with("better-auth") { text.to_owned() } else { format!("better-auth@{text}") };
        match text.parse()? {
            Target::BetterAuth(Release { version, self_grant: false }) => {
                Ok(format!("better-auth@{version}..{version}").parse()?)
            }
            target @ Target::Releases(_) => Ok(target),
            _ => Err(Failure::usage(format!("`{}` is no range of releases of Better Auth", self.range))),
        }
    }

    /// Runs releases until the search is content.
    pub async fn sweep(
        &self,
        suite: &Arc<Suite>,
        selection: &Selection,
        sampling: Sampling,
        stop: watch::Receiver<bool>,
    ) -> Result<Swept, Failure> {
        let progress = Progress::new(false);
        let swept = self.search(suite, selection, sampling, stop, &progress).await;
        progress.finish();
        swept
    }

    async fn search(
        &self,
        suite: &Arc<Suite>,
        selection: &Selection,
        sampling: Sampling,
        stop: watch::Receiver<bool>,
        progress: &Progress,
    ) -> Result<Swept, Failure> {
        let target = self.target()?;
        let resolved = common::unless_stopped(&stop, self.which.resolve(&target, progress)).await?;
        let Resolved { versions, left_out } = resolved.unwrap_or(Resolved { versions: vec![], left_out: vec![] });
        let mut left_out: Vec<LeftOut> = left_out.into_iter().map(|(version, why)| lost(&version, why)).collect();
        let lives = lives(suite, selection);
        let ledger = Ledger::of(suite, self.reach.edition.as_ref())?;
        let mut timeline = Timeline::new(versions);
        if !self.fresh {
            recall(&mut timeline, &ledger, &lives);
        }
        self.tell_cost(&timeline, sampling)?;
        let sweeper =
            Sweeper { args: self, suite, selection, progress, secrets: &Secrets::beside(suite.words()).into() };
        let mut budget = self.releases.unwrap_or(usize::MAX);
        let mut failed = false;
        loop {
            let mut next = timeline.next(sampling);
            next.truncate(budget);
            if next.is_empty() {
                break;
            }
            budget -= next.len();
            let jobs = self.jobs.unwrap_or_else(trial::processors).max(1);
            let trials = next.into_iter().map(|version| sweeper.observe(version, jobs, stop.clone()));
            let mut observed = futures::stream::iter(trials).buffer_unordered(jobs);
            while let Some((version, outcome)) = observed.next().await {
                match outcome {
                    Ok(seen) => {
                        ledger.add(&version, &seen);
                        timeline.saw(&version, seen);
                    }
                    Err(failure) if failure.code == ExitCode::Interrupted => {
                        let message = "interrupted; what was run is kept, and the same command goes on from there";
                        return Err(Failure { message: message.to_owned(), ..failure });
                    }
                    Err(failure) => {
                        failed = true;
                        timeline.lose(&version);
                        left_out.push(lost(&version, failure.message));
                    }
                }
            }
        }
        let mut history = History::new(&suite.digest, &target.to_string(), lives, &timeline);
        history.partial = selection.is_partial();
        history.edition = self.reach.edition.as_ref().map(ToString::to_string);
        history.left_out = left_out;
        let cited: BTreeSet<&str> = history.checks.iter().map(|life| life.requirement.as_str()).collect();
        let statement = |id: &str| Some((id.to_owned(), suite.catalogue.find(id)?.statement.clone()));
        history.requirements = cited.into_iter().filter_map(statement).collect();
        Ok(Swept { history, failed })
    }

    /// People decide with this whether they wait for it.
    fn tell_cost(&self, timeline: &Timeline, sampling: Sampling) -> Result<(), Failure> {
        let installed: BTreeSet<Version> = release::installed()?.into_iter().collect();
        let first = timeline.next(sampling);
        let known = timeline.versions().iter().filter(|version| timeline.seen(version).is_some()).count();
        let limit = self.releases.unwrap_or(usize::MAX);
        let to_install = first.iter().take(limit).filter(|version| !installed.contains(version)).count();
        let divided = if sampling == Sampling::All { "" } else { ", and then where they differ" };
        output::note(&format!(
            "{} releases, {known} of them known from earlier; {} to run{divided}; {to_install} to install first \
             ({MEGABYTES} MB and some seconds each)",
            timeline.versions().len(),
            first.len().min(limit),
        ));
        Ok(())
    }

    /// Prints the text, unless a report has standard output for itself, and writes the reports.
    pub fn tell(&self, swept: &Swept, text: &str) -> Result<ExitCode, Failure> {
        if !self.report.iter().any(|wanted| wanted.path == Path::new("-")) {
            output::print(self.color, text);
        }
        for wanted in &self.report {
            let text = match wanted.document {
                Document::Json => history::json(&swept.history),
                Document::Markdown => history::markdown(&swept.history, &command()),
            };
            output::write(&wanted.path, &text)?;
        }
        let seen = swept.history.checks.iter().any(|life| !life.spans.is_empty());
        Ok(match (swept.failed, seen) {
            (true, _) => ExitCode::Environment,
            (_, false) => ExitCode::NothingObserved,
            _ => ExitCode::Conforms,
        })
    }
}

/// What an installed release takes on a disk.
const MEGABYTES: usize = 45;

/// What it takes to try a release.
struct Sweeper<'a> {
    args: &'a SweepArgs,
    suite: &'a Arc<Suite>,
    selection: &'a Selection,
    progress: &'a Progress,
    secrets: &'a Arc<Secrets>,
}

impl Sweeper<'_> {
    /// What a release shows of the selected checks.
    async fn observe(
        &self,
        version: Version,
        at_once: usize,
        stop: watch::Receiver<bool>,
    ) -> (Version, Result<Seen, Failure>) {
        let target = TargetArgs { target: format!("better-auth@{version}"), reach: self.args.reach.clone() };
        let trial = Trial {
            suite: self.suite,
            selection: self.selection,
            target: &target,
            upgrade_from: None,
            // A defect is to be seen as what it is, known or not.
            expectations: Vec::new(),
            options: trial::options((2 * trial::processors()).div_ceil(at_once)),
            secrets: Arc::clone(self.secrets),
            progress: self.progress,
            stop,
        };
        let run = trial.run(|_, event| match event {
            Event::RunStarted(header) => self.progress.expect_more(header.checks),
            Event::CheckFinished(_) => self.progress.step(0),
            _ => {}
        });
        let seen = run.await.and_then(|run| {
            if run.interrupted {
                return Err(Failure::interrupted());
            }
            let seen: Seen = run.checks.iter().map(|one| (one.check.clone(), Observation::from(one))).collect();
            let told = seen.values().any(|one| one.standing().is_some());
            match run.problems.iter().find(|problem| problem.kind == ProblemKind::Target) {
                Some(problem) if !told => Err(Failure::environment(problem.message.clone())),
                _ if !told => Err(Failure::environment(first_reason(&seen))),
                _ => Ok(seen),
            }
        });
        (version, seen.map_err(|failure| Failure { message: self.secrets.redact(&failure.message), ..failure }))
    }
}

/// Why a release gave no verdict at all.
fn first_reason(seen: &Seen) -> String {
    let reason = seen.values().find_map(|one| one.why.clone());
    reason.unwrap_or_else(|| "it gave no verdict".to_owned())
}

/// Takes over what is known of releases. What is known in part is run again.
fn recall(timeline: &mut Timeline, ledger: &Ledger, lives: &[Life]) {
    for version in timeline.versions().to_vec() {
        let mut known = ledger.read(&version);
        let seen: Seen = lives.iter().filter_map(|life| known.remove_entry(&life.check)).collect();
        if seen.len() == lives.len() && !lives.is_empty() {
            timeline.saw(&version, seen);
        }
    }
}

/// The selected checks in the order of the suite.
fn lives(suite: &Suite, selection: &Selection) -> Vec<Life> {
    // What comes with keyspec says of the pinned releases which checks fail at times only.
    let pinned = release::pinned().into_iter().filter_map(|version| {
        let file = suite::bundled_expectations("better-auth", &version.to_string())?;
        Expectations::parse(&file.path, &file.text).ok()
    });
    let pinned: Vec<Expectations> = pinned.collect();
    let by_luck = |check: &str| pinned.iter().any(|known| known.entry(check).is_some_and(Entry::is_at_times));
    let selected = suite.checks().filter_map(|(scenario, check)| {
        let cited = suite.cited(check);
        let first = *cited.first()?;
        selection.takes(&check.id, &scenario.id, &cited).then(|| Life {
            check: check.id.clone(),
            requirement: first.id.clone(),
            level: first.level,
            profile: first.profile.to_string(),
            by_luck: by_luck(&check.id),
            spans: Vec::new(),
        })
    });
    selected.collect()
}

fn lost(version: &Version, reason: String) -> LeftOut {
    LeftOut { target: format!("better-auth@{version}"), reason }
}

/// The command line, as a shell reads it.
fn command() -> String {
    let words = std::env::args().skip(1).map(|word| quoted(&word));
    ["keyspec".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}
