//! The algebra of permissions is that of sets.
//!
//! Any bytes are four permissions. The laws are held against sets of resources and of (resource, action) pairs, made
//! without the algebra; and what a key of these permissions is verified for on a deployment, in every edition, against
//! the same sets.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::editions::edition;
use crate::campaign::source::{Bytes, Seeded, Source};
use crate::spec::config::Configs;
use crate::spec::edition::Edition;
use crate::spec::fault::Faults;
use crate::spec::model::Model;
use crate::spec::operation::Method;
use crate::spec::permission::Permissions;
use crate::spec::request::{Reply, Request};

/// Draws four permissions, and an edition to verify by, from the input.
pub fn run(data: &[u8]) {
    let mut source = Bytes::new(data);
    let of_edition = u8::try_from(source.below(256)).unwrap_or(0);
    let [p, q, r, s] = std::array::from_fn(|_| permissions(&mut source));
    laws(&ALGEBRA, &p, &q);
    orders(&ALGEBRA, &p, &q, &r, &s);
    writes_back(&p);
    let verified = verifies(edition(of_edition), Faults::NONE, &p, &[&q, &near(&p, &q), &p]);
    assert_eq!(verified, Ok(()));
}

/// Overlapping permissions of few names, hostile ones among them.
pub fn seeds() -> Vec<Vec<u8>> {
    let drawn = (0..24).map(|number| {
        let mut source = Seeded::new(5, number);
        (0..160).map(|_| u8::try_from(source.below(256)).unwrap_or(0)).collect()
    });
    drawn.collect()
}

/// The operations that the laws are about.
#[derive(Clone, Copy)]
struct Algebra {
    is_within: fn(&Permissions, &Permissions) -> bool,
    exceeding: fn(&Permissions, &Permissions) -> Permissions,
    meet: fn(&Permissions, &Permissions) -> Permissions,
    clamp: fn(&Permissions, &Permissions) -> Permissions,
    authorize: fn(&Permissions, &Permissions) -> bool,
    is_equivalent: fn(&Permissions, &Permissions) -> bool,
}

const ALGEBRA: Algebra = Algebra {
    is_within: Permissions::is_within,
    exceeding: Permissions::exceeding,
    meet: Permissions::meet,
    clamp: Permissions::clamp,
    authorize: Permissions::authorize,
    is_equivalent: Permissions::is_equivalent,
};

/// Permissions as sets. A resource without actions is one all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sets {
    resources: BTreeSet<String>,
    pairs: BTreeSet<(String, String)>,
}

impl Sets {
    fn of(permissions: &Permissions) -> Self {
        let resources = permissions.0.keys().cloned().collect();
        let pairs = permissions
            .0
            .iter()
            .flat_map(|(resource, actions)| actions.iter().map(|action| (resource.clone(), action.clone())));
        Self { resources, pairs: pairs.collect() }
    }

    /// Those in a reply: up to 1.2.5 as text.
    fn shown(value: &Value) -> Option<Self> {
        let text = value.as_str().and_then(|text| serde_json::from_str(text).ok());
        Permissions::from_json(text.as_ref().unwrap_or(value)).as_ref().map(Self::of)
    }

    fn is_within(&self, other: &Self) -> bool {
        self.resources.is_subset(&other.resources) && self.pairs.is_subset(&other.pairs)
    }

    /// Something is required, and of every resource something.
    fn requires(&self) -> bool {
        let asks = |resource: &String| self.pairs.iter().any(|(of, _)| of == resource);
        !self.resources.is_empty() && self.resources.iter().all(asks)
    }
}

