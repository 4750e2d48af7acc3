//! Lists and sizes: element by element, in any order, each, one of them, so many.

use serde_json::Value;

use crate::scenario::story::{Matcher, Template};

use super::describe::shown;
use super::{MatchContext, Mismatch};

/// Element by element, and no others.
pub(super) fn judge(
    items: &[Matcher],
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    let Some(elements) = elements(items, value, path, found) else { return };
    for (at, (item, element)) in items.iter().zip(elements).enumerate() {
        item.judge(Some(element), &format!("{path}[{at}]"), context, found);
    }
}

/// The elements of a list that is as long as it has to be.
fn elements<'v>(items: &[Matcher], value: &'v Value, path: &str, found: &mut Vec<Mismatch>) -> Option<&'v [Value]> {
    let Value::Array(elements) = value else {
        found.push(Mismatch::new(path, "a list", shown(Some(value))));
        return None;
    };
    if items.len() != elements.len() {
        let actual = format!("{}: {}", elements.len(), shown(Some(value)));
        found.push(Mismatch::new(path, format!("{} elements", items.len()), actual));
        return None;
    }
    Some(elements)
}

/// `!unordered`: a pairing exists in which each matcher has an element of its own, and no element is left over.
pub(super) fn judge_unordered(
    items: &[Matcher],
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    let Some(elements) = elements(items, value, path, found) else { return };
    let fits: Vec<Vec<usize>> = items
        .iter()
        .map(|item| {
            let fitting = elements.iter().enumerate().filter(|(_, element)| item.holds(Some(element), context));
            fitting.map(|(at, _)| at).collect()
        })
        .collect();
    let mut owner = vec![None; elements.len()];
    for (item, matcher) in items.iter().enumerate() {
        if !place(item, &fits, &mut owner) {
            found.push(Mismatch::new(
                path,
                format!("an element that is {}", matcher.words(context)),
                shown(Some(value)),
            ));
        }
    }
}

/// `!each`: of an empty list nothing was observed, so it does not match.
pub(super) fn judge_each(
    inner: &Matcher,
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    match value {
        Value::Array(elements) if !elements.is_empty() => {
            for (at, element) in elements.iter().enumerate() {
                inner.judge(Some(element), &format!("{path}[{at}]"), context, found);
            }
        }
        _ => found.push(Mismatch::new(path, "a list with at least one element", shown(Some(value)))),
    }
}

/// `!contains`: a list with such an element, or a string with this part.
pub(super) fn judge_contains(
    inner: &Matcher,
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    let contains = match (value, inner) {
        (Value::Array(elements), _) => elements.iter().any(|element| inner.holds(Some(element), context)),
        (Value::String(text), Matcher::Equal(template)) => contains_text(text, template, context),
        _ => false,
    };
    if !contains {
        let expected = format!("something that contains {}", inner.words(context));
        found.push(Mismatch::new(path, expected, shown(Some(value))));
    }
}

/// `!length`: of a string in characters, of a list in elements, of an object in members.
pub(super) fn judge_length(
    inner: &Matcher,
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(elements) => elements.len(),
        Value::Object(members) => members.len(),
        _ => return found.push(Mismatch::new(path, "something with a length", shown(Some(value)))),
    };
    if !inner.holds(Some(&length.into()), context) {
        let expected = format!("a length of {}", inner.words(context));
        found.push(Mismatch::new(path, expected, format!("{length}: {}", shown(Some(value)))));
    }
}

fn contains_text(text: &str, template: &Template, context: &MatchContext<'_>) -> bool {
    matches!(template.bind(context.known), Ok(Value::String(part)) if text.contains(&part))
}

/// Gives the matcher an element, moving others to elements that fit them as well where it must (a breadth-first
/// augmenting path: no recursion, whatever the length of the list).
fn place(item: usize, fits: &[Vec<usize>], owner: &mut [Option<usize>]) -> bool {
    // Per element: the matcher from which it was reached.
    let mut reached_from: Vec<Option<usize>> = vec![None; owner.len()];
    let mut had = vec![None; fits.len()];
    let mut waiting = std::collections::VecDeque::from([item]);
    while let Some(current) = waiting.pop_front() {
        for &element in &fits[current] {
            if reached_from[element].is_some() {
                continue;
            }
            reached_from[element] = Some(current);
            match owner[element] {
                Some(other) => {
                    had[other] = Some(element);
                    waiting.push_back(other);
                }
                None => {
                    let mut free = Some(element);
                    while let Some(element) = free {
                        let taker = reached_from[element];
                        owner[element] = taker;
                        free = taker.filter(|taker| *taker != item).and_then(|taker| had[taker]);
                    }
                    return true;
                }
            }
        }
    }
    false
}
