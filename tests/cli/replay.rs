//! Findings carried out again.

use super::support::{Place, steady};

const FAULT: &str = "reference?fault=create.client-permissions-accepted";
const FINDING: &str = ".keyspec/findings/keys.create.permissions-refused.json";

fn found() -> Place {
    let place = Place::new();
    place.run(&["keys", "--target", FAULT, "--edition", "1.5", "-j1"]).done().exits(1);
    place
}

#[test]
fn a_finding_is_still_there_on_its_target_and_fixed_on_another() {
    let place = found();
    let done = place.keyspec(&["replay", FINDING]).done().exits(1);
    steady(|| insta::assert_snapshot!("replay-still-there", done.shown()));
    let fixed = place.keyspec(&["replay", FINDING, "--target", "reference"]).done().exits(0);
    steady(|| insta::assert_snapshot!("replay-fixed", fixed.shown()));
}

#[test]
fn the_line_to_paste_works_as_it_is() {
    let place = found();
    for findings in [".keyspec/findings", "kept here"] {
        let done = place.run(&["keys", "--target", FAULT, "--findings", findings]).done().exits(1);
        let line = done.out.lines().find_map(|line| line.strip_prefix("  keyspec ")).unwrap();
        let words = shell_words(line);
        assert_eq!(words[0], "replay", "{line}");
        place.keyspec(&words.iter().map(String::as_str).collect::<Vec<_>>()).done().exits(1).says("still there");
    }
    let line = place.run(&["keys", "--target", FAULT, "--findings", "none"]).done().exits(1);
    line.says(&format!("keyspec run keys.create.permissions-refused --target '{FAULT}'"));
}

#[test]
fn what_broke_can_be_replayed_as_well() {
    let place = Place::new();
    let target = place.proxy("dies-at-call");
    place
        .run(&["use/verify", "--target", &target])
        .done()
        .exits(3)
        .says("keyspec replay .keyspec/findings/use.verify.accepted.json");
    place
        .keyspec(&["replay", ".keyspec/findings/use.verify.accepted.json"])
        .done()
        .exits(0)
        .says("fixed · use.verify.accepted: error on");
}

#[test]
fn a_recording_stands_alone() {
    let place = found();
    let elsewhere = Place::new();
    elsewhere.write("finding.json", &place.read(FINDING));
    elsewhere.keyspec(&["replay", "finding.json"]).done().exits(1).says("still there");
    assert_eq!(elsewhere.files(), [elsewhere.path("finding.json")], "a replay keeps nothing");
}

#[test]
fn a_file_that_is_no_recording_is_2() {
    let place = found();
    let text = place.read(FINDING);
    for (name, wrong, part) in [
        ("empty.json", String::new(), "it is no recorded finding"),
        ("other.json", "{\"hello\": 1}".to_owned(), "it is no recorded finding"),
        ("cut.json", text[..text.len() / 2].to_owned(), "it is no recorded finding"),
        (
            "newer.json",
            text.replace("\"schema\": 1", "\"schema\": 99"),
            "version 99 of the format; this keyspec reads version 1",
        ),
        ("member.json", text.replace("\"schema\": 1", "\"schema\": 1, \"shcema\": 1"), "unknown field `shcema`"),
        ("source.json", text.replace("client: createApiKey", "cleint: createApiKey"), "cleint"),
        ("target.json", text.replace("reference?fault", "refrence?fault"), "did you mean `reference`?"),
        ("deep.json", "[".repeat(100_000), "it is no recorded finding"),
    ] {
        place.write(name, &wrong);
        let done = place.keyspec(&["replay", name]).done().exits(2).says(part);
        assert_eq!(done.out, "", "{name}");
    }
    place.keyspec(&["replay", "absent.json"]).done().exits(2).says("cannot read absent.json");
}

#[test]
fn a_target_that_is_away_is_3() {
    let place = found();
    place.keyspec(&["replay", FINDING, "--target", "http://127.0.0.1:9/api/auth"]).done().exits(3);
}

#[test]
fn options_of_a_run_can_be_added() {
    let place = found();
    place.keyspec(&["replay", FINDING, "--", "--report", "json=run.json"]).done().exits(1);
    assert_eq!(place.json("run.json")["header"]["edition"], "1.5.6");
    place.keyspec(&["replay", FINDING, "--", "--no-such-option"]).done().exits(2);
}

/// Splits a line as a shell does, as far as our lines go: words, and parts in single quotes.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
        } else {
            let mut pieces = part.split(' ');
            words.last_mut().unwrap().push_str(pieces.next().unwrap());
            words.extend(pieces.map(str::to_owned));
        }
    }
    words
}
