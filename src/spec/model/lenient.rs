//! How requests are read: strictly, but for the faults that let something pass.

use serde_json::{Map, Value, json};

use super::Model;
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::operation::{Method, Operation};
use crate::spec::request::Reply;
use crate::spec::wire::{self, Input, Rejection};

/// What a fault makes of a request that is not valid.
enum Repair {
    /// These members are dropped; without names, every single one is tried.
    Drop(&'static [&'static str]),
    /// This member is the empty text where it is missing.
    Fill(&'static str),
    /// This member is the empty text where it is no text.
    Blank(&'static str),
}

/// The faults of validation: which operation, and what they let pass.
const REPAIRS: &[(Fault, Method, Repair)] = &[
    (Fault::CreateWrongTypesDropped, Method::CreateApiKey, Repair::Drop(&[])),
    (Fault::CreatePrefixCharactersUnchecked, Method::CreateApiKey, Repair::Drop(&["prefix"])),
    (Fault::CreatePermissionsShapeUnchecked, Method::CreateApiKey, Repair::Drop(&["permissions"])),
    (Fault::SelfGrantMalformedDropped, Method::CreateApiKey, Repair::Drop(&["permissions"])),
    (Fault::UpdateWrongTypesDropped, Method::UpdateApiKey, Repair::Drop(&[])),
    (Fault::UpdateIdOptional, Method::UpdateApiKey, Repair::Fill("keyId")),
    (Fault::DeleteIdOptional, Method::DeleteApiKey, Repair::Fill("keyId")),
    (Fault::GetIdOptional, Method::GetApiKey, Repair::Fill("id")),
    (Fault::VerifyInputOptional, Method::VerifyApiKey, Repair::Fill("key")),
    (Fault::VerifyInputTypeUnchecked, Method::VerifyApiKey, Repair::Blank("key")),
    (Fault::VerifyPermissionsShapeUnchecked, Method::VerifyApiKey, Repair::Drop(&["permissions"])),
    (Fault::ListPagingUnchecked, Method::ListApiKeys, Repair::Drop(&["limit", "offset"])),
    (Fault::ListSortDirectionUnchecked, Method::ListApiKeys, Repair::Drop(&["sortDirection"])),
];

/// Every member that an operation reads.
const KNOWN: &[&str] = &[
    "configId",
    "name",
    "expiresIn",
    "prefix",
    "metadata",
    "remaining",
    "refillAmount",
    "refillInterval",
    "rateLimitMax",
    "rateLimitTimeWindow",
    "rateLimitEnabled",
    "permissions",
    "userId",
    "organizationId",
    "keyId",
    "enabled",
    "id",
    "key",
];

impl Model {
    /// Reads a request for an operation.
    pub(super) fn read(&self, method: Method, input: &Input<'_>) -> Result<Operation, Rejection> {
        if self.is_sound() {
            return wire::parse(&self.edition, method, *input);
        }
        self.read_faulty(method, input)
    }

    /// What a client sends of the fields that the server works out: for faults.
    pub(super) fn take_derived_fields(&mut self, method: Option<Method>, body: &[u8], reply: Reply) -> Reply {
        let derived = method == Some(Method::CreateApiKey) && self.has(Fault::TransportDerivedFieldsAccepted);
        let fixed = method == Some(Method::UpdateApiKey) && self.has(Fault::UpdateFixedFieldsAccepted);
        let moved = method == Some(Method::UpdateApiKey) && self.has(Fault::OrganizationUpdateMoves);
        if moved && let Some(mut shown) = reply.body.clone().filter(|_| reply.status == 200) {
            let id = shown["id"].as_str().unwrap_or_default().to_owned();
            self.move_to_owner(&id, body, &mut shown);
            return Reply { body: Some(shown), ..reply };
        }
        if !derived && !fixed {
            return reply;
        }
        let id = reply.body.as_ref().and_then(|body| body.get("id")).and_then(Value::as_str);
        let sent: Option<Value> = serde_json::from_slice(body).ok();
        let (Some(row), Some(sent)) = (id.and_then(|id| self.store.get_mut(id)), sent) else {
            return reply;
        };
        let text = |name: &str| sent.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| sent.get(name).and_then(Value::as_i64);
        row.request_count = number("requestCount").filter(|_| derived).unwrap_or(row.request_count);
        row.start = text("start").or(row.start.take());
        row.prefix = text("prefix").filter(|_| fixed).or(row.prefix.take());
        let mut shown = reply.body.unwrap_or_default();
        shown["start"] = json!(row.start);
        shown["prefix"] = json!(row.prefix);
        shown["requestCount"] = json!(row.request_count);
        Reply { body: Some(shown), ..reply }
    }

    fn read_faulty(&self, method: Method, input: &Input<'_>) -> Result<Operation, Rejection> {
        let mut query: Vec<(String, String)> = Vec::new();
        let mut bytes: Vec<u8> = Vec::new();
        let input = match *input {
            // These have no route: what a fault opens is read like a call.
            Input::Http { body, .. } if method.route(&self.edition).is_none() => {
                let body: Option<Value> = serde_json::from_slice(body).ok();
                return wire::parse(&self.edition, method, Input::Server { body: body.as_ref(), query: None });
            }
            Input::Http { content_type, query: given, body } => {
                query.extend_from_slice(given);
                bytes.extend_from_slice(body);
                if method == Method::GetApiKey && self.has(Fault::GetIdFromBody) {
                    query.extend(id_of(body).map(|id| ("id".to_owned(), id)));
                }
                let content_type = match content_type {
                    Some(_) if self.has(Fault::TransportAnyContentType) => Some("application/json"),
                    content_type => content_type,
                };
                if self.counts_as_empty(body) {
                    bytes = b"{}".to_vec();
                }
                let content_type = if body.is_empty() { Some("application/json") } else { content_type };
                if self.has_unknown_member(&bytes) {
                    bytes = b"[]".to_vec();
                }
                Input::Http { content_type, query: &query, body: &bytes }
            }
            server @ Input::Server { .. } => server,
        };
        let refused = match wire::parse(&self.edition, method, input) {
            Err(refused) if refused.code == ErrorCode::ValidationError => refused,
            read => return read,
        };
        if self.has(Fault::SelfGrantMalformedAfterCeiling)
            && method == Method::CreateApiKey
            && let Some(members) = members_of(method, &input)
            && let Some(refusal) = self.exceeds_though_malformed(&Value::Object(members))
        {
            let wire = refusal.code.wire(&self.edition, Surface::Operation);
            return Err(Rejection { code: refusal.code, wire });
        }
        let repairs = REPAIRS.iter().filter(|(fault, of, _)| *of == method && self.has(*fault));
        repairs.map(|(_, _, repair)| self.repaired(method, &input, repair)).find_map(Result::ok).ok_or(refused)
    }

    fn counts_as_empty(&self, body: &[u8]) -> bool {
        match serde_json::from_slice::<Value>(body) {
            _ if body.is_empty() => self.has(Fault::TransportMissingBodyIsEmpty),
            Err(_) => self.has(Fault::TransportMalformedJsonIsEmpty),
            Ok(value) => !value.is_object() && self.has(Fault::TransportNonObjectIsEmpty),
        }
    }

    fn has_unknown_member(&self, body: &[u8]) -> bool {
        self.has(Fault::TransportUnknownFieldsRefused)
            && serde_json::from_slice::<Map<String, Value>>(body)
                .is_ok_and(|members| members.keys().any(|name| !KNOWN.contains(&name.as_str())))
    }

    fn repaired(&self, method: Method, input: &Input<'_>, repair: &Repair) -> Result<Operation, ()> {
        let mut members = members_of(method, input).ok_or(())?;
        match repair {
            Repair::Fill(name) => {
                members.entry(*name).or_insert_with(|| Value::from(""));
            }
            Repair::Blank(name) => {
                if members.get(*name).is_some_and(|value| !value.is_string()) {
                    members.insert((*name).to_owned(), Value::from(""));
                }
            }
            Repair::Drop([]) => {
                let names: Vec<_> = members.keys().cloned().collect();
                return names
                    .iter()
                    .find_map(|name| {
                        let mut fewer = members.clone();
                        fewer.shift_remove(name);
                        self.parse_members(method, fewer).ok()
                    })
                    .ok_or(());
            }
            Repair::Drop(names) => names.iter().for_each(|name| drop(members.shift_remove(*name))),
        }
        self.parse_members(method, members).map_err(drop)
    }

    fn parse_members(&self, method: Method, members: Map<String, Value>) -> Result<Operation, Rejection> {
        let members = Value::Object(members);
        let (body, query) = if method.reads_query() { (None, Some(&members)) } else { (Some(&members), None) };
        wire::parse(&self.edition, method, Input::Server { body, query })
    }
}

fn members_of(method: Method, input: &Input<'_>) -> Option<Map<String, Value>> {
    match *input {
        Input::Http { query, .. } if method.reads_query() => {
            Some(query.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect())
        }
        Input::Http { body, .. } => serde_json::from_slice(body).ok(),
        Input::Server { query, .. } if method.reads_query() => Some(query?.as_object()?.clone()),
        Input::Server { body, .. } => Some(body?.as_object()?.clone()),
    }
}

fn id_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    ["id", "keyId"].iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned))
}
