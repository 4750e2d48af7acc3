//! Whatever a client sends, the keys that are stored are within what the ceiling permits.
//!
//! Any bytes are options, and requests that come in as text: drawn ones, changed ones, and the bytes as they are. They
//! are sent by users, by keys as sessions and by nobody, over restarts that change every ceiling; in between the server
//! makes and changes keys of its own. After each request the stored keys are held against a `ledger` that knows no
//! algebra. Part of the inputs are [walks](crate::spec::walk), which ask what keys verify for.

use self::house::House;
use crate::campaign::source::{Bytes, Seeded, Source};
use crate::spec::fault::Faults;
use crate::spec::walk::{self, play::Walk};

mod house;
mod ledger;

/// Steps of one input, at most.
const LONGEST: usize = 40;

/// Draws options and steps from the input.
pub fn run(data: &[u8]) {
    if let Err(wrong) = holds(&mut Bytes::new(data), Faults::NONE) {
        panic!("{wrong}");
    }
}

/// Bytes of which walks and hostile texts are drawn.
pub fn seeds() -> Vec<Vec<u8>> {
    (0..32).map(input).collect()
}

fn input(number: u64) -> Vec<u8> {
    let mut source = Seeded::new(19, number);
    (0..250 + source.below(400)).map(|_| u8::try_from(source.below(256)).unwrap_or(0)).collect()
}

/// Plays what is drawn.
///
/// # Errors
/// What is above the ceiling.
fn holds(source: &mut Bytes<'_>, faults: Faults) -> Result<(), String> {
    let walks = source.below(4) == 0;
    let options = walk::options(&mut |below| source.below(below));
    if walks {
        let mut walk = Walk::new(options, faults, 1);
        for _ in 0..LONGEST {
            if source.is_spent() {
                break;
            }
            let step = walk::step(&mut |below| source.below(below));
            walk.take(&step).map_err(|breach| breach.to_string())?;
        }
        return Ok(());
    }
    let mut house = House::new(options, faults)?;
    for _ in 0..LONGEST {
        if source.is_spent() {
            break;
        }
        house.step(source)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
