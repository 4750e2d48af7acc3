//! Adapters that die, hang, rave or will not leave: exit 3, a complete report, no orphan, and the rest of the run.

use serde_json::Value;

use super::support::{CHECKS, Done, Place, at_once, outcomes};

/// Runs the small suite, one scenario at a time, on a misbehaving adapter, and looks at what must always hold.
fn run(place: &Place, modes: &str, timeout: &str) -> (Done, Value) {
    let target = place.proxy(modes);
    let args = ["--target", &target, "-j1", "--timeout", timeout, "--report", "json=run.json", "--findings", "none"];
    let done = place.run(&args).done();
    place.assert_no_orphans();
    let run = place.json("run.json");
    assert_eq!(run["complete"], true, "{modes}");
    let ids: Vec<String> = outcomes(&run).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, CHECKS, "{modes}: every check has an outcome");
    for check in run["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == "error") {
        assert_eq!(check["finding"]["blame"], "environment", "{modes}: {check}");
    }
    (done, run)
}

fn with_outcome(run: &Value, outcome: &str) -> Vec<String> {
    outcomes(run).into_iter().filter(|(_, found)| found == outcome).map(|(id, _)| id).collect()
}

/// One scenario is lost, the others pass on an adapter that was started again.
#[track_caller]
fn loses_one_scenario(modes: &str, timeout: &str, reason: &str) {
    let place = Place::new();
    let (done, run) = run(&place, modes, timeout);
    let lost = with_outcome(&run, "error");
    let scenario = |id: &String| id.split('.').take(2).collect::<Vec<_>>().join(".");
    assert!(!lost.is_empty() && lost.iter().all(|id| scenario(id) == scenario(&lost[0])), "{modes}: {lost:?}");
    assert_eq!(with_outcome(&run, "pass").len(), CHECKS.len() - 1 - lost.len(), "{modes}: {run:#}");
    done.exits(3).says(reason);
}

#[test]
fn one_that_dies_in_the_middle() {
    let cases = [
        ("dies-at-call", "the end of its log:\n    Traceback: no luck with call"),
        ("dies-at-clock", "Traceback: no luck with clock"),
        ("dies-at-start", "no deployment could be started: the adapter ended"),
        ("dies-at-actor", "there is no actor alice: the adapter ended"),
    ];
    at_once(cases, |(mode, reason)| loses_one_scenario(mode, "10", reason));
}

fn one_that_hangs_at_a_call() {
    loses_one_scenario("hangs-at-call", "6", "did not answer `call` within 6 s");
}

/// Together, since keyspec gives each of them time to come round.
#[test]
fn those_that_are_waited_for() {
    let cases: [fn(); 6] = [
        one_that_hangs_at_a_call,
        one_that_hangs_at_the_start_of_a_deployment,
        one_that_never_says_hello,
        one_that_does_not_leave_is_made_to,
        one_whose_child_stays_behind_is_cleared_away_with_it,
        one_that_dies_and_leaves_a_child_behind,
    ];
    at_once(cases, |case| case());
}

#[test]
fn one_that_prints_rubbish() {
    loses_one_scenario(
        "rubbish-at-call",
        "10",
        "no reply of the protocol (expected value at line 1 column 1): DEBUG: now comes call",
    );
    loses_one_scenario("rubbish-at-start", "10", "DEBUG: now comes start");
}

#[test]
fn one_that_floods() {
    loses_one_scenario("floods-at-call", "60", "a line longer than 4 MiB");
}

#[test]
fn one_that_answers_another_request() {
    loses_one_scenario("wrong-id-at-call", "10", "which is not under way");
}

#[test]
fn one_that_answers_twice() {
    // The second answer is noticed at the next request, or after the last one.
    let place = Place::new();
    let (done, run) = run(&place, "twice-at-actor", "10");
    assert!(with_outcome(&run, "pass").len() >= 4, "{run:#}");
    done.exits(3).says("which is not under way");
}

#[test]
fn one_that_always_dies_is_given_up() {
    let place = Place::new();
    let (done, run) = run(&place, "always-dies-at-start", "10");
    assert_eq!(with_outcome(&run, "error").len(), CHECKS.len() - 1);
    done.exits(3).says("Traceback: no luck with start");
    let starts = place.read("state/pids").lines().count() / 2;
    assert_eq!(starts, 4, "started once and three times again");
}

fn one_that_hangs_at_the_start_of_a_deployment() {
    let place = Place::new();
    let (done, run) = run(&place, "hangs-at-start", "0.6");
    assert!(!with_outcome(&run, "error").is_empty());
    done.exits(3).says("did not answer `start` within 6 s");
}

fn one_that_never_says_hello() {
    let cases = [
        ("dies-at-hello", "10", "the adapter ended; the end of its log:\n    Traceback: no luck with hello"),
        ("hangs-at-hello", "0.6", "did not answer `hello` within 6 s"),
        ("rubbish-at-hello", "10", "DEBUG: now comes hello"),
        ("unsupported-hello", "10", "there is no hello here"),
        ("other-protocol", "10", "it speaks version 2 of the protocol, keyspec speaks 1"),
    ];
    at_once(cases, |(mode, timeout, reason)| {
        let place = Place::new();
        let target = place.proxy(mode);
        let done = place.run(&["--target", &target, "--timeout", timeout]).done().exits(3).says(reason);
        assert_eq!(done.out, "");
        place.assert_no_orphans();
    });
}

#[test]
fn one_that_can_do_nothing_shows_nothing() {
    let place = Place::new();
    let (done, run) = run(&place, "unsupported-start", "10");
    assert_eq!(with_outcome(&run, "not-applicable").len(), CHECKS.len());
    done.exits(4).says("there is no start here");
}

#[test]
fn one_that_fails_says_why_and_is_not_started_again() {
    let place = Place::new();
    let (done, run) = run(&place, "fails-at-call", "10");
    assert_eq!(with_outcome(&run, "error").len(), 4);
    assert_eq!(with_outcome(&run, "pass").len(), 3);
    assert_eq!(place.read("state/pids").lines().count(), 2);
    done.exits(3).says("the adapter failed at `call`: the database of call is away");
}

#[test]
fn one_that_writes_a_hundred_megabytes_to_its_log_conforms() {
    let place = Place::new();
    let (done, run) = run(&place, "noisy-at-call", "60");
    assert_eq!(with_outcome(&run, "pass").len(), CHECKS.len() - 1);
    done.exits(0);
}

fn one_that_does_not_leave_is_made_to() {
    let place = Place::new();
    run(&place, "deaf", "10").0.exits(0);
}

fn one_whose_child_stays_behind_is_cleared_away_with_it() {
    let place = Place::new();
    run(&place, "grandchild", "10").0.exits(0);
}

fn one_that_dies_and_leaves_a_child_behind() {
    let place = Place::new();
    // The child holds the adapter's streams open, so that the death shows as silence only.
    run(&place, "grandchild dies-at-call", "6").0.exits(3);
}

#[test]
fn one_that_starts_its_deployments_elsewhere_is_not_followed() {
    let place = Place::new();
    let (done, run) = run(&place, "not-loopback", "10");
    assert_eq!(run["timing"]["requests"], 0);
    done.exits(3).says("is not on loopback");
}
