//! `updateApiKey`.

use serde_json::Value;

use super::caller::Caller;
use super::create::{is_object, merged, within};
use super::organization::Action;
use super::secret::hash;
use super::store::Stored;
use super::verify::leak;
use super::{Model, Outcome, after_seconds, refuse};
use crate::spec::config::{Config, Storage};
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown};
use crate::spec::operation::{Field, UpdateKey};

impl Model {
    /// The order of the checks is part of the spec: the first that fails gives the answer.
    pub(super) fn update(&mut self, now: i64, caller: &Caller, request: UpdateKey) -> Outcome<Value> {
        let honoured = self.has(Fault::UpdateUserIdHonoured) && request.user_id.is_some();
        let anonymous = self.has(Fault::UpdateWithoutSession) && caller.is_client && caller.user_id().is_none();
        let user = self.updating_user(caller, &request, honoured)?;
        if self.has(Fault::UpdateUnknownWrongCode) && self.store.get(&request.key_id).is_none() {
            return refuse(ErrorCode::ValidationError);
        }
        let trusted = honoured
            || (self.has(Fault::UpdateHeadersTrusted) && !caller.over_http)
            || (self.has(Fault::SessionTrusted) && caller.key_session_json().is_some());
        let others = |row: &&KeyRow| caller.is_client && user.as_deref().is_some_and(|user| user != row.owner);
        if request.permissions != Field::Absent
            && let Some(row) = self.store.get(&request.key_id).filter(others)
            && self.has(Fault::SelfGrantUpdateOfAnother)
        {
            return Ok(row.to_json(&self.edition, Shown::Updated));
        }
        self.move_to_configuration(user.as_deref(), &request.key_id, request.config_id.as_deref());
        let owner = self.store.get(&request.key_id).map(|row| row.owner.as_str());
        let trusted = trusted || self.trusts_owner(caller, owner);
        if caller.is_client && !trusted {
            self.refuse_server_only_update(&request)?;
        }
        let nobody_named = self.has(Fault::UpdateServerOwnerOptional) && !caller.is_client && user.is_none();
        let anyone = self.has(Fault::UpdateForeignKey) || anonymous || nobody_named;
        let config_id = request.config_id.as_deref();
        let (old, config) = self.owned(user.as_deref(), &request.key_id, config_id, anyone, Action::Update)?;
        let mut new = old.clone();
        let changed = match self.set_values(now, &config, &mut new, &request) {
            Err(refusal) if refusal.code == ErrorCode::InvalidNameLength && self.has(Fault::UpdateRefusedWrites) => {
                self.write(KeyRow { name: request.name, ..old });
                return Err(refusal);
            }
            changed => changed?,
        };
        if !changed && !self.has(Fault::UpdateNothingAccepted) {
            return refuse(ErrorCode::NoValuesToUpdate);
        }
        // Documentation: `updatedAt` is "the date and time the API key was updated". Releases that store keys in a
        // database leave it alone here, and set it when a key is verified.
        new.updated_at = now;
        if self.has(Fault::UpdateResetsCounter) {
            new.request_count = 0;
            new.last_request = None;
        }
        let mut shown = new.to_json(&self.edition, Shown::Updated);
        if self.has(Fault::UpdateHashLeaked) {
            leak(&mut shown, &new);
        }
        if self.has(Fault::UpdateChangesKey) {
            self.store.remove(&new.id, false);
            new.key = hash(&new.key);
            let places = self.places_to_write(&config);
            self.store.insert(Stored { row: new, places });
        } else if !(self.has(Fault::StorageSecondaryUpdateLost) && config.storage == Storage::Secondary) {
            self.write(new);
        }
        self.sweep(now);
        Ok(shown)
    }

    /// Whose keys may be updated. A client acts for its session's user; naming that user is allowed, another is not.
    fn updating_user(&self, caller: &Caller, request: &UpdateKey, honoured: bool) -> Outcome<Option<String>> {
        let asked = request.user_id.as_deref().filter(|id| !id.is_empty());
        match (caller.user_id(), asked) {
            (_, Some(asked)) if honoured => Ok(Some(asked.to_owned())),
            (Some(user), Some(asked)) if user != asked => refuse(ErrorCode::UnauthorizedSession),
            (Some(user), _) => Ok(Some(user.to_owned())),
            (None, Some(asked)) if !caller.is_client => Ok(Some(asked.to_owned())),
            (None, _) if self.has(Fault::UpdateWithoutSession) && caller.is_client => Ok(None),
            (None, _) if self.has(Fault::UpdateServerOwnerOptional) && !caller.is_client => Ok(None),
            (None, _) => refuse(ErrorCode::UnauthorizedSession),
        }
    }

