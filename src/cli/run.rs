//! `keyspec run`: scenarios against a target.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::sync::watch;

use super::common::{self, ReachArgs, SuiteArgs, TargetArgs};
use super::failure::Failure;
use super::filter::FilterArgs;
use super::output::{self, Color, Progress};
use super::trial::{self, Trial};
use crate::deployment::redact::Secrets;
use crate::outcome::check::{Blame, CheckResult};
use crate::outcome::event::{Event, Problem, ProblemKind, Timing};
use crate::outcome::exit::ExitCode;
use crate::outcome::expectation::update::update;
use crate::outcome::recording::Recording;
use crate::outcome::run::Run;
use crate::report::format::{Format, Wanted};
use crate::report::{ndjson, terminal};
use crate::run::execution::Options;
use crate::run::selection::{Selection, Shard};
use crate::run::suite::Suite;
use crate::run::verdict::{FINDINGS, finding_file, is_kept};

/// Runs scenarios against a target
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Ids of checks, scenarios or requirements, or their first components; `*` and `**` stand for parts [default: all]
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,

    #[command(flatten)]
    pub target: TargetArgs,

    #[command(flatten)]
    pub suite: SuiteArgs,

    #[command(flatten)]
    pub filter: FilterArgs,

    /// Scenarios at once [default: twice the number of processors]
    #[arg(long, short)]
    pub jobs: Option<usize>,

    /// Try an upgrade: scenarios that restart their deployment run on this target until they do
    #[arg(long, value_name = "TARGET")]
    pub upgrade_from: Option<String>,

    /// One of N parts, counted from 1: 1/4
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,

    /// Begin nothing new after so many bad checks
    #[arg(long, value_name = "N")]
    pub max_fail: Option<usize>,

    /// Try a scenario with failures so often again; a check that then holds is flaky, and the run fails all the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retries: u32,

    /// What is known not to hold; repeatable. `bundled` is the file that comes with keyspec for a pinned release, `none` is
    /// nothing at all [default: bundled]
    #[arg(long, value_name = "FILE")]
    pub expectations: Vec<PathBuf>,

    /// Bring the file of --expectations up to date: what fails is added, what holds is removed. Only what the run reached
    /// is touched
    #[arg(long, requires = "expectations")]
    pub expectations_update: bool,

    /// Write a report: json, ndjson, junit, sarif, github or markdown, as junit=PATH; `-` is standard output; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<Wanted>,

    /// Where each finding is kept for `keyspec replay`; `none` keeps nothing
    #[arg(long, value_name = "DIR", default_value = FINDINGS)]
    pub findings: PathBuf,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,

    /// Findings and the verdict only
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Every check
    #[arg(long, short)]
    pub verbose: bool,
}

/// Runs, reports, and says how it went.
pub fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let suite = Arc::new(args.suite.read()?);
    let (run, written) = common::carry_through(async |stop| carry_out(args, suite, stop).await)?;
    let detail = match (args.quiet, args.verbose) {
        (true, _) => terminal::Detail::Quiet,
        (_, true) => terminal::Detail::Verbose,
        _ => terminal::Detail::Normal,
    };
    // A report on standard output has it for itself.
    if !args.report.iter().any(|wanted| wanted.path == Path::new("-")) {
        output::print(args.color, &terminal::render(&run, detail));
    }
    written?;
    Ok(ExitCode::of(&run))
}

/// Everything from the selection to the reports. What could not be written does not take the run with it.
pub(super) async fn carry_out(
    args: &RunArgs,
    suite: Arc<Suite>,
    stop: watch::Receiver<bool>,
) -> Result<(Run, Result<(), Failure>), Failure> {
    let selection = args.selection(&suite)?;
    let secrets = Arc::new(Secrets::beside(suite.words()));
    let progress = Progress::new(args.quiet);
    let mut scribe = Scribe::new(args, &suite, &progress, &secrets);
    let target = match common::unless_stopped(&stop, args.target.resolved(&progress)).await {
        Ok(target) => target,
        Err(failure) => return Err(scribe.tell_unreached(&args.target, failure)),
    };
    let trial = Trial {
        suite: &suite,
        selection: &selection,
        target: &target,
        upgrade_from: args.upgrade_from.as_ref().map(|from| {
            let reach = ReachArgs { edition: None, ..args.target.reach.clone() };
            TargetArgs { target: from.clone(), reach }
        }),
        // The bundled expectations are about the bundled scenarios.
        expectations: trial::expectations(
            &args.expectations,
            args.suite.scenarios.is_none(),
            args.expectations_update,
        )?,
        options: args.options(),
        secrets: Arc::clone(&secrets),
        progress: &progress,
        stop,
    };
    let run = trial.run(|run, event| scribe.listen(run, event)).await;
    progress.finish();
    let run = run.map_err(|failure| scribe.tell_unreached(&target, failure))?;
    let written = scribe.report(&run, &scribe.events).and_then(|()| args.update_expectations(&run, &suite));
    Ok((run, written))
}

impl RunArgs {
    fn selection(&self, suite: &Suite) -> Result<Selection, Failure> {
        let selection = self.filter.selection(suite, &self.selectors)?;
        Ok(Selection { shard: self.shard, restarts: self.upgrade_from.is_some(), ..selection })
    }

