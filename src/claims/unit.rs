//! Units of time, as sentences name them.

/// What a number of time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    const ALL: [Self; 5] = [Self::Milliseconds, Self::Seconds, Self::Minutes, Self::Hours, Self::Days];

    /// `milliseconds`
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Milliseconds => "milliseconds",
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    pub(super) const fn millis(self) -> u64 {
        match self {
            Self::Milliseconds => 1,
            Self::Seconds => 1000,
            Self::Minutes => 60 * 1000,
            Self::Hours => 60 * 60 * 1000,
            Self::Days => 24 * 60 * 60 * 1000,
        }
    }

    /// The unit that a sentence gives with `in`: "the interval in milliseconds". Where it names two, none.
    pub(super) fn stated(text: &str) -> Option<Self> {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let mut found = words
            .windows(2)
            .filter(|pair| pair[0] == "in")
            .filter_map(|pair| Self::ALL.into_iter().find(|unit| unit.word() == pair[1]));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_stated_with_in() {
        assert_eq!(Unit::stated("Expiration time of the key in seconds. server-only."), Some(Unit::Seconds));
        assert_eq!(Unit::stated("Set from the client. in days.\nDefault is 1"), Some(Unit::Days));
        assert_eq!(Unit::stated("It takes seconds"), None);
        assert_eq!(Unit::stated("in seconds, not in days"), None);
    }
}
