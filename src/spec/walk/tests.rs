//! No key that a client made verifies for what is outside its ceiling, whatever happens; and with a fault it does.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::ledger::{Ledger, Maker};
use super::play::{Breach, Walk};
use super::*;
use crate::spec::fault::{Fault, Faults};

/// Plays a walk of so many steps, drawn from `choose`.
fn walk(faults: Faults, steps: usize, choose: &mut impl FnMut(usize) -> usize) -> Result<Walk, Breach> {
    let mut walk = Walk::new(options(choose), faults, 1);
    (0..steps).try_for_each(|_| walk.take(&step(choose)).map(drop))?;
    Ok(walk)
}

fn seeded(seed: u64) -> impl FnMut(usize) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    move |below| random.usize(..below.max(1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Choices are a list that can be shortened, so that a counter-example is as short as it gets.
    #[test]
    fn no_client_made_key_verifies_outside_its_ceiling(choices in prop::collection::vec(any::<u16>(), 0..1200)) {
        let mut choices = choices.into_iter();
        let mut choose = |below: usize| usize::from(choices.next().unwrap_or_default()) % below.max(1);
        let played = walk(Faults::NONE, 100, &mut choose);
        prop_assert!(played.is_ok(), "{}", played.err().map(|breach| breach.to_string()).unwrap_or_default());
    }
}

#[test]
fn walks_reach_what_they_are_about() {
    let mut seen = BTreeSet::new();
    let mut keys = 0;
    for seed in 0..60 {
        let mut choose = seeded(seed);
        let mut walk = Walk::new(options(&mut choose), Faults::NONE, 1);
        for _ in 0..150 {
            let step = step(&mut choose);
            let Some(reply) = walk.take(&step).unwrap().reply else { continue };
            let body = reply.body.unwrap_or_default();
            let code = body["code"].as_str().or(body["error"]["code"].as_str()).unwrap_or("ok").to_owned();
            let who = match step {
                Step::Create { by: By::Key(_) | By::CallOfKey(_), .. } => "key creates",
                Step::Create { by: By::Server, .. } => "server creates",
                Step::Create { .. } => "create",
                Step::Update { by: By::Server, .. } => "server updates",
                Step::Update { .. } => "update",
                Step::Verify { .. } => "verify",
                _ => continue,
            };
            seen.insert(format!("{who} {code}"));
        }
        keys += walk.ledger.keys.len();
    }
    assert!(keys > 500, "{keys}");
    for wanted in [
        "create ok",
        "create PERMISSIONS_EXCEED_MAXIMUM",
        "create SERVER_ONLY_PROPERTY",
        "create UNAUTHORIZED_SESSION",
        "create USER_NOT_MEMBER_OF_ORGANIZATION",
        "key creates ok",
        "key creates PERMISSIONS_EXCEED_MAXIMUM",
        "server creates ok",
        "server updates ok",
        "update SERVER_ONLY_PROPERTY",
        "verify ok",
        "verify KEY_NOT_FOUND",
    ] {
        assert!(seen.contains(wanted), "{wanted}: {seen:#?}");
    }
}

/// Every fault that lets a key verify for what nobody could give it.
const BREACHING: &[Fault] = &[
    Fault::SelfGrantOnWithMaximum,
    Fault::SelfGrantCeilingGranted,
    Fault::SelfGrantDefaultsAdded,
    Fault::SelfGrantCeilingIgnored,
    Fault::SelfGrantFirstResourceOnly,
    Fault::SelfGrantLastResourceOnly,
    Fault::SelfGrantFirstActionOnly,
    Fault::SelfGrantResourcesOnly,
    Fault::SelfGrantActionsOfAnyResource,
    Fault::SelfGrantOverlapSuffices,
    Fault::SelfGrantUnknownResources,
    Fault::SelfGrantEmptyListIsAll,
    Fault::SelfGrantDefaultsInstead,
    Fault::SelfGrantEmptyCeilingIsNone,
    Fault::SelfGrantEmptyGrantIsDefault,
    Fault::SelfGrantEmptyGrantIsCeiling,
    Fault::SelfGrantCaseFolded,
    Fault::SelfGrantSpaceTrimmed,
    Fault::SelfGrantPrefixMatches,
    Fault::SelfGrantShorterMatches,
    Fault::SelfGrantWildcardInCeiling,
    Fault::SelfGrantWildcardInWish,
    Fault::SelfGrantFormsNormalized,
    Fault::SelfGrantLookAlikes,
    Fault::SelfGrantInheritedAccepted,
    Fault::SelfGrantUpdateOpen,
    Fault::SelfGrantUpdateWithin,
    Fault::SelfGrantDefaultsAreCeiling,
    Fault::SelfGrantHeadersUncapped,
    Fault::SelfGrantDefaultConfigurationCaps,
    Fault::SelfGrantLastConfigurationCaps,
    Fault::SelfGrantCeilingsUnited,
    Fault::SelfGrantOneSwitchForAll,
    Fault::SelfGrantOrganizationUncapped,
    Fault::SelfGrantKeySessionUncapped,
    Fault::SelfGrantKeySessionHoldsAll,
    Fault::SelfGrantKeySessionElsewhere,
    Fault::SelfGrantKeySessionDefaults,
    Fault::SelfGrantKeySessionIsCeiling,
    Fault::SelfGrantRestartKeepsCeiling,
    Fault::SelfGrantClampIgnored,
    Fault::SelfGrantClampKeepsUnknown,
    Fault::SelfGrantClampToCeiling,
    Fault::SelfGrantClampToDefaults,
    // And what the rest of the suite knows.
    Fault::CreateClientPermissionsAccepted,
    Fault::CreateHeadersTrusted,
    Fault::CreatePermissionsMergeDefault,
    Fault::UpdateClientPermissionsAccepted,
    Fault::UpdateHeadersTrusted,
    Fault::SessionTrusted,
    Fault::VerifyPermissionsUnchecked,
    Fault::VerifySiblingPermissions,
];

#[test]
fn each_fault_of_the_ceiling_has_a_counter_example() {
    let safe = |fault: Fault| (0..3000).all(|seed| walk(fault.into(), 120, &mut seeded(seed)).is_ok());
    let unseen: Vec<&str> = std::thread::scope(|scope| {
        let parts: Vec<_> = BREACHING
            .chunks(BREACHING.len().div_ceil(4))
            .map(|part| scope.spawn(move || part.iter().copied().filter(|&fault| safe(fault)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).map(Fault::id).collect()
    });
    assert!(unseen.is_empty(), "no walk finds {unseen:?}");
}

#[test]
fn the_ledger_is_as_strict_as_the_proposal() {
    let wish = |actions: &[&'static str]| Some(vec![("files", actions.to_vec())]);
    let capped = Rules { allowed: true, maximum: wish(&["read", "write"]), clamps: false, defaults: wish(&["list"]) };
    let off = Rules { allowed: false, ..capped.clone() };
    let ledger = Ledger { options: [capped, off, Rules::default(), Rules::default()], keys: Vec::new() };
    let pair = |action: &'static str| ("files", action);
    let set = |actions: &[&'static str]| Some(actions.iter().map(|&action| pair(action)).collect::<BTreeSet<_>>());
    let asked = [pair("read"), pair("delete")];
    assert_eq!(ledger.bound(0, &Maker::User, Some(&asked)), set(&["read"]));
    assert_eq!(ledger.bound(0, &Maker::User, None), set(&["list"]));
    assert_eq!(ledger.bound(0, &Maker::Server, Some(&asked)), set(&["read", "delete"]));
    assert_eq!(ledger.bound(0, &Maker::Key(set(&["write"])), Some(&asked)), set(&[]));
    assert_eq!(ledger.bound(0, &Maker::Key(set(&["read"])), None), set(&[]));
    assert_eq!(ledger.bound(1, &Maker::User, Some(&asked)), set(&["list"]));
    assert_eq!(ledger.bound(1, &Maker::Key(set(&[])), None), set(&["list"]));
}
