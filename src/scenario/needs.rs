//! Capabilities: which names there are, and which of them a scenario needs without saying so.

use serde_json::Value;

use super::story::{Action, Isolation, Scenario, Step, Twin};

/// All that an adapter can declare.
pub const CAPABILITIES: &[&str] = &[
    "server-calls",
    "actors",
    "clock",
    "exact-clock",
    "multiple-configurations",
    "sessions-from-keys",
    "custom-functions",
    "organizations",
    "secondary-storage",
    "persistence",
    "delayed-storage",
    "openapi",
    "self-grant",
    "self-grant-clamp",
];

impl Step {
    /// What this step's own action needs. Its twin may need more: [`Twin::implied_needs`].
    pub fn implied_needs(&self) -> Vec<&'static str> {
        self.action.implied_needs()
    }
}

impl Twin {
    /// What sending the twin needs.
    pub fn implied_needs(&self) -> Vec<&'static str> {
        match self {
            Self::Request { action, .. } => action.implied_needs(),
            Self::Step { .. } | Self::None { .. } => Vec::new(),
        }
    }
}

impl Action {
    /// `server-calls` for a server-side call, `clock` for a movement of the clock.
    pub fn implied_needs(&self) -> Vec<&'static str> {
        match self {
            Self::Server(_) => vec!["server-calls"],
            Self::Clock(_) => vec!["clock"],
            Self::Restart { .. } => vec!["persistence"],
            Self::Many { each, .. } => each.iter().flat_map(Self::implied_needs).collect(),
            Self::Client(_) | Self::Raw(_) => Vec::new(),
        }
    }
}

impl Scenario {
    /// What starting its deployment needs. What its steps need is theirs: without it, only they and what depends on
    /// them are not applicable.
    pub fn implied_needs(&self) -> Vec<&'static str> {
        let configs = match &self.config {
            Value::Array(configs) => configs.iter().collect(),
            config => vec![config],
        };
        let any = |pointer: &str, wanted: &dyn Fn(&Value) -> bool| {
            configs.iter().any(|config| config.pointer(pointer).is_some_and(wanted))
        };
        let sets = |pointer: &str| self.setup.pointer(pointer).is_some_and(|value| *value != Value::Bool(false));
        let is_true = |value: &Value| *value == Value::Bool(true);
        let secondary = |value: &Value| value.as_str().is_some_and(|storage| storage.starts_with("secondary"));
        let needs = [
            ("multiple-configurations", self.config.is_array()),
            ("sessions-from-keys", any("/enableSessionForAPIKeys", &is_true)),
            ("custom-functions", names_preset(&self.config)),
            ("organizations", any("/references", &|owner| owner == "organization") || sets("/organizations")),
            ("secondary-storage", any("/storage", &secondary) || sets("/secondaryStorage")),
            ("delayed-storage", sets("/delay")),
            ("self-grant", configs.iter().any(|config| lets_clients_grant(config) && !clamps(config))),
            ("self-grant-clamp", configs.iter().any(|config| lets_clients_grant(config) && clamps(config))),
        ];
        needs.into_iter().filter_map(|(need, implied)| implied.then_some(need)).collect()
    }

    /// Does it stop its deployment and start it again?
    pub fn restarts(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Restart { .. }))
    }

    /// A scenario that moves the clock, or starts its deployment again, shares it with nobody.
    pub fn effective_isolation(&self) -> Isolation {
        let moves_clock = self.steps.iter().any(|step| matches!(step.action, Action::Clock(_)));
        if (moves_clock || self.restarts()) && self.isolation == Isolation::Shared {
            Isolation::Deployment
        } else {
            self.isolation
        }
    }
}

/// A ceiling alone grants nothing: a deployment that does not know it does what it demands.
fn lets_clients_grant(config: &Value) -> bool {
    config.pointer("/permissions/allowClientPermissions") == Some(&Value::Bool(true))
}

fn clamps(config: &Value) -> bool {
    config.pointer("/permissions/whenAboveMaximum").is_some_and(|way| way == "clamp")
}

/// Somewhere in the options stands `{"preset": "NAME"}`.
fn names_preset(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            (members.len() == 1 && members.get("preset").is_some_and(Value::is_string))
                || members.values().any(names_preset)
        }
        Value::Array(items) => items.iter().any(names_preset),
        _ => false,
    }
}
