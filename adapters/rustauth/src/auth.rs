//! One deployment of RustAuth.

use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use keyspec_adapter_kit::{Call, Deployment, Instead, Origin, Start, fixture};
use rustauth_axum::{RustAuthAxumExt as _, RustAuthAxumOptions};
use rustauth_core::api::{ApiRequest, ApiResponse, AuthRouter, core_auth_async_endpoints};
use rustauth_core::background::tokio::TokioBackgroundTaskRunner;
use rustauth_core::db::{DbAdapter, MemoryAdapter};
use rustauth_core::error::RustAuthError;
use rustauth_core::options::{
    AdvancedOptions, BackgroundTaskFuture, BackgroundTaskRunner, EmailPasswordOptions, PasswordOptions,
    RateLimitOptions, SecondaryStorage,
};
use rustauth_core::test_utils::MemorySecondaryStorage;
use rustauth_plugins::api_key::{ApiKeyOptions, api_key};
use rustauth_plugins::open_api::{OpenApiOptions, open_api};
use rustauth_plugins::organization::organization;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::options;
use crate::storage::Slow;

const BASE_PATH: &str = "/api/auth";

pub(crate) struct RustAuth {
    auth: Arc<rustauth::RustAuth>,
    /// The entry for code of the server. The facade has none, so it is made beside it, around the same context.
    server: AuthRouter,
    origin: String,
    actors: Cell<u64>,
}

impl Deployment for RustAuth {
    async fn start(start: Start) -> Result<Self, Instead> {
        start.only(&["storage", "secondaryStorage", "delay", "deferred", "organizations"])?;
        if start.setup.get("storage").is_some_and(|storage| storage != "memory") {
            return Err(Instead::unsupported("the adapter has the database `memory` only"));
        }
        let configurations = start.configurations().into_iter().map(options::configuration);
        let configurations = configurations.collect::<Result<Vec<_>, _>>()?;
        let plugin = ApiKeyOptions::builder().configurations(configurations).build().and_then(api_key);
        let plugin = plugin.map_err(Instead::failure)?;

        let origin = Origin::bind().await?;
        let mut options = rustauth::RustAuthOptions::new()
            .secret("a secret of this deployment, which nobody else has")
            .base_url(format!("{}{BASE_PATH}", origin.url))
            .development(true)
            .rate_limit(RateLimitOptions::memory().enabled(false))
            .email_password(EmailPasswordOptions::new().enabled(true))
            .password(PasswordOptions {
                hash_password: Some(|password| Ok(format!("plain:{password}"))),
                verify_password: Some(|hash, password| Ok(hash.strip_prefix("plain:") == Some(password))),
                ..PasswordOptions::default()
            })
            .plugin(plugin)
            .plugin(open_api(OpenApiOptions::default()));
        if let Some(wanted) = start.setup.get("organizations").filter(|_| start.wants("organizations")) {
            options = options.plugin(organization(options::organizations(wanted)));
        }
        if start.wants("secondaryStorage") {
            let storage = MemorySecondaryStorage::new();
            let storage: Arc<dyn SecondaryStorage> =
                if start.wants("delay") { Arc::new(Slow(storage)) } else { Arc::new(storage) };
            options = options.secondary_storage(storage);
        }
        if start.wants("deferred") {
            options = options.advanced(AdvancedOptions::new().background_tasks(Arc::new(Later)));
        }
        let database: Arc<dyn DbAdapter> =
            if start.wants("delay") { Arc::new(Slow(MemoryAdapter::new())) } else { Arc::new(MemoryAdapter::new()) };
        let auth = rustauth::RustAuth::builder().options(options).adapter_arc(database).build().await;
        let auth = Arc::new(auth.map_err(Instead::failure)?);
        let server = AuthRouter::with_async_endpoints(auth.context().clone(), Vec::new(), core_auth_async_endpoints())
            .map_err(Instead::failure)?;
        let router = auth.mount_at_base_path(RustAuthAxumOptions::default()).map_err(Instead::failure)?;
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::task::spawn_local(async move { axum::serve(origin.listener, service).await });
        Ok(Self { auth, server, origin: origin.url, actors: Cell::new(0) })
    }

    fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin)
    }

    /// Signed up over the handler that clients reach; the session then gets a century, so that it outlives what the
    /// clock is moved by.
    async fn actor(&self, name: &str) -> Result<Value, Instead> {
        let number = self.actors.replace(self.actors.get() + 1);
        let body = json!({"name": name, "email": format!("{number}@actors.example"), "password": "correct horse"});
        let request = self.request(Method::POST, "/sign-up/email", None, None, Some(&body))?;
        let reply = self.auth.handler_async(request).await.map_err(Instead::failure)?;
        let signed_up = read(&reply);
        let (Some(id), Some(token)) = (signed_up.pointer("/user/id"), signed_up["token"].as_str()) else {
            return Err(Instead::Failure(format!("a sign-up was answered {}: {signed_up}", reply.status())));
        };
        let sessions = self.auth.context().sessions().map_err(Instead::failure)?;
        let century = OffsetDateTime::now_utc() + Duration::days(36_500);
        sessions.update_session_expiry(token, century).await.map_err(Instead::failure)?;
        let set = reply.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        Ok(json!({"userId": id, "headers": {"cookie": fixture::cookies(set), "origin": self.origin}}))
    }

    /// With headers the request is a client's and goes where those of clients go; without, it is the server's own.
    async fn call(&self, call: Call) -> Result<Value, Instead> {
        let (method, path) = match call.method.as_str() {
            "createApiKey" => (Method::POST, "/api-key/create"),
            "verifyApiKey" => (Method::POST, "/api-key/verify"),
            "getApiKey" => (Method::GET, "/api-key/get"),
            "updateApiKey" => (Method::POST, "/api-key/update"),
            "deleteApiKey" => (Method::POST, "/api-key/delete"),
            "listApiKeys" => (Method::GET, "/api-key/list"),
            "deleteAllExpiredApiKeys" => (Method::POST, "/api-key/delete-all-expired-api-keys"),
            "getSession" => (Method::GET, "/get-session"),
            other => return Err(Instead::Unsupported(format!("RustAuth has no `{other}`"))),
        };
        let headers = call.headers.as_ref();
        let request = self.request(method, path, call.query.as_ref(), headers, call.body.as_ref())?;
        let reply = match headers {
            Some(_) => self.auth.handler_async(request).await,
            None => self.server.handle_async_server(request).await,
        };
        outcome(reply)
    }
}

impl RustAuth {
    fn request(
        &self,
        method: Method,
        path: &str,
        query: Option<&Value>,
        headers: Option<&serde_json::Map<String, Value>>,
        body: Option<&Value>,
    ) -> Result<ApiRequest, Instead> {
        let mut url = url::Url::parse(&format!("{}{BASE_PATH}{path}", self.origin)).map_err(Instead::failure)?;
        if let Some(members) = query.and_then(Value::as_object) {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in members {
                pairs.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
        let mut map = HeaderMap::new();
        for (name, value) in headers.into_iter().flatten() {
            let name = HeaderName::try_from(name.as_str()).map_err(Instead::failure)?;
            let value = HeaderValue::try_from(value.as_str().unwrap_or_default()).map_err(Instead::failure)?;
            map.append(name, value);
        }
        if body.is_some() {
            map.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut request = Request::builder().method(method).uri(url.as_str());
        if let Some(place) = request.headers_mut() {
            *place = map;
        }
        request.body(body.map(Value::to_string).unwrap_or_default().into_bytes()).map_err(Instead::failure)
    }
}

fn outcome(reply: Result<ApiResponse, RustAuthError>) -> Result<Value, Instead> {
    match reply {
        Ok(reply) if reply.status().is_success() => Ok(read(&reply)),
        Ok(reply) => {
            let body = read(&reply);
            let mut error = json!({"status": reply.status().as_u16()});
            for member in ["code", "message", "details"] {
                if let Some(value) = body.get(member) {
                    error[member] = value.clone();
                }
            }
            Err(Instead::Error(error))
        }
        // What the facade gives back as an error, RustAuth's own server answers with status 500.
        Err(error) => Err(Instead::Error(json!({"status": 500, "message": error.to_string()}))),
    }
}

fn read(reply: &ApiResponse) -> Value {
    serde_json::from_slice(reply.body()).unwrap_or_default()
}

/// RustAuth's own runner of background tasks, a few milliseconds later.
struct Later;

impl BackgroundTaskRunner for Later {
    fn spawn(&self, task: BackgroundTaskFuture) {
        TokioBackgroundTaskRunner.spawn(Box::pin(async move {
            fixture::delay().await;
            task.await;
        }));
    }
}
