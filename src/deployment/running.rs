//! A running deployment: requests, calls, actors and time, whichever way it was started.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use indexmap::IndexMap;
use serde_json::{Value, json};
use url::Url;

use super::adapter::{Adapter, AdapterError, Called};
use super::attached::SignIn;
use super::http::{Http, HttpError, HttpReply, HttpRequest};
use super::protocol::SignedIn;
use crate::spec::operation::Method;

/// A deployment that requests can be sent to.
#[derive(Debug)]
pub struct Deployment {
    base: Url,
    http: Http,
    adapter: Option<(Arc<Adapter>, String)>,
    sign_in: IndexMap<String, SignIn>,
    time: Time,
}

/// The deployment's time, in milliseconds since 1970.
#[derive(Debug)]
enum Time {
    /// It stands still until it is moved.
    Still(AtomicI64),
    /// It runs with the machine's, so far ahead of it.
    Ahead(AtomicI64),
}

/// Why there is no actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActorError {
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    #[error("cannot sign {name} {how}: {reason}")]
    Http { name: String, how: &'static str, reason: String },
}

impl Deployment {
    /// One that an adapter started. `exact`: its clock stands still between two `clock` requests.
    pub fn started(base: Url, http: Http, adapter: Arc<Adapter>, id: String, now: i64, exact: bool) -> Self {
        let time =
            if exact { Time::Still(AtomicI64::new(now)) } else { Time::Ahead(AtomicI64::new(now - machine_time())) };
        Self { base, http, adapter: Some((adapter, id)), sign_in: IndexMap::new(), time }
    }

    /// One that was there already.
    pub fn attached(base: Url, http: Http, sign_in: IndexMap<String, SignIn>) -> Self {
        Self { base, http, adapter: None, sign_in, time: Time::Ahead(AtomicI64::new(0)) }
    }

    /// The URL of the API, base path included.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// `http://127.0.0.1:3000`
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    pub fn now(&self) -> i64 {
        match &self.time {
            Time::Still(now) => now.load(Ordering::Relaxed),
            Time::Ahead(offset) => machine_time() + offset.load(Ordering::Relaxed),
        }
    }

    pub fn has_exact_clock(&self) -> bool {
        matches!(self.time, Time::Still(_))
    }

    /// The URL of a path below the base path.
    pub fn url(&self, path: &str, query: &[(String, String)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub async fn send(&self, request: &HttpRequest) -> Result<HttpReply, HttpError> {
        self.http.send(request).await
    }

    pub async fn send_raw(&self, bytes: &[u8]) -> Result<HttpReply, HttpError> {
        self.http.send_raw(&self.base, bytes).await
    }

    /// A server-side call.
    pub async fn call(
        &self,
        method: Method,
        body: Option<Value>,
        query: Option<Value>,
        headers: Option<IndexMap<String, String>>,
    ) -> Result<Called, AdapterError> {
        let (adapter, id) = self.adapter()?;
        adapter.call(id, method, body, query, headers).await
    }

    /// Moves the clock forward.
    pub async fn advance(&self, by_ms: u64) -> Result<(), AdapterError> {
        let (adapter, id) = self.adapter()?;
        let now = adapter.clock(id, by_ms).await?;
        match &self.time {
            Time::Still(time) => time.store(now, Ordering::Relaxed),
            Time::Ahead(offset) => offset.store(now - machine_time(), Ordering::Relaxed),
        }
        Ok(())
    }

    /// A user with a signed-in session: made by the adapter where it can, else over HTTP. `unique` keeps the addresses
    /// of two runs apart.
    pub async fn actor(&self, name: &str, unique: &str) -> Result<SignedIn, ActorError> {
        if let Some((adapter, id)) = &self.adapter
            && adapter.capabilities.contains("actors")
        {
            return Ok(adapter.actor(id, name).await?);
        }
        match self.sign_in.get(name) {
            Some(sign_in) => {
                let body = json!({ "email": sign_in.email, "password": sign_in.password });
                self.enter(name, "in", "/sign-in/email", &body).await
            }
            None => {
                let email = format!("{name}-{unique}@keyspec.example");
                let body = json!({ "name": name, "email": email, "password": format!("pw-{unique}-{name}") });
                self.enter(name, "up", "/sign-up/email", &body).await
            }
        }
    }

    /// Is anything there? Any HTTP reply will do.
    pub async fn probe(&self) -> Result<(), HttpError> {
        let request = HttpRequest {
            method: "GET".to_owned(),
            url: self.url("/get-session", &[]),
            headers: Vec::new(),
            body: None,
        };
        self.send(&request).await.map(drop)
    }

    /// Did the adapter that started it break? Then the deployment went with it.
    pub fn is_broken(&self) -> bool {
        self.adapter.as_ref().is_some_and(|(adapter, _)| adapter.broken().is_some())
    }

    /// Stops it, where an adapter started it.
    pub async fn stop(&self) {
        if let Some((adapter, id)) = &self.adapter {
            // An adapter that is broken has taken its deployments with it, or is about to.
            let _ = adapter.stop(id).await;
        }
    }

    async fn enter(&self, name: &str, how: &'static str, path: &str, body: &Value) -> Result<SignedIn, ActorError> {
        let fail = |reason: String| ActorError::Http { name: name.to_owned(), how, reason };
        let request = HttpRequest {
            method: "POST".to_owned(),
            url: self.url(path, &[]),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("origin".to_owned(), self.origin()),
            ],
            body: Some(body.to_string().into_bytes()),
        };
        let reply = self.send(&request).await.map_err(|error| fail(error.to_string()))?;
        if reply.status != 200 {
            return Err(fail(format!("POST {path} answered {}", reply.status)));
        }
        let user_id = serde_json::from_slice::<Value>(&reply.body)
            .ok()
            .and_then(|body| Some(body.pointer("/user/id")?.as_str()?.to_owned()))
            .ok_or_else(|| fail(format!("POST {path} answered without user.id")))?;
        let cookies = reply.headers.iter().filter(|(name, _)| name == "set-cookie");
        let cookie = cookies.filter_map(|(_, value)| value.split(';').next()).collect::<Vec<_>>().join("; ");
        if cookie.is_empty() {
            return Err(fail(format!("POST {path} set no cookie")));
        }
        Ok(SignedIn {
            user_id,
            headers: IndexMap::from([("cookie".to_owned(), cookie), ("origin".to_owned(), self.origin())]),
        })
    }

    fn adapter(&self) -> Result<(&Adapter, &str), AdapterError> {
        let nobody = || AdapterError::Unsupported("a deployment at a URL has no server-side door".to_owned());
        self.adapter.as_ref().map(|(adapter, id)| (adapter.as_ref(), id.as_str())).ok_or_else(nobody)
    }
}

fn machine_time() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
