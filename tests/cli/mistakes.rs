//! Mistakes in scenarios, requirements and configurations: exit 2 with file, line, caret and the nearest right word.

use std::fs;

use super::support::{Place, manifest, steady};

/// The small suite with one scenario changed.
fn shown(replaced: &str, by: &str) -> String {
    let place = Place::new();
    let story = fs::read_to_string(manifest("tests/cli/suite/scenarios/use/verify.yaml")).unwrap();
    assert!(story.contains(replaced), "{replaced}");
    place.write("scenarios/use/verify.yaml", &story.replacen(replaced, by, 1));
    let requirements = manifest("tests/cli/suite/requirements").display().to_string();
    let done = place.keyspec(&["run", "--scenarios", "scenarios", "--requirements", &requirements]).done().exits(2);
    assert_eq!(done.out, "");
    for sign in ["scenarios/use/verify.yaml:", "^", "|"] {
        assert!(done.err.contains(sign), "`{sign}` is missing:\n{}", done.err);
    }
    done.err
}

#[test]
fn in_scenarios() {
    let cases = [
        ("mistake-key", "expect:", "expcet:"),
        ("mistake-operation", "verifyApiKey", "verfyApiKey"),
        ("mistake-requirement", "requirement: use.verified", "requirement: use.verfied"),
        ("mistake-matcher", "valid: true", "body: !presnt"),
        ("mistake-code", "INVALID_API_KEY", "INVALID_API_KYE"),
        ("mistake-capture", "key: $key }", "key: $kye }"),
        ("mistake-twin", "    twin:\n      body: { key: $key }\n", ""),
        ("mistake-same-check", "use.verify.quiet", "use.verify.accepted"),
        ("mistake-check-id", "use.verify.quiet", "Quiet"),
        ("mistake-need", "config:", "needs: [server-cals]\nconfig:"),
        ("mistake-edition", "config:", "editions: newest\nconfig:"),
        ("mistake-anchor", "config: {", "config: &all {"),
        ("mistake-yaml", "config: {", "config: [{"),
    ];
    let all: Vec<String> =
        cases.map(|(name, from, to)| format!("===== {name}: {from:?} → {to:?}\n{}", shown(from, to))).to_vec();
    steady(|| insta::assert_snapshot!("mistakes-in-scenarios", all.join("\n")));
}

#[test]
fn all_are_told_at_once() {
    let place = Place::new();
    place.write("scenarios/a/one.yaml", "scenario: one\nstpes: []\n");
    place.write("scenarios/a/two.yaml", "scenrio: two\nsteps: []\n");
    let done = place.keyspec(&["list", "--scenarios", "scenarios"]).done().exits(2);
    done.says("scenarios/a/one.yaml:2:1")
        .says("did you mean `steps`?")
        .says("scenarios/a/two.yaml:1:1")
        .says("did you mean `scenario`?");
}

#[test]
fn in_requirements() {
    let whole = fs::read_to_string(manifest("tests/cli/suite/requirements/keys.toml")).unwrap();
    let mut all = String::new();
    for (from, to) in [
        ("level = \"MUST\"", "levl = \"MUST\""),
        ("level = \"MUST\"", "level = \"MUSST\""),
        ("profile = \"core\"", "profile = \"croe\""),
        ("id = \"keys.created\"", "id = \"keys.listed\""),
        ("id = \"keys.created\"", "id = \"keys\""),
        ("[[requirement]]", "[[requirement"),
    ] {
        let place = Place::new();
        place.write("requirements/keys.toml", &whole.replacen(from, to, 1));
        let scenarios = manifest("tests/cli/suite/scenarios").display().to_string();
        let args = ["run", "--scenarios", &scenarios, "--requirements", "requirements"];
        let done = place.keyspec(&args).done().exits(2).says("keys.toml");
        all.push_str(&format!("===== {from} → {to}\n{}\n", done.err));
    }
    steady(|| insta::assert_snapshot!("mistakes-in-requirements", all));
}

#[test]
fn hostile_files_are_refused_in_time() {
    let place = Place::new();
    for (name, text) in [
        ("deep", format!("scenario: x\nsteps: {}{}", "[".repeat(100_000), "]".repeat(100_000))),
        ("long", format!("scenario: {}\nsteps: []\n", "x".repeat(300_000))),
        ("controls", "scenario: \u{1b}[31mred\u{7}\nsteps: 1\n".to_owned()),
        ("empty", String::new()),
    ] {
        place.write(&format!("{name}/a/story.yaml"), &text);
        let done = place.keyspec(&["run", "--scenarios", name]).done().exits(2).says("a/story.yaml");
        assert!(!done.err.contains(['\u{1b}', '\u{7}']) && done.err.len() < 20_000, "{name}: {}", done.err);
    }
    fs::create_dir(place.path("nothing")).unwrap();
    place.keyspec(&["run", "--scenarios", "nothing"]).done().exits(2).says("nothing has no *.yaml");
}

#[test]
fn in_deployment_files() {
    let place = Place::new();
    for (text, part) in [
        ("name = 'x'\nbase-rul = 'http://127.0.0.1:9/'\n", "unknown field `base-rul`"),
        ("name = 'x'\nbase-url = 'not a url'\n", "`base-url`"),
        ("name = 'x'\nbase-url = 'http://192.0.2.1:80/'\n", "--allow-host 192.0.2.1:80"),
        ("name = 'x'\nbase-url = 'http://127.0.0.1:9/'\nedition = 'newest'\n", "staging.toml"),
        (
            "name = 'x'\nbase-url = 'http://127.0.0.1:9/'\n[session]\nalice = { email = 'a@b.c', password = 'hunter22' }\n",
            "write \"env:NAME\"",
        ),
        (
            "name = 'x'\nbase-url = 'http://127.0.0.1:9/'\n[session]\nalice = { email = 'a@b.c', password = 'env:ABSENT' }\n",
            "the variable ABSENT is not set",
        ),
        ("name = \n", "line 1"),
    ] {
        place.write("staging.toml", text);
        let done = place.run(&["--target", "staging.toml"]).done().exits(2).says("staging.toml").says(part);
        assert!(!done.err.contains("hunter22"), "{}", done.err);
    }
}

#[test]
fn in_adapter_folders() {
    let place = Place::new();
    for (text, part) in [
        ("comand = ['x']\n", "unknown field `comand`"),
        ("command = []\n", "names no program"),
        ("command = 'python3 x.py'\n", "line 1"),
    ] {
        place.write("port/adapter.toml", text);
        place.run(&["--target", "adapter:port"]).done().exits(2).says("adapter.toml").says(part);
    }
    fs::create_dir(place.path("empty")).unwrap();
    place.run(&["--target", "adapter:empty"]).done().exits(2).says("empty/adapter.toml");
}
