//! Mistakes in scenarios and in the catalogue, as their authors see them.

use keyspec::scenario::diagnostic::{Diagnostic, Style, render_all};
use keyspec::scenario::parse::parse;
use keyspec::scenario::story::{Action, Scenario, Twin};
use keyspec::scenario::suite::check_suite;
use keyspec::spec::requirement::{Catalogue, CatalogueError};

const GOLDEN: &str = include_str!("../src/scenario/parse/golden.yaml");

/// The snapshots stand together, at the root.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("scenario_{name}"), text));
}

fn shown(found: &[Diagnostic]) -> String {
    render_all(found, Style::Plain)
}

/// The mistakes of a file that must have some.
fn mistakes(source: &str) -> String {
    shown(&parse("area/story", source).expect_err("the file has mistakes"))
}

fn all_mistakes<S: AsRef<str>>(sources: impl IntoIterator<Item = S>) -> String {
    sources.into_iter().map(|source| mistakes(source.as_ref())).collect::<Vec<_>>().join("\n\n")
}

fn scenario(id: &str, source: &str) -> Scenario {
    parse(id, source).unwrap_or_else(|found| panic!("{}", shown(&found)))
}

/// A file with one step.
fn step(step: &str) -> String {
    format!("scenario: a story\nsteps:\n  - {}\n", step.trim().replace('\n', "\n    "))
}

#[test]
fn the_golden_scenario_parses() {
    let scenario = scenario("golden/all", GOLDEN);
    assert_eq!(scenario.steps.len(), 11);
    assert_eq!(scenario.actors, ["carol", "alice", "bob", "mallory"]);
    let Some(Twin::Request { action: Action::Client(call), .. }) = &scenario.steps[2].twin else { panic!("a twin") };
    assert_eq!((call.actor.as_deref(), &call.query), (Some("alice"), &None));
    assert_eq!(scenario.implied_needs(), ["multiple-configurations", "sessions-from-keys", "custom-functions"]);
}

#[test]
fn wrong_words() {
    let source = "
scenario: wrong words
isolaton: shared
needs: [server-call]
steps:
  - as: alice
    client: createApikey
    expct: []
    expect:
      - check: words.create.wrong
        requirement: words.create
        error: SERVER_ONLY_PROPRTY
        body: { key: !presnt }
";
    snapshot("wrong_words", &mistakes(source));
}

#[test]
fn wrong_yaml() {
    let texts =
        ["", "a: [1\nb: 2\n", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "--- a\n--- b\n", "? [a]\n: b\n", "a: !!str b\n"];
    snapshot("wrong_yaml", &all_mistakes(texts));
}

#[test]
fn too_much() {
    let texts = [
        format!("a: {}1{}", "[".repeat(70), "]".repeat(70)),
        step("client: createApiKey\nbody: { name: !text { of: ab, times: 2000000 } }"),
        step("client: createApiKey\nbody: !nested { depth: 100000 }"),
        step("parallel: 1000000\neach: { client: listApiKeys }"),
        step("client: listApiKeys\nexpect:\n- check: a.b.c\n  requirement: a.b\n  body: !pattern '(a{1000}){1000}'"),
    ];
    snapshot("too_much", &all_mistakes(texts));
    assert!(mistakes(&"a".repeat(300_000)).contains("the file is longer than 256 KiB"));
}

#[test]
fn a_rejection_without_a_twin() {
    let source = step(
        "as: alice\nclient: createApiKey\nbody: { permissions: {} }\nexpect:\n- check: create.client.rejected\n  \
         requirement: create.rejected\n  error: SERVER_ONLY_PROPERTY",
    );
    snapshot("a_rejection_without_a_twin", &mistakes(&source));
}

#[test]
fn wrong_twins() {
    let rejection =
        "client: listApiKeys\nexpect:\n- check: list.nobody.rejected\n  requirement: list.session\n  status: 401\n";
    let twins =
        ["twin: nowhere", "twin: {}", "twin: { boddy: {} }", "twin: { as: alice }\nno-twin: both", "no-twin: ''"];
    let texts = twins.iter().map(|twin| step(&format!("{rejection}{twin}")));
    snapshot("wrong_twins", &all_mistakes(texts.chain([step("client: listApiKeys\ntwin: { as: alice }")])));
}

