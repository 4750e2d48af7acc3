//! Which checks a run is about, how often they are tried, and when it gives up.

use std::collections::BTreeSet;

use serde_json::Value;

use super::support::{CHECKS, KEYSPEC, Place, outcomes};

fn run(place: &Place, args: &[&str]) -> Value {
    place.run(args).args(&["-j1", "--report", "json=run.json"]).done();
    place.json("run.json")
}

fn ids(run: &Value) -> Vec<String> {
    outcomes(run).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn selectors_name_checks_scenarios_and_requirements() {
    let place = Place::new();
    for (args, expected) in [
        (&["keys.create.returned"][..], &CHECKS[2..3]),
        (&["keys/create"], &CHECKS[1..3]),
        (&["keys"], &CHECKS[1..4]),
        (&["keys.*.returned"], &CHECKS[2..3]),
        (&["**.refused"], &[CHECKS[4], CHECKS[7]]),
        (&["use.verified"], &[CHECKS[5], CHECKS[7]]),
        (&["keys/list", "use.expires"], &CHECKS[3..5]),
        (&["--profile", "limits"], &CHECKS[4..5]),
        (&["--profile", "limits", "--profile", "server"], &CHECKS[4..8]),
        (&["--level", "must"], &[CHECKS[1], CHECKS[2], CHECKS[4], CHECKS[5], CHECKS[7]]),
        (&["--level", "SHOULD", "keys"], &CHECKS[1..4]),
        (&["--level", "may"], &CHECKS[..]),
    ] {
        let run = run(&place, args);
        assert_eq!(ids(&run), expected, "{args:?}");
        assert_eq!(run["header"]["partial"], true, "{args:?}");
        assert_eq!(run["header"]["checks"], expected.len(), "{args:?}");
    }
    assert_eq!(run(&place, &[])["header"]["partial"], false);
    place.run(&["keys"]).done().exits(0).says("· partial run");
}

#[test]
fn shards_cover_everything_once() {
    let place = Place::new();
    for of in [2, 3, 7] {
        let mut seen = Vec::new();
        for number in 1..=of {
            let run = run(&place, &["--shard", &format!("{number}/{of}")]);
            assert_eq!(run["header"]["partial"], true);
            seen.extend(ids(&run));
        }
        assert_eq!(seen.len(), CHECKS.len(), "of {of}: {seen:?}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), CHECKS.len());
    }
}

#[test]
fn what_fails_first_and_holds_later_is_flaky_and_fails_the_run() {
    let place = Place::new();
    let target = place.proxy("flaky");
    let args = [
        "use/verify",
        "-j1",
        "--target",
        &target,
        "--retries",
        "2",
        "--report",
        "json=run.json",
        "--report",
        "junit=run.xml",
    ];
    place.run(&args).done().exits(1).says("FLAKY use.verify.accepted");
    let found = outcomes(&place.json("run.json"));
    assert_eq!(found.iter().filter(|(_, outcome)| outcome == "flaky").count(), 1, "{found:?}");
    assert!(place.read("run.xml").contains("flakyFailure"));
    place.assert_no_orphans();
}

#[test]
fn without_retries_nothing_is_tried_again() {
    let place = Place::new();
    let target = place.proxy("flaky");
    place.run(&["use/verify", "-j1", "--target", &target]).done().exits(1).says("FAIL use.verify.accepted");
}

#[test]
fn what_keeps_failing_is_not_flaky() {
    let place = Place::new();
    let args = ["keys", "--target", "reference?fault=create.client-permissions-accepted", "--retries", "2"];
    place.run(&args).done().exits(1).says("FAIL keys.create.permissions-refused");
}

#[test]
fn enough_failures_end_a_run_early() {
    let place = Place::new();
    let args = ["-j1", "--max-fail", "1", "--target", "reference?fault=create.client-permissions-accepted"];
    // Scenarios begin in the order of their names: keys/create is the first that does anything.
    place
        .run(&args)
        .args(&["--report", "json=run.json"])
        .done()
        .exits(1)
        .says("skip (core 1, limits 1, server 3): --max-fail 1 was reached");
    let found = outcomes(&place.json("run.json"));
    assert_eq!(found.len(), CHECKS.len());
    let of = |word: &str| found.iter().filter(|(_, outcome)| outcome == word).count();
    assert_eq!((of("fail"), of("pass"), of("skip"), of("not-applicable")), (1, 1, 5, 1), "{found:?}");
}

#[test]
fn an_edition_decides_what_applies() {
    let place = Place::new();
    let old = run(&place, &["--edition", "1.2"]);
    assert_eq!(old["header"]["edition"], "1.2.12");
    let of = |run: &Value| outcomes(run).into_iter().find(|(id, _)| id == "use.verify.refused").unwrap().1;
    assert_eq!(of(&old), "not-applicable");
    place
        .run(&["--edition", "1.2"])
        .done()
        .exits(0)
        .says("not-applicable (server): for editions >=1.3; this is 1.2.12");
    assert_eq!(of(&run(&place, &["--edition", "1.7"])), "pass");
}

#[test]
fn the_target_can_come_from_the_environment() {
    let place = Place::new();
    place.run(&["-q"]).env("KEYSPEC_TARGET", "refrence").done().exits(2).says("did you mean `reference`?");
    place.run(&["-q", "--target", "reference"]).env("KEYSPEC_TARGET", "refrence").done().exits(0);
}

/// `jobs` in an `adapter.toml`: an implementation that confuses what comes at once is asked one thing after the other.
#[test]
fn an_adapter_can_ask_for_one_scenario_at_a_time() {
    let place = Place::new();
    let most_at_once = |jobs: &str| {
        place.write("adapter/adapter.toml", &format!("command = ['{KEYSPEC}', 'serve', '--adapter']\n{jobs}"));
        let events =
            ["--target", "adapter:adapter", "--report", "ndjson=events", "--findings", "none", "-j", "8", "create"];
        place.keyspec(&["run"]).args(&events).done().exits(0);
        let mut open = 0_i32;
        let told = place.read("events");
        let counts = told.lines().map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            open += match event["event"].as_str().unwrap() {
                "scenario-started" => 1,
                "scenario-finished" => -1,
                _ => 0,
            };
            open
        });
        counts.max().unwrap()
    };
    assert_eq!(most_at_once("jobs = 1"), 1);
    assert!(most_at_once("") > 1, "otherwise as many as `-j` says");
}
