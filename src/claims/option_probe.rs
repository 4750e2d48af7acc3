//! How each option shows: a story that sets it, one that leaves it out, one that moves the clock. What is expected comes
//! from the page; what is written here is only where to look.

use serde_json::{Map, Value, json};

use super::endpoint::{End, waiting};
use super::probe::{Story, absent, expect, literal, tag};
use super::unit::Unit;

/// The option is set to something unusual, and that shows.
pub(super) fn effect(name: &str) -> Result<Story, String> {
    if let Some(story) = preset(name) {
        return Ok(story);
    }
    if [
        "keyExpiration.minExpiresIn",
        "keyExpiration.maxExpiresIn",
        "keyExpiration.defaultExpiresIn",
        "rateLimit.timeWindow",
    ]
    .contains(&name)
    {
        return Err("its unit shows it".to_owned());
    }
    let set = config(name, |name| match name {
        "configId" => Some(json!("docs")),
        "apiKeyHeaders" => Some(json!("x-docs-key")),
        "startingCharactersConfig.shouldStore" | "rateLimit.enabled" => Some(json!(false)),
        "startingCharactersConfig.charactersLength" => Some(json!(3)),
        "defaultKeyLength" => Some(json!(80)),
        "defaultPrefix" => Some(json!("docs_")),
        "maximumPrefixLength" | "maximumNameLength" => Some(json!(8)),
        "minimumPrefixLength" | "minimumNameLength" => Some(json!(5)),
        "requireName" | "enableMetadata" | "keyExpiration.disableCustomExpiresTime" | "enableSessionForAPIKeys" => {
            Some(json!(true))
        }
        "rateLimit.maxRequests" => Some(json!(2)),
        "permissions.defaultPermissions" => Some(json!({ "docs": ["read"] })),
        _ => None,
    })
    .ok_or_else(unsupported)?;
    let value = set.1;
    let story = match name {
        "defaultPrefix" => {
            let key = tag("pattern", format!("^{}", value.as_str().unwrap_or_default()));
            created(json!({ "ok": true, "body": { "key": key } }))
        }
        "maximumPrefixLength" | "minimumPrefixLength" => length("prefix", name, 8, 5),
        "maximumNameLength" | "minimumNameLength" => length("name", name, 8, 5),
        "permissions.defaultPermissions" => created(json!({ "ok": true, "body": { "permissions": value } })),
        "configId" => sent(json!({ "configId": value }), json!({ "ok": true, "body": { "configId": value } })),
        _ => shows(name, &value, None)?,
    };
    let config = if name == "rateLimit.enabled" {
        json!({ "rateLimit": { "enabled": false, "maxRequests": 1, "timeWindow": 86_400_000 } })
    } else {
        set.0
    };
    Ok(story.with(config))
}

/// Options that are functions, as the presets of the protocol give them.
fn preset(name: &str) -> Option<Story> {
    let story = match name {
        "customKeyGenerator" => created(json!({ "ok": true, "body": { "key": tag("pattern", "k{8}") } }))
            .with(json!({ "customKeyGenerator": { "preset": "generator:fixed-alphabet" } })),
        "customAPIKeyGetter" => session("x-custom-key", true)
            .with(json!({ "enableSessionForAPIKeys": true, "customAPIKeyGetter": { "preset": "getter:x-custom-key" } })),
        "customAPIKeyValidator" => Story::new(vec![
            json!({ "as": "alice", "client": "createApiKey", "body": { "prefix": "ok_" }, "capture": { "good": "body.key" } }),
            json!({ "as": "alice", "client": "createApiKey", "body": { "prefix": "no_" }, "capture": { "bad": "body.key" } }),
            json!({ "server": "verifyApiKey", "body": { "key": "$bad" }, "expect": expect(json!({ "body": { "valid": false } })), "twin": { "body": { "key": "$good" } } }),
        ])
        .with(json!({ "customAPIKeyValidator": { "preset": "validator:starts-with-ok" } })),
        _ => return None,
    };
    Some(story)
}

/// The option is left out, and the deployment behaves as if it had been set to the default that the page gives.
pub(super) fn default(name: &str, value: &Value, unit: Option<Unit>) -> Result<Story, String> {
    let story = shows(name, value, unit)?;
    Ok(match name {
        "rateLimit.enabled" => story.with(json!({ "rateLimit": { "maxRequests": 1, "timeWindow": 86_400_000 } })),
        "apiKeyHeaders" => story.with(json!({ "enableSessionForAPIKeys": true })),
        _ => story,
    })
}

