//! Sequences that brought new kinds of answers: what others are made of.

use std::collections::HashSet;

use super::generate;
use super::ground::Ground;
use super::mutate::mutate;
use super::sequence::Sequence;
use super::source::{Seeded, Source as _};

/// More are not kept: the oldest ones stay.
const MOST: usize = 2000;

/// What a campaign has learnt.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    features: HashSet<String>,
    sequences: Vec<Sequence>,
}

impl Corpus {
    /// How many kinds of answers were seen.
    pub fn features(&self) -> usize {
        self.features.len()
    }

    pub fn sequences(&self) -> usize {
        self.sequences.len()
    }

    /// Keeps the sequence if it showed something new; tells whether it did.
    pub fn learn<'a>(&mut self, sequence: &Sequence, features: impl Iterator<Item = &'a String>) -> bool {
        let mut new = false;
        for feature in features {
            new |= self.features.insert(feature.clone());
        }
        if new {
            self.keep(sequence.clone());
        }
        new
    }

    /// Keeps a sequence whatever it shows: one that was a finding.
    pub fn keep(&mut self, sequence: Sequence) {
        if self.sequences.len() < MOST {
            self.sequences.push(sequence);
        }
    }

    /// The sequence of this number: new, or made of what was learnt. Equal seeds, numbers and corpora give equal ones.
    pub fn next(&self, ground: &Ground, seed: u64, number: u64) -> Sequence {
        let mut source = Seeded::new(seed, number);
        // Late ones are further from what is drawn anyway.
        let last = self.sequences.len().saturating_sub(self.sequences.len() / 4 + 8);
        let late = source.chance(40).then(|| last + source.below(self.sequences.len() - last));
        let one = self.sequences.get(late.unwrap_or_else(|| source.below(self.sequences.len())));
        let other = self.sequences.get(source.below(self.sequences.len()));
        match (one, other) {
            (Some(one), Some(other)) if source.chance(45) => mutate(ground, &mut source, one, other),
            _ => generate::sequence(ground, &mut source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_kept() {
        let mut corpus = Corpus::default();
        let features = ["a".to_owned(), "b".to_owned()];
        assert!(corpus.learn(&Sequence::default(), features.iter()));
        assert!(!corpus.learn(&Sequence::default(), features[..1].iter()));
        assert_eq!((corpus.features(), corpus.sequences()), (2, 1));
    }
}
