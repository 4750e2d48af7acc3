//! Releases in order and what was seen of some of them: which to run next, so that few have to be installed.
//!
//! A plain bisection looks at the ends and misses what came and went between two that agree. So more is looked at before
//! dividing: the ends of every line, and each release in which the table of editions says that something changed.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::observation::{Observation, Seen, Standing};
use crate::spec::edition::{Release, Row};

/// Which releases are run before anything is divided. Each takes in those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sampling {
    /// The first and the last.
    Ends,
    /// The first and the last of every line, such as 1.6.
    Lines,
    /// The releases in which a row of the table of editions begins or ends.
    Boundaries,
    /// Every release.
    All,
}

/// Releases in order, with what was seen of them.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Those that can be looked at, in order.
    versions: Vec<Version>,
    seen: BTreeMap<Version, Seen>,
}

impl Timeline {
    pub fn new(mut versions: Vec<Version>) -> Self {
        versions.sort();
        versions.dedup();
        Self { versions, seen: BTreeMap::new() }
    }

    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    pub fn seen(&self, version: &Version) -> Option<&Seen> {
        self.seen.get(version)
    }

    /// Takes down what a release showed.
    pub fn saw(&mut self, version: &Version, seen: Seen) {
        self.seen.insert(version.clone(), seen);
    }

    /// A release turned out not to run: the search goes on without it.
    pub fn lose(&mut self, version: &Version) {
        self.versions.retain(|one| one != version);
    }

    /// The releases to run next, the most important first; nothing when all that is asked for is known.
    pub fn next(&self, sampling: Sampling) -> Vec<Version> {
        let open = |at: &usize| self.versions.get(*at).is_some_and(|version| !self.seen.contains_key(version));
        let samples: Vec<usize> = self.samples(sampling).into_iter().filter(open).collect();
        let next = if samples.is_empty() { self.middles() } else { samples };
        next.into_iter().filter_map(|at| self.versions.get(at).cloned()).collect()
    }

    /// The releases on which a check was seen with a verdict, in order.
    pub fn verdicts<'a>(&'a self, check: &'a str) -> impl Iterator<Item = (&'a Version, &'a Observation, Standing)> {
        self.versions.iter().filter_map(move |version| {
            let observation = self.seen.get(version)?.get(check)?;
            Some((version, observation, observation.standing()?))
        })
    }

    /// Every check that was seen on any release.
    pub fn checks(&self) -> BTreeSet<&str> {
        self.seen.values().flat_map(|seen| seen.keys().map(String::as_str)).collect()
    }

    /// Can what a release would show be concluded from its neighbours? They agree on every check.
    pub fn is_inferred(&self, version: &Version) -> bool {
        let before = self.seen.range(..version).next_back();
        let after = self.seen.range(version..).next();
        match (before, after) {
            (Some((_, before)), Some((_, after))) => self.checks().into_iter().all(|check| {
                let told = |seen: &Seen| seen.get(check).and_then(Observation::standing);
                told(before) == told(after)
            }),
            _ => false,
        }
    }

    /// Indexes, the ends first.
    fn samples(&self, sampling: Sampling) -> Vec<usize> {
        let last = self.versions.len().saturating_sub(1);
        let line = |at: usize| self.versions.get(at).map(|version| (version.major, version.minor));
        let mut samples = vec![0, last];
        if sampling >= Sampling::Lines {
            samples.extend((1..=last).filter(|&at| line(at) != line(at - 1)).flat_map(|at| [at - 1, at]));
        }
        if sampling >= Sampling::Boundaries {
            samples.extend((1..=last).filter(|&at| self.is_boundary(at)));
        }
        if sampling == Sampling::All {
            samples.extend(0..=last);
        }
        let mut taken = BTreeSet::new();
        samples.retain(|at| taken.insert(*at));
        samples
    }

    /// Does any behaviour of the table begin or end with this release?
    fn is_boundary(&self, at: usize) -> bool {
        let (Some(before), Some(here)) =
            (at.checked_sub(1).and_then(|at| self.versions.get(at)), self.versions.get(at))
        else {
            return false;
        };
        let (before, here) = (numbers(before), numbers(here));
        Row::all().iter().any(|row| row.holds_in(before) != row.holds_in(here))
    }

    /// For each two neighbours that differ, the one in the middle of those that were not looked at.
    fn middles(&self) -> Vec<usize> {
        let mut middles = BTreeSet::new();
        for check in self.checks() {
            let told: Vec<(usize, Standing)> = self
                .verdicts(check)
                .filter_map(|(version, _, standing)| Some((self.versions.binary_search(version).ok()?, standing)))
                .collect();
            for (&(first, one), &(last, other)) in told.iter().zip(told.iter().skip(1)) {
                if one != other {
                    let between: Vec<usize> = (first + 1..last).filter(|at| self.is_open(*at)).collect();
                    middles.extend(between.get(between.len() / 2).copied());
                }
            }
        }
        middles.into_iter().collect()
    }

    fn is_open(&self, at: usize) -> bool {
        self.versions.get(at).is_some_and(|version| !self.seen.contains_key(version))
    }
}

