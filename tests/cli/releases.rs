//! Ranges of releases, their bisection and their history. In the place of npm and Node.js stand two small scripts: the list of
//! releases is a file, and a release is the reference with the faults that its version has here.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::support::{Done, KEYSPEC, Keyspec, Place, manifest, small_suite, steady};

/// A defect that is there at first, comes back and goes again; a release that cannot be installed, and one that has no plugin.
/// Nothing in the table of editions changes between these releases.
const FRAMEWORK: &str = r#"["1.1.0", "1.6.22", "1.6.23", "1.6.24", "1.6.25", "1.6.26", "1.6.27", "1.6.28", "1.6.29", "1.6.30-beta.1", "1.6.31"]"#;
const PLUGIN: &str =
    r#"["1.6.22", "1.6.23", "1.6.24", "1.6.25", "1.6.26", "1.6.27", "1.6.29", "1.6.30-beta.1", "1.6.31"]"#;
/// An npm that reaches no registry.
const OFFLINE: &str = "#!/bin/sh\n[ \"$1\" = --version ] && exit\necho 'npm error code EAI_AGAIN' >&2\nexit 1\n";
const CHECK: &str = "keys.create.permissions-refused";
const ALL: &str = "better-auth@1.6.*";

fn place() -> Place {
    let place = Place::new();
    let script = |name: &str, text: String| {
        let path = place.write(name, &text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let log = place.path("log").display().to_string();
    script(
        "bin/node",
        format!(
            r#"#!/bin/sh
case "$1" in
  --version) echo v22.0.0 ;;
  */install.mjs)
    echo "install $2" >> {log}
    [ "$2" != 1.6.26 ] || {{ echo "npm error the package is gone" >&2; exit 1; }} ;;
  *)
    version="${{3##*/better-auth-}}"
    version="${{version%-*}}"
    echo "run $version" >> {log}
    case "$version" in
      1.6.22|1.6.23|1.6.27) exec {KEYSPEC} serve --adapter --edition "$version" --fault create.client-permissions-accepted ;;
      *) exec {KEYSPEC} serve --adapter --edition "$version" ;;
    esac ;;
esac
"#
        ),
    );
    script(
        "bin/npm",
        format!(
            "#!/bin/sh\n[ \"$1\" = --version ] && exit\ncase \"$2\" in\n  better-auth) echo '{FRAMEWORK}' ;;\n  *) echo '{PLUGIN}' ;;\nesac\n"
        ),
    );
    place
}

fn keyspec(place: &Place, args: &[&str]) -> Keyspec {
    let path = std::env::var("PATH").unwrap_or_default();
    place.keyspec(args).env("PATH", format!("{}:{path}", place.path("bin").display()))
}

fn swept(place: &Place, args: &[&str]) -> Done {
    let suite = small_suite();
    let suite: Vec<&str> = suite.iter().map(String::as_str).collect();
    keyspec(place, args).args(&suite).args(&["-j1"]).done()
}

/// How often the log says this.
fn logged(place: &Place, what: &str) -> usize {
    place.read("log").lines().filter(|line| line.starts_with(what)).count()
}

fn valid(place: &Place, name: &str, schema: &str) {
    let schema = fs::read_to_string(manifest("docs/schema").join(schema)).unwrap();
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &place.json(name)).unwrap();
}

#[test]
fn an_exhaustive_bisection_finds_what_came_went_and_came_back() {
    let place = place();
    let done = swept(&place, &["bisect", CHECK, ALL, "--exhaustive", "--report", "json=history.json"]).exits(3);
    steady(|| insta::assert_snapshot!("bisect-exhaustive", done.shown()));
    valid(&place, "history.json", "history.json");
}

#[test]
fn a_bisection_runs_few_releases_and_says_which_it_inferred() {
    let place = place();
    let done = swept(&place, &["bisect", CHECK, "1.6.22..1.6.25"]).exits(0);
    steady(|| insta::assert_snapshot!("bisect-few", done.shown()));
    assert_eq!(logged(&place, "install"), 4);
    // A release is never looked at twice, and a check that is not there is no bisection.
    swept(&place, &["bisect", CHECK, "1.6.22..1.6.25"]).exits(0).says("4 of them known from earlier; 0 to run");
    assert_eq!(logged(&place, "run"), 4);
    swept(&place, &["bisect", "keys.create.permissions-refusd", ALL]).exits(4).says("near to it");
}

