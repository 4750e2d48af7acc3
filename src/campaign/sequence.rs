//! A sequence of operations, with the configuration that it needs: self-contained, and the same on every target.
//!
//! Things have names, and texts refer to them: `${k1.key}` is the clear text of the key that the step with
//! `makes: k1` made, `${alice.id}` the id of a user, `${o1.id}` that of an organization.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spec::operation::Method;

/// A deployment with these options, and what happens to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sequence {
    /// The plugin's options, as in the adapter protocol.
    #[serde(default)]
    pub config: Value,
    /// What stands around the plugin, as in the adapter protocol.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub setup: Value,
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Step {
    /// An operation over HTTP.
    Client {
        operation: Method,
        #[serde(flatten)]
        call: Call,
    },
    /// A server-side call: trusted when it names no actor and no headers.
    Server {
        operation: Method,
        #[serde(flatten)]
        call: Call,
    },
    /// A request to any path below the base path.
    Route {
        method: String,
        path: String,
        #[serde(flatten)]
        call: Call,
    },
    /// Time passes.
    Clock { advance_ms: u64 },
    /// The deployment is stopped and started again on its data.
    Restart {
        /// The options from now on; those of the sequence when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        config: Option<Value>,
    },
    /// Somebody does something with an organization.
    Organization {
        #[serde(rename = "as")]
        actor: String,
        organization: String,
        #[serde(flatten)]
        act: Act,
    },
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Whose session it carries; nobody's when left out.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// A body that is sent as it stands, in place of `body`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The name of the key that it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes: Option<String>,
    /// So many at the same time.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
}

/// What somebody does with an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    Found,
    Join { who: String, role: String },
    Role { who: String, role: String },
    Leave { who: String },
}

/// No more requests at the same time than these.
pub const MOST_AT_ONCE: u32 = 32;

fn once() -> u32 {
    1
}

fn is_once(times: &u32) -> bool {
    *times == 1
}

impl Step {
    /// The request, where there is one.
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Client { call, .. } | Self::Server { call, .. } | Self::Route { call, .. } => Some(call),
            Self::Clock { .. } | Self::Restart { .. } | Self::Organization { .. } => None,
        }
    }

    pub fn call_mut(&mut self) -> Option<&mut Call> {
        match self {
            Self::Client { call, .. } | Self::Server { call, .. } | Self::Route { call, .. } => Some(call),
            Self::Clock { .. } | Self::Restart { .. } | Self::Organization { .. } => None,
        }
    }

    /// The operation, where it is one.
    pub fn operation(&self) -> Option<Method> {
        match self {
            Self::Client { operation, .. } | Self::Server { operation, .. } => Some(*operation),
            _ => None,
        }
    }

    /// What is done, in one word or a path.
    pub fn name(&self) -> String {
        match self {
            Self::Client { operation, .. } | Self::Server { operation, .. } => operation.name().to_owned(),
            Self::Route { method, path, .. } => format!("{method} {path}"),
            Self::Clock { .. } => "clock".to_owned(),
            Self::Restart { .. } => "restart".to_owned(),
            Self::Organization { .. } => "organization".to_owned(),
        }
    }

    /// By which door, and with what authority: `client`, `nobody`, `server`, `server with headers`, `key`.
    pub fn channel(&self) -> &'static str {
        let Some(call) = self.call() else { return "harness" };
        let by_key = call.headers.values().any(|value| value.contains(".key"));
        match self {
            _ if by_key => "key",
            Self::Server { .. } if call.actor.is_none() && call.headers.is_empty() => "server",
            Self::Server { .. } => "server with headers",
            _ if call.actor.is_some() => "client",
            _ => "nobody",
        }
    }

    /// How many requests it sends.
    pub fn requests(&self) -> u64 {
        match self {
            Self::Clock { .. } | Self::Restart { .. } => 0,
            Self::Organization { act: Act::Join { .. }, .. } => 3,
            Self::Organization { .. } => 1,
            _ => self.call().map_or(1, |call| u64::from(call.times)),
        }
    }
}

impl Sequence {
    /// The actors in the order in which they appear: the order in which they sign up.
    pub fn actors(&self) -> Vec<&str> {
        let mut actors: Vec<&str> = Vec::new();
        for step in &self.steps {
            let named = match step {
                Step::Organization { actor, act, .. } => {
                    let who = match act {
                        Act::Join { who, .. } | Act::Role { who, .. } | Act::Leave { who } => Some(who.as_str()),
                        Act::Found => None,
                    };
                    [Some(actor.as_str()), who]
                }
                _ => [step.call().and_then(|call| call.actor.as_deref()), None],
            };
            actors.extend(named.into_iter().flatten());
            if let Ok(text) = serde_json::to_string(step) {
                actors.extend(ACTORS.iter().filter(|name| text.contains(&format!("${{{name}.id"))));
            }
        }
        let mut seen = std::collections::HashSet::new();
        actors.retain(|name| seen.insert(*name));
        actors
    }

    /// Its data lie where they outlive a restart: from the first step on, so that leaving the restart out changes nothing else.
    pub fn make_lasting(&mut self) {
        let mut setup = self.setup.as_object().cloned().unwrap_or_default();
        setup.entry("storage").or_insert_with(|| "sqlite".into());
        self.setup = setup.into();
    }

    /// Is its deployment stopped and started again?
    pub fn restarts(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Restart { .. }))
    }

    /// How many requests it sends.
    pub fn requests(&self) -> u64 {
        self.steps.iter().map(Step::requests).sum()
    }

    /// A name of an actor, a key or an organization that no campaign gives: they are short and have letters, digits
    /// and `_` only, so that they are names in every language that a finding is exported to.
    pub fn strange_name(&self) -> Option<&str> {
        let made = self.steps.iter().filter_map(|step| step.call()?.makes.as_deref());
        let organizations = self.steps.iter().filter_map(|step| match step {
            Step::Organization { organization, .. } => Some(organization.as_str()),
            _ => None,
        });
        self.actors().into_iter().chain(made).chain(organizations).find(|name| !is_name(name))
    }
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|sign: char| sign.is_ascii_alphabetic());
    begins && text.len() <= 32 && text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

/// The users of generated sequences.
pub const ACTORS: &[&str] = &["alice", "bob", "carol"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sequence_reads_and_writes_back() {
        let value = json!({
            "config": { "enableMetadata": true },
            "steps": [
                { "do": "client", "operation": "createApiKey", "as": "alice", "body": { "name": "a" }, "makes": "k1" },
                { "do": "server", "operation": "verifyApiKey", "body": { "key": "${k1.key}" }, "times": 5 },
                { "do": "clock", "advanceMs": 1000 },
                { "do": "restart" },
                { "do": "restart", "config": { "enableMetadata": false } },
                { "do": "organization", "as": "alice", "organization": "o1", "act": "join", "who": "bob", "role": "member" },
                { "do": "route", "method": "PUT", "path": "/api-key/create", "text": "{" },
            ],
        });
        let sequence: Sequence = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&sequence).unwrap(), value);
        assert_eq!(sequence.actors(), ["alice", "bob"]);
        assert_eq!(sequence.requests(), 1 + 5 + 3 + 1);
        assert!(sequence.restarts());
        assert_eq!(sequence.steps[1].channel(), "server");
    }
}
