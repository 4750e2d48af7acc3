//! The positive twin: what proves that a rejection was for its reason.

use crate::scenario::story::{Action, Check, Expectation, Matcher, StatusMatcher, Template, Twin, Verdict};
use crate::scenario::yaml::{Kind, Node};

use super::action::REQUEST_KEYS;
use super::reader::Reader;
use super::step::REPLY;

const TWIN_KEYS: &[&str] = &["client", "server", "raw", "note", "expect", "capture"];

impl Reader {
    /// The changes that repair the request, or the id of a step that was accepted.
    pub(super) fn positive_twin(&mut self, node: &Node, action: &Action) -> Option<Twin> {
        if let Kind::Text(_) = node.kind {
            let id = self.step_id(node)?;
            return Some(Twin::Step { place: node.place.clone(), id });
        }
        let known = [REQUEST_KEYS, TWIN_KEYS].concat();
        let fields = self.fields(node, "a twin", &known)?;
        self.note(&fields);
        let changes = self.changes(&fields);
        let expect = fields.node("expect").map_or(Some(Vec::new()), |node| self.checks(node, false));
        let capture = self.capture(&fields, REPLY);
        let repaired = changes?;
        if fields.entries().iter().all(|entry| ["note", "expect", "capture"].contains(&&*entry.key)) {
            return self.refuse(
                &node.place,
                "a twin changes something: the same request again would be refused again",
                None,
            );
        }
        let Some(action) = repaired.over(action) else {
            let reason = match action {
                Action::Many { .. } => {
                    "`each` has several requests: the twin is a step of its own, named here by its `id`"
                }
                _ => "these changes do not fit the step's action",
            };
            return self.refuse(&node.place, reason, None);
        };
        let (expect, capture) = (expect?, capture?);
        if let Some(check) = expect.iter().find(|check| rejects(&check.expectation)) {
            return self.refuse(&check.place, "a twin is accepted: a rejection is a step of its own", None);
        }
        Some(Twin::Request { place: node.place.clone(), action, expect, capture })
    }
}

/// The first check that expects a rejection without anything in the step that shows an acceptance.
pub(super) fn unproven_rejection<'c>(action: &Action, expect: &'c [Check]) -> Option<&'c Check> {
    let many = matches!(action, Action::Many { .. });
    if many && expect.iter().any(|check| accepts_some(&check.expectation)) {
        return None;
    }
    expect.iter().find(|check| rejects(&check.expectation))
}

impl Expectation {
    /// Does this say that a reply is a refusal? Then it counts only with a positive twin.
    pub fn is_rejection(&self) -> bool {
        rejects(self)
    }
}

/// Does this say that a reply is a refusal?
pub(super) fn rejects(expectation: &Expectation) -> bool {
    let inner = [&expectation.every, &expectation.first, &expectation.last];
    let status = match &expectation.status {
        Some(StatusMatcher::OneOf(statuses)) => statuses.iter().all(|status| *status >= 400),
        Some(StatusMatcher::Class(class)) => *class >= 4,
        None => false,
    };
    let body = match &expectation.body {
        Some(Matcher::Members(members) | Matcher::Exact(members)) => {
            matches!(members.get("valid"), Some(Matcher::Equal(Template::Bool(false))))
        }
        _ => false,
    };
    let tally = expectation.tally.as_ref().is_some_and(|tally| tally.keys().any(|kind| !is_acceptance(kind)));
    !expectation.error.is_empty()
        || matches!(expectation.valid, Some(Verdict::Refused(_)))
        || status
        || body
        || tally
        || inner.into_iter().flatten().any(|inner| rejects(inner))
}

/// Does this say that at least one of several replies is an acceptance?
fn accepts_some(expectation: &Expectation) -> bool {
    let accepts = |inner: &Expectation| inner.ok || inner.valid == Some(Verdict::Valid);
    let inner = [&expectation.every, &expectation.first, &expectation.last];
    let tally = expectation.tally.as_ref();
    inner.into_iter().flatten().any(|inner| accepts(inner))
        || tally.is_some_and(|tally| tally.iter().any(|(kind, count)| is_acceptance(kind) && *count > 0))
}

/// Is this kind of a tally a reply that was accepted?
fn is_acceptance(kind: &str) -> bool {
    ["ok", "valid"].contains(&kind) || kind.starts_with("status 2")
}
