//! What of a deployment outlives it: everything but its options.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Model;
use super::account::Accounts;
use super::organization::Organizations;
use super::secret::Secrets;
use super::store::{Place, Store, Stored};
use crate::spec::fault::Fault;
use crate::spec::key::KeyRow;
use crate::spec::permission::Permissions;

/// What was saved cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("not the data of a deployment: {0}")]
pub struct Unreadable(#[from] serde_json::Error);

#[derive(Serialize, Deserialize)]
struct Saved {
    secrets: Secrets,
    accounts: Accounts,
    organizations: Organizations,
    keys: Vec<Stored>,
    /// Options are no data: only a fault keeps them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ceilings: Vec<Option<Permissions>>,
}

impl Model {
    /// The data of the deployment.
    ///
    /// # Errors
    /// None that is known of: what the model holds can be written as JSON.
    pub fn save(&self) -> Result<Value, Unreadable> {
        let mut keys: Vec<Stored> = self.store.stored().cloned().collect();
        if self.has(Fault::RestartDeletedReturn) {
            let places = [Place::Database].into();
            keys.extend(self.store.removed().map(|row| Stored { row: row.clone(), places: Clone::clone(&places) }));
        }
        let secrets = self.secrets.clone();
        let (accounts, organizations) = (self.accounts.clone(), self.organizations.clone());
        let mut ceilings = Vec::new();
        if self.has(Fault::SelfGrantRestartKeepsCeiling) {
            ceilings.extend(self.configs.iter().map(|config| config.client_permissions.maximum.clone()));
        }
        Ok(serde_json::to_value(Saved { secrets, accounts, organizations, keys, ceilings })?)
    }

    /// Goes on with the data of another deployment, instead of its own.
    ///
    /// # Errors
    /// What is not such data is refused, and changes nothing.
    pub fn restore(&mut self, saved: Value) -> Result<(), Unreadable> {
        let Saved { secrets, accounts, organizations, keys, ceilings } = serde_json::from_value(saved)?;
        for (config, ceiling) in self.configs.iter_mut().zip(ceilings) {
            config.client_permissions.maximum = ceiling;
        }
        (self.secrets, self.accounts, self.organizations) = (secrets, accounts, organizations);
        self.accounts.index();
        self.store = Store::default();
        self.restored = true;
        for mut stored in keys {
            if self.survives(&mut stored.row) {
                self.store.insert(stored);
            }
        }
        Ok(())
    }

    /// Every row survives as it is, but for what faults make of it.
    fn survives(&self, row: &mut KeyRow) -> bool {
        if self.has(Fault::RestartCountersLost) {
            row.request_count = 0;
            row.last_request = None;
        }
        self.take_options(row);
        if self.has(Fault::RestartRemainingLost) {
            row.remaining = None;
        }
        if self.has(Fault::RestartPermissionsLost) {
            row.permissions = None;
        }
        if self.has(Fault::RestartExpiryLost) {
            row.expires_at = None;
        }
        if self.has(Fault::RestartMetadataLost) {
            row.metadata = Value::Null;
        }
        row.enabled |= self.has(Fault::RestartEnables);
        !self.has(Fault::RestartKeysLost)
    }
}
