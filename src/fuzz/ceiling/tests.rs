//! That faulty ceilings are seen.

use super::*;
use crate::fuzz::trial;
use crate::spec::fault::Fault;

/// Draws that are long enough for the faults that need several things to meet.
fn is_seen(fault: Fault, count: u64) -> bool {
    (0..count).any(|number| holds(&mut Bytes::new(&input(1000 + number)), fault.into()).is_err())
}

#[test]
fn drawn_requests_stay_below_the_ceiling() {
    (0..1_000).for_each(|number| run(&input(number)));
}

/// Faults of every kind by which a client comes to more than the ceiling permits, or to something that is the server's.
const OF_THE_CEILING: &[Fault] = &[
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
    Fault::SelfGrantTrimmed,
    Fault::SelfGrantDefaultsInstead,
    Fault::SelfGrantRefusedCreates,
    Fault::SelfGrantEmptyCeilingIsNone,
    Fault::SelfGrantEmptyGrantIsDefault,
    Fault::SelfGrantEmptyGrantIsCeiling,
    Fault::SelfGrantEmptyActionsAccepted,
    Fault::SelfGrantCaseFolded,
    Fault::SelfGrantSpaceTrimmed,
    Fault::SelfGrantPrefixMatches,
    Fault::SelfGrantShorterMatches,
    Fault::SelfGrantWildcardInCeiling,
    Fault::SelfGrantWildcardInWish,
    Fault::SelfGrantFormsNormalized,
    Fault::SelfGrantLookAlikes,
    Fault::SelfGrantInheritedAccepted,
    Fault::SelfGrantFreesServerOnly,
    Fault::SelfGrantUpdateOpen,
    Fault::SelfGrantUpdateWithin,
    Fault::SelfGrantUpdateClears,
    Fault::SelfGrantDefaultsAreCeiling,
    Fault::SelfGrantDefaultsCapped,
    Fault::SelfGrantHeadersUncapped,
    Fault::SelfGrantDefaultConfigurationCaps,
    Fault::SelfGrantLastConfigurationCaps,
    Fault::SelfGrantCeilingsUnited,
    Fault::SelfGrantOneSwitchForAll,
    Fault::SelfGrantOrganizationUncapped,
    Fault::SelfGrantOrganizationMembershipSkipped,
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
    Fault::CreateClientPermissionsAccepted,
    Fault::CreateHeadersTrusted,
    Fault::CreatePermissionsMergeDefault,
    Fault::UpdateClientPermissionsAccepted,
    Fault::UpdateClientRemainingAccepted,
    Fault::UpdateClientRateLimitAccepted,
    Fault::UpdateHeadersTrusted,
    Fault::SessionTrusted,
];

#[test]
fn faults_of_the_ceiling_are_seen() {
    let (_, missed) = trial::part(OF_THE_CEILING, |fault| is_seen(fault, 6_000));
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
#[ignore = "a number for the docs: minutes"]
fn count_the_faults_of_the_ceiling() {
    let of_self_grant = |fault: &Fault| fault.id().starts_with("self-grant.");
    let faults: Vec<Fault> = Fault::ALL.iter().copied().filter(of_self_grant).collect();
    trial::count("ceiling", 1_000, &faults, is_seen);
}