    /// What only the server may set. The documentation of every line calls `enabled`, `expiresIn` and `metadata`
    /// server-only as well, but no release refuses them, the lists of client-side fields of its own clients have them,
    /// and an owner can do the same by deleting the key and making another: the releases are followed.
    fn refuse_server_only_update(&self, request: &UpdateKey) -> Outcome<()> {
        let rate_limit = request.rate_limit_max.is_some()
            || request.rate_limit_time_window.is_some()
            || request.rate_limit_enabled.is_some();
        let remaining = request.remaining.is_some();
        let server_only = request.refill_amount.is_some()
            || request.refill_interval.is_some()
            || (remaining && !self.has(Fault::UpdateClientRemainingAccepted))
            || (rate_limit && !self.has(Fault::UpdateClientRateLimitAccepted))
            || (request.permissions != Field::Absent
                && !self.has(Fault::UpdateClientPermissionsAccepted)
                && !self.lets_update_grant(request));
        if server_only { refuse(ErrorCode::ServerOnlyProperty) } else { Ok(()) }
    }

    /// Creating is the only way to grant oneself permissions: a fault opens this one.
    fn lets_update_grant(&self, request: &UpdateKey) -> bool {
        let Some(config) = self.configs.resolve(request.config_id.as_deref()) else { return false };
        let own = &config.client_permissions;
        own.allowed
            && match &request.permissions {
                Field::Set(_) if self.has(Fault::SelfGrantUpdateOpen) => true,
                Field::Set(wish) if self.has(Fault::SelfGrantUpdateWithin) => {
                    own.maximum.as_ref().is_none_or(|ceiling| wish.is_within(ceiling))
                }
                Field::Null => self.has(Fault::SelfGrantUpdateClears),
                _ => false,
            }
    }

    /// Sets what the request names, and tells whether it names anything.
    fn set_values(&self, now: i64, config: &Config, row: &mut KeyRow, request: &UpdateKey) -> Outcome<bool> {
        let mut changed = false;
        if let Some(name) = &request.name {
            let fits = within(name, config.minimum_name_length, config.maximum_name_length);
            if !fits && !self.has(Fault::UpdateNameUnchecked) {
                return refuse(ErrorCode::InvalidNameLength);
            }
            row.name = Some(name.clone());
            changed = true;
        } else if self.has(Fault::UpdateClearsName) {
            row.name = None;
        }
        if let Some(enabled) = request.enabled {
            if !self.has(Fault::UpdateEnabledIgnored) {
                row.enabled = enabled;
            }
            changed = true;
        }
        if request.expires_in != Field::Absent {
            if config.key_expiration.disable_custom_expires_time {
                return refuse(ErrorCode::KeyDisabledExpiration);
            }
            if let Field::Set(seconds) = request.expires_in {
                if !self.has(Fault::UpdateExpiryUnchecked) {
                    self.check_expiry(config, seconds)?;
                }
                let unit = if self.has(Fault::UpdateExpiresInMilliseconds) { 1000.0 } else { 1.0 };
                row.expires_at = Some(after_seconds(now, seconds / unit));
            } else if !self.has(Fault::UpdateExpiresNullIgnored) {
                row.expires_at = None;
            }
            changed = true;
        }
        if request.metadata != Field::Absent && (config.enable_metadata || self.has(Fault::UpdateMetadataWhenDisabled))
        {
            changed |= self.set_metadata(row, &request.metadata)?;
        }
        if let Some(remaining) = request.remaining {
            if !self.has(Fault::UpdateRemainingLost) {
                row.remaining = Some(remaining);
            }
            changed = true;
        }
        changed |= set_refill(row, request)?;
        if let Some(enabled) = request.rate_limit_enabled {
            row.rate_limit_enabled = enabled;
            changed = true;
        }
        if let Some(window) = request.rate_limit_time_window {
            row.rate_limit_time_window = Some(window);
            changed = true;
        }
        if let Some(maximum) = request.rate_limit_max {
            row.rate_limit_max = Some(maximum);
            changed = true;
        }
        match &request.permissions {
            Field::Absent => return Ok(changed),
            Field::Null if self.has(Fault::UpdatePermissionsNullIgnored) => {}
            Field::Null => row.permissions = None,
            Field::Set(permissions) if self.has(Fault::UpdatePermissionsMerged) => {
                row.permissions = Some(merged(row.permissions.take(), permissions.clone()));
            }
            Field::Set(permissions) => row.permissions = Some(permissions.clone()),
        }
        Ok(true)
    }

    fn set_metadata(&self, row: &mut KeyRow, metadata: &Field<Value>) -> Outcome<bool> {
        let new = match metadata {
            Field::Set(value) if !is_object(value) && !self.has(Fault::UpdateMetadataTypeUnchecked) => {
                return refuse(ErrorCode::InvalidMetadataType);
            }
            Field::Set(value) => value.clone(),
            Field::Null | Field::Absent => Value::Null,
        };
        if !self.has(Fault::UpdateMetadataLost) {
            row.metadata = new;
        }
        Ok(true)
    }
}

/// Amount and interval come together, whatever their values.
fn set_refill(row: &mut KeyRow, request: &UpdateKey) -> Outcome<bool> {
    match (request.refill_amount, request.refill_interval) {
        (None, None) => Ok(false),
        (Some(_), None) => refuse(ErrorCode::RefillAmountAndIntervalRequired),
        (None, Some(_)) => refuse(ErrorCode::RefillIntervalAndAmountRequired),
        (amount, interval) => {
            row.refill_amount = amount;
            row.refill_interval = interval;
            Ok(true)
        }
    }
}
