//! Real clients against `keyspec serve`, unchanged: the official TypeScript client of two lines, and one from PyPI.
//!
//! What they expect is written in their own language, in `tests/clients/`; those files pass against Better Auth itself
//! too. They are installed from lock files into the target directory, once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use install::{installed, need, npm_packages, succeed};

#[path = "clients/install.rs"]
mod install;

#[test]
fn the_official_client_works() {
    official("1.7");
}

#[test]
fn the_official_client_of_an_older_edition_works() {
    official("1.4");
}

#[test]
fn a_client_from_pypi_works() {
    let python = python();
    let server = Server::start("1.7");
    succeed(Command::new(python).arg(source("third_party.py")).arg(&server.base_url));
}

fn official(line: &str) {
    let folder = node_modules(&format!("better-auth-{line}"));
    // Node looks for packages beside the script.
    fs::copy(source("official.mjs"), folder.join("official.mjs")).unwrap();
    let server = Server::start(line);
    succeed(Command::new("node").current_dir(folder).args(["official.mjs", &server.base_url, line]));
}

/// `keyspec serve` on a port of its own, ended with the test.
struct Server {
    process: Child,
    base_url: String,
}

impl Server {
    fn start(edition: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_keyspec"))
            .args(["serve", "--port", "0", "--edition", edition])
            .stderr(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base_url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut base_url).unwrap();
        let base_url = base_url.trim_end().to_owned();
        assert!(base_url.starts_with("http://127.0.0.1:"), "the server did not say where it is: `{base_url}`");
        Self { process, base_url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// A folder with what `tests/clients/NAME/package-lock.json` pins.
fn node_modules(name: &str) -> PathBuf {
    npm_packages(name, &source(name))
}

/// A Python with what `tests/clients/requirements.txt` pins.
fn python() -> PathBuf {
    let in_folder = |folder: &Path| folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let folder = installed("python", &[source("requirements.txt")], |folder| {
        let python = if cfg!(windows) { "python" } else { "python3" };
        need(python, "Python 3.10 or newer, with venv");
        succeed(Command::new(python).current_dir(folder).args(["-m", "venv", "."]));
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "-r", "requirements.txt"];
        succeed(Command::new(in_folder(folder)).current_dir(folder).args(pip));
    });
    in_folder(&folder)
}
