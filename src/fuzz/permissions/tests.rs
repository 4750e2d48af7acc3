//! That wrong algebras and faulty deployments are seen.

use super::*;
use crate::fuzz::trial;
use crate::spec::fault::Fault;

fn drawn(count: u64) -> impl Iterator<Item = [Permissions; 4]> {
    (0..count).map(|number| {
        let mut source = Seeded::new(3, number);
        std::array::from_fn(|_| permissions(&mut source))
    })
}

#[test]
fn drawn_permissions_keep_the_laws() {
    for number in 0..3_000 {
        let mut source = Seeded::new(9, number);
        let input: Vec<u8> = (0..200).map(|_| u8::try_from(source.below(256)).unwrap()).collect();
        run(&input);
    }
}

fn holds(algebra: Algebra) {
    for [p, q, r, s] in drawn(3_000) {
        laws(&algebra, &p, &q);
        orders(&algebra, &p, &q, &r, &s);
    }
}

#[test]
#[should_panic(expected = "within:")]
fn a_prefix_that_counts_as_within_is_seen() {
    let is_within = |p: &Permissions, q: &Permissions| {
        p.0.iter().all(|(resource, actions)| {
            q.actions(resource)
                .is_some_and(|held| actions.iter().all(|one| held.iter().any(|other| other.starts_with(one.as_str()))))
        })
    };
    holds(Algebra { is_within, ..ALGEBRA });
}

#[test]
#[should_panic(expected = "meet:")]
fn a_meet_that_drops_empty_lists_is_seen() {
    let meet = |p: &Permissions, q: &Permissions| {
        let mut both = p.meet(q);
        both.0.retain(|_, actions| !actions.is_empty());
        both
    };
    holds(Algebra { meet, ..ALGEBRA });
}

#[test]
#[should_panic(expected = "clamp")]
fn a_clamp_that_sorts_is_seen() {
    let clamp = |p: &Permissions, q: &Permissions| p.clamp(q).normal_form().into_iter().collect();
    holds(Algebra { clamp, ..ALGEBRA });
}

#[test]
#[should_panic(expected = "clamp:")]
fn a_clamp_to_the_ceiling_is_seen() {
    holds(Algebra { clamp: |p, q| if p.is_within(q) { p.clone() } else { q.clone() }, ..ALGEBRA });
}

#[test]
#[should_panic(expected = "authorize:")]
fn an_authorize_that_waves_empty_lists_through_is_seen() {
    holds(Algebra { authorize: |held, required| !required.is_empty() && required.is_within(held), ..ALGEBRA });
}

#[test]
#[should_panic(expected = "exceeding:")]
fn an_excess_without_unknown_resources_is_seen() {
    let exceeding = |p: &Permissions, q: &Permissions| {
        let mut above = p.exceeding(q);
        above.0.retain(|resource, _| q.actions(resource).is_some());
        above
    };
    holds(Algebra { exceeding, ..ALGEBRA });
}

#[test]
#[should_panic(expected = ": Permissions")]
fn an_equality_that_minds_the_order_is_seen() {
    holds(Algebra { is_equivalent: |p, q| p.0.iter().eq(q.0.iter()), ..ALGEBRA });
}

/// The faults of what a key is verified for, as far as one key shows them.
const OF_PERMISSIONS: &[Fault] = &[
    Fault::VerifyPermissionsUnchecked,
    Fault::VerifyPermissionsAny,
    Fault::VerifyPermissionsResourceOnly,
    Fault::VerifyPermissionsWildcard,
    Fault::VerifyPermissionsPrefix,
    Fault::VerifyPermissionsIgnoreCase,
    Fault::VerifyPermissionsEqual,
    Fault::VerifyEmptyActionsPass,
    Fault::VerifyEmptyRequirementPasses,
    Fault::VerifyInheritedNames,
    Fault::VerifyInheritedNamesFail,
    Fault::CreatePermissionsOddNamesLost,
];

fn is_seen(fault: Fault, count: u64) -> bool {
    drawn(count).any(|[p, q, ..]| verifies(&Edition::newest(), fault.into(), &p, &[&q, &near(&p, &q), &p]).is_err())
}

#[test]
fn faults_of_permissions_are_seen() {
    let (_, missed) = trial::part(OF_PERMISSIONS, |fault| is_seen(fault, 4_000));
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
#[ignore = "a number for the docs: minutes"]
fn count_the_faults_of_permissions() {
    trial::count("permissions", 1_000, OF_PERMISSIONS, is_seen);
}
