//! The plugin's options, as its documentation names them, with their defaults.
//!
//! Functions are presets by name. What is not an option of the edition is an error: the releases ignore it, but a
//! misspelt option of a test is a mistake.

use serde_json::Value;

use super::edition::Edition;
use super::permission::Permissions;

mod advice;
mod option;
mod parse;

pub use advice::advice;
pub use parse::ConfigError;

/// All configurations of one deployment, in the order in which they were given.
#[derive(Debug, Clone, PartialEq)]
pub struct Configs(Vec<Config>);

/// One configuration. Source of names, units and defaults: the reference page of the documentation, "API Key plugin
/// options"; where it is silent, the releases.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `None` stands for the default configuration.
    pub config_id: Option<String>,
    /// What owns the keys.
    pub references: References,
    /// Where a key that acts as a session is looked for, in this order. Lower case.
    pub api_key_headers: Vec<String>,
    /// Length of the random part, in characters.
    pub default_key_length: usize,
    pub default_prefix: Option<String>,
    /// In UTF-16 units, inclusive, as are the other three lengths.
    pub minimum_prefix_length: f64,
    pub maximum_prefix_length: f64,
    pub minimum_name_length: f64,
    pub maximum_name_length: f64,
    pub require_name: bool,
    pub enable_metadata: bool,
    pub disable_key_hashing: bool,
    pub storage: Storage,
    /// Keys that are not in the database have a storage of their own: `storage:memory`.
    pub custom_storage: bool,
    /// Uses may be written after the reply to them.
    pub defers_updates: bool,
    /// Do valid keys act as sessions of their owners?
    pub sessions: bool,
    pub rate_limit: RateLimit,
    pub key_expiration: KeyExpiration,
    /// How many characters `start` shows (prefix included), or `None` when it is not stored.
    pub starting_characters: Option<usize>,
    pub default_permissions: Option<DefaultPermissions>,
    pub client_permissions: ClientPermissions,
    pub getter: Option<Getter>,
    pub validator: Option<Validator>,
    pub generator: Option<Generator>,
}

/// `references`: who owns the keys of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    User,
    Organization,
}

/// `storage`, `fallbackToDatabase`: where keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Database,
    Secondary,
    SecondaryWithFallback,
}

/// `rateLimit`: what new keys start with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// When false, no key of the configuration is limited.
    pub enabled: bool,
    /// In milliseconds.
    pub time_window: f64,
    pub max_requests: f64,
}

/// `keyExpiration`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyExpiration {
    /// In seconds. The documentation says milliseconds; every release takes it as seconds, like `expiresIn`, and the
    /// bounds beside it are in days: seconds are the only reading with a sensible range.
    pub default_expires_in: Option<f64>,
    pub disable_custom_expires_time: bool,
    /// In days, inclusive.
    pub min_expires_in: f64,
    /// In days, inclusive.
    pub max_expires_in: f64,
}

/// `permissions.defaultPermissions`.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultPermissions {
    These(Permissions),
    /// `permissions:from-owner`: `{"owner": ["<the owner's id>"]}`.
    FromOwner,
}

/// What clients may give their own keys: proposed, and in no release.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientPermissions {
    /// `permissions.allowClientPermissions`.
    pub allowed: bool,
    /// `permissions.maxPermissions`: the ceiling. `None` is no ceiling, an empty one grants nothing.
    pub maximum: Option<Permissions>,
    pub above_maximum: AboveMaximum,
}

/// `permissions.whenAboveMaximum`: what becomes of a wish that is above the ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AboveMaximum {
    /// The request is refused as a whole.
    #[default]
    Refuse,
    /// The key gets what the wish and the ceiling have in common.
    Clamp,
}

/// `customAPIKeyGetter`, by preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Getter {
    /// `getter:x-custom-key`: the header's value.
    CustomKeyHeader,
    /// `getter:number`: 42 when the header is there.
    Number,
}

/// `customAPIKeyValidator`, by preset. Both mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validator {
    /// `validator:starts-with-ok`.
    StartsWithOk,
    /// `validator:async-starts-with-ok`: the same as an asynchronous function.
    AsyncStartsWithOk,
}

/// `customKeyGenerator`, by preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// `generator:fixed-alphabet`: the prefix, then the letter `k`, with a counter in the last eight places.
    FixedAlphabet,
}

