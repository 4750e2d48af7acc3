//! One scenario carried out from its first step to its last.

use std::collections::HashMap;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use super::execution::Execution;
use super::home::Home;
use super::plan::Planned;
use super::step::{Failure, Performed, Stage};
use super::verdict::{Verdict, Verdicts};
use crate::deployment::adapter::AdapterError;
use crate::deployment::running::ActorError;
use crate::outcome::check::Blame;
use crate::outcome::exchange::Exchange;
use crate::outcome::finding::Difference;
use crate::scenario::bind::{Known, Unbound};
use crate::scenario::matching::{MatchContext, Reply, TOLERANCE};
use crate::scenario::story::{Action, CapturePath, Check, Step, Twin};

/// What a scenario showed.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) verdicts: Verdicts,
    /// Waiting for replies.
    pub(super) waited: Duration,
    pub(super) requests: u64,
}

/// Why the story cannot go on.
#[derive(Clone)]
enum Stuck {
    /// A step before did not do what the story builds on.
    Unprepared {
        reason: String,
        exchange: Option<Box<Exchange>>,
    },
    Broken {
        reason: String,
        blame: Blame,
        exchange: Option<Box<Exchange>>,
    },
    /// The target cannot do what comes next.
    NotApplicable {
        reason: String,
    },
}

/// What an action did, and the deployment's time around it.
struct Done {
    performed: Performed,
    before: i64,
    after: i64,
}

/// Carries out a scenario at its home. `unique` is a text that no other scenario and no other run has.
pub(super) async fn tell(planned: &Planned, home: &Home, execution: &Execution, unique: &str) -> Told {
    let mut told = Told::default();
    let tenant = match home.open(execution, planned).await {
        Ok(tenant) => tenant,
        Err(verdict) => {
            let open = planned.scenario.checks().filter(|check| is_open(planned, check));
            told.verdicts.extend(open.map(|check| (check.id.clone(), verdict.clone())));
            return told;
        }
    };
    let known = Known::at_start(unique, tenant.deployment.now());
    let stage = Stage { deployment: tenant.deployment, edition: tenant.edition, secrets: &execution.secrets };
    let (accepted, open) = (HashMap::new(), Vec::new());
    let mut teller = Teller { planned, home, execution, stage, known, told, accepted, stuck: None, open };
    teller.call_actors(unique).await;
    for (step, omitted) in planned.scenario.steps.iter().zip(&planned.omitted) {
        if omitted.is_none() {
            teller.step(step).await;
        }
    }
    teller.settle_twins();
    teller.told
}

