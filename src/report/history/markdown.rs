//! A history as a page: which release fixed what, and which broke what.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{count, drawn_together, version, yardstick};
use crate::outcome::check::Outcome;
use crate::outcome::history::{Change, History, How, Kind, Span};
use crate::outcome::matrix::LeftOut;
use crate::outcome::observation::Standing;
use crate::report::markup::{brief, code, table, text};
use crate::report::terminal::counted;

pub(super) fn render(history: &History, command: &str) -> String {
    let mut out = head(history, command);
    out.push_str(&overview(history));
    out.push_str(&still_broken(history));
    out.push_str("## Release by release\n\nThe newest first; what is not named changed nothing.\n\n");
    for (before, release, changes) in history.changes().iter().rev() {
        out.push_str(&section(history, before, release, changes));
    }
    out
}

fn head(history: &History, command: &str) -> String {
    let mut out = format!(
        "# What each release fixed and broke\n\nWritten by keyspec {}, suite {}; to write it again:\n\n    {command}\n\n",
        text(&history.keyspec),
        code(&history.suite),
    );
    let run = history.known(How::Run).len();
    let _ = writeln!(
        out,
        "{}: {}. {} of {} were run: {}.{}\n",
        code(&history.range),
        text(&yardstick(history)),
        run,
        counted(history.releases.len(), "release"),
        drawn_together(history, How::Run),
        if history.partial { " **Partial: filters leave checks out.**" } else { "" },
    );
    for (how, told) in [(How::Inferred, "between two that agree, not run"), (How::NotRun, "not run")] {
        if history.known(how).is_empty() {
            continue;
        }
        let _ = writeln!(out, "- {told}: {}", drawn_together(history, how));
    }
    for (reason, targets) in LeftOut::by_reason(&history.left_out) {
        let versions = targets.iter().map(|target| text(version(target))).collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "- left out, since {}: {versions}", text(reason));
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out
}

fn overview(history: &History) -> String {
    let changes = history.changes();
    let rows: Vec<Vec<String>> = history
        .releases
        .iter()
        .filter(|release| release.how == How::Run)
        .map(|release| {
            let of = |outcome: Outcome| release.counts.of(outcome).to_string();
            let with = changes.iter().find(|(_, after, _)| *after == release.version);
            let changed = |kind: Kind| {
                let count = with.map_or(0, |(_, _, changes)| count(changes, &[kind]));
                if count == 0 { String::new() } else { count.to_string() }
            };
            let name = if with.is_some_and(|(_, _, changes)| !changes.is_empty()) {
                format!("[{0}](#{1})", text(&release.version), anchor(&release.version))
            } else {
                text(&release.version)
            };
            vec![
                name,
                of(Outcome::Pass),
                of(Outcome::Fail),
                of(Outcome::Warn),
                of(Outcome::NotObserved),
                of(Outcome::NotApplicable),
                changed(Kind::Fixed),
                changed(Kind::Broke),
                changed(Kind::CameBroken),
            ]
        })
        .collect();
    let head =
        ["release", "holds", "fails", "warns", "not observed", "not applicable", "fixed", "broke", "new, broken"];
    format!("## Overview\n\nChecks by outcome, and how many changed.\n\n{}", table(&head.map(str::to_owned), &rows))
}

/// What does not hold in the last release, with the release since which.
fn still_broken(history: &History) -> String {
    let Some(last) = history.known(How::Run).pop() else { return String::new() };
    let broken = history.checks.iter().filter_map(|life| {
        let span = life.spans.last().filter(|span| span.last == last)?;
        (span.outcome.standing() == Some(Standing::Breaks)).then_some((life, span))
    });
    let mut by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (life, span) in broken {
        let first = history.known(How::Run).first().copied() == Some(span.first.as_str());
        let since = if first { "at least since" } else { "since" };
        let why = span.why.as_deref().map(|why| format!(": {}", brief(why))).unwrap_or_default();
        let line = format!("{} {since} {}{why}", code(&life.check), text(&span.first));
        by.entry(&life.requirement).or_default().push(line);
    }
    let mut out = format!("## What does not hold in {}\n\n", text(last));
    if by.is_empty() {
        out.push_str("Everything that applies holds.\n\n");
    }
    out.push_str(&by_requirement(history, &by));
    out
}

fn section(history: &History, before: &str, release: &str, changes: &[Change<'_>]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let between = history.between(before, release);
    let open =
        if between > 0 { format!(", or one of the {between} between, which were not run") } else { String::new() };
    let mut out = format!("### {}\n\nAfter {}{open}.\n\n", text(release), text(before));
    for (kind, title) in [
        (Kind::Fixed, "Fixed"),
        (Kind::Broke, "Broke"),
        (Kind::CameBroken, "New here, and does not hold"),
        (Kind::LeftBroken, "Did not hold, and is no longer asked for"),
        (Kind::Other, "Can, or can no longer, be observed"),
        (Kind::ByLuck, "Look for a race and can hold by luck, so this proves little"),
    ] {
        let mut by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for change in changes.iter().filter(|change| change.kind == kind) {
            by.entry(&change.life.requirement).or_default().push(line(change));
        }
        if !by.is_empty() {
            let _ = writeln!(out, "{title}:\n");
            out.push_str(&by_requirement(history, &by));
        }
    }
    let (came, left) = (count(changes, &[Kind::Came]), count(changes, &[Kind::Left]));
    if came > 0 {
        let _ = writeln!(out, "{} newly asked for, and held.\n", counted(came, "check"));
    }
    if left > 0 {
        let _ = writeln!(out, "{} no longer asked for, which held.\n", counted(left, "check"));
    }
    out
}

fn line(change: &Change<'_>) -> String {
    let Change { life, before, after, kind } = change;
    let why = |span: &Span| span.why.as_deref().map(|why| format!(": {}", brief(why))).unwrap_or_default();
    let should = |span: &Span| if span.outcome == Outcome::Warn { " (a SHOULD)" } else { "" };
    let told = match kind {
        Kind::Fixed | Kind::LeftBroken => {
            format!("{}, which did not hold from {} on{}", should(before), text(&before.first), why(before))
        }
        Kind::Other | Kind::ByLuck => format!(" {} -> {}{}", before.outcome.word(), after.outcome.word(), why(after)),
        _ => format!("{}{}", should(after), why(after)),
    };
    format!("{}{told}", code(&life.check))
}

fn by_requirement(history: &History, by: &BTreeMap<&str, Vec<String>>) -> String {
    let mut out = String::new();
    for (requirement, lines) in by {
        let statement = history.requirements.get(*requirement).map(|statement| format!(" {}", text(statement)));
        let _ = writeln!(out, "- **{}**{}", text(requirement), statement.unwrap_or_default());
        for line in lines {
            let _ = writeln!(out, "  - {line}");
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// As pages name the heading of a release: letters, digits and dashes stay.
fn anchor(version: &str) -> String {
    version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}
