//! `keyspec run`: scenarios against a target.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::{mpsc, watch};

use super::common::{self, SuiteArgs, TargetArgs};
use super::failure::Failure;
use super::output::{self, Color, Progress};
use crate::deployment::redact::Secrets;
use crate::outcome::check::{Blame, CheckResult};
use crate::outcome::event::{Event, Header, Problem, ProblemKind, SCHEMA, Timing};
use crate::outcome::exit::ExitCode;
use crate::outcome::expectation::Expectations;
use crate::outcome::expectation::update::update;
use crate::outcome::pattern::Pattern;
use crate::outcome::recording::Recording;
use crate::outcome::run::Run;
use crate::report::format::{Format, Wanted};
use crate::report::{ndjson, terminal};
use crate::run::execute::execute;
use crate::run::execution::{Execution, Options};
use crate::run::plan::{Ground, Plan};
use crate::run::selection::{Selection, Shard};
use crate::run::subject::Subject;
use crate::run::suite::{self, Suite};
use crate::run::verdict::{FINDINGS, finding_file, is_kept};
use crate::spec::requirement::{Level, Profile};
use crate::spec::words::least_far;

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

    /// Only this profile: core, server, limits, sessions, ...; repeat it for several
    #[arg(long)]
    pub profile: Vec<Profile>,

    /// Only requirements of at least this level: must, should, may
    #[arg(long)]
    pub level: Option<Level>,

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
    let target = args.target.target()?;
    let expectations = args.expectations(&target.to_string())?;
    let progress = Progress::new(args.quiet);
    let secrets = Arc::new(Secrets::beside(suite.words()));
    let scribe = Scribe { args, suite: &suite, progress: &progress, secrets: &secrets };
    let subject = match common::unless_stopped(&stop, args.target.connect(&progress)).await {
        Ok(subject) => Arc::new(subject),
        Err(failure) => {
            progress.finish();
            return Err(scribe.tell_unreached(&target.to_string(), failure));
        }
    };
    let upgraded_from = match &args.upgrade_from {
        Some(from) => {
            let target = TargetArgs { target: from.clone(), edition: None, ..args.target.clone() };
            Some(Arc::new(target.connect(&progress).await?))
        }
        None => None,
    };
    let edition = &subject.edition;
    let ground = Ground { edition, capabilities: &subject.capabilities, fixed_config: subject.fixed_config() };
    let plan = Plan::new(&suite, &selection, &ground);
    let header = args.header(&suite, &subject, &plan, &selection, &target.to_string());
    progress.expect(header.checks);
    let (events, received) = mpsc::unbounded_channel();
    let execution = Execution {
        suite: Arc::clone(&suite),
        expectations: expectations.of(edition, &subject.implementation.name),
        secrets: Arc::clone(&secrets),
        options: args.options(),
        today: OffsetDateTime::now_utc().date(),
        subject: Arc::clone(&subject),
        upgraded_from,
        header,
        events,
        stop,
    };
    let ((), (run, events)) = tokio::join!(execute(execution, plan), scribe.listen(received));
    progress.finish();
    let written = scribe.report(&run, &events).and_then(|()| args.update_expectations(&run, &suite));
    Ok((run, written))
}

impl RunArgs {
    fn selection(&self, suite: &Suite) -> Result<Selection, Failure> {
        let nothing = |message: String| Failure { code: ExitCode::NothingObserved, message };
        let mut selectors = Vec::new();
        for text in &self.selectors {
            let pattern = Pattern::leading(text);
            let scenarios = suite.scenarios.iter().map(|scenario| scenario.id.as_str());
            let requirements = suite.catalogue.iter().map(|requirement| requirement.id.as_str());
            let mut ids = suite.check_ids().chain(scenarios).chain(requirements);
            if !ids.clone().any(|id| pattern.matches(id)) {
                let near = least_far(text, &mut ids).join(", ");
                return Err(nothing(format!("`{text}` selects nothing; near to it: {near}; `keyspec list` shows all")));
            }
            selectors.push(pattern);
        }
        Ok(Selection {
            selectors,
            profiles: self.profile.clone(),
            level: self.level,
            shard: self.shard,
            restarts: self.upgrade_from.is_some(),
        })
    }

