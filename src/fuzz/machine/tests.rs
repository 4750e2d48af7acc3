//! What sequences reach, and that faulty machines are seen.

use super::*;
use crate::fuzz::trial;
use crate::spec::fault::Fault;

/// A fault is tried in the newest edition in which it can show.
fn is_seen(fault: Fault, count: u64) -> bool {
    let edition = fault.edition();
    (0..count).any(|number| {
        let sequence = drawn(&edition, &mut Seeded::new(17, number));
        play(&edition, &sequence, fault.into()).is_err()
    })
}

#[test]
fn drawn_sequences_are_right() {
    (0..400).for_each(|number| run(&input(number)));
}

#[test]
fn most_requests_are_predicted() {
    let edition = Edition::newest();
    let (mut requests, mut predicted) = (0, 0);
    for number in 0..200 {
        let played = play(&edition, &drawn(&edition, &mut Seeded::new(17, number)), Faults::NONE).unwrap();
        requests += played.requests;
        predicted += played.predicted;
    }
    assert!(requests > 4_000 && predicted * 3 > requests * 2, "{predicted} of {requests}");
}

/// Of every kind some: what only the second opinion can see, and what the invariants see in its absence.
const OF_THE_MACHINE: &[Fault] = &[
    Fault::QuotaOneMore,
    Fault::QuotaNotCounted,
    Fault::QuotaNotAtomic,
    Fault::QuotaRefillAdds,
    Fault::QuotaExhaustedKept,
    Fault::QuotaBurntWhenRateLimited,
    Fault::RateLimitOneMore,
    Fault::RateLimitOneLess,
    Fault::RateLimitNotAtomic,
    Fault::RateLimitShared,
    Fault::RateLimitRefusalMovesWindow,
    Fault::GetForeignKey,
    Fault::GetHashLeaked,
    Fault::GetCountsAsUse,
    Fault::ListForeignKeys,
    Fault::ListSortReversed,
    Fault::ListCapped,
    Fault::UpdateForeignKey,
    Fault::UpdateRefusedWrites,
    Fault::UpdateMetadataLost,
    Fault::UpdateExpiresInMilliseconds,
    Fault::UpdateClientPermissionsAccepted,
    Fault::DeleteForeignKey,
    Fault::DeleteAllKeys,
    Fault::DeleteNothing,
    Fault::VerifyDeletedAccepted,
    Fault::VerifyExpiredAccepted,
    Fault::VerifyExpiredKept,
    Fault::VerifyDisabledAccepted,
    Fault::VerifyPermissionsUnchecked,
    Fault::VerifyConfigIdIgnored,
    Fault::CreateClientPermissionsAccepted,
    Fault::CreateOwnerWrong,
    Fault::CreateDefaultPermissionsLost,
    Fault::SweepEternal,
    Fault::SweepUnexpired,
    Fault::SessionWhenOff,
    Fault::SessionFirstUser,
    Fault::SessionNotCounted,
    Fault::StorageSecondaryUseLost,
];

#[test]
fn faults_of_the_machine_are_seen() {
    let (_, missed) = trial::part(OF_THE_MACHINE, |fault| is_seen(fault, 3_000));
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
#[ignore = "a number for the docs: minutes"]
fn count_the_faults_of_the_machine() {
    trial::count("machine", 300, Fault::ALL, is_seen);
}
