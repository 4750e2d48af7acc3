//! Claims about endpoints and their fields: what exists, who may call it, and who may send what.

use serde_json::{Map, Value, json};

use super::claim::{Claim, Probe, Spot};
use super::page::Endpoint;
use super::probe::{Story, absent, expect, tag};
use super::sample::{self, SECOND};
use super::shape::Field;
use super::unit::Unit;
use crate::spec::operation::Method;

/// An endpoint with the document in which it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described<'p> {
    pub(super) file: &'p str,
    /// In front of the ids: an OpenAPI document is a documentation of its own.
    pub(super) prefix: &'static str,
    pub(super) endpoint: &'p Endpoint,
}

/// A request that has all that is required and nothing more, with the steps before it.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) before: Vec<Value>,
    pub(super) parameters: Map<String, Value>,
}

/// All that is claimed of an endpoint and its fields.
pub(super) fn claims(described: Described<'_>) -> Vec<Claim> {
    let mut found = described.reach();
    for field in &described.endpoint.fields {
        found.extend(described.field(field));
    }
    found
}

impl<'p> Described<'p> {
    fn spot(&self, line: usize) -> Spot<'p> {
        Spot { file: self.file, line, anchor: &self.endpoint.anchor }
    }

    /// `createApiKey`, or the path.
    pub(super) fn name(&self) -> &'p str {
        self.endpoint.name.as_deref().unwrap_or(&self.endpoint.path)
    }

    fn id<'i>(&self, area: &'i str, rest: &[&'i str]) -> Vec<&'i str>
    where
        'p: 'i,
    {
        let mut id: Vec<&str> = if self.prefix.is_empty() { Vec::new() } else { vec![self.prefix] };
        id.push(area);
        id.push(self.name());
        id.extend(rest);
        id
    }

    /// Can the same request be sent twice?
    pub(super) fn is_repeatable(&self) -> bool {
        !self.is("/api-key/delete")
    }

    /// Its name, if an adapter can call it.
    pub(super) fn callable(&self) -> Option<&'p str> {
        let name = self.endpoint.name.as_deref()?;
        serde_json::from_value::<Method>(name.into()).ok().map(|_| name)
    }

    fn is(&self, path: &str) -> bool {
        self.endpoint.path == path
    }

    /// The request with all that is required, in `query` or `body` as the method has it.
    pub(super) fn base(&self) -> Result<Base, String> {
        let mut parameters = Map::new();
        // A request that names no key shows nothing, even where the document calls the name optional.
        for field in self.endpoint.fields.iter().filter(|field| !field.optional || names_key(field)) {
            parameters.insert(field.name.clone(), sample::value(field)?);
        }
        if self.is("/api-key/update") {
            parameters.insert("name".to_owned(), "docs".into());
        }
        Ok(Base { before: self.before(&parameters), parameters })
    }

    /// Makes the key that the parameters name.
    fn before(&self, parameters: &Map<String, Value>) -> Vec<Value> {
        let named = parameters.values().any(|value| value == "$id" || value == "$key");
        let scoped = parameters.get("configId").is_some_and(|value| value == SECOND);
        if scoped && named {
            return vec![
                json!({ "server": "createApiKey", "body": { "userId": "$alice.userId", "configId": SECOND }, "capture": { "id": "body.id", "key": "body.key" } }),
            ];
        }
        if named || self.is("/api-key/list") {
            return vec![
                json!({ "as": "alice", "client": "createApiKey", "body": {}, "capture": { "id": "body.id", "key": "body.key" } }),
            ];
        }
        Vec::new()
    }

    /// The parameters as a client sends them.
    pub(super) fn client(&self, parameters: &Map<String, Value>) -> Value {
        let action = format!("{} {}", self.endpoint.method, self.endpoint.path);
        let mut step = json!({ "as": "alice", "client": action });
        let place = if self.endpoint.method == "GET" { "query" } else { "body" };
        if !parameters.is_empty() || place == "body" {
            step[place] = parameters.clone().into();
        }
        step
    }

    /// The parameters as the server passes them, on behalf of alice. `None`: no adapter can call it.
    pub(super) fn server(&self, parameters: &Map<String, Value>) -> Option<Value> {
        let mut parameters = parameters.clone();
        if self.is("/api-key/create") || self.is("/api-key/update") {
            parameters.insert("userId".to_owned(), "$alice.userId".into());
        }
        let mut step = json!({ "server": self.callable()? });
        if self.endpoint.needs_session {
            step["as"] = "alice".into();
        }
        let place = if self.endpoint.method == "GET" { "query" } else { "body" };
        if !parameters.is_empty() {
            step[place] = parameters.into();
        }
        Some(step)
    }

    fn uncallable(&self) -> String {
        format!("adapters cannot call `{}` on the server", self.name())
    }

    /// Does it exist, does it need a session, can clients reach it?
    fn reach(&self) -> Vec<Claim> {
        let (endpoint, line) = (self.endpoint, self.endpoint.line);
        let route = format!("`{} {}`", endpoint.method, endpoint.path);
        let subject = ["endpoint", self.name(), "http"];
        if endpoint.server_only {
            let story = self.unreachable();
            let statement = format!("{route} is for the server alone: over HTTP it is refused.");
            let id = self.id("endpoint", &["not-over-http"]);
            let not_over_http = Claim::new(self.spot(line), &id, statement, Probe::of(story)).about(&subject, "no");
            let called = self.called();
            let statement = format!("The server can call `{}` with what is required.", self.name());
            let id = self.id("endpoint", &["callable"]);
            return vec![not_over_http, Claim::new(self.spot(line), &id, statement, Probe::of(called))];
        }
        let exists = self.base().map(|base| {
            let mut steps = base.before;
            let mut step = self.client(&base.parameters);
            step["expect"] = expect(json!({ "ok": true }));
            steps.push(step);
            Story::new(steps)
        });
        let statement = format!("{route} exists and answers a signed-in client.");
        let id = self.id("endpoint", &["exists"]);
        let mut found = vec![Claim::new(self.spot(line), &id, statement, Probe::of(exists)).about(&subject, "yes")];
        if endpoint.needs_session {
            let story = self.base().map(|base| {
                let mut steps = base.before;
                let mut step = self.client(&base.parameters);
                if self.is_repeatable() {
                    // Where nobody is answered, nothing is shown of sessions.
                    steps.push(step.clone());
                }
                step.as_object_mut().map(|step| step.shift_remove("as"));
                step["expect"] = expect(json!({ "status": [401, 403] }));
                step["twin"] = json!({ "as": "alice" });
                steps.push(step);
                Story::new(steps)
            });
            let statement = format!("{route} needs a session.");
            let id = self.id("endpoint", &["session"]);
            found.push(Claim::new(self.spot(line), &id, statement, Probe::of(story)));
        }
        found
    }

    fn called(&self) -> Result<Story, String> {
        let base = self.base()?;
        let mut step = self.server(&base.parameters).ok_or_else(|| self.uncallable())?;
        step["expect"] = expect(json!({ "ok": true }));
        let mut steps = base.before;
        steps.push(step);
        Ok(Story::new(steps))
    }

    fn unreachable(&self) -> Result<Story, String> {
        let base = self.base()?;
        let mut called = self.server(&base.parameters).ok_or_else(|| self.uncallable())?;
        called["id"] = "called".into();
        let mut refused = self.client(&base.parameters);
        refused["expect"] = expect(json!({ "status": "4xx" }));
        refused["twin"] = "called".into();
        let mut steps = base.before;
        steps.extend([called, refused]);
        Ok(Story::new(steps))
    }

    fn field(&self, field: &Field) -> Vec<Claim> {
        let spot = self.spot(field.line);
        let name = field.name.as_str();
        let of = format!("`{name}` of `{}`", self.name());
        let said = field.doc.to_lowercase();
        let in_text = ["server-only", "server only", "server side only"].iter().any(|words| said.contains(words));
        let tagged = field.has_tag("serverOnly");
        let mut found = Vec::new();
        let mut add = |what: &str, statement: String, story: Result<Story, String>| {
            let id = self.id("field", &[name, what]);
            let claim = Claim::new(spot, &id, statement, Probe::of(story));
            let access = ["field", self.name(), name, "access"];
            let subject =
                if self.prefix.is_empty() { access.to_vec() } else { [&[self.prefix], access.as_slice()].concat() };
            found.push(match what {
                "client" => claim.about(&subject, "client"),
                "server-only" => claim.about(&subject, "server"),
                _ => claim,
            });
        };
        let for_clients = !self.endpoint.server_only;
        // An OpenAPI document has no tag for it: there the words alone say it.
        let marked = tagged || (in_text && !self.prefix.is_empty());
        if for_clients && field.optional && !names_key(field) && !marked && !field.has_tag("clientOnly") {
            add("client", format!("A client may send {of}."), self.sent_by_client(field));
        }
        if for_clients && (marked || in_text) {
            add(
                "server-only",
                format!("{of} is for the server alone: a client that sends it is refused."),
                self.refused(field),
            );
        }
        if field.optional && (marked || self.endpoint.server_only || name == "permissions") && self.callable().is_some()
        {
            add("server", format!("A call on the server may pass {of}."), self.passed_by_server(field));
        }
        if field.optional {
            add("optional", format!("{of} can be left out."), self.left_out(field));
        } else {
            add("required", format!("{of} is required."), self.missing(field));
        }
        if field.is_nullable() && field.optional {
            add("nullable", format!("{of} may be null."), self.null(field, marked));
        }
        if let Some(unit) = Unit::stated(&field.doc) {
            let (after, before) = (self.unit(field, unit, End::After), self.unit(field, unit, End::NotBefore));
            add("unit", format!("{of} counts {}: after so many it is over.", unit.word()), after);
            if before.is_ok() {
                add("unit-before", format!("{of} counts {}: before so many it is not over.", unit.word()), before);
            }
        }
        found
    }

    /// The base request, and the value that is added to it. The base request alone is accepted first, so that a refusal
    /// is for the field.
    fn added(&self, field: &Field) -> Result<(Base, Map<String, Value>, Value), String> {
        let value = sample::value(field)?;
        let mut base = self.base()?;
        let mut parameters = base.parameters.clone();
        parameters.insert(field.name.clone(), value.clone());
        for (one, other) in [("refillAmount", "refillInterval"), ("refillInterval", "refillAmount")] {
            // One without the other is refused.
            if let (true, Some(pair)) =
                (field.name == one, self.endpoint.fields.iter().find(|known| known.name == other))
            {
                parameters.insert(other.to_owned(), sample::value(pair)?);
            }
        }
        base.before = self.before(&parameters);
        Ok((base, parameters, value))
    }

    fn sent_by_client(&self, field: &Field) -> Result<Story, String> {
        let (base, parameters, value) = self.added(field)?;
        let mut steps = base.before;
        // A second key, so that a filter has something to leave out.
        if self.is("/api-key/list") {
            let body = if field.name == "configId" { json!({ "configId": SECOND }) } else { json!({}) };
            steps.push(json!({ "as": "alice", "client": "createApiKey", "body": body }));
        }
        steps.push(self.client(&base.parameters));
        let mut step = self.client(&parameters);
        step["expect"] = expect(self.effect(field, &value, &parameters));
        // Where the key has another configuration than the default, the base request does not find it.
        if field.name == "configId" && !base.parameters.is_empty() {
            steps.pop();
        }
        steps.push(step);
        Ok(Story::new(steps).with(config(&field.name)))
    }

    fn refused(&self, field: &Field) -> Result<Story, String> {
        let (base, mut parameters, _) = self.added(field)?;
        let mut story = Story::new(base.before);
        if field.name == "userId" {
            // The own id is no privilege; another's is.
            parameters.insert("userId".to_owned(), "$bob.userId".into());
        }
        let place = if self.endpoint.method == "GET" { "query" } else { "body" };
        let mut repaired = Map::new();
        for name in parameters.keys().filter(|name| !base.parameters.contains_key(*name)) {
            repaired.insert(name.clone(), absent());
        }
        let mut step = self.client(&parameters);
        step["expect"] = expect(json!({ "status": "4xx" }));
        step["twin"] = json!({ place: repaired });
        story.steps.push(step);
        Ok(story.with(config(&field.name)))
    }

    fn passed_by_server(&self, field: &Field) -> Result<Story, String> {
        let (base, parameters, value) = self.added(field)?;
        // An update says one thing at least, and the owner is none.
        let parameters = if self.is("/api-key/update") && !["name", "userId"].contains(&field.name.as_str()) {
            parameters.into_iter().filter(|(name, _)| name != "name").collect()
        } else {
            parameters
        };
        let mut steps = base.before;
        let verify = self.callable() == Some("verifyApiKey");
        if verify && field.name == "permissions" {
            // The key has what is asked for.
            steps = vec![
                json!({ "server": "createApiKey", "body": { "userId": "$alice.userId", "permissions": value }, "capture": { "id": "body.id", "key": "body.key" } }),
            ];
        }
        let mut step = self.server(&parameters).ok_or_else(|| self.uncallable())?;
        step["expect"] =
            expect(if verify { json!({ "valid": true }) } else { self.effect(field, &value, &parameters) });
        steps.push(step);
        Ok(Story::new(steps).with(config(&field.name)))
    }

    fn left_out(&self, field: &Field) -> Result<Story, String> {
        let base = self.base()?;
        if self.is("/api-key/update") && field.name == "name" {
            return Err("an update needs at least one value, and this is the one that is sent".to_owned());
        }
        let mut parameters = base.parameters;
        parameters.shift_remove(&field.name);
        let mut step = if self.endpoint.server_only {
            self.server(&parameters).ok_or_else(|| self.uncallable())?
        } else {
            self.client(&parameters)
        };
        step["expect"] = expect(json!({ "ok": true }));
        let mut steps = base.before;
        steps.push(step);
        Ok(Story::new(steps))
    }

    fn missing(&self, field: &Field) -> Result<Story, String> {
        let base = self.base()?;
        let value = base.parameters.get(&field.name).cloned().ok_or("it is not sent")?;
        let mut parameters = base.parameters.clone();
        parameters.shift_remove(&field.name);
        let place = if self.endpoint.method == "GET" { "query" } else { "body" };
        let mut step = if self.endpoint.server_only {
            self.server(&parameters).ok_or_else(|| self.uncallable())?
        } else {
            self.client(&parameters)
        };
        let refused = if self.endpoint.server_only { json!([400, 401, 403, 404, 422, 500]) } else { json!("4xx") };
        step["expect"] = expect(json!({ "status": refused }));
        step["twin"] = json!({ place: { field.name.clone(): value } });
        let mut steps = base.before;
        steps.push(step);
        Ok(Story::new(steps))
    }

    fn null(&self, field: &Field, marked: bool) -> Result<Story, String> {
        let (base, mut parameters, _) = self.added(field)?;
        parameters.insert(field.name.clone(), Value::Null);
        let sent =
            if marked || self.endpoint.server_only { self.server(&parameters) } else { Some(self.client(&parameters)) };
        let mut step = sent.ok_or_else(|| self.uncallable())?;
        step["expect"] = expect(json!({ "ok": true }));
        let mut steps = base.before;
        steps.push(step);
        Ok(Story::new(steps).with(config(&field.name)))
    }

    /// What shows that a field was heeded, beyond that the request was accepted.
    fn effect(&self, field: &Field, value: &Value, parameters: &Map<String, Value>) -> Value {
        let listed = self.is("/api-key/list");
        let one = json!({ "keys": tag("length", 1) });
        match field.name.as_str() {
            "limit" | "offset" if listed => one,
            "configId" if listed => one,
            "configId" if self.callable() == Some("verifyApiKey") => json!({ "valid": true }),
            _ if listed || self.endpoint.method == "GET" => json!({ "ok": true }),
            "expiresIn" => json!({ "ok": true, "body": { "expiresAt": tag("type", "string") } }),
            "userId" => json!({ "ok": true, "body": { "@owner": "$alice.userId" } }),
            "prefix" => match value.as_str() {
                Some(text) => json!({ "ok": true, "body": { "prefix": text } }),
                None => json!({ "ok": true }),
            },
            name if self.writes() && parameters.contains_key(name) => {
                let mut shown = Map::new();
                shown.insert(name.to_owned(), value.clone());
                json!({ "ok": true, "body": shown })
            }
            _ => json!({ "ok": true }),
        }
    }

    /// Does its reply show what it was sent?
    fn writes(&self) -> bool {
        self.is("/api-key/create") || (self.is("/api-key/update"))
    }

    /// The time is that of the unit: it is over after so long, and not before.
    fn unit(&self, field: &Field, unit: Unit, end: End) -> Result<Story, String> {
        let create = self.is("/api-key/create");
        match field.name.as_str() {
            "expiresIn" if create || self.is("/api-key/update") => {
                if end == End::NotBefore {
                    return Err("the reply shows the exact end already".to_owned());
                }
                let millis = sample::value(field)?.as_u64().ok_or("its example is no whole number")?;
                let millis = millis.saturating_mul(unit.millis());
                let (base, parameters, _) = self.added(field)?;
                let sent = if create { Some(self.client(&parameters)) } else { self.server(&parameters) };
                let mut step = sent.ok_or_else(|| self.uncallable())?;
                step["expect"] = expect(json!({ "body": { "expiresAt": tag("near", format!("now+{millis}ms")) } }));
                let mut steps = base.before;
                steps.push(step);
                Ok(Story::new(steps))
            }
            "refillInterval" if create => {
                let limits = |count| json!({ "remaining": 1, "refillAmount": 1, "refillInterval": count });
                Ok(waiting(limits, unit, end, json!({})))
            }
            "rateLimitTimeWindow" if create => {
                let limits =
                    |count| json!({ "rateLimitEnabled": true, "rateLimitMax": 1, "rateLimitTimeWindow": count });
                Ok(waiting(limits, unit, end, json!({})))
            }
            _ => Err("the unit of this field is not tried yet".to_owned()),
        }
    }
}

