//! Editions: the spec as a release has it, and the behaviours that differ between releases.
//!
//! An edition is computed from a version number and a table of behaviours, never hand-made. What a
//! release does against security or plain sense is in the table for information, as a defect: it is
//! never part of the edition, and nothing in the spec may ask for it.

mod table;

use std::fmt;
use std::str::FromStr;

use semver::{Version, VersionReq};

pub use table::Behaviour;

/// The spec as one release of Better Auth has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(Version);

/// The newest release of each line that the catalogue was checked against: what `1.7` alone stands for.
pub const LINES: &[(u64, u64, u64)] = &[(1, 2, 12), (1, 3, 34), (1, 4, 22), (1, 5, 6), (1, 6, 33), (1, 7, 5)];

/// A release, without what may follow its three numbers.
pub type Release = (u64, u64, u64);

/// A patch that no release has: as the end of an interval it stands for the end of the line.
pub const LINE_END: u64 = u64::MAX;

/// `text` is neither a version (`1.7.5`) nor a known line (`1.7`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an edition: give a version such as `1.7.5`, or one of the lines 1.2, 1.3, 1.4, 1.5, 1.6, 1.7")]
pub struct EditionError {
    text: String,
}

/// Consecutive releases, both ends included. An open end stands for all releases on that side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub first: Option<Release>,
    pub last: Option<Release>,
}

/// What a row of the table says of the releases in its intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The spec differs there.
    Difference,
    /// The release is wrong there, by its documentation, by security or by plain sense. The spec does not follow.
    Defect,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub behaviour: Behaviour,
    /// Permanent, in kebab-case.
    pub id: &'static str,
    /// One sentence: what holds in the releases of the intervals.
    pub sentence: &'static str,
    pub kind: Kind,
    /// In order, without overlap.
    pub intervals: &'static [Interval],
    /// Where it can be seen: a source file of Better Auth, a package that it depends on, or `observed`.
    pub source: &'static str,
}

impl Edition {
    /// The newest edition that the catalogue was checked against.
    pub fn newest() -> Self {
        let (major, minor, patch) = LINES[LINES.len() - 1];
        Self(Version::new(major, minor, patch))
    }

    /// Does this edition lie in the interval, such as `>=1.3, <1.6.10`?
    pub fn matches(&self, requirement: &VersionReq) -> bool {
        // A pre-release is judged like the release that it leads to.
        requirement.matches(&Version::new(self.0.major, self.0.minor, self.0.patch))
    }

    /// Is this difference part of the edition? A defect never is, in no release: see [`Edition::release_has`].
    pub fn has(&self, behaviour: Behaviour) -> bool {
        let row = behaviour.row();
        row.kind == Kind::Difference && row.holds_in(self.release())
    }

    /// Does the release itself do this, be it a difference or a defect? For expectations and lists, not for the spec.
    pub fn release_has(&self, behaviour: Behaviour) -> bool {
        behaviour.row().holds_in(self.release())
    }

    /// The three numbers of the release. A pre-release is judged like the release that it leads to.
    pub fn release(&self) -> Release {
        (self.0.major, self.0.minor, self.0.patch)
    }
}

impl Row {
    /// All rows, ordered by id.
    pub fn all() -> &'static [Self] {
        table::ROWS
    }

    pub fn holds_in(&self, release: Release) -> bool {
        self.intervals.iter().any(|interval| interval.contains(release))
    }
}

impl Interval {
    /// Every release.
    pub const ALL: Self = Self { first: None, last: None };

    /// Up to this release, which is included; with [`LINE_END`] up to the end of its line.
    pub const fn to(major: u64, minor: u64, patch: u64) -> Self {
        Self { first: None, last: Some((major, minor, patch)) }
    }

    /// From this release on.
    pub const fn from(major: u64, minor: u64, patch: u64) -> Self {
        Self { first: Some((major, minor, patch)), last: None }
    }

    /// From one release to another, both included.
    pub const fn within(first: Release, last: Release) -> Self {
        Self { first: Some(first), last: Some(last) }
    }

    pub fn contains(&self, release: Release) -> bool {
        self.first.is_none_or(|first| first <= release) && self.last.is_none_or(|last| release <= last)
    }
}

impl FromStr for Edition {
    type Err = EditionError;

