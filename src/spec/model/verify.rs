//! `verifyApiKey`, and the verification that sessions from keys share with it.

use serde_json::{Value, json};

use super::quota::Quota;
use super::rate_limit::RateLimit;
use super::{Model, Outcome, Refusal, js_length, refuse};
use crate::spec::config::{Config, same_config};
use crate::spec::edition::Behaviour;
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown};
use crate::spec::operation::VerifyKey;
use crate::spec::permission::Permissions;

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
        let scoped = request.config_id.is_some();
        let one_config = !self.edition.has(Behaviour::OwnerIsReferenceId);
        if self.edition.has(Behaviour::ShortKeysAreNotFound) && js_length(&request.key) < lookup.default_key_length {
            return Ok(self.invalid(&ErrorCode::InvalidApiKey.into(), Surface::VerifyGuard));
        }
        // Named, or the only one there is: the validator comes before the look-up. Otherwise the key says which one.
        let validator_first = scoped || one_config;
        if validator_first && self.validator_refuses(&lookup, &request.key) {
            return Ok(self.invalid(&ErrorCode::InvalidApiKey.into(), Surface::VerifyGuard));
        }
        let wanted = Wanted {
            key: &request.key,
            lookup: &lookup,
            config_id: request.config_id.as_deref().filter(|_| !one_config && !self.has(Fault::VerifyConfigIdIgnored)),
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
                json!({ "valid": true, "error": null, "key": key })
            }
            Err(refusal) => self.invalid(&refusal, Surface::Verify),
        })
    }

    fn invalid(&self, refusal: &Refusal, surface: Surface) -> Value {
        refusal.code.wire(&self.edition, surface).verify_result(refusal.details.as_ref())
    }

    pub(super) fn validator_refuses(&self, config: &Config, key: &str) -> bool {
        // An asynchronous validator means the same: that its promise once counted as "yes" is a defect.
        config.validator.is_some_and(|validator| !validator.accepts(key)) && !self.has(Fault::VerifyValidatorSkipped)
    }

    /// Verifies a key and counts the use. The order of the checks is part of the spec.
    pub(super) fn use_key(&mut self, now: i64, wanted: &Wanted<'_>) -> Outcome<KeyRow> {
        let Some(row) = self.find_key(wanted) else {
            return refuse(match self.has(Fault::VerifyUnknownWrongCode) {
                true => ErrorCode::KeyDisabled,
                false => ErrorCode::InvalidApiKey,
            });
        };
        if wanted.config_id.is_some() && !same_config(row.config_id.as_deref(), wanted.config_id) {
            return refuse(ErrorCode::InvalidApiKey);
        }
        let config = self.config(row.config_id.as_deref())?.clone();
        if wanted.ask_validator && self.validator_refuses(&config, wanted.key) {
            return refuse(ErrorCode::KeyNotFound);
        }
        if self.has(Fault::VerifyExpiredBeforeDisabled) {
            self.refuse_expired(now, &row)?;
        }
        if !row.enabled && !self.has(Fault::VerifyDisabledAccepted) {
            return refuse(ErrorCode::KeyDisabled);
        }
        self.refuse_expired(now, &row)?;
        if let Some(required) = wanted.permissions
            && !self.grants(row.permissions.as_ref(), required)
        {
            if self.has(Fault::VerifyPermissionsBurnUsage) {
                self.count_use(now, &row, &config)?;
            }
            return refuse(ErrorCode::KeyNotFound);
        }
        self.count_use(now, &row, &config)
    }

    fn find_key(&self, wanted: &Wanted<'_>) -> Option<KeyRow> {
        let stored = self.stored_form(wanted.lookup, wanted.key);
        let mut found = self.store.find_key(&stored);
        if self.has(Fault::VerifyHashAccepted) {
            found = found.or_else(|| self.store.find_key(wanted.key));
        }
        if self.has(Fault::VerifyDeletedAccepted) {
            found = found.or_else(|| self.store.find_removed(&stored));
        }
        found.cloned()
    }

    /// In the very millisecond of `expiresAt` a key is still valid.
    fn refuse_expired(&mut self, now: i64, row: &KeyRow) -> Outcome<()> {
        let expired = row
            .expires_at
            .is_some_and(|expires_at| now > expires_at || (self.has(Fault::VerifyExpiryOffByOne) && now == expires_at));
        if !expired || self.has(Fault::VerifyExpiredAccepted) {
            return Ok(());
        }
        if !self.has(Fault::VerifyExpiredKept) {
            self.store.remove(&row.id, false);
        }
        refuse(ErrorCode::KeyExpired)
    }

    fn grants(&self, granted: Option<&Permissions>, required: &Permissions) -> bool {
        let Some(granted) = granted else { return self.has(Fault::VerifyPermissionsNoneIsAll) };
        if self.has(Fault::VerifyPermissionsUnchecked) {
            return true;
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
        granted.authorize(required, &self.edition)
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
        let quota = self.quota(now, row);
        match quota {
            Quota::Spent => {
                // "If the remaining count is 0, then the API key is disabled & removed", on the use after the last.
                if !self.has(Fault::QuotaExhaustedKept) {
                    self.store.remove(&row.id, false);
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
        match self.rate_limit(now, row, config) {
            RateLimit::Denied { try_again_in } => {
                let mut denied = row.clone();
                if self.has(Fault::QuotaBurntWhenRateLimited) {
                    denied = used;
                }
                if self.has(Fault::RateLimitRefusalMovesWindow) {
                    denied.last_request = Some(now);
                }
                self.write(denied);
                let shows_wait = self.edition.has(Behaviour::RateLimitedHasDetails);
                let details = shows_wait.then(|| json!({ "tryAgainIn": try_again_in as i64 }));
                return Err(Refusal { code: ErrorCode::RateLimited, details });
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
        self.write(used.clone());
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
