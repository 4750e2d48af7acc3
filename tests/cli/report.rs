//! `keyspec report`: saved runs told again, and parts that are one run.

use serde_json::Value;

use super::support::Place;

const TARGET: [&str; 4] = ["--target", "reference?fault=verify.disabled-accepted", "--findings", "none"];

/// The outcomes, without what is different each time: ports, times.
fn verdicts(run: &Value) -> Vec<(String, String)> {
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let checks = run["checks"].as_array().unwrap();
    let mut all: Vec<_> = checks.iter().map(|check| (text(check, "check"), text(check, "outcome"))).collect();
    all.sort();
    all
}

fn parts(place: &Place, of: usize) -> Vec<String> {
    let name = |number: usize| format!("part-{number}.json");
    for number in 1..=of {
        let (shard, report) = (format!("{number}/{of}"), format!("json={}", name(number)));
        place.keyspec(&["run", "--shard", &shard, "--report", &report]).args(&TARGET).done();
    }
    (1..=of).map(name).collect()
}

#[test]
fn the_parts_of_a_run_are_the_run() {
    let place = Place::new();
    place.keyspec(&["run", "--report", "json=whole.json"]).args(&TARGET).done().exits(1);
    let files = parts(&place, 3);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let done = place.keyspec(&["report", "merge", "--report", "json=merged.json"]).args(&files).done().exits(1);
    done.says("FAIL verify.disabled").says("does not conform · ");
    let (whole, merged) = (place.json("whole.json"), place.json("merged.json"));
    assert_eq!(verdicts(&merged), verdicts(&whole));
    for name in ["summary", "scores", "problems", "interrupted", "complete"] {
        assert_eq!(merged[name], whole[name], "{name}");
    }
    for name in ["partial", "part", "checks", "scenarios", "suite", "target", "edition", "capabilities"] {
        assert_eq!(merged["header"][name], whole["header"][name], "{name}");
    }
    assert_eq!(merged["timing"]["requests"], whole["timing"]["requests"]);
}

#[test]
fn a_part_that_is_missing_is_no_pass() {
    let place = Place::new();
    let reference = |shard: &str, report: &str| {
        place.keyspec(&["run", "create", "--shard", shard, "--report", report, "--findings", "none"]).done().exits(0);
    };
    reference("1/2", "json=one.json");
    reference("2/2", "json=two.json");
    place.keyspec(&["report", "merge", "one.json"]).done().exits(4).says("part 2/2 is missing").says("no verdict");
    let done = place.keyspec(&["report", "merge", "two.json", "one.json"]).done().exits(0);
    done.says("conforms · partial run · ");
}

#[test]
fn what_is_told_again_is_told_as_it_was() {
    let place = Place::new();
    let formats = ["junit", "markdown", "sarif", "github", "ndjson", "json"];
    let wanted: Vec<String> =
        formats.iter().flat_map(|it| ["--report".to_owned(), format!("{it}=first.{it}")]).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let first = place.keyspec(&["run", "create", "verify", "-j1"]).args(&TARGET).args(&wanted).done().exits(1);
    let again: Vec<String> = wanted.iter().map(|it| it.replace("first.", "again.")).collect();
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    let told = place.keyspec(&["report", "render", "first.json"]).done().exits(1);
    assert_eq!(told.out, first.out);
    place.keyspec(&["report", "render", "first.json"]).args(&again).done().exits(1);
    let read = |place: &Place, name: &str| place.read(name);
    for format in ["junit", "markdown", "sarif", "github", "json"] {
        assert_eq!(read(&place, &format!("again.{format}")), read(&place, &format!("first.{format}")), "{format}");
    }
    let lines = |name: &str| {
        let text = place.read(name);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines("again.ndjson"), lines("first.ndjson"));
}

#[test]
fn documentation_is_told_again_as_documentation() {
    let place = Place::new();
    let pages = super::support::manifest("tests/pages/lies").display().to_string();
    let first = place.keyspec(&["docs", &pages, "--report", "json=run.json"]).done().exits(1);
    assert_eq!(place.keyspec(&["report", "render", "run.json"]).done().exits(1).out, first.out);
    place.keyspec(&["report", "merge", "run.json"]).done().exits(2).says("it is about documentation");
}

#[test]
fn what_is_no_run_is_said() {
    let place = Place::new();
    place.write("other.json", "{\"apiKeys\": []}");
    place.keyspec(&["report", "render", "other.json"]).done().exits(2).says("other.json is no run");
    place.keyspec(&["report", "render", "none.json"]).done().exits(2).says("cannot read none.json");
    let files = parts(&place, 1);
    place.keyspec(&["report", "merge", &files[0], &files[0]]).done().exits(2).says("are the same part, 1/1");
    // A run with many failures is larger than other files may be.
    let roomy = format!("{}{}", " ".repeat(5 << 20), place.read(&files[0]));
    place.write("large.json", &roomy);
    place.keyspec(&["report", "render", "large.json"]).done().exits(1).says("does not conform");
    // Figures that were changed by hand are counted anew.
    let mut run = place.json(&files[0]);
    run["summary"]["all"] = serde_json::json!({ "pass": 1_000_000 });
    place.write("forged.json", &run.to_string());
    let told = place.keyspec(&["report", "render", "forged.json"]).done().exits(1);
    assert!(!told.out.contains("1000000"), "{}", told.out);
}
