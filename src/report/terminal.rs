//! What people read at a terminal: each failure with all that is needed to fix it, and a summary.
//!
//! Colours are always in the text; whoever prints it takes them out where they are not wanted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::event::{Header, Problem, ProblemKind};
use crate::outcome::exchange::{Exchange, Response, Sent};
use crate::outcome::exit::ExitCode;
use crate::outcome::finding::Finding;
use crate::outcome::run::{Counts, Run};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// Findings and the verdict.
    Quiet,
    #[default]
    Normal,
    /// Every check.
    Verbose,
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();

/// The run: its header, its findings, its counts, its verdict.
pub fn render(run: &Run, detail: Detail) -> String {
    let mut out = String::new();
    if let (Some(header), true) = (&run.header, detail > Detail::Quiet) {
        out.push_str(&head(header));
        out.push('\n');
    }
    if detail == Detail::Verbose {
        for check in &run.checks {
            let word = paint(style(check.outcome), &format!("{:<15}", check.outcome.word()));
            let reason = check.reason.as_deref().map(|reason| format!("  {}", one_line(reason))).unwrap_or_default();
            let _ = writeln!(out, "{word} {}{}", plain(&check.check), paint(DIM, &reason));
        }
        out.push('\n');
    }
    for check in run.checks.iter().filter(|check| shown(check.outcome)) {
        out.push_str(&block(check));
        out.push('\n');
    }
    for problem in &run.problems {
        let colour = if problem.kind == ProblemKind::Note { YELLOW } else { RED };
        let word = paint(colour.bold(), problem_word(problem));
        let _ = writeln!(out, "{word} {}\n", indented(&plain(&problem.message)));
    }
    if detail > Detail::Quiet {
        out.push_str(&table(run));
        out.push_str(&left_out(run));
        out.push_str(&slowest(run, detail));
    }
    out.push_str(&verdict(run, detail));
    out
}

fn shown(outcome: Outcome) -> bool {
    outcome.is_bad() || outcome == Outcome::Warn
}

/// Who is judged, by what.
pub(super) fn head(header: &Header) -> String {
    let implementation = &header.implementation;
    let mut who = one_line(&implementation.name);
    for (before, part) in [(" ", &implementation.version), (", ", &implementation.language)] {
        if !part.is_empty() {
            let _ = write!(who, "{before}{}", one_line(part));
        }
    }
    let partial = if header.partial { " · partial run" } else { "" };
    format!(
        "{} {}\n{}\n",
        paint(BOLD, "keyspec"),
        paint(BOLD, &who),
        paint(
            DIM,
            &format!(
                "target {} · edition {} · {} checks in {} scenarios · suite {} · seed {}{partial}",
                one_line(&header.target),
                one_line(&header.edition),
                header.checks,
                header.scenarios,
                header.suite,
                header.seed
            )
        ),
    )
}

/// One check that people must look at.
pub fn block(check: &CheckResult) -> String {
    let mut out = String::new();
    let word = paint(style(check.outcome).bold(), &check.outcome.word().to_uppercase());
    let _ = writeln!(
        out,
        "{word} {}  {}",
        paint(BOLD, &plain(&check.check)),
        paint(DIM, &format!("{} · {}", check.level, check.profile))
    );
    let Some(finding) = &check.finding else {
        let _ = writeln!(out, "  {}", indented(&plain(check.reason.as_deref().unwrap_or_default())));
        return out;
    };
    let requirement = &finding.requirement;
    let _ = writeln!(out, "  {}: {}", paint(CYAN, &plain(&requirement.id)), plain(&requirement.statement));
    let _ = writeln!(out, "  {}", paint(DIM, &plain(&requirement.source)));
    let _ = writeln!(out, "  {}", paint(DIM, &format!("{}:{}", plain(&finding.place.file), finding.place.line)));
    out.push('\n');
    out.push_str(&evidence(finding));
    out
}

/// What shows a finding, and how to repeat it.
pub(super) fn evidence(finding: &Finding) -> String {
    let mut out = String::new();
    if finding.mismatches.is_empty() {
        let _ = writeln!(out, "  {}", indented(&plain(&finding.summary)));
    }
    if let Some(exchange) = &finding.exchange {
        out.push_str(&exchange_lines(exchange));
    }
    if !finding.mismatches.is_empty() {
        out.push('\n');
    }
    for mismatch in &finding.mismatches {
        let _ = writeln!(out, "  {}", paint(BOLD, &one_line(&mismatch.path)));
        let _ = writeln!(out, "    {}", paint(GREEN, &format!("- expected {}", indented(&plain(&mismatch.expected)))));
        let _ = writeln!(out, "    {}", paint(RED, &format!("+ actual   {}", indented(&plain(&mismatch.actual)))));
    }
    if let Some(expected) = &finding.expectation {
        let link = expected.link.as_deref().map(|link| format!(" ({})", plain(link))).unwrap_or_default();
        let _ = writeln!(out, "\n  expectation: {}{link}", plain(&expected.reason));
    }
    let _ = writeln!(out, "\n  blame: {}", finding.blame.word());
    let _ = writeln!(out, "  {}", plain(&finding.reproduce.replay));
    if let Some(curl) = &finding.reproduce.curl {
        let _ = writeln!(out, "  {}", plain(curl));
    }
    out
}

