//! `verifyApiKey`, and the verification that sessions from keys share with it.

use serde_json::{Value, json};

use super::create::merged;
use super::quota::Quota;
use super::rate_limit::RateLimit;
use super::secret::hash;
use super::{Model, Outcome, Refusal, drop_member, js_length, refuse};
use crate::spec::config::{Config, References, Storage, Validator, same_config};
use crate::spec::edition::Behaviour;
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown, js_number};
use crate::spec::operation::VerifyKey;
use crate::spec::permission::Permissions;

/// Names that every object of JavaScript knows.
pub(super) const INHERITED: &[&str] =
    &["constructor", "toString", "hasOwnProperty", "__proto__", "valueOf", "isPrototypeOf"];

/// What a key is verified for.
pub(super) struct Wanted<'a> {
    pub(super) key: &'a str,
    /// The configuration whose storage and hashing find the key.
    pub(super) lookup: &'a Config,
    /// The configuration that the key must be of.
    pub(super) config_id: Option<&'a str>,
    pub(super) permissions: Option<&'a Permissions>,
    /// Whether the custom validator of the key's own configuration is to be asked.
    pub(super) ask_validator: bool,
}

impl Model {
    /// A refusal is a result here, not an error: only a missing default configuration is one.
    pub(super) fn verify(&mut self, now: i64, request: &VerifyKey) -> Outcome<Value> {
        let lookup = self.config(request.config_id.as_deref())?.clone();
        let odd = request.key.is_empty() || request.key.len() > 1000 || request.key.contains(char::is_control);
        if odd && self.has(Fault::VerifyHostileTextFails) {
            return refuse(ErrorCode::FailedToUpdateApiKey);
        }
        let scoped = request.config_id.is_some();
        let one_config = !self.edition.has(Behaviour::OwnerIsReferenceId);
        if self.edition.has(Behaviour::ShortKeysAreNotFound) && js_length(&request.key) < lookup.default_key_length {
            return Ok(self.invalid(&ErrorCode::InvalidApiKey.into(), Surface::VerifyGuard));
        }
        // Named, or up to 1.6.12: the validator comes before the look-up. Otherwise the key says which one.
        let validator_first = scoped || !self.edition.has(Behaviour::ValidatorFollowsLookUp);
        if validator_first && self.validator_refuses(&lookup, &request.key) {
            return Ok(self.invalid(&ErrorCode::InvalidApiKey.into(), Surface::VerifyGuard));
        }
        let mut scope = request.config_id.as_deref().filter(|_| !one_config && !self.has(Fault::VerifyConfigIdIgnored));
        if self.has(Fault::VerifyUnknownConfigurationIsDefault) {
            scope = scope.map(|_| lookup.id());
        }
        if self.has(Fault::VerifyUnscopedIsDefault) && !scoped {
            scope = Some(lookup.id());
        }
        let wanted = Wanted {
            key: &request.key,
            lookup: &lookup,
            config_id: scope,
            permissions: request.permissions.as_ref(),
            ask_validator: !validator_first,
        };
        let verified = self.use_key(now, &wanted);
        Ok(match verified {
            Ok(row) => {
                if self.edition.has(Behaviour::VerifySweeps) {
                    self.sweep(now);
                }
                let mut key = row.to_json(&self.edition, Shown::Read);
                if self.has(Fault::VerifyKeyLeaked) {
                    leak(&mut key, &row);
                }
                if self.has(Fault::VerifyOwnerHidden) {
                    drop_member(Some(&mut key), self.edition.owner_field());
                }
                if self.has(Fault::VerifyMetadataHidden) {
                    drop_member(Some(&mut key), "metadata");
                }
                json!({ "valid": true, "error": null, "key": key })
            }
            // Some lines keep to themselves here what a session from the key is told.
            Err(refusal) if !self.edition.has(Behaviour::RateLimitedHasDetails) => {
                self.invalid(&refusal.code.into(), Surface::Verify)
            }
            Err(refusal) => self.invalid(&refusal, Surface::Verify),
        })
    }

    fn invalid(&self, refusal: &Refusal, surface: Surface) -> Value {
        let mut result = refusal.code.wire(&self.edition, surface).verify_result(refusal.details.as_ref());
        if self.has(Fault::VerifyResultWithoutError) {
            drop_member(Some(&mut result), "error");
        }
        result
    }

    pub(super) fn validator_refuses(&self, config: &Config, key: &str) -> bool {
        // An asynchronous validator means the same: that its promise once counted as consent is a defect.
        let skipped = |validator| {
            self.has(Fault::VerifyValidatorSkipped)
                || (self.has(Fault::VerifyAsyncValidatorSkipped) && validator == Validator::AsyncStartsWithOk)
        };
        config.validator.is_some_and(|validator| !validator.accepts(key) && !skipped(validator))
    }

