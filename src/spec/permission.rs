//! The permission algebra: sets of (resource, action) pairs.
//!
//! Names are compared exactly: case, Unicode form, white space. `*` is an ordinary name, and so are
//! `constructor` and `__proto__`. Order and repetition mean nothing, except where a reply echoes them.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// required action. Requiring nothing fails: nothing at all (`{}`), and no action of a resource. (Up to 1.6.11
    /// releases wave the latter through when the key has the resource: a defect.)
    pub fn authorize(&self, required: &Self) -> bool {
        !required.is_empty() && required.is_within(self) && !required.0.values().any(Vec::is_empty)
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn of<const N: usize>(pairs: [(&str, &[&str]); N]) -> Permissions {
        pairs.into_iter().map(|(resource, actions)| (resource, actions.iter().copied())).collect()
    }

    #[test]
    fn requires_every_resource_and_every_action() {
        let key = of([("files", &["read", "write"]), ("users", &["read"])]);
        assert!(key.authorize(&of([("files", &["read"])])));
        assert!(key.authorize(&of([("files", &["write", "read", "read"]), ("users", &["read"])])));
        assert!(!key.authorize(&of([("files", &["read"]), ("users", &["write"])])));
        assert!(!key.authorize(&of([("Files", &["read"])])));
        assert!(!key.authorize(&Permissions::default()));
        assert!(!Permissions::default().authorize(&of([("files", &["read"])])));
    }

    #[test]
    fn an_empty_list_of_actions_fails() {
        let key = of([("files", &["read"])]);
        assert!(!key.authorize(&of([("files", &[])])));
        assert!(!key.authorize(&of([("files", &["read"]), ("users", &[])])));
    }

    #[test]
    fn there_are_no_wildcards_and_nothing_is_inherited() {
        let key = of([("*", &["*"]), ("files", &["*"])]);
        assert!(!key.authorize(&of([("files", &["read"])])));
        for name in ["constructor", "__proto__", "toString", "hasOwnProperty"] {
            assert!(!key.authorize(&of([(name, &["length"])])));
            assert!(!of([(name, &[])]).is_within(&key));
            assert!(of([(name, &["x"])]).authorize(&of([(name, &["x"])])));
        }
    }

    #[test]
    fn what_exceeds_is_named() {
        let ceiling = of([("files", &["read"])]);
        let wish = of([("files", &["read", "write"]), ("users", &[])]);
        assert_eq!(wish.exceeding(&ceiling), of([("files", &["write"]), ("users", &[])]));
        assert_eq!(wish.clamp(&ceiling), of([("files", &["read"])]));
    }

    #[test]
    fn only_records_of_lists_of_strings_are_permissions() {
        use serde_json::json;
        for value in [json!(null), json!([]), json!({ "a": "x" }), json!({ "a": ["x", 1] })] {
            assert_eq!(Permissions::from_json(&value), None);
        }
        let value = json!({ "b": ["y", "x"], "a": [] });
        assert_eq!(Permissions::from_json(&value).map(|permissions| permissions.to_json()), Some(value));
    }

    fn permissions() -> impl Strategy<Value = Permissions> {
        let name = || prop::sample::select(vec!["a", "A", "b", "*", "__proto__", "caf\u{e9}", "cafe\u{301}"]);
        vec((name(), vec(name(), 0..4)), 0..4).prop_map(|pairs| pairs.into_iter().collect())
    }

    /// Permissions as sets, without any of the algebra: the resources, and the pairs.
    type Naive = (BTreeSet<String>, BTreeSet<(String, String)>);

    fn naive(permissions: &Permissions) -> Naive {
        let mut sets = Naive::default();
        for (resource, actions) in &permissions.0 {
            sets.0.insert(resource.clone());
            sets.1.extend(actions.iter().map(|action| (resource.clone(), action.clone())));
        }
        sets
    }

    fn common<T: Ord + Clone>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> BTreeSet<T> {
        a.intersection(b).cloned().collect()
    }

    proptest! {
        #[test]
        fn the_algebra_is_that_of_sets(p in permissions(), q in permissions()) {
            let ((resources, pairs), (others, other_pairs)) = (naive(&p), naive(&q));
            let within = resources.is_subset(&others) && pairs.is_subset(&other_pairs);
            prop_assert_eq!(p.is_within(&q), within);
            prop_assert_eq!(naive(&p.meet(&q)), (common(&resources, &others), common(&pairs, &other_pairs)));
            prop_assert_eq!(p.is_equivalent(&q), naive(&p) == naive(&q));
            let acted: BTreeSet<_> = pairs.iter().map(|(resource, _)| resource.clone()).collect();
            prop_assert_eq!(q.authorize(&p), within && !resources.is_empty() && acted == resources);
            let (above, above_pairs) = naive(&p.exceeding(&q));
            prop_assert_eq!(&above_pairs, &pairs.difference(&other_pairs).cloned().collect::<BTreeSet<_>>());
            let expected = resources.iter().filter(|name| !others.contains(*name) || above_pairs.iter().any(|(of, _)| of == *name));
            prop_assert_eq!(above, expected.cloned().collect::<BTreeSet<_>>());
        }

        #[test]
        fn what_is_clamped_and_what_exceeds_make_up_the_wish(p in permissions(), c in permissions()) {
            let ((_, kept), (_, above)) = (naive(&p.clamp(&c)), naive(&p.exceeding(&c)));
            prop_assert!(kept.is_disjoint(&above));
            prop_assert_eq!(kept.union(&above).cloned().collect::<BTreeSet<_>>(), naive(&p).1);
            prop_assert_eq!(p.clamp(&c).clamp(&c), p.clamp(&c));
        }

        #[test]
        fn within_is_an_order(p in permissions(), q in permissions(), r in permissions()) {
            prop_assert!(p.is_within(&p));
            prop_assert!(!(p.is_within(&q) && q.is_within(&r)) || p.is_within(&r));
            prop_assert_eq!(p.is_within(&q) && q.is_within(&p), p.is_equivalent(&q));
        }

        #[test]
        fn meet_is_the_greatest_lower_bound(p in permissions(), q in permissions(), r in permissions()) {
            let meet = p.meet(&q);
            prop_assert!(meet.is_within(&p) && meet.is_within(&q));
            prop_assert!(meet.is_equivalent(&q.meet(&p)));
            prop_assert_eq!(r.is_within(&p) && r.is_within(&q), r.is_within(&meet));
        }

        #[test]
        fn clamp_stays_below_both(p in permissions(), c in permissions()) {
            let clamped = p.clamp(&c);
            prop_assert!(clamped.is_within(&c) && clamped.is_within(&p));
            prop_assert_eq!(clamped == p, p.is_within(&c));
        }

        #[test]
        fn raising_the_ceiling_never_refuses_what_was_allowed(p in permissions(), c in permissions(), d in permissions()) {
            let raised: Permissions = c.0.iter().chain(&d.0)
                .map(|(resource, _)| {
                    let actions = [c.actions(resource), d.actions(resource)].into_iter().flatten().flatten();
                    (resource.clone(), actions.cloned().collect::<Vec<_>>())
                })
                .collect();
            prop_assert!(c.is_within(&raised));
            prop_assert!(!p.is_within(&c) || p.is_within(&raised));
        }

        #[test]
        fn authorize_is_monotone_in_the_grant_and_antitone_in_the_requirement(
            g in permissions(), h in permissions(), r in permissions(), s in permissions()
        ) {
            prop_assert!(!(g.is_within(&h) && g.authorize(&r)) || h.authorize(&r));
            // A part of the requirement passes too, unless it requires nothing at all or nothing of a resource.
            let part = r.meet(&s);
            let is_plain = !part.is_empty() && part.0.values().all(|actions| !actions.is_empty());
            prop_assert!(!(is_plain && g.authorize(&r)) || g.authorize(&part));
        }

        #[test]
        fn what_was_granted_under_a_ceiling_authorizes_nothing_above_it(
            wish in permissions(), ceiling in permissions(), required in permissions()
        ) {
            let granted = wish.clamp(&ceiling);
            prop_assert!(!granted.authorize(&required) || required.is_within(&ceiling));
        }

        #[test]
        fn order_and_repetition_mean_nothing(p in permissions(), q in permissions()) {
            let turned: Permissions = p.0.iter().rev()
                .map(|(resource, actions)| (resource.clone(), actions.iter().rev().chain(actions).cloned().collect::<Vec<_>>()))
                .collect();
            prop_assert!(turned.is_equivalent(&p));
            prop_assert_eq!(turned.authorize(&q), p.authorize(&q));
            prop_assert_eq!(q.authorize(&turned), q.authorize(&p));
        }
    }
}
