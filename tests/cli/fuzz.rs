//! Campaigns: what they find, keep, replay, export, merge and resume.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::support::{Place, finish, signal, steady};

const FAULT: &str = "reference?fault=create.client-permissions-accepted";

/// A campaign that finds the fault, and the file that it keeps.
fn found() -> (Place, String) {
    let place = Place::new();
    let done = place.keyspec(&["fuzz", "--target", FAULT, "--ops", "2000", "--max-fail", "1", "-j1"]).done().exits(1);
    let line = done.out.lines().find_map(|line| line.trim().strip_prefix("keyspec replay ")).unwrap().to_owned();
    (place, line)
}

/// The findings of a folder, without what a campaign keeps beside them.
fn findings(place: &Place, folder: &str) -> Vec<PathBuf> {
    let is_finding = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.ends_with(".json") && !name.starts_with("campaign-")
    };
    let mut all: Vec<PathBuf> = fs::read_dir(place.path(folder))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(is_finding)
        .collect();
    all.sort();
    all
}

fn read(path: &PathBuf) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_reference_agrees_with_itself_and_nothing_is_kept() {
    let place = Place::new();
    for edition in ["1.2", "1.4", "1.7"] {
        let args = ["fuzz", "--edition", edition, "--ops", "3000", "--findings", "none"];
        place.keyspec(&args).done().exits(0).says("no finding");
    }
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[test]
fn a_fault_is_found_told_and_kept() {
    let (place, file) = found();
    let finding = read(&place.path(&file));
    assert_eq!(
        (&finding["kind"], &finding["shrunk"], &finding["target"]),
        (&"campaign".into(), &true.into(), &FAULT.into())
    );
    assert!(finding["sequence"]["steps"].as_array().unwrap().len() <= 3, "{finding}");
    let done = place.keyspec(&["replay", &file]).done().exits(1);
    steady(|| insta::assert_snapshot!("fuzz-story", done.shown()));
}

#[test]
fn a_finding_fails_on_its_target_and_is_fixed_elsewhere() {
    let (place, file) = found();
    place.keyspec(&["replay", &file]).done().exits(1).says("failed · createApiKey");
    place.keyspec(&["replay", &file, "--target", "reference"]).done().exits(0).says("fixed · createApiKey");
    let other = "reference?fault=create.client-permissions-accepted&fault=transport.error-without-code";
    place.keyspec(&["replay", &file, "--target", other]).done().exits(1);
    place.keyspec(&["replay", &file, "--target", "http://127.0.0.1:9/api/auth"]).done().exits(3);
}

#[test]
fn equal_seeds_find_equal_things_however_many_are_played_at_once() {
    let run = |jobs: &str| {
        let place = Place::new();
        let args = ["fuzz", "--target", FAULT, "--ops", "3000", "--seed", "9", "-j", jobs];
        place.keyspec(&args).done().exits(1);
        findings(&place, ".keyspec/campaign").iter().map(read).collect::<Vec<_>>()
    };
    let one = run("1");
    assert!(!one.is_empty());
    assert_eq!(one, run("4"));
}

#[test]
fn the_next_campaign_begins_with_what_was_found() {
    let (place, _) = found();
    let args = ["fuzz", "--target", FAULT, "--ops", "1", "--seed", "5"];
    place.keyspec(&args).done().exits(1).says("failed · createApiKey").says("1 still there");
}

#[test]
fn a_killed_campaign_loses_no_finding_and_goes_on() {
    let place = Place::new();
    let args = ["fuzz", "--target", FAULT, "--ops", "400000", "--seed", "3"];
    let process = place.keyspec(&args).spawn();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while findings(&place, ".keyspec/campaign").is_empty() {
        assert!(std::time::Instant::now() < deadline, "nothing was found");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    signal(&process, "-KILL");
    finish(process);
    let kept = findings(&place, ".keyspec/campaign");
    assert!(!kept.is_empty());
    for path in &kept {
        assert_eq!(read(path)["kind"], "campaign", "{}", path.display());
    }
    let before = progress(&place);
    let args = ["fuzz", "--target", FAULT, "--ops", "6000", "--seed", "3", "--resume"];
    let done = place.keyspec(&args).done().exits(1);
    assert!(progress(&place)["next"].as_u64() >= before["next"].as_u64(), "{}", done.out);
    let after: Vec<String> =
        findings(&place, ".keyspec/campaign").iter().map(|path| path.display().to_string()).collect();
    // A finding that was kept before it was as short as it gets may have its last name by now; its cause is there.
    assert!(after.len() >= kept.len().min(1), "{after:?}");
    place.keyspec(&["replay", &after[0]]).done().exits(1);
}

fn progress(place: &Place) -> Value {
    let folder = fs::read_dir(place.path(".keyspec/campaign")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut files = folder.filter(|path| {
        path.to_string_lossy().contains("campaign-3-1-of-1") && path.extension().is_some_and(|end| end == "json")
    });
    files.next().map_or(Value::Null, |path| read(&path))
}

#[test]
fn shards_draw_other_sequences_and_their_findings_merge() {
    let place = Place::new();
    for shard in ["1/2", "2/2"] {
        let folder = format!("part-{}", &shard[..1]);
        let args = ["fuzz", "--target", FAULT, "--ops", "2500", "--shard", shard, "--findings", &folder];
        place.keyspec(&args).done().exits(1);
    }
    let numbers = |folder: &str| -> Vec<u64> {
        findings(&place, folder).iter().map(|path| read(path)["origin"]["number"].as_u64().unwrap()).collect()
    };
    assert!(numbers("part-1").iter().all(|number| number % 2 == 0), "{:?}", numbers("part-1"));
    assert!(numbers("part-2").iter().all(|number| number % 2 == 1), "{:?}", numbers("part-2"));
    let names = |folder: &str| -> Vec<String> {
        findings(&place, folder).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    let merge = ["fuzz", "--merge", "part-1", "--merge", "part-2", "--findings", "all"];
    place.keyspec(&merge).done().exits(0);
    let mut both = [names("part-1"), names("part-2")].concat();
    both.sort();
    both.dedup();
    assert_eq!(names("all"), both);
    let first: Vec<Value> = findings(&place, "all").iter().map(read).collect();
    place.keyspec(&merge).done().exits(0);
    assert_eq!(first, findings(&place, "all").iter().map(read).collect::<Vec<_>>(), "merging twice counts twice");
}

#[test]
fn shards_find_together_what_the_whole_finds() {
    let place = Place::new();
    let play = |folder: &str, shard: &str, ops: &str| {
        let args = ["fuzz", "--target", FAULT, "--seed", "4", "--ops", ops, "--shard", shard, "--findings", folder];
        place.keyspec(&args).done().exits(1);
        let all = findings(&place, folder);
        all.iter().map(|path| read(path)["cause"].clone()).collect::<Vec<_>>()
    };
    let whole = play("whole", "1/1", "6000");
    let parts = [play("part-1", "1/2", "3000"), play("part-2", "2/2", "3000")];
    place.keyspec(&["fuzz", "--merge", "part-1", "--merge", "part-2", "--findings", "all"]).done().exits(0);
    let merged: Vec<Value> = findings(&place, "all").iter().map(read).collect();
    for cause in parts.iter().flatten() {
        assert_eq!(merged.iter().filter(|finding| finding["cause"] == *cause).count(), 1, "{cause}");
    }
    for cause in &whole {
        assert!(merged.iter().any(|finding| finding["cause"] == *cause), "lost: {cause}");
    }
    for finding in &merged {
        let seen = finding["seen"].as_object().unwrap();
        let parts = parts.iter().filter(|part| part.contains(&finding["cause"])).count();
        assert_eq!(seen.len(), parts, "{finding}");
    }
}

#[test]
fn a_difference_is_the_finding_of_the_target_that_differs_from_its_edition() {
    for (target, against) in [("reference", FAULT), (FAULT, "reference")] {
        let place = Place::new();
        let args =
            ["fuzz", "--target", target, "--against", against, "--ops", "3000", "--report", "json=campaign.json"];
        place.keyspec(&args).done().exits(1);
        let found: Vec<Value> = findings(&place, ".keyspec/campaign").iter().map(read).collect();
        assert!(!found.is_empty() && found.iter().all(|finding| finding["target"] == FAULT), "{found:?}");
        assert_eq!(place.json("campaign.json")["targets"], serde_json::json!([target, against]));
    }
}

#[test]
fn what_differs_because_editions_differ_is_no_finding() {
    for edition in ["1.2", "1.4.22", "1.6.9"] {
        let place = Place::new();
        let args = ["fuzz", "--edition", edition, "--against", "reference", "--ops", "3000"];
        place.keyspec(&args).done().exits(0).says("no finding");
    }
}

#[test]
fn a_campaign_that_was_broken_off_and_resumed_is_the_unbroken_one() {
    let play = |place: &Place, ops: &str, more: &[&str]| {
        let args = [&["fuzz", "--target", FAULT, "--seed", "3", "--ops", ops, "--report", "json=campaign.json"], more];
        place.keyspec(&args.concat()).done().exits(1);
        place.json("campaign.json")
    };
    let whole = Place::new();
    let unbroken = play(&whole, "6000", &[]);
    let broken = Place::new();
    let mut last = Value::Null;
    for (ops, more) in [("700", &[][..]), ("701", &["--resume"]), ("3100", &["--resume"]), ("6000", &["--resume"])] {
        last = play(&broken, ops, more);
    }
    for number in ["operations", "sequences", "features", "kept", "answered", "explained"] {
        assert_eq!(last["status"][number], unbroken["status"][number], "{number}");
    }
    let all = |place: &Place| findings(place, ".keyspec/campaign").iter().map(read).collect::<Vec<_>>();
    assert_eq!(all(&broken), all(&whole));
    assert_eq!(progress(&broken)["next"], progress(&whole)["next"]);
}

#[test]
fn an_interrupted_campaign_keeps_what_it_has() {
    let place = Place::new();
    let args = ["fuzz", "--target", FAULT, "--ops", "400000", "--seed", "3"];
    let process = place.keyspec(&args).spawn();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while findings(&place, ".keyspec/campaign").is_empty() {
        assert!(std::time::Instant::now() < deadline, "nothing was found");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    signal(&process, "-INT");
    finish(process).exits(130).says("interrupted");
    let kept = findings(&place, ".keyspec/campaign");
    assert!(!kept.is_empty() && progress(&place)["findings"].as_array().is_some_and(|all| !all.is_empty()));
    place.keyspec(&["fuzz", "--target", FAULT, "--ops", "6000", "--seed", "3", "--resume"]).done().exits(1);
}

#[test]
fn a_finding_is_exported() {
    let (place, file) = found();
    let scenario = place.keyspec(&["replay", &file, "--export", "scenario"]).done().exits(0).out;
    place.write("scenarios/found/one.yaml", &scenario);
    let mut run = vec!["run", "--scenarios", "scenarios", "--findings", "none", "--target"];
    run.push(FAULT);
    place.keyspec(&run).done().exits(1);
    *run.last_mut().unwrap() = "reference";
    place.keyspec(&run).done().exits(0);
    let curl = place.keyspec(&["replay", &file, "--export", "curl"]).done().exits(0).out;
    assert!(curl.starts_with("#!/usr/bin/env bash\n") && curl.contains("curl -sS -X POST"), "{curl}");
    let typescript = place.keyspec(&["replay", &file, "--export", "typescript"]).done().exits(0).out;
    steady(|| insta::assert_snapshot!("fuzz-export", format!("{scenario}\n{curl}\n{typescript}")));
    place.keyspec(&["replay", &file, "--export", "cobol"]).done().exits(2).says("none of scenario, curl, typescript");
}

#[test]
fn faults_are_the_test_bed() {
    let place = Place::new();
    let args =
        ["fuzz", "--faults", "get.foreign-key", "quota.not-counted", "restart", "--ops", "20000", "--time", "10m"];
    let done = place.keyspec(&args).done().exits(0);
    assert!(done.out.contains("out of reach") && done.out.contains("caught after"), "{}", done.out);
    place.keyspec(&["fuzz", "--faults", "no-such-fault"]).done().exits(4).says("selects no fault");
}

#[test]
fn mistakes_are_2_and_targets_that_are_away_are_3() {
    let place = Place::new();
    place.keyspec(&["fuzz", "--time", "soon"]).done().exits(2).says("is no time");
    place.keyspec(&["fuzz", "--target", "refrence"]).done().exits(2).says("did you mean");
    place.keyspec(&["fuzz", "--expectations", "absent.toml"]).done().exits(2).says("cannot read absent.toml");
    place.keyspec(&["fuzz", "--target", "http://127.0.0.1:9/api/auth", "--ops", "10"]).done().exits(3);
    place.keyspec(&["fuzz", "--ops", "0"]).done().exits(4).says("nothing was observed");
    place.write("broken.json", r#"{"kind":"campaign","schema":99}"#);
    place.keyspec(&["replay", "broken.json"]).done().exits(2).says("version 99 of the format");
}
