//! Each matcher on values that it matches and on values that it does not; expectations on whole replies.

use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MatchContext, Mismatch, Payload, Refusal, Reply, TOLERANCE};
use crate::scenario::bind::{Known, timestamp};
use crate::scenario::diagnostic::{Style, render_all};
use crate::scenario::parse::parse;
use crate::scenario::story::{Expectation, Matcher};
use crate::spec::edition::Edition;
use crate::spec::operation::Method;

const NOW: i64 = 1_790_000_000_000;

const KEY: &str = "abcdefghijklmnop";

/// The expectation of a check, written as in a file.
fn expectation(action: &str, expect: &str) -> Expectation {
    let source = format!(
        "scenario: s\nactors: [alice]\nsteps:\n  - {action}\n    capture: {{ key: \"{}\" }}\n    no-twin: none\n    \
         expect:\n      - check: a.b.c\n        requirement: a.b\n        {expect}\n",
        if action.starts_with("repeat") { "replies[0].body.key" } else { "body.key" },
    );
    let scenario = parse("a/b", &source).unwrap_or_else(|found| panic!("{}", render_all(&found, Style::Plain)));
    scenario.steps[0].expect[0].expectation.clone()
}

fn one(expect: &str) -> Expectation {
    expectation("client: listApiKeys", expect)
}

fn many(expect: &str) -> Expectation {
    expectation("repeat: 3\n    each: { server: verifyApiKey }", expect)
}

fn known() -> Known {
    let mut known = Known::at_start("u1", NOW);
    known.captures.insert("key".to_owned(), KEY.into());
    known.add_actor("alice", "user-1", &IndexMap::new());
    known
}

