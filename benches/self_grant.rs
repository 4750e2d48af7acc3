//! The promise of self-grant at speed: `cargo bench --bench self_grant -- 2000000`.
//!
//! Walks of generated operations by several actors on the model, in process: a million operations, or as many as are asked
//! for. Prints the rate, and panics with the walk that breaks the promise. Walks are told apart by their seed, so a breach
//! comes again; `FAULT=self-grant.ceiling-ignored` shows that there would be one.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::Instant;

use keyspec::spec::fault::Faults;
use keyspec::spec::walk::play::Walk;
use keyspec::spec::walk::{Step, options, step};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

const STEPS: u64 = 200;

fn main() {
    let wanted = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(1_000_000_u64);
    let faults: Faults = std::env::var("FAULT")
        .unwrap_or_default()
        .parse()
        .unwrap_or_else(|error| panic!("FAULT names the faults to switch on: {error}"));
    let started = Instant::now();
    let mut figures = Figures::default();
    for seed in 0.. {
        if figures.operations >= wanted {
            break;
        }
        play(seed, faults, &mut figures);
    }
    let seconds = started.elapsed().as_secs_f64();
    let Figures { operations, keys, verified, refused, restarts, walks } = figures;
    let cpu = cpu_seconds();
    let per = |seconds: f64| operations as f64 / seconds;
    println!(
        "{operations} operations in {seconds:.1} s: {:.0} a second, {:.0} a second of CPU",
        per(seconds),
        per(cpu)
    );
    println!("{walks} walks with {restarts} restarts; {keys} keys made, {refused} creates refused");
    println!("{verified} of the verifications held, and none for what is outside a ceiling");
}

/// User time of this process.
fn cpu_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap_or_else(|error| panic!("no usage figures: {error}"));
    usage.user_time().num_microseconds() as f64 / 1e6
}

/// What was seen on the way.
#[derive(Default)]
struct Figures {
    operations: u64,
    walks: u64,
    restarts: u64,
    keys: usize,
    refused: u64,
    verified: u64,
}

fn play(seed: u64, faults: Faults, figures: &mut Figures) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut choose = |below: usize| random.usize(..below.max(1));
    let mut walk = Walk::new(options(&mut choose), faults, seed);
    for number in 0..STEPS {
        let step = step(&mut choose);
        let done = walk.take(&step).unwrap_or_else(|breach| panic!("walk {seed}, step {number}: {breach}\n{step:?}"));
        let Some(reply) = done.reply else {
            figures.restarts += u64::from(matches!(step, Step::Restart { .. }));
            continue;
        };
        figures.operations += 1;
        let body = reply.body.unwrap_or_default();
        figures.verified += u64::from(body["valid"] == true);
        figures.refused += u64::from(body["code"] == "PERMISSIONS_EXCEED_MAXIMUM");
    }
    figures.walks += 1;
    figures.keys += walk.ledger.keys.len();
}
