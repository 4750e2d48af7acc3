//! The arrows of the house: imports go one way, and the pure modules name no clock, socket, process or runtime.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Each folder with those that it may import. What is not named here it may not.
const ARROWS: &[(&str, &[&str])] = &[
    ("spec", &[]),
    ("scenario", &["spec"]),
    ("outcome", &["spec", "deployment::protocol", "scenario::story"]),
    ("report", &["outcome", "spec"]),
    ("claims", &["outcome", "scenario", "spec"]),
    ("deployment", &["scenario", "spec", "outcome"]),
    ("reference", &["spec", "deployment::protocol"]),
    ("run", &["deployment", "outcome", "reference", "scenario", "spec"]),
    ("campaign", &["deployment", "outcome", "reference", "run::selection", "run::subject", "scenario", "spec"]),
    ("fuzz", &["campaign", "claims", "deployment", "outcome", "reference", "run", "scenario", "spec"]),
    ("cli", &["campaign", "claims", "deployment", "outcome", "reference", "report", "run", "scenario", "spec"]),
];

/// The folders that know no world outside.
const PURE: &[&str] = &["spec", "scenario", "outcome", "claims", "report"];

/// What a pure module does not name.
const WORLDLY: &[&str] = &[
    "tokio",
    "reqwest",
    "hyper",
    "Instant",
    "SystemTime",
    "now_utc",
    "std::fs",
    "std::net",
    "std::process",
    "std::env::var",
    "println!",
    "eprintln!",
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![src.join(format!("{folder}.rs"))];
    let mut folders = vec![src.join(folder)];
    while let Some(dir) = folders.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.into_iter().map(|path| (path.clone(), code(&std::fs::read_to_string(path).unwrap()))).collect()
}

/// The code without comments and without its tests.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_go_one_way() {
    let import = Regex::new(r"crate::([a-z_]+(?:::[a-z_]+)?)").unwrap();
    let mut wrong = BTreeSet::new();
    for (folder, allowed) in ARROWS {
        for (path, text) in sources(folder) {
            for found in import.captures_iter(&text) {
                let name = &found[1];
                let own = name.split("::").next() == Some(folder);
                let fine = allowed.iter().any(|one| name == *one || name.starts_with(&format!("{one}::")));
                if !own && !fine {
                    wrong.insert(format!("{} imports crate::{name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_folder_has_its_arrows() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders: BTreeSet<String> = std::fs::read_dir(src)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let named: BTreeSet<String> = ARROWS.iter().map(|(folder, _)| (*folder).to_owned()).collect();
    assert_eq!(folders, named);
}

#[test]
fn pure_modules_know_no_world_outside() {
    let mut wrong = BTreeSet::new();
    for folder in PURE {
        for (path, text) in sources(folder) {
            for word in WORLDLY.iter().filter(|word| text.contains(**word)) {
                wrong.insert(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
