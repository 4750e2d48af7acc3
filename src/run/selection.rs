//! Which checks of the suite a run is about.

use crate::outcome::pattern::Pattern;
use crate::spec::requirement::{Level, Profile, Requirement};

/// The filters of the command line. Nothing given: everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Ids of checks, scenarios or requirements, or their leading components.
    pub selectors: Vec<Pattern>,
    pub profiles: Vec<Profile>,
    /// Only requirements of at least this level.
    pub level: Option<Level>,
    pub shard: Option<Shard>,
    /// Only scenarios that restart their deployment.
    pub restarts: bool,
}

/// One of `of` parts of equal size, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    pub number: usize,
    pub of: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no shard: write K/N with K from 1 to N, such as 1/4")]
pub struct ShardError(String);

impl std::str::FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(ShardError(text.to_owned())),
        }
    }
}

impl Selection {
    /// Is the run about less than everything?
    pub fn is_partial(&self) -> bool {
        !self.selectors.is_empty()
            || !self.profiles.is_empty()
            || self.level.is_some()
            || self.shard.is_some()
            || self.restarts
    }

    /// Is this check selected? `requirements` are those that it cites; the first gives level and profile.
    pub fn takes(&self, check: &str, scenario: &str, requirements: &[&Requirement]) -> bool {
        let Some(first) = requirements.first() else { return false };
        let named = |pattern: &Pattern| {
            pattern.matches(check)
                || pattern.matches(scenario)
                || requirements.iter().any(|requirement| pattern.matches(&requirement.id))
        };
        (self.selectors.is_empty() || self.selectors.iter().any(named))
            && (self.profiles.is_empty() || self.profiles.contains(&first.profile))
            && self.level.is_none_or(|level| first.level <= level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_count_from_one() {
        assert_eq!("1/4".parse(), Ok(Shard { number: 1, of: 4 }));
        for wrong in ["0/4", "5/4", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
