//! What a check costs, and whose time it is: `cargo bench --bench suite`.
//!
//! The suite runs several times against the reference, once in this process and once in a process of its own, so that
//! the CPU of harness and target can be told apart. Medians are printed, and nothing is asserted: these are figures to
//! compare in one run, on one machine.

use std::process::Command;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::Value;

const RUNS: usize = 7;

fn main() {
    let keyspec = env!("CARGO_BIN_EXE_keyspec");
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>11} {:>11} {:>9}",
        "", "checks", "wall ms", "CPU ms", "µs/check", "CPU/check", "requests"
    );
    let embedded = series("reference, embedded", keyspec, "reference");
    let apart = series("reference, own process", keyspec, &format!("adapter:{keyspec} serve --adapter"));
    println!();
    // The same harness work is done in both; what the second run needs more is the pipe, what it leaves out is the model.
    println!("CPU of the run with the target in its own process: {:.1} ms in all processes", apart.cpu_ms);
    println!("waiting for replies: {:.1} ms of {:.1} ms, embedded", embedded.waited_ms, embedded.wall_ms);
    println!("waiting for replies: {:.1} ms of {:.1} ms, own process", apart.waited_ms, apart.wall_ms);
}

struct Figures {
    wall_ms: f64,
    cpu_ms: f64,
    waited_ms: f64,
}

fn series(name: &str, keyspec: &str, target: &str) -> Figures {
    let mut rows: Vec<(f64, f64, f64, u64, u64)> = (0..=RUNS).map(|_| once(keyspec, target)).collect();
    // The first run warms the caches up.
    rows.remove(0);
    let median = |of: &dyn Fn(&(f64, f64, f64, u64, u64)) -> f64| {
        let mut values: Vec<f64> = rows.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let (wall, cpu, waited) = (median(&|row| row.0), median(&|row| row.1), median(&|row| row.2));
    let (checks, requests) = rows.first().map_or((0, 0), |row| (row.3, row.4));
    let per_check = |ms: f64| ms * 1000.0 / checks.max(1) as f64;
    println!(
        "{name:<28} {checks:>7} {wall:>9.1} {cpu:>9.1} {:>11.1} {:>11.1} {requests:>9}",
        per_check(wall),
        per_check(cpu)
    );
    Figures { wall_ms: wall, cpu_ms: cpu, waited_ms: waited }
}

/// Wall and CPU time in milliseconds, time spent waiting for replies, observed checks, requests.
fn once(keyspec: &str, target: &str) -> (f64, f64, f64, u64, u64) {
    let before = cpu_of_children();
    let started = Instant::now();
    let output = Command::new(keyspec)
        .args(["run", "--target", target, "--report", "json=-", "--findings", "none"])
        .output()
        .unwrap_or_else(|error| panic!("keyspec does not run: {error}"));
    let wall = started.elapsed().as_secs_f64() * 1000.0;
    let cpu = cpu_of_children() - before;
    let run: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let observed = run["summary"]["all"]["pass"].as_u64().unwrap_or_default();
    let waited = run["timing"]["targetUs"].as_u64().unwrap_or_default() as f64 / 1000.0;
    (wall, cpu, waited, observed, run["timing"]["requests"].as_u64().unwrap_or_default())
}

/// User and system time of all processes that ended, in milliseconds.
fn cpu_of_children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap_or_else(|error| panic!("no usage figures: {error}"));
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1000.0
}
