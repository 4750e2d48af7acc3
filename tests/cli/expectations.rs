//! What is known not to hold, and what becomes of a run when that changes.

use super::support::{Done, Place, outcomes, steady};

const FAULT: &str = "reference?fault=create.client-permissions-accepted";

fn entry(check: &str, outcome: &str, more: &str) -> String {
    format!("[[expect]]\ncheck = \"{check}\"\noutcome = \"{outcome}\"\nreason = \"known since long\"\n{more}\n")
}

fn run(place: &Place, target: &str, expectations: &str) -> Done {
    place.write("known.toml", expectations);
    place.run(&["--target", target, "-j1", "--expectations", "known.toml", "--report", "json=run.json"]).done()
}

fn outcome(place: &Place, check: &str) -> String {
    outcomes(&place.json("run.json")).into_iter().find(|(id, _)| id == check).unwrap().1
}

#[test]
fn a_known_failure_fails_no_run() {
    let place = Place::new();
    for verdict in ["must-fail", "may-fail"] {
        let link = "link = \"https://example.com/issues/1\"";
        run(&place, FAULT, &entry("keys.create.permissions-refused", verdict, link))
            .exits(0)
            .says("expected-fail")
            .says("conforms but for 1 known failure · ");
        assert_eq!(outcome(&place, "keys.create.permissions-refused"), "expected-fail");
        let run = place.json("run.json");
        let check = run["checks"].as_array().unwrap().iter().find(|check| check["outcome"] == "expected-fail").unwrap();
        assert_eq!(check["reason"], "known since long");
        assert_eq!(check["finding"]["expectation"]["link"], "https://example.com/issues/1");
    }
}

#[test]
fn a_known_failure_that_holds_is_news() {
    let place = Place::new();
    let done = run(&place, "reference", &entry("keys.create.permissions-refused", "must-fail", "")).exits(1);
    steady(|| insta::assert_snapshot!("expectations-unexpected-pass", done.shown()));
    assert_eq!(outcome(&place, "keys.create.permissions-refused"), "unexpected-pass");
    run(&place, "reference", &entry("keys.create.permissions-refused", "may-fail", "")).exits(0);
    assert_eq!(outcome(&place, "keys.create.permissions-refused"), "pass");
}

#[test]
fn an_entry_that_matches_nothing_or_has_expired_fails_the_run() {
    let place = Place::new();
    run(&place, "reference", &entry("keys.create.permission-refused", "may-fail", ""))
        .exits(1)
        .says("known.toml:1: `keys.create.permission-refused` matches no check of the suite")
        .says("near to it: keys.create.permissions-refused");
    run(&place, FAULT, &entry("keys.create.permissions-refused", "must-fail", "expires = \"2020-01-31\""))
        .exits(1)
        .says("known.toml:1: the entry for `keys.create.permissions-refused` has expired");
    run(&place, FAULT, &entry("keys.create.permissions-refused", "must-fail", "expires = \"2999-01-31\"")).exits(0);
}

#[test]
fn an_entry_for_other_editions_does_not_count() {
    let place = Place::new();
    run(&place, FAULT, &entry("keys.create.permissions-refused", "must-fail", "editions = \"<1.5\"")).exits(1);
    assert_eq!(outcome(&place, "keys.create.permissions-refused"), "fail");
}

#[test]
fn what_is_skipped_counts_for_nothing() {
    let place = Place::new();
    run(&place, FAULT, &entry("keys.create.*", "skip", ""))
        .exits(0)
        .says("2 skip (core): known since long")
        .says("conforms but for 2 checks skipped · ");
    assert_eq!(outcome(&place, "keys.create.permissions-refused"), "skip");
    assert_eq!(outcome(&place, "keys.create.returned"), "skip");
}

#[test]
fn a_known_failure_excuses_no_error_and_nothing_unobserved() {
    let place = Place::new();
    let target = place.proxy("fails-at-call");
    run(&place, &target, &entry("use.**", "must-fail", "")).exits(3);
    assert_eq!(outcome(&place, "use.verify.accepted"), "error");
}

#[test]
fn mistakes_in_a_file_are_2() {
    let place = Place::new();
    for (text, part) in [
        ("[[expect]]\nchck = 'a'\n", "unknown field `chck`"),
        (entry("a.b.c", "must-fial", "").as_str(), "unknown variant `must-fial`"),
        (entry("a.b.c", "skip", "expires = \"soon\"").as_str(), "line 1: `expires` is no date"),
        (entry("a.b.c", "skip", "editions = \"new\"").as_str(), "line 1: `editions` is no version requirement"),
        ("[[expect\n", "TOML parse error at line 1"),
    ] {
        run(&place, "reference", text).exits(2).says("known.toml").says(part);
    }
}
