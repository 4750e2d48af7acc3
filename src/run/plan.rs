//! The plan: which scenarios are carried out on which deployments, and what is left out for which reason.
//!
//! Pure: made before anything is started, from the suite, the selection and what the subject declares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::selection::{Selection, Shard};
use super::suite::Suite;
use crate::outcome::event::Part;
use crate::scenario::story::{Applies, Check, Isolation, Scenario, Step, Twin};
use crate::spec::edition::Edition;

/// What the plan is made for.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    pub edition: &'a Edition,
    pub capabilities: &'a BTreeSet<String>,
    /// The options of a deployment that runs already.
    pub fixed_config: Option<&'a Value>,
}

/// Everything that a run is going to do.
#[derive(Debug, Default)]
pub struct Plan {
    pub groups: Vec<Group>,
    /// Scenarios of which nothing is carried out; each of their checks says why.
    pub left_out: Vec<Planned>,
}

/// Scenarios that share a deployment.
#[derive(Debug)]
pub struct Group {
    pub config: Value,
    pub setup: Value,
    pub isolation: Isolation,
    pub scenarios: Vec<Planned>,
}

/// A scenario with what of it is done.
#[derive(Debug, Clone)]
pub struct Planned {
    pub scenario: Arc<Scenario>,
    /// For each step, why it is left out, if it is.
    pub omitted: Vec<Option<String>>,
    /// The selected checks by id, each with the reason why it does not apply, if it does not.
    pub checks: BTreeMap<String, Option<String>>,
}

impl Plan {
    /// Plans a run. Scenarios without a selected check are not part of it.
    pub fn new(suite: &Suite, selection: &Selection, ground: &Ground<'_>) -> Self {
        let mut plan = Self::default();
        let mut taken = 0;
        for scenario in &suite.scenarios {
            let selected: Vec<&Check> = scenario
                .checks()
                .filter(|check| selection.takes(&check.id, &scenario.id, &suite.cited(check)))
                .collect();
            if selected.is_empty() || (selection.restarts && !scenario.restarts()) {
                continue;
            }
            taken += 1;
            // Every n-th scenario: stories of one area are alike in length, so shards are, too.
            if selection.shard.is_some_and(|shard| taken % shard.of != shard.number % shard.of) {
                continue;
            }
            plan.add(plan_scenario(suite, scenario, &selected, ground));
        }
        plan
    }

    /// The number of scenarios and of checks.
    pub fn size(&self) -> (usize, usize) {
        let all = || self.groups.iter().flat_map(|group| &group.scenarios).chain(&self.left_out);
        (all().count(), all().map(|planned| planned.checks.len()).sum())
    }

    /// Which part of a larger run this is, where the selection says that it is one.
    pub fn part(&self, suite: &Suite, selection: &Selection, ground: &Ground<'_>) -> Option<Part> {
        let Shard { number, of } = selection.shard?;
        let whole = Selection { shard: None, ..selection.clone() };
        let (_, checks) = Self::new(suite, &whole, ground).size();
        Some(Part { number, of, checks, partial: whole.is_partial() })
    }

    /// The plan for these scenarios alone.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&str) -> bool) -> Self {
        let is_wanted = |planned: &Planned| wanted(&planned.scenario.id);
        self.left_out.retain(is_wanted);
        for group in &mut self.groups {
            group.scenarios.retain(is_wanted);
        }
        self.groups.retain(|group| !group.scenarios.is_empty());
        self
    }

    /// A plan for each scenario that is carried out, with the scenario's id.
    pub fn apart(self) -> Vec<(String, Self)> {
        let apart = self.groups.into_iter().flat_map(|group| {
            let Group { config, setup, isolation, scenarios } = group;
            scenarios.into_iter().map(move |planned| {
                let id = planned.scenario.id.clone();
                let group = Group { config: config.clone(), setup: setup.clone(), isolation, scenarios: vec![planned] };
                (id, Self { groups: vec![group], left_out: Vec::new() })
            })
        });
        apart.collect()
    }

    fn add(&mut self, planned: Planned) {
        if planned.checks.values().all(Option::is_some) {
            self.left_out.push(planned);
            return;
        }
        let scenario = &planned.scenario;
        let isolation = scenario.effective_isolation();
        let shared = (isolation == Isolation::Shared)
            .then(|| {
                self.groups.iter_mut().find(|group| {
                    group.isolation == isolation && group.config == scenario.config && group.setup == scenario.setup
                })
            })
            .flatten();
        match shared {
            Some(group) => group.scenarios.push(planned),
            None => self.groups.push(Group {
                config: scenario.config.clone(),
                setup: scenario.setup.clone(),
                isolation,
                scenarios: vec![planned],
            }),
        }
    }
}

