//! From JSON to configurations.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::option::{OPTIONS, PRESETS};
use super::{
    AboveMaximum, ClientPermissions, Config, DefaultPermissions, Generator, Getter, References, Storage, Validator,
};
use crate::spec::edition::Edition;
use crate::spec::permission::Permissions;
use crate::spec::words::meant;

/// What is wrong with a configuration, with the path of the option.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("`{path}` is not an option{}", did_you_mean(.nearest.as_deref()))]
    Unknown { path: String, nearest: Option<String> },
    #[error("`{path}` is not an option of {edition}")]
    NotInEdition { path: String, edition: Edition },
    #[error("`{path}` must be {expected}")]
    WrongType { path: String, expected: &'static str },
    #[error("`{preset}` is not a preset of `{path}`{}", did_you_mean(.nearest.as_deref()))]
    UnknownPreset { path: String, preset: String, nearest: Option<String> },
    #[error("a configuration must be an object, or a list of objects")]
    NotAnObject,
    #[error("every configuration of a list needs a `configId`")]
    NoConfigId,
    #[error("`{config_id}` is the `configId` of two configurations")]
    SameConfigId { config_id: String },
    #[error("{edition} has one configuration, not a list: several came with 1.5")]
    NoLists { edition: Edition },
}

/// Keys longer than this are refused: nobody has them, and a test that writes one by mistake should hear of it.
const LONGEST_KEY: f64 = 65_536.0;

pub(super) fn configs(edition: &Edition, options: &Value) -> Result<Vec<Config>, ConfigError> {
    match options {
        Value::Object(options) => Ok(vec![config(edition, options, "")?]),
        Value::Array(_) if !super::option::OPTIONS[0].is_in(edition) => {
            Err(ConfigError::NoLists { edition: edition.clone() })
        }
        Value::Array(list) => {
            let mut seen = BTreeSet::new();
            let mut configs = Vec::with_capacity(list.len());
            for (index, options) in list.iter().enumerate() {
                let options = options.as_object().ok_or(ConfigError::NotAnObject)?;
                let config = config(edition, options, &format!("[{index}]."))?;
                let id = config.config_id.clone().filter(|id| !id.is_empty()).ok_or(ConfigError::NoConfigId)?;
                if !seen.insert(id.clone()) {
                    return Err(ConfigError::SameConfigId { config_id: id });
                }
                configs.push(config);
            }
            Ok(configs)
        }
        _ => Err(ConfigError::NotAnObject),
    }
}

fn config(edition: &Edition, options: &Map<String, Value>, place: &str) -> Result<Config, ConfigError> {
    check_names(edition, options, place)?;
    let read = Reader { options, place };
    let mut config = Config::plain();

    config.config_id = read.text("configId")?;
    match read.one_of("references", &["user", "organization"], "`user` or `organization`")? {
        Some("organization") => config.references = References::Organization,
        _ => config.references = References::User,
    }
    if let Some(headers) = read.texts("apiKeyHeaders")? {
        config.api_key_headers = headers.into_iter().map(|name| name.to_ascii_lowercase()).collect();
    }
    // As in every release, a key length of 0 means the default.
    if let Some(length) = read.count("defaultKeyLength")?.filter(|&length| length > 0) {
        config.default_key_length = length;
    }
    config.default_prefix = read.text("defaultPrefix")?;
    read.number_into("minimumPrefixLength", &mut config.minimum_prefix_length)?;
    read.number_into("maximumPrefixLength", &mut config.maximum_prefix_length)?;
    read.number_into("minimumNameLength", &mut config.minimum_name_length)?;
    read.number_into("maximumNameLength", &mut config.maximum_name_length)?;
    read.flag_into("requireName", &mut config.require_name)?;
    read.flag_into("enableMetadata", &mut config.enable_metadata)?;
    read.flag_into("disableKeyHashing", &mut config.disable_key_hashing)?;
    read.flag_into("rateLimit.enabled", &mut config.rate_limit.enabled)?;
    read.number_into("rateLimit.timeWindow", &mut config.rate_limit.time_window)?;
    read.number_into("rateLimit.maxRequests", &mut config.rate_limit.max_requests)?;
    let expiration = &mut config.key_expiration;
    // As in every release, a default of 0 means none.
    expiration.default_expires_in = read.number("keyExpiration.defaultExpiresIn")?.filter(|&seconds| seconds != 0.0);
    read.flag_into("keyExpiration.disableCustomExpiresTime", &mut expiration.disable_custom_expires_time)?;
    read.number_into("keyExpiration.minExpiresIn", &mut expiration.min_expires_in)?;
    read.number_into("keyExpiration.maxExpiresIn", &mut expiration.max_expires_in)?;
    config.storage = storage(&read)?;
    config.custom_storage = read.preset("customStorage", "storage:")?.is_some();
    read.flag_into("deferUpdates", &mut config.defers_updates)?;
    config.sessions = sessions(&read)?;
    config.starting_characters = starting_characters(&read)?;
    config.default_permissions = default_permissions(&read)?;
    config.client_permissions = client_permissions(&read)?;
    config.getter = read.preset("customAPIKeyGetter", "getter:")?.map(|name| match name {
        "getter:number" => Getter::Number,
        _ => Getter::CustomKeyHeader,
    });
    config.validator = read.preset("customAPIKeyValidator", "validator:")?.map(|name| match name {
        "validator:async-starts-with-ok" => Validator::AsyncStartsWithOk,
        _ => Validator::StartsWithOk,
    });
    config.generator = read.preset("customKeyGenerator", "generator:")?.map(|_| Generator::FixedAlphabet);
    Ok(config)
}

