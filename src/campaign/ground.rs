//! What a target can do, and the configurations that its deployments can have.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::source::Source;
use crate::spec::config::Configs;
use crate::spec::edition::Edition;
use crate::spec::requirement::Profile;
use crate::spec::setup::Setup;

/// What is drawn from, for one target or for several that play the same sequences.
#[derive(Debug, Clone)]
pub struct Ground {
    /// By this edition sequences are made; what another edition does not know is a value like any other there.
    pub edition: Edition,
    pub server: bool,
    pub clock: bool,
    pub sessions: bool,
    pub organizations: bool,
    several: bool,
    secondary: bool,
    /// The options of a deployment that runs already.
    fixed: Option<Value>,
    /// Single options that the edition has.
    options: Vec<(&'static str, Value)>,
    themes: Vec<Theme>,
}

/// What a sequence is about: which configurations and which steps are likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Fields,
    Limits,
    Expiry,
    Permissions,
    Sessions,
    Configurations,
    Organizations,
    Storage,
    Transport,
    Lists,
}

impl Theme {
    fn profile(self) -> Profile {
        match self {
            Self::Fields | Self::Transport | Self::Lists => Profile::Core,
            Self::Permissions | Self::Configurations => Profile::Server,
            Self::Limits | Self::Expiry => Profile::Limits,
            Self::Sessions => Profile::Sessions,
            Self::Organizations => Profile::Organizations,
            Self::Storage => Profile::Storage,
        }
    }
}

const THEMES: &[Theme] = &[
    Theme::Fields,
    Theme::Limits,
    Theme::Expiry,
    Theme::Permissions,
    Theme::Sessions,
    Theme::Configurations,
    Theme::Organizations,
    Theme::Storage,
    Theme::Transport,
    Theme::Lists,
];

impl Ground {
    /// `fixed`: the options of a deployment that cannot be started with others.
    pub fn new(edition: Edition, capabilities: &BTreeSet<String>, fixed: Option<Value>) -> Self {
        let can = |name: &str| capabilities.contains(name);
        let mut options = options();
        options.retain(|(name, value)| {
            let preset = value.get("preset").is_some() || value.pointer("/defaultPermissions/preset").is_some();
            Configs::parse(&edition, &json!({ *name: value })).is_ok() && (can("custom-functions") || !preset)
        });
        Self {
            server: can("server-calls"),
            clock: can("clock"),
            sessions: can("sessions-from-keys"),
            organizations: can("organizations"),
            several: can("multiple-configurations"),
            secondary: can("secondary-storage"),
            edition,
            fixed,
            options,
            themes: THEMES.to_vec(),
        }
    }

    /// Are there no other options than those of a deployment that runs already?
    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    /// Only with these options.
    #[must_use]
    pub fn with(self, config: Value) -> Self {
        Self { fixed: Some(config), ..self }
    }

    /// Only what shows requirements of these profiles.
    #[must_use]
    pub fn about(mut self, profiles: &[Profile]) -> Self {
        if !profiles.is_empty() {
            self.themes.retain(|theme| profiles.contains(&theme.profile()));
        }
        self
    }

