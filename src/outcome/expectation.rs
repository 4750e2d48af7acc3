//! Expectations: what is known not to hold on a target, with the reason, so that only news fails a run.
//!
//! An entry that matches no check, that is out of date, or whose check holds after all, fails the run as well.

pub mod update;

use semver::VersionReq;
use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use toml::Spanned;

use super::check::Outcome;
use super::finding::Expected;
use super::pattern::Pattern;
use crate::spec::edition::Edition;
use crate::spec::words::nearest;

/// What an entry says of its checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It fails, and must: the day it holds, the entry has to go.
    MustFail,
    /// It fails at times.
    MayFail,
    /// It is not looked at.
    Skip,
}

/// One entry.
#[derive(Debug, Clone)]
pub struct Entry {
    pub pattern: Pattern,
    pub verdict: Verdict,
    pub reason: String,
    pub link: Option<String>,
    editions: Option<VersionReq>,
    implementation: Option<String>,
    expires: Option<Date>,
    file: String,
    line: usize,
}

/// All entries for one target.
#[derive(Debug, Clone, Default)]
pub struct Expectations {
    entries: Vec<Entry>,
}

/// A file of expectations that cannot be read as such.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct ExpectationError {
    file: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expect: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    check: String,
    outcome: Verdict,
    reason: String,
    link: Option<String>,
    editions: Option<String>,
    /// The implementation that it is for, where a file serves several.
    implementation: Option<String>,
    expires: Option<String>,
}

