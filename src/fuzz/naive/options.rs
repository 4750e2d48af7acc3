//! The plugin's options as they were written, with the defaults of the documentation.

use serde_json::Value;

use super::js::Js;

/// One configuration.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) id: String,
    /// Where a key that acts as a session is looked for; `None`: nowhere.
    pub(crate) headers: Option<Vec<String>>,
    /// By a function: a header, or one that gives a number.
    pub(crate) getter: Option<String>,
    pub(crate) key_length: usize,
    pub(crate) prefix: Option<String>,
    pub(crate) prefix_length: [f64; 2],
    pub(crate) name_length: [f64; 2],
    pub(crate) needs_name: bool,
    pub(crate) has_metadata: bool,
    pub(crate) stores_clear: bool,
    pub(crate) limits: bool,
    pub(crate) window: f64,
    pub(crate) uses: f64,
    /// Seconds.
    pub(crate) expires_in: Option<f64>,
    pub(crate) own_expiry: bool,
    pub(crate) days: [f64; 2],
    /// How many characters of a key are shown.
    pub(crate) start: Option<usize>,
    pub(crate) defaults: Option<Defaults>,
    /// Only keys that begin with `ok_` are good.
    pub(crate) has_validator: bool,
    /// Keys are made by a function: of `k`s and a number.
    pub(crate) has_generator: bool,
    /// May clients name permissions?
    pub(crate) grants: bool,
    pub(crate) ceiling: Option<Js>,
    pub(crate) clamps: bool,
}

/// Permissions that a new key has unless others are named.
#[derive(Debug, Clone)]
pub(crate) enum Defaults {
    These(Js),
    /// `{"owner": ["<the owner's id>"]}`.
    OfOwner,
}

impl Options {
    /// All configurations of a deployment. `None` where nothing is said: keys of organizations, and keys that are not in
    /// the database.
    pub(crate) fn read(config: &Value) -> Option<Vec<Self>> {
        match config {
            Value::Array(list) => list.iter().map(Self::one).collect(),
            one => Some(vec![Self::one(one)?]),
        }
    }

    fn one(options: &Value) -> Option<Self> {
        let at = |path: &str| options.pointer(path).filter(|value| !value.is_null());
        let flag = |path: &str, default| at(path).map_or(Some(default), Value::as_bool);
        let number = |path: &str, default| at(path).map_or(Some(default), Value::as_f64);
        let text = |path: &str| at(path).and_then(Value::as_str).map(str::to_owned);
        let is_covered = matches!(text("/references").as_deref(), None | Some("user"))
            && matches!(text("/storage").as_deref(), None | Some("database"));
        if !is_covered {
            return None;
        }
        let headers = match at("/apiKeyHeaders") {
            None => vec!["x-api-key".to_owned()],
            Some(Value::String(name)) => vec![name.to_lowercase()],
            Some(names) => {
                names.as_array()?.iter().map(|name| name.as_str().map(str::to_lowercase)).collect::<Option<_>>()?
            }
        };
        let not_zero = |number: &f64| *number != 0.0;
        let start = number("/startingCharactersConfig/charactersLength", 6.0)?;
        Some(Self {
            id: text("/configId").filter(|id| !id.is_empty()).unwrap_or_else(|| "default".to_owned()),
            headers: flag("/enableSessionForAPIKeys", false)?.then_some(headers),
            getter: text("/customAPIKeyGetter/preset"),
            key_length: number("/defaultKeyLength", 64.0)
                .map(|length| if length == 0.0 { 64 } else { length as usize })?,
            prefix: text("/defaultPrefix"),
            prefix_length: [number("/minimumPrefixLength", 1.0)?, number("/maximumPrefixLength", 32.0)?],
            name_length: [number("/minimumNameLength", 1.0)?, number("/maximumNameLength", 32.0)?],
            needs_name: flag("/requireName", false)?,
            has_metadata: flag("/enableMetadata", false)?,
            stores_clear: flag("/disableKeyHashing", false)?,
            limits: flag("/rateLimit/enabled", true)?,
            window: number("/rateLimit/timeWindow", 86_400_000.0)?,
            uses: number("/rateLimit/maxRequests", 10.0)?,
            expires_in: number("/keyExpiration/defaultExpiresIn", 0.0).map(Some)?.filter(not_zero),
            own_expiry: !flag("/keyExpiration/disableCustomExpiresTime", false)?,
            days: [number("/keyExpiration/minExpiresIn", 1.0)?, number("/keyExpiration/maxExpiresIn", 365.0)?],
            start: flag("/startingCharactersConfig/shouldStore", true)?.then_some(start as usize),
            defaults: at("/permissions/defaultPermissions").map(|value| match value.get("preset") {
                Some(Value::String(_)) => Defaults::OfOwner,
                _ => Defaults::These(Js::of(value)),
            }),
            has_validator: at("/customAPIKeyValidator").is_some(),
            has_generator: at("/customKeyGenerator").is_some(),
            grants: flag("/permissions/allowClientPermissions", false)?,
            ceiling: at("/permissions/maxPermissions").map(Js::of),
            clamps: text("/permissions/whenAboveMaximum").as_deref() == Some("clamp"),
        })
    }

    /// The permissions of a new key of this owner that asks for none.
    pub(crate) fn defaults(&self, owner: &str) -> Option<Js> {
        Some(match self.defaults.as_ref()? {
            Defaults::These(permissions) => permissions.clone(),
            Defaults::OfOwner => Js::Object(vec![("owner".to_owned(), Js::List(vec![Js::Text(owner.to_owned())]))]),
        })
    }

    pub(crate) fn refuses(&self, key: &str) -> bool {
        self.has_validator && !key.starts_with("ok_")
    }
}

/// The configuration that is named, or else the default one.
pub(crate) fn resolve<'a>(all: &'a [Options], named: Option<&str>) -> Option<&'a Options> {
    let find = |id: &str| all.iter().find(|options| options.id == id);
    named.and_then(find).or_else(|| find("default"))
}
