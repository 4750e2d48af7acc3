//! The removal of expired keys.

use serde_json::{Value, json};

use super::Model;
use super::store::Place;
use crate::spec::fault::Fault;

/// The automatic sweep runs at most once in this many milliseconds.
const COOL_DOWN: i64 = 10_000;

/// When the last sweep was. Each deployment has its own (the releases share one among all deployments of a process,
/// which nothing but a defect can show).
#[derive(Debug, Clone, Default)]
pub(super) struct Sweep {
    last: Option<i64>,
}

impl Model {
    /// The sweep that comes along with most operations.
    pub(super) fn sweep(&mut self, now: i64) {
        let cooling = self.sweep.last.is_some_and(|last| now.saturating_sub(last) < COOL_DOWN);
        if !cooling && !self.has(Fault::SweepAutomaticNever) {
            self.remove_expired(now);
        }
    }

    /// `deleteAllExpiredApiKeys`: a sweep without regard to the cool-down, which starts anew.
    pub(super) fn delete_all_expired(&mut self, now: i64) -> Value {
        match () {
            () if self.has(Fault::SweepNever) => {}
            () if self.has(Fault::SweepOnDemandCoolsDown) => self.sweep(now),
            () => self.remove_expired(now),
        }
        json!({ "success": !self.has(Fault::SweepReportsFailure), "error": null })
    }

    fn remove_expired(&mut self, now: i64) {
        self.sweep.last = Some(now);
        // Secondary storage forgets by itself.
        let expired: Vec<_> = self
            .store
            .stored()
            .filter(|stored| stored.places.contains(&Place::Database))
            .map(|stored| &stored.row)
            .filter(|row| match row.expires_at {
                Some(expires_at) => expires_at < now || self.has(Fault::SweepUnexpired),
                None => self.has(Fault::SweepEternal),
            })
            .map(|row| row.id.clone())
            .collect();
        for id in expired {
            self.store.remove(&id, false);
        }
    }
}
