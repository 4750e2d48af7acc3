//! Options that are functions. A scenario names them.

use std::collections::HashMap;

use async_trait::async_trait;
use better_auth::plugins::api_key::{
    ApiKeyDefaultPermissions, ApiKeyEndpoint, ApiKeyGenerator, ApiKeyGetter, ApiKeyPermissions, ApiKeyValidator,
};
use better_auth::{AuthResult, FieldValue, PasswordHasher};
use keyspec_adapter_kit::fixture;

/// `getter:number` is not among them: a getter of this crate gives a string or nothing.
pub(crate) const NAMES: &[&str] = &[
    "storage:memory",
    "generator:fixed-alphabet",
    "getter:x-custom-key",
    "validator:starts-with-ok",
    "validator:async-starts-with-ok",
    "permissions:from-owner",
];

#[derive(Default)]
pub(crate) struct FixedAlphabet(fixture::FixedAlphabet);

#[async_trait]
impl ApiKeyGenerator for FixedAlphabet {
    async fn generate(&self, length: usize, prefix: Option<&str>) -> AuthResult<String> {
        Ok(self.0.next(length, prefix.unwrap_or_default()))
    }
}

pub(crate) struct CustomHeader;

impl ApiKeyGetter for CustomHeader {
    fn get(&self, endpoint: ApiKeyEndpoint<'_>) -> AuthResult<Option<String>> {
        Ok(endpoint.headers.and_then(|headers| headers.get("x-custom-key")).cloned())
    }
}

pub(crate) struct StartsWithOk;

#[async_trait]
impl ApiKeyValidator for StartsWithOk {
    async fn validate(&self, key: &str, _: ApiKeyEndpoint<'_>) -> AuthResult<bool> {
        Ok(key.starts_with("ok_"))
    }
}

pub(crate) struct FromOwner;

#[async_trait]
impl ApiKeyDefaultPermissions for FromOwner {
    async fn permissions(&self, owner: &FieldValue, _: ApiKeyEndpoint<'_>) -> AuthResult<ApiKeyPermissions> {
        Ok(HashMap::from([("owner".to_owned(), owner.as_str().map(str::to_owned).into_iter().collect())]))
    }
}

/// Passwords are not hashed: that would cost more than all the rest of a sign-up.
pub(crate) struct Plain;

#[async_trait]
impl PasswordHasher for Plain {
    async fn hash(&self, password: &str) -> AuthResult<String> {
        Ok(format!("plain:{password}"))
    }

    async fn verify(&self, hash: &str, password: &str) -> AuthResult<bool> {
        Ok(hash.strip_prefix("plain:") == Some(password))
    }
}
