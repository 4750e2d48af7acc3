//! `keyspec matrix`: several targets side by side.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use futures::StreamExt as _;
use semver::Version;
use tokio::sync::watch;

use super::common::{self, ReachArgs, SuiteArgs, TargetArgs};
use super::failure::Failure;
use super::filter::FilterArgs;
use super::output::{self, Color, Progress};
use super::sweep::RangeArgs;
use super::trial::{self, Trial};
use crate::deployment::redact::Secrets;
use crate::deployment::target::{Release, Target};
use crate::outcome::event::Event;
use crate::outcome::exit::ExitCode;
use crate::outcome::matrix::{Entrant, LeftOut, Matrix, Row};
use crate::report::document::{Document, WantedDocument};
use crate::report::matrix as report;
use crate::run::selection::Selection;
use crate::run::suite::Suite;

/// Runs several targets side by side and shows where they differ
#[derive(Debug, Clone, Args)]
pub struct MatrixArgs {
    /// As for `keyspec run --target`, or releases: `better-auth@1.4.*`, `better-auth@>=1.6 <1.7`, `better-auth@1.7`
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<String>,

    #[command(flatten)]
    which: RangeArgs,

    /// Whom the others are compared with [default: the newest release among them]
    #[arg(long, value_name = "TARGET")]
    authority: Option<String>,

    /// Only these checks, scenarios or requirements, or their first components; repeatable
    #[arg(long, value_name = "SELECTOR")]
    select: Vec<String>,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    reach: ReachArgs,

    #[command(flatten)]
    suite: SuiteArgs,

    /// Targets at once [default: the number of processors]
    #[arg(long, short)]
    jobs: Option<usize>,

    /// What is known not to hold, for all targets; repeatable. `bundled` is for each target the file that comes with
    /// keyspec, `none` is nothing at all [default: bundled]
    #[arg(long, value_name = "FILE")]
    expectations: Vec<PathBuf>,

    /// Every check, not only those on which targets differ
    #[arg(long)]
    all: bool,

