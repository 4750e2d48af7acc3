//! Ctrl-C, twice Ctrl-C, and the death of keyspec itself.

use std::fs;

use super::support::{Place, at_once, finish, outcomes, signal};

/// A suite with one scenario that takes far longer than any test waits.
fn endless(place: &Place) -> [String; 4] {
    for name in ["requirements/keys.toml", "scenarios/keys/create.yaml"] {
        place.write(
            &format!("suite/{name}"),
            &fs::read_to_string(super::support::manifest("tests/cli/suite").join(name)).unwrap(),
        );
    }
    let story = "
scenario: very many calls
config: { defaultPrefix: slow_ }
steps:
  - as: alice
    client: createApiKey
    body: { name: used }
    capture: { key: body.key }
  - repeat: 1000
    each:
      server: verifyApiKey
      body: { key: $key }
    expect:
      - check: slow.verify.valid
        requirement: use.verified
        every: { valid: true }
";
    place.write("suite/scenarios/slow/verify.yaml", story);
    let dir = |name: &str| place.path("suite").join(name).display().to_string();
    ["--scenarios".to_owned(), dir("scenarios"), "--requirements".to_owned(), dir("requirements")]
}

#[test]
fn ctrl_c_keeps_what_ran_and_leaves_nothing_behind() {
    at_once(["-INT", "-TERM"], |name| {
        let place = Place::new();
        let suite = endless(&place);
        let target = place.proxy("slow-call grandchild");
        let before = place.files();
        let args = ["run", "--target", &target, "-j1", "--report", "json=run.json", "--report", "ndjson=events.ndjson"];
        let process = place.keyspec(&args).args(&suite.each_ref().map(String::as_str)).spawn();
        place.wait_until_reached();
        signal(&process, name);
        let done = finish(process).exits(130).says("once more ends at once").says("no verdict: interrupted");
        assert!(done.out.contains("the run was interrupted"), "{}", done.out);
        place.assert_no_orphans();
        let run = place.json("run.json");
        assert_eq!((&run["interrupted"], &run["complete"]), (&true.into(), &true.into()));
        let found: Vec<_> = outcomes(&run);
        let expected = [
            ("keys.create.permissions-refused", "pass"),
            ("keys.create.returned", "pass"),
            ("slow.verify.valid", "skip"),
        ];
        assert_eq!(found, expected.map(|(id, outcome)| (id.to_owned(), outcome.to_owned())));
        let left: Vec<_> = place.files().into_iter().filter(|path| !before.contains(path)).collect();
        assert_eq!(left, [place.path("events.ndjson"), place.path("run.json")]);
    });
}

#[test]
fn ctrl_c_is_heard_while_an_adapter_hangs() {
    let modes = ["hangs-at-hello deaf", "hangs-at-start deaf", "hangs-at-actor deaf", "hangs-at-stop deaf"];
    at_once(modes, |mode| {
        let place = Place::new();
        let target = place.proxy(mode);
        let process = place.run(&["--target", &target, "--timeout", "1000"]).spawn();
        place.wait_until_reached();
        signal(&process, "-INT");
        finish(process).exits(130);
        place.assert_no_orphans();
    });
}

#[test]
fn the_second_ctrl_c_ends_at_once() {
    let place = Place::new();
    let target = place.proxy("hangs-at-stop deaf grandchild");
    let mut process = place.run(&["--target", &target, "--timeout", "1000", "--report", "json=run.json"]).spawn();
    place.wait_until_reached();
    signal(&process, "-INT");
    // Only when the first is heard is the second a second one.
    let mut heard = [0; 9];
    std::io::Read::read_exact(process.stderr.as_mut().unwrap(), &mut heard).unwrap();
    assert_eq!(&heard, b"stopping:");
    signal(&process, "-INT");
    finish(process).exits(130);
    place.assert_no_orphans();
}

#[test]
fn adapter_check_can_be_interrupted() {
    let place = Place::new();
    let target = place.proxy("hangs-at-start deaf");
    let process = place.keyspec(&["adapter", "check", &target, "--timeout", "1000"]).spawn();
    place.wait_until_reached();
    signal(&process, "-INT");
    finish(process).exits(130);
    place.assert_no_orphans();
}

#[test]
fn an_adapter_leaves_by_itself_when_keyspec_is_killed() {
    let place = Place::new();
    let suite = endless(&place);
    let target = place.proxy("slow-call");
    let mut process = place.keyspec(&["run", "--target", &target]).args(&suite.each_ref().map(String::as_str)).spawn();
    place.wait_until_reached();
    process.kill().unwrap();
    process.wait().unwrap();
    place.assert_no_orphans();
}

#[test]
fn an_event_stream_is_complete_up_to_the_moment_of_a_kill() {
    let place = Place::new();
    let suite = endless(&place);
    let target = place.proxy("slow-call");
    let args = ["run", "--target", &target, "-j1", "--report", "ndjson=events.ndjson"];
    let mut process = place.keyspec(&args).args(&suite.each_ref().map(String::as_str)).spawn();
    place.wait_until_reached();
    process.kill().unwrap();
    process.wait().unwrap();
    let text = place.read("events.ndjson");
    let events: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let finished = events.iter().filter(|event| event["event"] == "check-finished").count();
    assert_eq!((finished, &events[0]["event"]), (2, &"run-started".into()));
    place.assert_no_orphans();
}
