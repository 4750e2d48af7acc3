//! A stored API key, and the JSON that an edition shows of it.
//!
//! Knows the row's members and their form on the wire; refuses to know who may see them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use time::OffsetDateTime;
use time::macros::format_description;

use super::edition::{Behaviour, Edition};
use super::permission::Permissions;

/// One row of the key table. Times are milliseconds since 1970, intervals and windows milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyRow {
    pub id: String,
    /// `None` in rows that were made before configurations had names. Not shown up to 1.4.
    pub config_id: Option<String>,
    pub name: Option<String>,
    pub prefix: Option<String>,
    /// The first characters of the clear key, its prefix included.
    pub start: Option<String>,
    /// The stored form of the key: hashed, or clear with `disableKeyHashing`. Never shown.
    pub key: String,
    /// The user or organization that owns the key.
    pub owner: String,
    pub refill_interval: Option<f64>,
    pub refill_amount: Option<f64>,
    pub last_refill_at: Option<i64>,
    pub enabled: bool,
    pub rate_limit_enabled: bool,
    pub rate_limit_time_window: Option<f64>,
    pub rate_limit_max: Option<f64>,
    pub request_count: i64,
    pub remaining: Option<f64>,
    pub last_request: Option<i64>,
    pub expires_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub permissions: Option<Permissions>,
    pub metadata: Value,
}

/// Which reply shows a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// `createApiKey`: the only reply with the clear key.
    Created { clear_key: &'a str },
    /// `updateApiKey`.
    Updated,
    /// `getApiKey`, `verifyApiKey` and the elements of a list: permissions as JSON text up to 1.2.5.
    Read,
}

impl KeyRow {
    /// The row as a reply of this edition shows it.
    pub fn to_json(&self, edition: &Edition, shown: Shown<'_>) -> Value {
        let mut row = Map::new();
        let mut put = |name: &str, value: Value| {
            row.insert(name.to_owned(), value);
        };
        put("id", Value::from(self.id.as_str()));
        if edition.has(Behaviour::OwnerIsReferenceId) {
            put("configId", text(self.config_id.as_deref()));
        }
        put("name", text(self.name.as_deref()));
        put("start", text(self.start.as_deref()));
        put("prefix", text(self.prefix.as_deref()));
        if let Shown::Created { clear_key } = shown {
            put("key", Value::from(clear_key));
        }
        put(edition.owner_field(), Value::from(self.owner.as_str()));
        put("refillInterval", number(self.refill_interval));
        put("refillAmount", number(self.refill_amount));
        put("lastRefillAt", date(self.last_refill_at));
        put("enabled", Value::from(self.enabled));
        put("rateLimitEnabled", Value::from(self.rate_limit_enabled));
        put("rateLimitTimeWindow", number(self.rate_limit_time_window));
        put("rateLimitMax", number(self.rate_limit_max));
        put("requestCount", Value::from(self.request_count));
        put("remaining", number(self.remaining));
        put("lastRequest", date(self.last_request));
        put("expiresAt", date(self.expires_at));
        put("createdAt", date(Some(self.created_at)));
        put("updatedAt", date(Some(self.updated_at)));
        put("permissions", self.permissions_json(edition, shown));
        put("metadata", self.metadata.clone());
        Value::Object(row)
    }

    fn permissions_json(&self, edition: &Edition, shown: Shown<'_>) -> Value {
        let Some(permissions) = &self.permissions else { return Value::Null };
        let json = permissions.to_json();
        match shown {
            Shown::Read if edition.has(Behaviour::PermissionsAreReadAsText) => Value::from(json.to_string()),
            _ => json,
        }
    }
}

/// A time as the wire writes it: `2026-01-31T23:59:59.000Z`. `None` where JavaScript has no such date.
pub fn iso_date(ms: i64) -> Option<String> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()?.format(&format).ok()
}

/// A number as JavaScript prints it: `1`, not `1.0`; `null` for what JSON cannot hold.
pub fn js_number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.trunc() == value && value.abs() <= EXACT {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, js_number)
}

fn date(ms: Option<i64>) -> Value {
    ms.and_then(iso_date).map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row() -> KeyRow {
        KeyRow {
            id: "k1".to_owned(),
            config_id: Some("default".to_owned()),
            name: None,
            prefix: None,
            start: Some("abcdef".to_owned()),
            key: "hash".to_owned(),
            owner: "u1".to_owned(),
            refill_interval: None,
            refill_amount: Some(2.5),
            last_refill_at: None,
            enabled: true,
            rate_limit_enabled: true,
            rate_limit_time_window: Some(86_400_000.0),
            rate_limit_max: Some(10.0),
            request_count: 0,
            remaining: Some(3.0),
            last_request: None,
            expires_at: Some(1_700_000_000_001),
            created_at: 0,
            updated_at: -1,
            permissions: Some([("files", ["read"])].into_iter().collect()),
            metadata: json!({ "a": 1 }),
        }
    }

    #[test]
    fn the_clear_key_is_shown_once_and_the_stored_form_never() {
        let edition = Edition::newest();
        let created = row().to_json(&edition, Shown::Created { clear_key: "clear" });
        assert_eq!(created["key"], "clear");
        assert_eq!(row().to_json(&edition, Shown::Read).get("key"), None);
        assert!(!created.to_string().contains("hash"));
    }

    #[test]
    fn numbers_and_dates_are_those_of_javascript() {
        let shown = row().to_json(&Edition::newest(), Shown::Read);
        assert_eq!(shown["remaining"].to_string(), "3");
        assert_eq!(shown["refillAmount"].to_string(), "2.5");
        assert_eq!(shown["expiresAt"], "2023-11-14T22:13:20.001Z");
        assert_eq!(shown["updatedAt"], "1969-12-31T23:59:59.999Z");
        assert_eq!(iso_date(i64::MAX), None);
        assert_eq!((js_number(f64::NAN), js_number(-0.0).to_string()), (Value::Null, "0".to_owned()));
    }

    #[test]
    fn the_owner_and_the_configuration_depend_on_the_edition() {
        let old = row().to_json(&"1.4".parse().unwrap(), Shown::Read);
        assert_eq!((old.get("userId"), old.get("configId")), (Some(&json!("u1")), None));
        let new = row().to_json(&"1.5".parse().unwrap(), Shown::Read);
        assert_eq!((new.get("referenceId"), new.get("configId")), (Some(&json!("u1")), Some(&json!("default"))));
    }

    #[test]
    fn permissions_were_read_as_text_up_to_1_2_5() {
        let permissions = |version: &str, shown| row().to_json(&version.parse().unwrap(), shown)["permissions"].clone();
        assert_eq!(permissions("1.2.5", Shown::Read), json!(r#"{"files":["read"]}"#));
        assert_eq!(permissions("1.2.5", Shown::Updated), json!({ "files": ["read"] }));
        assert_eq!(permissions("1.2.6", Shown::Read), json!({ "files": ["read"] }));
    }
}
