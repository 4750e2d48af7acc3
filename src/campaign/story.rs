//! A finding as the short story that it is.

use std::fmt::Write as _;

use serde_json::Value;

use super::finding::Finding;
use super::sequence::{Act, Step};

/// The whole story, plain text in lines.
pub fn story(finding: &Finding) -> String {
    let mut text = format!("finding · {}\n", finding.cause);
    if !is_nothing(&finding.sequence.config) {
        let _ = writeln!(text, "  with     {}", finding.sequence.config);
    }
    if !is_nothing(&finding.sequence.setup) {
        let _ = writeln!(text, "  beside   {}", finding.sequence.setup);
    }
    for (at, step) in finding.sequence.steps.iter().enumerate() {
        let _ = writeln!(text, "  {:>2}  {}", at + 1, told(step));
        match finding.told.get(at) {
            Some(Some(told)) if at == finding.step => {
                let _ = writeln!(text, "      expected {}, was {}", told.expected, told.actual);
            }
            Some(Some(told)) => {
                let _ = writeln!(text, "      {}", told.actual);
            }
            _ => {}
        }
    }
    for difference in &finding.mismatches {
        if difference.path != "verdict" && difference.path != "tally" {
            let _ = writeln!(text, "  {}: {}, expected {}", difference.path, difference.actual, difference.expected);
        }
    }
    let stability = finding.stability;
    let stable = match stability.is_stable() {
        true => "stable".to_owned(),
        false => format!("unstable: {} of {}", stability.shown, stability.of),
    };
    let _ = writeln!(text, "  {} on {} ({}), {stable}", finding.implementation, finding.target, finding.edition);
    text
}

/// One step in a line.
pub fn told(step: &Step) -> String {
    match step {
        Step::Clock { advance_ms } => format!("{advance_ms} ms pass"),
        Step::Restart { config: None } => "the deployment is started again".to_owned(),
        Step::Restart { config: Some(config) } => format!("the deployment is started again with {config}"),
        Step::Organization { actor, organization, act } => match act {
            Act::Found => format!("{actor} forms the organization {organization}"),
            Act::Join { who, role } => format!("{who} joins {organization} as {role}"),
            Act::Role { who, role } => format!("{actor} makes {who} {role} of {organization}"),
            Act::Leave { who } => format!("{actor} removes {who} from {organization}"),
        },
        step => {
            let Some(call) = step.call() else { return String::new() };
            let who = match (&call.actor, step.channel()) {
                (Some(actor), "server with headers") => format!("the server, with {actor}'s headers,"),
                (Some(actor), _) => actor.clone(),
                (None, "server" | "server with headers") => "the server".to_owned(),
                (None, "key") => "a key".to_owned(),
                (None, _) => "nobody".to_owned(),
            };
            let mut line = format!("{who}: {}", step.name());
            for (name, value) in &call.headers {
                let _ = write!(line, " {name}: {value:?}");
            }
            for value in [&call.query, &call.body].into_iter().flatten() {
                let _ = write!(line, " {value}");
            }
            if let Some(raw) = &call.text {
                let _ = write!(line, " {raw:?}");
            }
            if call.times > 1 {
                let _ = write!(line, ", {} at once", call.times);
            }
            if let Some(name) = &call.makes {
                let _ = write!(line, " → {name}");
            }
            line
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}
