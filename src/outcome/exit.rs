//! Exit codes: documented, tested, never reused.

use super::check::{Blame, Outcome};
use super::event::ProblemKind;
use super::run::Run;

/// What the process says to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// 0: conforms, or the command did what it was asked.
    Conforms = 0,
    /// 1: there are findings.
    Findings = 1,
    /// 2: the command line, a scenario or a configuration is wrong.
    Usage = 2,
    /// 3: the target or its surroundings could not be started, reached, or broke off.
    Environment = 3,
    /// 4: nothing was selected, nothing ran, or something that should be was not observed.
    NothingObserved = 4,
    /// 5: keyspec itself went wrong.
    Harness = 5,
    /// 130: interrupted.
    Interrupted = 130,
}

impl ExitCode {
    /// The one rule by which a run becomes an exit code. The worst that a caller must know first comes first:
    /// an interrupted or broken run is no verdict, whatever it found on the way.
    pub fn of(run: &Run) -> Self {
        let counts = run.counts();
        let broken = |blame: Blame| {
            run.checks.iter().any(|check| {
                check.outcome == Outcome::Error && check.finding.as_ref().is_some_and(|finding| finding.blame == blame)
            }) || run.problems.iter().any(|problem| {
                matches!(problem.kind, ProblemKind::Target | ProblemKind::Harness) && problem.blame == blame
            })
        };
        if run.interrupted {
            Self::Interrupted
        } else if broken(Blame::Harness) {
            Self::Harness
        } else if broken(Blame::Environment) || counts.of(Outcome::Error) > 0 {
            Self::Environment
        } else if counts.of(Outcome::Fail) + counts.of(Outcome::UnexpectedPass) + counts.of(Outcome::Flaky) > 0
            || run.problems.iter().any(|problem| problem.kind == ProblemKind::Expectation)
        {
            Self::Findings
        } else if counts.observed() == 0 || counts.of(Outcome::NotObserved) > 0 || !run.complete {
            Self::NothingObserved
        } else {
            Self::Conforms
        }
    }

    /// What several runs come to: the one of their codes that a caller must know first, by the same order.
    pub fn worst(codes: impl IntoIterator<Item = Self>) -> Self {
        codes.into_iter().max_by_key(|code| code.rank()).unwrap_or(Self::NothingObserved)
    }

    /// The code behind a number that was written down. A number that is none is taken for a fault of keyspec.
    pub fn from_number(number: u8) -> Self {
        Self::ALL.into_iter().find(|code| *code as u8 == number).unwrap_or(Self::Harness)
    }

    const ALL: [Self; 7] = [
        Self::Conforms,
        Self::NothingObserved,
        Self::Findings,
        Self::Environment,
        Self::Harness,
        Self::Usage,
        Self::Interrupted,
    ];

    /// How far to the front it comes where several apply: its place in [`Self::ALL`].
    fn rank(self) -> Option<usize> {
        Self::ALL.iter().position(|code| *code == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_first_to_know_wins() {
        use ExitCode::{Conforms, Environment, Findings, Harness, Interrupted, NothingObserved};
        for (codes, worst) in [
            (vec![Conforms, NothingObserved], NothingObserved),
            (vec![NothingObserved, Findings, Conforms], Findings),
            (vec![Findings, Environment], Environment),
            (vec![Environment, Harness], Harness),
            (vec![Harness, Interrupted, Findings], Interrupted),
            (vec![Conforms], Conforms),
            (vec![], NothingObserved),
        ] {
            assert_eq!(ExitCode::worst(codes), worst);
        }
        assert!([0, 1, 2, 3, 4, 5, 130].map(ExitCode::from_number).iter().all(|code| ExitCode::ALL.contains(code)));
    }
}
