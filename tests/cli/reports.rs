//! Reports: each format by what reads it, and what becomes of hostile texts in them.

use keyspec::outcome::event::Event;
use keyspec::outcome::run::Run;
use serde_json::Value;

use super::support::{CHECKS, Place, at_once, manifest};

const ALL: [&str; 6] = ["--report", "json=run.json", "--report", "ndjson=run.ndjson", "--report", "junit=run.xml"];

/// Runs that have every kind of outcome between them, by the name that a failed assertion shows.
fn runs() -> Vec<(&'static str, Place)> {
    let kept = |name, args: &[&str]| {
        let place = Place::new();
        place.run(&ALL).args(args).done();
        (name, place)
    };
    let proxied = |modes: &'static str, args: &[&str]| {
        let place = Place::new();
        let target = place.proxy(modes);
        place.run(&ALL).args(&["-j1", "--target", &target]).args(args).done();
        (modes, place)
    };
    let known = Place::new();
    let entries = "[[expect]]\ncheck='keys.create.permissions-refused'\noutcome='must-fail'\nreason='a'\n\
        [[expect]]\ncheck='use.verify.*'\noutcome='must-fail'\nreason='b'\n\
        [[expect]]\ncheck='use.expiry.*'\noutcome='skip'\nreason='c'\n\
        [[expect]]\ncheck='no.such.check'\noutcome='skip'\nreason='d'\n";
    known.write("known.toml", entries);
    let faulty = "reference?fault=create.client-permissions-accepted";
    known.run(&ALL).args(&["--expectations", "known.toml", "--target", faulty]).done();
    vec![
        kept("conforms", &[]),
        kept("fails", &["--target", faulty]),
        kept("warns", &["--target", "reference?fault=list.foreign-keys&fault=list.disabled-hidden"]),
        ("expectations", known),
        proxied("flaky", &["--retries", "1"]),
        proxied("dies-at-call", &[]),
        proxied("hostile", &[]),
        proxied("hostile-failure", &[]),
        proxied("hostile-unsupported", &[]),
    ]
}

/// All at once, since the runs take longer than looking at them.
#[test]
fn reports_are_what_their_readers_expect() {
    for (name, place) in runs() {
        json_is_as_its_schema_says(name, &place);
        events_fold_to_the_run(name, &place);
        junit_counts_what_the_run_counts(name, &place);
    }
}

fn json_is_as_its_schema_says(name: &str, place: &Place) {
    let schema = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(manifest("docs/schema").join(name)).unwrap()).unwrap()
    };
    let (run, event, finding) = (schema("run.json"), schema("event.json"), schema("finding.json"));
    let valid = |schema: &Value, value: &Value, what: &str| {
        if let Err(error) = jsonschema::validate(schema, value) {
            panic!("{what}: {error} at {}\n{value:#}", error.instance_path());
        }
    };
    valid(&run, &place.json("run.json"), name);
    for line in place.read("run.ndjson").lines() {
        valid(&event, &serde_json::from_str(line).unwrap(), name);
    }
    for path in place.files().iter().filter(|path| path.parent().unwrap().ends_with(".keyspec/findings")) {
        if path.extension().is_some_and(|ending| ending == "json") {
            valid(&finding, &serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(), name);
        }
    }
}

fn events_fold_to_the_run(name: &str, place: &Place) {
    let mut folded = Run::default();
    for line in place.read("run.ndjson").lines() {
        folded.apply(serde_json::from_str::<Event>(line).unwrap());
    }
    let run: Run = serde_json::from_str(&place.read("run.json")).unwrap();
    assert_eq!(folded, run, "{name}");
    assert_eq!(run.checks.len(), CHECKS.len(), "{name}");
}