struct Teller<'a> {
    planned: &'a Planned,
    home: &'a Home,
    execution: &'a Execution,
    stage: Stage<'a>,
    known: Known,
    told: Told,
    /// By step id: was it accepted?
    accepted: HashMap<&'a str, bool>,
    stuck: Option<Stuck>,
    /// Rejections whose twin is another step: they count only when that one was accepted.
    open: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Teller<'a> {
    async fn call_actors(&mut self, unique: &str) {
        let names = &self.planned.scenario.actors;
        let actors = names.iter().map(|name| self.stage.deployment.actor(name, unique));
        for (name, actor) in names.iter().zip(futures::future::join_all(actors).await) {
            match actor {
                Ok(signed_in) => {
                    for (name, value) in &signed_in.headers {
                        self.stage.secrets.learn_header(name, value);
                    }
                    self.known.add_actor(name, &signed_in.user_id, &signed_in.headers);
                }
                Err(error) => {
                    let reason = self.stage.secrets.redact(&format!("there is no actor {name}: {error}"));
                    let broken = |blame| Stuck::Broken { reason: reason.clone(), blame, exchange: None };
                    self.stuck = Some(match &error {
                        ActorError::Adapter(AdapterError::Unsupported(_)) => Stuck::NotApplicable { reason },
                        ActorError::Adapter(_) => broken(Blame::Environment),
                        ActorError::Http { .. } => broken(Blame::Ambiguous),
                    });
                    return;
                }
            }
        }
    }

    async fn step(&mut self, step: &'a Step) {
        if let Some(stuck) = &self.stuck {
            let verdict = stuck.verdict();
            self.give_all(step, &verdict);
            return;
        }
        if let Action::Restart { config } = &step.action {
            return self.restart(config.as_ref()).await;
        }
        let Some(done) = self.perform(step, &step.action).await else { return };
        let accepted = done.performed.accepted();
        if let Some(id) = &step.id {
            self.accepted.insert(id, accepted);
        }
        // What a step without checks is for, is what the others stand on.
        let prepares = step.expect.is_empty() && !matches!(step.action, Action::Clock(_));
        if prepares && !accepted && !step.aside && step.twin.is_none() {
            let exchange = done.performed.exchange(self.stage.secrets);
            let what = exchange.as_ref().map(|exchange| exchange.request.line()).unwrap_or_default();
            let reason = format!("line {}: the preparation was refused ({what})", step.place.line);
            self.stuck = Some(Stuck::Unprepared { reason, exchange });
            return;
        }
        // A check may compare with what its own step captures.
        self.capture(step, &step.capture, &done.performed);
        self.judge(&step.action, &step.expect, &done);
        match &step.twin {
            Some(Twin::Request { place, action, expect, capture }) => {
                // The twin of several is one more of them.
                self.known.index = step.action.count();
                let Some(twin) = self.perform(step, action).await else { return };
                self.capture(step, capture, &twin.performed);
                self.judge(action, expect, &twin);
                self.known.index = None;
                if !twin.performed.accepted() {
                    let exchange = twin.performed.exchange(self.stage.secrets);
                    for check in rejections(&step.expect) {
                        let reason = format!("line {}: its positive twin was refused as well", place.line);
                        self.demote(&check.id, accepted, reason, exchange.clone());
                    }
                }
            }
            Some(Twin::Step { id, .. }) => {
                self.open.push((id, rejections(&step.expect).map(|check| check.id.as_str()).collect()));
            }
            Some(Twin::None { .. }) | None => {}
        }
    }

    async fn restart(&mut self, config: Option<&Value>) {
        match self.home.restart(self.execution, config).await {
            Ok(tenant) => {
                self.stage.deployment = tenant.deployment;
                self.stage.edition = tenant.edition;
                self.move_actors();
            }
            Err(Verdict::Broke { reason, blame, exchange }) => {
                self.stuck = Some(Stuck::Broken { reason, blame, exchange });
            }
            Err(Verdict::NotApplicable { reason }) => self.stuck = Some(Stuck::NotApplicable { reason }),
            Err(_) => {}
        }
    }

    /// The deployment has another address now, and browsers say where they are.
    fn move_actors(&mut self) {
        let origin = self.stage.deployment.origin();
        for name in &self.planned.scenario.actors {
            let actor = self.known.captures.get_mut(name);
            if let Some(sent) = actor.and_then(|actor| actor.pointer_mut("/headers/origin")) {
                *sent = origin.as_str().into();
            }
        }
    }

    /// Sends the request. `None`: there was no reply, and the step's checks say so.
    async fn perform(&mut self, step: &Step, action: &Action) -> Option<Done> {
        let before = self.stage.deployment.now();
        match self.stage.perform(action, &self.known).await {
            Ok(performed) => {
                let after = self.stage.deployment.now();
                self.told.requests += performed.replies.len() as u64;
                self.told.waited += performed.waited();
                self.known.now = after;
                Some(Done { performed, before, after })
            }
            Err(failure) => {
                let stuck = match failure {
                    Failure::Unbound(unbound) => Stuck::Unprepared { reason: unknown(&unbound), exchange: None },
                    Failure::Unsupported(reason) => Stuck::NotApplicable { reason },
                    Failure::NoReply { reason, blame, exchange } => Stuck::Broken { reason, blame, exchange },
                };
                let verdict = stuck.verdict();
                self.give_all(step, &verdict);
                if !step.aside || matches!(stuck, Stuck::Broken { .. }) {
                    self.stuck = Some(stuck);
                }
                None
            }
        }
    }

    /// Looks at the replies.
    fn judge(&mut self, action: &Action, expect: &[Check], done: &Done) {
        let context = MatchContext {
            edition: &self.stage.edition,
            known: &self.known,
            now_before: done.before,
            now_after: done.after,
            exact_clock: self.stage.deployment.has_exact_clock(),
            tolerance: TOLERANCE,
        };
        let replies = done.performed.replies.as_slice();
        let subjects = u32::try_from(replies.len()).unwrap_or(u32::MAX);
        for check in expect.iter().filter(|check| is_open(self.planned, check)) {
            let expectation = &check.expectation;
            let mismatches = match (action, replies.first()) {
                (Action::Many { .. }, Some(_)) => expectation.mismatches_of_many(replies, &context),
                (_, Some(reply)) => expectation.mismatches(reply, &context),
                (_, None) => Vec::new(),
            };
            let verdict = if let Some(unbound) = expectation.unbound(&self.known) {
                let exchange = done.performed.exchange(self.stage.secrets);
                Verdict::NotObserved { reason: unknown(&unbound), exchange }
            } else if subjects == 0 {
                Verdict::NotObserved { reason: "there was no reply to look at".to_owned(), exchange: None }
            } else if mismatches.is_empty() {
                Verdict::Holds { subjects }
            } else {
                let redact = |text: &str| self.stage.secrets.redact(text);
                let mismatches = mismatches.iter().map(|one| Difference {
                    path: redact(&one.path),
                    expected: redact(&one.expected),
                    actual: redact(&one.actual),
                });
                let exchange = done.performed.exchange(self.stage.secrets);
                Verdict::Breaks { subjects, mismatches: mismatches.collect(), exchange }
            };
            self.told.verdicts.insert(check.id.clone(), verdict);
        }
    }

    fn capture(&mut self, step: &Step, capture: &IndexMap<String, CapturePath>, performed: &Performed) {
        if capture.is_empty() {
            return;
        }
        let edition = &self.stage.edition;
        let document = match (&step.action, performed.replies.first()) {
            (Action::Many { .. }, _) => Reply::document_of_many(&performed.replies, edition),
            (_, Some(reply)) => reply.document(edition),
            (_, None) => return,
        };
        for (name, path) in capture {
            match path.read(&document) {
                Ok(value) => {
                    self.known.captures.insert(name.clone(), value);
                }
                // It is known no more, lest an older value stands in for it.
                Err(missing) => {
                    self.known.captures.shift_remove(name);
                    if !step.aside && self.stuck.is_none() {
                        let reason = format!("line {}: `{name}` could not be captured: {missing}", path.place.line);
                        let exchange = performed.exchange(self.stage.secrets);
                        self.stuck = Some(Stuck::Unprepared { reason, exchange });
                    }
                }
            }
        }
    }

    /// Gives every check of a step, and of its twin, the same verdict, where it has none yet.
    fn give_all(&mut self, step: &Step, verdict: &Verdict) {
        for check in step.checks().filter(|check| is_open(self.planned, check)) {
            self.told.verdicts.entry(check.id.clone()).or_insert_with(|| verdict.clone());
        }
    }

    /// A rejection that its twin does not bear out proves nothing, be it the right one or another: the request never came
    /// so far. What was `accepted` did.
    fn demote(&mut self, check: &str, accepted: bool, reason: String, exchange: Option<Box<Exchange>>) {
        if let Some(verdict) = self.told.verdicts.get_mut(check)
            && (matches!(verdict, Verdict::Holds { .. }) || !accepted && matches!(verdict, Verdict::Breaks { .. }))
        {
            *verdict = Verdict::NotObserved { reason, exchange };
        }
    }

    fn settle_twins(&mut self) {
        for (twin, checks) in std::mem::take(&mut self.open) {
            if self.accepted.get(twin) != Some(&true) {
                for check in checks {
                    self.demote(check, true, format!("its positive twin, the step `{twin}`, was not accepted"), None);
                }
            }
        }
    }
}

impl Stuck {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Unprepared { reason, exchange } => {
                Verdict::NotObserved { reason: reason.clone(), exchange: exchange.clone() }
            }
            Self::Broken { reason, blame, exchange } => {
                Verdict::Broke { reason: reason.clone(), blame: *blame, exchange: exchange.clone() }
            }
            Self::NotApplicable { reason } => Verdict::NotApplicable { reason: reason.clone() },
        }
    }
}

/// Was the check selected, and does it apply here?
fn is_open(planned: &Planned, check: &Check) -> bool {
    planned.checks.get(&check.id) == Some(&None)
}

fn rejections(checks: &[Check]) -> impl Iterator<Item = &Check> {
    checks.iter().filter(|check| check.expectation.is_rejection())
}

fn unknown(unbound: &Unbound) -> String {
    format!("`${}` is not known: no step before gave it", unbound.name)
}
