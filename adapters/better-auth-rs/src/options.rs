//! The plugin's options and `setup`, as the crate's own types.

use std::collections::HashMap;
use std::sync::Arc;

use better_auth::plugins::api_key::{ApiKeyReferences, ApiKeyStorage};
use better_auth::plugins::organization::RolePermissions;
use better_auth::plugins::{ApiKeyConfig, OrganizationConfig};
use better_auth::store::{MemoryCacheAdapter, SecondaryStorage};
use keyspec_adapter_kit::{Instead, Options, no_preset, preset_of};
use serde_json::{Map, Value};

use crate::preset::{CustomHeader, FixedAlphabet, FromOwner, StartsWithOk};

/// One configuration of the plugin. What is left out keeps the crate's own default.
pub(crate) fn configuration(members: Map<String, Value>) -> Result<ApiKeyConfig, Instead> {
    let mut options = Options::new(members);
    let mut made = ApiKeyConfig::default();
    keep(&mut made.config_id, options.text("configId")?);
    keep(&mut made.api_key_headers, options.texts("apiKeyHeaders")?);
    keep(&mut made.disable_key_hashing, options.switch("disableKeyHashing")?);
    keep(&mut made.key_length, options.integer("defaultKeyLength")?);
    made.prefix = options.text("defaultPrefix")?;
    keep(&mut made.max_prefix_length, options.integer("maximumPrefixLength")?);
    keep(&mut made.min_prefix_length, options.integer("minimumPrefixLength")?);
    keep(&mut made.require_name, options.switch("requireName")?);
    keep(&mut made.max_name_length, options.integer("maximumNameLength")?);
    keep(&mut made.min_name_length, options.integer("minimumNameLength")?);
    keep(&mut made.enable_metadata, options.switch("enableMetadata")?);
    keep(&mut made.enable_session_for_api_keys, options.switch("enableSessionForAPIKeys")?);
    keep(&mut made.fallback_to_database, options.switch("fallbackToDatabase")?);
    keep(&mut made.defer_updates, options.switch("deferUpdates")?);
    match options.text("storage")?.as_deref() {
        None | Some("database") => {}
        Some("secondary-storage") => made.storage = ApiKeyStorage::SecondaryStorage,
        Some(other) => return Err(Instead::Unsupported(format!("there is no storage `{other}`"))),
    }
    match options.text("references")?.as_deref() {
        None | Some("user") => {}
        Some("organization") => made.references = ApiKeyReferences::Organization,
        Some(other) => return Err(Instead::Unsupported(format!("nothing is owned by `{other}`"))),
    }

    let mut expiration = options.group("keyExpiration")?;
    made.key_expiration.default_expires_in = expiration.number("defaultExpiresIn")?;
    keep(&mut made.key_expiration.disable_custom_expires_time, expiration.switch("disableCustomExpiresTime")?);
    keep(&mut made.key_expiration.min_expires_in, expiration.number("minExpiresIn")?);
    keep(&mut made.key_expiration.max_expires_in, expiration.number("maxExpiresIn")?);
    expiration.end()?;

    let mut rate_limit = options.group("rateLimit")?;
    keep(&mut made.rate_limit.enabled, rate_limit.switch("enabled")?);
    keep(&mut made.rate_limit.time_window, rate_limit.number("timeWindow")?);
    keep(&mut made.rate_limit.max_requests, rate_limit.number("maxRequests")?);
    rate_limit.end()?;

    let mut start = options.group("startingCharactersConfig")?;
    keep(&mut made.store_starting_characters, start.switch("shouldStore")?);
    keep(&mut made.starting_characters_length, start.integer("charactersLength")?);
    start.end()?;

    functions(&mut options, &mut made)?;
    options.end()?;
    Ok(made)
}

/// The options that are functions, or objects with functions.
fn functions(options: &mut Options, made: &mut ApiKeyConfig) -> Result<(), Instead> {
    match options.preset("customStorage")?.as_deref() {
        None => {}
        Some("storage:memory") => made.custom_storage = Some(memory()),
        Some(other) => return no_preset(other),
    }
    match options.preset("customKeyGenerator")?.as_deref() {
        None => {}
        Some("generator:fixed-alphabet") => made.custom_key_generator = Some(Arc::new(FixedAlphabet::default())),
        Some(other) => return no_preset(other),
    }
    match options.preset("customAPIKeyGetter")?.as_deref() {
        None => {}
        Some("getter:x-custom-key") => made.custom_api_key_getter = Some(Arc::new(CustomHeader)),
        Some(other) => return no_preset(other),
    }
    match options.preset("customAPIKeyValidator")?.as_deref() {
        None => {}
        // Every validator of this crate is asynchronous.
        Some("validator:starts-with-ok" | "validator:async-starts-with-ok") => {
            made.custom_api_key_validator = Some(Arc::new(StartsWithOk));
        }
        Some(other) => return no_preset(other),
    }
    let mut permissions = options.group("permissions")?;
    if let Some(value) = permissions.raw("defaultPermissions") {
        match preset_of(&value).as_deref() {
            Some("permissions:from-owner") => made.default_permissions_callback = Some(Arc::new(FromOwner)),
            Some(other) => return no_preset(other),
            None => {
                let permissions = serde_json::from_value(value)
                    .map_err(|_| Instead::unsupported("`permissions.defaultPermissions` is no object of lists"))?;
                made.default_permissions = Some(permissions);
            }
        }
    }
    permissions.end()
}

/// The crate's own secondary storage in memory.
pub(crate) fn memory() -> Arc<dyn SecondaryStorage> {
    Arc::new(MemoryCacheAdapter::new())
}

/// `setup.organizations`: `true`, or `{"roles": {ROLE: {"apiKey": [ACTION]}}}`.
///
/// Roles of one's own take the place of the defaults, so what those have is named here again, as one would have to.
pub(crate) fn organizations(setup: &Value) -> Result<OrganizationConfig, Instead> {
    let Some(given) = setup.get("roles").and_then(Value::as_object) else { return Ok(OrganizationConfig::default()) };
    let mut roles = HashMap::from([
        ("owner".to_owned(), managing(&["update", "delete"])),
        ("admin".to_owned(), managing(&["update"])),
        ("member".to_owned(), RolePermissions { ac: words(&["read"]), ..RolePermissions::default() }),
    ]);
    for (role, permissions) in given {
        let more: RolePermissions = serde_json::from_value(permissions.clone()).map_err(Instead::failure)?;
        roles.entry(role.clone()).or_default().api_key.extend(more.api_key);
    }
    Ok(OrganizationConfig { roles: Some(roles), ..OrganizationConfig::default() })
}

fn managing(organization: &[&str]) -> RolePermissions {
    RolePermissions {
        organization: words(organization),
        member: words(&["create", "update", "delete"]),
        invitation: words(&["create", "cancel"]),
        team: words(&["create", "update", "delete"]),
        ac: words(&["create", "read", "update", "delete"]),
        ..RolePermissions::default()
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn keep<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
