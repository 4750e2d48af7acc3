//! What became of checks from release to release: which release fixed what, and which broke what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Outcome;
use super::matrix::LeftOut;
use super::observation::{Observation, Standing};
use super::run::Counts;
use super::timeline::Timeline;
use crate::spec::requirement::Level;

/// The version of the document.
pub const SCHEMA: u32 = 1;

/// Checks over releases. This is the `json` report of `keyspec history` and `keyspec bisect`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    pub schema: u32,
    /// The version of keyspec.
    pub keyspec: String,
    /// Digest of the scenarios and requirements.
    pub suite: String,
    /// As it was asked for.
    pub range: String,
    /// Filters were given, so this says nothing of the whole.
    pub partial: bool,
    /// The edition that all releases were judged by; nothing when each was judged by its own.
    pub edition: Option<String>,
    /// Every release that could be judged, in order.
    pub releases: Vec<Release>,
    /// Releases of the range that could not.
    pub left_out: Vec<LeftOut>,
    /// In the order of the suite.
    pub checks: Vec<Life>,
    /// The statements of the requirements that the checks cite.
    pub requirements: BTreeMap<String, String>,
}

/// One release of the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    pub version: String,
    pub how: How,
    /// How many checks ended how, where it was run.
    pub counts: Counts,
}

/// How it is known what a release shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It was run, now or before.
    Run,
    /// It lies between two that agree on every check.
    Inferred,
    /// It lies between two that do not agree, or beyond the last that was run.
    NotRun,
}

/// One check over the releases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Life {
    pub check: String,
    /// The first that it cites.
    pub requirement: String,
    pub level: Level,
    pub profile: String,
    /// It looks for a race: on a release that has it the check can hold by luck, so its changes prove little.
    pub by_luck: bool,
    /// In the order of the releases; neighbours differ.
    pub spans: Vec<Span>,
}

/// Consecutive releases that show the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The first and the last release of it that were run.
    pub first: String,
    pub last: String,
    pub outcome: Outcome,
    /// As the first of them has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A check between two neighbouring releases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change<'a> {
    pub life: &'a Life,
    pub before: &'a Span,
    pub after: &'a Span,
    pub kind: Kind,
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It did not hold, and does.
    Fixed,
    /// It held, and does not.
    Broke,
    /// It did not apply before, and does not hold.
    CameBroken,
    /// It did not hold, and applies no longer.
    LeftBroken,
    /// It did not apply before, and holds.
    Came,
    /// It held, and applies no longer.
    Left,
    /// To or from what could not be observed.
    Other,
    /// Between holding and not holding, of a check that can hold by luck.
    ByLuck,
}

impl History {
    /// The history of some checks, given without spans, over what was seen.
    pub fn new(suite: &str, range: &str, checks: Vec<Life>, timeline: &Timeline) -> Self {
        let releases = timeline.versions().iter().map(|version| {
            let seen = timeline.seen(version);
            let mut counts = Counts::default();
            for observation in seen.into_iter().flat_map(|seen| seen.values()) {
                *counts.0.entry(observation.outcome).or_default() += 1;
            }
            let how = match seen {
                Some(_) => How::Run,
                None if timeline.is_inferred(version) => How::Inferred,
                None => How::NotRun,
            };
            Release { version: version.to_string(), how, counts }
        });
        Self {
            schema: SCHEMA,
            keyspec: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.to_owned(),
            range: range.to_owned(),
            partial: false,
            edition: None,
            releases: releases.collect(),
            left_out: Vec::new(),
            checks: checks.into_iter().map(|life| Life { spans: spans(timeline, &life.check), ..life }).collect(),
            requirements: BTreeMap::new(),
        }
    }

    /// The releases that became known in this way.
    pub fn known(&self, how: How) -> Vec<&str> {
        self.releases.iter().filter(|release| release.how == how).map(|release| release.version.as_str()).collect()
    }

    /// What changed with each release that was run after the first: the one run before, the release, its changes.
    pub fn changes(&self) -> Vec<(&str, &str, Vec<Change<'_>>)> {
        let run = self.known(How::Run);
        let pairs = run.iter().zip(run.iter().skip(1));
        pairs.map(|(before, after)| (*before, *after, self.changes_with(after))).collect()
    }

    /// What changed with this release.
    fn changes_with<'a>(&'a self, release: &str) -> Vec<Change<'a>> {
        let mut found = Vec::new();
        for life in &self.checks {
            for (before, after) in life.spans.iter().zip(life.spans.iter().skip(1)) {
                if after.first == release {
                    found.push(Change { life, before, after, kind: kind(life, before, after) });
                }
            }
        }
        found.sort_by_key(|change| change.kind);
        found
    }

    /// The releases between two that were neither run nor inferred, so that a change can be with any of them.
    pub fn between(&self, before: &str, after: &str) -> usize {
        let at = |version: &str| self.releases.iter().position(|release| release.version == version);
        match (at(before), at(after)) {
            (Some(before), Some(after)) => after.saturating_sub(before).saturating_sub(1),
            _ => 0,
        }
    }
}

