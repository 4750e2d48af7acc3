//! Self-grant as teams meet it: the profile on the reference, and advice on options that are unwise.

use super::attached_urls::Served;
use super::support::{Place, outcomes};

#[test]
fn the_profile_passes_on_the_reference() {
    let place = Place::new();
    let args = ["run", "--profile", "self-grant", "--report", "json=run.json", "-q"];
    place.keyspec(&args).done().exits(0);
    let found = outcomes(&place.json("run.json"));
    assert!(found.iter().filter(|(_, outcome)| outcome == "pass").count() > 250, "{found:?}");
    assert!(found.iter().all(|(_, outcome)| outcome == "pass"), "{found:?}");
}

#[test]
fn a_deployment_without_a_ceiling_is_noted() {
    let place = Place::new();
    let options = r#"{"permissions": {"allowClientPermissions": true}}"#;
    let options = place.write("options.json", options).display().to_string();
    let served = Served::start(&place, &["--config", &options]);
    let file =
        format!("name = 'staging'\nbase-url = '{}'\n[config]\npermissions.allowClientPermissions = true\n", served.url);
    place.write("staging.toml", &file);
    place
        .run(&["--target", "staging.toml", "--report", "json=run.json"])
        .done()
        .says("NOTE `permissions.allowClientPermissions` without `permissions.maxPermissions` (`default`)");
    assert_eq!(place.json("run.json")["problems"][0]["kind"], "note");
}

#[test]
fn ceilings_that_differ_are_noted() {
    let place = Place::new();
    let served = Served::start(&place, &[]);
    let configuration = |id: &str, action: &str| {
        format!(
            "[[config]]\nconfigId = '{id}'\npermissions = {{ allowClientPermissions = true, maxPermissions = {{ files = ['{action}'] }} }}\n"
        )
    };
    let file = format!(
        "name = 'staging'\nbase-url = '{}'\n{}{}",
        served.url,
        configuration("default", "read"),
        configuration("other", "write")
    );
    place.write("staging.toml", &file);
    place
        .run(&["--target", "staging.toml", "--report", "json=run.json"])
        .done()
        .says("NOTE `permissions.maxPermissions` of `default` and of `other` differ");
}

/// The catalogue points into the page of the proposal: each of its places is a heading there.
#[test]
fn every_place_that_the_catalogue_names_is_on_the_page() {
    let read = |path: &str| std::fs::read_to_string(super::support::manifest(path)).unwrap();
    let anchor = |heading: &str| heading.to_lowercase().replace(' ', "-").replace([',', '?', ':'], "");
    let page = read("docs/self-grant.md");
    let headings: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| anchor(line.trim_matches(['#', ' '])))
        .collect();
    let catalogue = read("spec/requirements/self-grant.toml");
    let places: Vec<&str> =
        catalogue.split("docs/self-grant.md#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(places.len() > 20);
    for place in places {
        assert!(headings.iter().any(|heading| heading == place), "{place}: {headings:?}");
    }
}
