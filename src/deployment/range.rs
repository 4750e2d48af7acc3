//! Ranges of releases, as a user writes them: `1.7`, `1.4.*`, `>=1.6 <1.7`, `1.3.25..1.4.0`.
//!
//! Knows versions only. Which releases there are is told by [`super::releases`].

use std::fmt;
use std::str::FromStr;

use semver::{Version, VersionReq};

/// Releases by their versions. At least one of the alternatives must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    text: String,
    alternatives: Vec<VersionReq>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no range of releases ({reason}). A range is a line (`1.7`), `1.4.*`, `>=1.6 <1.7` or `1.3.25..1.4.0`"
)]
pub struct RangeError {
    text: String,
    reason: String,
}

/// A longer range is a mistake. Bytes.
const MAX_LENGTH: usize = 200;

impl Range {
    /// Does the range hold this release? With `prereleases` also when it holds the release that a pre-release leads to;
    /// without, a pre-release must be named.
    pub fn matches(&self, version: &Version, prereleases: bool) -> bool {
        let leads_to = Version::new(version.major, version.minor, version.patch);
        self.alternatives.iter().any(|range| range.matches(version) || (prereleases && range.matches(&leads_to)))
    }

    /// The versions that the range names, as far as they are written: what is near to it is near to one of them.
    pub fn named(&self) -> Vec<Version> {
        let comparators = self.alternatives.iter().flat_map(|range| &range.comparators);
        let named = |one: &semver::Comparator| {
            Version::new(one.major, one.minor.unwrap_or_default(), one.patch.unwrap_or_default())
        };
        comparators.map(named).collect()
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let fail = |reason: String| RangeError { text: text.chars().take(MAX_LENGTH).collect(), reason };
        if text.len() > MAX_LENGTH {
            return Err(fail("it is too long".to_owned()));
        }
        let alternatives = text.split("||").map(alternative).collect::<Result<Vec<_>, _>>().map_err(fail)?;
        Ok(Self { text: text.trim().to_owned(), alternatives })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn alternative(text: &str) -> Result<VersionReq, String> {
    let comparators = match text.split_once("..") {
        // Both ends are included, as in the table of editions; an open end is no limit.
        Some((first, last)) => [(">=", first.trim()), ("<=", last.trim())]
            .into_iter()
            .filter(|(_, end)| !end.is_empty())
            .map(|(operator, end)| format!("{operator}{end}"))
            .collect(),
        None => words(text)?.iter().map(|word| comparator(word)).collect::<Vec<_>>(),
    };
    if comparators.is_empty() {
        return Err(if text.contains("..") { "it has no end" } else { "it is empty" }.to_owned());
    }
    VersionReq::parse(&comparators.join(", ")).map_err(|error| error.to_string())
}

/// Comparators are apart by spaces or commas; a space behind an operator is part of the comparator.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if is_operator(last) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    match words.last() {
        Some(last) if is_operator(last) => Err(format!("`{last}` stands alone")),
        _ => Ok(words),
    }
}

fn is_operator(word: &str) -> bool {
    word.chars().all(|c| "<>=~^".contains(c))
}

/// A version without an operator is that version, and a part of one is its line.
fn comparator(word: &str) -> String {
    let bare = word.strip_prefix('v').unwrap_or(word);
    if !bare.starts_with(|c: char| c.is_ascii_digit()) || bare.contains(['*', 'x', 'X']) {
        return bare.to_owned();
    }
    if Version::parse(bare).is_ok() { format!("={bare}") } else { format!("{bare}.*") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASES: [&str; 9] =
        ["1.3.25", "1.3.26", "1.4.0", "1.6.0-beta.0", "1.6.0", "1.6.34", "1.7.0-beta.2", "1.7.0", "1.7.5"];

    fn held(range: &str, prereleases: bool) -> String {
        let range: Range = range.parse().unwrap();
        let held = |text: &&&str| range.matches(&text.parse().unwrap(), prereleases);
        RELEASES.iter().filter(held).copied().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, expected) in [
            ("1.7", "1.7.0 1.7.5"),
            ("1.7.*", "1.7.0 1.7.5"),
            ("1.3.x", "1.3.25 1.3.26"),
            (">=1.6 <1.7", "1.6.0 1.6.34"),
            (">= 1.6, < 1.7", "1.6.0 1.6.34"),
            ("1.3.26..1.6.0", "1.3.26 1.4.0 1.6.0"),
            ("..1.3", "1.3.25 1.3.26"),
            ("1.7..", "1.7.0 1.7.5"),
            ("1.3 || 1.7.5", "1.3.25 1.3.26 1.7.5"),
            ("~1.6", "1.6.0 1.6.34"),
            ("v1.4.0", "1.4.0"),
            ("=1.7.0-beta.2", "1.7.0-beta.2"),
            ("*", "1.3.25 1.3.26 1.4.0 1.6.0 1.6.34 1.7.0 1.7.5"),
            ("1.8", ""),
        ] {
            assert_eq!(held(range, false), expected, "{range}");
        }
        assert_eq!(held("1.7", true), "1.7.0-beta.2 1.7.0 1.7.5");
    }

    #[test]
    fn mistakes_say_what_a_range_is() {
        let error = |text: &str| text.parse::<Range>().unwrap_err().to_string();
        insta::assert_snapshot!(error("latest"), @"`latest` is no range of releases (unexpected character 'l' while parsing major version number). A range is a line (`1.7`), `1.4.*`, `>=1.6 <1.7` or `1.3.25..1.4.0`");
        insta::assert_snapshot!(error(">="), @"`>=` is no range of releases (`>=` stands alone). A range is a line (`1.7`), `1.4.*`, `>=1.6 <1.7` or `1.3.25..1.4.0`");
        insta::assert_snapshot!(error(".."), @"`..` is no range of releases (it has no end). A range is a line (`1.7`), `1.4.*`, `>=1.6 <1.7` or `1.3.25..1.4.0`");
        insta::assert_snapshot!(error(""), @"`` is no range of releases (it is empty). A range is a line (`1.7`), `1.4.*`, `>=1.6 <1.7` or `1.3.25..1.4.0`");
        assert!("1.2.3 ".repeat(99).parse::<Range>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_range_or_an_error(text in "[ -~]{0,40}") {
            if let Ok(range) = text.parse::<Range>() {
                let again: Range = range.to_string().parse().unwrap();
                proptest::prop_assert_eq!(range, again);
            }
        }
    }
}