    /// What all of these can: `self` and the other.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.server &= other.server;
        self.clock &= other.clock;
        self.sessions &= other.sessions;
        self.organizations &= other.organizations;
        self.several &= other.several;
        self.secondary &= other.secondary;
        self.options.retain(|option| other.options.contains(option));
        self.fixed = self.fixed.or_else(|| other.fixed.clone());
        self
    }

    /// What the next sequence is about, where the target can do it.
    pub fn theme(&self, source: &mut impl Source) -> Theme {
        let theme = source.pick(&self.themes).copied().unwrap_or(Theme::Fields);
        match theme {
            Theme::Sessions if !self.sessions => Theme::Fields,
            Theme::Configurations if !self.several => Theme::Fields,
            Theme::Organizations if !self.organizations || !self.several => Theme::Permissions,
            Theme::Storage if !self.secondary => Theme::Limits,
            Theme::Limits | Theme::Expiry if !self.server => Theme::Lists,
            theme => theme,
        }
    }

    /// The options of a deployment, and its setup.
    pub fn configuration(&self, source: &mut impl Source, theme: Theme) -> (Value, Value) {
        if let Some(fixed) = &self.fixed {
            return (fixed.clone(), Value::Null);
        }
        let mut setup = Map::new();
        let mut config = self.one(source, theme);
        let several = theme == Theme::Configurations
            || theme == Theme::Organizations
            || (self.several && theme == Theme::Sessions && source.chance(30))
            // What one configuration keeps apart, another can show.
            || (self.several && theme == Theme::Storage && source.chance(40));
        if several {
            config = self.list(source, theme, config);
        }
        if theme == Theme::Organizations {
            if source.chance(90) {
                setup.insert("organizations".to_owned(), roles(source));
            }
        } else if self.organizations && self.several && source.chance(3) {
            setup.insert("organizations".to_owned(), Value::Bool(true));
        }
        if config.to_string().contains("secondary-storage") {
            setup.insert("secondaryStorage".to_owned(), Value::Bool(true));
        }
        let setup = if setup.is_empty() { Value::Null } else { Value::Object(setup) };
        match Configs::parse(&self.edition, &config).is_ok() && Setup::parse(&self.edition, &setup).is_ok() {
            true => (config, setup),
            false => (json!({}), Value::Null),
        }
    }

    /// One configuration with a few options.
    fn one(&self, source: &mut impl Source, theme: Theme) -> Value {
        let mut config = Map::new();
        let wanted: &[(&str, usize)] = match theme {
            Theme::Fields => &[("enableMetadata", 60)],
            Theme::Limits => &[("rateLimit", 50)],
            Theme::Expiry => &[("keyExpiration", 70)],
            Theme::Permissions => &[("permissions", 50)],
            Theme::Sessions => &[
                ("enableSessionForAPIKeys", 85),
                ("apiKeyHeaders", 30),
                ("customAPIKeyGetter", 25),
                ("customAPIKeyValidator", 10),
                ("rateLimit", 20),
                ("defaultKeyLength", 10),
            ],
            Theme::Storage => &[("storage", 95), ("enableMetadata", 30), ("keyExpiration", 20)],
            Theme::Lists => &[("enableMetadata", 60), ("rateLimit", 30)],
            _ => &[],
        };
        for (name, percent) in wanted {
            if source.chance(*percent) {
                self.add(source, &mut config, name);
            }
        }
        let more = source.weighted(&[30, 30, 20, 10]);
        for _ in 0..more {
            let names: Vec<&str> = self.options.iter().map(|(name, _)| *name).collect();
            if let Some(name) = source.pick(&names) {
                self.add(source, &mut config, name);
            }
        }
        if config.get("storage").is_some() {
            for (name, percent) in [("fallbackToDatabase", 50), ("customStorage", 30), ("deferUpdates", 15)] {
                if source.chance(percent) {
                    self.add(source, &mut config, name);
                }
            }
        }
        Value::Object(config)
    }

    fn add(&self, source: &mut impl Source, config: &mut Map<String, Value>, name: &str) {
        let storage = matches!(name, "storage" | "fallbackToDatabase" | "customStorage" | "deferUpdates");
        if storage && (!self.secondary || (name != "storage" && !config.contains_key("storage"))) {
            return;
        }
        let values: Vec<&Value> = self.options.iter().filter(|(other, _)| *other == name).map(|(_, v)| v).collect();
        if let Some(value) = source.pick(&values) {
            config.insert(name.to_owned(), Value::clone(value));
        }
    }

    fn list(&self, source: &mut impl Source, theme: Theme, first: Value) -> Value {
        let named = |id: &str, config: Value| {
            let mut members = Map::new();
            members.insert("configId".to_owned(), id.into());
            members.extend(config.as_object().cloned().unwrap_or_default());
            members
        };
        let first_id = if source.chance(85) { "default" } else { "first" };
        let mut list = vec![named(first_id, first)];
        if theme != Theme::Organizations || source.chance(30) {
            let like = if theme == Theme::Storage { Theme::Storage } else { Theme::Fields };
            list.push(named("second", self.one(source, like)));
        }
        if theme == Theme::Organizations || source.chance(5) {
            let mut team = named("team", self.one(source, Theme::Fields));
            team.insert("references".to_owned(), "organization".into());
            list.push(team);
        }
        if source.chance(25) {
            list.rotate_left(1);
        }
        list.into_iter().map(Value::Object).collect::<Vec<_>>().into()
    }
}

fn roles(source: &mut impl Source) -> Value {
    match source.below(4) {
        0 => Value::Bool(true),
        1 => {
            json!({ "roles": { "admin": { "apiKey": ["create", "read", "update", "delete"] }, "member": { "apiKey": ["read"] } } })
        }
        2 => json!({ "roles": { "member": { "apiKey": ["create", "read"] } } }),
        _ => json!({ "roles": { "admin": { "apiKey": ["read", "update"] }, "member": { "apiKey": ["delete"] } } }),
    }
}

