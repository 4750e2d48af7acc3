//! What requests reach, and that a faulty parser and a faulty deployment are seen.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::house::Houses;
use super::*;
use crate::fuzz::naive::world::Expected;
use crate::fuzz::trial;
use crate::spec::fault::{Fault, Faults};

/// Inputs as a fuzzer comes to make them: drawn ones, in all editions.
fn inputs(count: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(|number| {
        let mut source = Seeded::new(11, number);
        let mut byte = |below: usize| u8::try_from(source.below(below)).unwrap_or(0);
        let head = [byte(256), byte(64), byte(8), if byte(4) > 0 { DRAWN } else { byte(16) }];
        head.into_iter().chain((0..64).map(|_| byte(256))).collect()
    })
}

fn cases(count: u64) -> Vec<Case> {
    inputs(count).filter_map(|input| Case::of(&input)).collect()
}

#[test]
fn drawn_requests_are_read_and_answered_alike() {
    inputs(10_000).chain(seeds()).for_each(|input| run(&input));
}

#[test]
fn requests_reach_what_they_are_about() {
    let mut houses = Houses::default();
    let mut seen = BTreeSet::new();
    for case in cases(15_000) {
        let house = houses.of(&case).unwrap();
        let said = match house.world.clone().answer(house::NOW, &case.request(&house)) {
            Some(Expected::Refused(refusal)) => refusal.wire((1, 7, 0)).1.unwrap_or_default(),
            Some(Expected::Invalid(invalid)) => invalid.code.to_owned(),
            Some(_) => "ok".to_owned(),
            None => "open".to_owned(),
        };
        seen.insert(format!("{} {said}", case.method.name()));
    }
    for wanted in [
        "createApiKey ok",
        "createApiKey SERVER_ONLY_PROPERTY",
        "createApiKey UNAUTHORIZED_SESSION",
        "createApiKey VALIDATION_ERROR",
        "createApiKey BAD_REQUEST",
        "createApiKey UNSUPPORTED_MEDIA_TYPE",
        "createApiKey EXPIRES_IN_IS_TOO_LARGE",
        "createApiKey EXPIRES_IN_IS_TOO_SMALL",
        "createApiKey INVALID_NAME_LENGTH",
        "createApiKey INVALID_PREFIX_LENGTH",
        "createApiKey KEY_DISABLED_EXPIRATION",
        "createApiKey METADATA_DISABLED",
        "createApiKey INVALID_METADATA_TYPE",
        "createApiKey NAME_REQUIRED",
        "createApiKey NO_DEFAULT_API_KEY_CONFIGURATION_FOUND",
        "createApiKey PERMISSIONS_EXCEED_MAXIMUM",
        "createApiKey REFILL_AMOUNT_AND_INTERVAL_REQUIRED",
        "createApiKey REFILL_INTERVAL_AND_AMOUNT_REQUIRED",
        "updateApiKey ok",
        "updateApiKey KEY_NOT_FOUND",
        "updateApiKey NO_VALUES_TO_UPDATE",
        "updateApiKey SERVER_ONLY_PROPERTY",
        "verifyApiKey ok",
        "verifyApiKey INVALID_API_KEY",
        "verifyApiKey KEY_NOT_FOUND",
        "getApiKey ok",
        "getApiKey KEY_NOT_FOUND",
        "getApiKey UNAUTHORIZED",
        "deleteApiKey ok",
        "listApiKeys ok",
        "listApiKeys VALIDATION_ERROR",
        "deleteAllExpiredApiKeys ok",
    ] {
        assert!(seen.contains(wanted), "{wanted}: {seen:#?}");
    }
}

fn is_seen(fault: Fault, cases: &[Case]) -> bool {
    let houses = RefCell::new(Houses::with_faults(Faults::from(fault)));
    let agrees = |case: &Case| houses.borrow_mut().of(case).and_then(|house| answers_alike(&house, case)).is_ok();
    !cases.iter().all(agrees)
}

/// What the parser, and what is looked at before a key is, can get wrong.
const OF_REQUESTS: &[Fault] = &[
    Fault::TransportAnyContentType,
    Fault::TransportMalformedJsonIsEmpty,
    Fault::TransportMalformedJsonFails,
    Fault::TransportUnknownFieldsRefused,
    Fault::TransportErrorWithoutCode,
    Fault::CreateWrongTypesDropped,
    Fault::CreatePrefixCharactersUnchecked,
    Fault::CreatePermissionsShapeUnchecked,
    Fault::CreateClientPermissionsAccepted,
    Fault::CreateExpiresInMinimumExclusive,
    Fault::CreateUserIdHonoured,
    Fault::CreateHeadersTrusted,
    Fault::UpdateWrongTypesDropped,
    Fault::UpdateIdOptional,
    Fault::UpdateClientRemainingAccepted,
    Fault::DeleteIdOptional,
    Fault::GetIdOptional,
    Fault::VerifyInputTypeUnchecked,
    Fault::VerifyPermissionsShapeUnchecked,
    Fault::ListPagingUnchecked,
    Fault::ListSortDirectionUnchecked,
];

#[test]
fn faults_of_requests_are_seen() {
    let cases = cases(20_000);
    let (_, missed) = trial::part(OF_REQUESTS, |fault| is_seen(fault, &cases));
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
#[ignore = "a number for the docs: minutes"]
fn count_the_faults_of_requests() {
    let cases = cases(3_000);
    trial::count("request", 3_000, Fault::ALL, |fault, _| is_seen(fault, &cases));
}

fn wrong(parse: impl Fn(&Edition, Method, Input<'_>) -> Result<Operation, Rejection>) {
    cases(3_000).iter().for_each(|case| reads_alike(&parse, case));
}

#[test]
#[should_panic(expected = "expected")]
fn a_parser_that_forgets_a_field_is_seen() {
    wrong(|edition, method, input| {
        let read = wire::parse(edition, method, input);
        read.map(|operation| match operation {
            Operation::Create(create) => {
                Operation::Create(crate::spec::operation::CreateKey { prefix: None, ..create })
            }
            operation => operation,
        })
    });
}

#[test]
#[should_panic(expected = "refused otherwise")]
fn a_parser_with_another_code_is_seen() {
    wrong(|edition, method, input| {
        wire::parse(edition, method, input).map_err(|mut rejection| {
            rejection.wire.status = 422;
            rejection
        })
    });
}

#[test]
#[should_panic(expected = "reads another operation")]
fn a_parser_that_remembers_is_seen() {
    let calls = std::cell::Cell::new(0);
    wrong(|edition, method, input| {
        calls.set(calls.get() + 1);
        match wire::parse(edition, method, input) {
            Ok(Operation::Get(get)) if calls.get() % 2 == 0 => {
                Ok(Operation::Get(crate::spec::operation::GetKey { id: "another".to_owned(), ..get }))
            }
            read => read,
        }
    });
}
