//! New keys: as most are made, as somebody makes them who sends whatever comes to mind, and many at once.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::member::SERVER_ONLY;
use super::{Generator, made};
use crate::campaign::ground::Theme;
use crate::campaign::large;
use crate::campaign::sequence::{ACTORS, Call, MOST_AT_ONCE, Step};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::operation::Method;

impl<S: Source> Generator<'_, S> {
    /// A key as most are made, so that there is something to act on.
    pub(super) fn create_good(&mut self) {
        for _ in 0..6 {
            let trusted = self.ground.server && self.source.chance(65);
            let actor = self.maker();
            let mut body = Map::new();
            let fields = match self.theme {
                Theme::Limits => &["remaining", "refill", "rateLimit", "name"][..],
                Theme::Permissions => &["permissions", "permissions", "name"],
                Theme::Expiry => &["expiresIn", "expiresIn", "remaining"],
                Theme::Sessions => &["remaining", "rateLimit", "expiresIn"],
                Theme::Storage => &["remaining", "expiresIn", "rateLimit", "metadata"],
                Theme::Lists => &["name", "metadata", "remaining", "expiresIn"],
                Theme::Restarts => &["metadata", "remaining", "permissions", "expiresIn", "rateLimit"],
                _ => &["name", "prefix", "metadata", "expiresIn", "permissions"],
            };
            for field in fields {
                if self.source.chance(55) {
                    self.put(&mut body, field);
                }
            }
            if !trusted {
                SERVER_ONLY.iter().for_each(|name| drop(body.shift_remove(*name)));
            }
            self.own_options(&mut body);
            self.place(&mut body);
            if self.source.chance(90) {
                self.heed(&mut body);
            }
            if self.is_valid(Method::CreateApiKey, &body) {
                return self.create_as(&actor, trusted, body);
            }
        }
        let actor = self.actor();
        self.create_as(&actor, false, Map::new());
    }

    /// Makes the members such that the configuration takes them.
    fn heed(&mut self, body: &mut Map<String, Value>) {
        let config = self.config_of(body);
        if config.get("enableMetadata") != Some(&Value::Bool(true)) || !body.get("metadata").is_some_and(is_document) {
            body.shift_remove("metadata");
        }
        let expiry = config.get("keyExpiration").cloned().unwrap_or_default();
        let seconds: &[u64] = match (&expiry["disableCustomExpiresTime"], &expiry["minExpiresIn"]) {
            (Value::Bool(true), _) => &[],
            (_, Value::Number(days)) if days.as_u64() == Some(0) => &[1, 60, 3600, 86_400],
            (_, Value::Number(_)) => &[172_800, 259_200],
            _ => &[86_400, 90_000, 172_800, 604_800],
        };
        if body.contains_key("expiresIn") {
            match self.source.pick(seconds) {
                Some(seconds) => body.insert("expiresIn".to_owned(), json!(seconds)),
                None => body.shift_remove("expiresIn"),
            };
        }
        for (name, text) in [("name", "key"), ("prefix", "ok_")] {
            if body.contains_key(name) && self.source.chance(70) {
                body.insert(name.to_owned(), text.into());
            }
        }
    }

    /// The configuration that a request names.
    fn config_of(&self, body: &Map<String, Value>) -> Value {
        let Value::Array(list) = &self.sequence.config else { return self.sequence.config.clone() };
        let named = body.get("configId").and_then(Value::as_str).unwrap_or("default");
        list.iter().find(|config| config["configId"] == named).cloned().unwrap_or_default()
    }

    /// Who makes the next key: where organizations are the theme, mostly the one who founded them.
    fn maker(&mut self) -> String {
        if self.theme == Theme::Organizations && self.source.chance(60) {
            return ACTORS[0].to_owned();
        }
        self.actor()
    }

    /// More keys of one owner than fit on a page.
    pub(super) fn create_many(&mut self) {
        let actor = self.actor();
        for _ in 0..4 {
            let call = Call { times: MOST_AT_ONCE, ..self.call(Some(actor.clone()), Some(json!({}))) };
            self.push(Step::Client { operation: Method::CreateApiKey, call });
        }
        let call = self.call(Some(actor), None);
        self.push(Step::Client { operation: Method::ListApiKeys, call });
    }

    /// Somebody creates a key with whatever comes to mind.
    pub(super) fn create_any(&mut self) {
        let mut body = Map::new();
        let most = 1 + self.source.weighted(&[25, 30, 25, 20]);
        let nobody = if self.theme == Theme::Organizations { 14 } else { 6 };
        let doors = [usize::from(self.ground.server) * 30, 50, usize::from(self.ground.server) * 10, nobody];
        let door = self.source.weighted(&doors);
        for _ in 0..most {
            let field = match door {
                0 => value::pick(
                    self.source,
                    &[
                        "name",
                        "prefix",
                        "metadata",
                        "expiresIn",
                        "permissions",
                        "remaining",
                        "refill",
                        "refillAmount",
                        "refillInterval",
                        "rateLimit",
                        "derived",
                        "organizationId",
                    ],
                ),
                _ => value::pick(
                    self.source,
                    &[
                        "name",
                        "name",
                        "prefix",
                        "metadata",
                        "expiresIn",
                        "prefix",
                        "name",
                        "metadata",
                        "expiresIn",
                        "permissions",
                        "serverOnly",
                        "userId",
                        "derived",
                        "organizationId",
                    ],
                ),
            };
            self.put(&mut body, field);
        }
        self.place(&mut body);
        if self.source.chance(60) {
            self.own_options(&mut body);
        }
        let actor = self.actor();
        match door {
            0 => self.create_as(&actor, true, body),
            1 => self.create_as(&actor, false, body),
            2 => {
                if self.source.chance(if self.theme == Theme::Organizations { 60 } else { 25 }) {
                    self.put(&mut body, "userId");
                }
                let call = self.call(Some(actor), Some(body.into()));
                self.create(Step::Server { operation: Method::CreateApiKey, call });
            }
            _ => {
                if self.source.chance(if self.theme == Theme::Organizations { 60 } else { 25 }) {
                    self.put(&mut body, "userId");
                }
                let call = self.call(None, Some(body.into()));
                let headers = IndexMap::from([("accept".to_owned(), "*/*".to_owned())]);
                let over_http = !self.ground.server || self.source.chance(60);
                self.create(match over_http {
                    true => Step::Client { operation: Method::CreateApiKey, call },
                    false => Step::Server { operation: Method::CreateApiKey, call: Call { headers, ..call } },
                });
            }
        }
    }

    pub(super) fn create_as(&mut self, actor: &str, trusted: bool, mut body: Map<String, Value>) {
        if !trusted {
            let call = self.call(Some(actor.to_owned()), Some(body.into()));
            return self.create(Step::Client { operation: Method::CreateApiKey, call });
        }
        match self.source.weighted(&[97, 1, 2]) {
            0 => _ = body.insert("userId".to_owned(), json!(format!("${{{actor}.id}}"))),
            1 => _ = body.insert("userId".to_owned(), json!("a ghost")),
            _ => {}
        }
        let call = self.call(None, Some(body.into()));
        self.create(Step::Server { operation: Method::CreateApiKey, call });
    }

    pub(super) fn create(&mut self, mut step: Step) {
        if let Some(call) = step.call_mut() {
            call.makes = Some(format!("k{}", self.keys.len() + 1));
        }
        self.keys.extend(made(&step));
        self.push(step);
    }

    pub(super) fn create_or_push(&mut self, step: Step) {
        if step.operation() == Some(Method::CreateApiKey) { self.create(step) } else { self.push(step) }
    }

    /// What the configuration asks of a key.
    pub(super) fn own_options(&mut self, body: &mut Map<String, Value>) {
        let config = self.sequence.config.to_string();
        if config.contains("starts-with-ok") && self.source.chance(75) {
            body.insert("prefix".to_owned(), json!("ok_"));
        }
        if config.contains("requireName") && !body.contains_key("name") && self.source.chance(85) {
            body.insert("name".to_owned(), json!("key"));
        }
    }

    /// The configuration and the organization of a new key.
    pub(super) fn place(&mut self, body: &mut Map<String, Value>) {
        let own = match self.theme {
            Theme::Organizations if self.source.chance(75) => Some("team".to_owned()),
            _ => self.source.pick(&self.configs).cloned(),
        };
        let percent = if self.configs.is_empty() { 2 } else { 75 };
        self.scope(body, own, percent);
        let of_team = body.get("configId").is_some_and(|id| id == "team");
        if (of_team && self.source.chance(94)) || (self.has_organizations && self.source.chance(4)) {
            let organization = self.organization_text();
            body.insert("organizationId".to_owned(), organization);
        }
    }
}

/// An object, or what stands for a large one.
fn is_document(value: &Value) -> bool {
    value.is_object() || value.as_str().is_some_and(large::is_large)
}