fn in_edition<T>(edition: &str, judge: impl FnOnce(&MatchContext<'_>) -> T) -> T {
    let (edition, known) = (edition.parse::<Edition>().unwrap(), known());
    let (now_before, now_after) = (NOW, NOW + 10);
    judge(&MatchContext {
        edition: &edition,
        known: &known,
        now_before,
        now_after,
        exact_clock: false,
        tolerance: TOLERANCE,
    })
}

/// The paths of what does not match.
fn differing(matcher: &str, value: &Value) -> Vec<String> {
    let body = one(&format!("body: {matcher}")).body.unwrap();
    let found = in_edition("1.7", |context| body.mismatches(Some(value), context));
    found.into_iter().map(|mismatch| mismatch.path).collect()
}

#[track_caller]
fn matches(matcher: &str, value: Value) {
    assert_eq!(differing(matcher, &value), Vec::<String>::new(), "{matcher} {value}");
}

#[track_caller]
fn differs(matcher: &str, value: Value, paths: &[&str]) {
    assert_eq!(differing(matcher, &value), paths, "{matcher} {value}");
}

#[test]
fn plain_values_and_references() {
    matches("abc", json!("abc"));
    matches("1", json!(1.0));
    matches("null", json!(null));
    matches("$key", json!(KEY));
    matches("'Bearer ${key}'", json!(format!("Bearer {KEY}")));
    matches("$alice.userId", json!("user-1"));
    matches("!text { of: a, times: 3 }", json!("aaa"));
    differs("abc", json!("abd"), &["value"]);
    differs("'1'", json!(1), &["value"]);
}

#[test]
fn objects_and_lists() {
    matches("{ a: 1 }", json!({ "a": 1, "b": 2 }));
    differs("{ a: 1, c: 3 }", json!({ "a": 2 }), &["value.a", "value.c"]);
    differs("{ a: 1 }", json!([1]), &["value"]);
    matches("!exact { a: 1 }", json!({ "a": 1 }));
    differs("!exact { a: 1 }", json!({ "a": 1, "b c": 2 }), &["value[\"b c\"]"]);
    matches("!members [a, b]", json!({ "b": 1, "a": 2 }));
    differs("!members [a, b]", json!({ "a": 1, "c": 2 }), &["value.b", "value.c"]);
    matches("[1, { a: 2 }]", json!([1, { "a": 2 }]));
    differs("[1, 2]", json!([2, 2]), &["value[0]"]);
    differs("[1]", json!([1, 1]), &["value"]);
    differs("[]", json!({}), &["value"]);
}

#[test]
fn the_owner_has_the_name_of_the_edition() {
    let body = one("body: !exact { '@owner': u }").body.unwrap();
    let holds =
        |edition, value: Value| in_edition(edition, |context| body.mismatches(Some(&value), context).is_empty());
    assert!(holds("1.4", json!({ "userId": "u" })));
    assert!(holds("1.5", json!({ "referenceId": "u" })));
    assert!(!holds("1.5", json!({ "userId": "u" })));
}

#[test]
fn lists_in_any_order() {
    matches("!unordered [a, b]", json!(["b", "a"]));
    matches("!unordered []", json!([]));
    // The first matcher fits both elements, and must leave the one that the second needs.
    matches("!unordered [ !type string, a ]", json!(["a", "b"]));
    matches("!unordered [ !type string, !any [a, b], a ]", json!(["a", "b", "c"]));
    differs("!unordered [a, a]", json!(["a", "b"]), &["value"]);
    differs("!unordered [a]", json!(["a", "a"]), &["value"]);
    matches("!each.type integer", json!([1, 2]));
    differs("!each.type integer", json!([1, "2"]), &["value[1]"]);
    differs("!each.type integer", json!([]), &["value"]);
    matches("!contains { id: 2 }", json!([{ "id": 1 }, { "id": 2 }]));
    differs("!contains { id: 3 }", json!([{ "id": 1 }]), &["value"]);
    matches("!contains bc", json!("abcd"));
    differs("!contains bc", json!(5), &["value"]);
    differs("!not.contains b", json!("abc"), &["value"]);
}

#[test]
fn sizes_types_patterns_and_numbers() {
    matches("!length 3", json!("aéb"));
    matches("!length 0", json!({}));
    matches("!length.at-least 2", json!([1, 2]));
    differs("!length.less 2", json!([1, 2]), &["value"]);
    differs("!length 1", json!(1), &["value"]);
    matches("!type integer", json!(3));
    differs("!type string", json!(null), &["value"]);
    matches("!pattern '^[a-z]+$'", json!("abc"));
    differs("!pattern '^[a-z]+$'", json!(1), &["value"]);
    matches("!all [ !greater 0, !at-most 5 ]", json!(5));
    differs("!all [ !greater 0, !at-most 5 ]", json!(6), &["value"]);
    matches("!any [ null, !less 1 ]", json!(null));
    differs("!any [ null, !less 1 ]", json!(1), &["value"]);
}

#[test]
fn what_is_not_there_is_no_evidence() {
    let on_nothing = |matcher: &str| {
        let body = one(&format!("body: {matcher}")).body.unwrap();
        in_edition("1.7", |context| body.mismatches(None, context).is_empty())
    };
    for matcher in ["!absent", "!not.present", "!any [ !absent, 1 ]", "!all [ !absent ]"] {
        assert!(on_nothing(matcher), "{matcher}");
    }
    for matcher in ["!present", "null", "!not.type string", "!not.absent", "!any [1]", "!length 0", "{}", "!near now"] {
        assert!(!on_nothing(matcher), "{matcher}");
    }
    matches("{ a: !absent, b: !present }", json!({ "b": null }));
    differs("{ a: !absent, b: !not.type string }", json!({ "a": null }), &["value.a", "value.b"]);
}

#[test]
fn times_are_near() {
    matches("!near now", json!(timestamp(NOW)));
    matches("!near now+1d", json!(timestamp(NOW + 86_400_000 + 2010)));
    differs("!near now+1d", json!(timestamp(NOW + 86_400_000 + 2011)), &["value"]);
    differs("!near now", json!(timestamp(NOW - 2001)), &["value"]);
    differs("!near now", json!(NOW), &["value"]);
    matches("!near now", json!("2026-09-21T16:13:20+02:00"));
}

#[test]
fn an_exact_clock_has_no_tolerance() {
    let matcher = Matcher::Near(1000);
    let (edition, known) = (Edition::newest(), known());
    let context = MatchContext {
        edition: &edition,
        known: &known,
        now_before: NOW,
        now_after: NOW,
        exact_clock: true,
        tolerance: TOLERANCE,
    };
    let holds = |at| matcher.mismatches(Some(&json!(timestamp(at))), &context).is_empty();
    assert_eq!([NOW + 999, NOW + 1000, NOW + 1001].map(holds), [false, true, false]);
}

fn http(status: u16, body: Value) -> Reply {
    Reply::http(None, status, vec![("Content-Type".to_owned(), "application/json".to_owned())], Payload::Json(body))
}

fn verified(code: Option<&str>) -> Reply {
    let body = match code {
        None => json!({ "valid": true, "error": null, "key": {} }),
        Some(code) => json!({ "valid": false, "error": { "code": code, "message": "m" }, "key": null }),
    };
    Reply::returned(Method::VerifyApiKey, body)
}

#[track_caller]
fn meets(expectation: &Expectation, edition: &str, reply: &Reply) {
    let found = in_edition(edition, |context| expectation.mismatches(reply, context));
    assert_eq!(found, []);
}

fn misses(expectation: &Expectation, edition: &str, reply: &Reply) -> Vec<Mismatch> {
    let found = in_edition(edition, |context| expectation.mismatches(reply, context));
    assert_ne!(found, [], "{expectation:?} {reply:?}");
    found
}

#[test]
fn an_error_is_a_status_and_a_code_of_the_edition() {
    let expected = one("error: SERVER_ONLY_PROPERTY");
    meets(&expected, "1.7", &http(400, json!({ "code": "SERVER_ONLY_PROPERTY", "message": "m" })));
    let derived = "THE_PROPERTY_YOURE_TRYING_TO_SET_CAN_ONLY_BE_SET_FROM_THE_SERVER_AUTH_INSTANCE_ONLY";
    meets(&expected, "1.4", &http(400, json!({ "code": derived, "message": "m" })));
    misses(&expected, "1.4", &http(400, json!({ "code": "SERVER_ONLY_PROPERTY" })));
    assert_eq!(misses(&expected, "1.7", &http(401, json!({ "code": "SERVER_ONLY_PROPERTY" })))[0].path, "status");
    assert_eq!(misses(&expected, "1.7", &http(400, json!({})))[0].path, "body.code");
    misses(&expected, "1.7", &http(200, json!({})));
    assert_eq!(misses(&expected, "1.7", &verified(Some("SERVER_ONLY_PROPERTY"))).len(), 1);
}

#[test]
fn a_call_that_throws_has_the_same_code_and_perhaps_a_status() {
    let expected = one("error: KEY_NOT_FOUND");
    let threw = |status, code: Option<&str>| {
        Reply::threw(Method::GetApiKey, Refusal { status, code: code.map(str::to_owned), ..Refusal::default() })
    };
    meets(&expected, "1.7", &threw(Some(404), Some("KEY_NOT_FOUND")));
    meets(&expected, "1.7", &threw(None, Some("KEY_NOT_FOUND")));
    misses(&expected, "1.7", &threw(Some(400), Some("KEY_NOT_FOUND")));
    misses(&expected, "1.7", &threw(Some(404), None));
    misses(&one("error: NOT_FOUND"), "1.7", &threw(None, None));
    misses(&one("ok: true"), "1.7", &threw(Some(404), None));
}

#[test]
fn refusals_of_keys_have_their_form_as_sessions() {
    let expected = one("error: INVALID_API_KEY");
    meets(&expected, "1.7", &http(401, json!({ "code": "INVALID_API_KEY" })));
    meets(&expected, "1.7", &http(403, json!({ "code": "INVALID_API_KEY" })));
    misses(&expected, "1.7", &http(400, json!({ "code": "INVALID_API_KEY" })));
    meets(&one("error: RATE_LIMITED"), "1.7", &http(429, json!({ "code": "RATE_LIMITED" })));
    misses(&one("error: RATE_LIMITED"), "1.5", &http(429, json!({ "code": "RATE_LIMITED" })));
}

#[test]
fn an_empty_refusal_is_empty() {
    let expected = one("error: UNAUTHORIZED");
    let empty = Reply::http(None, 401, Vec::new(), Payload::Empty);
    meets(&expected, "1.4", &empty);
    misses(&expected, "1.7", &empty);
    misses(&expected, "1.4", &http(403, json!({ "code": "UNAUTHORIZED" })));
}

#[test]
fn what_the_framework_refuses_may_have_another_code() {
    let invalid = one("error: VALIDATION_ERROR");
    meets(&invalid, "1.7", &http(400, json!({ "code": "INVALID_REQUEST_BODY" })));
    misses(&invalid, "1.7", &http(422, json!({ "code": "INVALID_REQUEST_BODY" })));
    misses(&invalid, "1.7", &http(400, json!({ "code": "SERVER_ONLY_PROPERTY" })));
    misses(&invalid, "1.7", &http(400, json!({ "message": "no code at all" })));
    let nobody = one("error: UNAUTHORIZED");
    meets(&nobody, "1.7", &http(401, json!({ "code": "UNAUTHORIZED_SESSION" })));
    meets(&nobody, "1.4", &http(401, json!({ "code": "UNAUTHENTICATED" })));
    meets(&nobody, "1.4", &http(401, json!({ "message": "no code, where there was nothing" })));
    misses(&nobody, "1.7", &http(401, json!({ "message": "no code, where there was one" })));
    misses(&nobody, "1.7", &http(401, json!({ "code": "INVALID_API_KEY" })));
    misses(&one("error: UNAUTHORIZED_SESSION"), "1.7", &http(401, json!({ "code": "UNAUTHORIZED" })));
}

#[test]
fn a_verdict_is_what_verification_says() {
    let (valid, disabled) = (one("valid: true"), one("valid: KEY_DISABLED"));
    meets(&valid, "1.7", &verified(None));
    meets(&disabled, "1.7", &verified(Some("KEY_DISABLED")));
    misses(&disabled, "1.7", &verified(None));
    assert_eq!(misses(&disabled, "1.7", &verified(Some("KEY_EXPIRED")))[0].path, "body.error.code");
    assert_eq!(misses(&valid, "1.7", &verified(Some("KEY_DISABLED")))[0].actual, "false (KEY_DISABLED)");
    misses(&valid, "1.7", &http(200, json!({ "valid": true })));
}

#[test]
fn statuses_headers_bodies_and_keys() {
    let reply = http(404, json!({ "code": "KEY_NOT_FOUND" }));
    meets(&one("status: 4xx"), "1.7", &reply);
    meets(&one("status: [400, 404]"), "1.7", &reply);
    misses(&one("status: 400"), "1.7", &reply);
    misses(&one("status: 404"), "1.7", &verified(None));
    meets(&one("headers: { CONTENT-TYPE: application/json, x-none: !absent }"), "1.7", &reply);
    misses(&one("headers: { content-type: text/html }"), "1.7", &reply);
    meets(&one("body: !absent"), "1.7", &Reply::http(None, 404, Vec::new(), Payload::Empty));
    misses(&one("body: !absent"), "1.7", &reply);
    meets(&one("body: !contains oops"), "1.7", &Reply::http(None, 500, Vec::new(), Payload::Text("oops!".to_owned())));
    let (list, wrapped) = (json!([{ "id": "1" }]), json!({ "apiKeys": [{ "id": "1" }], "total": 1 }));
    let keys = one("keys: [ { id: '1' } ]");
    meets(&keys, "1.4", &http(200, list.clone()));
    meets(&keys, "1.7", &http(200, wrapped.clone()));
    misses(&keys, "1.7", &http(200, list));
    misses(&keys, "1.4", &http(200, wrapped));
}

#[test]
fn a_secret_is_found_in_all_its_forms() {
    let expected = one("never: [$key]");
    meets(&expected, "1.7", &http(200, json!({ "start": "abcdef", "n": 1 })));
    let hex = "f39dac6cbaba535e2c207cd0cd8f154974223c848f727f98b3564cea569b41cf";
    for form in [KEY, "YWJjZGVmZ2hpamtsbW5vcA", hex, &hex.to_uppercase(), "852sbLq6U14sIHzQzY8VSXQiPISPcn-Ys1ZM6labQc8"]
    {
        let text = format!("x{form}y");
        let found = misses(&expected, "1.7", &http(200, json!({ "a": [{ "b": text }] })));
        assert_eq!(found[0].path, "body.a[0].b");
        assert!(!found[0].actual.contains(form), "{found:?}");
        misses(&expected, "1.7", &http(200, json!({ text.as_str(): 1 })));
        misses(&expected, "1.7", &Reply::http(None, 200, vec![("x".to_owned(), text.clone())], Payload::Empty));
        misses(&expected, "1.7", &Reply::http(None, 200, Vec::new(), Payload::Text(text.clone())));
        let error = Refusal { message: Some(json!({ "m": text })), ..Refusal::default() };
        misses(&expected, "1.7", &Reply::threw(Method::GetApiKey, error));
    }
    misses(&one("never: 'secret $$word'"), "1.7", &http(200, json!("see?q=secret%20%24word")));
    misses(&one("never: [$now]"), "1.7", &http(200, json!(NOW)));
}

#[test]
fn replies_are_tallied_by_their_kind() {
    let replies = [None, Some("RATE_LIMITED"), None, Some("SOMETHING")].map(verified);
    let judge = |expect: &str| in_edition("1.7", |context| many(expect).mismatches_of_many(&replies, context));
    assert_eq!(judge("tally: { valid: 2, RATE_LIMITED: 1 }")[0].actual, "valid: 2, RATE_LIMITED: 1, code SOMETHING: 1");
    let known = &replies[..3];
    let judge = |expect: &str| in_edition("1.7", |context| many(expect).mismatches_of_many(known, context));
    assert_eq!(judge("tally: { valid: 2, RATE_LIMITED: 1, KEY_EXPIRED: 0 }"), []);
    assert_eq!(judge("tally: { valid: 3 }").len(), 1);
    assert_eq!(judge("first: { valid: true }\n        last: { valid: true }"), []);
    let found = judge("every: { valid: true }");
    assert_eq!(found.iter().map(|mismatch| mismatch.path.as_str()).collect::<Vec<_>>(), ["replies[1].body.valid"]);
    assert_eq!(judge("every: { body: { valid: !any [true, $index] } }").len(), 1);
    let nothing = in_edition("1.7", |context| many("every: { ok: true }").mismatches_of_many(&[], context));
    assert_eq!(nothing[0].path, "replies");
}

#[test]
fn replies_know_whether_they_were_accepted_and_what_they_are() {
    let edition = Edition::newest();
    let label = |reply: &Reply| (reply.accepted(), reply.label(&edition));
    assert_eq!(label(&http(201, json!({}))), (true, "ok".to_owned()));
    assert_eq!(label(&verified(None)), (true, "valid".to_owned()));
    assert_eq!(label(&verified(Some("KEY_EXPIRED"))), (false, "KEY_EXPIRED".to_owned()));
    assert_eq!(label(&http(400, json!({ "code": "NAME_REQUIRED" }))), (false, "NAME_REQUIRED".to_owned()));
    assert_eq!(label(&http(418, json!({}))), (false, "status 418".to_owned()));
    assert_eq!(label(&Reply::threw(Method::GetApiKey, Refusal::default())), (false, "error".to_owned()));
    assert_eq!(label(&Reply::returned(Method::VerifyApiKey, json!(null))), (false, "error".to_owned()));
}

#[test]
fn captures_see_a_document() {
    let edition = Edition::newest();
    let document = http(200, json!({ "apiKeys": [{ "id": "1" }] })).document(&edition);
    assert_eq!(document["status"], json!(200));
    assert_eq!(document["headers"]["content-type"], json!("application/json"));
    assert_eq!(document["keys"][0]["id"], json!("1"));
    let many = Reply::document_of_many(&[verified(None)], &edition);
    assert_eq!(many["replies"][0]["body"]["valid"], json!(true));
}

#[test]
fn an_expectation_knows_what_it_cannot_be_judged_without() {
    let expected = one("body: { a: !not.contains $key, b: [ $alice.userId ] }");
    assert_eq!(expected.unbound(&known()), None);
    assert_eq!(expected.unbound(&Known::default()).map(|unbound| unbound.name), Some("key".to_owned()));
    misses(&expected, "1.7", &http(200, json!({ "a": KEY })));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c]{0,3}|2026-09-21T14:13:20.000Z|\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-c]", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn any_matcher() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "1",
        "null",
        "$key",
        "!present",
        "!absent",
        "!type string",
        "!type integer",
        "!pattern 'a|b'",
        "!near now-1d",
        "!at-least 1",
        "!less 2",
        "!members [a, b]",
        "!length 1",
        "!length.at-most 2",
        "!contains a",
        "!not.absent",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        (
            prop::sample::select(vec!["", "!exact", "!unordered", "!any", "!all", "!each", "!not", "!contains"]),
            prop::collection::vec(inner, 1..4),
        )
            .prop_map(|(tag, items)| match tag {
                "" | "!exact" => {
                    let members: Vec<String> =
                        items.iter().zip(["a", "b", "c"]).map(|(item, name)| format!("{name}: {item}")).collect();
                    format!("{tag} {{ {} }}", members.join(" , "))
                }
                _ => format!("{tag} [ {} ]", items.join(" , ")),
            })
    })
}

