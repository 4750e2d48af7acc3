//! A step: its action, checks, twin and captures.

use indexmap::IndexMap;

use crate::scenario::capture::PathError;
use crate::scenario::diagnostic::Hint;
use crate::scenario::story::{Action, CapturePath, Check, Step, Twin};
use crate::scenario::yaml::{Kind, Node};

use super::action::{ACTIONS, REQUEST_KEYS};
use super::reader::{Fields, Reader};

const STEP_KEYS: &[&str] =
    &["id", "note", "editions", "needs", "aside", "each", "expect", "twin", "no-twin", "capture"];

/// What a reply's document has.
pub(super) const REPLY: &[&str] = &["status", "headers", "body", "keys"];

/// The same for a `parallel` or `repeat`.
const REPLIES: &[&str] = &["replies"];

/// More steps are several stories.
const MOST_STEPS: usize = 1000;

impl Reader {
    pub(super) fn steps(&mut self, node: &Node) -> Option<Vec<Step>> {
        let items = self.list(node, "a list of steps")?;
        if items.is_empty() {
            return self.refuse(&node.place, "a scenario without steps shows nothing", None);
        }
        if items.len() > MOST_STEPS {
            return self.refuse(&node.place, format!("more than {MOST_STEPS} steps"), None);
        }
        let steps: Vec<_> = items.iter().map(|item| self.step(item)).collect();
        steps.into_iter().collect()
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let known = [ACTIONS, REQUEST_KEYS, STEP_KEYS].concat();
        let fields = self.fields(node, "a step", &known)?;
        self.note(&fields);
        let id = fields.node("id").map_or(Some(None), |node| self.step_id(node).map(Some));
        let when = self.applies(&fields);
        let aside = fields.node("aside").map_or(Some(false), |node| self.boolean(node));
        let action = self.action(&fields, false);
        let many = ["parallel", "repeat"].iter().any(|key| fields.entry(key).is_some());
        let expect = self.expect(&fields, many);
        let capture = self.capture(&fields, if many { REPLIES } else { REPLY });
        let action = action?;
        let expect = expect?;
        self.refuse_without_reply(&fields, &action);
        let twin = self.twin(&fields, &action, &expect);
        Some(Step {
            place: node.place.clone(),
            id: id?,
            when: when?,
            aside: aside?,
            action,
            expect,
            twin: twin?,
            capture: capture?,
        })
    }

    fn expect(&mut self, fields: &Fields<'_>, many: bool) -> Option<Vec<Check>> {
        let Some(node) = fields.node("expect") else { return Some(Vec::new()) };
        let checks = self.checks(node, many)?;
        if checks.is_empty() {
            return self.refuse(&node.place, "`expect` without checks: leave it out", None);
        }
        Some(checks)
    }

    /// A movement of the clock and a restart have no reply to look at.
    fn refuse_without_reply(&mut self, fields: &Fields<'_>, action: &Action) {
        let name = match action {
            Action::Clock(_) => "clock",
            Action::Restart { .. } => "restart",
            _ => return,
        };
        for key in ["expect", "twin", "no-twin", "capture"] {
            if let Some(entry) = fields.entry(key) {
                self.refuse::<()>(&entry.place, format!("`{name}` has no reply: `{key}` stands at a request"), None);
            }
        }
    }

    fn twin(&mut self, fields: &Fields<'_>, action: &Action, expect: &[Check]) -> Option<Option<Twin>> {
        let twin = match (fields.entry("twin"), fields.entry("no-twin")) {
            (Some(_), Some(no_twin)) => {
                return self.refuse(&no_twin.place, "a step has a `twin` or a reason for `no-twin`, not both", None);
            }
            (Some(entry), None) if expect.is_empty() => {
                return self.refuse(
                    &entry.place,
                    "a step without checks is preparation: a twin would prove nothing",
                    None,
                );
            }
            (Some(entry), None) => Some(self.positive_twin(&entry.value, action)?),
            (None, Some(entry)) => Some(Twin::None { reason: self.sentence(&entry.value)? }),
            (None, None) => None,
        };
        if twin.is_none()
            && let Some(check) = super::twin::unproven_rejection(action, expect)
        {
            let message = format!("the check `{}` expects a rejection, and the step has no `twin`", check.id);
            let note = "`twin:` gives what repairs the one defect, or the id of a step that was accepted; \
                        where nothing can, `no-twin:` says why";
            return self.refuse(&check.place, message, Some(Hint::Note(note.to_owned())));
        }
        Some(twin)
    }

    /// `capture`: names and paths.
    pub(super) fn capture(&mut self, fields: &Fields<'_>, roots: &[&str]) -> Option<IndexMap<String, CapturePath>> {
        let Some(node) = fields.node("capture") else { return Some(IndexMap::new()) };
        let Kind::Map(entries) = &node.kind else {
            return self.refuse(
                &node.place,
                format!("`capture` is a map of names and paths, not {}", node.noun()),
                None,
            );
        };
        let mut captures = IndexMap::new();
        let mut complete = true;
        for entry in entries {
            let name = self.name(&entry.place, &entry.key);
            let path = self.capture_path(&entry.value, roots);
            match (name, path) {
                (Some(name), Some(path)) => {
                    captures.insert(name, path);
                }
                _ => complete = false,
            }
        }
        complete.then_some(captures)
    }

    fn capture_path(&mut self, node: &Node, roots: &[&str]) -> Option<CapturePath> {
        let text = self.text(node)?;
        match CapturePath::parse(text, node.place.clone(), roots) {
            Ok(path) => Some(path),
            Err(error) => {
                let hint = match (&error, roots) {
                    (PathError::Root(_), REPLIES) => Some(Hint::Note(
                        "`parallel` and `repeat` have several replies: `replies[0].body.id`".to_owned(),
                    )),
                    _ => None,
                };
                self.refuse(&node.place, error.to_string(), hint)
            }
        }
    }
}