fn spans(timeline: &Timeline, check: &str) -> Vec<Span> {
    let mut spans: Vec<(Standing, Span)> = Vec::new();
    for (version, Observation { outcome, why }, standing) in timeline.verdicts(check) {
        let version = version.to_string();
        match spans.last_mut() {
            Some((last, span)) if *last == standing => span.last = version,
            _ => {
                let span = Span { first: version.clone(), last: version, outcome: *outcome, why: why.clone() };
                spans.push((standing, span));
            }
        }
    }
    spans.into_iter().map(|(_, span)| span).collect()
}

fn kind(life: &Life, before: &Span, after: &Span) -> Kind {
    use Standing::{Breaks, Holds, NotApplicable};
    match (before.outcome.standing(), after.outcome.standing()) {
        (Some(Breaks), Some(Holds)) | (Some(Holds), Some(Breaks)) if life.by_luck => Kind::ByLuck,
        (Some(Breaks), Some(Holds)) => Kind::Fixed,
        (Some(Holds), Some(Breaks)) => Kind::Broke,
        (Some(NotApplicable), Some(Breaks)) => Kind::CameBroken,
        (Some(Breaks), Some(NotApplicable)) => Kind::LeftBroken,
        (Some(NotApplicable), Some(Holds)) => Kind::Came,
        (Some(Holds), Some(NotApplicable)) => Kind::Left,
        _ => Kind::Other,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use semver::Version;

    use super::*;
    use crate::outcome::observation::Seen;

    /// Releases by their patch, with one outcome for each check: `p`, `f`, `w`, `n` (not applicable), `o` (not observed),
    /// `e`; a blank release was not run.
    pub(crate) fn history(lives: &[(&str, &str)]) -> History {
        let count = lives.iter().map(|(_, told)| told.len()).max().unwrap_or_default();
        let version = |at: usize| Version::new(1, 4, at as u64);
        let mut timeline = Timeline::new((0..count).map(version).collect());
        for at in 0..count {
            let mut seen = Seen::new();
            for (check, told) in lives {
                let outcome = match told.as_bytes()[at] {
                    b'p' => Outcome::Pass,
                    b'f' => Outcome::Fail,
                    b'w' => Outcome::Warn,
                    b'n' => Outcome::NotApplicable,
                    b'o' => Outcome::NotObserved,
                    b'e' => Outcome::Error,
                    _ => continue,
                };
                let why = (outcome != Outcome::Pass).then(|| format!("because of 1.4.{at}"));
                seen.insert((*check).to_owned(), Observation { outcome, why });
            }
            if !seen.is_empty() {
                timeline.saw(&version(at), seen);
            }
        }
        let life = |check: &str| Life {
            check: check.to_owned(),
            requirement: format!("{check}-required"),
            level: Level::Must,
            profile: "core".to_owned(),
            by_luck: check.contains("race"),
            spans: Vec::new(),
        };
        let checks = lives.iter().map(|(check, _)| life(check)).collect();
        History::new("0123456789abcdef", "better-auth@1.4.*", checks, &timeline)
    }

    #[test]
    fn a_check_that_comes_goes_and_comes_back_has_every_change() {
        let history = history(&[("c", "ffpp fpe"), ("d", "nnnw  nn")]);
        let spans = |at: usize| {
            let told = history.checks[at].spans.iter();
            told.map(|span| format!("{}..{} {}", span.first, span.last, span.outcome.word())).collect::<Vec<_>>()
        };
        assert_eq!(spans(0), ["1.4.0..1.4.1 fail", "1.4.2..1.4.3 pass", "1.4.5..1.4.5 fail", "1.4.6..1.4.6 pass"]);
        assert_eq!(spans(1), ["1.4.0..1.4.2 not-applicable", "1.4.3..1.4.3 warn", "1.4.6..1.4.7 not-applicable"]);
        let kinds: Vec<_> = history.changes().iter().flat_map(|(_, _, changes)| changes).map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Fixed, Kind::CameBroken, Kind::Broke, Kind::Fixed, Kind::LeftBroken]);
    }

    #[test]
    fn a_check_that_can_hold_by_luck_fixes_and_breaks_nothing() {
        let history = history(&[("race", "fpfn")]);
        let kinds: Vec<_> = history.changes().iter().flat_map(|(_, _, changes)| changes).map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::ByLuck, Kind::ByLuck, Kind::LeftBroken]);
    }

    #[test]
    fn what_was_not_run_is_told_apart_from_what_is_inferred() {
        let history = history(&[("c", "f f p ")]);
        let how: Vec<How> = history.releases.iter().map(|release| release.how).collect();
        assert_eq!(how, [How::Run, How::Inferred, How::Run, How::NotRun, How::Run, How::NotRun]);
        assert_eq!(history.between("1.4.2", "1.4.4"), 1);
    }
}