fn numbers(version: &Version) -> Release {
    (version.major, version.minor, version.patch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outcome::check::Outcome;

    fn versions(texts: &[&str]) -> Vec<Version> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Patches of one line in which the table of editions knows nothing.
    fn patches(count: u64) -> Vec<Version> {
        (0..count).map(|patch| Version::new(9, 0, patch)).collect()
    }

    fn seen(outcome: Outcome) -> Seen {
        Seen::from([("c".to_owned(), Observation { outcome, why: None })])
    }

    /// Carries a search through over a history that is known, and says in which order releases were run.
    fn search(
        versions: Vec<Version>,
        sampling: Sampling,
        truth: impl Fn(&Version) -> Outcome,
    ) -> (Timeline, Vec<Version>) {
        let mut timeline = Timeline::new(versions);
        let mut run = Vec::new();
        loop {
            let next = timeline.next(sampling);
            if next.is_empty() {
                return (timeline, run);
            }
            for version in next {
                timeline.saw(&version, seen(truth(&version)));
                run.push(version);
            }
        }
    }

    fn changes(timeline: &Timeline) -> Vec<(u64, u64)> {
        let told: Vec<_> = timeline.verdicts("c").collect();
        told.windows(2).filter(|pair| pair[0].2 != pair[1].2).map(|pair| (pair[0].0.patch, pair[1].0.patch)).collect()
    }

    #[test]
    fn one_change_is_found_with_few_runs() {
        let truth = |version: &Version| if version.patch < 77 { Outcome::Fail } else { Outcome::Pass };
        let (timeline, run) = search(patches(100), Sampling::Ends, truth);
        assert_eq!(changes(&timeline), [(76, 77)]);
        assert!(run.len() <= 9, "{run:?}");
        assert!(timeline.is_inferred(&Version::new(9, 0, 20)));
    }

    #[test]
    fn a_defect_that_came_went_and_came_back_is_seen_where_it_is_looked_for() {
        let truth = |version: &Version| match version.patch {
            0..30 | 60..80 => Outcome::Fail,
            _ => Outcome::Pass,
        };
        let (exhaustive, run) = search(patches(100), Sampling::All, truth);
        assert_eq!(changes(&exhaustive), [(29, 30), (59, 60), (79, 80)]);
        assert_eq!(run.len(), 100);
        // Between two ends that differ, dividing finds one change and not the two others: they have to be sampled.
        let (divided, _) = search(patches(100), Sampling::Ends, truth);
        assert_eq!(changes(&divided).len() % 2, 1);
    }

    #[test]
    fn lines_and_boundaries_are_sampled() {
        let all = versions(&["1.3.24", "1.3.25", "1.3.26", "1.3.27", "1.3.34", "1.4.0", "1.4.22", "1.6.9", "1.6.10"]);
        let same = |_: &Version| Outcome::Pass;
        let names = |run: Vec<Version>| run.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(names(search(all.clone(), Sampling::Ends, same).1), "1.3.24 1.6.10");
        assert_eq!(names(search(all.clone(), Sampling::Lines, same).1), "1.3.24 1.6.10 1.3.34 1.4.0 1.4.22 1.6.9");
        let boundaries = names(search(all, Sampling::Boundaries, same).1);
        assert_eq!(boundaries, "1.3.24 1.6.10 1.3.34 1.4.0 1.4.22 1.6.9 1.3.25 1.3.26");
    }

    #[test]
    fn a_release_that_does_not_run_is_left_out_of_the_search() {
        let mut timeline = Timeline::new(patches(5));
        timeline.saw(&Version::new(9, 0, 0), seen(Outcome::Fail));
        timeline.saw(&Version::new(9, 0, 4), seen(Outcome::Pass));
        assert_eq!(timeline.next(Sampling::Ends), [Version::new(9, 0, 2)]);
        timeline.lose(&Version::new(9, 0, 2));
        assert_eq!(timeline.next(Sampling::Ends), [Version::new(9, 0, 3)]);
        // One that ran and gave no verdict on the check is passed over in the same way.
        timeline.saw(&Version::new(9, 0, 3), seen(Outcome::Error));
        assert_eq!(timeline.next(Sampling::Ends), [Version::new(9, 0, 1)]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_true_and_what_is_inferred_lies_between_equals(
            truth in prop::collection::vec(any::<bool>(), 1..40),
        ) {
            let outcome = |version: &Version| {
                if truth[version.patch as usize] { Outcome::Pass } else { Outcome::Fail }
            };
            let (timeline, run) = search(patches(truth.len() as u64), Sampling::Ends, outcome);
            prop_assert!(run.len() <= truth.len());
            for (before, after) in changes(&timeline) {
                prop_assert_eq!(before + 1, after);
                prop_assert_ne!(truth[before as usize], truth[after as usize]);
            }
            for version in timeline.versions() {
                prop_assert!(timeline.seen(version).is_some() || timeline.is_inferred(version));
            }
            let (exhaustive, _) = search(patches(truth.len() as u64), Sampling::All, outcome);
            prop_assert_eq!(changes(&exhaustive).len(), truth.windows(2).filter(|pair| pair[0] != pair[1]).count());
        }
    }
}
