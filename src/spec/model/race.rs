//! Requests at the same time: what a request has read before it waits, and no longer holds when it writes.
//!
//! A sound model decides and writes in one go. Only faults let time pass in between, and lose what others wrote.

use std::collections::HashMap;

use super::Model;
use crate::spec::fault::Fault;
use crate::spec::key::KeyRow;
use crate::spec::request::{Reply, Request};

/// The faults that lose what others write.
const RACES: &[Fault] = &[
    Fault::QuotaNotAtomic,
    Fault::RateLimitNotAtomic,
    Fault::QuotaRefillNotAtomic,
    Fault::CreateAtOnceFails,
    Fault::DeleteRaceFails,
];

/// All keys as one request found them.
#[derive(Debug, Clone, Default)]
pub struct Seen(HashMap<String, KeyRow>);

impl Seen {
    /// Was there a key of this id?
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }
}

impl Model {
    /// What a request that comes now reads before it has to wait. `None`: it reads when it writes.
    pub fn look(&self) -> Option<Seen> {
        self.races().then(|| Seen(self.store.iter().map(|row| (row.id.clone(), row.clone())).collect()))
    }

    /// Does time pass between what a request reads and what it writes?
    pub fn races(&self) -> bool {
        // Every request asks this; a fault is come to only where what was seen is used.
        RACES.iter().any(|&fault| self.faults.has(fault))
    }

    /// Answers a request that looked some time ago.
    pub fn apply_late(&mut self, now: i64, request: &Request, seen: Option<Seen>) -> Reply {
        self.seen = seen;
        let reply = self.apply(now, request);
        self.seen = None;
        reply
    }

    /// The row with the quota that the request has seen.
    pub(super) fn with_quota_seen(&self, row: &KeyRow) -> KeyRow {
        let always = self.has(Fault::QuotaNotAtomic);
        let due = self.has(Fault::QuotaRefillNotAtomic);
        match self.seen(row).filter(|seen| always || (due && seen.last_refill_at != row.last_refill_at)) {
            Some(seen) => KeyRow { remaining: seen.remaining, last_refill_at: seen.last_refill_at, ..row.clone() },
            None => row.clone(),
        }
    }

    /// The row with the count of uses that the request has seen.
    pub(super) fn with_count_seen(&self, row: &KeyRow) -> KeyRow {
        let stale = self.has(Fault::RateLimitNotAtomic);
        match self.seen(row).filter(|_| stale) {
            Some(seen) => KeyRow { request_count: seen.request_count, last_request: seen.last_request, ..row.clone() },
            None => row.clone(),
        }
    }

    fn seen(&self, row: &KeyRow) -> Option<&KeyRow> {
        self.seen.as_ref()?.0.get(&row.id)
    }
}
