//! A trial: one target, started or reached, judged by what is selected of the suite. What `run` does once, `matrix` does for
//! several targets and `bisect` and `history` for many releases.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::{mpsc, watch};

use super::common::{self, TargetArgs};
use super::failure::Failure;
use super::output::Progress;
use crate::deployment::protocol::Implementation;
use crate::deployment::redact::Secrets;
use crate::outcome::event::{Event, Header, SCHEMA};
use crate::outcome::exit::ExitCode;
use crate::outcome::expectation::Expectations;
use crate::outcome::run::Run;
use crate::run::execute::execute;
use crate::run::execution::{Execution, Options};
use crate::run::plan::{Ground, Plan};
use crate::run::selection::Selection;
use crate::run::subject::Subject;
use crate::run::suite::{self, Suite};

/// All that a target is judged by.
#[derive(Debug, Clone)]
pub struct Trial<'a> {
    pub suite: &'a Arc<Suite>,
    pub selection: &'a Selection,
    /// Whom; it stands for one target.
    pub target: &'a TargetArgs,
    /// Who serves until the restart, where an upgrade is tried.
    pub upgrade_from: Option<TargetArgs>,
    pub expectations: Vec<Known>,
    pub options: Options,
    pub secrets: Arc<Secrets>,
    pub progress: &'a Progress,
    pub stop: watch::Receiver<bool>,
}

/// A source of expectations.
#[derive(Debug, Clone)]
pub enum Known {
    Read(Expectations),
    /// What comes with keyspec, which only the implementation can name.
    Bundled,
}

impl Trial<'_> {
    /// Starts the target and carries the plan out. `listen` is told each event, with the run as it was before it.
    pub async fn run(self, mut listen: impl FnMut(&Run, &Event)) -> Result<Run, Failure> {
        let subject = common::unless_stopped(&self.stop, self.target.connect(self.progress)).await?;
        let upgraded_from = match &self.upgrade_from {
            Some(from) => Some(Arc::new(from.connect(self.progress).await?)),
            None => None,
        };
        let edition = &subject.edition;
        let ground = Ground { edition, capabilities: &subject.capabilities, fixed_config: subject.fixed_config() };
        let plan = Plan::new(self.suite, self.selection, &ground);
        let part = plan.part(self.suite, self.selection, &ground);
        let header = Header { part, ..self.header(&subject, &plan) };
        let (events, mut received) = mpsc::unbounded_channel();
        let execution = Execution {
            suite: Arc::clone(self.suite),
            expectations: known_of(self.expectations, &subject.implementation)?
                .of(edition, &subject.implementation.name),
            secrets: self.secrets,
            options: self.options,
            today: OffsetDateTime::now_utc().date(),
            subject: Arc::new(subject),
            upgraded_from,
            header,
            events,
            stop: self.stop,
        };
        let listening = async {
            let mut run = Run::default();
            while let Some(event) = received.recv().await {
                listen(&run, &event);
                run.apply(event);
            }
            run
        };
        let ((), run) = tokio::join!(execute(execution, plan), listening);
        Ok(run)
    }

    fn header(&self, subject: &Subject, plan: &Plan) -> Header {
        let (scenarios, checks) = plan.size();
        Header {
            implementation: subject.implementation.clone(),
            edition: subject.edition.to_string(),
            capabilities: subject.capabilities.iter().cloned().collect(),
            partial: self.selection.is_partial(),
            scenarios,
            checks,
            ..header(self.suite, self.target)
        }
    }
}

/// What is known of a run before its target is there.
pub fn header(suite: &Suite, target: &TargetArgs) -> Header {
    Header {
        schema: SCHEMA,
        keyspec: env!("CARGO_PKG_VERSION").to_owned(),
        suite: suite.digest.clone(),
        target: target.target.clone(),
        seed: target.reach.seed,
        started: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
        ..Header::default()
    }
}

/// A text with a secret in it is written nowhere.
pub fn reveals_nothing(secrets: &Secrets, what: &str, text: &str) -> Result<(), Failure> {
    let Some(mark) = secrets.leaked(text) else { return Ok(()) };
    let message = format!("the {what} report would have shown the secret {mark} and was not written; please report it");
    Err(Failure { code: ExitCode::Harness, message })
}

/// So many scenarios at once.
pub fn options(jobs: usize) -> Options {
    Options {
        jobs,
        retries: 0,
        max_fail: None,
        findings: PathBuf::from("none"),
        run_id: format!("{:08x}", fastrand::u32(..)),
    }
}

/// The processors of this machine.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// What is known not to hold, read before anything is started: the named files, or what comes with keyspec. `update`: a file
/// that is not there yet is empty.
pub fn expectations(files: &[PathBuf], bundled: bool, update: bool) -> Result<Vec<Known>, Failure> {
    if files.is_empty() {
        return Ok(if bundled { vec![Known::Bundled] } else { Vec::new() });
    }
    let mut known = Vec::new();
    for path in files.iter().filter(|path| *path != Path::new("none")) {
        if path == Path::new("bundled") {
            known.push(Known::Bundled);
        } else if !update || path.exists() {
            known.push(Known::Read(Expectations::parse(&path.display().to_string(), &common::read_file(path)?)?));
        }
    }
    Ok(known)
}

/// All expectations in one, the bundled ones of this implementation among them.
fn known_of(known: Vec<Known>, implementation: &Implementation) -> Result<Expectations, Failure> {
    let mut all = Expectations::default();
    for known in known {
        all = all.and(match known {
            Known::Read(expectations) => expectations,
            Known::Bundled => {
                let file = suite::bundled_expectations(&implementation.name, &implementation.version);
                file.map(|file| Expectations::parse(&file.path, &file.text)).transpose()?.unwrap_or_default()
            }
        });
    }
    Ok(all)
}
