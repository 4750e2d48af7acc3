//! A plain key.

use serde_json::Value;

use super::js::Js;
use crate::spec::edition::Release;
use crate::spec::key::iso_date;

/// A stored key: what everybody may know of it, and its clear text.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) clear: String,
    pub(crate) config: String,
    pub(crate) owner: String,
    pub(crate) name: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) start: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) remaining: Option<f64>,
    pub(crate) refill_amount: Option<f64>,
    pub(crate) refill_interval: Option<f64>,
    pub(crate) refilled: Option<i64>,
    pub(crate) limited: bool,
    pub(crate) uses: f64,
    pub(crate) window: f64,
    pub(crate) count: i64,
    pub(crate) used: Option<i64>,
    pub(crate) expires: Option<i64>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) permissions: Option<Js>,
    pub(crate) metadata: Js,
}

/// What a reply shows of a key.
pub(crate) type Row = Vec<(&'static str, Js)>;

impl Key {
    /// The row, without the clear text. `is_read`: by a get, a list or a verify, which up to 1.2.5 show permissions as
    /// text.
    pub(crate) fn row(&self, release: Release, is_read: bool) -> Row {
        let text = |text: &Option<String>| text.clone().map_or(Js::Null, Js::Text);
        let number = |number: Option<f64>| number.map_or(Js::Null, Js::Number);
        let date = |at: Option<i64>| at.and_then(iso_date).map_or(Js::Null, Js::Text);
        let mut row = vec![
            ("id", Js::Text(self.id.clone())),
            ("name", text(&self.name)),
            ("start", text(&self.start)),
            ("prefix", text(&self.prefix)),
            ("refillInterval", number(self.refill_interval)),
            ("refillAmount", number(self.refill_amount)),
            ("lastRefillAt", date(self.refilled)),
            ("enabled", Js::Bool(self.enabled)),
            ("rateLimitEnabled", Js::Bool(self.limited)),
            ("rateLimitTimeWindow", Js::Number(self.window)),
            ("rateLimitMax", Js::Number(self.uses)),
            ("requestCount", Js::Number(self.count as f64)),
            ("remaining", number(self.remaining)),
            ("lastRequest", date(self.used)),
            ("expiresAt", date(self.expires)),
            ("createdAt", date(Some(self.created))),
            ("updatedAt", date(Some(self.updated))),
            ("metadata", self.metadata.clone()),
        ];
        if release >= (1, 5, 0) {
            row.push(("configId", Js::Text(self.config.clone())));
            row.push(("referenceId", Js::Text(self.owner.clone())));
        } else {
            row.push(("userId", Js::Text(self.owner.clone())));
        }
        if release >= (1, 2, 6) || !is_read || self.permissions.is_none() {
            row.push(("permissions", self.permissions.clone().unwrap_or(Js::Null)));
        }
        row
    }
}

/// The first member that a reply shows otherwise.
pub(crate) fn differs(row: &Row, shown: &Value) -> Option<String> {
    let Some(members) = shown.as_object() else { return Some(format!("no key but {shown}")) };
    let wrong = row.iter().find(|(name, value)| !members.get(*name).is_some_and(|shown| value.is(shown)));
    if let Some((name, value)) = wrong {
        return Some(format!("`{name}` is {:?}, expected {value:?}", members.get(*name)));
    }
    let known = |name: &str| row.iter().any(|(other, _)| *other == name) || name == "permissions";
    members.keys().find(|name| !known(name)).map(|name| format!("`{name}` is shown"))
}

/// A text's length as JavaScript counts it.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
