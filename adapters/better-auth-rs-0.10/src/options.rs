//! The plugin's options, as the crate's own types.

use better_auth::plugins::ApiKeyConfig;
use keyspec_adapter_kit::{Instead, Options};
use serde_json::{Map, Value};

/// The one configuration that there is. What is left out keeps the crate's own default.
pub(crate) fn configuration(members: Map<String, Value>) -> Result<ApiKeyConfig, Instead> {
    let mut options = Options::new(members);
    let mut made = ApiKeyConfig::default();
    match options.texts("apiKeyHeaders")?.as_deref() {
        None => {}
        Some([header]) => made.api_key_header.clone_from(header),
        Some(_) => return Err(Instead::unsupported("the crate reads keys from one header only")),
    }
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

    let mut expiration = options.group("keyExpiration")?;
    // The crate counts milliseconds here, and seconds are what the option is in.
    made.key_expiration.default_expires_in =
        expiration.integer::<i64>("defaultExpiresIn")?.map(|seconds| seconds.saturating_mul(1000));
    keep(&mut made.key_expiration.disable_custom_expires_time, expiration.switch("disableCustomExpiresTime")?);
    keep(&mut made.key_expiration.min_expires_in, expiration.integer("minExpiresIn")?);
    keep(&mut made.key_expiration.max_expires_in, expiration.integer("maxExpiresIn")?);
    expiration.end()?;

    let mut rate_limit = options.group("rateLimit")?;
    keep(&mut made.rate_limit.enabled, rate_limit.switch("enabled")?);
    keep(&mut made.rate_limit.time_window, rate_limit.integer("timeWindow")?);
    keep(&mut made.rate_limit.max_requests, rate_limit.integer("maxRequests")?);
    rate_limit.end()?;

    let mut start = options.group("startingCharactersConfig")?;
    keep(&mut made.store_starting_characters, start.switch("shouldStore")?);
    keep(&mut made.starting_characters_length, start.integer("charactersLength")?);
    start.end()?;

    options.end()?;
    Ok(made)
}

fn keep<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