/// The options that configurations are made of, each with values that matter.
fn options() -> Vec<(&'static str, Value)> {
    let of = |name: &'static str, values: Vec<Value>| values.into_iter().map(move |value| (name, value));
    let preset = |name: &str| json!({ "preset": name });
    [
        of("apiKeyHeaders", vec![json!("x-other"), json!(["x-one", "x-two"]), json!(["X-One", "x-api-key"])]),
        of("defaultKeyLength", vec![json!(8), json!(20), json!(100)]),
        of("defaultPrefix", vec![json!("sk_"), json!("ok_"), json!("")]),
        of("minimumPrefixLength", vec![json!(2), json!(0)]),
        of("maximumPrefixLength", vec![json!(3), json!(5)]),
        of("minimumNameLength", vec![json!(2), json!(0)]),
        of("maximumNameLength", vec![json!(5), json!(64)]),
        of("requireName", vec![json!(true)]),
        of("enableMetadata", vec![json!(true), json!(true), json!(false)]),
        of("disableKeyHashing", vec![json!(true)]),
        of("enableSessionForAPIKeys", vec![json!(true)]),
        of(
            "rateLimit",
            vec![
                json!({ "enabled": false }),
                json!({ "enabled": true, "timeWindow": 1000, "maxRequests": 2 }),
                json!({ "enabled": true, "timeWindow": 60_000, "maxRequests": 3 }),
                json!({ "maxRequests": 1 }),
                json!({ "timeWindow": 5000 }),
            ],
        ),
        of(
            "keyExpiration",
            vec![
                json!({ "defaultExpiresIn": 90_000 }),
                json!({ "disableCustomExpiresTime": true }),
                json!({ "disableCustomExpiresTime": true, "defaultExpiresIn": 60 }),
                json!({ "minExpiresIn": 2, "maxExpiresIn": 3 }),
                json!({ "minExpiresIn": 0 }),
                json!({ "minExpiresIn": 0, "defaultExpiresIn": 60 }),
            ],
        ),
        of(
            "startingCharactersConfig",
            vec![
                json!({ "shouldStore": false }),
                json!({ "shouldStore": true, "charactersLength": 3 }),
                json!({ "charactersLength": 10 }),
            ],
        ),
        of(
            "permissions",
            vec![
                json!({ "defaultPermissions": { "files": ["read"] } }),
                json!({ "defaultPermissions": { "files": ["read", "write"], "users": ["read"] } }),
                json!({ "defaultPermissions": preset("permissions:from-owner") }),
            ],
        ),
        of("customAPIKeyGetter", vec![preset("getter:x-custom-key"), preset("getter:number")]),
        of("customAPIKeyValidator", vec![preset("validator:starts-with-ok"), preset("validator:async-starts-with-ok")]),
        of("customKeyGenerator", vec![preset("generator:fixed-alphabet")]),
        of("storage", vec![json!("secondary-storage"), json!("secondary-storage"), json!("database")]),
        of("fallbackToDatabase", vec![json!(true)]),
        of("customStorage", vec![preset("storage:memory")]),
        of("deferUpdates", vec![json!(true)]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::source::Seeded;

    fn everything() -> BTreeSet<String> {
        crate::scenario::needs::CAPABILITIES.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn every_edition_draws_configurations_that_it_has() {
        for edition in ["1.2.12", "1.3.34", "1.4.1", "1.4.22", "1.5.6", "1.6.33", "1.7.5"] {
            let edition: Edition = edition.parse().unwrap();
            let ground = Ground::new(edition.clone(), &everything(), None);
            let mut seen = BTreeSet::new();
            for number in 0..400 {
                let mut source = Seeded::new(1, number);
                let theme = ground.theme(&mut source);
                let (config, setup) = ground.configuration(&mut source, theme);
                assert!(Configs::parse(&edition, &config).is_ok(), "{edition}: {config}");
                assert!(Setup::parse(&edition, &setup).is_ok(), "{edition}: {setup}");
                seen.insert(config.to_string());
            }
            assert!(seen.len() > 100, "{edition}: {}", seen.len());
        }
    }

    #[test]
    fn what_a_target_cannot_do_is_not_drawn() {
        let ground = Ground::new(Edition::newest(), &BTreeSet::new(), None);
        for number in 0..200 {
            let mut source = Seeded::new(1, number);
            let theme = ground.theme(&mut source);
            let (config, setup) = ground.configuration(&mut source, theme);
            let text = config.to_string();
            assert!(config.is_object() && !text.contains("preset") && !text.contains("secondary"), "{text}");
            assert!(setup.is_null(), "{setup}");
        }
    }

    #[test]
    fn a_deployment_that_runs_has_its_own_options() {
        let fixed = json!({ "enableMetadata": true });
        let ground = Ground::new(Edition::newest(), &everything(), Some(fixed.clone()));
        let mut source = Seeded::new(1, 1);
        assert_eq!(ground.configuration(&mut source, Theme::Storage), (fixed, Value::Null));
    }
}
