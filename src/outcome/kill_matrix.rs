//! The kill matrix: which checks catch which fault of the reference, and what that says of the suite.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// What the suite made of the faults. Complete where every fault was tried.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Matrix {
    pub faults: Vec<Kill>,
    /// What checks for other editions catch, in an edition in which they apply: they have to be able to fail as well.
    pub elsewhere: Vec<Catch>,
    /// Every check that holds on the reference without faults, with the newest of the editions in which it does.
    pub checks: Vec<Judged>,
    /// Every MUST that no fault breaks, and of which the catalogue does not say why not.
    pub unbroken: Vec<String>,
    /// Were all faults tried? Else nothing is said of checks, requirements and profiles.
    pub complete: bool,
}

/// What the suite made of one fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kill {
    pub fault: String,
    /// The requirement that it breaks.
    pub requirement: String,
    /// Of the reference that had it.
    pub edition: String,
    /// The checks that do not hold, by id, with whether they cite the broken requirement.
    pub checks: BTreeMap<String, bool>,
}

/// A check that caught a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Catch {
    pub fault: String,
    pub edition: String,
    pub check: String,
}

/// A check that can be asked to catch something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub check: String,
    pub profile: String,
    pub edition: String,
}

impl Kill {
    /// Caught by a check that cites the broken requirement?
    pub fn is_named(&self) -> bool {
        self.checks.values().any(|cites| *cites)
    }
}

impl Matrix {
    /// The faults that no check catches.
    pub fn survived(&self) -> Vec<&Kill> {
        self.faults.iter().filter(|kill| kill.checks.is_empty()).collect()
    }

    /// The faults that are caught, though by no check that cites the broken requirement.
    pub fn unnamed(&self) -> Vec<&Kill> {
        self.faults.iter().filter(|kill| !kill.checks.is_empty() && !kill.is_named()).collect()
    }

    /// The checks that catch nothing, in no edition.
    pub fn idle(&self) -> Vec<&Judged> {
        let killing = self.faults.iter().flat_map(|kill| kill.checks.keys());
        let busy: BTreeSet<&String> = killing.chain(self.elsewhere.iter().map(|catch| &catch.check)).collect();
        self.checks.iter().filter(|judged| !busy.contains(&judged.check)).collect()
    }

    /// By profile, the faults that only checks of this profile catch.
    pub fn only(&self) -> BTreeMap<&str, Vec<&str>> {
        let profile_of: BTreeMap<&str, &str> =
            self.checks.iter().map(|judged| (judged.check.as_str(), judged.profile.as_str())).collect();
        let mut only: BTreeMap<&str, Vec<&str>> = profile_of.values().map(|profile| (*profile, Vec::new())).collect();
        for kill in &self.faults {
            let profiles: BTreeSet<&str> =
                kill.checks.keys().filter_map(|check| profile_of.get(check.as_str()).copied()).collect();
            if let (Some(profile), 1) = (profiles.first(), profiles.len()) {
                only.entry(profile).or_default().push(&kill.fault);
            }
        }
        only
    }

    /// Does the suite catch every fault by name, and, where all were tried, is nothing in it idle?
    pub fn holds(&self) -> bool {
        let caught = self.faults.iter().all(Kill::is_named);
        let nothing_idle = || {
            self.idle().is_empty() && self.unbroken.is_empty() && self.only().values().all(|faults| !faults.is_empty())
        };
        caught && (!self.complete || nothing_idle())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kill(fault: &str, checks: &[(&str, bool)]) -> Kill {
        let checks = checks.iter().map(|(check, cites)| ((*check).to_owned(), *cites)).collect();
        Kill { fault: fault.to_owned(), requirement: "a.b".to_owned(), edition: "1.7.5".to_owned(), checks }
    }

    fn judged(check: &str, profile: &str) -> Judged {
        Judged { check: check.to_owned(), profile: profile.to_owned(), edition: "1.7.5".to_owned() }
    }

    fn sound() -> Matrix {
        Matrix {
            faults: vec![kill("x.one", &[("c.one", true)]), kill("x.two", &[("c.one", true), ("s.one", true)])],
            checks: vec![judged("c.one", "core"), judged("s.one", "core")],
            complete: true,
            ..Matrix::default()
        }
    }

    #[test]
    fn a_sound_suite_holds() {
        assert!(sound().holds());
        assert_eq!(sound().only(), BTreeMap::from([("core", vec!["x.one", "x.two"])]));
    }

    #[test]
    fn everything_that_is_wrong_is_found_by_itself() {
        let survivor = Matrix { faults: vec![kill("x.three", &[])], complete: false, ..sound() };
        assert_eq!((survivor.survived().len(), survivor.unnamed().len(), survivor.holds()), (1, 0, false));
        let unnamed = Matrix { faults: vec![kill("x.three", &[("c.one", false)])], complete: false, ..sound() };
        assert_eq!((unnamed.survived().len(), unnamed.unnamed().len(), unnamed.holds()), (0, 1, false));
        let mut idle = sound();
        idle.checks.push(judged("c.two", "core"));
        assert_eq!((idle.idle().len(), idle.holds()), (1, false));
        assert!(Matrix { complete: false, ..idle.clone() }.holds());
        let (fault, edition) = ("x.one".to_owned(), "1.4.22".to_owned());
        idle.elsewhere.push(Catch { fault, edition, check: "c.two".to_owned() });
        assert!(idle.holds());
        let unexplained = Matrix { unbroken: vec!["a.c".to_owned()], ..sound() };
        assert!(!unexplained.holds());
        let mut shared = sound();
        shared.checks[1].profile = "storage".to_owned();
        assert_eq!(shared.only()["storage"].len(), 0);
        assert!(!shared.holds());
    }
}
