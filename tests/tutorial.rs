//! `docs/writing-an-adapter.md` is true: its pieces are those of `docs/tutorial/`, and `adapter check` says after each
//! step what the page shows. `UPDATE=1 cargo test --test tutorial` writes what it says into the page.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;

const FILES: [&str; 2] = ["server.py", "adapter.py"];

#[test]
fn the_page_is_followed_word_for_word() {
    let page = root().join("docs/writing-an-adapter.md");
    let text = fs::read_to_string(&page).unwrap();
    let mut files = FILES.map(Assembled::read);
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("docs/tutorial/adapter.toml"), folder.path().join("adapter.toml")).unwrap();
    let mut shown = String::new();
    for part in parts(&text) {
        match part {
            Part::Block { language: "python", text: piece } => {
                let places = files.iter_mut().filter_map(|file| file.take(piece)).count();
                assert_eq!(places, 1, "in the page, but not once in the files:\n{piece}");
                shown.push_str(&fence("python", piece));
            }
            Part::Block { language: "toml", text: piece } if shown.matches("```toml").count() == 0 => {
                assert_eq!(piece, fs::read_to_string(folder.path().join("adapter.toml")).unwrap());
                shown.push_str(&fence("toml", piece));
            }
            Part::Block { language: "console", text: session } if session.starts_with(CHECK) => {
                for file in &files {
                    fs::write(folder.path().join(file.name), file.so_far()).unwrap();
                }
                shown.push_str(&fence("console", &format!("{CHECK}\n{}", check(folder.path()))));
            }
            Part::Block { language, text } => shown.push_str(&fence(language, text)),
            Part::Prose(text) => shown.push_str(text),
        }
    }
    for file in &files {
        assert_eq!(file.left_over(), "", "docs/tutorial/{} has lines that the page does not show", file.name);
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&page, &shown).unwrap();
    }
    assert!(
        fs::read_to_string(&page).unwrap() == shown,
        "what `adapter check` says is not what the page shows:\n{shown}"
    );
}

#[test]
fn the_adapter_of_the_tutorial_is_wired_properly_and_its_server_conforms() {
    let target = format!("adapter:{}", root().join("docs/tutorial").display());
    let checked = keyspec(&root(), &["adapter", "check", &target]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked));
    let run = keyspec(&root(), &["run", "--target", &target, "--findings", "none", "--report", "json=-"]);
    assert_eq!(run.status.code(), Some(0), "pocket conforms on the profiles that it has: {}", text(&run));
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let passed = |profile: &str| report["summary"][profile]["pass"].as_u64().unwrap_or_default();
    for (profile, least) in [("core", 250), ("server", 120), ("limits", 40)] {
        assert!(passed(profile) >= least, "{profile}: {}", report["summary"]);
    }
    for outcome in ["fail", "warn", "not-observed", "error", "expected-fail", "skip"] {
        let count = report["summary"]["all"].get(outcome).and_then(serde_json::Value::as_u64);
        assert_eq!(count.unwrap_or_default(), 0, "{outcome}: {}", report["summary"]);
    }
}

const CHECK: &str = "$ keyspec adapter check adapter:.";

/// A file of the tutorial, and which of its lines the page has shown so far.
struct Assembled {
    name: &'static str,
    text: String,
    shown: BTreeSet<usize>,
}

impl Assembled {
    fn read(name: &'static str) -> Self {
        let text = fs::read_to_string(root().join("docs/tutorial").join(name)).unwrap();
        Self { name, text, shown: BTreeSet::new() }
    }

    /// Marks a piece as shown, where this file has it.
    fn take(&mut self, piece: &str) -> Option<()> {
        let start = if self.text.starts_with(piece) { 0 } else { self.text.find(&format!("\n{piece}"))? + 1 };
        let first = self.text.get(..start)?.lines().count();
        self.shown.extend(first..first + piece.lines().count());
        Some(())
    }

    /// The file as it is after the pieces shown so far: they stand in the order of the finished file.
    fn so_far(&self) -> String {
        let shown = self.text.lines().enumerate().filter(|(at, line)| line.is_empty() || self.shown.contains(at));
        shown.map(|(_, line)| format!("{line}\n")).collect()
    }

    fn left_over(&self) -> String {
        let left = self.text.lines().enumerate().filter(|(at, line)| !line.is_empty() && !self.shown.contains(at));
        left.map(|(_, line)| format!("{line}\n")).collect()
    }
}

enum Part<'a> {
    Prose(&'a str),
    Block { language: &'a str, text: &'a str },
}

fn parts(page: &str) -> Vec<Part<'_>> {
    let block = Regex::new(r"(?ms)^```(\w+)\n(.*?)^```\n").unwrap();
    let mut parts = Vec::new();
    let mut end = 0;
    for found in block.captures_iter(page) {
        let (whole, language, text) = (found.get(0).unwrap(), found.get(1).unwrap(), found.get(2).unwrap());
        parts.push(Part::Prose(&page[end..whole.start()]));
        parts.push(Part::Block { language: language.as_str(), text: text.as_str() });
        end = whole.end();
    }
    parts.push(Part::Prose(&page[end..]));
    parts
}

fn fence(language: &str, text: &str) -> String {
    format!("```{language}\n{text}```\n")
}

/// What `adapter check` says of the adapter in this folder; the port is another one each time.
fn check(folder: &Path) -> String {
    let said = text(&keyspec(folder, &["adapter", "check", "adapter:."]));
    Regex::new(r"127\.0\.0\.1:\d+").unwrap().replace_all(&said, "127.0.0.1:41234").into_owned()
}

fn keyspec(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyspec"));
    for variable in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "KEYSPEC_TARGET"] {
        command.env_remove(variable);
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder).args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}
