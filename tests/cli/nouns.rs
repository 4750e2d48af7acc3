//! `keyspec list` and `keyspec explain`: what there is, and all that is known of one thing.

use super::support::{Place, small_suite, steady};

fn shown(args: &[&str]) -> String {
    let place = Place::new();
    let suite = small_suite();
    place.keyspec(args).args(&suite.each_ref().map(String::as_str)).done().exits(0).out
}

#[test]
fn lists() {
    for noun in ["scenarios", "checks", "requirements"] {
        steady(|| insta::assert_snapshot!(format!("list-{noun}"), shown(&["list", noun])));
        let all: serde_json::Value = serde_json::from_str(&shown(&["list", noun, "--json"])).unwrap();
        steady(|| insta::assert_snapshot!(format!("list-{noun}-json"), format!("{all:#}")));
    }
    assert_eq!(shown(&["list"]), shown(&["list", "scenarios"]));
    for noun in ["faults", "editions"] {
        let lines = shown(&["list", noun]).lines().count();
        let all: Vec<serde_json::Value> = serde_json::from_str(&shown(&["list", noun, "--json"])).unwrap();
        assert!(lines > 10 && all.len() == lines, "{noun}: {lines} lines, {} entries", all.len());
        assert!(all.iter().all(|one| one["id"].is_string() && one["sentence"].is_string()), "{noun}");
    }
}

#[test]
fn explanations() {
    for (noun, id) in [
        ("check", "keys.create.permissions-refused"),
        ("requirement", "use.verified"),
        ("excluded", "extra.unseen"),
        ("scenario", "use/verify"),
        ("fault", "create.client-permissions-accepted"),
    ] {
        steady(|| insta::assert_snapshot!(format!("explain-{noun}"), shown(&["explain", id])));
    }
    let place = Place::new();
    let editions = place.keyspec(&["list", "editions"]).done().exits(0).out;
    let row = editions.split_whitespace().next().unwrap();
    place.keyspec(&["explain", row]).done().exits(0).says(row);
}

#[test]
fn what_does_not_exist_is_4_with_what_is_near() {
    let place = Place::new();
    place
        .keyspec(&["explain", "create.client-permission.rejected"])
        .done()
        .exits(4)
        .says("create.client-permissions.rejected");
    place
        .keyspec(&["explain", "create.client-permission-accepted"])
        .done()
        .exits(4)
        .says("create.client-permissions-accepted");
    place.keyspec(&["explain", "zzz"]).done().exits(4).says("`keyspec list` shows what there is");
    place.keyspec(&["list", "chekcs"]).done().exits(2).says("checks");
}

#[test]
fn every_bundled_id_can_be_explained() {
    let place = Place::new();
    let mut ids = Vec::new();
    for noun in ["scenarios", "checks", "requirements", "faults", "editions"] {
        let all: Vec<serde_json::Value> =
            serde_json::from_str(&place.keyspec(&["list", noun, "--json"]).done().exits(0).out).unwrap();
        // The first and the last of each are enough to know that the noun is known.
        ids.extend([&all[0], &all[all.len() - 1]].map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    for id in ids {
        place.keyspec(&["explain", &id]).done().exits(0).says(&id);
    }
}
