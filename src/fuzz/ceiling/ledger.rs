//! What a request may store, written down without the algebra that keeps it: texts are read by the naive reader, and
//! permissions are sets of pairs.

use std::collections::{BTreeMap, BTreeSet};

use crate::fuzz::naive::js::Js;
use crate::fuzz::naive::json;
use crate::spec::key::KeyRow;
use crate::spec::permission::Permissions;
use crate::spec::walk::{Rules, Wish};

/// Resources with their actions.
pub(super) type Grant = BTreeMap<String, BTreeSet<String>>;

/// Who sends a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum By {
    /// A signed-in user, by id.
    User(String),
    /// A key as a session: its owner, its own id, and what it holds.
    Key {
        user: String,
        id: String,
        held: Grant,
    },
    Nobody,
}

pub(super) fn of_wish(wish: &Wish) -> Grant {
    // Of equal names the last counts.
    let one = |(resource, actions): &(&'static str, Vec<&'static str>)| {
        ((*resource).to_owned(), actions.iter().map(|action| (*action).to_owned()).collect())
    };
    wish.iter().map(one).collect()
}

pub(super) fn of_permissions(permissions: &Permissions) -> Grant {
    permissions.0.iter().map(|(resource, actions)| (resource.clone(), actions.iter().cloned().collect())).collect()
}

/// The permissions that a text asks for; `None` where it names none.
pub(super) fn asked(body: &[u8]) -> Option<Grant> {
    let body = json::read(body).ok()?;
    let Js::Object(members) = body.get("permissions")? else { return Some(Grant::new()) };
    let actions = |actions: &Js| match actions {
        Js::List(items) => items.iter().filter_map(Js::text).collect(),
        _ => BTreeSet::new(),
    };
    let is_own = |(name, _): &&(String, Js)| name != "__proto__";
    Some(members.iter().filter(is_own).map(|(resource, list)| (resource.clone(), actions(list))).collect())
}

/// Is every resource there, with every action?
pub(super) fn is_within(grant: &Grant, bound: &Grant) -> bool {
    grant.iter().all(|(resource, actions)| bound.get(resource).is_some_and(|held| actions.is_subset(held)))
}

/// May a client have made this key, under these rules, by asking for this? A key that asks passes on no more than it holds.
///
/// # Errors
/// What is above.
pub(super) fn made_by_client(row: &KeyRow, rules: &Rules, by: &By, asked: Option<&Grant>) -> Result<(), String> {
    let has = row.permissions.as_ref().map(of_permissions);
    let defaults = rules.defaults.as_ref().map(of_wish);
    let wrong = |why: &str| Err(format!("{why}: {has:?} by {by:?}, asked for {asked:?} under {rules:?}"));
    let grant = has.clone().unwrap_or_default();
    match asked {
        Some(_) if !rules.allowed => return wrong("granted though clients may not ask"),
        Some(asked) => {
            let most = rules.maximum.as_ref().map(of_wish);
            if most.is_some_and(|most| !is_within(&grant, &most)) {
                return wrong("above the ceiling");
            }
            if !is_within(&grant, asked) || has.is_none() {
                return wrong("not what was asked for");
            }
            if !rules.clamps && grant != *asked {
                return wrong("only a part of what was asked for");
            }
        }
        None => {
            let clamps = rules.clamps && matches!(by, By::Key { .. });
            let is_default =
                has == defaults || (clamps && defaults.is_some_and(|defaults| is_within(&grant, &defaults)));
            if !is_default {
                return wrong("not the defaults");
            }
        }
    }
    match by {
        By::Key { held, .. } if rules.allowed && !is_within(&grant, held) => wrong("above what the key holds"),
        By::Nobody => wrong("made by nobody"),
        _ => Ok(()),
    }
}

/// Is all that only the server may set as the options have it?
///
/// # Errors
/// What is not.
pub(super) fn is_plain(row: &KeyRow, now: i64) -> Result<(), String> {
    let expires = row.expires_at.map(|expires_at| (expires_at - now) as f64 / 86_400_000.0);
    let checks = [
        ("remaining", row.remaining.is_none()),
        ("refillAmount", row.refill_amount.is_none()),
        ("refillInterval", row.refill_interval.is_none()),
        ("rateLimitMax", row.rate_limit_max == Some(10.0)),
        ("rateLimitTimeWindow", row.rate_limit_time_window == Some(86_400_000.0)),
        ("rateLimitEnabled", !row.rate_limit_enabled),
        ("enabled", row.enabled),
        ("requestCount", row.request_count == 0 && row.last_request.is_none()),
        ("metadata", row.metadata.is_null()),
        ("expiresAt", expires.is_none_or(|days| (1.0..=365.0).contains(&days))),
        ("name", row.name.as_ref().is_none_or(|name| name.encode_utf16().count() <= 32)),
        ("prefix", row.prefix.as_ref().is_none_or(|prefix| (1..=32).contains(&prefix.len()))),
    ];
    match checks.into_iter().find(|(_, is_right)| !is_right) {
        Some((name, _)) => Err(format!("a client has set `{name}`: {row:?}")),
        None => Ok(()),
    }
}

/// Changed only where a client may: its name, whether it is on, and when it expires.
///
/// # Errors
/// The rows that differ in more.
pub(super) fn is_kept(old: &KeyRow, new: &KeyRow) -> Result<(), String> {
    let mut as_old = new.clone();
    as_old.name.clone_from(&old.name);
    (as_old.enabled, as_old.expires_at, as_old.updated_at) = (old.enabled, old.expires_at, old.updated_at);
    if as_old == *old { Ok(()) } else { Err(format!("a client changed {old:?} to {new:?}")) }
}
