//! What faults make of requests and rows where a branch beside the right behaviour would be longer than the behaviour.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use super::caller::{Caller, header};
use super::organization::OWNER;
use super::{Model, Outcome, refuse};
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::key::KeyRow;
use crate::spec::operation::{Field, Method};
use crate::spec::permission::Permissions;

/// Names that objects of JavaScript inherit.
const INHERITED: &[&str] = &["__proto__", "constructor"];

impl Model {
    /// Metadata of a certain size, depth or name ends in an internal error.
    pub(super) fn choke_on(&self, metadata: &Field<Value>) -> Outcome<()> {
        let Field::Set(Value::Object(members)) = metadata else { return Ok(()) };
        let chokes = (self.has(Fault::MetadataManyMembersFail) && members.len() >= 1000)
            || (self.has(Fault::MetadataDeepFails) && members.values().any(|value| depth(value) >= 100))
            || (self.has(Fault::MetadataLongFails) && members.values().any(|value| length(value) >= 8000))
            || (self.has(Fault::MetadataInheritedNamesFail) && has_inherited(members));
        if chokes { refuse(ErrorCode::FailedToUpdateApiKey) } else { Ok(()) }
    }

    /// A list in which metadata has the name of something inherited ends in an internal error.
    pub(super) fn choke_on_rows<'r>(&self, mut rows: impl Iterator<Item = &'r KeyRow>) -> Outcome<()> {
        let chokes = self.has(Fault::MetadataInheritedNamesBlockLists)
            && rows.any(|row| row.metadata.as_object().is_some_and(has_inherited));
        if chokes { refuse(ErrorCode::FailedToUpdateApiKey) } else { Ok(()) }
    }

    /// Members of metadata with the names of fields count as these fields.
    pub(super) fn follow_metadata(&self, row: &mut KeyRow) {
        if !self.has(Fault::MetadataFieldsFollowed) {
            return;
        }
        if let Some(remaining) = row.metadata.get("remaining").and_then(Value::as_f64) {
            row.remaining = Some(remaining);
        }
        if let Some(enabled) = row.metadata.get("enabled").and_then(Value::as_bool) {
            row.enabled = enabled;
        }
        if row.metadata.get("permissions").is_some() {
            row.permissions = Some(Permissions::default());
        }
    }

    /// Did keys of others come in between, while this request waited?
    pub(super) fn lost_a_race(&self, caller: &Caller) -> bool {
        self.has(Fault::CreateAtOnceFails)
            && caller.user_id().is_some_and(|user| {
                self.store
                    .iter()
                    .any(|row| row.owner == user && self.seen.as_ref().is_some_and(|seen| !seen.has(&row.id)))
            })
    }

    /// Has somebody deleted this key while the request waited?
    pub(super) fn was_just_deleted(&self, id: &str) -> bool {
        self.has(Fault::DeleteRaceFails)
            && self.store.get(id).is_none()
            && self.seen.as_ref().is_some_and(|seen| seen.has(id))
    }

    /// An owner of the organization counts as the server.
    pub(super) fn trusts_owner(&self, caller: &Caller, organization: Option<&str>) -> bool {
        let (Some(user), Some(organization)) = (caller.user_id(), organization) else { return false };
        self.has(Fault::OrganizationOwnersTrusted) && self.roles_of(user, organization).any(|role| role == OWNER)
    }

    /// Who made a key of an organization.
    pub(super) fn note_maker(&mut self, caller: &Caller, id: &str) {
        if let Some(user) = caller.user_id().filter(|_| self.has(Fault::OrganizationKeysLeaveWithMaker)) {
            self.organizations.makers.push((id.to_owned(), user.to_owned()));
        }
    }

    /// The keys that this user made go with him.
    pub(super) fn remove_keys_made_by(&mut self, user: &str) {
        let ids: Vec<String> =
            self.organizations.makers.iter().filter(|(_, maker)| maker == user).map(|(id, _)| id.clone()).collect();
        ids.iter().for_each(|id| self.store.remove(id, false));
    }

    /// A `userId` in the query stands in for the session's user.
    pub(super) fn impersonate(&self, caller: &mut Caller, query: &[(String, String)], body: &[u8]) {
        if !self.has(Fault::OwnershipUserIdHonoured) || caller.user_id().is_none() {
            return;
        }
        let in_body = || serde_json::from_slice::<Value>(body).ok()?.get("userId")?.as_str().map(str::to_owned);
        let in_query = query.iter().find(|(name, _)| name == "userId").map(|(_, value)| value.clone());
        if let Some(user) = in_query.or_else(in_body) {
            caller.pass_for(user);
        }
    }

    /// What of a body is read.
    pub(super) fn misread(
        &self,
        http: &str,
        method: Option<Method>,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Option<Vec<u8>> {
        if self.has(Fault::TransportChunkedIsEmpty) && header(headers, "transfer-encoding").is_some() {
            return Some(Vec::new());
        }
        let changes = method.is_some() && !body.is_empty();
        if changes && http == "PUT" && self.has(Fault::SelfGrantOtherMethod) {
            let mut members: Map<String, Value> = serde_json::from_slice(body).ok()?;
            members.shift_remove("permissions");
            return Some(Value::Object(members).to_string().into_bytes());
        }
        if changes && self.has(Fault::TransportFirstDuplicateCounts) {
            let first: FirstWins = serde_json::from_slice(body).ok()?;
            return Some(Value::Object(first.0).to_string().into_bytes());
        }
        if changes && self.has(Fault::TransportProtoFollowed) {
            let mut members: Map<String, Value> = serde_json::from_slice(body).ok()?;
            if let Some(Value::Object(inherited)) = members.shift_remove("__proto__") {
                members.extend(inherited);
            }
            return Some(Value::Object(members).to_string().into_bytes());
        }
        None
    }

    /// A key that is named together with another configuration moves there.
    pub(super) fn move_to_configuration(&mut self, user: Option<&str>, id: &str, config_id: Option<&str>) {
        let Some(config) = config_id.filter(|_| self.has(Fault::UpdateMovesConfiguration)) else { return };
        let known = self.configs.iter().any(|other| other.id() == config);
        if let Some(row) = self.store.get_mut(id).filter(|row| known && Some(row.owner.as_str()) == user) {
            row.config_id = Some(config.to_owned());
        }
    }

    /// An update that names another owner moves the key there.
    pub(super) fn move_to_owner(&mut self, id: &str, body: &[u8], shown: &mut Value) {
        let sent: Option<Value> = serde_json::from_slice(body).ok();
        let owner = sent.as_ref().and_then(|sent| sent.get("organizationId")).and_then(Value::as_str);
        if let (Some(owner), Some(row)) = (owner, self.store.get_mut(id)) {
            row.owner = owner.to_owned();
            shown[self.edition.owner_field()] = json!(owner);
        }
    }

    /// Options of now for a row from before.
    pub(super) fn take_options(&self, row: &mut KeyRow) {
        if self.has(Fault::RestartOptionsTaken)
            && let Ok(config) = self.config(row.config_id.as_deref())
        {
            row.rate_limit_max = Some(config.rate_limit.max_requests);
            row.rate_limit_time_window = Some(config.rate_limit.time_window);
        }
    }
}

/// An object of which the first of equal names counts.
struct FirstWins(Map<String, Value>);

impl<'de> Deserialize<'de> for FirstWins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = FirstWins;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<FirstWins, A::Error> {
                let mut first = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    first.entry(name).or_insert(value);
                }
                Ok(FirstWins(first))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

fn has_inherited(members: &Map<String, Value>) -> bool {
    members.keys().any(|name| INHERITED.contains(&name.as_str()))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, str::len)
}
