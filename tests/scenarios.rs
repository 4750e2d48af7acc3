//! Every scenario file is a named test against the reference: `cargo test --test scenarios create/`.

use std::collections::BTreeMap;
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

fn main() {
    let arguments = Arguments::from_args();
    let checks = run_suite();
    let trials = checks.into_iter().map(|(scenario, checks)| Trial::test(scenario, move || judge(&checks)));
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// One run of the whole suite in each edition, since that is what users do; its checks by scenario.
fn run_suite() -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edition in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        let output = Command::new(env!("CARGO_BIN_EXE_keyspec"))
            .args(["run", "--target", "reference", "--edition", edition, "--report", "json=-", "--findings", "none"])
            .output()
            .expect("keyspec runs");
        let run: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("no report for edition {edition}: {error}\n{}", String::from_utf8_lossy(&output.stderr))
        });
        for check in run["checks"].as_array().expect("checks") {
            let scenario = check["scenario"].as_str().expect("scenario");
            found.entry(format!("{scenario} in {edition}")).or_default().push(check.clone());
        }
    }
    found
}

fn judge(checks: &[Value]) -> Result<(), Failed> {
    let bad = |check: &&Value| !matches!(check["outcome"].as_str(), Some("pass" | "not-applicable"));
    let told: Vec<String> = checks
        .iter()
        .filter(bad)
        .map(|check| format!("{} {}: {}", check["outcome"], check["check"], check["finding"]["summary"]))
        .collect();
    if told.is_empty() { Ok(()) } else { Err(told.join("\n").into()) }
}