    /// Verifies a key and counts the use. The order of the checks is part of the spec.
    pub(super) fn use_key(&mut self, now: i64, wanted: &Wanted<'_>) -> Outcome<KeyRow> {
        let Some(row) = self.find_key(wanted) else {
            return refuse(match self.has(Fault::VerifyUnknownWrongCode) {
                true => ErrorCode::KeyDisabled,
                false => ErrorCode::InvalidApiKey,
            });
        };
        self.warm(wanted.lookup, &row.id);
        if wanted.config_id.is_some() && !same_config(row.config_id.as_deref(), wanted.config_id) {
            return refuse(ErrorCode::InvalidApiKey);
        }
        if self.has(Fault::VerifyNewKeyRefused) && now == row.created_at {
            return refuse(ErrorCode::InvalidApiKey);
        }
        let config = self.config(row.config_id.as_deref())?.clone();
        if config.references == References::Organization && self.has(Fault::OrganizationKeysRefused) {
            return refuse(ErrorCode::InvalidApiKey);
        }
        if wanted.ask_validator && self.validator_refuses(&config, wanted.key) {
            return refuse(ErrorCode::KeyNotFound);
        }
        if self.has(Fault::VerifyExpiredBeforeDisabled) {
            self.refuse_expired(now, &row, &config)?;
        }
        if !row.enabled && !self.has(Fault::VerifyDisabledAccepted) {
            return refuse(ErrorCode::KeyDisabled);
        }
        self.refuse_expired(now, &row, &config)?;
        if wanted.permissions.is_none() && row.permissions.is_none() && self.has(Fault::VerifyPermissionsAlwaysRequired)
        {
            return refuse(ErrorCode::KeyNotFound);
        }
        if let Some(required) = wanted.permissions
            && self.has(Fault::VerifyInheritedNamesFail)
            && required.0.keys().any(|name| INHERITED.contains(&name.as_str()))
        {
            return refuse(ErrorCode::InvalidApiKey);
        }
        let siblings;
        let mut granted = row.permissions.as_ref();
        if self.has(Fault::VerifySiblingPermissions) {
            siblings = self.permissions_of_owner(&row.owner);
            granted = Some(&siblings);
        }
        if let Some(required) = wanted.permissions
            && !self.grants(granted, required)
        {
            if self.has(Fault::VerifyPermissionsBurnUsage) {
                self.count_use(now, &row, &config)?;
            }
            return refuse(ErrorCode::KeyNotFound);
        }
        self.count_use(now, &row, &config)
    }

    fn find_key(&self, wanted: &Wanted<'_>) -> Option<KeyRow> {
        let stored = match self.has(Fault::VerifyUnhashedMixedUp) {
            true => hash(wanted.key),
            false => self.stored_form(wanted.lookup, wanted.key),
        };
        let places = self.places_to_look(wanted.lookup);
        let mut found = self.store.find_key(&places, &stored);
        if self.has(Fault::VerifyHashAccepted) {
            found = found.or_else(|| self.store.find_key(&places, wanted.key));
        }
        if self.has(Fault::VerifyDeletedAccepted) {
            found = found.or_else(|| self.store.find_removed(&stored));
        }
        let any_key = self.has(Fault::VerifyInputOptional) || self.has(Fault::VerifyInputTypeUnchecked);
        if any_key && wanted.key.is_empty() {
            found = self.store.iter().find(|row| row.enabled && row.expires_at.is_none() && row.remaining.is_none());
        }
        found.cloned()
    }

    /// In the very millisecond of `expiresAt` a key is still valid.
    fn refuse_expired(&mut self, now: i64, row: &KeyRow, config: &Config) -> Outcome<()> {
        let expired = row
            .expires_at
            .is_some_and(|expires_at| now > expires_at || (self.has(Fault::VerifyExpiryOffByOne) && now == expires_at));
        if !expired || self.has(Fault::VerifyExpiredAccepted) {
            return Ok(());
        }
        if !self.has(Fault::VerifyExpiredKept) {
            self.remove(config, &row.id, false);
        }
        refuse(ErrorCode::KeyExpired)
    }

