//! Seeded faults: defects that can be switched on in the model, each of which breaks a named requirement.
//!
//! The table says what each one does; the branches stand in the model, where the right behaviour stands.
//! It knows nothing of the checks that catch them.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::edition::Edition;
use super::words::nearest;

#[macro_use]
mod self_grant;
mod table;

pub use table::Fault;

/// No fault has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` is not a fault{}", suggestion(.nearest))]
pub struct UnknownFault {
    /// What was asked for.
    pub id: String,
    /// The ids that look most like it, best first; at most three.
    pub nearest: Vec<&'static str>,
}

/// The faults that are switched on. Written as their ids with commas between; the empty text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults([u64; WORDS]);

const WORDS: usize = Fault::ALL.len().div_ceil(64);

impl Faults {
    /// The spec as it is.
    pub const NONE: Self = Self([0; WORDS]);

    /// Is this fault switched on?
    pub fn has(self, fault: Fault) -> bool {
        let (word, bit) = place(fault);
        self.0[word] & bit != 0
    }

    /// The same faults and one more.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        let (word, bit) = place(fault);
        self.0[word] |= bit;
        self
    }

    /// Is the model free of faults?
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Those that are switched on, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |&fault| self.has(fault))
    }
}

/// The faults that a model was asked for: it came to their branches. Shared by all models of a deployment.
#[derive(Debug, Default)]
pub struct Asked([AtomicU64; WORDS]);

impl Asked {
    /// The model came to the branch of this fault.
    pub fn note(&self, fault: Fault) {
        let (word, bit) = place(fault);
        self.0[word].fetch_or(bit, Ordering::Relaxed);
    }

    /// All that were noted so far.
    pub fn faults(&self) -> Faults {
        Faults(std::array::from_fn(|word| self.0[word].load(Ordering::Relaxed)))
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::NONE.with(fault)
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        faults.into_iter().fold(Self::NONE, Self::with)
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(Fault::from_str).collect()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}", fault.id())?;
        }
        Ok(())
    }
}

impl Fault {
    /// The newest edition in which it can show: where the suite is to be tried against it.
    pub fn edition(self) -> Edition {
        self.last_edition().and_then(|text| text.parse().ok()).unwrap_or_else(Edition::newest)
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(id: &str) -> Result<Self, UnknownFault> {
        Self::ALL.iter().copied().find(|fault| fault.id() == id).ok_or_else(|| UnknownFault {
            id: id.to_owned(),
            nearest: nearest(id, Self::ALL.iter().map(|fault| fault.id())),
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Word and bit of a fault. There are words for the whole table, so the index is always in bounds.
fn place(fault: Fault) -> (usize, u64) {
    let index = fault as usize;
    (index / 64, 1 << (index % 64))
}

fn suggestion(nearest: &[&str]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; did you mean `{}`?", nearest.join("`, `")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::spec::requirement::Catalogue;

    #[test]
    fn ids_are_unique_and_kebab() {
        let ids: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.id()).collect();
        assert_eq!(ids.len(), Fault::ALL.len());
        let kebab = regex::Regex::new("^[a-z]+(-[a-z]+)*\\.[a-z0-9]+(-[a-z0-9]+)*$").unwrap();
        for fault in Fault::ALL {
            assert!(kebab.is_match(fault.id()), "{}", fault.id());
            assert!(kebab.is_match(fault.requirement()), "{}", fault.requirement());
            assert!(fault.sentence().ends_with('.'), "{}", fault.sentence());
        }
    }

    #[test]
    fn every_fault_has_a_branch_in_the_model() {
        let sources = concat!(
            include_str!("model.rs"),
            include_str!("model/account.rs"),
            include_str!("model/caller.rs"),
            include_str!("model/create.rs"),
            include_str!("model/flaw.rs"),
            include_str!("model/key_session.rs"),
            include_str!("model/lenient.rs"),
            include_str!("model/list.rs"),
            include_str!("model/organization.rs"),
            include_str!("model/owned.rs"),
            include_str!("model/quota.rs"),
            include_str!("model/race.rs"),
            include_str!("model/rate_limit.rs"),
            include_str!("model/routing.rs"),
            include_str!("model/saved.rs"),
            include_str!("model/secret.rs"),
            include_str!("model/self_grant.rs"),
            include_str!("model/store.rs"),
            include_str!("model/sweep.rs"),
            include_str!("model/update.rs"),
            include_str!("model/verify.rs"),
        );
        for fault in Fault::ALL {
            assert!(sources.contains(&format!("Fault::{fault:?}")), "{fault} is not switched anywhere");
        }
    }

    #[test]
    fn a_fault_names_an_edition_where_it_can_show() {
        assert_eq!(Fault::ListWrapped.edition().to_string(), "1.4.22");
        assert_eq!(Fault::ListCapped.edition(), Edition::newest());
        for fault in Fault::ALL {
            assert!(fault.last_edition().is_none_or(|text| text.parse::<Edition>().is_ok()), "{fault}");
        }
    }

    #[test]
    fn every_fault_breaks_a_requirement_of_the_catalogue() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/requirements");
        let files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
            })
            .collect();
        let catalogue = Catalogue::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap();
        for fault in Fault::ALL {
            let Some(requirement) = catalogue.find(fault.requirement()) else {
                // A whole area can be without requirements yet; a single one cannot be missing.
                let area = fault.requirement().split('.').next().unwrap();
                assert!(files.iter().all(|(name, _)| name != area), "{fault}: {}", fault.requirement());
                continue;
            };
            let editions = requirement.editions.as_ref();
            assert!(editions.is_none_or(|editions| fault.edition().matches(editions)), "{fault}");
        }
    }

    #[test]
    fn what_was_asked_for_is_kept() {
        let asked = Asked::default();
        assert!(asked.faults().is_empty());
        let (first, last) = (Fault::ALL[0], Fault::ALL[Fault::ALL.len() - 1]);
        [first, last, first].into_iter().for_each(|fault| asked.note(fault));
        assert_eq!(asked.faults(), [first, last].into_iter().collect());
    }

    #[test]
    fn sets_are_read_and_written() {
        let text = "create.client-permissions-accepted,verify.disabled-accepted";
        let faults: Faults = text.parse().unwrap();
        assert!(faults.has(Fault::CreateClientPermissionsAccepted));
        assert_eq!(faults.iter().count(), 2);
        assert_eq!(faults.to_string(), text);
        assert!("".parse::<Faults>().unwrap().is_empty());
    }

    #[test]
    fn a_misspelt_id_names_the_nearest() {
        let error = "create.client-permision-accepted".parse::<Faults>().unwrap_err();
        assert_eq!(error.nearest[0], "create.client-permissions-accepted");
        assert!(error.to_string().contains("did you mean `create.client-permissions-accepted`"), "{error}");
    }
}