    /// Write a report: json=PATH, markdown=PATH; `-` is standard output; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<WantedDocument>,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// The targets, each named once.
struct Field {
    targets: Vec<TargetArgs>,
    left_out: Vec<LeftOut>,
    authority: Option<String>,
}

pub fn run(args: &MatrixArgs) -> Result<ExitCode, Failure> {
    let suite = Arc::new(args.suite.read()?);
    let selection = args.filter.selection(&suite, &args.select)?;
    let secrets = Arc::new(Secrets::beside(suite.words()));
    let matrix = common::carry_through(async |stop| {
        let progress = Progress::new(false);
        let matrix = side_by_side(args, &suite, &selection, &secrets, &progress, stop).await;
        progress.finish();
        matrix
    })?;
    let layout = report::Layout { width: output::width(), all: args.all };
    if !args.report.iter().any(|wanted| wanted.path == Path::new("-")) {
        output::print(args.color, &report::terminal(&matrix, layout));
    }
    for wanted in &args.report {
        let text = match wanted.document {
            Document::Json => report::json(&matrix),
            Document::Markdown => report::markdown(&matrix),
        };
        trial::reveals_nothing(&secrets, "matrix", &text)?;
        output::write(&wanted.path, &text)?;
    }
    Ok(matrix.exit_code())
}

async fn side_by_side(
    args: &MatrixArgs,
    suite: &Arc<Suite>,
    selection: &Selection,
    secrets: &Arc<Secrets>,
    progress: &Progress,
    stop: watch::Receiver<bool>,
) -> Result<Matrix, Failure> {
    let field = common::unless_stopped(&stop, args.field(progress)).await?;
    let jobs = args.jobs.unwrap_or_else(trial::processors).clamp(1, field.targets.len().max(1));
    // Adapters are processes: those of all targets together are no more than those of one run.
    let scenarios = (2 * trial::processors()).div_ceil(jobs);
    let bad = std::cell::Cell::new(0);
    // The bundled expectations are about the bundled scenarios.
    let known = trial::expectations(&args.expectations, args.suite.scenarios.is_none(), false)?;
    let trials = field.targets.iter().map(async |target| {
        let trial = Trial {
            suite,
            selection,
            target,
            upgrade_from: None,
            expectations: known.clone(),
            options: trial::options(scenarios),
            secrets: Arc::clone(secrets),
            progress,
            stop: stop.clone(),
        };
        let run = trial.run(|_, event| match event {
            Event::RunStarted(header) => progress.expect_more(header.checks),
            Event::CheckFinished(result) => {
                bad.set(bad.get() + usize::from(result.outcome.is_bad()));
                progress.step(bad.get());
            }
            _ => {}
        });
        let run = run.await.map_err(|failure| {
            // Whatever kept it from starting, its surroundings are not as they should be.
            let code = if failure.code == ExitCode::Interrupted { failure.code } else { ExitCode::Environment };
            (code, secrets.redact(&failure.message))
        });
        Ok(Entrant { target: target.target.clone(), run })
    });
    let entrants: Vec<Result<Entrant, Failure>> = futures::stream::iter(trials).buffered(jobs).collect().await;
    let entrants = entrants.into_iter().collect::<Result<Vec<_>, _>>()?;
    let rows = rows(suite, selection);
    let matrix = Matrix::new(&suite.digest, selection.is_partial(), rows, &entrants, field.authority.as_deref());
    Ok(Matrix { left_out: field.left_out, ..matrix })
}

impl MatrixArgs {
    /// The targets with ranges as their releases. All names are read before anything is started.
    async fn field(&self, progress: &Progress) -> Result<Field, Failure> {
        let named = |text: &String| Ok::<_, Failure>(text.parse::<Target>()?);
        let parsed = self.targets.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        let authority = self.authority.as_ref().map(named).transpose()?;
        let mut field = Field { targets: Vec::new(), left_out: Vec::new(), authority: None };
        let mut newest: Option<Version> = None;
        for target in &parsed {
            let (targets, left_out) = match self.which.resolve(target, progress).await? {
                Some(resolved) => {
                    let targets = resolved.versions.into_iter().map(Target::release);
                    (targets.collect(), resolved.left_out)
                }
                None => (vec![target.clone()], Vec::new()),
            };
            for target in targets {
                if let Target::BetterAuth(Release { version, self_grant: false }) = &target {
                    newest = newest.max(Some(version.clone()));
                }
                field.add(self, &target);
            }
            let left_out = left_out
                .into_iter()
                .map(|(version, reason)| LeftOut { target: Target::release(version).to_string(), reason });
            field.left_out.extend(left_out);
        }
        field.authority = match authority {
            Some(target) => {
                let target = TargetArgs { target: target.to_string(), reach: self.reach.clone() };
                let target: Target = target.resolved(progress).await?.target.parse()?;
                field.add(self, &target);
                Some(target.to_string())
            }
            // Without a release it is the first that is compared with.
            None => newest
                .map(|version| Target::release(version).to_string())
                .or_else(|| field.targets.first().map(|first| first.target.clone())),
        };
        Ok(field)
    }
}

impl Field {
    fn add(&mut self, args: &MatrixArgs, target: &Target) {
        let target = target.to_string();
        if self.targets.iter().all(|other| other.target != target) {
            self.targets.push(TargetArgs { target, reach: args.reach.clone() });
        }
    }
}

/// The selected checks, in the order of the suite.
fn rows(suite: &Suite, selection: &Selection) -> Vec<Row> {
    let selected = suite.checks().filter_map(|(scenario, check)| {
        let cited = suite.cited(check);
        let first = *cited.first()?;
        selection.takes(&check.id, &scenario.id, &cited).then(|| Row {
            check: check.id.clone(),
            requirement: first.id.clone(),
            level: first.level,
            profile: first.profile.to_string(),
            cells: Vec::new(),
        })
    });
    selected.collect()
}