    fn grants(&self, granted: Option<&Permissions>, required: &Permissions) -> bool {
        let Some(granted) = granted else { return self.has(Fault::VerifyPermissionsNoneIsAll) };
        let waved_through = self.has(Fault::VerifyPermissionsUnchecked)
            || (self.has(Fault::VerifyEmptyRequirementPasses) && required.is_empty())
            || (self.has(Fault::VerifyInheritedNames)
                && required.0.keys().any(|name| INHERITED.contains(&name.as_str())));
        if waved_through {
            return true;
        }
        if self.has(Fault::VerifyPermissionsEqual) {
            return granted.is_equivalent(required);
        }
        if self.has(Fault::VerifyEmptyActionsPass) && !required.is_empty() {
            return required.is_within(granted);
        }
        let loosened = required.0.iter().map(|(resource, actions)| {
            let held = |action: &String| self.loosely_holds(granted, resource, action);
            (granted.actions(resource).is_some(), actions.iter().filter(|action| held(action)).count(), actions.len())
        });
        if self.has(Fault::VerifyPermissionsAny) {
            return loosened.into_iter().any(|(_, held, _)| held > 0);
        }
        if self.has(Fault::VerifyPermissionsResourceOnly) {
            return loosened.into_iter().all(|(known, _, _)| known) && !required.is_empty();
        }
        let loose =
            [Fault::VerifyPermissionsWildcard, Fault::VerifyPermissionsPrefix, Fault::VerifyPermissionsIgnoreCase];
        if loose.iter().any(|&fault| self.has(fault)) {
            return !required.is_empty() && loosened.into_iter().all(|(_, held, all)| all > 0 && held == all);
        }
        granted.authorize(required)
    }

    fn permissions_of_owner(&self, owner: &str) -> Permissions {
        let keys = self.store.iter().filter(|row| row.owner == owner);
        keys.filter_map(|row| row.permissions.clone()).fold(Permissions::default(), |all, more| merged(Some(all), more))
    }

    /// Exact comparison, but for what faults make of it.
    fn loosely_holds(&self, granted: &Permissions, resource: &str, action: &str) -> bool {
        granted.0.iter().any(|(held_resource, held_actions)| {
            let same = |a: &str, b: &str| {
                a == b || (self.has(Fault::VerifyPermissionsIgnoreCase) && a.to_lowercase() == b.to_lowercase())
            };
            same(held_resource, resource)
                && held_actions.iter().any(|held| {
                    same(held, action)
                        || (self.has(Fault::VerifyPermissionsWildcard) && held == "*")
                        || (self.has(Fault::VerifyPermissionsPrefix) && action.starts_with(held.as_str()))
                })
        })
    }

    /// Quota first, then the rate limit, as in every release; and nothing is written unless both let the use pass. (From
    /// 1.6.17 on, and up to 1.4.7, a use that the rate limit denies is taken off `remaining` all the same: a defect.)
    fn count_use(&mut self, now: i64, row: &KeyRow, config: &Config) -> Outcome<KeyRow> {
        let quota = self.quota(now, &self.with_quota_seen(row));
        match quota {
            Quota::Spent => {
                // "If the remaining count is 0, then the API key is disabled & removed", on the use after the last.
                if !self.has(Fault::QuotaExhaustedKept) {
                    self.remove(config, &row.id, false);
                }
                return refuse(ErrorCode::UsageExceeded);
            }
            Quota::Exhausted => return refuse(ErrorCode::UsageExceeded),
            Quota::Unlimited | Quota::Left { .. } => {}
        }
        let mut used = row.clone();
        if let Quota::Left { remaining, refilled_at } = quota {
            used.remaining = Some(remaining);
            used.last_refill_at = refilled_at.or(row.last_refill_at);
        }
        match self.rate_limit(now, &self.with_count_seen(row), config) {
            RateLimit::Denied { try_again_in } => {
                let mut denied = row.clone();
                // As releases have it: a use of a secondary storage alone is written in one go, and so is its refusal.
                let in_steps = config.storage != Storage::Secondary;
                if in_steps && self.has(Fault::QuotaBurntWhenRateLimited) {
                    denied = used;
                }
                if self.has(Fault::RateLimitRefusalMovesWindow) {
                    denied.last_request = Some(now);
                }
                self.write(denied);
                let details = json!({ "tryAgainIn": js_number(try_again_in) });
                return Err(Refusal { code: ErrorCode::RateLimited, details: Some(details) });
            }
            RateLimit::None => {}
            RateLimit::Off if self.has(Fault::RateLimitLastRequestNotStamped) => {}
            RateLimit::Off => used.last_request = Some(now),
            RateLimit::Counted(count) => {
                used.request_count = count;
                used.last_request = Some(now);
            }
        }
        if self.edition.has(Behaviour::VerifySetsUpdatedAt) {
            used.updated_at = now;
        }
        let lost = (config.defers_updates && self.has(Fault::StorageDeferredLost))
            || (config.storage == Storage::Secondary && self.has(Fault::StorageSecondaryUseLost))
            || (config.storage == Storage::SecondaryWithFallback && self.has(Fault::StorageFallbackUseLost));
        if !lost {
            self.write(used.clone());
        }
        Ok(used)
    }

    pub(super) fn write(&mut self, row: KeyRow) {
        if let Some(stored) = self.store.get_mut(&row.id) {
            *stored = row;
        }
    }
}

/// Shows the stored form of a key where none belongs: for faults.
pub(super) fn leak(shown: &mut Value, row: &KeyRow) {
    if let Some(members) = shown.as_object_mut() {
        members.insert("key".to_owned(), Value::from(row.key.as_str()));
    }
}