/// What shows that an option has this value, however it came by it.
fn shows(name: &str, value: &Value, unit: Option<Unit>) -> Result<Story, String> {
    let value = literal(value).ok_or_else(unsupported)?;
    let is_true = value == Value::Bool(true);
    let story = match (name, &value) {
        ("configId", Value::String(_)) => created(json!({ "ok": true, "body": { "configId": value } })),
        ("references", Value::String(owner)) if owner == "user" => {
            created(json!({ "ok": true, "body": { "@owner": "$alice.userId" } }))
        }
        ("startingCharactersConfig.shouldStore", Value::Bool(_)) => {
            let kind = if is_true { "string" } else { "null" };
            created(json!({ "ok": true, "body": { "start": tag("type", kind) } }))
        }
        ("startingCharactersConfig.charactersLength", Value::Number(_)) => {
            created(json!({ "ok": true, "body": { "start": tag("length", value) } }))
        }
        ("defaultKeyLength", Value::Number(_)) => {
            created(json!({ "ok": true, "body": { "key": tag("length", value) } }))
        }
        ("requireName", Value::Bool(true)) => refused(json!({}), json!({ "name": "docs" })),
        ("requireName", Value::Bool(false)) => created(json!({ "ok": true })),
        ("enableMetadata", Value::Bool(true)) => sent(
            json!({ "metadata": { "docs": "yes" } }),
            json!({ "ok": true, "body": { "metadata": { "docs": "yes" } } }),
        ),
        ("enableMetadata", Value::Bool(false)) => {
            refused(json!({ "metadata": { "docs": "yes" } }), json!({ "metadata": absent() }))
        }
        ("keyExpiration.disableCustomExpiresTime", Value::Bool(true)) => {
            refused(json!({ "expiresIn": 604_800 }), json!({ "expiresIn": absent() }))
        }
        ("keyExpiration.disableCustomExpiresTime", Value::Bool(false)) => {
            sent(json!({ "expiresIn": 604_800 }), json!({ "ok": true, "body": { "expiresAt": tag("type", "string") } }))
        }
        ("keyExpiration.defaultExpiresIn", Value::Null) => {
            created(json!({ "ok": true, "body": { "expiresAt": null } }))
        }
        ("keyExpiration.minExpiresIn", Value::Number(_)) => bound(&value, unit, -1)?,
        ("keyExpiration.maxExpiresIn", Value::Number(_)) => bound(&value, unit, 1)?,
        ("rateLimit.enabled", Value::Bool(_)) => {
            let mut second = json!({ "server": "verifyApiKey", "body": { "key": "$key" } });
            if is_true {
                second["expect"] = expect(json!({ "body": { "valid": false } }));
                second["twin"] = "first".into();
            } else {
                second["expect"] = expect(json!({ "valid": true }));
            }
            used_once(second)
        }
        ("rateLimit.maxRequests", Value::Number(_)) => {
            let count = value.as_u64().filter(|count| (1..=100).contains(count)).ok_or_else(unsupported)?;
            let mut story = used_once(json!({}));
            story.steps.pop();
            for _ in 1..count {
                story.steps.push(json!({ "server": "verifyApiKey", "body": { "key": "$key" } }));
            }
            story.steps.push(json!({ "server": "verifyApiKey", "body": { "key": "$key" }, "expect": expect(json!({ "body": { "valid": false } })), "twin": "first" }));
            story
        }
        ("rateLimit.timeWindow", Value::Number(_)) => {
            created(json!({ "ok": true, "body": { "rateLimitTimeWindow": value } }))
        }
        ("apiKeyHeaders", Value::String(header)) => session(header, true),
        // Older releases have the opposite option, which adapters map.
        ("enableSessionForAPIKeys", Value::Bool(_)) => session("x-api-key", is_true).since(">=1.3.26"),
        _ => return Err(unsupported()),
    };
    Ok(story)
}

