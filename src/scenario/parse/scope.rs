//! What is known where: actors, captures, step ids and check ids over the whole file.

use std::collections::{HashMap, HashSet};

use crate::scenario::diagnostic::Hint;
use crate::scenario::story::{Action, CapturePath, Check, Place, Step, Twin};
use crate::spec::words::meant;

use super::reader::Reader;

/// The names that references can use, as the steps go by.
struct Scope {
    actors: Vec<String>,
    captured: HashMap<String, Captured>,
    /// All names that any step captures, for better messages.
    anywhere: HashSet<String>,
}

struct Captured {
    /// Of the step that captured it; 0 while that step is under way.
    line: usize,
    /// By a step on which nothing depends.
    aside: bool,
    /// By a step that is only sometimes done.
    sometimes: bool,
}

/// Names that mean something in some requests only.
const LOCAL: &[(&str, &str)] =
    &[("index", "in `each`, its checks and its twin"), ("host", "in `raw`"), ("path", "in `raw`")];

/// Names that are known in a part of a step only.
#[derive(Clone, Copy, Default)]
struct Here {
    index: bool,
    raw: bool,
}

impl Reader {
    /// Checks all names, and returns the actors in the order of their appearance.
    pub(super) fn check_scope(&mut self, declared: Vec<String>, steps: &mut [Step]) -> Vec<String> {
        let mut actors = declared;
        for actor in steps.iter().flat_map(step_actors) {
            if !actors.contains(actor) {
                actors.push(actor.clone());
            }
        }
        self.check_ids(steps);
        self.check_twin_steps(steps);
        let anywhere = steps.iter().flat_map(captures).map(|(name, _)| name.clone()).collect();
        let mut scope = Scope { actors, captured: HashMap::new(), anywhere };
        for step in steps.iter() {
            self.step_scope(&mut scope, step);
        }
        scope.actors
    }

    fn check_ids(&mut self, steps: &[Step]) {
        let mut checks: HashMap<&str, usize> = HashMap::new();
        let mut ids: HashMap<&str, usize> = HashMap::new();
        for step in steps {
            if let Some(id) = &step.id
                && let Some(line) = ids.insert(id, step.place.line)
            {
                self.refuse::<()>(&step.place, format!("the step id `{id}` is taken by the step in line {line}"), None);
            }
            for check in step.checks() {
                if let Some(line) = checks.insert(&check.id, check.place.line) {
                    let message = format!("the check id `{}` is taken by the check in line {line}", check.id);
                    self.refuse::<()>(&check.place, message, None);
                }
            }
        }
    }

    /// A twin's id names an earlier step that is accepted.
    fn check_twin_steps(&mut self, steps: &[Step]) {
        for (at, step) in steps.iter().enumerate() {
            let Some(Twin::Step { place, id }) = &step.twin else { continue };
            let named = steps.iter().position(|other| other.id.as_ref() == Some(id));
            match named {
                None => {
                    let ids = steps.iter().filter_map(|step| step.id.as_deref());
                    let hint = meant(id, ids).map(|right| Hint::Replace(right.to_owned()));
                    self.refuse::<()>(place, format!("no step has the id `{id}`"), hint);
                }
                Some(other) if other >= at => {
                    self.refuse::<()>(place, format!("the step `{id}` comes only after this one"), None);
                }
                Some(other) if matches!(steps[other].action, Action::Clock(_) | Action::Restart { .. }) => {
                    self.refuse::<()>(place, format!("the step `{id}` is no request: nobody accepts it"), None);
                }
                Some(other)
                    if super::twin::unproven_rejection(&steps[other].action, &steps[other].expect).is_some() =>
                {
                    self.refuse::<()>(place, format!("the step `{id}` expects a rejection itself"), None);
                }
                Some(_) => {}
            }
        }
    }

    fn step_scope(&mut self, scope: &mut Scope, step: &Step) {
        self.action_scope(scope, &step.action, Here::default());
        let sometimes = step.when.editions.is_some() || !step.when.needs.is_empty();
        for (name, path) in &step.capture {
            self.capture_scope(scope, name, &path.place, step.aside, sometimes);
        }
        let in_many = Here { index: matches!(step.action, Action::Many { .. }), raw: false };
        self.checks_scope(scope, &step.expect, in_many);
        if let Some(Twin::Request { action, expect, capture, .. }) = &step.twin {
            self.action_scope(scope, action, in_many);
            for (name, path) in capture {
                self.capture_scope(scope, name, &path.place, step.aside, sometimes);
            }
            self.checks_scope(scope, expect, in_many);
        }
        // From here on they are those of an earlier step.
        for captured in scope.captured.values_mut().filter(|captured| captured.line == 0) {
            captured.line = step.place.line;
        }
    }