fn exchange_lines(exchange: &Exchange) -> String {
    let mut out = String::new();
    let mut line = |arrow: &str, text: &str| {
        let _ = writeln!(out, "  {} {}", paint(CYAN, arrow), indented(&shortened(&plain(text))));
    };
    line("→", &exchange.request.line());
    match &exchange.request {
        Sent::Http { headers, body, .. } => {
            for (name, value) in headers {
                line(" ", &format!("{name}: {value}"));
            }
            if let Some(body) = body {
                line(" ", body);
            }
        }
        Sent::Call { headers, query, body, .. } => {
            for (name, value) in headers.iter().flatten() {
                line(" ", &format!("{name}: {value}"));
            }
            for (name, value) in [("query", query), ("body", body)] {
                if let Some(value) = value {
                    line(" ", &format!("{name} {value}"));
                }
            }
        }
        Sent::Raw { bytes, .. } => line(" ", bytes),
        Sent::Clock { .. } => {}
    }
    let millis = exchange.millis;
    match &exchange.response {
        Response::Http { status, body, .. } => {
            line("←", &format!("{status} ({millis:.1} ms)"));
            line(" ", if body.is_empty() { "(empty body)" } else { body });
        }
        Response::Returned { value } => line("←", &format!("returned {value} ({millis:.1} ms)")),
        Response::Threw { error } => line("←", &format!("threw {error} ({millis:.1} ms)")),
        Response::Nothing { reason } => line("←", &format!("nothing: {reason}")),
    }
    out
}

/// The finding's file has it all.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => {
            format!("{} … ({} bytes; the kept finding has more)", text.get(..at).unwrap_or_default(), text.len())
        }
        None => text.to_owned(),
    }
}

/// Characters of a line that are shown.
const SHOWN: usize = 800;

/// How many checks each profile has, how many of them apply here, and how these ended; outcomes that never came are left
/// out.
fn table(run: &Run) -> String {
    let columns: Vec<Outcome> = Outcome::ALL
        .iter()
        .copied()
        .filter(|outcome| *outcome == Outcome::Pass || run.counts().of(*outcome) > 0)
        .collect();
    let mut out = format!("{:<15} {:>6} {:>10}", "profile", "checks", "applicable");
    for outcome in &columns {
        let _ = write!(out, " {:>width$}", outcome.word(), width = outcome.word().len().max(5));
    }
    out = format!("{}\n", paint(DIM, &out));
    let mut row = |name: &str, counts: &Counts| {
        let total = counts.total();
        let applicable = total - counts.of(Outcome::NotApplicable);
        let _ = write!(out, "{name:<15} {total:>6} {applicable:>10}");
        for outcome in &columns {
            let width = outcome.word().len().max(5);
            let number = format!(" {:>width$}", counts.of(*outcome));
            let lit = counts.of(*outcome) > 0 && *outcome != Outcome::NotApplicable;
            out.push_str(&paint(if lit { style(*outcome) } else { DIM }, &number));
        }
        out.push('\n');
    };
    for (profile, counts) in run.summary.iter().filter(|(profile, _)| *profile != "all") {
        row(&plain(profile), counts);
    }
    if run.summary.len() > 2 {
        row("all", &run.counts());
    }
    out.push('\n');
    out
}

