//! `listApiKeys`: whose keys, in which order, and which part of them.

use std::cmp::Ordering;

use super::fields::{Fields, of};
use super::js::Js;
use super::key::{Key, Row};
use super::refusal::Refusal;
use super::world::{Caller, World};

/// A page of a list.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    /// From 1.5 on a list says how many there are, and which part was asked for.
    pub(crate) total: Option<usize>,
    pub(crate) limit: Option<f64>,
    pub(crate) offset: Option<f64>,
}

impl World {
    /// `None`: nothing is said about it. That is so for keys of organizations, and for an order by what is an object.
    pub(crate) fn list(&mut self, now: i64, caller: &Caller, fields: &Fields) -> Option<Result<Page, Refusal>> {
        let Some(user) = caller.user.as_deref() else { return Some(Err(Refusal::Unauthorized)) };
        let text = |name: &str| match of(fields, name) {
            Some(Js::Text(text)) if !text.is_empty() || name == "sortBy" => Some(text.as_str()),
            _ => None,
        };
        let number = |name: &str| match of(fields, name) {
            Some(Js::Number(number)) => Some(*number),
            _ => None,
        };
        if text("organizationId").is_some() {
            return None;
        }
        let is_asked_for = |key: &&Key| key.owner == user && text("configId").is_none_or(|id| key.config == id);
        let mut keys: Vec<&Key> = self.keys.iter().filter(is_asked_for).collect();
        match text("sortBy") {
            None => {}
            Some("permissions" | "metadata") => return None,
            Some(column) => {
                let Some(order) = order(column) else { return Some(Err(Refusal::Invalid)) };
                let falls = text("sortDirection") == Some("desc");
                keys.sort_by(|a, b| if falls { order(b, a) } else { order(a, b) });
            }
        }
        let (total, limit, offset) = (keys.len(), number("limit"), number("offset"));
        let page = keys.into_iter().skip(offset.unwrap_or(0.0) as usize).take(limit.unwrap_or(f64::MAX) as usize);
        let rows = page.map(|key| key.row(self.release, true)).collect();
        self.sweep(now);
        Some(Ok(Page { rows, total: (self.release >= (1, 5, 0)).then_some(total), limit, offset }))
    }
}

/// The order by a column: nothing comes first. `None`: there is no such column to sort by.
fn order(column: &str) -> Option<fn(&Key, &Key) -> Ordering> {
    Some(match column {
        "id" => |a, b| a.id.cmp(&b.id),
        "configId" => |a, b| a.config.cmp(&b.config),
        "referenceId" => |a, b| a.owner.cmp(&b.owner),
        "name" => |a, b| a.name.cmp(&b.name),
        "start" => |a, b| a.start.cmp(&b.start),
        "prefix" => |a, b| a.prefix.cmp(&b.prefix),
        "enabled" => |a, b| a.enabled.cmp(&b.enabled),
        "rateLimitEnabled" => |a, b| a.limited.cmp(&b.limited),
        "rateLimitTimeWindow" => |a, b| numbers(Some(a.window), Some(b.window)),
        "rateLimitMax" => |a, b| numbers(Some(a.uses), Some(b.uses)),
        "requestCount" => |a, b| a.count.cmp(&b.count),
        "remaining" => |a, b| numbers(a.remaining, b.remaining),
        "refillAmount" => |a, b| numbers(a.refill_amount, b.refill_amount),
        "refillInterval" => |a, b| numbers(a.refill_interval, b.refill_interval),
        "lastRefillAt" => |a, b| a.refilled.cmp(&b.refilled),
        "lastRequest" => |a, b| a.used.cmp(&b.used),
        "expiresAt" => |a, b| a.expires.cmp(&b.expires),
        "createdAt" => |a, b| a.created.cmp(&b.created),
        "updatedAt" => |a, b| a.updated.cmp(&b.updated),
        _ => return None,
    })
}

fn numbers(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}
