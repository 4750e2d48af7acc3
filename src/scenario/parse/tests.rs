//! Laws: whatever the text, there is an answer, and every mistake can be shown.

use proptest::prelude::*;

use super::parse;
use crate::scenario::bind::Known;
use crate::scenario::diagnostic::{Style, boundary_after, boundary_before, render_all};
use crate::scenario::story::{Action, Target, Template, Twin};

const GOLDEN: &str = include_str!("golden.yaml");

/// Parses, shows what is wrong, and holds the mistakes to their places.
fn answer(source: &str) {
    if let Err(found) = parse("any/thing", source) {
        assert!(!found.is_empty());
        for diagnostic in &found {
            assert!(diagnostic.place.line >= 1);
            assert!(source.get(diagnostic.place.span.clone()).is_some(), "{diagnostic} {:?}", diagnostic.place);
        }
        assert!(!render_all(&found, Style::Plain).is_empty());
    }
}

/// Part of the golden file with something else in place of it.
fn mutated(from: usize, length: usize, with: &str) -> String {
    let start = boundary_before(GOLDEN, from);
    let end = boundary_after(GOLDEN, start + length);
    format!("{}{with}{}", &GOLDEN[..start], &GOLDEN[end..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_an_answer(source in "\\PC{0,80}|[ -~\\n\\r\\t\u{feff}é$]{0,200}") {
        answer(&source);
    }

    #[test]
    fn any_signs_have_an_answer(source in "[-\\[\\]{}:,!&*#|>'\"%@`?a \n\t~.$1e]{0,120}") {
        answer(&source);
    }

    #[test]
    fn any_mutation_has_an_answer(
        from in 0..GOLDEN.len(),
        length in 0..12_usize,
        with in "[-\\[\\]{}:,!$ a1.\né]{0,4}|!(near|type|each\\.|not) |\\$\\{?(alice|now|index)\\}?|: &a |\u{0}",
    ) {
        answer(&mutated(from, length, &with));
    }

    #[test]
    fn any_step_has_an_answer(key in "client|server|clock|raw|twin|expect|capture|text|each", value in "[ -~]{0,40}") {
        answer(&format!("scenario: s\nsteps:\n  - client: listApiKeys\n    {key}: {value}\n"));
        answer(&format!("scenario: s\nsteps:\n  - {key}: {value}\n"));
    }
}

#[test]
fn great_files_are_read_in_time() {
    let keys: String = (0..20_000).map(|at| format!("k{at}: 1\n")).collect();
    let great = [
        format!("scenario: s\nconfig: {{ {} }}\nsteps:\n  - clock: 1s\n", "é: 1, ".repeat(30_000)),
        "[".repeat(200_000),
        "[{a: ".repeat(40_000),
        "- - - ".repeat(30_000),
        "a\n".repeat(100_000),
        "- a: 1\n".repeat(30_000),
        "? a\n".repeat(30_000),
        format!("a: {}", "\"é\", ".repeat(20_000)),
        keys,
    ];
    for source in great {
        answer(&source);
    }
}

#[test]
fn plain_words_are_texts() {
    let source = "scenario: yes\nconfig: { a: yes, b: 0o17, c: 0xff, d: 1e3, e: -5, f: 12:30, g: ~, h: +1.5, i: 1_000, j: 007 }\nsteps:\n  - clock: 1s\n";
    let config = parse("a/b", source).unwrap().config;
    let expected = serde_json::json!({
        "a": "yes", "b": 15, "c": 255, "d": 1000.0, "e": -5, "f": "12:30", "g": null, "h": 1.5, "i": "1_000", "j": 7
    });
    assert_eq!(config, expected);
}

#[test]
fn a_twin_is_the_request_with_its_changes() {
    let scenario = parse("golden/all", GOLDEN).unwrap();
    let twin = scenario.steps[4].twin.as_ref().unwrap();
    let Twin::Request { action: Action::Client(call), .. } = twin else { panic!("{twin:?}") };
    let mut known = Known::at_start("u", 0);
    known.captures.insert("id".to_owned(), "k1".into());
    assert_eq!(call.bind_body(&known), Ok(Some(serde_json::json!({ "keyId": "k1", "name": "other" }))));
    assert_eq!(call.actor.as_deref(), Some("alice"));
}

#[test]
fn a_twin_takes_actors_and_headers_away() {
    let twin_of = |step: &str, twin: &str| {
        let source = format!(
            "scenario: s\nsteps:\n  - {step}\n    expect: [ {{ check: a.b.c, requirement: a.b, status: 401 }} ]\n    twin: {twin}\n"
        );
        let scenario = parse("a/b", &source).unwrap_or_else(|found| panic!("{}", render_all(&found, Style::Plain)));
        match scenario.steps[0].twin.clone() {
            Some(Twin::Request { action: Action::Client(call), .. }) => call,
            other => panic!("{other:?}"),
        }
    };
    let own = "client: listApiKeys\n    as: alice\n    headers: { Cookie: bad, x-a: b }";
    assert_eq!(twin_of(own, "{ as: !absent }").actor, None);
    assert!(twin_of(own, "{ headers: !absent }").headers.is_empty());
    assert_eq!(twin_of(own, "{ headers: { cookie: !absent } }").headers.keys().collect::<Vec<_>>(), ["x-a"]);
    let taken = twin_of("client: listApiKeys\n    as: alice", "{ headers: { cookie: !absent } }");
    assert_eq!(taken.headers["cookie"], Template::Absent);
    let moved = twin_of("server: listApiKeys", "{ client: GET /ok, text: x }");
    assert_eq!(moved.target, Target::Route { method: "GET".to_owned(), path: "/ok".to_owned() });
    let replaced = twin_of("client: createApiKey\n    text: '{'", "{ body: {} }");
    assert_eq!((replaced.text, replaced.body), (None, Some(Template::Map(Default::default()))));
}

#[test]
fn some_of_many_replies_prove_the_rejection() {
    let many = |expect: &str| {
        let source = format!(
            "scenario: s\nsteps:\n  - repeat: 3\n    each: {{ server: verifyApiKey }}\n    expect:\n      - {{ check: a.b.c, requirement: a.b, {expect} }}\n"
        );
        parse("a/b", &source).is_ok()
    };
    assert!(many("tally: { valid: 1, USAGE_EXCEEDED: 2 }"));
    assert!(many("first: { valid: true }, last: { valid: USAGE_EXCEEDED }"));
    assert!(!many("tally: { valid: 0, USAGE_EXCEEDED: 3 }"));
    assert!(!many("every: { valid: USAGE_EXCEEDED }"));
}