fn junit_counts_what_the_run_counts(name: &str, place: &Place) {
    let run = place.json("run.json");
    let counts = run["summary"]["all"].clone();
    // What went wrong beside the checks stands in a suite of its own.
    let problems = |kinds: &[&str]| {
        let all = run["problems"].as_array().unwrap();
        all.iter().filter(|problem| kinds.contains(&problem["kind"].as_str().unwrap())).count() as u64
    };
    let of = |outcomes: &[&str]| outcomes.iter().map(|outcome| counts[outcome].as_u64().unwrap_or(0)).sum::<u64>();
    let xml = parsed(&place.path("run.xml"));
    let beside = problems(&["target", "expectation", "harness", "note"]);
    assert_eq!(xml["tests"], CHECKS.len() as u64 + beside, "{name}");
    let failures = of(&["fail", "unexpected-pass", "not-observed"]) + problems(&["expectation"]);
    assert_eq!(xml["failures"], failures, "{name}");
    assert_eq!(xml["errors"], of(&["error"]) + problems(&["target", "harness"]), "{name}");
    assert_eq!(xml["skipped"], of(&["skip", "not-applicable", "expected-fail"]), "{name}");
    assert_eq!(xml["flaky"], of(&["flaky"]), "{name}");
    assert_eq!(xml["declared"], xml["counted"], "{name}: the counts at the top are those of the cases");
}

/// Reads JUnit as a stranger does: Python's XML parser counts its elements.
fn parsed(path: &std::path::Path) -> Value {
    let script = "
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = list(root.iter('testcase'))
count = lambda tag: sum(1 for case in cases if case.find(tag) is not None)
texts = [text for element in root.iter() for text in [element.text or '', *element.attrib.values()]]
print(json.dumps({
    'tests': len(cases), 'failures': count('failure'), 'errors': count('error'), 'skipped': count('skipped'),
    'flaky': count('flakyFailure'), 'tags': sorted({element.tag for element in root.iter()}), 'texts': texts,
    'declared': [int(root.get(name)) for name in ('tests', 'failures', 'errors')],
    'counted': [len(cases), count('failure'), count('error')],
}))
";
    let out = std::process::Command::new("python3").args(["-c", script]).arg(path).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn hostile_texts_are_harmless_wherever_they_are_shown() {
    at_once(["hostile", "hostile-failure", "hostile-unsupported"], |mode| {
        for detail in ["-q", "-v", "--retries=1"] {
            let place = Place::new();
            let target = place.proxy(mode);
            let done = place.run(&ALL).args(&["-j1", detail, "--color", "always", "--target", &target]).done();
            for (stream, text) in [("stdout", &done.out), ("stderr", &done.err)] {
                assert!(!text.contains("\u{1b}[31mred"), "{mode} {detail}: the target paints {stream}");
                assert!(!text.contains(['\u{7}', '\u{202e}', '\u{202c}', '\r', '\0']), "{mode} {detail}: {text:?}");
                let bare = anstream_free(text);
                let forged = bare.lines().any(|line| line.trim_end().starts_with("conforms · a line of its own"));
                assert!(!forged, "{mode} {detail}: a line of {stream} is forged\n{bare}");
            }
            let xml = parsed(&place.path("run.xml"));
            assert!(!xml["tags"].as_array().unwrap().contains(&"script".into()), "{mode}");
            for text in xml["texts"].as_array().unwrap() {
                assert!(!text.as_str().unwrap().contains(['\u{1b}', '\u{7}', '\u{202e}', '\0']), "{mode}: {text}");
            }
        }
    });
}

/// Without colours.
fn anstream_free(text: &str) -> String {
    let mut bare = String::new();
    let mut parts = text.split("\u{1b}[");
    bare.push_str(parts.next().unwrap());
    for part in parts {
        bare.push_str(part.split_once('m').unwrap().1);
    }
    bare
}

#[test]
fn two_runs_of_one_seed_are_told_alike() {
    let steady = || {
        let place = Place::new();
        place
            .run(&["-j1", "--target", "reference?fault=create.client-permissions-accepted"])
            .args(&ALL)
            .done()
            .exits(1);
        let mut run = place.json("run.json");
        run["timing"] = Value::Null;
        run["timings"] = Value::Null;
        run["header"]["started"] = Value::Null;
        for check in run["checks"].as_array_mut().unwrap() {
            if let Some(exchange) = check.pointer_mut("/finding/exchange") {
                exchange["millis"] = Value::Null;
            }
        }
        // Ports are the system's, and the `date` header is from the machine's clock.
        let unsteady = regex::Regex::new(r"127\.0\.0\.1:\d+|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT").unwrap();
        unsteady.replace_all(&run.to_string(), "").into_owned()
    };
    assert_eq!(steady(), steady());
}
