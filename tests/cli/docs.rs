//! `keyspec docs`: pages of our own against the reference. A page that is true passes, a page that lies is caught at its
//! line, and a true page drifts when the deployment is wrong.

use std::fs;
use std::process::Command;

use keyspec::outcome::run::Run;

use super::support::{Done, Place, manifest};

/// `keyspec docs ARGS` on a page of ours.
fn docs(place: &Place, page: &str, args: &[&str]) -> Done {
    let path = manifest("tests/pages").join(page);
    place.keyspec(&["docs", path.to_str().unwrap()]).args(args).done()
}

/// `DRIFT PAGE:LINE ID`, without where the checkout is.
fn heads(done: &Done) -> String {
    let pages = format!("{}/", manifest("tests/pages").display());
    let verdicts = ["DRIFT", "AMBIGUOUS", "NOT OBSERVED", "KNOWN DRIFT", "NO LONGER DRIFT"];
    let head = |line: &&str| verdicts.iter().any(|word| line.starts_with(word));
    done.out.lines().filter(head).collect::<Vec<_>>().join("\n").replace(&pages, "")
}

#[test]
fn a_true_page_holds_on_the_reference() {
    let place = Place::new();
    let done = docs(&place, "true", &["--report", "json=run.json", "-v"]).exits(0);
    assert_eq!(heads(&done), "");
    let run: Run = serde_json::from_str(&place.read("run.json")).unwrap();
    let read = run.documentation.unwrap();
    // Every claim is accounted for, and most of them were tried.
    assert_eq!(read.claims.len(), run.checks.len());
    assert!(run.checks.iter().filter(|check| check.subjects > 0).count() > 60, "{}", done.out);
    let lines: Vec<_> = done.out.lines().filter(|line| line.starts_with("not understood")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].ends_with("options.mdx:85: the element <Video>"), "{lines:?}");
}

#[test]
fn a_page_that_lies_is_caught_at_its_lines() {
    let place = Place::new();
    let done = docs(&place, "lies", &[]).exits(1);
    insta::assert_snapshot!(heads(&done));
}

#[test]
fn a_true_page_drifts_when_the_deployment_is_wrong() {
    for (fault, claim) in [
        ("create.client-permissions-accepted", "field.create-api-key.permissions.server-only"),
        ("create.client-remaining-accepted", "field.create-api-key.remaining.server-only"),
        ("create.expires-in-milliseconds", "field.create-api-key.expires-in.unit"),
        ("create.start-length-fixed", "option.starting-characters-config.characters-length.effect"),
        ("create.name-lost", "field.create-api-key.name.client"),
        ("verify.over-http", "endpoint.verify-api-key.not-over-http"),
        ("create.rate-limit-window-wrong", "option.rate-limit.time-window.unit"),
    ] {
        let place = Place::new();
        let done = docs(&place, "true", &["--target", &format!("reference?fault={fault}")]).exits(1);
        assert!(heads(&done).contains(claim), "{fault}\n{}", done.out);
    }
}

#[test]
fn the_edition_decides_whether_a_page_is_true() {
    let place = Place::new();
    let done = docs(&place, "true", &["--edition", "1.4.1"]).exits(1);
    assert!(heads(&done).contains("result.list-api-keys.api-keys"), "{}", done.out);
}

#[test]
fn an_older_page_contradicts_itself_and_both_places_are_shown() {
    let place = Place::new();
    let done = docs(&place, "older", &["--edition", "1.2.12"]);
    insta::assert_snapshot!(heads(&done));
    assert!(done.out.contains("it says otherwise at"), "{}", done.out);
}

#[test]
fn an_openapi_document_is_read_from_a_file() {
    let place = Place::new();
    let done = docs(&place, "openapi.json", &[]).exits(1).says("1 paths that are not about API keys");
    insta::assert_snapshot!(heads(&done), @"DRIFT openapi.json:17  openapi.result.api-key-get.user-id");
}

#[test]
fn known_drift_passes_new_drift_fails_and_drift_that_is_gone_fails() {
    let place = Place::new();
    docs(&place, "lies", &["--expectations", "known.toml", "--expectations-update"]).exits(1);
    docs(&place, "lies", &["--expectations", "known.toml"]).exits(0).says("no new drift");
    let known = place.read("known.toml");
    let one = known.find("[[expect]]").unwrap();
    let rest = known[one + 1..].find("[[expect]]").unwrap() + one + 1;
    place.write("less.toml", &known[rest..]);
    docs(&place, "lies", &["--expectations", "less.toml"]).exits(1);
    let entry = "[[expect]]\ncheck='link.keys.nowhere'\noutcome='must-fail'\nreason='x'\n\
        [[expect]]\ncheck='option.require-name.default'\noutcome='must-fail'\nreason='it does not'\n";
    place.write("gone.toml", entry);
    docs(&place, "true", &["--expectations", "gone.toml"]).exits(1).says("NO LONGER DRIFT").says("matches no check");
}

