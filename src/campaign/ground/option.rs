//! The options that configurations are made of, each with values that matter.

use serde_json::{Value, json};

use crate::campaign::source::Source;

/// `setup.organizations`: whether roles have further permissions, and which.
pub(super) fn roles(source: &mut impl Source) -> Value {
    match source.below(4) {
        0 => Value::Bool(true),
        1 => {
            json!({ "roles": { "admin": { "apiKey": ["create", "read", "update", "delete"] }, "member": { "apiKey": ["read"] } } })
        }
        2 => json!({ "roles": { "member": { "apiKey": ["create", "read"] } } }),
        _ => json!({ "roles": { "admin": { "apiKey": ["read", "update"] }, "member": { "apiKey": ["delete"] } } }),
    }
}

/// Single options by their names.
pub(super) fn options() -> Vec<(&'static str, Value)> {
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
                json!({ "enabled": false, "timeWindow": 60_000, "maxRequests": 1 }),
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
