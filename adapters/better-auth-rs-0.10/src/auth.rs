//! One deployment of the crate.

use std::cell::Cell;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use better_auth::adapters::{MemoryDatabaseAdapter, SessionOps as _};
use better_auth::plugins::{ApiKeyPlugin, EmailPasswordPlugin, SessionManagementPlugin};
use better_auth::types_mod::PasswordHasher;
use better_auth::{
    AuthBuilder, AuthConfig, AuthRequest, AuthResult, AxumIntegration as _, BetterAuth, HttpMethod, RateLimitConfig,
};
use keyspec_adapter_kit::{Call, Deployment, Instead, Origin, Start, fixture};
use serde_json::{Value, json};

use crate::options;

const BASE_PATH: &str = "/api/auth";

pub(crate) struct Auth {
    auth: Arc<BetterAuth<MemoryDatabaseAdapter>>,
    origin: String,
    actors: Cell<u64>,
}

impl Deployment for Auth {
    async fn start(start: Start) -> Result<Self, Instead> {
        start.only(&["storage"])?;
        if start.setup.get("storage").is_some_and(|storage| storage != "memory") {
            return Err(Instead::unsupported("the adapter has the database `memory` only"));
        }
        let mut configurations = start.configurations();
        let (Some(only), true) = (configurations.pop(), configurations.is_empty()) else {
            return Err(Instead::unsupported("the crate has one configuration only"));
        };
        let plugin = ApiKeyPlugin::with_config(options::configuration(only)?);

        let origin = Origin::bind().await?;
        let config = AuthConfig::new("a secret of this deployment, which nobody else has")
            .base_url(origin.url.as_str())
            .base_path(BASE_PATH);
        let auth = AuthBuilder::new(config)
            .database(MemoryDatabaseAdapter::new())
            .rate_limit(RateLimitConfig::new().enabled(false))
            .plugin(EmailPasswordPlugin::new().enable_signup(true).password_hasher(Arc::new(Plain)))
            .plugin(SessionManagementPlugin::new())
            .plugin(plugin)
            .build()
            .await;
        let auth = Arc::new(auth.map_err(Instead::failure)?);
        let router = Router::new().nest(BASE_PATH, Arc::clone(&auth).axum_router()).with_state(Arc::clone(&auth));
        tokio::task::spawn_local(async move { axum::serve(origin.listener, router).await });
        Ok(Self { auth, origin: origin.url, actors: Cell::new(0) })
    }

    fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin)
    }

    /// Signed up by the handler; the session then gets a century, so that it outlives what the clock is moved by.
    async fn actor(&self, name: &str) -> Result<Value, Instead> {
        let number = self.actors.replace(self.actors.get() + 1);
        let body = json!({"name": name, "email": format!("{number}@actors.example"), "password": "correct horse 1"});
        let mut request = AuthRequest::new(HttpMethod::Post, "/sign-up/email");
        request.headers.insert("content-type".to_owned(), "application/json".to_owned());
        request.headers.insert("origin".to_owned(), self.origin.clone());
        request.body = Some(body.to_string().into_bytes());
        let reply = self.auth.handle_request(request).await.map_err(Instead::failure)?;
        let signed_up: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let (Some(id), Some(token)) = (signed_up.pointer("/user/id"), signed_up["token"].as_str()) else {
            return Err(Instead::Failure(format!("a sign-up was answered {}: {signed_up}", reply.status)));
        };
        let century = chrono::Utc::now() + chrono::Duration::days(36_500);
        self.auth.database().update_session_expiry(token, century).await.map_err(Instead::failure)?;
        let set = reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let cookies = fixture::cookies(set.map(|(_, value)| value.as_str()));
        Ok(json!({"userId": id, "headers": {"cookie": cookies, "origin": self.origin}}))
    }

    async fn call(&self, _: Call) -> Result<Value, Instead> {
        Err(Instead::unsupported("the crate has no server-side calls"))
    }
}

/// Passwords are not hashed: that would cost more than all the rest of a sign-up.
struct Plain;

#[async_trait]
impl PasswordHasher for Plain {
    async fn hash(&self, password: &str) -> AuthResult<String> {
        Ok(format!("plain:{password}"))
    }

    async fn verify(&self, hash: &str, password: &str) -> AuthResult<bool> {
        Ok(hash.strip_prefix("plain:") == Some(password))
    }
}
