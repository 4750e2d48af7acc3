//! Findings carried out again.

use super::finding::Finding;
use super::play::{End, Played, Subject, play};

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    Fixed,
    /// It still differs in the same way.
    Failed,
    /// It differs in another way.
    Changed,
    /// It differs in a way that is known of this target.
    Known,
    /// The target has no such thing, or broke.
    NotObserved,
}

/// Carries a finding out again: what became of it, and what the target shows now.
pub async fn replay(subject: &Subject, finding: &Finding, unique: &str) -> (Replay, Played) {
    let played = play(subject, &finding.sequence, unique).await;
    let replay = match &played.end {
        End::Deviated(deviation) if deviation.cause == finding.cause.rough() => Replay::Failed,
        End::Deviated(_) => Replay::Changed,
        End::Agreed => Replay::Fixed,
        End::Explained => Replay::Known,
        End::Broken(_) if finding.cause.is_silent() => Replay::Failed,
        End::NotApplicable(_) | End::Broken(_) => Replay::NotObserved,
    };
    (replay, played)
}

impl Replay {
    pub fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Failed => "failed",
            Self::Changed => "changed",
            Self::Known => "known",
            Self::NotObserved => "not observed",
        }
    }
}
