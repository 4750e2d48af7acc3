//! A plan carried out: deployments started and stopped, scenarios in parallel, everything told as events.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::execution::Execution;
use super::home::Home;
use super::plan::{Group, Plan, Planned};
use super::story::{self, Told};
use super::verdict::{Judge, Verdict, Verdicts};
use crate::outcome::check::Blame;
use crate::outcome::event::{Event, Problem, ProblemKind, Timing};
use crate::outcome::expectation;
use crate::scenario::story::Isolation;
use crate::spec::config::advice;

/// Carries out the plan. Every selected check gets a result, whatever happens; the last event is `RunFinished`.
pub async fn execute(execution: Execution, plan: Plan) {
    let started = Instant::now();
    let jobs = execution.options.jobs.min(execution.subject.jobs().unwrap_or(usize::MAX)).max(1);
    let shared = Arc::new(Shared {
        execution,
        permits: Arc::new(Semaphore::new(jobs)),
        bad: AtomicUsize::new(0),
        timing: Total::default(),
    });
    shared.tell(Event::RunStarted(shared.execution.header.clone()));
    let execution = &shared.execution;
    if let Some(documentation) = &execution.suite.documentation {
        shared.tell(Event::DocumentationRead(documentation.clone()));
    }
    for message in execution.expectations.stale(execution.suite.check_ids(), execution.today) {
        shared.tell(Event::Problem(Problem { kind: ProblemKind::Expectation, blame: Blame::Harness, message }));
    }
    for message in execution.subject.fixed_config().map(advice).unwrap_or_default() {
        let message = execution.secrets.redact(&message);
        shared.tell(Event::Problem(Problem { kind: ProblemKind::Note, blame: Blame::Target, message }));
    }
    for planned in &plan.left_out {
        shared.finish(planned, Verdicts::new());
    }
    let mut groups = Vec::with_capacity(plan.groups.len());
    for group in plan.groups {
        groups.push(shared.begin(group).await);
    }
    for group in groups {
        // A group cannot panic: its scenarios are tasks of their own, and what they do is caught there.
        let _ = group.await;
    }
    for reason in shared.execution.subject.breaks().await {
        let message = shared.execution.secrets.redact(&reason);
        shared.tell(Event::Problem(Problem { kind: ProblemKind::Target, blame: Blame::Environment, message }));
    }
    shared.execution.subject.end().await;
    if let Some(from) = &shared.execution.upgraded_from {
        from.end().await;
    }
    let interrupted = *shared.execution.stop.borrow();
    let (deployments, deploy_us) = shared.execution.subject.deployed();
    let timing = Timing { deployments, deploy_us, ..shared.timing.sum(started.elapsed()) };
    shared.tell(Event::RunFinished { timing, interrupted });
}

struct Shared {
    execution: Execution,
    permits: Arc<Semaphore>,
    bad: AtomicUsize,
    timing: Total,
}

#[derive(Default)]
struct Total {
    waited_us: AtomicUsize,
    requests: AtomicUsize,
}

impl Total {
    fn sum(&self, total: Duration) -> Timing {
        Timing {
            total_us: micros(total),
            target_us: self.waited_us.load(Ordering::Relaxed) as u64,
            requests: self.requests.load(Ordering::Relaxed) as u64,
            ..Timing::default()
        }
    }
}

impl Shared {
    fn tell(&self, event: Event) {
        // Nobody listens any more when the process is about to end.
        let _ = self.execution.events.send(event);
    }

    /// Why nothing new is to be begun.
    fn halted(&self) -> Option<String> {
        let limit = self.execution.options.max_fail;
        if *self.execution.stop.borrow() {
            Some("the run was interrupted".to_owned())
        } else if limit.is_some_and(|limit| self.bad.load(Ordering::Relaxed) >= limit) {
            Some(format!("--max-fail {} was reached", limit.unwrap_or_default()))
        } else {
            None
        }
    }

