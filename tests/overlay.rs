//! The overlay in `adapters/better-auth/self-grant` by itself, as a team would have it that copied it: its behaviour on
//! real releases, its types, and the official client.
//!
//! The tests are written in its own language, in `tests/overlay/`; they and the overlay are copied to where
//! their packages are installed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use install::{npm_packages, succeed};

#[path = "clients/install.rs"]
mod install;

static PACKAGES: LazyLock<PathBuf> = LazyLock::new(|| npm_packages("overlay", &source("tests/overlay")));

#[test]
fn it_holds_on_real_releases() {
    let folder = copied_to("behaviour");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let tests: Vec<OsString> = files.filter(|name| name.to_string_lossy().ends_with(".test.mjs")).collect();
    assert_eq!(tests.len(), 5, "{tests:?}");
    succeed(Command::new("node").current_dir(&folder).arg("--test").args(tests));
}

#[test]
fn it_has_types() {
    let folder = copied_to("types");
    let compiler = PACKAGES.join("node_modules/typescript/bin/tsc");
    succeed(Command::new("node").current_dir(&folder).arg(compiler).args(["--project", "."]));
}

/// The overlay beside its tests, in a folder of that name where Node finds their packages.
fn copied_to(name: &str) -> PathBuf {
    let folder = PACKAGES.join(name);
    fs::create_dir_all(&folder).unwrap();
    for from in ["tests/overlay", "adapters/better-auth/self-grant"] {
        for entry in fs::read_dir(source(from)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    folder
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
