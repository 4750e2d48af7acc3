//! keyspec as a process in a folder of its own, with an environment that says nothing.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) const KEYSPEC: &str = env!("CARGO_BIN_EXE_keyspec");

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where one test works. It is gone with the test.
pub(crate) struct Place {
    dir: tempfile::TempDir,
}

/// A command line that is about to be carried out.
pub(crate) struct Keyspec {
    command: Command,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("tmp")).unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// `keyspec ARGS`, in this folder.
    pub(crate) fn keyspec(&self, args: &[&str]) -> Keyspec {
        let mut command = Command::new(KEYSPEC);
        command.args(args).current_dir(self.dir.path()).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("HOME", self.dir.path()).env("KEYSPEC_CACHE", self.path("cache")).env("TMPDIR", self.path("tmp"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Keyspec { command }
    }

    /// `keyspec run ARGS` on the small suite.
    pub(crate) fn run(&self, args: &[&str]) -> Keyspec {
        let mut keyspec = self.keyspec(&["run"]);
        keyspec.command.args(small_suite()).args(args);
        keyspec
    }

    /// The name of a target: the reference behind an adapter that misbehaves.
    pub(crate) fn proxy(&self, modes: &str) -> String {
        let (script, state) = (manifest("tests/cli/adapters/proxy.py"), self.path("state"));
        fs::create_dir_all(&state).unwrap();
        format!("adapter:python3 {} {KEYSPEC} {} {modes}", script.display(), state.display())
    }

    /// Every process that an adapter of this place noted is gone, or will be in a moment.
    pub(crate) fn assert_no_orphans(&self) {
        let pids = self.read("state/pids");
        assert!(!pids.is_empty(), "the adapter noted no process");
        let deadline = Instant::now() + PATIENCE;
        for pid in pids.lines() {
            while is_alive(pid) {
                assert!(Instant::now() < deadline, "the process {pid} outlived the run");
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Waits until the adapter says that it has come to its slow part.
    pub(crate) fn wait_until_reached(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.path("state/reached").exists() {
            assert!(Instant::now() < deadline, "the adapter never came so far");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// All files below this folder, but for what the adapter itself keeps.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.starts_with(self.path("state")) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

impl Keyspec {
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn spawn(mut self) -> Child {
        self.command.spawn().unwrap()
    }

    pub(crate) fn done(self) -> Done {
        finish(self.spawn())
    }
}

impl Done {
    /// Says all there is to say when the exit code is another one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        let said = self.out.contains(part) || self.err.contains(part);
        assert!(said, "`{part}` is missing\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Both streams and the exit code, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let stream = |name: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("--- {name}\n{}\n", text.trim_end()) }
        };
        format!("{}{}--- exit {}", stream("stdout", &self.out), stream("stderr", &self.err), self.code)
    }
}

/// Waits for a process, reads what it says, and does not wait for ever.
pub(crate) fn finish(mut process: Child) -> Done {
    fn reading(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = stream {
                stream.read_to_end(&mut bytes).unwrap();
            }
            String::from_utf8(bytes).unwrap()
        })
    }
    let (out, err) = (reading(process.stdout.take()), reading(process.stderr.take()));
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match process.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                let _ = process.kill();
                panic!("keyspec hangs\n{}", err.join().unwrap());
            }
            None => thread::sleep(Duration::from_millis(3)),
        }
    };
    Done { code: status.code().unwrap_or(-1), out: out.join().unwrap(), err: err.join().unwrap() }
}

pub(crate) fn manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `--scenarios ... --requirements ...`
pub(crate) fn small_suite() -> [String; 4] {
    let dir = |name: &str| manifest("tests/cli/suite").join(name).display().to_string();
    ["--scenarios".to_owned(), dir("scenarios"), "--requirements".to_owned(), dir("requirements")]
}

/// The ids of the small suite's checks.
pub(crate) const CHECKS: [&str; 8] = [
    "extra.openapi.served",
    "keys.create.permissions-refused",
    "keys.create.returned",
    "keys.list.shows",
    "use.expiry.refused",
    "use.verify.accepted",
    "use.verify.quiet",
    "use.verify.refused",
];

/// Pairs of check and outcome, in the order of the ids.
pub(crate) fn outcomes(run: &Value) -> Vec<(String, String)> {
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let mut found: Vec<_> =
        run["checks"].as_array().unwrap().iter().map(|check| (text(check, "check"), text(check, "outcome"))).collect();
    found.sort();
    found
}

/// A process that is dead and was not yet buried by its parent is not alive.
fn is_alive(pid: &str) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    // `pid (name) state ...`; the name may hold anything.
    !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with(['Z', 'X'])
}

/// Looks at all cases at the same time: most of what they do is waiting.
pub(crate) fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, look: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| look(case));
        }
    });
}

pub(crate) fn signal(process: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &process.id().to_string()]).status().unwrap().success());
}

/// What differs from run to run, and from machine to machine, is put out of the way.
pub(crate) fn steady(snapshots: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(manifest("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let manifest = regex::escape(env!("CARGO_MANIFEST_DIR"));
    for (pattern, replacement) in [
        (manifest.as_str(), "[keyspec]"),
        (r"/[\w./-]*/\.tmp\w+", "[place]"),
        (r"127\.0\.0\.1:\d{2,5}", "127.0.0.1:[port]"),
        (r"suite [0-9a-f]{16}", "suite [digest]"),
        (r"suite `[0-9a-f]{16}`", "suite `[digest]`"),
        (r"by keyspec \d+\.\d+\.\d+", "by keyspec [version]"),
        (r"(/better-auth-[\w.-]+)-[0-9a-f]{12}\b", "$1-[pins]"),
        (r"\d+\.\d+ s\b", "[seconds] s"),
        (r"\(\d+\.\d ms\)", "([millis] ms)"),
        (r"keyspec-reference \d+\.\d+\.\d+", "keyspec-reference [version]"),
        (r"\b[A-Za-z0-9]{32}\b", "[id]"),
        (r"20\d\d-\d\d-\d\dT[\d:.]+Z", "[time]"),
        (r#""start":"\w+""#, r#""start":"[start]""#),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings.bind(snapshots);
}
