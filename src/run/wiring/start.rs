//! Deployments: started with options, reachable, apart from each other, and gone when they are stopped.

use indexmap::IndexMap;
use serde_json::{Value, json};
use url::Url;

use super::{Cause, Seen, get, send};
use crate::deployment::adapter::{AdapterError, Called};
use crate::deployment::guard;
use crate::deployment::protocol::{SignedIn, Started};
use crate::spec::operation::Method;

/// A prefix that no implementation has by itself.
const PREFIX: &str = "wiring_";

impl Seen<'_> {
    /// Two deployments with the plugin's defaults, and what else can be started.
    pub(super) async fn start(&mut self) -> Option<(Started, Option<Started>)> {
        let one = match self.adapter.start(&json!({}), &json!({})).await {
            Ok(one) => one,
            Err(error) => {
                let told = "a deployment with the plugin's defaults could not be started";
                self.failed("start", Cause::MissingStart, told, &error);
                return None;
            }
        };
        self.right("start", format!("a deployment with the plugin's defaults at {}", one.base_url));
        let other = self.second(&one).await;
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
                Ok(_) => {
                    let told = "an unknown preset must be answered `unsupported`, and a deployment was started";
                    self.wrong("custom-functions", Cause::ConfigIgnored, told);
                }
                Err(error) => {
                    let told = "an unknown preset must be answered `unsupported`";
                    self.failed("custom-functions", Cause::ConfigIgnored, told, &error);
                }
            }
        }
        Some((one, other))
    }

    async fn second(&mut self, one: &Started) -> Option<Started> {
        match self.adapter.start(&json!({}), &json!({})).await {
            Ok(other) if other.deployment == one.deployment => {
                let told = "two deployments have the same name: `deployment` must tell them apart";
                self.wrong("start", Cause::SameName, told);
                None
            }
            Ok(other) if other.base_url == one.base_url => {
                self.wrong("start", Cause::SamePort, "two deployments have the same `baseUrl`");
                None
            }
            Ok(other) => Some(other),
            Err(error) => {
                self.failed("start", Cause::Form, "a second deployment beside the first", &error);
                None
            }
        }
    }

    async fn try_config(&mut self, capability: &'static str, config: &Value) {
        match self.adapter.start(config, &json!({})).await {
            Ok(started) => {
                let _ = self.adapter.stop(&started.deployment).await;
                self.right(capability, format!("starts with {config}"));
            }
            Err(error) => {
                let told = format!("declared, but {config} cannot be started");
                self.failed(capability, Cause::Undone, &told, &error);
            }
        }
    }

    /// Where the deployment is. `None`: at no place that requests may be sent to.
    pub(super) async fn base_url(&mut self, started: &Started) -> Option<Url> {
        let url = match Url::parse(&started.base_url) {
            Ok(url) => url,
            Err(error) => {
                self.wrong("start", Cause::NoUrl, format!("`baseUrl` is no URL ({error}): {}", started.base_url));
                return None;
            }
        };
        if guard::check(&url, &[]).is_err() {
            self.wrong("start", Cause::NotLoopback, format!("`baseUrl` {url} is not on loopback"));
            return None;
        }
        if started.base_url.ends_with('/') {
            self.wrong("start", Cause::Slash, format!("`baseUrl` {url} ends with a slash"));
        }
        let base = url.as_str().trim_end_matches('/');
        let reachable = match get(&url, "/get-session", &IndexMap::new()).await {
            Ok((404, _)) => {
                self.wrong("start", Cause::NoBasePath, format!("{base}/get-session answers 404"));
                true
            }
            Ok((status, _)) if status < 500 => true,
            Ok((status, _)) => {
                self.wrong("start", Cause::Broken, format!("{base}/get-session answers {status}"));
                true
            }
            Err(error) => {
                self.wrong("start", Cause::NotListening, format!("{url} cannot be reached: {error}"));
                false
            }
        };
        let machine = time::OffsetDateTime::now_utc().unix_timestamp();
        let years = (started.now / 1000 - machine).abs() / (365 * 24 * 3600);
        if years > 10 {
            self.wrong("start", Cause::Seconds, format!("`now` is {years} years away from the machine's time"));
        }
        reachable.then_some(url)
    }

    /// What is known to one deployment is unknown to another one.
    pub(super) async fn apart(&mut self, other: &Started, actor: Option<&SignedIn>, key: Option<&str>) {
        if let Some(key) = key {
            let body = Some(json!({ "key": key }));
            let verified = self.adapter.call(&other.deployment, Method::VerifyApiKey, body, None, None).await;
            if let Ok(Called::Returned(value)) = verified
                && value.get("valid") == Some(&Value::Bool(true))
            {
                self.wrong("start", Cause::Shared, "a key of one deployment is valid in another one");
                return;
            }
        }
        if let (Some(actor), Ok(url)) = (actor, Url::parse(&other.base_url))
            && guard::check(&url, &[]).is_ok()
            && let Ok((200, body)) = get(&url, "/get-session", &actor.headers).await
            && user_of(&body).is_some_and(|user| user == actor.user_id)
        {
            self.wrong("start", Cause::Shared, "a session of one deployment is known to another one");
        }
    }

    /// Does an option come to where it is meant for?
    pub(super) async fn config(&mut self) {
        let config = json!({ "defaultPrefix": PREFIX });
        let started = match self.adapter.start(&config, &json!({})).await {
            Ok(started) => started,
            Err(AdapterError::Unsupported(_)) => return,
            Err(error) => return self.failed("start", Cause::ConfigIgnored, &format!("with {config}"), &error),
        };
        let actor = match self.adapter.capabilities.contains("actors") {
            true => self.adapter.actor(&started.deployment, "alice").await.ok(),
            false => None,
        };
        if let (Some(actor), Ok(url)) = (actor, Url::parse(&started.base_url))
            && guard::check(&url, &[]).is_ok()
            && let Ok((200, body)) = send("POST", &url, "/api-key/create", &actor.headers, Some(&json!({}))).await
        {
            let made: Value = serde_json::from_slice(&body).unwrap_or_default();
            let key = made.get("key").and_then(Value::as_str).unwrap_or_default();
            if !key.starts_with(PREFIX) {
                let told = format!("started with {config}, and a key does not begin with it");
                self.wrong("start", Cause::ConfigIgnored, told);
            }
        }
        let _ = self.adapter.stop(&started.deployment).await;
    }

    pub(super) async fn stop(&mut self, started: &Started, base: Option<&Url>) {
        if let Err(error) = self.adapter.stop(&started.deployment).await {
            return self.failed("stop", Cause::PortOpen, "a deployment could not be stopped", &error);
        }
        let Some(url) = base else { return };
        match get(url, "/get-session", &IndexMap::new()).await {
            Ok(_) => self.wrong("stop", Cause::PortOpen, format!("{url} still answers")),
            Err(_) => self.right("stop", "the port is closed"),
        }
    }
}

/// Whose session `GET /get-session` shows.
pub(super) fn user_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.pointer("/user/id")?.as_str()?.to_owned())
}