impl Expectations {
    /// Reads `text`, the content of `file`.
    pub fn parse(file: &str, text: &str) -> Result<Self, ExpectationError> {
        let fail = |message: String| ExpectationError { file: file.to_owned(), message };
        let parsed: File = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let entries = parsed.expect.into_iter().map(|spanned| {
            let line = 1 + text.get(..spanned.span().start).unwrap_or_default().matches('\n').count();
            let raw = spanned.into_inner();
            let at = |message: String| fail(format!("line {line}: {message}"));
            if raw.reason.trim().is_empty() {
                return Err(at("an entry needs a reason".into()));
            }
            let editions = raw.editions.as_deref().map(VersionReq::parse).transpose();
            let date = |text: &str| Date::parse(text, format_description!("[year]-[month]-[day]"));
            let expires = raw.expires.as_deref().map(date).transpose();
            Ok(Entry {
                pattern: Pattern::whole(&raw.check),
                verdict: raw.outcome,
                reason: raw.reason,
                link: raw.link,
                implementation: raw.implementation,
                editions: editions.map_err(|error| at(format!("`editions` is no version requirement: {error}")))?,
                expires: expires.map_err(|error| at(format!("`expires` is no date (2027-01-31): {error}")))?,
                file: file.to_owned(),
                line,
            })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// Only what holds for this edition, with the entries of `other` behind.
    pub fn and(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// Leaves out the entries that are for other editions or implementations.
    pub fn of(mut self, edition: &Edition, implementation: &str) -> Self {
        self.entries.retain(|entry| {
            entry.editions.as_ref().is_none_or(|range| edition.matches(range))
                && entry.implementation.as_ref().is_none_or(|name| name == implementation)
        });
        self
    }

    /// The entry for a check; where several match, the first.
    pub fn entry(&self, check: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.pattern.matches(check))
    }

    /// What is wrong with the entries themselves, given the ids of the whole suite. Dates are compared with `today`.
    pub fn stale<'a>(&self, ids: impl Iterator<Item = &'a str> + Clone, today: Date) -> Vec<String> {
        let mut found = Vec::new();
        for entry in &self.entries {
            let place = format!("{}:{}", entry.file, entry.line);
            if !ids.clone().any(|id| entry.pattern.matches(id)) {
                let near = nearest(entry.pattern.text(), ids.clone());
                let hint = if near.is_empty() { String::new() } else { format!("; near to it: {}", near.join(", ")) };
                found.push(format!("{place}: `{}` matches no check of the suite{hint}", entry.pattern.text()));
            }
            if entry.expires.is_some_and(|date| date < today) {
                found.push(format!("{place}: the entry for `{}` has expired", entry.pattern.text()));
            }
        }
        found
    }
}

impl Entry {
    /// The outcome of a check that this entry is about.
    pub fn judge(&self, outcome: Outcome) -> Outcome {
        match (self.verdict, outcome) {
            (Verdict::MustFail | Verdict::MayFail, Outcome::Fail | Outcome::Warn) => Outcome::ExpectedFail,
            (Verdict::MustFail, Outcome::Pass) => Outcome::UnexpectedPass,
            // Not to look is said of what cannot be seen, too.
            (Verdict::Skip, Outcome::Pass | Outcome::Fail | Outcome::Warn | Outcome::NotObserved) => Outcome::Skip,
            (_, other) => other,
        }
    }

    /// Does it fail at times only?
    pub fn is_at_times(&self) -> bool {
        self.verdict == Verdict::MayFail
    }

    pub fn cite(&self) -> Expected {
        Expected { reason: self.reason.clone(), link: self.link.clone() }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const FILE: &str = r#"
[[expect]]
check = "verify.limits.*"
outcome = "must-fail"
reason = "denied calls use up what remains"
expires = "2027-01-31"

[[expect]]
check = "list.sort-unknown"
outcome = "skip"
reason = "it answers 500"
editions = "<1.7"
"#;

    fn read() -> Expectations {
        Expectations::parse("e.toml", FILE).unwrap()
    }

    #[test]
    fn a_known_failure_that_holds_is_news() {
        let expectations = read();
        let entry = expectations.entry("verify.limits.quota").unwrap();
        assert_eq!(entry.judge(Outcome::Fail), Outcome::ExpectedFail);
        assert_eq!(entry.judge(Outcome::Pass), Outcome::UnexpectedPass);
        assert_eq!(entry.judge(Outcome::Error), Outcome::Error);
        assert_eq!(entry.judge(Outcome::NotObserved), Outcome::NotObserved);
        let skipped = expectations.entry("list.sort-unknown").unwrap();
        assert_eq!(skipped.judge(Outcome::NotObserved), Outcome::Skip);
        assert_eq!(skipped.judge(Outcome::Error), Outcome::Error);
    }

    #[test]
    fn entries_hold_for_their_editions_only() {
        assert!(read().of(&"1.6.9".parse().unwrap(), "x").entry("list.sort-unknown").is_some());
        assert!(read().of(&"1.7.5".parse().unwrap(), "x").entry("list.sort-unknown").is_none());
    }

    #[test]
    fn an_entry_that_matches_nothing_or_is_out_of_date_is_named_with_its_line() {
        let ids = ["verify.limits.quota", "list.sort-unknwon"];
        let stale = read().stale(ids.into_iter(), date!(2027 - 02 - 01));
        insta::assert_snapshot!(stale.join("\n"), @r"
        e.toml:2: the entry for `verify.limits.*` has expired
        e.toml:8: `list.sort-unknown` matches no check of the suite; near to it: list.sort-unknwon
        ");
        assert_eq!(read().stale(["verify.limits.a", "list.sort-unknown"].into_iter(), date!(2027 - 01 - 31)), [""; 0]);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("[[expect]]\ncheck='a'\noutcome='must-fail'\nreason=' '", "line 1: an entry needs a reason"),
            ("[[expect]]\ncheck='a'\noutcome='must-fial'\nreason='x'", "unknown variant `must-fial`"),
            ("[[expect]]\ncheck='a'\noutcome='skip'\nreason='x'\nexpires='soon'", "`expires` is no date"),
            ("[[expect]]\nchck='a'", "unknown field `chck`"),
        ] {
            let error = Expectations::parse("e.toml", text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
