//! Where choices come from: a seeded generator, or the bytes of a fuzzer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A source of choices. A generator that asks the same questions gets the same answers from an equal source.
pub trait Source {
    /// A number from 0 to `n - 1`; 0 where `n` is 0.
    fn below(&mut self, n: usize) -> usize;

    /// True in `percent` of 100 cases.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// One of several by weight: its index.
    fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut at = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            match at.checked_sub(*weight) {
                None => return index,
                Some(rest) => at = rest,
            }
        }
        0
    }
}

/// Choices from a seed.
#[derive(Debug, Clone)]
pub struct Seeded(fastrand::Rng);

impl Seeded {
    /// The choices for the sequence of this number in a campaign of this seed: independent of all others.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, number).hash(&mut hasher);
        Self(fastrand::Rng::with_seed(hasher.finish()))
    }
}

impl Source for Seeded {
    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { self.0.usize(..n) }
    }
}

/// Choices from bytes, one or two each; when they are used up, every choice is the first.
#[derive(Debug, Clone)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Is nothing left to choose by?
    pub fn is_spent(&self) -> bool {
        self.0.is_empty()
    }

    fn next(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }
}

impl Source for Bytes<'_> {
    fn below(&mut self, n: usize) -> usize {
        match n {
            0 | 1 => 0,
            2..=256 => self.next() % n,
            _ => (self.next() << 8 | self.next()) % n,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_choose_equally_and_numbers_differ() {
        let draw = |seed, number| {
            let mut source = Seeded::new(seed, number);
            (0..20).map(|_| source.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }

    #[test]
    fn bytes_that_are_used_up_choose_the_first() {
        let mut source = Bytes::new(&[7, 1, 2]);
        assert_eq!((source.below(5), source.below(1000), source.below(9)), (2, 258, 0));
        assert!(source.is_spent());
    }

    #[test]
    fn weights_of_nothing_are_never_chosen() {
        let mut source = Seeded::new(1, 1);
        assert!((0..200).all(|_| source.weighted(&[0, 3, 0, 1]) % 2 == 1));
    }
}
