//! The suite against each fault of the reference: who catches what?
//!
//! A fault is a branch of the model, so it can show only in a scenario in which the model comes to that branch. The run
//! without faults, which must pass before any fault is believed, notes which branches each scenario comes to; a fault is
//! then tried on those scenarios and on no others. Nothing is lost by that: until the branch is reached, a model with
//! the fault and one without do the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use tokio::sync::{mpsc, watch};

use super::execute::execute;
use super::execution::{Execution, Options};
use super::plan::{Ground, Plan};
use super::selection::Selection;
use super::subject::{Launcher, Subject, SubjectError};
use super::suite::Suite;
use crate::deployment::redact::Secrets;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::event::{Event, Header};
use crate::outcome::expectation::Expectations;
use crate::outcome::kill_matrix::{Catch, Judged, Kill, Matrix};
use crate::reference::adapter::{self, Nature};
use crate::spec::edition::{Edition, LINES};
use crate::spec::fault::{Asked, Fault, Faults};
use crate::spec::requirement::Level;

/// Why there is no matrix.
#[derive(Debug, thiserror::Error)]
pub enum FaultsError {
    #[error(transparent)]
    Subject(#[from] SubjectError),
    #[error("the reference of edition {edition} does not pass, so no fault can be judged: {}", .checks.join(", "))]
    Unsound { edition: Edition, checks: Vec<String> },
    #[error("keyspec itself failed ({0}); please report it")]
    Harness(#[from] tokio::task::JoinError),
    #[error("interrupted")]
    Interrupted,
}

/// How the faults are tried.
#[derive(Debug, Clone)]
pub struct Trial {
    pub suite: Arc<Suite>,
    pub faults: Vec<Fault>,
    /// The edition of the reference. `None`: for each fault the newest in which it can show.
    pub edition: Option<Edition>,
    /// Faults at once.
    pub jobs: usize,
    /// Turns true when the trial is to stop.
    pub stop: watch::Receiver<bool>,
}

/// What the sound reference of an edition showed.
struct Sound {
    /// The checks that hold, with their profile and scenario.
    holds: BTreeMap<String, (String, String)>,
    /// By scenario, the faults whose branch it comes to.
    reached: HashMap<String, Faults>,
}

impl Sound {
    fn reaches(&self, scenario: &str, fault: Fault) -> bool {
        self.reached.get(scenario).is_some_and(|faults| faults.has(fault))
    }
}

impl Trial {
    /// Tries every fault. `done` is called after each.
    ///
    /// # Errors
    /// When the reference without faults does not pass, or the trial cannot be carried out.
    pub async fn matrix(&self, done: &(dyn Fn() + Sync)) -> Result<Matrix, FaultsError> {
        let mut sound: BTreeMap<Edition, Sound> = BTreeMap::new();
        let complete = self.faults.len() == Fault::ALL.len();
        let mut editions: BTreeSet<Edition> = self.faults.iter().map(|fault| self.edition_of(*fault)).collect();
        if complete && self.edition.is_none() {
            editions.extend(older());
        }
        for edition in editions {
            let shown = self.sound(&edition).await?;
            sound.insert(edition, shown);
        }
        let sound = &sound;
        let tried = stream::iter(self.faults.iter().copied())
            .map(|fault| async move {
                let edition = self.edition_of(fault);
                let kill = match sound.get(&edition) {
                    Some(sound) => self.kill(fault, &edition, sound).await,
                    None => Err(FaultsError::Interrupted),
                };
                done();
                kill
            })
            .buffered(self.jobs.max(1));
        let kills: Vec<Kill> = tried.collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>()?;
        let checks = judged(sound);
        let mut matrix = Matrix { faults: kills, checks, unbroken: self.unbroken(), complete, ..Matrix::default() };
        if complete {
            matrix.elsewhere = self.elsewhere(&matrix, sound).await?;
        }
        if *self.stop.borrow() { Err(FaultsError::Interrupted) } else { Ok(matrix) }
    }

    fn edition_of(&self, fault: Fault) -> Edition {
        self.edition.clone().unwrap_or_else(|| fault.edition())
    }

    /// Every MUST that no fault breaks, without a word about it in the catalogue.
    fn unbroken(&self) -> Vec<String> {
        let broken: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.requirement()).collect();
        let musts = self.suite.catalogue.iter().filter(|requirement| requirement.level == Level::Must);
        let silent = musts.filter(|must| must.excluded.is_none() && must.unbroken.is_none());
        silent.map(|must| must.id.clone()).filter(|id| !broken.contains(id.as_str())).collect()
    }

    /// The suite on the reference without faults, each scenario by itself, so that what it reaches is its own.
    async fn sound(&self, edition: &Edition) -> Result<Sound, FaultsError> {
        let plans = self.plan(edition).apart();
        let told = stream::iter(plans)
            .map(|(scenario, plan)| async move {
                let asked = Arc::new(Asked::default());
                let results = self.results(edition, Faults::NONE, Some(Arc::clone(&asked)), plan).await?;
                Ok::<_, FaultsError>((scenario, asked.faults(), results))
            })
            .buffer_unordered(self.jobs.max(1));
        let mut sound = Sound { holds: BTreeMap::new(), reached: HashMap::new() };
        let mut bad = Vec::new();
        for told in told.collect::<Vec<_>>().await {
            let (scenario, asked, results) = told?;
            sound.reached.insert(scenario.clone(), asked);
            let off = results.iter().filter(|one| is_off(one));
            bad.extend(off.map(|one| match &one.reason {
                Some(reason) => format!("{} ({reason})", one.check),
                None => one.check.clone(),
            }));
            let held = results.into_iter().filter(|one| one.outcome == Outcome::Pass);
            sound.holds.extend(held.map(|one| (one.check, (one.profile, scenario.clone()))));
        }
        if *self.stop.borrow() {
            return Err(FaultsError::Interrupted);
        }
        if bad.is_empty() { Ok(sound) } else { Err(FaultsError::Unsound { edition: edition.clone(), checks: bad }) }
    }

    /// What the suite makes of one fault.
    async fn kill(&self, fault: Fault, edition: &Edition, sound: &Sound) -> Result<Kill, FaultsError> {
        let faults = Faults::from(fault);
        let plan = self.plan(edition).only(|scenario| sound.reaches(scenario, fault));
        let results = self.results(edition, faults, None, plan).await?;
        let caught = results.into_iter().filter(is_caught);
        let checks = caught.map(|one| (one.check, one.requirements.iter().any(|id| id == fault.requirement())));
        Ok(Kill {
            fault: fault.id().to_owned(),
            requirement: fault.requirement().to_owned(),
            edition: edition.to_string(),
            checks: checks.collect(),
        })
    }

    /// What the checks catch that have caught nothing so far: those for other editions, in the newest of theirs.
    async fn elsewhere(&self, matrix: &Matrix, sound: &BTreeMap<Edition, Sound>) -> Result<Vec<Catch>, FaultsError> {
        let newest = Edition::newest();
        let open: BTreeSet<String> = matrix.idle().into_iter().map(|judged| judged.check.clone()).collect();
        let open = Mutex::new(open);
        let mut found = Vec::new();
        for (edition, sound) in sound.iter().rev().filter(|(edition, _)| **edition != newest) {
            let caught = stream::iter(self.faults.iter().copied())
                .map(|fault| self.catches(fault, edition, sound, &open))
                .buffered(self.jobs.max(1));
            for caught in caught.collect::<Vec<_>>().await {
                found.extend(caught?);
            }
        }
        Ok(found)
    }

    /// Which of the open checks catch this fault in this edition? They are open no longer.
    async fn catches(
        &self,
        fault: Fault,
        edition: &Edition,
        sound: &Sound,
        open: &Mutex<BTreeSet<String>>,
    ) -> Result<Vec<Catch>, FaultsError> {
        let stories: BTreeSet<String> = {
            let open = open.lock().unwrap_or_else(PoisonError::into_inner);
            let scenarios = open.iter().filter_map(|check| sound.holds.get(check).map(|(_, scenario)| scenario));
            scenarios.filter(|scenario| sound.reaches(scenario, fault)).cloned().collect()
        };
        if stories.is_empty() || *self.stop.borrow() {
            return Ok(Vec::new());
        }
        let plan = self.plan(edition).only(|scenario| stories.contains(scenario));
        let results = self.results(edition, fault.into(), None, plan).await?;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let caught = results.into_iter().filter(is_caught).filter(|one| open.remove(&one.check));
        Ok(caught
            .map(|one| Catch { fault: fault.id().to_owned(), edition: edition.to_string(), check: one.check })
            .collect())
    }

    fn plan(&self, edition: &Edition) -> Plan {
        let capabilities = adapter::capabilities(edition).into_iter().collect();
        let ground = Ground { edition, capabilities: &capabilities, fixed_config: None };
        Plan::new(&self.suite, &Selection::default(), &ground)
    }

    /// What the plan makes of the reference with these faults. Results are ids and outcomes: nothing that the reference
    /// says is kept.
    async fn results(
        &self,
        edition: &Edition,
        faults: Faults,
        asked: Option<Arc<Asked>>,
        plan: Plan,
    ) -> Result<Vec<CheckResult>, FaultsError> {
        let launcher = Launcher::Embedded(Nature { edition: edition.clone(), faults, seed: 0, asked });
        let subject = Arc::new(Subject::launch(launcher, None, PATIENCE).await?);
        let (events, mut received) = mpsc::unbounded_channel();
        let options = Options {
            jobs: SCENARIOS_AT_ONCE,
            retries: 0,
            max_fail: None,
            findings: "none".into(),
            run_id: "faults".to_owned(),
        };
        let execution = Execution {
            suite: Arc::clone(&self.suite),
            subject,
            upgraded_from: None,
            expectations: Expectations::default(),
            secrets: Arc::new(Secrets::blind()),
            options,
            today: time::Date::MIN,
            header: Header { target: format!("reference?fault={faults}"), ..Header::default() },
            events,
            stop: self.stop.clone(),
        };
        tokio::spawn(execute(execution, plan)).await?;
        let mut results = Vec::new();
        while let Ok(event) = received.try_recv() {
            if let Event::CheckFinished(result) = event {
                results.push(result);
            }
        }
        Ok(results)
    }
}

/// How long one request may take: long, since many trials share the machine, and no fault hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Within one trial.
const SCENARIOS_AT_ONCE: usize = 4;

/// The editions in which checks are tried that the newest one leaves out. Up to 1.2.8 there are differences that no line
/// as a whole has.
fn older() -> impl Iterator<Item = Edition> {
    let lines = LINES.iter().map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"));
    let early = ["1.2.5", "1.2.8"].map(str::to_owned);
    early.into_iter().chain(lines).filter_map(|text| text.parse().ok())
}

/// Every check that holds somewhere, with the newest edition in which it does.
fn judged(sound: &BTreeMap<Edition, Sound>) -> Vec<Judged> {
    let mut judged = BTreeMap::new();
    for (edition, sound) in sound {
        for (check, (profile, _)) in &sound.holds {
            let (check, profile, edition) = (check.clone(), profile.clone(), edition.to_string());
            judged.insert(check.clone(), Judged { check, profile, edition });
        }
    }
    judged.into_values().collect()
}

/// A check that does not hold. A MAY that is not done does not apply, and yet the check saw that it is not done.
fn is_off(result: &CheckResult) -> bool {
    result.outcome.is_bad() || is_caught(result)
}

/// A check catches a fault when it looked at a reply and found it wrong. One that looked at nothing, since a step
/// before it failed, has not shown that it can fail.
fn is_caught(result: &CheckResult) -> bool {
    match result.outcome {
        Outcome::Fail | Outcome::Warn => true,
        Outcome::NotApplicable => result.subjects > 0,
        _ => false,
    }
}