proptest! {
    #[test]
    fn every_matcher_is_total_and_not_turns_it_round(matcher in any_matcher(), value in any_value()) {
        let body = one(&format!("body: {matcher}")).body.unwrap();
        in_edition("1.7", |context| {
            let holds = body.mismatches(Some(&value), context).is_empty();
            let not = Matcher::Not(Box::new(body.clone()));
            prop_assert_eq!(not.mismatches(Some(&value), context).is_empty(), !holds);
            body.mismatches(None, context);
            Ok(())
        })?;
    }

    #[test]
    fn every_expectation_is_total(status in 0..700_u16, body in any_value(), verify in any::<bool>()) {
        let method = if verify { Method::VerifyApiKey } else { Method::ListApiKeys };
        let replies = [
            Reply::http(Some(method), status, Vec::new(), Payload::Json(body.clone())),
            Reply::returned(method, body.clone()),
            Reply::threw(method, Refusal { status: Some(status), message: Some(body), ..Refusal::default() }),
        ];
        let one = one("error: KEY_NOT_FOUND\n        status: 404\n        headers: { a: !absent }\n        keys: !length 1\n        never: [$key]");
        let many = many("every: { valid: USAGE_EXCEEDED }\n        tally: { ok: 1, 'status 404': 2 }");
        for edition in ["1.2.0", "1.4", "1.7"] {
            in_edition(edition, |context| {
                for reply in &replies {
                    one.mismatches(reply, context);
                    reply.label(context.edition);
                    reply.document(context.edition);
                }
                many.mismatches_of_many(&replies, context);
            });
        }
    }

    #[test]
    fn a_value_matches_itself(value in any_value()) {
        // As a template of plain values, written as JSON (which is YAML).
        prop_assume!(!value.to_string().contains('$'));
        let text = value.to_string();
        if let Ok(scenario) = parse("a/b", &format!(
            "scenario: s\nsteps:\n  - client: listApiKeys\n    expect:\n      - {{ check: a.b.c, requirement: a.b, body: {text} }}\n    no-twin: none\n"
        )) {
            let body = scenario.steps[0].expect[0].expectation.body.clone().unwrap();
            let found = in_edition("1.7", |context| body.mismatches(Some(&value), context));
            prop_assert_eq!(found, []);
        }
    }
}
