//! What a check costs, and whose time it is: `cargo bench --bench suite`.
//!
//! The suite runs several times against the reference: once embedded, once in a process of its own, so that the CPU of
//! harness and target can be told apart. Medians are printed and nothing is asserted: these are figures to compare in
//! one run, on one machine.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::Value;

const RUNS: usize = 7;

/// Starts the reference as an adapter and writes down the CPU time that it took.
const TIMED_ADAPTER: &str = "\"$1\" serve --adapter\ntimes >\"$2\"\n";

/// One run of the suite. Times are in milliseconds.
#[derive(Default)]
struct Figures {
    checks: u64,
    requests: u64,
    wall: f64,
    /// Of all processes.
    cpu: f64,
    /// Of the target, where it has a process of its own.
    target_cpu: f64,
    /// Waiting for replies, added up over requests at the same time.
    waited: f64,
}

fn main() {
    let keyspec = env!("CARGO_BIN_EXE_keyspec");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (script, times) = (folder.join("timed-adapter.sh"), folder.join("timed-adapter.txt"));
    std::fs::write(&script, TIMED_ADAPTER).unwrap_or_else(|error| panic!("no script: {error}"));
    let apart = format!("adapter:sh {} {keyspec} {}", script.display(), times.display());
    let embedded = median(|| once(keyspec, "reference", None));
    let separate = median(|| once(keyspec, &apart, Some(&times)));
    println!("{:<26} {:>12} {:>14}", "", "embedded", "own process");
    let row = |name: &str, of: &dyn Fn(&Figures) -> f64| {
        println!("{name:<26} {:>12.2} {:>14.2}", of(&embedded), of(&separate));
    };
    row("checks", &|one| one.checks as f64);
    row("requests", &|one| one.requests as f64);
    row("wall, ms", &|one| one.wall);
    row("CPU, ms", &|one| one.cpu);
    row("wall per check, µs", &|one| one.wall * 1000.0 / one.checks.max(1) as f64);
    row("CPU per check, µs", &|one| one.cpu * 1000.0 / one.checks.max(1) as f64);
    row("wait per request, µs", &|one| one.waited * 1000.0 / one.requests.max(1) as f64);
    let harness = separate.cpu - separate.target_cpu;
    println!("{:<26} {:>12} {harness:>14.2}", "CPU of the harness, ms", "");
    println!("{:<26} {:>12} {:>14.2}", "CPU of the target, ms", "", separate.target_cpu);
}

/// The run with the median wall time. One run before warms the caches up.
fn median(run: impl Fn() -> Figures) -> Figures {
    run();
    let mut figures: Vec<Figures> = (0..RUNS).map(|_| run()).collect();
    figures.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    figures.swap_remove(RUNS / 2)
}

fn once(keyspec: &str, target: &str, times: Option<&Path>) -> Figures {
    let before = cpu_of_children();
    let started = Instant::now();
    let output = Command::new(keyspec)
        .args(["run", "--target", target, "--report", "json=-", "--findings", "none"])
        .output()
        .unwrap_or_else(|error| panic!("keyspec does not run: {error}"));
    let wall = started.elapsed().as_secs_f64() * 1000.0;
    let cpu = cpu_of_children() - before;
    let run: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let number = |pointer: &str| run.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    Figures {
        checks: number("/summary/all/pass"),
        requests: number("/timing/requests"),
        wall,
        cpu,
        target_cpu: times.and_then(|path| std::fs::read_to_string(path).ok()).map_or(0.0, |text| of_children(&text)),
        waited: number("/timing/targetUs") as f64 / 1000.0,
    }
}

/// User and system time of all processes that ended, in milliseconds.
fn cpu_of_children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap_or_else(|error| panic!("no usage figures: {error}"));
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1000.0
}

/// The second line of the shell's `times`: user and system time of its children, as `0m0.123s 0m0.045s`.
fn of_children(text: &str) -> f64 {
    let words = text.lines().nth(1).unwrap_or_default().split_whitespace();
    let seconds = words.filter_map(|word| {
        let (minutes, seconds) = word.trim_end_matches('s').split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    });
    seconds.sum::<f64>() * 1000.0
}
