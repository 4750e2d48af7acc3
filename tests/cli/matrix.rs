//! Targets side by side.

use std::fs;

use super::support::{CHECKS, Keyspec, Place, manifest, small_suite, steady};

const FAULT: &str = "reference?fault=create.client-permissions-accepted";

fn matrix(place: &Place, args: &[&str]) -> Keyspec {
    let suite = small_suite();
    let suite: Vec<&str> = suite.iter().map(String::as_str).collect();
    place.keyspec(&["matrix"]).args(&suite).args(args)
}

#[test]
fn one_table_and_the_findings_of_each() {
    let place = Place::new();
    let reports = ["--report", "json=m.json", "--report", "markdown=m.md"];
    let done = matrix(&place, &["reference", FAULT]).args(&reports).done().exits(1);
    steady(|| insta::assert_snapshot!("matrix", done.shown()));
    let schema = fs::read_to_string(manifest("docs/schema/matrix.json")).unwrap();
    let document = place.json("m.json");
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &document).unwrap();
    assert_eq!(document["denominators"]["all"], CHECKS.len());
    for column in document["columns"].as_array().unwrap() {
        let counted: u64 = column["summary"]["all"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(counted, CHECKS.len() as u64, "a denominator is the same for every target");
    }
    assert!(place.read("m.md").contains("| `keys.create.permissions-refused` |"), "{}", place.read("m.md"));
}

#[test]
fn one_that_does_not_start_does_not_end_the_others() {
    let place = Place::new();
    let done = matrix(&place, &["reference", "adapter:./not-there", FAULT, "--report", "json=m.json"]).done().exits(3);
    let done = done.says("did not start").says("cannot start the adapter `./not-there`");
    assert!(done.out.contains("1 reference") && done.out.contains("does not conform"), "{}", done.out);
    let codes: Vec<_> =
        place.json("m.json")["columns"].as_array().unwrap().iter().map(|one| one["exitCode"].clone()).collect();
    assert_eq!(codes, [0, 3, 1]);
}

#[test]
fn names_are_read_before_anything_is_started() {
    let place = Place::new();
    matrix(&place, &["reference", "refrence"]).done().exits(2).says("did you mean `reference`");
    matrix(&place, &["reference", "--select", "keys.creat"]).done().exits(4).says("near to it");
    matrix(&place, &["reference", "--report", "junit=x"]).done().exits(2).says("json or markdown");
    place.keyspec(&["matrix"]).done().exits(2);
    assert!(place.files().iter().all(|path| !path.ends_with("x")));
}

#[test]
fn the_authority_is_one_of_them_or_joins_them() {
    let place = Place::new();
    let done = matrix(&place, &[FAULT, "--authority", "reference", "--report", "json=m.json"]).done().exits(1);
    done.says("the others are compared with it");
    let document = place.json("m.json");
    assert_eq!(document["columns"].as_array().unwrap().len(), 2);
    assert_eq!(document["authority"], "reference");
    let agreement = &document["columns"][0]["agreement"];
    assert!(agreement["same"].as_u64() < agreement["compared"].as_u64(), "{agreement}");
}

#[test]
fn a_filtered_matrix_is_partial_and_a_target_is_named_once() {
    let place = Place::new();
    let args = ["reference", "reference", "--select", "keys", "--all", "--report", "json=m.json"];
    let done = matrix(&place, &args).done().exits(0).says("partial");
    assert!(done.out.contains("keys.list.shows") && !done.out.contains("use.verify.accepted"), "{}", done.out);
    assert_eq!(place.json("m.json")["partial"], true);
    assert_eq!(place.json("m.json")["columns"].as_array().unwrap().len(), 1);
}

#[test]
fn known_failures_of_all_targets_can_be_given() {
    let place = Place::new();
    place.write(
        "known.toml",
        "[[expect]]\ncheck='keys.create.permissions-refused'\noutcome='may-fail'\nreason='long known'\n",
    );
    let done = matrix(&place, &["reference", FAULT, "--expectations", "known.toml", "--select", "keys"]).done();
    let done = done.exits(0).says("known: long known");
    // What is known is a difference between the targets all the same.
    assert!(done.out.contains("1 check on which targets differ"), "{}", done.out);
}

#[test]
fn colours_and_width_are_those_of_the_terminal() {
    let place = Place::new();
    let plain = matrix(&place, &["reference", FAULT]).env("NO_COLOR", "1").env("COLUMNS", "60").done().exits(1);
    assert!(!plain.out.contains('\u{1b}'));
    // The names of targets are never cut.
    let mut lines = plain.out.lines().skip(1).filter(|line| !line.contains("reference"));
    assert!(lines.all(|line| line.chars().count() <= 60), "{}", plain.out);
    let coloured = matrix(&place, &["reference", FAULT]).env("FORCE_COLOR", "1").done().exits(1);
    assert!(coloured.out.contains("\u{1b}[31m"));
    assert!(matrix(&place, &["reference", "--report", "json=-"]).done().exits(0).out.starts_with('{'));
}
