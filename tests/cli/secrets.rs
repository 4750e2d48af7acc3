//! No key, cookie or token that a server gave out is in any output, in any form.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::support::{Done, Place, at_once, manifest};

const REPORTS: [&str; 6] = ["--report", "json=run.json", "--report", "ndjson=run.ndjson", "--report", "junit=run.xml"];

/// Each secret as it is, encoded and hashed.
fn forms(secret: &str) -> Vec<String> {
    let digest = Sha256::digest(secret.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_owned(), hex];
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.extend([engine.encode(secret), engine.encode(digest)]);
    }
    forms
}

/// Looks for the secrets that the adapter noted, in both streams and in every file that the run left.
fn assert_kept(place: &Place, done: &Done, at_least: usize) {
    let noted = place.read("state/secrets");
    let secrets: Vec<&str> = noted.lines().collect();
    assert!(secrets.len() >= at_least, "the adapter noted {} secrets only", secrets.len());
    let mut outputs = vec![("stdout".to_owned(), done.out.clone()), ("stderr".to_owned(), done.err.clone())];
    for path in place.files() {
        outputs.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
    }
    assert!(outputs.iter().any(|(name, _)| name.ends_with("run.xml")), "there are no reports to look through");
    for (name, text) in &outputs {
        for form in secrets.iter().flat_map(|secret| forms(secret)) {
            assert!(!text.contains(&form), "{name} shows {form}:\n{text}");
        }
    }
}

/// Runs with everything that shows anything, and looks through it.
fn run(place: &Place, modes: &str) -> Done {
    let target = place.proxy(modes);
    place.run(&["-v", "-j1", "--target", &target]).args(&REPORTS).done()
}

#[test]
fn an_adapter_that_repeats_the_key_when_it_fails() {
    let place = Place::new();
    let done = run(&place, "leaks-key").exits(3).says("refused [key-");
    assert_kept(&place, &done, 2);
}

#[test]
fn an_adapter_that_dies_with_the_key_in_its_log() {
    let place = Place::new();
    let done = run(&place, "leaks-key-in-log").exits(3).says("the end of its log");
    assert_kept(&place, &done, 2);
}

#[test]
fn an_adapter_that_prints_the_key_between_its_replies() {
    let place = Place::new();
    let done = run(&place, "leaks-key-in-rubbish").exits(3).says("DEBUG key=");
    assert_kept(&place, &done, 2);
}

#[test]
fn secrets_under_names_that_nobody_expects() {
    let place = Place::new();
    let done = run(&place, "invents-secrets").exits(1).says("[key-");
    assert_kept(&place, &done, 1);
}

#[test]
fn a_cookie_in_capitals() {
    let place = Place::new();
    // Nothing is shown of what passes: here nothing does.
    let scenario = "
scenario: a session that is shown
steps:
  - as: alice
    client: GET /get-session
    expect:
      - check: keys.session.nothing
        requirement: keys.created
        body: { user: !absent }
";
    place.write("scenarios/keys/session.yaml", scenario);
    let requirements = manifest("tests/cli/suite/requirements").display().to_string();
    let target = place.proxy("capital-cookie");
    let args = ["run", "-v", "--target", &target, "--scenarios", "scenarios", "--requirements", &requirements];
    let done = place.keyspec(&args).args(&REPORTS).done().exits(1).says("[session-");
    assert_kept(&place, &done, 1);
}

#[test]
fn faults_that_leak() {
    let faults =
        ["verify.key-leaked", "get.hash-leaked", "create.hash-shown", "list.hash-leaked", "session.token-is-key"];
    at_once(faults, |fault| {
        let place = Place::new();
        let target = format!("{} fault:{fault}", place.proxy("notes-secrets"));
        let area = fault.split('.').next().unwrap().replace("session", "sessions");
        let done = place.keyspec(&["run", "-v", "--target", &target, &area]).args(&REPORTS).done();
        // Not all that leaks breaks a MUST.
        assert!(done.code == 0 || done.code == 1, "{fault}: {}", done.code);
        assert!(done.out.contains("[key-"), "{fault} shows nothing:\n{}", done.out);
        assert_kept(&place, &done, 2);
    });
}

#[test]
fn a_replay_keeps_secrets_as_well() {
    let place = Place::new();
    run(&place, "leaks-key").exits(3);
    let done = place.keyspec(&["replay", ".keyspec/findings/use.verify.accepted.json"]).done().exits(3);
    assert!(done.out.contains("[key-"), "{}", done.out);
    assert_kept(&place, &done, 2);
}
