//! Real clients against `keyspec serve`, unchanged: the official TypeScript client of two lines, and one from PyPI.
//!
//! What they expect is written in their own language, in `tests/clients/`; those files pass against Better Auth itself
//! too. They are installed from lock files into the target directory, once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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
    let files = ["package.json", "package-lock.json"].map(|file| source(name).join(file));
    installed(name, &files, |folder| {
        need("node", "Node.js 20 or newer, with npm");
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        succeed(Command::new(npm).current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
    })
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

/// A folder of the target directory with copies of `files`, in which `install` was run and ended well. It is made
/// anew when a file has changed.
fn installed(name: &str, files: &[PathBuf], install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients").join(name);
    let done = folder.join("installed");
    let stamp = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>();
    if fs::read_to_string(&done).is_ok_and(|installed| installed == stamp) {
        return folder;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    for file in files {
        fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
    }
    install(&folder);
    fs::write(done, stamp).unwrap();
    folder
}

fn need(program: &str, what: &str) {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found, "these tests run real clients: they need {what}, and `{program}` cannot be started");
}

fn succeed(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
}