/// What the number of an option counts: `after` so many of the unit it is over, or before it is not.
pub(super) fn unit(name: &str, unit: Unit, after: bool) -> Result<Story, String> {
    match name {
        "keyExpiration.defaultExpiresIn" if after => {
            let millis = 7 * Unit::Days.millis();
            let config = json!({ "keyExpiration": { "defaultExpiresIn": millis / unit.millis() } });
            Ok(created(json!({ "ok": true, "body": { "expiresAt": tag("near", format!("now+{millis}ms")) } }))
                .with(config))
        }
        "keyExpiration.minExpiresIn" | "keyExpiration.maxExpiresIn" if after => {
            let millis = 30 * Unit::Days.millis();
            let count = millis / unit.millis();
            let end = if name.ends_with("minExpiresIn") { -1 } else { 1 };
            let (_, short) = name.rsplit_once('.').ok_or_else(unsupported)?;
            Ok(bound(&count.into(), Some(unit), end)?.with(json!({ "keyExpiration": { short: count } })))
        }
        "rateLimit.timeWindow" => {
            let end = if after { End::After } else { End::NotBefore };
            let duration = 60_000_u64.max(unit.millis());
            let config =
                json!({ "rateLimit": { "enabled": true, "maxRequests": 1, "timeWindow": duration / unit.millis() } });
            Ok(waiting(|_| json!({}), unit, end, config))
        }
        _ => Err("the unit of this option is not tried yet".to_owned()),
    }
}

/// An expiry at the bound is accepted, one a second beyond it is not. Clients send seconds.
fn bound(value: &Value, unit: Option<Unit>, beyond: i64) -> Result<Story, String> {
    let unit = unit.ok_or("no unit is given")?;
    let millis = value.as_u64().ok_or_else(unsupported)?.saturating_mul(unit.millis());
    let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX / 2);
    Ok(refused(json!({ "expiresIn": seconds + beyond }), json!({ "expiresIn": seconds })))
}

fn length(field: &str, option: &str, longest: usize, shortest: usize) -> Story {
    let (beyond, within) = if option.starts_with("max") { (longest + 1, longest) } else { (shortest - 1, shortest) };
    let body = |length: usize| Value::Object(Map::from_iter([(field.to_owned(), "d".repeat(length).into())]));
    refused(body(beyond), body(within))
}

fn sent(body: Value, expectation: Value) -> Story {
    Story::new(vec![json!({ "as": "alice", "client": "createApiKey", "body": body, "expect": expect(expectation) })])
}

fn created(expectation: Value) -> Story {
    sent(json!({}), expectation)
}

fn refused(body: Value, repaired: Value) -> Story {
    Story::new(vec![
        json!({ "as": "alice", "client": "createApiKey", "body": body, "expect": expect(json!({ "status": "4xx" })), "twin": { "body": repaired } }),
    ])
}

/// A key that was verified once, and what comes then.
fn used_once(then: Value) -> Story {
    Story::new(vec![
        json!({ "as": "alice", "client": "createApiKey", "body": {}, "capture": { "key": "body.key" } }),
        json!({ "id": "first", "server": "verifyApiKey", "body": { "key": "$key" } }),
        then,
    ])
}

/// Does a key in this header give a session?
fn session(header: &str, given: bool) -> Story {
    let expected = if given {
        json!({ "ok": true, "body": { "user": { "id": "$alice.userId" } } })
    } else {
        json!({ "ok": true, "body": tag("not", json!({ "user": { "id": "$alice.userId" } })) })
    };
    let headers = Map::from_iter([(header.to_owned(), "$key".into())]);
    Story::new(vec![
        json!({ "as": "alice", "client": "createApiKey", "body": {}, "capture": { "key": "body.key" } }),
        json!({ "server": "getSession", "headers": headers, "expect": expect(expected) }),
    ])
}

/// The options with one of them set, and its value.
fn config(name: &str, value: impl Fn(&str) -> Option<Value>) -> Option<(Value, Value)> {
    let value = value(name)?;
    let mut config = value.clone();
    for part in name.rsplit('.') {
        config = Value::Object(Map::from_iter([(part.to_owned(), config)]));
    }
    match name {
        "apiKeyHeaders" => config["enableSessionForAPIKeys"] = true.into(),
        "rateLimit.maxRequests" => config["rateLimit"]["timeWindow"] = 86_400_000.into(),
        _ => {}
    }
    Some((config, value))
}

fn unsupported() -> String {
    "this option is not tried yet".to_owned()
}