/// The names of all presets, as `hello` tells them.
pub const PRESETS: &[&str] = option::PRESETS;

impl Configs {
    /// Reads the `config` of a `start` request: an object, or a list of objects.
    ///
    /// # Errors
    /// The path of the first option that is not one of the edition, or has a wrong type, or is not supported.
    pub fn parse(edition: &Edition, options: &Value) -> Result<Self, ConfigError> {
        parse::configs(edition, options).map(Self)
    }

    /// The plugin without options.
    pub fn plain() -> Self {
        Self(vec![Config::plain()])
    }

    /// The configuration that a `configId` names. As in every release, an unknown one means the default one.
    /// `None` when there is no default configuration to fall back to.
    pub fn resolve(&self, config_id: Option<&str>) -> Option<&Config> {
        let named = config_id.filter(|id| !id.is_empty());
        named
            .and_then(|id| self.0.iter().find(|config| config.config_id.as_deref() == Some(id)))
            .or_else(|| self.0.iter().find(|config| is_default(config.config_id.as_deref())))
    }

    /// All configurations, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Config> {
        self.0.iter()
    }

    /// All configurations, in their order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Config> {
        self.0.iter_mut()
    }
}

impl Config {
    /// A configuration without options.
    pub fn plain() -> Self {
        Self {
            config_id: None,
            references: References::User,
            api_key_headers: vec!["x-api-key".to_owned()],
            default_key_length: 64,
            default_prefix: None,
            minimum_prefix_length: 1.0,
            maximum_prefix_length: 32.0,
            minimum_name_length: 1.0,
            maximum_name_length: 32.0,
            require_name: false,
            enable_metadata: false,
            disable_key_hashing: false,
            storage: Storage::Database,
            custom_storage: false,
            defers_updates: false,
            sessions: false,
            rate_limit: RateLimit { enabled: true, time_window: 86_400_000.0, max_requests: 10.0 },
            key_expiration: KeyExpiration {
                default_expires_in: None,
                disable_custom_expires_time: false,
                min_expires_in: 1.0,
                max_expires_in: 365.0,
            },
            starting_characters: Some(6),
            default_permissions: None,
            client_permissions: ClientPermissions::default(),
            getter: None,
            validator: None,
            generator: None,
        }
    }

    /// The `configId` that its keys carry.
    pub fn id(&self) -> &str {
        self.config_id.as_deref().filter(|id| !id.is_empty()).unwrap_or("default")
    }
}

impl Validator {
    /// Does the function accept this key?
    pub fn accepts(self, key: &str) -> bool {
        match self {
            Self::StartsWithOk | Self::AsyncStartsWithOk => key.starts_with("ok_"),
        }
    }
}

/// Do two `configId`s name one configuration? Nothing, the empty text and `default` are the same.
pub fn same_config(a: Option<&str>, b: Option<&str>) -> bool {
    a == b || (is_default(a) && is_default(b))
}

