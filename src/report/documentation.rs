//! What writers of documentation read at a terminal: where a page says something else than the deployment does, and how
//! every claim of every page ended.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::terminal::{
    BOLD, CYAN, DIM, Detail, GREEN, RED, YELLOW, counted, evidence, head, indented, one_line, paint, plain,
    problem_word, seconds,
};
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::documentation::{ClaimRead, ClaimVerdict, Documentation, results};
use crate::outcome::exit::ExitCode;
use crate::outcome::run::Run;

/// The run: drift with its evidence, contradictions, the counts of each page, the verdict.
pub fn render(run: &Run, detail: Detail) -> String {
    let nothing = Documentation::default();
    let read = run.documentation.as_ref().unwrap_or(&nothing);
    let results = results(&run.checks);
    let ended: Vec<Ended<'_>> = read
        .claims
        .iter()
        .map(|claim| {
            let result = results.get(claim.id.as_str()).copied();
            Ended { claim, result, verdict: claim.verdict(result) }
        })
        .collect();
    let mut out = String::new();
    if let (Some(header), true) = (&run.header, detail > Detail::Quiet) {
        out.push_str(&head(header));
        out.push('\n');
    }
    if detail == Detail::Verbose {
        ended.iter().for_each(|one| out.push_str(&one.line()));
        out.push('\n');
    }
    for one in ended.iter().filter(|one| one.is_shown()) {
        out.push_str(&one.block());
        out.push('\n');
    }
    for problem in &run.problems {
        let _ = writeln!(out, "{} {}\n", paint(RED.bold(), problem_word(problem)), indented(&plain(&problem.message)));
    }
    if detail > Detail::Quiet {
        out.push_str(&table(read, &ended));
        out.push_str(&reasons(&ended));
        out.push_str(&not_understood(read));
    }
    out.push_str(&verdict(run, &ended));
    out
}

/// A claim and what became of it.
struct Ended<'r> {
    claim: &'r ClaimRead,
    result: Option<&'r CheckResult>,
    verdict: ClaimVerdict,
}

impl Ended<'_> {
    fn word(&self) -> String {
        let known = match self.result.map(|result| result.outcome) {
            Some(Outcome::ExpectedFail) => "known ",
            Some(Outcome::UnexpectedPass) => "no longer drift: ",
            _ => "",
        };
        let style = match self.verdict {
            ClaimVerdict::Holds => GREEN,
            ClaimVerdict::Drift => RED,
            ClaimVerdict::Ambiguous | ClaimVerdict::NotObserved => YELLOW,
            ClaimVerdict::NotProbed => DIM,
        };
        paint(style.bold(), &format!("{known}{}", self.verdict.word()).to_uppercase())
    }

    fn is_shown(&self) -> bool {
        let bad = self.result.is_none_or(|result| result.outcome.is_bad());
        bad || self.verdict == ClaimVerdict::Ambiguous
    }

    fn place(&self) -> String {
        format!("{}:{}", one_line(&self.claim.place.file), self.claim.place.line)
    }

    fn line(&self) -> String {
        let reason = self.result.and_then(|result| result.reason.as_deref()).unwrap_or_default();
        let reason = if reason.is_empty() { String::new() } else { paint(DIM, &format!("  ({})", one_line(reason))) };
        let claim = &self.claim;
        format!("{} {}  {}  {}{reason}\n", self.word(), self.place(), one_line(&claim.id), one_line(&claim.statement))
    }

    fn block(&self) -> String {
        let mut out = String::new();
        let _ =
            writeln!(out, "{} {}  {}", self.word(), paint(BOLD, &self.place()), paint(DIM, &one_line(&self.claim.id)));
        let _ = writeln!(out, "  {} {}", paint(CYAN, "the page says:"), one_line(&self.claim.statement));
        if let Some(other) = &self.claim.contradicted_by {
            let held = if self.result.is_some_and(|result| result.outcome == Outcome::Pass) {
                "it holds"
            } else {
                "it does not hold"
            };
            let _ = writeln!(
                out,
                "  {} {}:{}; {held}",
                paint(CYAN, "it says otherwise at"),
                one_line(&other.file),
                other.line
            );
        }
        match self.result.and_then(|result| result.finding.as_ref()) {
            Some(finding) => out.push_str(&evidence(finding)),
            None => {
                let reason = self.result.and_then(|result| result.reason.as_deref()).unwrap_or_default();
                if !reason.is_empty() {
                    let _ = writeln!(out, "  {}", indented(&plain(reason)));
                }
            }
        }
        out
    }
}