/// Why checks do not apply, and of which profiles they are; the most frequent reason first.
pub(super) fn left_out(run: &Run) -> String {
    let mut reasons: BTreeMap<(Outcome, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for check in &run.checks {
        if let (Outcome::NotApplicable | Outcome::Skip, Some(reason)) = (check.outcome, &check.reason) {
            *reasons.entry((check.outcome, reason)).or_default().entry(&check.profile).or_default() += 1;
        }
    }
    let mut sorted: Vec<_> =
        reasons.into_iter().map(|(reason, profiles)| (profiles.values().sum::<usize>(), reason, profiles)).collect();
    sorted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut out = String::new();
    for (count, (outcome, reason), profiles) in sorted.iter().take(REASONS) {
        let names = profiles.iter().map(|(profile, count)| match profiles.len() {
            1 => one_line(profile),
            _ => format!("{} {count}", one_line(profile)),
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let told = format!("{count:>5} {} ({names}): {}", outcome.word(), one_line(reason));
        let _ = writeln!(out, "{}", paint(DIM, &told));
    }
    if let Some(more) = sorted.len().checked_sub(REASONS).filter(|more| *more > 0) {
        let _ = writeln!(out, "{}", paint(DIM, &format!("      and {more} other reasons; -v shows them")));
    }
    if !sorted.is_empty() {
        out.push('\n');
    }
    out
}

/// More reasons than this are counted only.
const REASONS: usize = 8;

pub(super) fn verdict(run: &Run, detail: Detail) -> String {
    let counts = run.counts();
    let conforming = conforming(&counts);
    let (style, word) = match ExitCode::of(run) {
        ExitCode::Conforms => (GREEN.bold(), conforming.as_str()),
        ExitCode::Findings => (RED.bold(), "does not conform"),
        ExitCode::NothingObserved => (YELLOW.bold(), "no verdict: not everything was observed"),
        ExitCode::Environment => (YELLOW.bold(), "no verdict: the target could not be started, or broke off"),
        ExitCode::Interrupted => (YELLOW.bold(), "no verdict: interrupted"),
        ExitCode::Harness | ExitCode::Usage => (RED.bold(), "no verdict: keyspec itself failed"),
    };
    let bad: usize = Outcome::ALL.iter().filter(|outcome| outcome.is_bad()).map(|outcome| counts.of(*outcome)).sum();
    let timing = &run.timing;
    let partial = if run.header.as_ref().is_some_and(|header| header.partial) { " · partial run" } else { "" };
    let mut out = format!(
        "{}{partial} · {} observed, {bad} to look at, in {:.2} s\n",
        paint(style, word),
        counted(counts.observed(), "check"),
        seconds(timing.total_us),
    );
    let absent: Vec<String> =
        run.scores.iter().filter(|(_, score)| score.applicable == 0).map(|(profile, _)| one_line(profile)).collect();
    if !absent.is_empty() && absent.len() < run.scores.len() {
        let _ = writeln!(out, "nothing of {} applies here: it is not judged", absent.join(", "));
    }
    if detail > Detail::Quiet {
        let told = format!(
            "{} waited for {:.2} s, {} started in {:.2} s, some of it at once",
            counted(usize::try_from(timing.requests).unwrap_or(usize::MAX), "request"),
            seconds(timing.target_us),
            counted(usize::try_from(timing.deployments).unwrap_or(usize::MAX), "deployment"),
            seconds(timing.deploy_us)
        );
        let _ = writeln!(out, "{}", paint(DIM, &told));
    }
    out
}

/// `conforms`, and what it does not mean: an expectation that excuses a failure does not mend it.
pub(super) fn conforming(counts: &Counts) -> String {
    let known = match counts.of(Outcome::ExpectedFail) {
        0 => None,
        count => Some(counted(count, "known failure")),
    };
    let skipped = match counts.of(Outcome::Skip) {
        0 => None,
        count => Some(format!("{} skipped", counted(count, "check"))),
    };
    let exceptions: Vec<String> = known.into_iter().chain(skipped).collect();
    if exceptions.is_empty() { "conforms".to_owned() } else { format!("conforms but for {}", exceptions.join(" and ")) }
}

/// `1 check`, `2 checks`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The scenarios that took longest, where somebody may have wondered.
fn slowest(run: &Run, detail: Detail) -> String {
    if detail < Detail::Verbose && run.timing.total_us < LONG {
        return String::new();
    }
    let mut timings: Vec<_> = run.timings.iter().collect();
    timings.sort_by(|a, b| b.1.total_us.cmp(&a.1.total_us).then_with(|| a.0.cmp(b.0)));
    let names =
        timings.iter().take(5).map(|(name, timing)| format!("{} {:.2} s", plain(name), seconds(timing.total_us)));
    format!("{}\n\n", paint(DIM, &format!("slowest: {}", names.collect::<Vec<_>>().join(", "))))
}

/// A run that takes longer names its slowest scenarios. Microseconds.
const LONG: u64 = 3_000_000;

pub(super) fn seconds(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

pub(super) fn problem_word(problem: &Problem) -> &'static str {
    match problem.kind {
        ProblemKind::Target => "TARGET",
        ProblemKind::Expectation => "EXPECTATION",
        ProblemKind::Harness => "KEYSPEC",
        ProblemKind::Note => "NOTE",
    }
}

pub(super) fn style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => GREEN,
        Outcome::Fail | Outcome::UnexpectedPass | Outcome::Error => RED,
        Outcome::Warn | Outcome::Flaky | Outcome::NotObserved => YELLOW,
        Outcome::ExpectedFail | Outcome::Skip => CYAN,
        Outcome::NotApplicable => DIM,
    }
}

pub(super) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// Text from a target cannot move the cursor or ring the bell. Its lines are kept: see [`indented`].
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if (c.is_control() && c != '\n' && c != '\t') || is_bidi(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Marks that turn the direction of what follows.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// A further line of a target's text does not look like one of ours.
pub fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}

pub(super) fn one_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}