#[test]
fn a_history_is_written_as_a_page_and_goes_on_where_it_was() {
    let place = place();
    let history = ["history", "better-auth@1.6.22..1.6.25", "--report", "markdown=page.md"];
    swept(&place, &["history", "better-auth@1.6.22..1.6.25", "--releases", "2"]).exits(0).says("2 of 4 releases run");
    assert_eq!(logged(&place, "run"), 2);
    let done = swept(&place, &history).exits(0);
    assert_eq!(logged(&place, "run"), 4);
    steady(|| insta::assert_snapshot!("history", done.shown()));
    let page = place.read("page.md").replace(&small_suite().join(" "), "[suite]");
    steady(|| insta::assert_snapshot!("history-page", page));
    swept(&place, &history).exits(0);
    assert_eq!(logged(&place, "run"), 4);
    swept(&place, &history).exits(0);
    swept(&place, &["history", "better-auth@1.6.22..1.6.25", "--fresh"]).exits(0);
    assert_eq!(logged(&place, "run"), 8);
}

#[test]
fn a_range_in_a_matrix_is_its_releases() {
    let place = place();
    let done =
        swept(&place, &["matrix", "better-auth@1.6.23..1.6.24", "better-auth@>=1.6.28", "--report", "json=m.json"]);
    let done = done.exits(1).says("1 release left out, since the registry has no @better-auth/api-key of this version");
    assert!(done.out.contains("better-auth@1.6.31") && !done.out.contains("1.6.30-beta"), "{}", done.out);
    let matrix = place.json("m.json");
    assert_eq!(matrix["authority"], "better-auth@1.6.31");
    let targets: Vec<&str> =
        matrix["columns"].as_array().unwrap().iter().map(|column| column["target"].as_str().unwrap()).collect();
    assert_eq!(targets, ["better-auth@1.6.23", "better-auth@1.6.24", "better-auth@1.6.29", "better-auth@1.6.31"]);
    let done = swept(&place, &["matrix", "better-auth@>=1.6.30 <1.6.31", "--prereleases", "--report", "json=m.json"]);
    done.exits(0).says("better-auth@1.6.30-beta.1");
}

#[test]
fn a_command_for_one_target_takes_a_range_of_one() {
    let place = place();
    swept(&place, &["run", CHECK, "--target", "better-auth@<1.6.23"]).exits(1).says("target better-auth@1.6.22");
    let done = swept(&place, &["run", "--target", "better-auth@1.6"]).exits(2);
    steady(|| insta::assert_snapshot!("range-of-several", done.shown()));
    for (range, told) in [
        ("better-auth@1.8", "matches no release; near to it: 1.6.31"),
        ("better-auth@<1.2", "1.1.0: it has no API keys"),
        ("better-auth@1.6..1..2", "is no range of releases"),
        ("better-auth@latest", "names no release"),
    ] {
        swept(&place, &["run", "--target", range]).exits(2).says(told);
        swept(&place, &["matrix", range]).exits(2).says(told);
    }
}

#[test]
fn without_npm_the_old_list_serves_and_then_what_is_installed() {
    let place = place();
    swept(&place, &["run", "--target", "better-auth@1.6.31..", "-q"]).exits(0);
    fs::write(place.path("bin/npm"), OFFLINE).unwrap();
    // A fresh list is not asked for again.
    swept(&place, &["run", "--target", "better-auth@1.8"]).exits(2).says("near to it: 1.6.31");
    age(&place.path("cache/releases.json"));
    let done = swept(&place, &["run", "--target", "better-auth@1.6.31..", "-q"]).exits(0);
    let done = done.says("npm could not be asked which releases there are (npm failed: npm error code EAI_AGAIN)");
    done.says("days old");
    fs::remove_file(place.path("cache/releases.json")).unwrap();
    let done = swept(&place, &["run", "--target", "better-auth@1.6", "-q"]).exits(0);
    done.says("only those that are installed are looked at");
    swept(&place, &["run", "--target", "better-auth@1.6.22"]).exits(1);
    swept(&place, &["bisect", CHECK, "1.6", "--installed"]).exits(0).says("1.6.22 -> 1.6.31    fail -> pass");
}

/// The list was asked for long ago.
fn age(list: &Path) {
    let mut kept: serde_json::Value = serde_json::from_str(&fs::read_to_string(list).unwrap()).unwrap();
    kept["asked"] = 1_000_000_000.into();
    fs::write(list, kept.to_string()).unwrap();
}