/// How the claims of each document ended.
fn table(read: &Documentation, ended: &[Ended<'_>]) -> String {
    let mut counts: BTreeMap<&str, BTreeMap<ClaimVerdict, usize>> = BTreeMap::new();
    for document in &read.documents {
        counts.entry(&document.name).or_default();
    }
    for one in ended {
        *counts.entry(&one.claim.place.file).or_default().entry(one.verdict).or_default() += 1;
    }
    let width = counts.keys().map(|name| one_line(name).chars().count()).max().unwrap_or_default().max(8);
    let mut out = format!("{:<width$}", "document");
    for verdict in ClaimVerdict::ALL {
        let _ = write!(out, "  {}", verdict.word());
    }
    let mut out = format!("{}\n", paint(DIM, &out));
    let mut row = |name: &str, count: &dyn Fn(ClaimVerdict) -> usize| {
        let _ = write!(out, "{name:<width$}");
        for verdict in ClaimVerdict::ALL {
            let _ = write!(out, "  {:>width$}", count(verdict), width = verdict.word().len());
        }
        out.push('\n');
    };
    for (name, own) in &counts {
        row(&one_line(name), &|verdict| own.get(&verdict).copied().unwrap_or_default());
    }
    if counts.len() > 1 {
        row("all", &|verdict| ended.iter().filter(|one| one.verdict == verdict).count());
    }
    out.push('\n');
    out
}

/// Why claims were not probed, the most frequent reason first.
fn reasons(ended: &[Ended<'_>]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in ended.iter().filter(|one| one.verdict == ClaimVerdict::NotProbed) {
        let reason = one.result.and_then(|result| result.reason.as_deref()).unwrap_or_default();
        // Which requirement reviewed a sentence is for the verbose list.
        let short = reason.split_once(": `keyspec run").map_or(reason, |(short, _)| short);
        *counts.entry(one_line(short)).or_default() += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut out = String::new();
    for (reason, count) in &sorted {
        let _ = writeln!(out, "{}", paint(DIM, &format!("{count:>5} not probed: {reason}")));
    }
    if !sorted.is_empty() {
        out.push('\n');
    }
    out
}

fn not_understood(read: &Documentation) -> String {
    let mut out = String::new();
    for document in &read.documents {
        for part in &document.not_understood {
            let told = format!("not understood: {}:{}: {}", one_line(&document.name), part.line, one_line(&part.what));
            let _ = writeln!(out, "{}", paint(DIM, &told));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn verdict(run: &Run, ended: &[Ended<'_>]) -> String {
    let (style, word) = match ExitCode::of(run) {
        ExitCode::Conforms => (GREEN.bold(), "no new drift"),
        ExitCode::Findings => (RED.bold(), "drift"),
        ExitCode::NothingObserved => (YELLOW.bold(), "no verdict: not everything was observed"),
        ExitCode::Environment => (YELLOW.bold(), "no verdict: the target could not be started, or broke off"),
        ExitCode::Interrupted => (YELLOW.bold(), "no verdict: interrupted"),
        ExitCode::Harness | ExitCode::Usage => (RED.bold(), "no verdict: keyspec itself failed"),
    };
    let of = |verdict| ended.iter().filter(|one| one.verdict == verdict).count();
    format!(
        "{} · {}: {} hold, {} drift, {} ambiguous, {} not probed, in {:.2} s\n",
        paint(style, word),
        counted(ended.len(), "claim"),
        of(ClaimVerdict::Holds),
        of(ClaimVerdict::Drift),
        of(ClaimVerdict::Ambiguous),
        of(ClaimVerdict::NotProbed),
        seconds(run.timing.total_us),
    )
}
