//! The requests of a sequence: who sends them, and what they say.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::super::ground::Theme;
use super::super::name::FORMS;
use super::super::sequence::{ACTORS, Call, MOST_AT_ONCE, Step};
use super::super::source::Source;
use super::super::value;
use super::{Generator, Made};
use crate::spec::edition::Behaviour;
use crate::spec::operation::Method;
use crate::spec::wire::{Input, parse};

/// The members that only the server may set.
const SERVER_ONLY: &[&str] = &[
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
    /// A key as most are made, so that there is something to act on.
    pub(super) fn create_good(&mut self) {
        for _ in 0..6 {
            let trusted = self.ground.server && self.source.chance(65);
            let actor = self.owner();
            let mut body = Map::new();
            let fields = match self.theme {
                Theme::Limits => &["remaining", "refill", "rateLimit", "name"][..],
                Theme::Permissions => &["permissions", "permissions", "name"],
                Theme::Expiry => &["expiresIn", "expiresIn", "remaining"],
                Theme::Sessions => &["remaining", "rateLimit", "expiresIn"],
                Theme::Storage => &["remaining", "expiresIn", "rateLimit", "metadata"],
                Theme::Lists => &["name", "metadata", "remaining", "expiresIn"],
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
            if self.is_valid(Method::CreateApiKey, &body) {
                return self.create_as(&actor, trusted, body);
            }
        }
        let actor = self.owner();
        self.create_as(&actor, false, Map::new());
    }

    /// More keys of one owner than fit on a page.
    pub(super) fn create_many(&mut self) {
        let actor = self.owner();
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
        let doors = [usize::from(self.ground.server) * 30, 50, usize::from(self.ground.server) * 10, 6];
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
        let actor = self.owner();
        match door {
            0 => self.create_as(&actor, true, body),
            1 => self.create_as(&actor, false, body),
            2 => {
                if self.source.chance(25) {
                    self.put(&mut body, "userId");
                }
                let call = self.call(Some(actor), Some(body.into()));
                self.create(Step::Server { operation: Method::CreateApiKey, call });
            }
            _ => {
                if self.source.chance(25) {
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

    fn create_as(&mut self, actor: &str, trusted: bool, mut body: Map<String, Value>) {
        if !trusted {
            let call = self.call(Some(actor.to_owned()), Some(body.into()));
            return self.create(Step::Client { operation: Method::CreateApiKey, call });
        }
        match self.source.weighted(&[94, 2, 4]) {
            0 => _ = body.insert("userId".to_owned(), json!(format!("${{{actor}.id}}"))),
            1 => _ = body.insert("userId".to_owned(), json!("a ghost")),
            _ => {}
        }
        let call = self.call(None, Some(body.into()));
        self.create(Step::Server { operation: Method::CreateApiKey, call });
    }

    fn create(&mut self, mut step: Step) {
        if let Some(call) = step.call_mut() {
            call.makes = Some(format!("k{}", self.keys.len() + 1));
        }
        self.keys.extend(super::made(&step));
        self.push(step);
    }

    pub(super) fn verify(&mut self) {
        let key = self.key();
        let mut body = Map::new();
        body.insert("key".to_owned(), self.key_text(&key));
        let asked = if self.theme == Theme::Permissions { 75 } else { 15 };
        if self.source.chance(asked) {
            body.insert("permissions".to_owned(), value::permissions(self.source));
        }
        let own = key.config.clone();
        self.scope(&mut body, own, 25);
        let call = self.call(None, Some(body.into()));
        self.push(Step::Server { operation: Method::VerifyApiKey, call });
    }

    pub(super) fn get(&mut self) {
        let key = self.key();
        let mut query = Map::new();
        query.insert("id".to_owned(), self.id_text(&key));
        let own = key.config.clone();
        self.scope(&mut query, own, 92);
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
        let mut body = Map::new();
        body.insert("keyId".to_owned(), self.id_text(&key));
        let own = key.config.clone();
        self.scope(&mut body, own, 92);
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
            self.scope(&mut query, key.config.clone(), 20);
        }
        let query = (!query.is_empty()).then(|| Value::Object(query));
        self.ask(Method::ListApiKeys, &key, query, None);
    }

    pub(super) fn delete_expired(&mut self) {
        let call = self.call(None, None);
        self.push(Step::Server { operation: Method::DeleteAllExpiredApiKeys, call });
    }

    /// A key in a header, where it may act as a session.
    pub(super) fn with_key(&mut self) {
        let key = self.key();
        let headers = self.key_header(&key);
        let actor = self.source.chance(20).then(|| self.actor());
        let own =
            |body: Value| Call { actor: actor.clone(), headers: headers.clone(), times: 1, ..self_call(Some(body)) };
        let plain = Call { actor: actor.clone(), headers: headers.clone(), times: 1, ..Call::default() };
        let step = match self.source.weighted(&[50, 15, 12, 12, 11]) {
            0 => Step::Client { operation: Method::GetSession, call: plain },
            1 => Step::Client { operation: Method::ListApiKeys, call: plain },
            2 => {
                let mut body = Map::new();
                let field = value::pick(self.source, &["name", "permissions", "expiresIn", "remaining"]);
                self.put(&mut body, field);
                return self.create(Step::Client { operation: Method::CreateApiKey, call: own(body.into()) });
            }
            3 => {
                let mut body = Map::new();
                body.insert("keyId".to_owned(), json!(format!("${{{}.id}}", key.name)));
                let field = value::pick(self.source, &["name", "enabled", "remaining", "permissions"]);
                self.put(&mut body, field);
                Step::Client { operation: Method::UpdateApiKey, call: own(body.into()) }
            }
            _ => {
                let query = json!({ "id": format!("${{{}.id}}", key.name) });
                Step::Client { operation: Method::GetApiKey, call: Call { query: Some(query), ..plain } }
            }
        };
        let over_http = !self.ground.server || self.source.chance(75);
        self.push(match step {
            Step::Client { operation, call } if !over_http => Step::Server { operation, call },
            step => step,
        });
    }

    /// A request that is no proper one: another method or path, or a body that is no object.
    pub(super) fn odd(&mut self) {
        let operations = [Method::CreateApiKey, Method::UpdateApiKey, Method::DeleteApiKey];
        let operation = self.source.pick(&operations).copied().unwrap_or(Method::CreateApiKey);
        let actor = self.source.chance(85).then(|| self.actor());
        let key = self.key();
        match self.source.weighted(&[45, 15, 20, 20]) {
            0 => {
                let (text, content_type) = value::text(self.source);
                let headers = IndexMap::from([("content-type".to_owned(), content_type.to_owned())]);
                let call = Call { actor, text: Some(text.to_owned()), headers, times: 1, ..Call::default() };
                self.create_or_push(Step::Client { operation, call });
            }
            1 => {
                let call = Call { actor, times: 1, ..Call::default() };
                self.create_or_push(Step::Client { operation, call });
            }
            2 => {
                let method = value::pick(self.source, &["GET", "POST", "PUT", "DELETE", "PATCH"]).to_owned();
                let path = value::pick(
                    self.source,
                    &[
                        "/api-key/create",
                        "/api-key/get",
                        "/api-key/list",
                        "/api-key/update",
                        "/api-key/delete",
                        "/api-key/nothing",
                    ],
                );
                let read = method == "GET";
                let body = (!read).then(|| json!({ "keyId": format!("${{{}.id}}", key.name), "name": "a" }));
                let query = read.then(|| json!({ "id": format!("${{{}.id}}", key.name) }));
                let call = Call { actor, body, query, times: 1, ..Call::default() };
                self.push(Step::Route { method, path: path.to_owned(), call });
            }
            _ => {
                let (path, body) = match self.source.below(2) {
                    0 => ("/api-key/verify", json!({ "key": format!("${{{}.key}}", key.name) })),
                    _ => ("/api-key/delete-all-expired-api-keys", json!({})),
                };
                let call = Call { actor, body: Some(body), times: 1, ..Call::default() };
                self.push(Step::Route { method: "POST".to_owned(), path: path.to_owned(), call });
            }
        }
    }

    /// The same request several times at once.
    pub(super) fn burst(&mut self) {
        let key = self.key();
        let times = 2 + u32::try_from(self.source.below(7)).unwrap_or(0);
        let body = json!({ "key": format!("${{{}.key}}", key.name) });
        let call = Call { body: Some(body), times, ..Call::default() };
        self.push(Step::Server { operation: Method::VerifyApiKey, call });
    }

    /// Sends an operation as the owner, somebody else, nobody, a server or a key.
    fn ask(&mut self, operation: Method, key: &Made, query: Option<Value>, body: Option<Value>) {
        let call = Call { query, body, times: 1, ..Call::default() };
        let client = |call| Step::Client { operation, call };
        let mut weights = OWNERS_MOSTLY;
        if self.theme == Theme::Organizations {
            // Who else may do it is what organizations are about.
            weights[1] = 45;
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

    fn create_or_push(&mut self, step: Step) {
        if step.operation() == Some(Method::CreateApiKey) { self.create(step) } else { self.push(step) }
    }

    /// Sets a member, or the members that belong together.
    fn put(&mut self, body: &mut Map<String, Value>, field: &str) {
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
            _ => {
                let name = value::pick(source, DERIVED);
                let value = if name == "requestCount" { json!(5) } else { json!("mine") };
                set(name, value);
            }
        }
    }

    /// What the configuration asks of a key.
    fn own_options(&mut self, body: &mut Map<String, Value>) {
        let config = self.sequence.config.to_string();
        if config.contains("starts-with-ok") && self.source.chance(75) {
            body.insert("prefix".to_owned(), json!("ok_"));
        }
        if config.contains("requireName") && !body.contains_key("name") && self.source.chance(85) {
            body.insert("name".to_owned(), json!("key"));
        }
    }

    /// The configuration and the organization of a new key.
    fn place(&mut self, body: &mut Map<String, Value>) {
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

    /// Names a configuration: mostly the own one.
    fn scope(&mut self, members: &mut Map<String, Value>, own: Option<String>, percent: usize) {
        let (percent, own) = match own {
            Some(own) => (percent, own),
            None => (percent.min(3), "default".to_owned()),
        };
        if !self.source.chance(percent) {
            return;
        }
        let value = match self.source.weighted(&[86, 9, 3, 2]) {
            0 => json!(own),
            1 => value::pick(self.source, &["default", "second", "team", "first", "unknown"]).into(),
            2 => json!(""),
            _ => value::wrong(self.source),
        };
        members.insert("configId".to_owned(), value);
    }

    fn organization_text(&mut self) -> Value {
        let known = self.organization();
        match self.source.weighted(&[92, 4, 4]) {
            0 => json!(format!("${{{known}.id}}")),
            1 => json!("a ghost"),
            _ => json!(""),
        }
    }

    /// A key to act on: a late one more often.
    fn key(&mut self) -> Made {
        let last = self.keys.last().cloned().filter(|_| self.source.chance(45));
        let any = self.source.pick(&self.keys).cloned();
        last.or(any).unwrap_or_else(|| Made { name: "k1".to_owned(), owner: ACTORS[0].to_owned(), config: None })
    }

    /// The text of a key: the right one in most cases.
    fn key_text(&mut self, key: &Made) -> Value {
        let name = &key.name;
        match self.source.weighted(&[86, 7, 2, 5]) {
            0 => json!(format!("${{{name}.key}}")),
            1 => json!(format!("${{{name}.key|{}}}", value::pick(self.source, FORMS))),
            2 => json!(format!("${{{name}.id}}")),
            _ => match self.source.below(5) {
                0 => json!(""),
                1 => json!("k".repeat(1001)),
                2 => json!("a\u{0}b\u{7}"),
                3 => json!("ok_unknownKeyOfSixtyFourLettersUnknownKeyOfSixtyFourLettersUnknown"),
                _ => value::wrong(self.source),
            },
        }
    }

    fn id_text(&mut self, key: &Made) -> Value {
        let name = &key.name;
        match self.source.weighted(&[93, 3, 4]) {
            0 => json!(format!("${{{name}.id}}")),
            1 => json!(value::pick(self.source, &["unknown", "", "${k1.key}", "${alice.id}"])),
            _ => value::wrong(self.source),
        }
    }

    fn key_header(&mut self, key: &Made) -> IndexMap<String, String> {
        let name = match self.source.chance(85) {
            true => self.source.pick(&self.key_headers).cloned().unwrap_or_else(|| "x-api-key".to_owned()),
            false => value::pick(self.source, &["x-api-key", "x-other", "x-one", "authorization"]).to_owned(),
        };
        let text = match self.source.weighted(&[85, 8, 7]) {
            0 => format!("${{{}.key}}", key.name),
            1 => format!("${{{}.key|{}}}", key.name, value::pick(self.source, FORMS)),
            _ => value::pick(
                self.source,
                &["", "short", "unknownKeyOfSixtyFourLettersUnknownKeyOfSixtyFourLettersUnknownK"],
            )
            .to_owned(),
        };
        IndexMap::from([(name, text)])
    }

    /// Whose the next key is: where organizations are the theme, mostly somebody of the organization.
    fn owner(&mut self) -> String {
        self.actor()
    }

    fn call(&mut self, actor: Option<String>, body: Option<Value>) -> Call {
        Call { actor, body, times: 1, ..Call::default() }
    }

    fn is_valid(&self, method: Method, body: &Map<String, Value>) -> bool {
        let body = Value::Object(body.clone());
        parse(&self.ground.edition, method, Input::Server { body: Some(&body), query: None }).is_ok()
    }
}

fn self_call(body: Option<Value>) -> Call {
    Call { body, times: 1, ..Call::default() }
}
