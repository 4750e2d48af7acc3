//! `parallel` and `repeat`: several requests take turns, and each knows its number.

use super::support::{Place, manifest};

/// The outcome of each check of a story, told from a run on the reference.
fn judged(steps: &str, exit: i32) -> Vec<String> {
    let place = Place::new();
    place.write("scenarios/keys/turns.yaml", &format!("scenario: requests take turns\nsteps:\n{steps}"));
    let requirements = manifest("tests/cli/suite/requirements").display().to_string();
    let suite = ["run", "--scenarios", "scenarios", "--requirements", &requirements];
    place.keyspec(&suite).args(&["--report", "json=run.json", "--findings", "none"]).done().exits(exit);
    let run = place.json("run.json");
    let told = |check: &serde_json::Value| format!("{} {}", check["check"], check["outcome"]).replace('"', "");
    run["checks"].as_array().unwrap().iter().map(told).collect()
}

const TURNS: &str = "\
- ACTION: 5
  each:
    - as: alice
      client: createApiKey
      body: { name: \"alice ${index}\" }
    - as: bob
      client: createApiKey
      body: { name: \"bob ${index}\" }
  expect:
    - check: keys.turns.accepted
      requirement: keys.created
      tally: { ok: 5 }
    - check: keys.turns.in-order
      requirement: keys.created
      first: { body: { name: alice 0, \"@owner\": $alice.userId } }
      last: { body: { name: alice 4, \"@owner\": $alice.userId } }
- as: bob
  client: listApiKeys
  expect:
    - check: keys.turns.bobs
      requirement: keys.listed
      keys: !unordered [{ name: bob 1 }, { name: bob THREE }]
";

#[test]
fn each_of_several_requests_is_sent_in_turn() {
    for action in ["parallel", "repeat"] {
        let steps = TURNS.replace("ACTION", action).replace("THREE", "3");
        let all = ["keys.turns.accepted pass", "keys.turns.bobs pass", "keys.turns.in-order pass"];
        assert_eq!(judged(&steps, 0), all, "{action}");
    }
    let wrong = TURNS.replace("ACTION", "repeat").replace("THREE", "2");
    assert!(judged(&wrong, 0).contains(&"keys.turns.bobs warn".to_owned()), "the list is looked at");
}

#[test]
fn the_twin_of_several_has_the_next_number() {
    let steps = "\
- parallel: 3
  each:
    as: alice
    client: createApiKey
    body: { name: \"key ${index}\", permissions: { files: [read] } }
  expect:
    - check: keys.turns.refused
      requirement: keys.no-own-grant
      every: { error: SERVER_ONLY_PROPERTY }
  twin:
    body: { permissions: !absent }
    expect:
      - check: keys.turns.twin
        requirement: keys.created
        body: { name: \"key ${index}\" }
- as: alice
  client: listApiKeys
  expect:
    - check: keys.turns.the-twin-alone
      requirement: keys.listed
      keys: [{ name: key 3 }]
";
    assert_eq!(judged(steps, 0), ["keys.turns.refused pass", "keys.turns.the-twin-alone pass", "keys.turns.twin pass"]);
}
