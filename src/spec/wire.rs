//! Requests as they travel: what an edition reads of them, and how an operation is written.
//!
//! Knows body, query, content type and validation; refuses to know sessions, owners and stored keys.
//! The order is that of the framework: first the body is read, then the operation's input is
//! validated, and only then anybody looks at a session.

mod body;
mod encode;
mod json;
mod schema;

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::Value;

use self::body::BodyError;
pub use self::body::MAX_BODY;
pub use self::encode::{Encoded, encode};
use self::json::Json;
pub use self::json::MAX_DEPTH;
use self::schema::Members;
use super::edition::{Behaviour, Edition};
use super::error::{ErrorCode, Surface, Wire};
use super::operation::{CreateKey, DeleteKey, GetKey, ListKeys, Method, Operation, UpdateKey, VerifyKey};

/// What a request carries for its operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input<'a> {
    Http {
        content_type: Option<&'a str>,
        /// Decoded pairs in their order, repetitions included.
        query: &'a [(String, String)],
        /// Empty: there is no body. Not looked at where the operation has a GET.
        body: &'a [u8],
    },
    /// A server-side call: there is no content type and no text to parse.
    Server { body: Option<&'a Value>, query: Option<&'a Value> },
}

/// A request that is refused before its operation begins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Rejection {
    pub code: ErrorCode,
    /// Status, code and message as the edition sends them. What lies beyond [`MAX_BODY`] or [`MAX_DEPTH`] is a 413
    /// without a body, which no release sends: releases have no such bounds, or others.
    pub wire: Wire,
}

/// Reads a request for an operation as this edition does.
///
/// # Errors
/// The edition's exact refusal: 415, a body that is not JSON, or a validation error. `NOT_FOUND` for `getSession`, which
/// is no operation on keys, and over HTTP for the operations without a route.
pub fn parse(edition: &Edition, method: Method, input: Input<'_>) -> Result<Operation, Rejection> {
    let is_http = matches!(input, Input::Http { .. });
    if method == Method::GetSession || is_http && method.route(edition).is_none() {
        return Err(reject(edition, ErrorCode::NotFound));
    }
    match method {
        Method::DeleteAllExpiredApiKeys => Ok(Operation::DeleteAllExpired),
        Method::ListApiKeys if !edition.has(Behaviour::ListQueryIsRead) => Ok(Operation::List(ListKeys::default())),
        Method::ListApiKeys if matches!(input, Input::Server { query: None, .. }) => {
            Ok(Operation::List(ListKeys::default()))
        }
        _ => {
            let place = if method.reads_query() { "query" } else { "body" };
            let value = read(edition, place, input)?;
            validate(edition, method, place, value.as_ref()).map_err(|issues| invalid(edition, place, issues))
        }
    }
}

fn read(edition: &Edition, place: &str, input: Input<'_>) -> Result<Option<Json>, Rejection> {
    match input {
        Input::Http { query, .. } if place == "query" => Ok(Some(Json::Object(members_of(query)))),
        Input::Http { content_type, body, .. } => body::read(edition, content_type, body),
        Input::Server { query, .. } if place == "query" => of_call(query),
        Input::Server { body, .. } => of_call(body),
    }
    .map_err(|error| match error {
        BodyError::MediaType(text) => with_message(edition, ErrorCode::UnsupportedMediaType, text),
        BodyError::Malformed => reject(edition, ErrorCode::BadRequest),
        BodyError::OutOfBounds => {
            Rejection { code: ErrorCode::BadRequest, wire: Wire { status: 413, code: None, message: None } }
        }
    })
}

fn of_call(value: Option<&Value>) -> Result<Option<Json>, BodyError> {
    value.map(Json::from_value).transpose().map_err(BodyError::from)
}

/// A parameter that is repeated becomes a list.
fn members_of(query: &[(String, String)]) -> IndexMap<String, Json> {
    let mut members: IndexMap<String, Json> = IndexMap::new();
    for (name, value) in query {
        let value = Json::String(value.clone());
        match members.get_mut(name) {
            None => _ = members.insert(name.clone(), value),
            Some(Json::Array(values)) => values.push(value),
            Some(first) => {
                let pair = vec![std::mem::replace(first, Json::Null), value];
                *first = Json::Array(pair);
            }
        }
    }
    members
}

