//! Histories for people at a terminal.

use std::fmt::Write as _;

use super::{count, drawn_together, version, yardstick};
use crate::outcome::check::Outcome;
use crate::outcome::history::{Change, History, How, Kind, Life, Span};
use crate::outcome::matrix::LeftOut;
use crate::report::terminal::{BOLD, DIM, counted, one_line, paint, style};

/// Check by check, one line a change.
pub(super) fn changes(history: &History) -> String {
    let mut out = String::new();
    for life in &history.checks {
        let _ = writeln!(
            out,
            "{}  {}",
            paint(BOLD, &one_line(&life.check)),
            paint(DIM, &format!("{} · {} · {}", life.level, one_line(&life.profile), one_line(&life.requirement)))
        );
        if let Some(statement) = history.requirements.get(&life.requirement) {
            let _ = writeln!(out, "{}", paint(DIM, &one_line(statement)));
        }
        if life.by_luck {
            let _ = writeln!(out, "{}", paint(DIM, "it looks for a race: where it holds, that can be luck"));
        }
        out.push_str(&told(history, life));
        out.push('\n');
    }
    out.push_str(&coverage(history));
    out
}

/// The changes of one check, between what it began with and what it ended with.
fn told(history: &History, life: &Life) -> String {
    let mut out = String::new();
    let mut line = |when: &str, what: &str, span: &Span| {
        let why = span.why.as_deref().map(|why| format!("  {}", one_line(why))).unwrap_or_default();
        let _ = writeln!(out, "{when:<WHEN$}  {what}  {}{}", one_line(&life.check), paint(DIM, &why));
    };
    let (Some(first), Some(last)) = (life.spans.first(), life.spans.last()) else {
        return "no release gave a verdict\n".to_owned();
    };
    line(&first.first, &word(first.outcome), first);
    for (before, after) in life.spans.iter().zip(life.spans.iter().skip(1)) {
        let between = history.between(&before.last, &after.first);
        let open = if between > 0 { format!(" ({between} between were not run)") } else { String::new() };
        let when = format!("{} -> {}{open}", before.last, after.first);
        line(&when, &format!("{} -> {}", word(before.outcome), word(after.outcome)), after);
    }
    let same = if life.spans.len() == 1 { "no change to here" } else { "still so" };
    let _ = writeln!(out, "{}", paint(DIM, &format!("{:<WHEN$}  {same}", last.last)));
    out
}

/// Where the outcomes of a change begin. Columns.
const WHEN: usize = 18;

fn word(outcome: Outcome) -> String {
    paint(style(outcome), outcome.word())
}

/// Release by release, one line each.
pub(super) fn releases(history: &History) -> String {
    let mut out = String::new();
    let widest = history.releases.iter().map(|release| release.version.len()).max().unwrap_or_default();
    let changes = history.changes();
    for release in history.releases.iter().filter(|release| release.how == How::Run) {
        let of = |outcomes: &[Outcome]| outcomes.iter().map(|outcome| release.counts.of(*outcome)).sum::<usize>();
        let bad = of(&[Outcome::Fail, Outcome::NotObserved, Outcome::Error]);
        let _ = write!(
            out,
            "{:<widest$}  {:>4} hold, {:>3} fail, {:>2} warn, {:>4} not applicable",
            release.version,
            of(&[Outcome::Pass]),
            bad,
            of(&[Outcome::Warn]),
            of(&[Outcome::NotApplicable]),
        );
        if let Some((_, _, changes)) = changes.iter().find(|(_, after, _)| *after == release.version) {
            out.push_str(&summary(changes));
        }
        out.push('\n');
    }
    let partial = if history.partial { "\npartial: filters leave checks out\n" } else { "\n" };
    out.push_str(partial);
    out.push_str(&coverage(history));
    out
}

fn summary(changes: &[Change<'_>]) -> String {
    let parts = [
        (Outcome::Pass, count(changes, &[Kind::Fixed]), "fixed"),
        (Outcome::Fail, count(changes, &[Kind::Broke]), "broke"),
        (Outcome::Warn, count(changes, &[Kind::CameBroken]), "new and broken"),
    ];
    let told = parts.iter().filter(|(_, count, _)| *count > 0);
    told.map(|(outcome, count, word)| format!("  {}", paint(style(*outcome), &format!("{word} {count}")))).collect()
}

/// How it is known, and how well.
fn coverage(history: &History) -> String {
    let run = history.known(How::Run).len();
    let mut out = format!("{run} of {} run: ", counted(history.releases.len(), "release"));
    let _ = writeln!(out, "{}", drawn_together(history, How::Run));
    for (how, told) in [
        (How::Inferred, "lie between two that agree and were not run; --exhaustive runs them"),
        (How::NotRun, "were not run, and nothing follows for them"),
    ] {
        let count = history.known(how).len();
        if count > 0 {
            let _ = writeln!(out, "{count} {told}: {}", drawn_together(history, how));
        }
    }
    for (reason, targets) in LeftOut::by_reason(&history.left_out) {
        let versions = targets.iter().map(|target| one_line(version(target))).collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "{} left out, since {}: {versions}", targets.len(), one_line(reason));
    }
    let _ = writeln!(out, "{}", paint(DIM, &yardstick(history)));
    out
}
