//! What a target can do, and the configurations that its deployments can have.

mod option;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::grant;
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
    /// What a deployment holds outlives it.
    pub restarts: bool,
    self_grant: bool,
    clamps: bool,
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
    Restarts,
    SelfGrant,
}

impl Theme {
    fn profile(self) -> Profile {
        match self {
            Self::Fields | Self::Transport | Self::Lists => Profile::Core,
            Self::Permissions | Self::Configurations => Profile::Server,
            Self::Limits | Self::Expiry => Profile::Limits,
            Self::Sessions => Profile::Sessions,
            Self::Organizations => Profile::Organizations,
            Self::Storage | Self::Restarts => Profile::Storage,
            Self::SelfGrant => Profile::SelfGrant,
        }
    }
}

/// What sequences are about, each in turn; where more can go wrong, twice.
const THEMES: &[Theme] = &[
    Theme::Fields,
    Theme::Limits,
    Theme::Expiry,
    Theme::Permissions,
    Theme::Sessions,
    Theme::Configurations,
    Theme::Organizations,
    Theme::Organizations,
    Theme::Storage,
    Theme::Transport,
    Theme::Lists,
    Theme::Restarts,
    Theme::SelfGrant,
    Theme::SelfGrant,
];

impl Ground {
    /// `fixed`: the options of a deployment that cannot be started with others.
    pub fn new(edition: Edition, capabilities: &BTreeSet<String>, fixed: Option<Value>) -> Self {
        let can = |name: &str| capabilities.contains(name);
        let mut options = option::options();
        options.retain(|(name, value)| {
            let preset = value.get("preset").is_some() || value.pointer("/defaultPermissions/preset").is_some();
            Configs::parse(&edition, &json!({ *name: value })).is_ok() && (can("custom-functions") || !preset)
        });
        Self {
            server: can("server-calls"),
            clock: can("clock"),
            sessions: can("sessions-from-keys"),
            organizations: can("organizations"),
            restarts: can("persistence") && fixed.is_none(),
            self_grant: can("self-grant") && fixed.is_none(),
            clamps: can("self-grant-clamp"),
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
        self.restarts &= other.restarts;
        self.self_grant &= other.self_grant;
        self.clamps &= other.clamps;
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
            Theme::Restarts if !self.restarts => Theme::Limits,
            Theme::SelfGrant if !self.self_grant => Theme::Permissions,
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
            || (self.several && theme == Theme::Storage && source.chance(40))
            || (self.several && theme == Theme::SelfGrant && source.chance(35));
        if several {
            config = self.list(source, theme, config);
        }
        let has_team = config.to_string().contains("\"organization\"");
        if theme == Theme::Organizations || has_team {
            if source.chance(90) {
                setup.insert("organizations".to_owned(), option::roles(source));
            }
        } else if self.organizations && self.several && source.chance(3) {
            setup.insert("organizations".to_owned(), Value::Bool(true));
        }
        // A deployment that is started again may be told to keep its keys there.
        let later = theme == Theme::Restarts && self.secondary && source.chance(50);
        if later || config.to_string().contains("secondary-storage") {
            setup.insert("secondaryStorage".to_owned(), Value::Bool(true));
        }
        let setup = if setup.is_empty() { Value::Null } else { Value::Object(setup) };
        match Configs::parse(&self.edition, &config).is_ok() && Setup::parse(&self.edition, &setup).is_ok() {
            true => (config, setup),
            false => (json!({}), Value::Null),
        }
    }

    /// Other options for a deployment that is started again: one is taken away, given, or another.
    pub fn changed(&self, source: &mut impl Source, config: &Value) -> Value {
        let mut changed = config.clone();
        let first = match &mut changed {
            Value::Array(list) => list.first_mut().and_then(Value::as_object_mut),
            config => config.as_object_mut(),
        };
        let Some(options) = first else { return changed };
        let names =
            ["enableSessionForAPIKeys", "rateLimit", "enableMetadata", "keyExpiration", "storage", "permissions"];
        // What keys hold and where they lie matters most over a restart.
        let matters = ["storage", "permissions"].into_iter().filter(|name| options.contains_key(*name));
        let matters: Vec<&str> = matters.collect();
        let of = if !matters.is_empty() && source.chance(60) { &matters[..] } else { &names[..] };
        let name = source.pick(of).copied().unwrap_or("rateLimit");
        let there = options.shift_remove(name).is_some();
        match name {
            "storage" if self.secondary => {
                ["fallbackToDatabase", "customStorage"].iter().for_each(|name| drop(options.shift_remove(*name)));
                let storage = source.below(4);
                if storage > 0 {
                    options.insert("storage".to_owned(), "secondary-storage".into());
                }
                match storage {
                    2 => self.add(source, options, "fallbackToDatabase"),
                    3 => self.add(source, options, "customStorage"),
                    _ => {}
                }
            }
            "permissions" if self.self_grant => {
                options.insert(name.to_owned(), grant::option(source, self.clamps));
            }
            _ if !there || source.chance(50) => self.add(source, options, name),
            _ => {}
        }
        if Configs::parse(&self.edition, &changed).is_ok() { changed } else { config.clone() }
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
            Theme::Storage => {
                &[("storage", 95), ("enableMetadata", 30), ("keyExpiration", 20), ("enableSessionForAPIKeys", 20)]
            }
            Theme::Restarts => &[
                ("storage", 35),
                ("enableMetadata", 40),
                ("enableSessionForAPIKeys", 25),
                ("rateLimit", 40),
                ("keyExpiration", 15),
            ],
            Theme::SelfGrant => &[("enableSessionForAPIKeys", 45), ("rateLimit", 10)],
            Theme::Configurations => &[("rateLimit", 40), ("permissions", 15)],
            Theme::Organizations => &[("enableSessionForAPIKeys", 15), ("permissions", 10)],
            Theme::Lists => &[("enableMetadata", 60), ("rateLimit", 30)],
            _ => &[],
        };
        for (name, percent) in wanted {
            if source.chance(*percent) {
                self.add(source, &mut config, name);
            }
        }
        let more = match theme {
            Theme::SelfGrant => source.weighted(&[80, 20]),
            _ => source.weighted(&[30, 30, 20, 10]),
        };
        for _ in 0..more {
            let names: Vec<&str> = self.options.iter().map(|(name, _)| *name).collect();
            if let Some(name) = source.pick(&names) {
                self.add(source, &mut config, name);
            }
        }
        let granting = theme == Theme::SelfGrant && source.chance(95);
        if granting || (self.self_grant && theme == Theme::Restarts && source.chance(20)) {
            config.insert("permissions".to_owned(), grant::option(source, self.clamps));
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
        let first_id = if source.chance(92) { "default" } else { "first" };
        let mut list = vec![named(first_id, first)];
        if theme != Theme::Organizations || source.chance(30) {
            let like = match theme {
                Theme::Storage | Theme::SelfGrant | Theme::Configurations => theme,
                _ => Theme::Fields,
            };
            list.push(named("second", self.one(source, like)));
        }
        let teams = self.organizations && theme == Theme::SelfGrant && source.chance(35);
        if teams || theme == Theme::Organizations || source.chance(5) {
            let like = if theme == Theme::SelfGrant { theme } else { Theme::Organizations };
            let mut team = named("team", self.one(source, like));
            team.insert("references".to_owned(), "organization".into());
            list.push(team);
        }
        if source.chance(25) {
            list.rotate_left(1);
        }
        list.into_iter().map(Value::Object).collect::<Vec<_>>().into()
    }
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
