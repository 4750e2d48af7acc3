//! Rules that no file can check alone: requirements exist, and check ids are unique in the suite.

use std::collections::HashMap;
use std::sync::Arc;

use crate::spec::requirement::Catalogue;

use super::diagnostic::{Diagnostic, Hint};
use super::story::{Check, Place, Scenario};

/// Checks scenarios against the catalogue and one another.
pub fn check_suite(scenarios: &[Scenario], catalogue: &Catalogue) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for scenario in scenarios {
        let source: Arc<str> = Arc::from(scenario.source.as_str());
        let mut refuse = |place: Place, message: String, hint: Option<Hint>| {
            let file = format!("scenarios/{}.yaml", scenario.id);
            found.push(Diagnostic { file, source: Arc::clone(&source), place, message, hint });
        };
        for check in scenario.checks() {
            if let Some(other) = taken.insert(&check.id, &scenario.id) {
                refuse(
                    check.place.clone(),
                    format!("the check id `{}` is taken by the scenario `{other}`", check.id),
                    None,
                );
            }
            for id in &check.requirements {
                match catalogue.find(id) {
                    None => {
                        let nearest = catalogue.nearest(id);
                        let hint = nearest.map(|right| Hint::Replace(right.to_owned()));
                        refuse(cited_at(check, id, &source), format!("no requirement has the id `{id}`"), hint);
                    }
                    Some(requirement) if requirement.excluded.is_some() => {
                        let message = format!("the requirement `{id}` is excluded, and here is a check of it");
                        refuse(
                            cited_at(check, id, &source),
                            message,
                            Some(Hint::Note("take its `excluded` away".to_owned())),
                        );
                    }
                    Some(_) => {}
                }
            }
        }
    }
    found
}

/// Where the check cites the requirement: after its `requirement` key.
fn cited_at(check: &Check, id: &str, source: &str) -> Place {
    let within = source.get(check.place.span.clone()).unwrap_or_default();
    let key = within.find("requirement").unwrap_or_default();
    match within[key..].find(id) {
        Some(at) => {
            let start = check.place.span.start + key + at;
            let line = check.place.line + within[..key + at].matches('\n').count();
            Place { line, span: start..start + id.len() }
        }
        None => check.place.clone(),
    }
}
