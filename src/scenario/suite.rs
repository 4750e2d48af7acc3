//! Rules that no file can check alone: requirements exist, and check ids are unique in the suite.

use std::collections::HashMap;
use std::sync::Arc;

use crate::spec::requirement::Catalogue;

use super::diagnostic::{Diagnostic, Hint};
use super::story::{Check, Scenario};

/// Checks scenarios against the catalogue and one another.
pub fn check_suite(scenarios: &[Scenario], catalogue: &Catalogue) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for scenario in scenarios {
        let source: Arc<str> = Arc::from(scenario.source.as_str());
        let mut refuse = |check: &Check, message: String, hint: Option<Hint>| {
            let file = format!("scenarios/{}.yaml", scenario.id);
            found.push(Diagnostic { file, source: Arc::clone(&source), place: check.place.clone(), message, hint });
        };
        for check in scenario.checks() {
            if let Some(other) = taken.insert(&check.id, &scenario.id) {
                refuse(check, format!("the check id `{}` is taken by the scenario `{other}`", check.id), None);
            }
            for id in &check.requirements {
                match catalogue.find(id) {
                    None => {
                        let nearest = catalogue.nearest(id);
                        let hint = nearest.map(|right| Hint::Note(format!("did you mean `{right}`?")));
                        refuse(check, format!("no requirement has the id `{id}`"), hint);
                    }
                    Some(requirement) if requirement.excluded.is_some() => {
                        let message = format!("the requirement `{id}` is excluded, and here is a check of it");
                        refuse(check, message, Some(Hint::Note("take its `excluded` away".to_owned())));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    found
}