/// The operation, or all that is wrong.
fn validate(edition: &Edition, method: Method, place: &'static str, value: Option<&Json>) -> Result<Operation, String> {
    let Some(Json::Object(members)) = value else {
        let received = value.map_or("undefined", Json::type_name);
        return Err(format!("[{place}] {}", schema::wrong_type("object", received)));
    };
    let mut input = Members::new(edition, place, members);
    let has_configurations = edition.has(Behaviour::ConfigurationsHaveNames);
    let config_id = if has_configurations { input.string("configId") } else { None };
    let operation = match method {
        Method::CreateApiKey => Operation::Create(CreateKey {
            config_id,
            name: input.string("name"),
            expires_in: input.nullable_number("expiresIn", 1.0),
            prefix: input.prefix("prefix"),
            remaining: input.nullable_number("remaining", 0.0),
            metadata: input.anything("metadata"),
            refill_amount: input.number("refillAmount", Some(1.0)),
            refill_interval: input.number("refillInterval", None),
            rate_limit_time_window: input.number("rateLimitTimeWindow", None),
            rate_limit_max: input.number("rateLimitMax", None),
            rate_limit_enabled: input.boolean("rateLimitEnabled"),
            permissions: input.permissions("permissions"),
            user_id: user_id(edition, &mut input),
            organization_id: if has_configurations { input.coerced_string("organizationId") } else { None },
        }),
        Method::UpdateApiKey => Operation::Update(UpdateKey {
            config_id,
            key_id: input.required_string("keyId"),
            user_id: user_id(edition, &mut input),
            name: input.string("name"),
            enabled: input.boolean("enabled"),
            remaining: input.number("remaining", Some(1.0)),
            refill_amount: input.number("refillAmount", None),
            refill_interval: input.number("refillInterval", None),
            metadata: input.anything("metadata"),
            expires_in: input.nullable_number("expiresIn", 1.0),
            rate_limit_enabled: input.boolean("rateLimitEnabled"),
            rate_limit_time_window: input.number("rateLimitTimeWindow", None),
            rate_limit_max: input.number("rateLimitMax", None),
            permissions: input.nullable_permissions("permissions"),
        }),
        Method::VerifyApiKey => Operation::Verify(VerifyKey {
            config_id,
            key: input.required_string("key"),
            permissions: input.permissions("permissions"),
        }),
        Method::GetApiKey => Operation::Get(GetKey { config_id, id: input.required_string("id") }),
        Method::DeleteApiKey => Operation::Delete(DeleteKey { config_id, key_id: input.required_string("keyId") }),
        Method::ListApiKeys => Operation::List(ListKeys {
            config_id,
            organization_id: input.string("organizationId"),
            limit: input.coerced_count("limit"),
            offset: input.coerced_count("offset"),
            sort_by: input.string("sortBy"),
            descending: input.direction("sortDirection"),
        }),
        Method::DeleteAllExpiredApiKeys | Method::GetSession => Operation::DeleteAllExpired,
    };
    input.finish(operation)
}

fn user_id(edition: &Edition, input: &mut Members<'_>) -> Option<String> {
    if edition.has(Behaviour::UserIdIsCoerced) { input.coerced_string("userId") } else { input.string("userId") }
}

fn invalid(edition: &Edition, place: &str, issues: String) -> Rejection {
    let text = if edition.has(Behaviour::ValidationNamesPath) { issues } else { format!("Invalid {place} parameters") };
    with_message(edition, ErrorCode::ValidationError, text)
}

fn with_message(edition: &Edition, code: ErrorCode, text: String) -> Rejection {
    let mut rejection = reject(edition, code);
    rejection.wire.message = Some(Cow::Owned(text));
    rejection
}

fn reject(edition: &Edition, code: ErrorCode) -> Rejection {
    Rejection { code, wire: code.wire(edition, Surface::Operation) }
}

#[cfg(test)]
mod tests;
