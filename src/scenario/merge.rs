//! The changes of a positive twin, laid over the request that they repair.

use super::story::{Action, Call, Target, Template};
use crate::spec::operation::Method;

/// What a twin changes. What it leaves out stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) door: Option<Door>,
    pub(super) actor: Option<Actor>,
    pub(super) query: Option<Template>,
    /// `Template::Absent` takes all the step's own headers away.
    pub(super) headers: Option<Template>,
    pub(super) body: Option<Template>,
    pub(super) text: Option<Template>,
    pub(super) raw: Option<Template>,
}

/// `client`, or `server`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Door {
    Client(Target),
    Server(Method),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Actor {
    Nobody,
    Named(String),
}

impl Changes {
    /// The repaired request, sent once. `None`: these changes do not fit the action.
    pub(super) fn over(self, action: &Action) -> Option<Action> {
        match action {
            // Of several requests it is not said which one the changes repair.
            Action::Many { each, .. } => match each.as_slice() {
                [one] => self.over(one),
                _ => None,
            },
            Action::Raw(_) => self.raw.map(Action::Raw),
            Action::Clock(_) | Action::Restart { .. } => None,
            Action::Client(call) => {
                let door = Door::Client(call.target.clone());
                Some(self.over_call(call, door))
            }
            Action::Server(call) => Some(self.over_call(call, Door::Server(call.target))),
        }
    }

    fn over_call<T>(self, call: &Call<T>, door: Door) -> Action {
        let actor = match self.actor {
            None => call.actor.clone(),
            Some(Actor::Nobody) => None,
            Some(Actor::Named(name)) => Some(name),
        };
        // A body takes the place of a text, and the other way round.
        let kept_body = call.body.clone().filter(|_| self.text.is_none());
        let kept_text = call.text.clone().filter(|_| self.body.is_none());
        let merged = Call {
            target: (),
            actor,
            query: changed(call.query.clone(), self.query),
            headers: headers(call.headers.clone(), self.headers),
            body: changed(kept_body, self.body),
            text: changed(kept_text, self.text),
        };
        match self.door.unwrap_or(door) {
            Door::Client(target) => Action::Client(retarget(merged, target)),
            Door::Server(method) => Action::Server(retarget(merged, method)),
        }
    }
}

impl Template {
    /// These changes laid over a value: maps member by member, everything else in one; `!absent` takes a member away.
    pub fn merged(self, changes: Self) -> Self {
        match (self, changes) {
            (Self::Map(mut members), Self::Map(changes)) => {
                for (name, change) in changes {
                    match (members.get_mut(&name), change) {
                        (_, Self::Absent) => {
                            members.shift_remove(&name);
                        }
                        (Some(member), change) => {
                            let old = std::mem::replace(member, Self::Null);
                            *member = old.merged(change);
                        }
                        (None, change) => {
                            members.insert(name, change);
                        }
                    }
                }
                Self::Map(members)
            }
            (_, changes) => changes,
        }
    }
}

fn changed(value: Option<Template>, change: Option<Template>) -> Option<Template> {
    match (value, change) {
        (value, None) => value,
        (_, Some(Template::Absent)) => None,
        (None, Some(change)) => Some(change),
        (Some(value), Some(change)) => Some(value.merged(change)),
    }
}

/// `!absent` takes the step's own header away; where the step has none of this name, the one that the actor would send.
fn headers(
    mut own: indexmap::IndexMap<String, Template>,
    changes: Option<Template>,
) -> indexmap::IndexMap<String, Template> {
    match changes {
        Some(Template::Absent) => own.clear(),
        Some(Template::Map(changes)) => {
            for (name, change) in changes {
                let set = own.get(&name).is_some_and(|header| *header != Template::Absent);
                if change == Template::Absent && set {
                    own.shift_remove(&name);
                } else {
                    own.insert(name, change);
                }
            }
        }
        _ => {}
    }
    own
}

fn retarget<T, U>(call: Call<T>, target: U) -> Call<U> {
    Call { target, actor: call.actor, query: call.query, headers: call.headers, body: call.body, text: call.text }
}
