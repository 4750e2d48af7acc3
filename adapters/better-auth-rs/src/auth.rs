//! One deployment of the crate.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use better_auth::config::BackgroundTasks;
use better_auth::integrations::axum::AxumIntegration as _;
use better_auth::middleware::RateLimitConfig;
use better_auth::plugins::api_key::{ApiKeyVerificationError, VerifyApiKey};
use better_auth::plugins::{
    ApiKeyPlugin, EmailPasswordPlugin, OpenApiConfig, OpenApiPlugin, OrganizationPlugin, SessionManagementPlugin,
};
use better_auth::prelude::HttpMethod;
use better_auth::server_api::{EndpointInput, NativeEndpointInput};
use better_auth::store::{EphemeralStore, StatelessSchema};
use better_auth::{AuthConfig, AuthError, BetterAuth};
use keyspec_adapter_kit::{Call, Deployment, Instead, Origin, Start, fixture};
use serde_json::{Map, Value, json};

use crate::options;
use crate::preset::Plain;

const BASE_PATH: &str = "/api/auth";

pub(crate) struct Auth {
    auth: Arc<BetterAuth<StatelessSchema>>,
    /// A clone of the plugin, by which the server verifies keys.
    plugin: ApiKeyPlugin,
    origin: String,
    actors: Cell<u64>,
}

impl Deployment for Auth {
    async fn start(start: Start) -> Result<Self, Instead> {
        start.only(&["storage", "secondaryStorage", "deferred", "organizations"])?;
        if start.setup.get("storage").is_some_and(|storage| storage != "memory") {
            return Err(Instead::unsupported("the adapter has the database `memory` only"));
        }
        let configurations = start.configurations().into_iter().map(options::configuration);
        let mut configurations = configurations.collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = configurations.next().unwrap_or_default();
        let plugin = configurations.fold(ApiKeyPlugin::with_config(first), ApiKeyPlugin::configuration);

        let origin = Origin::bind().await?;
        let mut config = AuthConfig::new("a secret of this deployment, which nobody else has")
            .base_url(origin.url.as_str())
            .base_path(BASE_PATH);
        if start.wants("deferred") {
            // A task runs already when it is handed over; dropping it lets it go on.
            config.advanced.background_tasks = Some(BackgroundTasks::new(|_task| Ok(())));
        }
        let mut builder = BetterAuth::<StatelessSchema>::new(config.clone())
            .store(EphemeralStore::new(Arc::new(config)))
            .rate_limit(RateLimitConfig::new().enabled(false))
            .plugin(EmailPasswordPlugin::new().enable_signup(true).password_hasher(Arc::new(Plain)))
            .plugin(SessionManagementPlugin::new())
            .plugin(OpenApiPlugin::with_config(OpenApiConfig::default()))
            .plugin(plugin.clone());
        if let Some(wanted) = start.setup.get("organizations").filter(|_| start.wants("organizations")) {
            builder = builder.plugin(OrganizationPlugin::with_config(options::organizations(wanted)?));
        }
        if start.wants("secondaryStorage") {
            builder = builder.secondary_storage(options::memory());
        }
        let auth = Arc::new(builder.build().await.map_err(Instead::failure)?);
        let router = Router::new().nest(BASE_PATH, Arc::clone(&auth).axum_router()).with_state(Arc::clone(&auth));
        tokio::task::spawn_local(async move { axum::serve(origin.listener, router).await });
        Ok(Self { auth, plugin, origin: origin.url, actors: Cell::new(0) })
    }

    fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin)
    }

    /// Signed up by the endpoint; the session then gets a century, so that it outlives what the clock is moved by.
    async fn actor(&self, name: &str) -> Result<Value, Instead> {
        let number = self.actors.replace(self.actors.get() + 1);
        let body = json!({"name": name, "email": format!("{number}@actors.example"), "password": "correct horse"});
        let input = EndpointInput { body: Some(body), ..EndpointInput::default() };
        let reply = self.auth.call_endpoint(HttpMethod::Post, "/sign-up/email", input).await;
        let reply = reply.map_err(Instead::failure)?;
        let signed_up = reply.body.json().map_err(Instead::failure)?.unwrap_or_default();
        let (Some(id), Some(token)) = (signed_up.pointer("/user/id"), signed_up["token"].as_str()) else {
            return Err(Instead::Failure(format!("a sign-up was answered with {signed_up}")));
        };
        let century = chrono::Utc::now() + chrono::Duration::days(36_500);
        self.auth.store().update_session_expiry(token, century).await.map_err(Instead::failure)?;
        let cookies = fixture::cookies(reply.headers.get_all("set-cookie").map(String::as_str));
        Ok(json!({"userId": id, "headers": {"cookie": cookies, "origin": self.origin}}))
    }

    async fn call(&self, call: Call) -> Result<Value, Instead> {
        let (method, path) = match call.method.as_str() {
            "createApiKey" => (HttpMethod::Post, "/api-key/create"),
            "getApiKey" => (HttpMethod::Get, "/api-key/get"),
            "updateApiKey" => (HttpMethod::Post, "/api-key/update"),
            "deleteApiKey" => (HttpMethod::Post, "/api-key/delete"),
            "listApiKeys" => (HttpMethod::Get, "/api-key/list"),
            "getSession" => (HttpMethod::Get, "/get-session"),
            "verifyApiKey" => return self.verify(call).await,
            "deleteAllExpiredApiKeys" => {
                let input = NativeEndpointInput { headers: headers(call.headers), ..NativeEndpointInput::default() };
                let api = self.auth.api_keys().map_err(refusal)?;
                let done = api.delete_all_expired(input).await.map_err(refusal)?;
                return Ok(done.json().map_err(Instead::failure)?.unwrap_or_default());
            }
            other => return Err(Instead::Unsupported(format!("the crate has no `{other}`"))),
        };
        let input = EndpointInput { request: None, headers: headers(call.headers), body: call.body, query: call.query };
        let reply = self.auth.call_endpoint(method, path, input).await.map_err(refusal)?;
        Ok(reply.body.json().map_err(Instead::failure)?.unwrap_or_default())
    }
}

impl Auth {
    /// The crate verifies by a method with typed arguments, which gives the key or an error. What is returned here is
    /// the same, in the form that the protocol has for it.
    async fn verify(&self, call: Call) -> Result<Value, Instead> {
        let body = call.body.unwrap_or_default();
        let text = |member: &str| match &body[member] {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.as_str())),
            other => Err(Instead::Unsupported(format!("`{member}` is a text by its type and cannot be {other}"))),
        };
        let Some(key) = text("key")? else {
            return Err(Instead::unsupported("`key` is an argument of the method and cannot be left out"));
        };
        let verified = VerifyApiKey { key, config_id: text("configId")?, permissions: body.get("permissions") };
        match self.plugin.verify_api_key(&verified, self.auth.context()).await {
            Ok(key) => Ok(json!({"valid": true, "error": null, "key": key})),
            Err(ApiKeyVerificationError::Validation(error)) => Ok(json!({"valid": false, "error": error, "key": null})),
            Err(ApiKeyVerificationError::Rejected(error) | ApiKeyVerificationError::Internal(error)) => {
                Ok(json!({"valid": false, "error": body_of(&error), "key": null}))
            }
            Err(ApiKeyVerificationError::Endpoint(error)) => Err(refusal(error)),
        }
    }
}

fn headers(headers: Option<Map<String, Value>>) -> Option<HashMap<String, String>> {
    let text = |(name, value): (String, Value)| (name, value.as_str().unwrap_or_default().to_owned());
    Some(headers?.into_iter().map(text).collect())
}

fn body_of(error: &AuthError) -> Value {
    let body = error.body_value().and_then(|body| body.json());
    body.ok().flatten().filter(Value::is_object).unwrap_or_else(|| json!({"message": error.to_string()}))
}

fn refusal(error: AuthError) -> Instead {
    let mut told = json!({});
    if let Some(status) = error.status_code().ok().and_then(|status| status.typed().ok().copied()) {
        told["status"] = json!(status);
    }
    let body = body_of(&error);
    for member in ["code", "message", "details"] {
        if let Some(value) = body.get(member) {
            told[member] = value.clone();
        }
    }
    Instead::Error(told)
}