fn plan_scenario(suite: &Suite, scenario: &Arc<Scenario>, selected: &[&Check], ground: &Ground<'_>) -> Planned {
    let whole = whole_reason(scenario, ground);
    let mut rest: Option<String> = whole;
    let mut omitted = Vec::with_capacity(scenario.steps.len());
    let mut checks = BTreeMap::new();
    for step in &scenario.steps {
        let own = rest.clone().or_else(|| step_reason(step, ground));
        // What comes after a step that is left out would stand on nothing.
        if rest.is_none() && !step.aside && own.is_some() && !is_elsewhere(step, ground) {
            rest.clone_from(&own);
        }
        let twin = own.clone().or_else(|| twin_reason(step, ground));
        for check in step.checks().filter(|check| selected.iter().any(|one| one.id == check.id)) {
            let in_twin = !step.expect.iter().any(|one| one.id == check.id);
            let inherited = if in_twin { twin.clone() } else { own.clone() };
            checks.insert(check.id.clone(), inherited.or_else(|| check_reason(suite, check, ground)));
        }
        omitted.push(own);
    }
    Planned { scenario: Arc::clone(scenario), omitted, checks }
}

/// A step for other editions is no gap in this one's story.
fn is_elsewhere(step: &Step, ground: &Ground<'_>) -> bool {
    step.when.editions.as_ref().is_some_and(|editions| !ground.edition.matches(editions))
}

fn whole_reason(scenario: &Scenario, ground: &Ground<'_>) -> Option<String> {
    let when = Applies { editions: scenario.editions.clone(), needs: scenario.needs.clone() };
    applies_reason(&when, ground)
        .or_else(|| {
            // What a running deployment is configured with is known and need not be declared.
            if ground.fixed_config.is_some() { None } else { needs_reason(scenario.implied_needs(), ground) }
        })
        .or_else(|| match ground.fixed_config {
            Some(config) if *config != scenario.config => {
                Some(format!("needs a deployment that is configured with {}", scenario.config))
            }
            Some(_) if scenario.setup.as_object().is_some_and(|setup| !setup.is_empty()) => {
                Some(format!("needs a deployment that is set up with {}", scenario.setup))
            }
            Some(_)
                if scenario.effective_isolation() != Isolation::Shared && scenario.isolation != Isolation::Shared =>
            {
                Some("needs a deployment of its own".to_owned())
            }
            _ => None,
        })
}

fn step_reason(step: &Step, ground: &Ground<'_>) -> Option<String> {
    applies_reason(&step.when, ground).or_else(|| needs_reason(step.implied_needs(), ground))
}

fn twin_reason(step: &Step, ground: &Ground<'_>) -> Option<String> {
    step.twin.as_ref().and_then(|twin: &Twin| needs_reason(twin.implied_needs(), ground))
}

fn check_reason(suite: &Suite, check: &Check, ground: &Ground<'_>) -> Option<String> {
    if suite.settled(&check.id).is_some() {
        return Some("it is settled without a request".to_owned());
    }
    applies_reason(&check.when, ground).or_else(|| {
        let cited = suite.cited(check);
        let first = cited.first()?;
        let editions = first.editions.as_ref().filter(|editions| !ground.edition.matches(editions))?;
        Some(format!("the requirement {} is for editions {editions}; this is {}", first.id, ground.edition))
    })
}

fn applies_reason(when: &Applies, ground: &Ground<'_>) -> Option<String> {
    match &when.editions {
        Some(editions) if !ground.edition.matches(editions) => {
            Some(format!("for editions {editions}; this is {}", ground.edition))
        }
        _ => needs_reason(when.needs.iter().map(String::as_str), ground),
    }
}

fn needs_reason<'a>(needs: impl IntoIterator<Item = &'a str>, ground: &Ground<'_>) -> Option<String> {
    let missing: BTreeSet<&str> = needs.into_iter().filter(|need| !ground.capabilities.contains(*need)).collect();
    if missing.is_empty() {
        return None;
    }
    let names = missing.into_iter().collect::<Vec<_>>().join(", ");
    Some(match ground.fixed_config {
        Some(_) => format!("a URL cannot show it: needs {names}"),
        None => format!("the target does not declare {names}"),
    })
}