    fn from_str(text: &str) -> Result<Self, EditionError> {
        let bare = text.strip_prefix('v').unwrap_or(text);
        if let Ok(version) = Version::parse(bare) {
            return Ok(Self(version));
        }
        LINES
            .iter()
            .find(|(major, minor, _)| bare == format!("{major}.{minor}"))
            .map(|&(major, minor, patch)| Self(Version::new(major, minor, patch)))
            .ok_or_else(|| EditionError { text: text.to_owned() })
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `..1.2.4`, `1.5.0..`, `1.2.6..1.4.10`; both ends are included. `..1.3` ends with the line.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((major, minor, patch)) = self.first {
            write!(f, "{major}.{minor}.{patch}")?;
        }
        f.write_str("..")?;
        match self.last {
            None => Ok(()),
            Some((major, minor, LINE_END)) => write!(f, "{major}.{minor}"),
            Some((major, minor, patch)) => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Difference => "difference",
            Self::Defect => "defect",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first release of each distinct profile on the wire, as measured on the published packages.
    /// (1.5.0 was published without the plugin: its line begins with 1.5.1.)
    const BOUNDARIES: &[Release] = &[
        (1, 2, 5),
        (1, 2, 6),
        (1, 2, 8),
        (1, 2, 9),
        (1, 3, 0),
        (1, 3, 5),
        (1, 3, 7),
        (1, 3, 8),
        (1, 3, 14),
        (1, 3, 25),
        (1, 3, 26),
        (1, 4, 0),
        (1, 4, 1),
        (1, 4, 5),
        (1, 4, 7),
        (1, 4, 8),
        (1, 4, 11),
        (1, 4, 19),
        (1, 5, 0),
        (1, 6, 0),
        (1, 6, 10),
        (1, 6, 11),
        (1, 6, 12),
        (1, 6, 13),
        (1, 6, 16),
        (1, 6, 17),
        (1, 6, 21),
    ];

    fn edition(text: &str) -> Edition {
        text.parse().unwrap()
    }

    fn before((major, minor, patch): Release) -> Release {
        if patch > 0 { (major, minor, patch - 1) } else { (major, minor - 1, LINE_END) }
    }

    #[test]
    fn rows_are_sorted_and_ids_are_the_names_in_kebab_case() {
        let ids: Vec<_> = Row::all().iter().map(|row| row.id).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
        for row in Row::all() {
            let kebab = row.id.replace('-', "");
            assert_eq!(kebab, format!("{:?}", row.behaviour).to_lowercase());
            assert!(row.sentence.ends_with('.') && !row.sentence.starts_with(' '), "{}", row.id);
            assert_eq!(row.behaviour.row().id, row.id);
        }
    }

    #[test]
    fn intervals_are_ordered_and_apart() {
        for row in Row::all() {
            assert!(!row.intervals.is_empty(), "{}", row.id);
            for interval in row.intervals {
                if let (Some(first), Some(last)) = (interval.first, interval.last) {
                    assert!(first <= last, "{} {interval}", row.id);
                }
            }
            for pair in row.intervals.windows(2) {
                assert!(pair[0].last.unwrap() < pair[1].first.unwrap(), "{}", row.id);
            }
        }
    }

    #[test]
    fn every_change_of_the_wire_is_explained_by_a_row() {
        for &boundary in BOUNDARIES {
            let changes = Row::all().iter().any(|row| row.holds_in(boundary) != row.holds_in(before(boundary)));
            assert!(changes, "{boundary:?}");
        }
    }

    #[test]
    fn a_defect_is_never_part_of_an_edition() {
        for row in Row::all().iter().filter(|row| row.kind == Kind::Defect) {
            for text in ["1.2.0", "1.3.25", "1.4.1", "1.6.17", "1.7.5"] {
                assert!(!edition(text).has(row.behaviour), "{} {text}", row.id);
            }
        }
        assert!(edition("1.3.25").release_has(Behaviour::CreateTrustsUserId));
    }

    #[test]
    fn a_row_may_come_go_and_come_back() {
        let burns = |text| edition(text).release_has(Behaviour::DeniedCallsBurnRemaining);
        assert!(burns("1.4.7") && !burns("1.4.8") && !burns("1.6.16") && burns("1.6.17"));
    }

    #[test]
    fn a_line_stands_for_its_newest_release_and_a_prerelease_for_its_release() {
        assert_eq!(edition("1.4").to_string(), "1.4.22");
        assert_eq!(edition("v1.7.0-beta.10").release(), (1, 7, 0));
        assert!(edition("1.7.0-beta.10").matches(&">=1.7.0".parse().unwrap()));
        assert!("1.8".parse::<Edition>().is_err());
        assert_eq!(Interval::within((1, 2, 6), (1, 4, 10)).to_string(), "1.2.6..1.4.10");
        assert_eq!(Interval::to(1, 3, LINE_END).to_string(), "..1.3");
    }
}