    fn capture_scope(&mut self, scope: &mut Scope, name: &str, place: &Place, aside: bool, sometimes: bool) {
        if scope.actors.iter().any(|actor| actor == name) {
            self.refuse::<()>(place, format!("`{name}` is an actor: a captured value needs another name"), None);
        }
        if let Some(before) = scope.captured.get(name)
            && !(before.sometimes || sometimes)
        {
            let message = format!("`{name}` is captured already in the step of line {}", before.line);
            self.refuse::<()>(place, message, None);
        }
        scope.captured.insert(name.to_owned(), Captured { line: 0, aside, sometimes });
    }

    fn action_scope(&mut self, scope: &Scope, action: &Action, here: Here) {
        if let Action::Many { each, .. } = action {
            return each.iter().for_each(|one| self.action_scope(scope, one, Here { index: true, ..here }));
        }
        let here = Here { raw: matches!(action, Action::Raw(_)), ..here };
        for (place, parts) in action.references() {
            self.reference_scope(scope, place, parts, here);
        }
    }

    fn checks_scope(&mut self, scope: &Scope, checks: &[Check], here: Here) {
        for (place, parts) in checks.iter().flat_map(|check| check.expectation.references()) {
            self.reference_scope(scope, place, parts, here);
        }
    }

    fn reference_scope(&mut self, scope: &Scope, place: &Place, parts: &[String], here: Here) {
        let Some((name, members)) = parts.split_first() else { return };
        let known = match name.as_str() {
            "unique" | "now" => true,
            "index" => here.index,
            "host" | "path" => here.raw,
            _ => false,
        };
        if known && !members.is_empty() {
            self.refuse::<()>(place, format!("`${name}` has no members"), None);
        } else if known {
        } else if scope.actors.contains(name) {
            let fits = match members {
                [member] => ["userId", "headers"].contains(&member.as_str()),
                [member, ..] => member == "headers",
                [] => false,
            };
            if !fits {
                let message =
                    format!("of an actor, `${name}.userId` and `${name}.headers.cookie` and the like are known");
                self.refuse::<()>(place, message, None);
            }
        } else if let Some(captured) = scope.captured.get(name) {
            if captured.aside && captured.line > 0 {
                let message = format!("`${name}` is captured by a step that stands aside (line {})", captured.line);
                self.refuse::<()>(place, message, None);
            }
        } else {
            self.refuse_reference(scope, place, name, members, here);
        }
    }

    fn refuse_reference(&mut self, scope: &Scope, place: &Place, name: &str, members: &[String], here: Here) {
        if scope.anywhere.contains(name) {
            self.refuse::<()>(place, format!("`${name}` is captured only later"), None);
            return;
        }
        if let Some((_, somewhere)) = LOCAL.iter().find(|(local, _)| *local == name) {
            self.refuse::<()>(place, format!("`${name}` is known only {somewhere}"), None);
            return;
        }
        let constant = ["unique", "now"].into_iter().chain(here.index.then_some("index"));
        let constant = constant.chain(here.raw.then_some("host")).chain(here.raw.then_some("path"));
        let known = scope.captured.keys().map(String::as_str).chain(scope.actors.iter().map(String::as_str));
        let hint = match meant(name, known.chain(constant)) {
            Some(right) => Some(Hint::Note(format!("did you mean `${right}`?"))),
            None if members.first().is_some_and(|member| member == "userId") => {
                Some(Hint::Note(format!("if it is an actor that sends nothing itself, say so: `actors: [{name}]`")))
            }
            None => None,
        };
        self.refuse::<()>(place, format!("nothing captures `${name}`"), hint);
    }
}

fn step_actors(step: &Step) -> impl Iterator<Item = &String> {
    let twin = match &step.twin {
        Some(Twin::Request { action, .. }) => actors(action),
        _ => Vec::new(),
    };
    actors(&step.action).into_iter().chain(twin)
}

fn actors(action: &Action) -> Vec<&String> {
    match action {
        Action::Client(call) => call.actor.iter().collect(),
        Action::Server(call) => call.actor.iter().collect(),
        Action::Many { each, .. } => each.iter().flat_map(actors).collect(),
        Action::Clock(_) | Action::Restart { .. } | Action::Raw(_) => Vec::new(),
    }
}

fn captures(step: &Step) -> impl Iterator<Item = (&String, &CapturePath)> {
    let twin = match &step.twin {
        Some(Twin::Request { capture, .. }) => Some(capture),
        _ => None,
    };
    step.capture.iter().chain(twin.into_iter().flatten())
}
