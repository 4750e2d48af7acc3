//! A correct server that leaves much out: it conforms on what it has, and the rest is counted and named, never passed.

use serde_json::Value;

use super::support::Place;

/// What every target of the bundled suite is counted by.
const PROFILES: [&str; 7] = ["core", "limits", "organizations", "self-grant", "server", "sessions", "storage"];

/// Keys, trusted calls and a clock; no sessions from keys, organizations, configurations, storages or functions.
const SMALL: &str = "only:server-calls,actors,clock,exact-clock";

fn run(place: &Place, args: &[&str], exit: i32, says: &[&str]) -> Value {
    let report = ["--report", "json=run.json", "--findings", "none"];
    let mut done = place.keyspec(&["run"]).args(&report).args(args).done().exits(exit);
    for text in says {
        done = done.says(text);
    }
    place.json("run.json")
}

fn count(run: &Value, profile: &str, name: &str) -> u64 {
    run["scores"][profile][name].as_u64().unwrap_or_default()
}

#[test]
fn a_small_server_conforms_on_what_it_has() {
    let place = Place::new();
    let whole = run(&place, &[], 0, &["conforms"]);
    let target = place.proxy(SMALL);
    let says = ["conforms", "nothing of organizations, self-grant, sessions applies here: it is not judged"];
    let small = run(&place, &["--target", &target], 0, &says);
    assert_eq!(small["header"]["partial"], false);
    for profile in PROFILES {
        let checks = count(&small, profile, "checks");
        assert_eq!(checks, count(&whole, profile, "checks"), "{profile}: the denominator is fixed");
        let (applicable, left_out) = (count(&small, profile, "applicable"), count(&small, profile, "notApplicable"));
        assert_eq!(applicable + left_out, checks, "{profile}");
        assert_eq!(count(&small, profile, "passed"), applicable, "{profile}: {:#}", small["scores"][profile]);
        assert_eq!(count(&small, profile, "failed"), 0, "{profile}");
        let reasons = small["scores"][profile]["reasons"].as_object().cloned().unwrap_or_default();
        assert_eq!(reasons.values().filter_map(Value::as_u64).sum::<u64>(), left_out, "{profile}: {reasons:?}");
        assert!(reasons.keys().all(|reason| !reason.is_empty()), "{profile}: {reasons:?}");
    }
    let absent = [("organizations", "organizations"), ("self-grant", "self-grant"), ("sessions", "sessions-from-keys")];
    for (profile, capability) in absent {
        assert_eq!(count(&small, profile, "applicable"), 0);
        let reasons = small["scores"][profile]["reasons"].as_object().unwrap();
        let named = |reason: &String| reason.contains("does not declare") && reason.contains(capability);
        assert!(reasons.keys().any(named), "{reasons:?}");
    }
    assert!(["core", "limits", "server"].iter().all(|profile| count(&small, profile, "applicable") > 50));
    place.assert_no_orphans();
}

#[test]
fn without_a_clock_and_trusted_calls_there_is_less_to_judge() {
    let place = Place::new();
    let target = place.proxy("only:actors,exact-clock");
    let small = run(&place, &["--target", &target], 0, &["conforms"]);
    assert!(count(&small, "core", "applicable") > 50);
    assert_eq!(count(&small, "core", "passed"), count(&small, "core", "applicable"));
    assert!(count(&small, "limits", "notApplicable") > count(&small, "limits", "applicable"));
    place.assert_no_orphans();
}

#[test]
fn what_is_declared_and_wrong_fails() {
    let place = Place::new();
    let target = place.proxy(&format!("{SMALL} fault:verify.disabled-accepted"));
    let wrong = run(&place, &["--target", &target], 1, &["does not conform"]);
    assert!(count(&wrong, "server", "failed") > 0);
    assert_eq!(count(&wrong, "sessions", "failed"), 0);
    place.assert_no_orphans();
}

#[test]
fn a_selection_is_called_partial() {
    let place = Place::new();
    let target = place.proxy(SMALL);
    let part = run(&place, &["--target", &target, "--profile", "core", "--quiet"], 0, &["conforms · partial run"]);
    assert_eq!(part["header"]["partial"], true);
    assert_eq!(part["scores"].as_object().unwrap().keys().collect::<Vec<_>>(), ["core"]);
    place.assert_no_orphans();
}
