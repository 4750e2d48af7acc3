//! The seven operations on API keys as typed values: what a parsed request asks for.
//!
//! One type for all uses: parsed from the wire, executed by the model, generated and stored by campaigns.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::permission::Permissions;

/// The server-side methods of the spec, and the sessions' own `getSession`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    CreateApiKey,
    VerifyApiKey,
    GetApiKey,
    UpdateApiKey,
    DeleteApiKey,
    ListApiKeys,
    DeleteAllExpiredApiKeys,
    GetSession,
}

/// A field that a request can leave out, set to `null`, or set.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    #[default]
    Absent,
    Null,
    Set(T),
}

/// A request for one operation, with every field that its validation accepted.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    Create(CreateKey),
    Verify(VerifyKey),
    Get(GetKey),
    Update(UpdateKey),
    Delete(DeleteKey),
    List(ListKeys),
    DeleteAllExpired,
}

/// `createApiKey`. Numbers are JSON's, so fractions are possible. `expires_in` is in seconds, `refill_interval` and
/// `rate_limit_time_window` in milliseconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreateKey {
    pub config_id: Option<String>,
    pub name: Option<String>,
    pub expires_in: Field<f64>,
    pub prefix: Option<String>,
    pub metadata: Field<Value>,
    pub remaining: Field<f64>,
    pub refill_amount: Option<f64>,
    pub refill_interval: Option<f64>,
    pub rate_limit_max: Option<f64>,
    pub rate_limit_time_window: Option<f64>,
    pub rate_limit_enabled: Option<bool>,
    pub permissions: Option<Permissions>,
    pub user_id: Option<String>,
    pub organization_id: Option<String>,
}

/// `verifyApiKey`: the permissions are those that the key must have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VerifyKey {
    pub config_id: Option<String>,
    pub key: String,
    pub permissions: Option<Permissions>,
}

/// `getApiKey`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GetKey {
    pub config_id: Option<String>,
    pub id: String,
}

/// `updateApiKey`. Units as in [`CreateKey`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateKey {
    pub config_id: Option<String>,
    pub key_id: String,
    pub user_id: Option<String>,
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub remaining: Option<f64>,
    pub refill_amount: Option<f64>,
    pub refill_interval: Option<f64>,
    pub metadata: Field<Value>,
    pub expires_in: Field<f64>,
    pub rate_limit_enabled: Option<bool>,
    pub rate_limit_time_window: Option<f64>,
    pub rate_limit_max: Option<f64>,
    pub permissions: Field<Permissions>,
}

/// `deleteApiKey`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteKey {
    pub config_id: Option<String>,
    pub key_id: String,
}

/// `listApiKeys`: the query, where the edition reads it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListKeys {
    pub config_id: Option<String>,
    pub organization_id: Option<String>,
    pub limit: Option<u64>,
    pub offset: Option<u64>,
    pub sort_by: Option<String>,
    pub descending: Option<bool>,
}