/// Does this `configId` mean the default configuration?
pub fn is_default(config_id: Option<&str>) -> bool {
    matches!(config_id, None | Some("" | "default"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(options: &Value) -> Result<Configs, ConfigError> {
        Configs::parse(&Edition::newest(), options)
    }

    #[test]
    fn defaults_are_those_of_the_documentation() {
        let configs = parse(&json!({})).unwrap();
        assert_eq!(configs, Configs::plain());
        let config = configs.resolve(None).unwrap();
        assert_eq!(config.id(), "default");
        assert!(!config.sessions);
        assert_eq!(config.rate_limit.max_requests, 10.0);
    }

    #[test]
    fn every_option_is_read() {
        let options = json!({
            "configId": "default", "references": "organization", "apiKeyHeaders": ["X-One", "x-two"],
            "defaultKeyLength": 20, "defaultPrefix": "sk_", "minimumPrefixLength": 2, "maximumPrefixLength": 5,
            "minimumNameLength": 2, "maximumNameLength": 5, "requireName": true, "enableMetadata": true,
            "disableKeyHashing": true, "storage": "secondary-storage", "fallbackToDatabase": true,
            "enableSessionForAPIKeys": true, "deferUpdates": true, "customStorage": { "preset": "storage:memory" },
            "rateLimit": { "enabled": false, "timeWindow": 1000, "maxRequests": 3 },
            "keyExpiration": { "defaultExpiresIn": 60, "disableCustomExpiresTime": true, "minExpiresIn": 0, "maxExpiresIn": 9 },
            "startingCharactersConfig": { "shouldStore": true, "charactersLength": 9 },
            "permissions": {
                "defaultPermissions": { "files": ["read"] }, "allowClientPermissions": true,
                "maxPermissions": { "files": [] }, "whenAboveMaximum": "clamp",
            },
            "customAPIKeyGetter": { "preset": "getter:number" },
            "customAPIKeyValidator": { "preset": "validator:async-starts-with-ok" },
            "customKeyGenerator": { "preset": "generator:fixed-alphabet" },
            "schema": {},
        });
        let configs = parse(&options).unwrap();
        let config = configs.resolve(None).unwrap();
        let plain = Config::plain();
        assert_eq!(config.api_key_headers, ["x-one", "x-two"]);
        assert_eq!(config.storage, Storage::SecondaryWithFallback);
        assert!(config.custom_storage && config.defers_updates);
        assert_eq!(config.starting_characters, Some(9));
        assert_eq!(config.getter, Some(Getter::Number));
        assert_eq!(config.key_expiration.default_expires_in, Some(60.0));
        let ceiling = [("files", [""; 0])].into_iter().collect();
        let clamped = ClientPermissions { allowed: true, maximum: Some(ceiling), above_maximum: AboveMaximum::Clamp };
        assert_eq!(config.client_permissions, clamped);
        assert_ne!(config, &plain);
    }

    #[test]
    fn mistakes_name_the_option() {
        let cases = [
            (json!({ "enableMetaData": true }), "`enableMetaData` is not an option; did you mean `enableMetadata`?"),
            (json!({ "rateLimit": { "window": 1 } }), "`rateLimit.window` is not an option"),
            (json!({ "rateLimit": { "enabled": 1 } }), "`rateLimit.enabled` must be true or false"),
            (json!({ "permissions": { "defaultPermissions": ["read"] } }), "`permissions.defaultPermissions` must be"),
            (
                json!({ "permissions": { "allowClientPermissions": "true" } }),
                "`permissions.allowClientPermissions` must be true or false",
            ),
            (json!({ "permissions": { "maxPermissions": ["files"] } }), "`permissions.maxPermissions` must be"),
            (
                json!({ "permissions": { "whenAboveMaximum": "trim" } }),
                "`permissions.whenAboveMaximum` must be `refuse` or `clamp`",
            ),
            (json!({ "customStorage": {} }), "`customStorage` must be {\"preset\": \"NAME\"}"),
            (
                json!({ "customKeyGenerator": { "preset": "generator:x" } }),
                "`generator:x` is not a preset of `customKeyGenerator`",
            ),
            (json!({ "defaultKeyLength": 1e9 }), "`defaultKeyLength` must be"),
            (json!([{ "configId": "a" }, {}]), "every configuration of a list needs a `configId`"),
            (json!([{ "configId": "a" }, { "configId": "a" }]), "`a` is the `configId` of two configurations"),
            (json!(3), "must be an object"),
        ];
        for (options, expected) in cases {
            let message = parse(&options).unwrap_err().to_string();
            assert!(message.contains(expected), "{options}: {message}");
        }
    }

    #[test]
    fn options_have_their_editions() {
        let old: Edition = "1.3.20".parse().unwrap();
        let on = Configs::parse(&old, &json!({ "disableSessionForAPIKeys": false })).unwrap();
        assert!(on.resolve(None).unwrap().sessions);
        let message = Configs::parse(&old, &json!({ "storage": "database" })).unwrap_err().to_string();
        assert!(message.contains("`storage` is not an option of 1.3.20"), "{message}");
        assert!(Configs::parse(&old, &json!([{ "configId": "a" }])).is_err());
        assert!(parse(&json!({ "disableSessionForAPIKeys": true })).is_err());
    }

    #[test]
    fn an_unknown_configuration_falls_back_to_the_default() {
        let configs = parse(&json!([{ "configId": "a" }, { "configId": "default", "defaultPrefix": "d" }])).unwrap();
        assert_eq!(configs.resolve(Some("a")).unwrap().id(), "a");
        assert_eq!(configs.resolve(Some("b")).unwrap().id(), "default");
        assert_eq!(parse(&json!([{ "configId": "a" }])).unwrap().resolve(Some("b")), None);
    }
}
