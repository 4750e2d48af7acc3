//! Is an adapter wired properly? Each declared capability is tried once, in the smallest way that can fail.
//!
//! No verdict on conformance: a deployment that refuses everything is wired properly as long as it says so in the
//! words of the protocol.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};
use url::Url;

use crate::deployment::adapter::{Adapter, AdapterError, Called};
use crate::deployment::guard;
use crate::deployment::http::{Http, HttpRequest};
use crate::deployment::protocol::{Op, Outcome, SignedIn, Started};
use crate::scenario::needs::CAPABILITIES;
use crate::spec::operation::Method;

/// What was tried and what came of it, in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// An operation or capability of the protocol.
    pub subject: &'static str,
    pub found: Found,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Right(String),
    /// The adapter does not declare it: no mistake.
    Undeclared(String),
    /// A mistake, with the way out.
    Wrong(String),
}

/// Tries everything that the adapter declares.
pub async fn check(adapter: &Adapter) -> Vec<Observation> {
    let mut seen = Seen { adapter, observations: Vec::new() };
    seen.hello();
    if let Some(started) = seen.start().await {
        let base = seen.base_url(&started).await;
        let actor = seen.actor(&started).await;
        seen.session(base.as_ref(), actor.as_ref()).await;
        let callable = seen.call(&started, actor.as_ref()).await;
        // What broke it was told; all that follows would say the same again.
        if adapter.broken().is_none() {
            seen.clock(&started).await;
        }
        if adapter.broken().is_none() {
            seen.at_once(&started, actor.as_ref(), callable).await;
        }
        if adapter.broken().is_none() {
            seen.stop(&started, base.as_ref()).await;
        }
    }
    if adapter.broken().is_none() {
        seen.unknown().await;
    }
    seen.observations
}

struct Seen<'a> {
    adapter: &'a Adapter,
    observations: Vec<Observation>,
}