    /// Begins all scenarios of a group, each as soon as it may, in the order of the plan: one job at a time does the same
    /// each time. What is returned ends with the last of them.
    async fn begin(self: &Arc<Self>, group: Group) -> JoinHandle<()> {
        let own = group.isolation == Isolation::Process;
        let home = Arc::new(Home::new(group.config, group.setup, own));
        let mut scenarios = Vec::with_capacity(group.scenarios.len());
        for planned in group.scenarios {
            let permit = Arc::clone(&self.permits).acquire_owned().await;
            let (shared, home, again) = (Arc::clone(self), Arc::clone(&home), planned.clone());
            let told = async move {
                shared.scenario(&planned, &home).await;
                drop(permit);
            };
            scenarios.push((again, tokio::spawn(told)));
        }
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            for (planned, task) in scenarios {
                if let Err(error) = task.await {
                    let reason = format!("keyspec itself failed in this scenario ({error}); please report it");
                    shared.give_all(&planned, &Verdict::Broke { reason, blame: Blame::Harness, exchange: None });
                }
            }
            home.leave(shared.interrupted()).await;
        })
    }

    async fn scenario(&self, planned: &Planned, home: &Home) {
        if self.halted().is_some() {
            return self.leave_out(planned);
        }
        if let Some(reason) = self.skipped(planned) {
            return self.give_all(planned, &Verdict::Skipped { reason });
        }
        let opened = tokio::select! {
            opened = home.open(&self.execution, planned) => opened,
            () = self.interrupted() => return self.leave_out(planned),
        };
        if let Err(verdict) = opened {
            return self.give_all(planned, &verdict);
        }
        let id = &planned.scenario.id;
        self.tell(Event::ScenarioStarted { scenario: id.clone() });
        let started = Instant::now();
        let mut told = self.attempt(planned, home, 0).await;
        for retry in 1..=self.execution.options.retries {
            if !told.verdicts.values().any(Verdict::is_failure) || self.halted().is_some() {
                break;
            }
            let next = self.attempt(planned, home, retry).await;
            told = after_retry(told, next);
        }
        self.timing.waited_us.fetch_add(micros(told.waited) as usize, Ordering::Relaxed);
        self.timing.requests.fetch_add(told.requests as usize, Ordering::Relaxed);
        let timing = Timing {
            total_us: micros(started.elapsed()),
            target_us: micros(told.waited),
            requests: told.requests,
            ..Timing::default()
        };
        self.finish(planned, told.verdicts);
        self.tell(Event::ScenarioFinished { scenario: id.clone(), timing });
    }

    /// Ends when the run is to stop.
    async fn interrupted(&self) {
        // A sender that is gone never interrupts.
        if self.execution.stop.clone().wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Carries the scenario out once; an interruption cuts it off in the middle.
    async fn attempt(&self, planned: &Planned, home: &Home, attempt: u32) -> Told {
        let story = planned.scenario.id.replace(['/', '.'], "-");
        let unique = format!("{}-{attempt}-{story}", self.execution.options.run_id);
        tokio::select! {
            told = story::tell(planned, home, &self.execution, &unique) => told,
            () = self.interrupted() => Told {
                verdicts: open_checks(planned)
                    .map(|id| (id, Verdict::Skipped { reason: "the run was interrupted".to_owned() }))
                    .collect(),
                ..Told::default()
            },
        }
    }

    /// Why nothing of a scenario is to be tried: the expectations say of each of its checks not to look.
    fn skipped(&self, planned: &Planned) -> Option<String> {
        let mut reason = None;
        for check in open_checks(planned) {
            let entry = self
                .execution
                .expectations
                .entry(&check)
                .filter(|entry| entry.verdict == expectation::Verdict::Skip)?;
            reason = Some(entry.reason.clone());
        }
        reason
    }

    fn leave_out(&self, planned: &Planned) {
        let reason = self.halted().unwrap_or_default();
        self.give_all(planned, &Verdict::Skipped { reason });
    }

    fn give_all(&self, planned: &Planned, verdict: &Verdict) {
        self.finish(planned, open_checks(planned).map(|id| (id, verdict.clone())).collect());
    }

    /// Tells the results of a scenario.
    fn finish(&self, planned: &Planned, verdicts: Verdicts) {
        let execution = &self.execution;
        let judge = Judge {
            suite: &execution.suite,
            expectations: &execution.expectations,
            target: &execution.header.target,
            findings: &execution.options.findings,
        };
        for result in judge.results(planned, verdicts) {
            if result.outcome.is_bad() {
                self.bad.fetch_add(1, Ordering::Relaxed);
            }
            self.tell(Event::CheckFinished(result));
        }
    }
}

/// A check that failed and then held is flaky; everything else stays as the first attempt left it.
fn after_retry(first: Told, next: Told) -> Told {
    let mut verdicts = Verdicts::new();
    for (id, verdict) in first.verdicts {
        let verdict = match (verdict, next.verdicts.get(&id)) {
            (Verdict::Breaks { mismatches, exchange, .. }, Some(Verdict::Holds { .. })) => {
                Verdict::HeldLater { first: mismatches, exchange }
            }
            (verdict, Some(Verdict::Holds { .. })) if verdict.is_failure() => {
                Verdict::HeldLater { first: Vec::new(), exchange: None }
            }
            (verdict, _) => verdict,
        };
        verdicts.insert(id, verdict);
    }
    Told { verdicts, waited: first.waited + next.waited, requests: first.requests + next.requests }
}

/// The ids of the selected checks that apply.
fn open_checks(planned: &Planned) -> impl Iterator<Item = String> {
    planned.scenario.checks().filter(|check| planned.checks.get(&check.id) == Some(&None)).map(|check| check.id.clone())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