    fn expectations(&self, target: &str) -> Result<Expectations, Failure> {
        let mut all = Expectations::default();
        // The bundled expectations are about the bundled scenarios.
        if self.expectations.is_empty()
            && self.suite.scenarios.is_none()
            && let Some(file) = suite::bundled_expectations(target)
        {
            return Ok(Expectations::parse(&file.path, &file.text)?);
        }
        for path in self.expectations.iter().filter(|path| *path != Path::new("none")) {
            if path == Path::new("bundled") {
                let bundled = suite::bundled_expectations(target);
                let bundled = bundled.map(|file| Expectations::parse(&file.path, &file.text)).transpose()?;
                all = all.and(bundled.unwrap_or_default());
                continue;
            }
            if self.expectations_update && !path.exists() {
                continue;
            }
            all = all.and(Expectations::parse(&path.display().to_string(), &common::read_file(path)?)?);
        }
        Ok(all)
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
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Options {
            jobs: self.jobs.unwrap_or(2 * processors),
            retries: self.retries,
            max_fail: self.max_fail,
            findings: self.findings.clone(),
            run_id: format!("{:08x}", fastrand::u32(..)),
        }
    }

    fn header(&self, suite: &Suite, subject: &Subject, plan: &Plan, selection: &Selection, target: &str) -> Header {
        let (scenarios, checks) = plan.size();
        Header {
            schema: SCHEMA,
            keyspec: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.digest.clone(),
            target: target.to_owned(),
            implementation: subject.implementation.clone(),
            edition: subject.edition.to_string(),
            capabilities: subject.capabilities.iter().cloned().collect(),
            seed: self.target.seed,
            started: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            partial: selection.is_partial(),
            scenarios,
            checks,
        }
    }
}

/// Writes down what happens while it happens, so that nothing is lost, whatever ends the run.
struct Scribe<'a> {
    args: &'a RunArgs,
    suite: &'a Suite,
    progress: &'a Progress,
    secrets: &'a Secrets,
}

impl Scribe<'_> {
    async fn listen(&self, mut received: mpsc::UnboundedReceiver<Event>) -> (Run, Vec<Event>) {
        let mut run = Run::default();
        let mut events = Vec::new();
        let mut bad = 0;
        let mut streams = self.streams();
        while let Some(event) = received.recv().await {
            for stream in &mut streams {
                use std::io::Write as _;
                // A line with a secret in it is held back; the finished report then says so.
                let line = ndjson::line(&event);
                if self.secrets.leaked(&line).is_none() {
                    let _ = stream.write_all(line.as_bytes()).and_then(|()| stream.flush());
                }
            }
            if let Event::CheckFinished(result) = &event {
                bad += usize::from(result.outcome.is_bad());
                self.progress.step(bad);
                self.keep(&run, result);
            }
            run.apply(event.clone());
            events.push(event);
        }
        (run, events)
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
    fn tell_unreached(&self, target: &str, failure: Failure) -> Failure {
        let header = Header {
            schema: SCHEMA,
            keyspec: env!("CARGO_PKG_VERSION").to_owned(),
            suite: self.suite.digest.clone(),
            target: target.to_owned(),
            seed: self.args.target.seed,
            started: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            ..Header::default()
        };
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
            match self.secrets.leaked(&text) {
                None => output::write(&wanted.path, &text),
                Some(mark) => Err(Failure {
                    code: ExitCode::Harness,
                    message: format!(
                        "the {} report would have shown the secret {mark} and was not written; please report it",
                        wanted.format
                    ),
                }),
            }
        };
        let written: Vec<_> = self.args.report.iter().map(write).collect();
        written.into_iter().collect()
    }
}