    /// Writes the file of expectations anew, and says what changed in it.
    fn update_expectations(&self, run: &Run, suite: &Suite) -> Result<(), Failure> {
        let (true, Some(path)) = (self.expectations_update, self.expectations.first()) else { return Ok(()) };
        let name = path.display().to_string();
        let old = if path.exists() { common::read_file(path)? } else { String::new() };
        let target = run.header.as_ref().map(|header| header.target.as_str()).unwrap_or_default();
        let updated = update(&name, &old, &run.checks, suite.check_ids(), target)?;
        output::write(path, &updated.text)?;
        output::note(&format!("{name}: {} added, {} removed", updated.added.len(), updated.removed.len()));
        for check in &updated.left {
            output::note(&format!("{name}: not all checks of `{check}` fail any longer: narrow the entry by hand"));
        }
        Ok(())
    }

    fn options(&self) -> Options {
        Options {
            retries: self.retries,
            max_fail: self.max_fail,
            findings: self.findings.clone(),
            ..trial::options(self.jobs.unwrap_or(2 * trial::processors()))
        }
    }
}

/// Writes down what happens while it happens, so that nothing is lost, whatever ends the run.
struct Scribe<'a> {
    args: &'a RunArgs,
    suite: &'a Suite,
    progress: &'a Progress,
    secrets: &'a Secrets,
    /// Opened with the first event.
    streams: Option<Vec<std::fs::File>>,
    events: Vec<Event>,
    bad: usize,
}

impl<'a> Scribe<'a> {
    fn new(args: &'a RunArgs, suite: &'a Suite, progress: &'a Progress, secrets: &'a Secrets) -> Self {
        Self { args, suite, progress, secrets, streams: None, events: Vec::new(), bad: 0 }
    }

    /// Takes down an event. `run` is what was before it.
    fn listen(&mut self, run: &Run, event: &Event) {
        let mut streams = self.streams.take().unwrap_or_else(|| self.streams());
        for stream in &mut streams {
            use std::io::Write as _;
            // A line with a secret in it is held back; the finished report then says so.
            let line = ndjson::line(event);
            if self.secrets.leaked(&line).is_none() {
                let _ = stream.write_all(line.as_bytes()).and_then(|()| stream.flush());
            }
        }
        self.streams = Some(streams);
        match event {
            Event::RunStarted(header) => self.progress.expect(header.checks),
            Event::CheckFinished(result) => {
                self.bad += usize::from(result.outcome.is_bad());
                self.progress.step(self.bad);
                self.keep(run, result);
            }
            _ => {}
        }
        self.events.push(event.clone());
    }

    /// Event streams are written event by event, but for standard output, which is for the end of the run.
    fn streams(&self) -> Vec<std::fs::File> {
        let wanted =
            self.args.report.iter().filter(|wanted| wanted.format == Format::Ndjson && wanted.path != Path::new("-"));
        let create = |wanted: &Wanted| {
            wanted.path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::File::create(&wanted.path)
        };
        // Where that fails, it fails at the end as well, and is told there.
        wanted.filter_map(|wanted| create(wanted).ok()).collect()
    }

    fn keep(&self, run: &Run, result: &CheckResult) {
        // What needs no request has nothing to replay.
        let settled = self.suite.settled(&result.check).is_some();
        if self.args.findings == Path::new("none") || !is_kept(result.outcome) || settled {
            return;
        }
        let scenario = self.suite.scenarios.iter().find(|scenario| scenario.id == result.scenario);
        let (Some(header), Some(scenario)) = (&run.header, scenario) else { return };
        let cited = scenario.checks().flat_map(|check| check.requirements.iter().map(String::as_str));
        let requirements = self.suite.catalogue.excerpt(cited);
        let text = Recording::new(header, result, &scenario.source, &requirements).to_text();
        if let Some(mark) = self.secrets.leaked(&text) {
            return output::note(&format!(
                "the finding of {} would have shown the secret {mark} and was not kept",
                result.check
            ));
        }
        let written = std::fs::create_dir_all(&self.args.findings)
            .and_then(|()| std::fs::write(self.args.findings.join(".gitignore"), "*\n"))
            .and_then(|()| std::fs::write(self.args.findings.join(finding_file(&result.check)), text));
        if let Err(error) = written {
            output::note(&format!("cannot keep the finding of {}: {error}", result.check));
        }
    }

    /// A target that is not there is told in the reports as well: a job that reads them must not find none.
    fn tell_unreached(&self, target: &TargetArgs, failure: Failure) -> Failure {
        self.progress.finish();
        let header = trial::header(self.suite, target);
        let message = self.secrets.redact(&failure.message);
        let problem = Problem { kind: ProblemKind::Target, blame: Blame::Environment, message };
        let end = Event::RunFinished { timing: Timing::default(), interrupted: failure.code == ExitCode::Interrupted };
        let events = [Event::RunStarted(header), Event::Problem(problem), end];
        let mut run = Run::default();
        events.iter().for_each(|event| run.apply(event.clone()));
        // The failure matters more than that it could not be written down.
        let _ = self.report(&run, &events);
        failure
    }

    /// Writes all reports; what went wrong first is told when the others are written.
    fn report(&self, run: &Run, events: &[Event]) -> Result<(), Failure> {
        let write = |wanted: &Wanted| {
            let text = wanted.format.render(run, events);
            trial::reveals_nothing(self.secrets, &wanted.format.to_string(), &text)?;
            output::write(&wanted.path, &text)
        };
        let written: Vec<_> = self.args.report.iter().map(write).collect();
        written.into_iter().collect()
    }
}
