//! The permission algebra: sets of (resource, action) pairs.
//!
//! Names are compared exactly: case, Unicode form, white space. `*` is an ordinary name, and so are
//! `constructor` and `__proto__`. Order and repetition mean nothing, except where a reply echoes them.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edition::{Behaviour, Edition};

/// Resources and the actions granted (or required) on each, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(pub IndexMap<String, Vec<String>>);

/// Permissions up to order and repetition. A resource without actions is kept: it is not the same as no resource.
pub type NormalForm<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

impl Permissions {
    /// The actions on a resource, if it is named at all.
    pub fn actions(&self, resource: &str) -> Option<&[String]> {
        self.0.get(resource).map(Vec::as_slice)
    }

    /// Does this name no resource?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn normal_form(&self) -> NormalForm<'_> {
        self.0.iter().map(|(resource, actions)| (resource.as_str(), set(actions))).collect()
    }

    /// The same resources with the same actions, up to order and repetition.
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.normal_form() == other.normal_form()
    }

    /// `self ⊑ other`: every resource of `self` is in `other`, and its actions are among those of `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.exceeding(other).is_empty()
    }

    /// What of `self` is above `ceiling`: resources that the ceiling does not name (with all their actions), and the
    /// actions beyond it. Linear in both.
    pub fn exceeding(&self, ceiling: &Self) -> Self {
        let mut above = IndexMap::new();
        for (resource, actions) in &self.0 {
            let Some(allowed) = ceiling.actions(resource) else {
                above.insert(resource.clone(), actions.clone());
                continue;
            };
            let allowed = set(allowed);
            let beyond: Vec<_> = actions.iter().filter(|action| !allowed.contains(action.as_str())).cloned().collect();
            if !beyond.is_empty() {
                above.insert(resource.clone(), beyond);
            }
        }
        Self(above)
    }

    /// The greatest lower bound: the resources that both name, with the actions that both grant.
    pub fn meet(&self, other: &Self) -> Self {
        let common = self.0.iter().filter_map(|(resource, actions)| {
            let allowed = set(other.actions(resource)?);
            let both = actions.iter().filter(|action| allowed.contains(action.as_str())).cloned().collect();
            Some((resource.clone(), both))
        });
        Self(common.collect())
    }

    /// What a clamping deployment grants of a wish: `self ∩ ceiling`, in the order of the wish.
    pub fn clamp(&self, ceiling: &Self) -> Self {
        self.meet(ceiling)
    }

    /// Does a key with these permissions hold all that is required? Every required resource must be there with every
    /// required action; requiring nothing at all (`{}`) fails. A resource that is required without an action fails
    /// since 1.6.12, and passed before when the key had the resource.
    pub fn authorize(&self, required: &Self, edition: &Edition) -> bool {
        let empty_actions_fail = edition.has(Behaviour::EmptyActionsFail);
        !required.is_empty()
            && required.is_within(self)
            && !(empty_actions_fail && required.0.values().any(Vec::is_empty))
    }

    /// As JSON, in the order in which it was written.
    pub fn to_json(&self) -> Value {
        let members = self.0.iter().map(|(resource, actions)| (resource.clone(), Value::from(actions.clone())));
        Value::Object(members.collect())
    }

    /// Reads `{"resource": ["action", ...]}`. `None` for any other shape.
    pub fn from_json(value: &Value) -> Option<Self> {
        let members = value.as_object()?.iter().map(|(resource, actions)| {
            let actions: Option<Vec<_>> =
                actions.as_array()?.iter().map(|action| action.as_str().map(str::to_owned)).collect();
            Some((resource.clone(), actions?))
        });
        members.collect::<Option<_>>().map(Self)
    }
}

impl<R: Into<String>, A: Into<String>, L: IntoIterator<Item = A>> FromIterator<(R, L)> for Permissions {
    fn from_iter<I: IntoIterator<Item = (R, L)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Self(
            pairs.map(|(resource, actions)| (resource.into(), actions.into_iter().map(Into::into).collect())).collect(),
        )
    }
}

fn set(actions: &[String]) -> BTreeSet<&str> {
    actions.iter().map(String::as_str).collect()
}