#[test]
fn reports_point_at_the_page() {
    let place = Place::new();
    let reports = ["sarif=a.sarif", "github=a.txt", "markdown=a.md", "junit=a.xml"];
    let args: Vec<&str> = reports.iter().flat_map(|report| ["--report", *report]).collect();
    docs(&place, "lies", &args).exits(1);
    let sarif = place.json("a.sarif");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let of = |id: &str| results.iter().find(|result| result["ruleId"] == id).unwrap();
    let place_of = &of("field.create-api-key.permissions.client")["locations"][0]["physicalLocation"];
    assert!(place_of["artifactLocation"]["uri"].as_str().unwrap().ends_with("tests/pages/lies/keys.mdx"));
    assert_eq!(place_of["region"]["startLine"], 11);
    assert!(place.read("a.txt").contains("lies/keys.mdx,line=11,title=fail field.create-api-key.permissions.client::"));
    assert!(place.read("a.md").contains("**The documentation says**"));
    assert!(place.read("a.xml").contains("field.create-api-key.permissions.client"));
}

#[test]
fn a_finding_replays() {
    let place = Place::new();
    docs(&place, "lies", &[]).exits(1);
    let file = ".keyspec/findings/field.create-api-key.permissions.client.json";
    place.keyspec(&["replay", file]).done().exits(1).says("still there");
    let open = "reference?fault=create.client-permissions-accepted";
    place.keyspec(&["replay", file, "--target", open]).done().exits(0).says("fixed");
}

#[test]
fn a_broken_page_gives_a_located_message() {
    let place = Place::new();
    docs(&place, "broken", &[]).exits(2).says("unclosed.mdx:").says("Callout");
    let cases = [
        ("quotes", format!("a\n\n{}b\n", "> ".repeat(20_000)), "quotes.mdx:3: "),
        ("line", format!("a\n{}\n", "x".repeat(3_000_000)), "line.mdx:2: longer than 1024 KiB"),
        ("lists", format!("{}x\n", "- ".repeat(15_000)), "lists.mdx:1: "),
        ("tags", "<Tab>\n".repeat(50_000), "tags.mdx:2001: "),
        ("brackets", format!("```ts\nconst a = {}\n```\n", "[".repeat(30_000)), "brackets.mdx:2: "),
    ];
    for (name, text, said) in cases {
        place.write(&format!("{name}.mdx"), &text);
        place.keyspec(&["docs", &format!("{name}.mdx")]).done().exits(2).says(said);
    }
    place.write("document.json", "{\"openapi\": \"3.0.0\",\n \"paths\": [}\n");
    place.keyspec(&["docs", "document.json"]).done().exits(2).says("document.json:2: ");
}

#[test]
fn revisions_of_a_repository_are_read_and_compared() {
    let place = Place::new();
    let folder = "repo/docs/content/docs/plugins";
    let page = fs::read_to_string(manifest("tests/pages/lies/keys.mdx")).unwrap();
    place.write(&format!("{folder}/api-key.mdx"), &page);
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
        let done = Command::new("git").arg("-C").arg(place.path("repo")).args(identity).args(args).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    git(&["tag", "v1.0.0"]);
    let changed =
        page.replace("/** What the key may do. */", "/**\n     * What the key may do.\n     * @serverOnly\n     */");
    place.write(&format!("{folder}/api-key.mdx"), &changed);
    git(&["commit", "-qam", "b"]);
    git(&["tag", "v1.0.1"]);

    let done = place.keyspec(&["docs", "--repo", "repo", "1.0.0"]).done().exits(1);
    assert!(done.out.contains("v1.0.0:docs/content/docs/plugins/api-key.mdx:11"), "{}", done.out);
    // Several versions at once: each claim says of which it is.
    let done = place.keyspec(&["docs", "--repo", "repo", "v1.0.0", "v1.0.1:docs/content"]).done().exits(1);
    assert!(done.out.contains("v1-0-0.field.create-api-key.permissions.client"), "{}", done.out);
    let done = place
        .keyspec(&["docs", "--repo", "repo", "--from", "1.0.0", "--to", "1.0.1"])
        .args(&["--from-target", "reference", "--to-target", "reference"])
        .done()
        .exits(0);
    insta::assert_snapshot!(
        done.out
            .lines()
            .filter(|line| line.contains("permissions") || line.starts_with(|c: char| c.is_ascii_digit()))
            .collect::<Vec<_>>()
            .join("\n")
    );
    place.keyspec(&["docs", "--repo", "repo", "9.9.9"]).done().exits(2).says("has no revision");
    place
        .keyspec(&["docs", "--repo", "repo", "--list", "v1.0.0"])
        .done()
        .exits(0)
        .says("field.create-api-key.permissions.client");
}
