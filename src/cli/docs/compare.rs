//! Two versions of documentation side by side, and what each does on its target.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::source::{self, Version};
use super::{DocsArgs, read_version, try_claims};
use crate::claims::claim::Claim;
use crate::claims::compare::{Comparison, compare};
use crate::claims::suite::Reading;
use crate::cli::common::{self, ReachArgs, TargetArgs};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::outcome::documentation::{ClaimVerdict, results};
use crate::outcome::exit::ExitCode;
use crate::report::terminal::plain;

/// What became of each claim of a version.
type Verdicts = HashMap<String, ClaimVerdict>;

pub(super) fn run(args: &DocsArgs) -> Result<ExitCode, Failure> {
    let (from, to) = (read(args, &args.from)?, read(args, &args.to)?);
    let before = verdicts(args, args.from_target.as_deref(), &args.from)?;
    let after = verdicts(args, args.to_target.as_deref(), &args.to)?;
    let comparison = compare(&from.claims, &to.claims);
    output::print(args.color, &render(&comparison, &from.claims, &to.claims, before.as_ref(), after.as_ref()));
    Ok(ExitCode::Conforms)
}

fn read(args: &DocsArgs, paths: &[String]) -> Result<Reading, Failure> {
    let mut whole = Version::default();
    for version in source::open(paths, args.repo.as_deref())? {
        whole = whole.and(version);
    }
    read_version(&whole)
}

/// What the claims do on a target, where one is given.
fn verdicts(args: &DocsArgs, target: Option<&str>, paths: &[String]) -> Result<Option<Verdicts>, Failure> {
    let Some(target) = target else { return Ok(None) };
    let reach = ReachArgs { edition: None, ..args.target.reach.clone() };
    let target = TargetArgs { target: target.to_owned(), reach };
    let reading = read(args, paths)?;
    let (run, _) = common::carry_through(async |stop| try_claims(args, &target, reading, &[], stop).await)?;
    match ExitCode::of(&run) {
        ExitCode::Conforms | ExitCode::Findings | ExitCode::NothingObserved => {}
        code => return Err(Failure { code, message: format!("{}: no verdict", target.target) }),
    }
    let results = results(&run.checks);
    let claims = run.documentation.as_ref().map(|read| read.claims.as_slice()).unwrap_or_default();
    let verdict = |claim: &crate::outcome::documentation::ClaimRead| {
        (claim.id.clone(), claim.verdict(results.get(claim.id.as_str()).copied()))
    };
    Ok(Some(claims.iter().map(verdict).collect()))
}

fn render(
    comparison: &Comparison<'_>,
    from: &[Claim],
    to: &[Claim],
    before: Option<&Verdicts>,
    after: Option<&Verdicts>,
) -> String {
    let told = |claim: &Claim, verdicts: Option<&Verdicts>| {
        verdicts.and_then(|all| all.get(&claim.id)).map(|verdict| format!(" [{}]", verdict.word())).unwrap_or_default()
    };
    let line = |claim: &Claim| format!("{}:{}", claim.place.file, claim.place.line);
    let mut out = String::new();
    for (title, sign, claims, verdicts) in
        [("vanished", '-', &comparison.vanished, before), ("appeared", '+', &comparison.appeared, after)]
    {
        for claim in claims {
            let _ = writeln!(
                out,
                "{sign} {}{}\n    {}\n    {}",
                claim.id,
                told(claim, verdicts),
                claim.statement,
                line(claim)
            );
        }
        let _ = writeln!(out, "{} {title}\n", claims.len());
    }
    for (old, new) in &comparison.changed {
        let _ = writeln!(out, "~ {}", new.id);
        let _ = writeln!(out, "  - {}{}\n    {}", old.statement, told(old, before), line(old));
        let _ = writeln!(out, "  + {}{}\n    {}", new.statement, told(new, after), line(new));
    }
    let _ = writeln!(out, "{} changed, {} claims before, {} after", comparison.changed.len(), from.len(), to.len());
    if let (Some(before), Some(after)) = (before, after) {
        let moved: Vec<_> = to
            .iter()
            .filter_map(|claim| Some((claim, before.get(&claim.id)?, after.get(&claim.id)?)))
            .filter(|(_, before, after)| before != after)
            .collect();
        let _ = writeln!(out);
        for (claim, before, after) in &moved {
            let _ =
                writeln!(out, "! {}: {} before, {} now\n    {}", claim.id, before.word(), after.word(), line(claim));
        }
        let _ = writeln!(out, "{} of the same claims changed their behaviour", moved.len());
    }
    plain(&out)
}
