//! Foreign packages for tests, from lock files into the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with what `package-lock.json` in `pins` pins.
pub(crate) fn npm_packages(name: &str, pins: &Path) -> PathBuf {
    let files = ["package.json", "package-lock.json"].map(|file| pins.join(file));
    installed(name, &files, |folder| {
        need("node", "Node.js 20 or newer, with npm");
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        succeed(Command::new(npm).current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
    })
}

/// A folder of the target directory with copies of `files`, in which `install` was run and ended well. It is made
/// anew when a file has changed.
pub(crate) fn installed(name: &str, files: &[PathBuf], install: impl FnOnce(&Path)) -> PathBuf {
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

pub(crate) fn need(program: &str, what: &str) {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found, "these tests run foreign programs: they need {what}, and `{program}` cannot be started");
}

pub(crate) fn succeed(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
}
