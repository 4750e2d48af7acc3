//! Reading, changing, listing and deleting keys: as their owner, a stranger, nobody, the server or a key.

use serde_json::{Map, Value, json};

use super::{Generator, Made};
use crate::campaign::ground::Theme;
use crate::campaign::sequence::{ACTORS, Call, Step};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::edition::Behaviour;
use crate::spec::operation::Method;

const COLUMNS: &[&str] = &[
    "name",
    "createdAt",
    "expiresAt",
    "remaining",
    "enabled",
    "prefix",
    "requestCount",
    "lastRequest",
    "configId",
    "rateLimitMax",
    "permissions",
    "metadata",
    "key",
    "nonsense",
];

/// How a key's own session, a stranger and the server come to be the caller of an operation.
const OWNERS_MOSTLY: [usize; 6] = [66, 12, 5, 6, 7, 4];

impl<S: Source> Generator<'_, S> {
    pub(super) fn get(&mut self) {
        let key = self.key();
        let mut query = Map::new();
        query.insert("id".to_owned(), self.id_text(&key));
        let own = key.config.clone();
        self.scope(&mut query, own, 92);
        self.pretend(&mut query);
        if self.source.chance(2) {
            query.shift_remove("id");
        }
        if self.source.chance(4) {
            let id = query.shift_remove("id");
            let body = json!({ "id": id });
            let owner = Some(key.owner.clone());
            let call = Call { query: None, ..self.call(owner, Some(body)) };
            return self.push(Step::Client { operation: Method::GetApiKey, call });
        }
        self.ask(Method::GetApiKey, &key, Some(query.into()), None);
    }

    pub(super) fn delete(&mut self) {
        let key = self.key();
        if self.source.chance(12) {
            let mut body = Map::from_iter([("enabled".to_owned(), json!(false))]);
            body.insert("keyId".to_owned(), self.id_text(&key));
            self.scope(&mut body, key.config.clone(), 92);
            self.ask(Method::UpdateApiKey, &key, None, Some(body.into()));
        }
        let mut body = Map::new();
        body.insert("keyId".to_owned(), self.id_text(&key));
        let own = key.config.clone();
        self.scope(&mut body, own, 92);
        self.pretend(&mut body);
        if self.source.chance(2) {
            body.shift_remove("keyId");
        }
        self.ask(Method::DeleteApiKey, &key, None, Some(body.into()));
    }

    pub(super) fn update(&mut self) {
        let key = self.key();
        let trusted = self.ground.server && self.source.chance(45);
        let mut body = Map::new();
        for round in 0..4 {
            body.clear();
            for _ in 0..1 + self.source.weighted(&[45, 35, 20]) {
                let field = match trusted {
                    true => value::pick(
                        self.source,
                        &[
                            "name",
                            "enabled",
                            "expiresIn",
                            "metadata",
                            "remaining",
                            "refill",
                            "rateLimit",
                            "permissions",
                            "permissions",
                            "refillAmount",
                        ],
                    ),
                    false => value::pick(
                        self.source,
                        &[
                            "name",
                            "enabled",
                            "expiresIn",
                            "metadata",
                            "name",
                            "enabled",
                            "expiresIn",
                            "metadata",
                            "serverOnly",
                            "derived",
                            "userId",
                            "prefix",
                        ],
                    ),
                };
                self.put(&mut body, field);
            }
            self.clear(&mut body, trusted);
            let whole: Map<_, _> = body.clone().into_iter().chain([("keyId".to_owned(), json!("x"))]).collect();
            if round > 0 || self.source.chance(30) || self.is_valid(Method::UpdateApiKey, &whole) {
                break;
            }
        }
        body.insert("keyId".to_owned(), self.id_text(&key));
        if self.source.chance(2) {
            body.shift_remove("keyId");
        }
        let own = key.config.clone();
        self.scope(&mut body, own, 92);
        if !trusted {
            return self.ask(Method::UpdateApiKey, &key, None, Some(body.into()));
        }
        if self.source.chance(94) {
            body.insert("userId".to_owned(), json!(format!("${{{}.id}}", key.owner)));
        }
        let call = self.call(None, Some(body.into()));
        self.push(Step::Server { operation: Method::UpdateApiKey, call });
    }

    pub(super) fn list(&mut self) {
        let key = self.key();
        let mut query = Map::new();
        if self.ground.edition.has(Behaviour::ListQueryIsRead) || self.source.chance(10) {
            if self.source.chance(35) {
                let limit = self
                    .source
                    .pick(&[
                        json!("1"),
                        json!("2"),
                        json!("0"),
                        json!("100"),
                        json!("-1"),
                        json!("1.5"),
                        json!(""),
                        json!(["1", "2"]),
                    ])
                    .cloned();
                query.extend(limit.map(|limit| ("limit".to_owned(), limit)));
            }
            if self.source.chance(30) {
                let offset = self.source.pick(&[json!("1"), json!("0"), json!("5"), json!("x")]).cloned();
                query.extend(offset.map(|offset| ("offset".to_owned(), offset)));
            }
            if self.source.chance(40) {
                query.insert("sortBy".to_owned(), value::pick(self.source, COLUMNS).into());
            }
            if self.source.chance(25) {
                query.insert(
                    "sortDirection".to_owned(),
                    value::pick(self.source, &["asc", "desc", "desc", "up"]).into(),
                );
            }
            if self.has_organizations && self.source.chance(60) {
                query.insert("organizationId".to_owned(), self.organization_text());
            }
            self.scope(&mut query, key.config.clone(), if self.theme == Theme::Configurations { 50 } else { 20 });
        }
        self.pretend(&mut query);
        let query = (!query.is_empty()).then(|| Value::Object(query));
        self.ask(Method::ListApiKeys, &key, query, None);
    }

    pub(super) fn delete_expired(&mut self) {
        let call = self.call(None, None);
        self.push(Step::Server { operation: Method::DeleteAllExpiredApiKeys, call });
    }

    /// Takes an expiry or permissions away, or names another organization.
    fn clear(&mut self, body: &mut Map<String, Value>, trusted: bool) {
        if body.contains_key("expiresIn") && self.source.chance(25) {
            body.insert("expiresIn".to_owned(), Value::Null);
        }
        if trusted && body.contains_key("permissions") && self.source.chance(25) {
            body.insert("permissions".to_owned(), Value::Null);
        }
        if matches!(self.theme, Theme::Expiry | Theme::Restarts) && self.source.chance(25) {
            body.insert("enabled".to_owned(), json!(false));
        }
        if self.has_organizations && self.source.chance(8) {
            self.put(body, "organizationId");
        }
    }

    /// Names a user where no operation reads one.
    fn pretend(&mut self, members: &mut Map<String, Value>) {
        if self.source.chance(4) {
            members.insert("userId".to_owned(), value::pick(self.source, &["${alice.id}", "${bob.id}"]).into());
        }
    }

    /// Sends an operation as the owner, somebody else, nobody, a server or a key.
    pub(super) fn ask(&mut self, operation: Method, key: &Made, query: Option<Value>, body: Option<Value>) {
        let call = Call { query, body, times: 1, ..Call::default() };
        let client = |call| Step::Client { operation, call };
        let mut weights = OWNERS_MOSTLY;
        if self.theme == Theme::Organizations {
            // Who else may do it is what organizations are about.
            weights[1] = 60;
        }
        if !self.ground.server {
            (weights[3], weights[4]) = (0, 0);
        }
        if !self.ground.sessions {
            weights[5] = 0;
        }
        let step = match self.source.weighted(&weights) {
            0 => client(Call { actor: Some(key.owner.clone()), ..call }),
            1 => {
                let actor = value::pick(self.source, ACTORS).to_owned();
                client(Call { actor: Some(actor), ..call })
            }
            2 => client(call),
            3 => Step::Server { operation, call: Call { actor: Some(key.owner.clone()), ..call } },
            4 => Step::Server { operation, call },
            _ => {
                let headers = self.key_header(key);
                client(Call { headers, ..call })
            }
        };
        self.push(step);
    }

    pub(super) fn id_text(&mut self, key: &Made) -> Value {
        let name = &key.name;
        match self.source.weighted(&[93, 3, 4]) {
            0 => json!(format!("${{{name}.id}}")),
            1 => json!(value::pick(self.source, &["unknown", "", "", "${k1.key}", "${alice.id}"])),
            _ => value::wrong(self.source),
        }
    }
}