/// Which end of a stretch of time is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    NotBefore,
    After,
}

/// A key that is used up by one use, and can be used again when a stretch of time of this unit is over.
pub(super) fn waiting(limits: impl Fn(u64) -> Value, unit: Unit, end: End, config: Value) -> Story {
    let duration = 60_000_u64.max(unit.millis());
    let mut body = limits(duration / unit.millis());
    body["userId"] = "$alice.userId".into();
    let wait = if end == End::After { duration + 1000 } else { duration - 1000 };
    let mut again = json!({ "server": "verifyApiKey", "body": { "key": "$key" } });
    if end == End::After {
        again["expect"] = expect(json!({ "valid": true }));
    } else {
        again["expect"] = expect(json!({ "body": { "valid": false } }));
        again["twin"] = "first".into();
    }
    let story = Story::new(vec![
        json!({ "server": "createApiKey", "body": body, "capture": { "key": "body.key" } }),
        json!({ "id": "first", "server": "verifyApiKey", "body": { "key": "$key" } }),
        json!({ "clock": format!("{wait}ms") }),
        again,
    ]);
    story.with(config)
}

/// Does the field say which key is meant?
fn names_key(field: &Field) -> bool {
    ["id", "keyId"].contains(&field.name.as_str())
}

/// The options that a field needs so that it means something.
fn config(field: &str) -> Value {
    match field {
        "metadata" => json!({ "enableMetadata": true }),
        "configId" => json!([{ "configId": "default" }, { "configId": SECOND }]),
        _ => json!({}),
    }
}