/// Each operation is what it is on sets.
fn laws(algebra: &Algebra, p: &Permissions, q: &Permissions) {
    let (of_p, of_q) = (Sets::of(p), Sets::of(q));
    let within = of_p.is_within(&of_q);
    assert_eq!((algebra.is_within)(p, q), within, "within: {p:?} {q:?}");
    assert_eq!((algebra.is_equivalent)(p, q), of_p == of_q, "equivalent: {p:?} {q:?}");
    assert_eq!((algebra.authorize)(q, p), within && of_p.requires(), "authorize: {q:?} for {p:?}");
    let common = Sets {
        resources: of_p.resources.intersection(&of_q.resources).cloned().collect(),
        pairs: of_p.pairs.intersection(&of_q.pairs).cloned().collect(),
    };
    assert_eq!(Sets::of(&(algebra.meet)(p, q)), common, "meet: {p:?} {q:?}");
    let clamped = (algebra.clamp)(p, q);
    assert_eq!(Sets::of(&clamped), common, "clamp: {p:?} {q:?}");
    // What fits stays as it was written: order, repetition and all.
    assert_eq!(clamped == *p, within, "clamp changes what fits: {p:?} {q:?}");
    let above = Sets::of(&(algebra.exceeding)(p, q));
    let pairs: BTreeSet<_> = of_p.pairs.difference(&of_q.pairs).cloned().collect();
    let unknown = of_p.resources.difference(&of_q.resources).cloned();
    let resources = unknown.chain(pairs.iter().map(|(resource, _)| resource.clone())).collect();
    assert_eq!(above, Sets { resources, pairs }, "exceeding: {p:?} {q:?}");
}

/// Within is an order, the meet its greatest lower bound, and authorize goes along with it.
fn orders(algebra: &Algebra, p: &Permissions, q: &Permissions, r: &Permissions, s: &Permissions) {
    let Algebra { is_within, meet, clamp, authorize, is_equivalent, .. } = *algebra;
    assert!(is_within(p, p), "reflexive: {p:?}");
    assert!(!(is_within(p, q) && is_within(q, r)) || is_within(p, r), "transitive: {p:?} {q:?} {r:?}");
    assert_eq!(is_within(p, q) && is_within(q, p), is_equivalent(p, q), "antisymmetric: {p:?} {q:?}");
    let both = meet(p, q);
    assert!(is_within(&both, p) && is_within(&both, q), "a lower bound: {p:?} {q:?}");
    assert!(is_equivalent(&both, &meet(q, p)), "either way: {p:?} {q:?}");
    assert_eq!(is_within(r, p) && is_within(r, q), is_within(r, &both), "the greatest: {r:?} of {p:?} {q:?}");
    let clamped = clamp(p, q);
    assert!(is_within(&clamped, q) && is_within(&clamped, p), "clamp: {p:?} {q:?}");
    assert_eq!(clamp(&clamped, q), clamped, "twice: {p:?} {q:?}");
    // A higher ceiling refuses nothing that was allowed, and a larger grant passes for no less.
    let raised = both_of(q, s);
    assert!(is_within(q, &raised) && (!is_within(p, q) || is_within(p, &raised)), "raised: {p:?} {q:?} {s:?}");
    assert!(!authorize(q, p) || authorize(&raised, p), "monotone: {q:?} {s:?} for {p:?}");
    assert!(!authorize(&clamped, r) || is_within(r, q), "above the ceiling: {p:?} under {q:?} for {r:?}");
    let turned: Permissions = p.0.iter().rev().map(|(resource, actions)| (resource, turned(actions))).collect();
    assert!(is_equivalent(&turned, p) && authorize(&turned, r) == authorize(p, r), "order: {p:?} {r:?}");
    assert_eq!(authorize(r, &turned), authorize(r, p), "order of what is required: {p:?} {r:?}");
}

/// From behind, and once more.
fn turned(actions: &[String]) -> Vec<&String> {
    actions.iter().rev().chain(actions).collect()
}

/// All that one of them grants.
fn both_of(p: &Permissions, q: &Permissions) -> Permissions {
    let actions = |resource: &str| -> Vec<String> {
        [p, q].into_iter().filter_map(|one| one.actions(resource)).flatten().cloned().collect()
    };
    p.0.keys().chain(q.0.keys()).map(|resource| (resource.clone(), actions(resource))).collect()
}

