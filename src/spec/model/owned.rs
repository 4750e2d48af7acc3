//! Keys by their id: `getApiKey`, `deleteApiKey`, and whose they are.

use serde_json::{Value, json};

use super::caller::Caller;
use super::verify::leak;
use super::{Model, Outcome, refuse};
use crate::spec::config::{Config, References, same_config};
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown};
use crate::spec::operation::{DeleteKey, GetKey};

impl Model {
    /// Expired and disabled keys are shown as well.
    pub(super) fn get(&mut self, now: i64, caller: &Caller, request: &GetKey) -> Outcome<Value> {
        let user = match caller.user_id() {
            None if !self.has(Fault::GetWithoutSession) => return refuse(ErrorCode::Unauthorized),
            user => user,
        };
        if self.has(Fault::GetForbidden)
            && self.store.get(&request.id).is_some_and(|row| Some(row.owner.as_str()) != user)
        {
            return refuse(ErrorCode::InsufficientApiKeyPermissions);
        }
        let anyone = self.has(Fault::GetForeignKey) || user.is_none();
        let (row, _) = self.owned(user, &request.id, request.config_id.as_deref(), anyone)?;
        self.sweep(now);
        let mut shown = row.to_json(&self.edition, Shown::Read);
        if self.has(Fault::GetHashLeaked) {
            leak(&mut shown, &row);
        }
        Ok(shown)
    }

    /// That releases refuse banned users here (and only here) has no place: nothing in the spec bans a user.
    pub(super) fn delete(&mut self, now: i64, caller: &Caller, request: &DeleteKey) -> Outcome<Value> {
        let user = match caller.user_id() {
            None if !self.has(Fault::DeleteWithoutSession) => return refuse(ErrorCode::Unauthorized),
            user => user,
        };
        let anyone = self.has(Fault::DeleteForeignKey) || user.is_none();
        let (row, _) = self.owned(user, &request.key_id, request.config_id.as_deref(), anyone)?;
        if !self.has(Fault::DeleteNothing) {
            self.store.remove(&row.id, self.has(Fault::VerifyDeletedAccepted));
        }
        self.sweep(now);
        Ok(json!({ "success": true }))
    }

    /// A key of this user and this configuration. Any other key is as unknown as one that does not exist.
    pub(super) fn owned(
        &self,
        user: Option<&str>,
        id: &str,
        config_id: Option<&str>,
        anyone: bool,
    ) -> Outcome<(KeyRow, Config)> {
        let lookup = self.config(config_id)?;
        let Some(row) = self.store.get(id) else { return refuse(ErrorCode::KeyNotFound) };
        if !same_config(row.config_id.as_deref(), Some(lookup.id())) {
            return refuse(ErrorCode::KeyNotFound);
        }
        let config = self.config(row.config_id.as_deref())?;
        if config.references == References::User && user != Some(row.owner.as_str()) && !anyone {
            return refuse(ErrorCode::KeyNotFound);
        }
        Ok((row.clone(), config.clone()))
    }
}
