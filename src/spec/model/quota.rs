//! `remaining` and its refill.

use super::Model;
use crate::spec::fault::Fault;
use crate::spec::key::KeyRow;

const DAY: f64 = 86_400_000.0;

/// What one use makes of a key's quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quota {
    /// `remaining` is null: nothing to count.
    Unlimited,
    /// What remains after the use, and when the key was refilled, if this use does it.
    Left { remaining: f64, refilled_at: Option<i64> },
    /// Used up for now: a refill will come.
    Exhausted,
    /// Used up for good: the key is removed.
    Spent,
}

impl Model {
    /// Decides without writing, so that a use that something else refuses costs nothing.
    pub(super) fn quota(&self, now: i64, row: &KeyRow) -> Quota {
        let Some(remaining) = row.remaining else {
            return match self.has(Fault::QuotaUnlimitedCapped) {
                true => Quota::Left { remaining: 9.0, refilled_at: None },
                false => Quota::Unlimited,
            };
        };
        let since_refill = now.saturating_sub(row.last_refill_at.unwrap_or(row.created_at)) as f64;
        if self.has(Fault::QuotaRefillUnasked) && remaining <= 0.0 && row.refill_amount.is_none() && since_refill > DAY
        {
            return Quota::Left { remaining: 0.0, refilled_at: Some(now) };
        }
        if self.has(Fault::QuotaNotCounted) && remaining > 0.0 {
            return Quota::Left { remaining, refilled_at: None };
        }
        let enough = if self.has(Fault::QuotaOneMore) { -1.0 } else { 0.0 };
        if remaining <= enough && row.refill_amount.is_none() {
            return Quota::Spent;
        }
        if let Some(amount) = self.refill_due(now, row) {
            let amount = if self.has(Fault::QuotaRefillAdds) { remaining + amount } else { amount };
            let refilled_at = (!self.has(Fault::QuotaRefillNotStamped)).then_some(now);
            return Quota::Left { remaining: (amount - 1.0).max(0.0), refilled_at };
        }
        if remaining <= enough {
            return if self.has(Fault::QuotaRefillableRemoved) { Quota::Spent } else { Quota::Exhausted };
        }
        // A server can give a fraction; what is left never goes below zero (a release stores -0.5 there, and the key
        // is then refused for ever without being removed).
        let floor = if self.has(Fault::QuotaOneMore) { -1.0 } else { 0.0 };
        Quota::Left { remaining: (remaining - 1.0).max(floor), refilled_at: None }
    }

    /// The amount to refill with, once the interval since the last refill (or since creation) has passed: strictly, the
    /// interval itself is still within.
    fn refill_due(&self, now: i64, row: &KeyRow) -> Option<f64> {
        let amount = row.refill_amount.filter(|&amount| amount != 0.0)?;
        let interval = row.refill_interval.filter(|&interval| interval != 0.0)?;
        let unit = if self.has(Fault::QuotaRefillSeconds) { 1000.0 } else { 1.0 };
        let passed = now.saturating_sub(row.last_refill_at.unwrap_or(row.created_at)) as f64;
        let due = passed > interval * unit || (self.has(Fault::QuotaRefillBoundary) && passed == interval * unit);
        due.then_some(amount)
    }
}