#[test]
fn a_twin_step_is_an_earlier_accepted_one() {
    let source = "
scenario: twins that cannot be
steps:
  - id: refused
    client: listApiKeys
    expect: [ { check: a.b.c, requirement: a.b, error: UNAUTHORIZED } ]
    twin: later
  - client: getApiKey
    expect: [ { check: a.b.d, requirement: a.b, error: UNAUTHORIZED } ]
    twin: refused
  - id: tick
    clock: 1s
  - client: getApiKey
    expect: [ { check: a.b.e, requirement: a.b, error: UNAUTHORIZED } ]
    twin: tick
  - id: later
    as: alice
    client: listApiKeys
";
    snapshot("a_twin_step_is_an_earlier_accepted_one", &mistakes(source));
}

#[test]
fn wrong_references() {
    let source = "
scenario: names that nothing sets
steps:
  - as: alice
    client: getApiKey
    query: { id: $id, a: $alice.name, b: $now.x, c: $index, d: '${unknown}', e: $dave.userId }
  - as: alice
    client: createApiKey
    capture: { id: body.id, alice: body.key }
  - client: getApiKey
    aside: true
    capture: { apart: body.id }
  - client: getApiKey
    query: { id: $apart, again: $ids }
    capture: { id: body.id }
";
    snapshot("wrong_references", &mistakes(source));
    let source =
        step("client: getApiKey\nquery: { a: costs $5 }\ncapture: { unique: body.key, key: bdy.key, x: 'body..[' }");
    snapshot("wrong_names", &mistakes(&source));
}

#[test]
fn wrong_steps() {
    let steps = [
        "client: listApiKeys\nserver: listApiKeys",
        "as: alice",
        "clock: 1 day",
        "clock: 1d\nas: alice\nexpect: []",
        "client: verifyApiKey",
        "client: FETCH /a",
        "client: GET a",
        "server: listApiKeys\ntext: x",
        "client: createApiKey\nbody: {}\ntext: x",
        "client: createApiKey\nheaders: { 'a b': c, d: [e] }",
        "client: createApiKey\nbody: { a: !near now, b: !absent, c: !txt { of: a, times: 1 } }",
        "repeat: 0\neach: { clock: 1d }",
        "parallel: 2\nas: alice\neach: { client: listApiKeys }\ncapture: { a: body.id }",
        "parallel: 2\neach: []",
        "parallel: 2\neach: [{ client: listApiKeys }, { clock: 1d }]",
        "parallel: 2\neach: [{ client: listApiKeys }, { client: createApiKey }]\nexpect:\n- check: a.b.c\n  requirement: a.b\n  \
         every: { error: UNAUTHORIZED }\ntwin: { as: alice }",
        "as: nobody\nclient: listApiKeys",
    ];
    snapshot("wrong_steps", &all_mistakes(steps.map(step)));
}

#[test]
fn wrong_checks() {
    let checks = [
        "check: Create\n  requirement: create",
        "check: a.b.c\n  requirement: []\n  ok: false",
        "check: a.b.c\n  requirement: a.b\n  status: 4xy",
        "check: a.b.c\n  requirement: a.b\n  status: 42",
        "check: a.b.c\n  requirement: a.b\n  valid: false",
        "check: a.b.c\n  requirement: a.b\n  ok: true\n  error: NOT_FOUND",
        "check: a.b.c\n  requirement: a.b\n  tally: { ok: 1 }",
        "check: a.b.c\n  requirement: a.b\n  never: [abc]",
        "check: a.b.c\n  requirement: a.b\n  editions: 1.5\n  ok: true",
        "check: a.b.c\n  requirement: a.b\n  editions: '1.5'\n  ok: true",
        "check: a.b.c\n  requirement: a.b\n  ok: yes",
    ];
    let texts = checks.map(|check| step(&format!("client: listApiKeys\nno-twin: none\nexpect:\n- {check}")));
    snapshot("wrong_checks", &all_mistakes(texts));
}

