//! Keys by their id: `getApiKey`, `deleteApiKey`, and whose they are.

use serde_json::{Value, json};

use super::caller::Caller;
use super::organization::Action;
use super::verify::leak;
use super::{Model, Outcome, drop_member, refuse};
use crate::spec::config::{Config, References, Storage, same_config};
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown};
use crate::spec::operation::{DeleteKey, GetKey};

impl Model {
    /// Expired and disabled keys are shown as well.
    pub(super) fn get(&mut self, now: i64, caller: &Caller, request: &GetKey) -> Outcome<Value> {
        let user = match caller.user_id() {
            None if self.has(Fault::OrganizationAnonymousReads) && self.is_of_organization(&request.id) => None,
            None if !self.has(Fault::GetWithoutSession) => return refuse(ErrorCode::Unauthorized),
            user => user,
        };
        if request.id.is_empty() && self.has(Fault::GetEmptyIdFails) {
            return refuse(ErrorCode::FailedToUpdateApiKey);
        }
        if self.has(Fault::GetForbidden)
            && self.store.get(&request.id).is_some_and(|row| Some(row.owner.as_str()) != user)
        {
            return refuse(ErrorCode::InsufficientApiKeyPermissions);
        }
        let anyone = self.has(Fault::GetForeignKey) || user.is_none();
        if self.has(Fault::GetUnknownWrongCode) && self.store.get(&request.id).is_none() {
            return refuse(ErrorCode::ValidationError);
        }
        let (mut row, config) = self.owned(user, &request.id, request.config_id.as_deref(), anyone, Action::Get)?;
        if self.has(Fault::GetDisabledHidden) && !row.enabled {
            return refuse(ErrorCode::KeyNotFound);
        }
        if self.has(Fault::GetCountsAsUse) {
            row.last_request = Some(now);
            row.request_count = row.request_count.saturating_add(1);
            self.write(row.clone());
        }
        self.sweep(now);
        let mut shown = row.to_json(&self.edition, Shown::Read);
        if self.has(Fault::GetHashLeaked) || (config.disable_key_hashing && self.has(Fault::GetUnhashedShown)) {
            leak(&mut shown, &row);
        }
        if self.has(Fault::GetIncomplete) {
            ["expiresAt", "createdAt", "permissions", "remaining"]
                .iter()
                .for_each(|name| drop_member(Some(&mut shown), name));
        }
        Ok(shown)
    }

    /// That releases refuse banned users here (and only here) has no place: only another plugin bans users, and no setup
    /// has it.
    pub(super) fn delete(&mut self, now: i64, caller: &Caller, request: &DeleteKey) -> Outcome<Value> {
        let user = match caller.user_id() {
            None if !self.has(Fault::DeleteWithoutSession) => return refuse(ErrorCode::Unauthorized),
            user => user,
        };
        if self.was_just_deleted(&request.key_id) {
            return refuse(ErrorCode::FailedToUpdateApiKey);
        }
        let anyone = self.has(Fault::DeleteForeignKey) || user.is_none();
        if self.has(Fault::DeleteUnknownAccepted) && self.store.get(&request.key_id).is_none() {
            return Ok(json!({ "success": true }));
        }
        let (row, config) = self.owned(user, &request.key_id, request.config_id.as_deref(), anyone, Action::Delete)?;
        if self.has(Fault::DeleteDisabledRefused) && !row.enabled {
            return refuse(ErrorCode::KeyNotFound);
        }
        let ids: Vec<_> = match self.has(Fault::DeleteAllKeys) {
            true => self.store.iter().filter(|other| other.owner == row.owner).map(|other| other.id.clone()).collect(),
            false => vec![row.id.clone()],
        };
        if !self.has(Fault::DeleteNothing) {
            let faults = [Fault::VerifyDeletedAccepted, Fault::ListShowsDeleted, Fault::RestartDeletedReturn];
            let keep = faults.iter().any(|&fault| self.has(fault));
            ids.iter().for_each(|id| self.remove(&config, id, keep));
        }
        self.sweep(now);
        if config.storage == Storage::Secondary && self.has(Fault::StorageSecondaryDeleteDenied) {
            return Ok(json!({ "success": false }));
        }
        Ok(match self.has(Fault::DeleteReplyShowsKey) {
            true => json!({ "success": true, "key": row.to_json(&self.edition, Shown::Read) }),
            false => json!({ "success": true }),
        })
    }

    /// A key of this configuration, and of this user or of an organization in which the user may do this. Any other key is as unknown as one that does not exist.
    pub(super) fn owned(
        &mut self,
        user: Option<&str>,
        id: &str,
        config_id: Option<&str>,
        anyone: bool,
        action: Action,
    ) -> Outcome<(KeyRow, Config)> {
        let lookup = self.config(config_id)?.clone();
        let any = self.any_key_of(user, id);
        let id = any.as_deref().unwrap_or(id);
        let Some(row) = self.store.get_in(&self.places_to_look(&lookup), id).cloned() else {
            return refuse(ErrorCode::KeyNotFound);
        };
        self.warm(&lookup, id);
        let found = same_config(row.config_id.as_deref(), Some(lookup.id()));
        let config = self.config(row.config_id.as_deref())?.clone();
        let of_organization = || config.references == References::Organization;
        let anywhere =
            self.has(Fault::GetConfigIdIgnored) || (of_organization() && self.has(Fault::OrganizationAnyConfiguration));
        if !found && !anywhere {
            return refuse(ErrorCode::KeyNotFound);
        }
        if config.storage == Storage::Secondary && action == Action::Get && self.has(Fault::StorageSecondaryNotRead) {
            return refuse(ErrorCode::KeyNotFound);
        }
        match config.references {
            _ if anyone => {}
            // Who is no member learns that the key exists: the documentation has these refusals for organizations.
            References::Organization => self.check_member(user.unwrap_or_default(), &row.owner, action)?,
            References::User if user != Some(row.owner.as_str()) => return refuse(ErrorCode::KeyNotFound),
            References::User => {}
        }
        Ok((row, config))
    }

    /// A condition that is empty finds everything, with a fault: the first key of this user.
    fn any_key_of(&self, user: Option<&str>, id: &str) -> Option<String> {
        let faults = [Fault::GetIdOptional, Fault::DeleteIdOptional, Fault::UpdateIdOptional];
        let unasked = id.is_empty() && faults.into_iter().any(|fault| self.has(fault));
        self.store.iter().find(|row| unasked && user == Some(row.owner.as_str())).map(|row| row.id.clone())
    }

    /// Does an organization own this key?
    pub(super) fn is_of_organization(&self, id: &str) -> bool {
        let config = self.store.get(id).and_then(|row| self.config(row.config_id.as_deref()).ok());
        config.is_some_and(|config| config.references == References::Organization)
    }
}