fn check_names(edition: &Edition, options: &Map<String, Value>, place: &str) -> Result<(), ConfigError> {
    for (name, value) in options {
        check_name(edition, name, place)?;
        let nested = OPTIONS
            .iter()
            .any(|option| option.path.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')));
        if nested {
            let members = match value {
                Value::Null => continue,
                Value::Object(members) => members,
                _ => return Err(ConfigError::WrongType { path: format!("{place}{name}"), expected: "an object" }),
            };
            for member in members.keys() {
                check_name(edition, &format!("{name}.{member}"), place)?;
            }
        }
    }
    Ok(())
}

fn check_name(edition: &Edition, path: &str, place: &str) -> Result<(), ConfigError> {
    match OPTIONS.iter().find(|option| option.path == path) {
        Some(option) if option.is_in(edition) => Ok(()),
        Some(_) => Err(ConfigError::NotInEdition { path: format!("{place}{path}"), edition: edition.clone() }),
        None => Err(ConfigError::Unknown {
            path: format!("{place}{path}"),
            nearest: meant(path, OPTIONS.iter().filter(|option| option.is_in(edition)).map(|option| option.path))
                .map(str::to_owned),
        }),
    }
}

fn storage(read: &Reader<'_>) -> Result<Storage, ConfigError> {
    let kinds = ["database", "secondary-storage"];
    let secondary = read.one_of("storage", &kinds, "`database` or `secondary-storage`")? == Some("secondary-storage");
    let mut fallback = false;
    read.flag_into("fallbackToDatabase", &mut fallback)?;
    Ok(match (secondary, fallback) {
        (false, _) => Storage::Database,
        (true, false) => Storage::Secondary,
        (true, true) => Storage::SecondaryWithFallback,
    })
}

fn sessions(read: &Reader<'_>) -> Result<bool, ConfigError> {
    let mut on = false;
    read.flag_into("enableSessionForAPIKeys", &mut on)?;
    if let Some(off) = read.flag("disableSessionForAPIKeys")? {
        on = !off;
    }
    Ok(on)
}

fn starting_characters(read: &Reader<'_>) -> Result<Option<usize>, ConfigError> {
    let stored = read.flag("startingCharactersConfig.shouldStore")?.unwrap_or(true);
    let length = read.count("startingCharactersConfig.charactersLength")?.unwrap_or(6);
    Ok(stored.then_some(length))
}

fn default_permissions(read: &Reader<'_>) -> Result<Option<DefaultPermissions>, ConfigError> {
    let path = "permissions.defaultPermissions";
    let Some(value) = read.value(path) else { return Ok(None) };
    if value.get("preset").is_some_and(Value::is_string) {
        return Ok(read.preset(path, "permissions:")?.map(|_| DefaultPermissions::FromOwner));
    }
    match Permissions::from_json(value) {
        Some(permissions) => Ok(Some(DefaultPermissions::These(permissions))),
        None => Err(read.wrong(path, "an object of lists of texts, or a preset")),
    }
}

fn client_permissions(read: &Reader<'_>) -> Result<ClientPermissions, ConfigError> {
    let mut allowed = false;
    read.flag_into("permissions.allowClientPermissions", &mut allowed)?;
    let maximum = read.read("permissions.maxPermissions", "an object of lists of texts", Permissions::from_json)?;
    let ways = ["refuse", "clamp"];
    let above_maximum = match read.one_of("permissions.whenAboveMaximum", &ways, "`refuse` or `clamp`")? {
        Some("clamp") => AboveMaximum::Clamp,
        _ => AboveMaximum::Refuse,
    };
    Ok(ClientPermissions { allowed, maximum, above_maximum })
}

/// Reads options by path. `null` is as good as absent, as in the releases.
struct Reader<'a> {
    options: &'a Map<String, Value>,
    place: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&self, path: &str) -> Option<&'a Value> {
        let (head, tail) = path.split_once('.').map_or((path, None), |(head, tail)| (head, Some(tail)));
        let value = self.options.get(head)?;
        tail.map_or(Some(value), |tail| value.get(tail)).filter(|value| !value.is_null())
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.place)
    }

    fn wrong(&self, path: &str, expected: &'static str) -> ConfigError {
        ConfigError::WrongType { path: self.path(path), expected }
    }

    fn read<T>(
        &self,
        path: &str,
        expected: &'static str,
        as_type: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        self.value(path).map(|value| as_type(value).ok_or_else(|| self.wrong(path, expected))).transpose()
    }

    fn text(&self, path: &str) -> Result<Option<String>, ConfigError> {
        self.read(path, "a text", |value| value.as_str().map(str::to_owned))
    }

    fn texts(&self, path: &str) -> Result<Option<Vec<String>>, ConfigError> {
        self.read(path, "a text or a list of texts", |value| match value {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => many.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => None,
        })
    }

    fn flag(&self, path: &str) -> Result<Option<bool>, ConfigError> {
        self.read(path, "true or false", Value::as_bool)
    }

    fn flag_into(&self, path: &str, target: &mut bool) -> Result<(), ConfigError> {
        if let Some(flag) = self.flag(path)? {
            *target = flag;
        }
        Ok(())
    }

    fn number(&self, path: &str) -> Result<Option<f64>, ConfigError> {
        self.read(path, "a number", Value::as_f64)
    }

    fn number_into(&self, path: &str, target: &mut f64) -> Result<(), ConfigError> {
        if let Some(number) = self.number(path)? {
            *target = number;
        }
        Ok(())
    }

    fn count(&self, path: &str) -> Result<Option<usize>, ConfigError> {
        self.read(path, "a whole number from 0 to 65536", |value| {
            value.as_f64().filter(|n| (0.0..=LONGEST_KEY).contains(n) && n.fract() == 0.0).map(|n| n as usize)
        })
    }

    fn one_of(&self, path: &str, words: &[&str], expected: &'static str) -> Result<Option<&'a str>, ConfigError> {
        self.read(path, expected, |value| value.as_str().filter(|word| words.contains(word)))
    }

    /// The name of a preset of this kind, in `{"preset": "kind:name"}`.
    fn preset(&self, path: &str, kind: &str) -> Result<Option<&'static str>, ConfigError> {
        let asked = self.read(path, "{\"preset\": \"NAME\"}: it is a function", |value| {
            value.get("preset").and_then(Value::as_str)
        })?;
        let Some(asked) = asked else { return Ok(None) };
        let mut known = PRESETS.iter().copied().filter(|name| name.starts_with(kind));
        known.clone().find(|&name| name == asked).map(Some).ok_or_else(|| ConfigError::UnknownPreset {
            path: self.path(path),
            preset: asked.to_owned(),
            nearest: meant(asked, known.by_ref()).map(str::to_owned),
        })
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
