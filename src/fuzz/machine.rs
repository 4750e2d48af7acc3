//! Sequences of operations on the model: no invariant is broken, and a second opinion answers the same.
//!
//! Any bytes are a sequence, drawn as campaigns draw theirs: several actors, all operations by every door, nearly valid
//! and hostile values, time, bursts, all options, all editions. After each request the stored keys are looked at
//! (`invariant`), whatever the deployment is like. Beside it goes the naive deployment, which
//! predicts status, code and every member of the reply for all operations by all doors, with one configuration or
//! several, keys as sessions, presets and bursts, in the database. Keys of organizations, secondary storage, the order of
//! lists by an object and routes that are not of keys are left to the invariants, self-grant to its
//! own target ([`super::ceiling`]); after a request to such a thing the
//! naive deployment is silent.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use self::stage::Stage;
use super::editions::edition;
use crate::campaign::generate::sequence;
use crate::campaign::ground::Ground;
use crate::campaign::sequence::Sequence;
use crate::campaign::source::{Bytes, Seeded, Source};
use crate::scenario::needs::CAPABILITIES;
use crate::spec::edition::{Edition, Release};
use crate::spec::fault::Faults;

mod invariant;
mod stage;

/// Draws the edition from the first byte, and a sequence from the others.
pub fn run(data: &[u8]) {
    let Some((&of_edition, rest)) = data.split_first() else { return };
    let edition = edition(of_edition);
    let sequence = drawn(edition, &mut Bytes::new(rest));
    if let Err(wrong) = play(edition, &sequence, Faults::NONE) {
        panic!("{edition}: {wrong}\n{}", serde_json::to_string(&sequence).unwrap_or_default());
    }
}

/// Bytes of which sequences are drawn, half of them in the newest edition.
pub fn seeds() -> Vec<Vec<u8>> {
    (0..40).map(input).collect()
}

/// As many bytes as a long sequence takes.
fn input(number: u64) -> Vec<u8> {
    let mut source = Seeded::new(13, number);
    (0..320 + source.below(300)).map(|_| u8::try_from(source.below(256)).unwrap_or(0)).collect()
}

fn drawn(edition: &Edition, source: &mut impl Source) -> Sequence {
    thread_local! {
        static GROUNDS: RefCell<HashMap<Release, Ground>> = RefCell::default();
    }
    GROUNDS.with_borrow_mut(|grounds| {
        let ground = grounds.entry(edition.release()).or_insert_with(|| {
            // What clients may grant themselves is the ceiling's own target.
            let taken = CAPABILITIES.iter().filter(|name| !name.starts_with("self-grant"));
            let taken: BTreeSet<String> = taken.map(|&name| name.to_owned()).collect();
            Ground::new(edition.clone(), &taken, None)
        });
        sequence(ground, source)
    })
}

/// Plays it to its end.
///
/// # Errors
/// The invariant that a step breaks, or the answer that the second opinion expected.
fn play(edition: &Edition, sequence: &Sequence, faults: Faults) -> Result<Played, String> {
    let Some(mut stage) = Stage::set(edition, sequence, faults) else { return Ok(Played::default()) };
    for (at, step) in sequence.steps.iter().enumerate() {
        stage.step(at, step).map_err(|wrong| format!("step {}: {wrong}", at + 1))?;
    }
    Ok(stage.played)
}

/// How much of a sequence was looked at.
#[derive(Debug, Clone, Copy, Default)]
struct Played {
    requests: usize,
    /// Of these, those that the second opinion predicted.
    predicted: usize,
}

#[cfg(test)]
mod tests;