impl Seen<'_> {
    fn note(&mut self, subject: &'static str, found: Found) {
        self.observations.push(Observation { subject, found });
    }

    fn right(&mut self, subject: &'static str, told: impl Into<String>) {
        self.note(subject, Found::Right(told.into()));
    }

    fn wrong(&mut self, subject: &'static str, told: impl Into<String>) {
        self.note(subject, Found::Wrong(told.into()));
    }

    fn declares(&mut self, capability: &'static str, otherwise: &str) -> bool {
        let declared = self.adapter.capabilities.contains(capability);
        if !declared {
            self.note(capability, Found::Undeclared(otherwise.to_owned()));
        }
        declared
    }

    fn hello(&mut self) {
        let hello = &self.adapter.hello;
        let implementation = &hello.implementation;
        let told = format!(
            "{} {}, judged by edition {}, declares {}",
            implementation.name,
            implementation.version,
            self.adapter.edition,
            if hello.capabilities.is_empty() { "nothing".to_owned() } else { hello.capabilities.join(", ") }
        );
        if implementation.name.is_empty() || implementation.version.is_empty() {
            self.wrong("hello", "`implementation` needs a `name` and a `version`: reports are worth nothing without");
        } else {
            self.right("hello", told);
        }
        let known: BTreeSet<&str> = CAPABILITIES.iter().copied().collect();
        let unknown: Vec<&str> =
            self.adapter.capabilities.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
        for name in unknown {
            let near = crate::spec::words::nearest(name, CAPABILITIES.iter().copied());
            let hint = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.wrong("hello", format!("the protocol has no capability `{name}`{hint}"));
        }
        if self.adapter.capabilities.contains("exact-clock") && !self.adapter.capabilities.contains("clock") {
            self.wrong("hello", "`exact-clock` without `clock`: a clock that stands still must be movable");
        }
    }

    async fn start(&mut self) -> Option<Started> {
        let started = match self.adapter.start(&json!({}), &json!({})).await {
            Ok(started) => started,
            Err(error) => {
                self.wrong("start", format!("a deployment with the plugin's defaults could not be started: {error}"));
                return None;
            }
        };
        self.right("start", format!("a deployment with the plugin's defaults at {}", started.base_url));
        match self.adapter.start(&json!({}), &json!({})).await {
            Ok(second) if second.deployment == started.deployment => {
                self.wrong("start", "two deployments have the same name: `deployment` must tell them apart");
            }
            Ok(second) if second.base_url == started.base_url => {
                self.wrong("start", "two deployments have the same `baseUrl`: let the system choose the port (0)");
            }
            Ok(second) => {
                let _ = self.adapter.stop(&second.deployment).await;
            }
            Err(error) => self.wrong("start", format!("a second deployment beside the first: {error}")),
        }
        if self.declares("multiple-configurations", "`config` as a list is not tried") {
            let list = json!([{ "configId": "default" }, { "configId": "second" }]);
            self.try_config("multiple-configurations", &list).await;
        }
        if self.declares("sessions-from-keys", "`enableSessionForAPIKeys` is not tried") {
            self.try_config("sessions-from-keys", &json!({ "enableSessionForAPIKeys": true })).await;
        }
        if self.declares("custom-functions", "presets are not tried") {
            let preset = json!({ "customAPIKeyGetter": { "preset": "getter:x-custom-key" } });
            self.try_config("custom-functions", &preset).await;
            match self.adapter.start(&json!({ "customAPIKeyGetter": { "preset": "no:such" } }), &json!({})).await {
                Err(AdapterError::Unsupported(_)) => {}
                other => {
                    self.wrong(
                        "custom-functions",
                        format!("an unknown preset must be answered `unsupported`, not {other:?}"),
                    );
                }
            }
        }
        Some(started)
    }

    async fn try_config(&mut self, capability: &'static str, config: &Value) {
        match self.adapter.start(config, &json!({})).await {
            Ok(started) => {
                let _ = self.adapter.stop(&started.deployment).await;
                self.right(capability, format!("starts with {config}"));
            }
            Err(error) => self.wrong(capability, format!("declared, but {config} cannot be started: {error}")),
        }
    }

    /// Where the deployment is. `None`: at no place that requests may be sent to.
    async fn base_url(&mut self, started: &Started) -> Option<Url> {
        let url = match Url::parse(&started.base_url) {
            Ok(url) => url,
            Err(error) => {
                self.wrong("start", format!("`baseUrl` is no URL ({error}): http://127.0.0.1:PORT/api/auth"));
                return None;
            }
        };
        if guard::check(&url, &[]).is_err() {
            self.wrong("start", format!("`baseUrl` {url} is not on loopback: listen on 127.0.0.1"));
            return None;
        }
        if started.base_url.ends_with('/') {
            self.wrong("start", format!("`baseUrl` {url} ends with a slash: leave it out"));
        }
        let base = url.as_str().trim_end_matches('/');
        match get(&url, "/get-session", &IndexMap::new()).await {
            Ok((404, _)) => self.wrong(
                "start",
                format!(
                    "{base}/get-session answers 404: is the base path part of `baseUrl`, and the handler mounted there?"
                ),
            ),
            Ok((status, _)) if status < 500 => {}
            Ok((status, _)) => self.wrong("start", format!("{base}/get-session answers {status}")),
            Err(error) => self.wrong("start", format!("{url} cannot be reached: {error}")),
        }
        let machine = time::OffsetDateTime::now_utc().unix_timestamp();
        let years = (started.now / 1000 - machine).abs() / (365 * 24 * 3600);
        if years > 10 {
            self.wrong("start", format!("`now` is {} years away: it is in milliseconds since 1970", years));
        }
        Some(url)
    }

    async fn actor(&mut self, started: &Started) -> Option<SignedIn> {
        if !self.declares("actors", "keyspec signs actors up and in over HTTP") {
            return None;
        }
        let (one, two) = (
            self.adapter.actor(&started.deployment, "alice").await,
            self.adapter.actor(&started.deployment, "alice").await,
        );
        match (one, two) {
            (Ok(one), Ok(two)) if one.user_id == two.user_id => {
                self.wrong("actors", "two requests for one name give the same user: each makes a new one");
                Some(one)
            }
            (Ok(one), Ok(_)) => {
                if one
                    .headers
                    .keys()
                    .any(|name| name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("authorization"))
                {
                    self.right("actors", "a user with a signed-in session");
                } else {
                    self.wrong(
                        "actors",
                        "`headers` has neither `cookie` nor `authorization`: how is the session known?",
                    );
                }
                Some(one)
            }
            (Err(error), _) | (_, Err(error)) => {
                self.wrong("actors", format!("declared, but: {error}"));
                None
            }
        }
    }

    /// Do the actor's headers open a session over HTTP?
    async fn session(&mut self, base: Option<&Url>, actor: Option<&SignedIn>) {
        let (Some(actor), Some(url)) = (actor, base) else { return };
        match get(url, "/get-session", &actor.headers).await {
            Ok((200, body)) => {
                let id = serde_json::from_slice::<Value>(&body)
                    .ok()
                    .and_then(|body| Some(body.pointer("/user/id")?.as_str()?.to_owned()));
                if id.as_deref() != Some(actor.user_id.as_str()) {
                    self.wrong("actors", "GET /get-session with the actor's headers does not show the actor's user");
                }
            }
            Ok((status, _)) => {
                self.wrong("actors", format!("GET /get-session with the actor's headers answers {status}"))
            }
            Err(error) => self.wrong("actors", format!("GET /get-session with the actor's headers: {error}")),
        }
    }

    /// Do trusted calls work?
    async fn call(&mut self, started: &Started, actor: Option<&SignedIn>) -> bool {
        if !self.declares("server-calls", "server flows are not applicable") {
            return false;
        }
        let Some(actor) = actor else {
            self.right("server-calls", "not tried without an actor");
            return false;
        };
        let create = Some(json!({ "userId": actor.user_id, "name": "wiring" }));
        let created = self.adapter.call(&started.deployment, Method::CreateApiKey, create, None, None).await;
        let key = match created {
            Ok(Called::Returned(value)) => value.get("key").and_then(Value::as_str).map(str::to_owned),
            Ok(Called::Threw(error)) => {
                let code = error.code.unwrap_or_else(|| "an error without code".to_owned());
                self.wrong(
                    "server-calls",
                    format!("createApiKey for a user, without headers, was refused ({code}): are `headers` left out of the call when the request leaves them out?"),
                );
                return false;
            }
            Err(error) => {
                self.wrong("server-calls", format!("createApiKey: {error}"));
                return false;
            }
        };
        let Some(key) = key else {
            self.wrong("server-calls", "createApiKey returned no `key`: is what it returned passed on as it is?");
            return false;
        };
        match self
            .adapter
            .call(&started.deployment, Method::VerifyApiKey, Some(json!({ "key": key })), None, None)
            .await
        {
            Ok(Called::Returned(value)) if value.get("valid").is_some_and(Value::is_boolean) => {
                self.right("server-calls", "createApiKey and verifyApiKey answer");
                return true;
            }
            Ok(_) => {
                self.wrong("server-calls", "verifyApiKey returned no `valid`: is what it returned passed on as it is?")
            }
            Err(error) => self.wrong("server-calls", format!("verifyApiKey: {error}")),
        }
        false
    }

    async fn clock(&mut self, started: &Started) {
        if !self.declares("clock", "checks of expiry, windows and refill are not applicable") {
            return;
        }
        let (before, after) =
            (self.adapter.clock(&started.deployment, 0).await, self.adapter.clock(&started.deployment, 60_000).await);
        match (before, after) {
            (Ok(before), Ok(after)) => {
                let moved = after - before;
                let exact = self.adapter.capabilities.contains("exact-clock");
                if exact && moved != 60_000 {
                    self.wrong(
                        "exact-clock",
                        format!(
                            "moved by 60000 ms, it is {moved} ms further: it must stand still between two requests"
                        ),
                    );
                } else if !(60_000..90_000).contains(&moved) {
                    self.wrong(
                        "clock",
                        format!("moved by 60000 ms, it is {moved} ms further: `advanceMs` and `now` are milliseconds"),
                    );
                } else {
                    self.right("clock", if exact { "moves, and stands still in between" } else { "moves" });
                }
            }
            (Err(error), _) | (_, Err(error)) => self.wrong("clock", format!("declared, but: {error}")),
        }
    }

    /// Requests under way at once must not be mixed up. Keys carry the name that they were asked for with, so a reply
    /// to another request shows; actors do not, but they are many.
    async fn at_once(&mut self, started: &Started, actor: Option<&SignedIn>, callable: bool) {
        let names: Vec<String> = (0..8).map(|n| format!("wiring{n}")).collect();
        let right = match actor {
            Some(actor) if callable => {
                let asked = names.iter().map(|name| {
                    let body = Some(json!({ "userId": actor.user_id, "name": name }));
                    self.adapter.call(&started.deployment, Method::CreateApiKey, body, None, None)
                });
                let replies = futures::future::join_all(asked).await;
                let own = |(name, reply): (&String, &Result<Called, AdapterError>)| matches!(reply, Ok(Called::Returned(key)) if key.get("name").and_then(Value::as_str) == Some(name));
                names.iter().zip(&replies).filter(|pair| own(*pair)).count()
            }
            Some(_) => {
                let asked = names.iter().map(|name| self.adapter.actor(&started.deployment, name));
                let users = futures::future::join_all(asked).await.into_iter().flatten().map(|one| one.user_id);
                users.collect::<BTreeSet<_>>().len()
            }
            None => return,
        };
        if right == names.len() {
            self.right("requests", "eight at once are answered, each by its own reply");
        } else {
            let told = format!(
                "of eight requests at once {right} got their own reply: replies must carry the `id` of their request"
            );
            self.wrong("requests", told);
        }
    }

    async fn stop(&mut self, started: &Started, base: Option<&Url>) {
        if let Err(error) = self.adapter.stop(&started.deployment).await {
            return self.wrong("stop", error.to_string());
        }
        let Some(url) = base else { return };
        match get(url, "/get-session", &IndexMap::new()).await {
            Ok(_) => self.wrong("stop", format!("{url} still answers: close the port, open connections included")),
            Err(_) => self.right("stop", "the port is closed"),
        }
    }

    /// What nobody started is a failure of the adapter, not a refusal by the implementation, and not the end of it.
    async fn unknown(&mut self) {
        let op = Op::Call {
            deployment: "no-such-deployment".to_owned(),
            method: Method::VerifyApiKey,
            body: Some(json!({ "key": "none" })),
            query: None,
            headers: None,
        };
        match self.adapter.ask(op).await {
            Ok(Outcome::Failure(_) | Outcome::Unsupported(_)) => {
                self.right("failure", "an unknown deployment is named as such")
            }
            Ok(Outcome::Ok(_) | Outcome::Error(_)) => {
                self.wrong("failure", "a call to an unknown deployment must be answered `failure`, which is not the implementation's answer");
            }
            Err(error) => self.wrong("failure", format!("a call to an unknown deployment ends the adapter: {error}")),
        }
    }
}

async fn get(base: &Url, path: &str, headers: &IndexMap<String, String>) -> Result<(u16, Vec<u8>), String> {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    let headers = headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let request = HttpRequest { method: "GET".to_owned(), url, headers, body: None };
    let http = Http::new(base, std::time::Duration::from_secs(5)).map_err(|error| error.to_string())?;
    http.send(&request).await.map(|reply| (reply.status, reply.body)).map_err(|error| error.to_string())
}
