//! Editions: the spec as a release has it, and the behaviours that differ between releases.
//!
//! An edition is computed from a version number and a table of behaviours, never hand-made.

use std::fmt;
use std::str::FromStr;

use semver::{Version, VersionReq};

/// The spec as one release of Better Auth has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(Version);

/// The newest release of each line that the catalogue was checked against: what `1.7` alone stands for.
pub const LINES: &[(u64, u64, u64)] = &[(1, 2, 12), (1, 3, 34), (1, 4, 22), (1, 5, 6), (1, 6, 33), (1, 7, 5)];

/// `text` is neither a version (`1.7.5`) nor a known line (`1.7`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an edition: give a version such as `1.7.5`, or one of the lines 1.2, 1.3, 1.4, 1.5, 1.6, 1.7")]
pub struct EditionError {
    text: String,
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