/// As JSON they are the same again, in the same order.
fn writes_back(p: &Permissions) {
    let written = p.to_json().to_string();
    let read = serde_json::from_str(&written).ok().and_then(|value| Permissions::from_json(&value));
    let same = read.as_ref().is_some_and(|read| read == p && read.0.keys().eq(p.0.keys()));
    assert!(same, "{p:?} is written as {written} and read as {read:?}");
}

const NOW: i64 = 1_790_000_000_000;

/// What is required is close to what is held.
fn near(held: &Permissions, other: &Permissions) -> Permissions {
    let mut near = held.meet(&both_of(held, other));
    if let Some((_, actions)) = near.0.pop() {
        let first = actions.first().cloned().into_iter().collect();
        near.0.insert(other.0.keys().next().or(held.0.keys().next()).cloned().unwrap_or_default(), first);
    }
    near
}

/// A key of the permissions `held` is valid for what is required exactly if the sets say so.
///
/// # Errors
/// Where it is not.
fn verifies(edition: &Edition, faults: Faults, held: &Permissions, all: &[&Permissions]) -> Result<(), String> {
    let mut model = Model::new(edition.clone(), Configs::plain(), faults, 1);
    let mut call = |method, body| -> Reply {
        model.apply(NOW, &Request::Server { method, body: Some(body), query: None, headers: None })
    };
    let made = call(Method::CreateApiKey, json!({ "userId": "u", "permissions": held.to_json() }));
    let key = made.body.as_ref().and_then(|body| body.get("key")).cloned().unwrap_or_default();
    // The name of the prototype is dropped from what is read, by every release.
    let as_read = |one: &Permissions| {
        let mut one = one.clone();
        one.0.shift_remove("__proto__");
        Sets::of(&one)
    };
    let held = as_read(held);
    for required in all {
        let body = call(Method::VerifyApiKey, json!({ "key": key, "permissions": required.to_json() })).body;
        let body = body.unwrap_or_default();
        let required = as_read(required);
        let is_valid = required.is_within(&held) && required.requires();
        let is_right = match is_valid {
            true => Sets::shown(&body["key"]["permissions"]).as_ref() == Some(&held),
            false => body["error"]["code"] == "KEY_NOT_FOUND",
        };
        if body["valid"] != Value::Bool(is_valid) || !is_right {
            return Err(format!("{edition}: {held:?} for {required:?}: {body}"));
        }
    }
    Ok(())
}

/// Names that are easily taken for one another, or for something that every object has.
const NAMES: &[&str] = &[
    "a",
    "b",
    "A",
    "a ",
    " a",
    "",
    "*",
    "aa",
    "caf\u{e9}",
    "cafe\u{301}",
    "\u{430}",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "0",
    "a\0",
];

/// Up to four resources of up to four actions; the names are few, so that they meet.
fn permissions(source: &mut impl Source) -> Permissions {
    let resources = source.below(5);
    let mut members = Map::new();
    for _ in 0..resources {
        let resource = name(source);
        let actions = source.below(5);
        members.insert(resource, (0..actions).map(|_| Value::from(name(source))).collect());
    }
    Permissions::from_json(&Value::Object(members)).unwrap_or_default()
}

fn name(source: &mut impl Source) -> String {
    match source.below(32) {
        // Any sign there is, and one after it that is common.
        31 => {
            let sign =
                u32::try_from(source.below(0x1_0000)).unwrap_or(0) * 16 + u32::try_from(source.below(16)).unwrap_or(0);
            char::from_u32(sign).into_iter().chain(['a']).collect()
        }
        number if number < 16 => ["a", "b"][number % 2].to_owned(),
        _ => source.pick(NAMES).copied().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests;