#[test]
fn wrong_matchers() {
    let source = "
client: listApiKeys
expect:
- check: a.b.c
  requirement: a.b
  body:
    a: !near tomorrow
    b: !type text
    c: !pattern '(a'
    d: !length many
    e: !unordered { a: 1 }
    f: !type.string
    g: !present x
    h: !at-least '3'
    i: !members { a: 1 }
    '@ownr': 1
    k: !each.typ string
    l: !any []
";
    snapshot("wrong_matchers", &mistakes(&step(source)));
}

#[test]
fn ids_are_unique() {
    let source = "
scenario: ids twice
steps:
  - id: one
    client: listApiKeys
    expect:
      - { check: a.b.c, requirement: a.b, ok: true }
      - { check: a.b.c, requirement: a.b, ok: true }
  - id: one
    client: listApiKeys
";
    snapshot("ids_are_unique", &mistakes(source));
}

#[test]
fn the_suite_agrees_with_the_catalogue() {
    let text = "[[requirement]]\nid = \"create.defaults\"\nlevel = \"MUST\"\nprofile = \"core\"\nstatement = \"s\"\n\
                source = { proposed = \"x\" }\n\
                [[requirement]]\nid = \"create.excluded\"\nlevel = \"MAY\"\nprofile = \"core\"\nstatement = \"s\"\n\
                source = { proposed = \"x\" }\nexcluded = \"why\"\n";
    let catalogue = Catalogue::parse([("spec/requirements/create.toml", text)]).unwrap();
    let story = |requirement: &str| {
        step(&format!("client: listApiKeys\nexpect:\n- check: a.b.c\n  requirement: {requirement}\n  ok: true"))
    };
    let first = scenario("one/first", &story("create.defaults"));
    assert_eq!(check_suite(std::slice::from_ref(&first), &catalogue), []);
    let second = scenario("one/second", &story("create.defautls"));
    let third = scenario("one/third", &story("create.excluded"));
    snapshot("the_suite_agrees_with_the_catalogue", &shown(&check_suite(&[first, second, third], &catalogue)));
}

#[test]
fn wrong_requirements() {
    let good = "[[requirement]]\nid = \"a.b\"\nlevel = \"MUST\"\nprofile = \"core\"\nstatement = \"s\"\n\
                source = { proposed = \"x\" }\n";
    let texts = [
        good.replace("MUST", "MSUT").replace("core", "cores").replace("a.b", "A"),
        good.replace("level", "levle"),
        good.replace("{ proposed = \"x\" }", "{ docs = \"a\", anchor = \"b\" }"),
        good.replace("{ proposed = \"x\" }", "{ docs = \"a\", anchor = \"b\", fingerprint = \"123\" }"),
        format!("{good}editions = \"soon\"\n"),
        good.repeat(2),
        good.replace("statement = \"s\"\n", ""),
        "requirement = 1".to_owned(),
    ];
    let errors = |text: &String| -> Vec<CatalogueError> {
        Catalogue::parse([("spec/requirements/a.toml", text.as_str())]).unwrap_err()
    };
    let found: Vec<Diagnostic> = texts.iter().flat_map(errors).map(Diagnostic::from).collect();
    snapshot("wrong_requirements", &shown(&found));
}

#[test]
fn signs_of_a_file_do_not_reach_the_terminal() {
    let found = parse("area/story", "\u{9b}31m: \u{7f}\u{202e}\u{1b}[31m").unwrap_err();
    assert!(shown(&found).chars().all(|sign| sign == '\n' || !sign.is_control()), "{:?}", shown(&found));
    assert!(!shown(&found).contains('\u{202e}'));
}

#[test]
fn colours_are_optional() {
    let found = parse("area/story", "steps: []\n").unwrap_err();
    assert!(!found[0].render(Style::Plain).contains('\u{1b}'));
    assert!(found[0].render(Style::Coloured).contains('\u{1b}'));
    assert_eq!(found[0].to_string(), "scenarios/area/story.yaml:1: a scenario needs the key `scenario`");
}
