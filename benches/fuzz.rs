//! What the fuzz targets cost without a fuzzer: `cargo bench --bench fuzz`.
//!
//! Each body runs over its seeds again and again, for a moment, and the empty target over the same inputs. Rates are
//! printed and nothing is asserted. Then each reader gets texts of one sign in a row, at the size and at twice the size: a
//! ratio near 2 is linear, one near 4 is not.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use keyspec::fuzz::{EMPTY, TARGETS, Target};

/// How long each target is measured.
const MOMENT: Duration = Duration::from_secs(2);

/// Signs that open, close, repeat or escape something in one of the languages that are read.
const SIGNS: &[&str] = &[
    "[", "]", "{a: ", "- ", "? ", "> ", "<a>\n", "<a", "{", "`", "*a ", "_", "![", "[a](", "| a ", "\n", "\r\n", "\t",
    "\"", "'", "\\", "#", "a.", "a=[\n", "[a]\n", "é", "&a ", "${a}", "0", "{\"a\":", "[1,", " ",
];

/// How long the texts of one sign are. Bytes.
const SIZE: usize = 4 * 1024;

fn main() {
    println!("{:<14} {:>6} {:>8} {:>12} {:>10} {:>8}", "target", "seeds", "bytes", "runs/s", "µs/run", "× empty");
    for target in TARGETS {
        let seeds = (target.seeds)();
        let bytes = seeds.iter().map(Vec::len).sum::<usize>() / seeds.len().max(1);
        let (own, empty) = (rate(target, &seeds), rate(&EMPTY, &seeds));
        println!(
            "{:<14} {:>6} {bytes:>8} {own:>12.0} {:>10.1} {:>8.0}",
            target.name,
            seeds.len(),
            1e6 / own,
            empty / own
        );
    }
    println!("\n{:<14} {:>10} {:>10} {:>7}  slowest sign in a row", "target", "ms", "ms twice", "ratio");
    for target in TARGETS {
        let slowest = SIGNS.iter().map(|sign| (time(target, sign, SIZE), sign)).max();
        let Some((once, sign)) = slowest else { continue };
        let twice = time(target, sign, 2 * SIZE);
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let ratio = millis(twice) / millis(once).max(f64::EPSILON);
        println!("{:<14} {:>10.2} {:>10.2} {ratio:>7.1}  {sign:?}", target.name, millis(once), millis(twice));
    }
}

/// Runs a second.
fn rate(target: &Target, inputs: &[Vec<u8>]) -> f64 {
    let begun = Instant::now();
    let mut runs = 0;
    while begun.elapsed() < MOMENT {
        inputs.iter().for_each(|input| (target.run)(black_box(input)));
        runs += inputs.len();
    }
    runs as f64 / begun.elapsed().as_secs_f64()
}

/// The best of three runs over a sign in a row.
fn time(target: &Target, sign: &str, size: usize) -> Duration {
    let text = sign.repeat(size / sign.len());
    let once = |_| {
        let begun = Instant::now();
        (target.run)(black_box(text.as_bytes()));
        begun.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}
