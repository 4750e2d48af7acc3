//! The members of requests.

use serde_json::{Map, Value, json};

use super::Generator;
use crate::campaign::ground::Theme;
use crate::campaign::source::Source;
use crate::campaign::value;

/// The members that only the server may set.
pub(super) const SERVER_ONLY: &[&str] = &[
    "remaining",
    "refillAmount",
    "refillInterval",
    "rateLimitMax",
    "rateLimitTimeWindow",
    "rateLimitEnabled",
    "permissions",
];

/// Members that no operation reads: the server works them out, or does not know them.
const DERIVED: &[&str] = &["id", "key", "start", "requestCount", "createdAt", "lastRequest", "referenceId", "unknown"];

impl<S: Source> Generator<'_, S> {
    /// Sets a member, or the members that belong together.
    pub(super) fn put(&mut self, body: &mut Map<String, Value>, field: &str) {
        let source = &mut *self.source;
        let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        match field {
            "name" => set("name", value::name(source)),
            "prefix" => set("prefix", value::prefix(source)),
            "metadata" => set("metadata", value::metadata(source)),
            "expiresIn" => set("expiresIn", value::expires_in(source)),
            "permissions" => set("permissions", value::permissions(source)),
            "remaining" => set("remaining", value::count(source)),
            "enabled" => set("enabled", value::flag(source)),
            "refillAmount" => set("refillAmount", value::amount(source)),
            "refillInterval" => set("refillInterval", value::interval(source)),
            "refill" => {
                set("refillAmount", value::amount(source));
                set("refillInterval", value::interval(source));
                if source.chance(70) {
                    set("remaining", value::count(source));
                }
            }
            "rateLimit" => {
                if source.chance(80) {
                    set("rateLimitMax", value::maximum(source));
                }
                if source.chance(80) {
                    set("rateLimitTimeWindow", value::interval(source));
                }
                if source.chance(35) {
                    set("rateLimitEnabled", value::flag(source));
                }
            }
            "serverOnly" => {
                let name = value::pick(source, SERVER_ONLY);
                let value = match name {
                    "permissions" => value::permissions(source),
                    "rateLimitEnabled" => value::flag(source),
                    "refillInterval" | "rateLimitTimeWindow" => value::interval(source),
                    _ => value::amount(source),
                };
                set(name, value);
            }
            "userId" => {
                let users = ["${alice.id}", "${bob.id}", "${alice.id}", "a ghost", ""];
                let user = value::pick(source, &users);
                set("userId", if source.chance(92) { user.into() } else { value::wrong(source) });
            }
            "organizationId" => {
                let value = self.organization_text();
                body.insert("organizationId".to_owned(), value);
            }
            _ if source.chance(8) => set("__proto__", json!({ "name": "inherited" })),
            _ => {
                let name = value::pick(source, DERIVED);
                let value = if name == "requestCount" { json!(5) } else { json!("mine") };
                set(name, value);
            }
        }
    }

    /// Names a configuration: mostly the own one.
    pub(super) fn scope(&mut self, members: &mut Map<String, Value>, own: Option<String>, percent: usize) {
        let (percent, own) = match own {
            Some(own) => (percent, own),
            None => (percent.min(3), "default".to_owned()),
        };
        if !self.source.chance(percent) {
            return;
        }
        let other = if self.theme == Theme::Configurations { 25 } else { 9 };
        let value = match self.source.weighted(&[86, other, 3, 2]) {
            0 => json!(own),
            1 => value::pick(self.source, &["default", "second", "team", "first", "unknown"]).into(),
            2 => json!(""),
            _ => value::wrong(self.source),
        };
        members.insert("configId".to_owned(), value);
    }

    pub(super) fn organization_text(&mut self) -> Value {
        let known = self.organization();
        match self.source.weighted(&[92, 4, 4]) {
            0 => json!(format!("${{{known}.id}}")),
            1 => json!("a ghost"),
            _ => json!(""),
        }
    }
}
