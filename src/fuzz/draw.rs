//! Documents for readers: whole ones, and ones in which a part was cut, doubled, nested or replaced.
//!
//! The seeds are drawn from here, and so are the texts of the property tests.

use crate::campaign::source::{Seeded, Source};
use crate::scenario::diagnostic::{boundary_after, boundary_before};

/// What a reader is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    /// Right ones, to begin with.
    pub(super) whole: &'static [&'static str],
    /// What means something to the reader, and what is likely to trip it.
    pub(super) signs: &'static [&'static str],
}

/// How many drawn documents are among the seeds of a target.
const DRAWN: u64 = 16;

impl Texts {
    /// A document with up to four changes.
    pub(super) fn draw(&self, source: &mut impl Source) -> String {
        let mut text = source.pick(self.whole).copied().unwrap_or_default().to_owned();
        for _ in 0..source.below(5) {
            self.change(source, &mut text);
        }
        text
    }

    /// The whole documents, and drawn ones.
    pub(super) fn seeds(&self) -> Vec<Vec<u8>> {
        let drawn = (0..DRAWN).map(|number| self.draw(&mut Seeded::new(0, number)));
        self.whole.iter().map(|&text| text.to_owned()).chain(drawn).map(String::into_bytes).collect()
    }

    fn change(&self, source: &mut impl Source, text: &mut String) {
        let start = boundary_before(text, source.below(text.len() + 1));
        let end = boundary_after(text, start + source.below(16));
        let sign = source.pick(self.signs).copied().unwrap_or_default();
        match source.below(5) {
            0 => text.replace_range(start..end, sign),
            1 => text.insert_str(start, sign),
            2 => text.insert_str(start, &sign.repeat(source.below(100))),
            3 => {
                let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
                let next = text[start..].find('\n').map_or(text.len(), |length| start + length + 1);
                let whole = text[line..next].to_owned();
                text.insert_str(line, &whole);
            }
            _ => text.truncate(start),
        }
    }
}
