//! The plugin's options and `setup`, as RustAuth's own types.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyspec_adapter_kit::fixture::FixedAlphabet;
use keyspec_adapter_kit::{Instead, Options, no_preset, preset_of};
use rustauth_core::options::SecondaryStorage;
use rustauth_core::test_utils::MemorySecondaryStorage;
use rustauth_plugins::api_key::{ApiKeyConfiguration, ApiKeyPermissions, ApiKeyReference, ApiKeyStorageMode};
use rustauth_plugins::organization::{OrganizationOptions, OrganizationOptionsBuilder};
use serde_json::{Map, Value};
use time::Duration;

/// `getter:number` is not among them: a getter of RustAuth gives a string or nothing.
pub(crate) const PRESETS: &[&str] = &[
    "storage:memory",
    "generator:fixed-alphabet",
    "getter:x-custom-key",
    "validator:starts-with-ok",
    "validator:async-starts-with-ok",
    "permissions:from-owner",
];

/// One configuration of the plugin. What is left out keeps RustAuth's own default.
pub(crate) fn configuration(members: Map<String, Value>) -> Result<ApiKeyConfiguration, Instead> {
    let mut options = Options::new(members);
    let mut made = ApiKeyConfiguration { config_id: options.text("configId")?, ..ApiKeyConfiguration::default() };
    keep(&mut made.api_key_headers, options.texts("apiKeyHeaders")?);
    keep(&mut made.disable_key_hashing, options.switch("disableKeyHashing")?);
    keep(&mut made.default_key_length, options.integer("defaultKeyLength")?);
    made.default_prefix = options.text("defaultPrefix")?;
    keep(&mut made.maximum_prefix_length, options.integer("maximumPrefixLength")?);
    keep(&mut made.minimum_prefix_length, options.integer("minimumPrefixLength")?);
    keep(&mut made.require_name, options.switch("requireName")?);
    keep(&mut made.maximum_name_length, options.integer("maximumNameLength")?);
    keep(&mut made.minimum_name_length, options.integer("minimumNameLength")?);
    keep(&mut made.enable_metadata, options.switch("enableMetadata")?);
    keep(&mut made.enable_session_for_api_keys, options.switch("enableSessionForAPIKeys")?);
    keep(&mut made.fallback_to_database, options.switch("fallbackToDatabase")?);
    keep(&mut made.defer_updates, options.switch("deferUpdates")?);
    match options.text("storage")?.as_deref() {
        None | Some("database") => {}
        Some("secondary-storage") => made.storage = ApiKeyStorageMode::SecondaryStorage,
        Some(other) => return Err(Instead::Unsupported(format!("there is no storage `{other}`"))),
    }
    match options.text("references")?.as_deref() {
        None | Some("user") => {}
        Some("organization") => made.reference = ApiKeyReference::Organization,
        Some(other) => return Err(Instead::Unsupported(format!("nothing is owned by `{other}`"))),
    }

    let mut expiration = options.group("keyExpiration")?;
    made.key_expiration.default_expires_in = expiration.integer("defaultExpiresIn")?.map(Duration::seconds);
    keep(&mut made.key_expiration.disable_custom_expires_time, expiration.switch("disableCustomExpiresTime")?);
    keep(&mut made.key_expiration.min_expires_in_days, expiration.integer("minExpiresIn")?);
    keep(&mut made.key_expiration.max_expires_in_days, expiration.integer("maxExpiresIn")?);
    expiration.end()?;

    let mut rate_limit = options.group("rateLimit")?;
    keep(&mut made.rate_limit.enabled, rate_limit.switch("enabled")?);
    keep(&mut made.rate_limit.time_window, rate_limit.integer("timeWindow")?.map(Duration::milliseconds));
    keep(&mut made.rate_limit.max_requests, rate_limit.integer("maxRequests")?);
    rate_limit.end()?;

    let mut start = options.group("startingCharactersConfig")?;
    keep(&mut made.starting_characters.should_store, start.switch("shouldStore")?);
    keep(&mut made.starting_characters.characters_length, start.integer("charactersLength")?);
    start.end()?;

    functions(&mut options, &mut made)?;
    options.end()?;
    Ok(made)
}

/// The options that are functions, or objects with functions.
fn functions(options: &mut Options, made: &mut ApiKeyConfiguration) -> Result<(), Instead> {
    if let Some(name) = options.preset("customStorage")? {
        made.custom_storage = match name.as_str() {
            "storage:memory" => Some(Arc::new(MemorySecondaryStorage::new()) as Arc<dyn SecondaryStorage>),
            _ => return no_preset(&name),
        };
    }
    if let Some(name) = options.preset("customKeyGenerator")? {
        if name != "generator:fixed-alphabet" {
            return no_preset(&name);
        }
        let keys = Arc::new(FixedAlphabet::default());
        made.custom_key_generator = Some(Arc::new(move |input| {
            let key = keys.next(input.length, input.prefix.as_deref().unwrap_or_default());
            Box::pin(async move { Ok(key) })
        }));
    }
    if let Some(name) = options.preset("customAPIKeyGetter")? {
        if name != "getter:x-custom-key" {
            return no_preset(&name);
        }
        made.custom_api_key_getter = Some(Arc::new(|_context, request| {
            let value = request.headers().get("x-custom-key").and_then(|value| value.to_str().ok());
            let key = value.map(str::to_owned);
            Box::pin(async move { Ok(key) })
        }));
    }
    if let Some(name) = options.preset("customAPIKeyValidator")? {
        // Every validator of RustAuth is asynchronous.
        if !matches!(name.as_str(), "validator:starts-with-ok" | "validator:async-starts-with-ok") {
            return no_preset(&name);
        }
        made.custom_api_key_validator = Some(Arc::new(|_context, key| {
            let valid = key.starts_with("ok_");
            Box::pin(async move { Ok(valid) })
        }));
    }
    let mut permissions = options.group("permissions")?;
    if let Some(value) = permissions.raw("defaultPermissions") {
        match preset_of(&value).as_deref() {
            Some("permissions:from-owner") => {
                made.default_permissions_resolver = Some(Arc::new(|_context, owner| {
                    let permissions = BTreeMap::from([("owner".to_owned(), vec![owner.to_owned()])]);
                    Box::pin(async move { Ok(Some(permissions)) })
                }));
            }
            Some(other) => return no_preset(other),
            None => {
                let permissions: ApiKeyPermissions = serde_json::from_value(value)
                    .map_err(|_| Instead::unsupported("`permissions.defaultPermissions` is no object of lists"))?;
                made.default_permissions = Some(permissions);
            }
        }
    }
    permissions.end()
}

/// `setup.organizations`: `true`, or `{"roles": {ROLE: {RESOURCE: [ACTION]}}}`.
pub(crate) fn organizations(setup: &Value) -> OrganizationOptions {
    let mut made = OrganizationOptions::builder();
    for (role, permissions) in setup.get("roles").and_then(Value::as_object).into_iter().flatten() {
        made = OrganizationOptionsBuilder::custom_role(made, role, permissions.clone());
    }
    made.build()
}

fn keep<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
