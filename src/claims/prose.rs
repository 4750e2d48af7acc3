//! Claims in sentences: what no machine can derive is linked to the requirement of the catalogue that was made of it, by
//! the fingerprint of the sentence. A sentence that changed is not linked any longer, and so shows as unreviewed.

use std::collections::HashMap;

use super::claim::{Claim, Probe, Spot};
use super::page::{Page, Sentence};
use crate::spec::requirement::{Catalogue, Source, fingerprint};

/// The requirements of the catalogue by the fingerprint of their sentence.
#[derive(Debug, Default)]
pub(super) struct Reviewed<'c> {
    by_fingerprint: HashMap<&'c str, Vec<&'c str>>,
}

impl<'c> Reviewed<'c> {
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        let mut by_fingerprint: HashMap<&str, Vec<&str>> = HashMap::new();
        for requirement in catalogue.iter() {
            if let Source::Docs { fingerprint, .. } = &requirement.source {
                by_fingerprint.entry(fingerprint).or_default().push(&requirement.id);
            }
        }
        Self { by_fingerprint }
    }

    /// The requirements that were made of this sentence.
    pub(super) fn of(&self, text: &str) -> Option<&[&'c str]> {
        self.by_fingerprint.get(fingerprint(text).as_str()).map(Vec::as_slice)
    }
}

/// A sentence, accounted for.
pub(super) fn claim(page: &Page, sentence: &Sentence, reviewed: &Reviewed<'_>) -> Claim {
    let spot = Spot { file: &page.name, line: sentence.line, anchor: &sentence.anchor };
    let print = fingerprint(&sentence.text);
    let reason = match reviewed.of(&sentence.text) {
        Some(ids) => format!("a sentence, reviewed: `keyspec run {}` tries it", ids.join(" ")),
        None => "a sentence, unreviewed: no requirement has its fingerprint".to_owned(),
    };
    let quoted: String = sentence.text.chars().take(160).collect();
    let anchor = if sentence.anchor.is_empty() { "top" } else { &sentence.anchor };
    Claim::new(spot, &["prose", anchor, &print], format!("\u{201c}{quoted}\u{201d}"), Probe::None(reason))
}
