//! Objects: at least these members, just these members, just these names.

use indexmap::IndexMap;
use serde_json::Value;

use crate::scenario::story::Matcher;

use super::describe::{shortened, shown};
use super::{MatchContext, Mismatch};

/// A map of matchers; `exact`: no other members.
pub(super) fn judge(
    members: &IndexMap<String, Matcher>,
    exact: bool,
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    let Value::Object(object) = value else {
        return found.push(Mismatch::new(path, "an object", shown(Some(value))));
    };
    for (name, matcher) in members {
        let name = on_the_wire(name, context);
        matcher.judge(object.get(name), &member(path, name), context, found);
    }
    if exact {
        let known: Vec<&str> = members.keys().map(|name| on_the_wire(name, context)).collect();
        for (name, value) in object.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            found.push(Mismatch::new(member(path, name), "no such member", shown(Some(value))));
        }
    }
}

/// `!members`: just these names, whatever their values.
pub(super) fn judge_names(
    names: &[String],
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    let Value::Object(object) = value else {
        return found.push(Mismatch::new(path, "an object", shown(Some(value))));
    };
    let names: Vec<&str> = names.iter().map(|name| on_the_wire(name, context)).collect();
    for name in names.iter().filter(|name| !object.contains_key(**name)) {
        found.push(Mismatch::new(member(path, name), "a member", "nothing"));
    }
    for (name, value) in object.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
        found.push(Mismatch::new(member(path, name), "no such member", shown(Some(value))));
    }
}

/// `@owner` is the owner field of the edition.
fn on_the_wire<'n>(name: &'n str, context: &MatchContext<'_>) -> &'n str {
    if name == "@owner" { context.edition.owner_field() } else { name }
}

/// The path of a member: `.name`, or quoted where the name is not a plain one.
pub(super) fn member(path: &str, name: &str) -> String {
    if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)) {
        format!("{path}.{}", shortened(name))
    } else {
        format!("{path}[{:?}]", shortened(name))
    }
}
