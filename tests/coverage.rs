//! The catalogue and the suite against each other, by what a real run emits. `UPDATE=1 cargo test --test coverage` writes
//! `docs/coverage.md` again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn keyspec(args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_keyspec")).args(args).output().expect("keyspec runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{args:?}: {error}\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The checks that pass on the reference in at least one edition.
fn observed() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Up to 1.2.8 there are differences that no newer edition shows.
    for edition in ["1.2.5", "1.2.8", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        let run = keyspec(&["run", "--edition", edition, "--report", "json=-", "--findings", "none"]);
        let checks = run["checks"].as_array().expect("checks");
        found.extend(
            checks.iter().filter(|check| text(check, "outcome") == "pass").map(|check| text(check, "check").to_owned()),
        );
    }
    found
}

#[test]
fn every_requirement_is_covered_by_a_check_that_a_run_emits_or_says_why_not() {
    let observed = observed();
    let requirements = keyspec(&["list", "requirements", "--json"]);
    let mut wrong = Vec::new();
    let mut emitted = BTreeSet::new();
    for requirement in requirements.as_array().expect("requirements") {
        let checks: Vec<&str> =
            requirement["checks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let excluded = requirement["excluded"].is_string();
        let seen = checks.iter().any(|check| observed.contains(*check));
        if seen == excluded {
            wrong.push(text(requirement, "id").to_owned());
        }
        emitted.extend(checks.into_iter().map(str::to_owned));
    }
    assert!(
        wrong.is_empty(),
        "neither covered by a check that passes on the reference nor excluded (or both): {wrong:#?}"
    );
    let silent: Vec<_> = emitted.difference(&observed).collect();
    assert!(silent.is_empty(), "no run on the reference observes these checks: {silent:#?}");
}

#[test]
fn every_must_is_broken_by_a_fault_or_says_why_not() {
    let requirements = keyspec(&["list", "requirements", "--json"]);
    let musts = requirements.as_array().expect("requirements").iter().filter(|one| text(one, "level") == "MUST");
    let silent = musts.filter(|must| {
        let faults = must["faults"].as_array().expect("faults");
        faults.is_empty() && !must["excluded"].is_string() && !must["unbroken"].is_string()
    });
    let silent: Vec<&str> = silent.map(|must| text(must, "id")).collect();
    assert!(silent.is_empty(), "neither a fault nor a reason: {silent:#?}");
}

#[test]
fn the_coverage_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    let wanted = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).expect("the page can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == wanted, "{} is not up to date: UPDATE=1 cargo test --test coverage", path.display());
}

/// The catalogue with its checks and faults, by profile.
fn page() -> String {
    let requirements = keyspec(&["list", "requirements", "--json"]);
    let faults = keyspec(&["list", "faults", "--json"]);
    let mut breaking: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in faults.as_array().expect("faults") {
        *breaking.entry(text(fault, "requirement")).or_default() += 1;
    }
    let mut profiles: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for requirement in requirements.as_array().expect("requirements") {
        profiles.entry(text(requirement, "profile")).or_default().push(requirement);
    }
    let mut page = "# Coverage\n\nEvery requirement of the catalogue with the number of its checks and of the seeded faults that break it. \
        Written by\n`UPDATE=1 cargo test --test coverage`; a test fails when it is out of date, and when a requirement has no check that a run\n\
        observes and no reason for it, and when a MUST has no fault and no reason for that. `keyspec explain ID` shows each in full.\n"
        .to_owned();
    for (profile, requirements) in profiles {
        let _ = write!(
            page,
            "\n## {profile}\n\n| requirement | level | checks | faults | source |\n|---|---|---|---|---|\n"
        );
        for requirement in requirements {
            let id = text(requirement, "id");
            let checks = match &requirement["excluded"] {
                Value::String(reason) => format!("none: {reason}"),
                _ => requirement["checks"].as_array().map_or(0, Vec::len).to_string(),
            };
            let faults = match &requirement["unbroken"] {
                Value::String(reason) => format!("none: {reason}"),
                _ => breaking.get(id).copied().unwrap_or(0).to_string(),
            };
            let drift = if requirement["drift"].is_string() { ", drift" } else { "" };
            let (level, source) = (text(requirement, "level"), text(requirement, "source"));
            let _ = writeln!(page, "| {id} | {level} | {checks} | {faults} | {source}{drift} |");
        }
    }
    page
}
