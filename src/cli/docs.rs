//! `keyspec docs`: documentation against the behaviour of a deployment.

mod compare;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::sync::watch;

use super::common::{self, SuiteArgs, TargetArgs};
use super::failure::Failure;
use super::filter::FilterArgs;
use super::output::{self, Color};
use super::run::{RunArgs, carry_out};
use crate::claims::claim::{Claim, Probe};
use crate::claims::suite::{Reading, write};
use crate::outcome::documentation::{ClaimRead, DocumentRead, Documentation, NotUnderstood};
use crate::outcome::exit::ExitCode;
use crate::outcome::finding::Difference;
use crate::outcome::run::Run;
use crate::report::format::Wanted;
use crate::report::{documentation, terminal};
use crate::run::suite::{File, Remark, Settled, Suite};
use crate::run::verdict::FINDINGS;
use source::Version;

/// Tries what documentation says on a deployment
///
/// A PATH is a page (*.mdx), a folder of pages, an OpenAPI 3 document (*.json, *.yaml), or with --repo `REV:PATH` as git
/// names it, or `REV` alone for the API-key pages of Better Auth there.
#[derive(Debug, Clone, Args)]
pub struct DocsArgs {
    /// Pages, folders, OpenAPI documents
    #[arg(value_name = "PATH", required_unless_present_any = ["openapi", "from"])]
    paths: Vec<String>,

    /// A checkout, or a bare repository, in which `REV:PATH` is looked up
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,

    /// The OpenAPI document as the target serves it; it is kept as .keyspec/openapi.json
    #[arg(long)]
    openapi: bool,

    /// Compare with these pages, which came before; repeatable
    #[arg(long, value_name = "PATH", requires = "to", conflicts_with_all = ["paths", "openapi"])]
    from: Vec<String>,

    /// Pages that came after those of --from; repeatable
    #[arg(long, value_name = "PATH", requires = "from")]
    to: Vec<String>,

    /// The target that the pages of --from are about
    #[arg(long, value_name = "TARGET", requires = "from")]
    from_target: Option<String>,

    /// The target that the pages of --to are about
    #[arg(long, value_name = "TARGET", requires = "to")]
    to_target: Option<String>,

    #[command(flatten)]
    target: TargetArgs,

    /// Read and list the claims; try nothing
    #[arg(long, conflicts_with = "openapi")]
    list: bool,

    /// Scenarios at once [default: twice the number of processors]
    #[arg(long, short)]
    jobs: Option<usize>,

    /// Known drift; repeatable. New drift fails, and so does an entry whose drift is gone
    #[arg(long, value_name = "FILE")]
    expectations: Vec<PathBuf>,

    /// Bring the file of --expectations up to date: new drift is added, what holds is removed
    #[arg(long, requires = "expectations")]
    expectations_update: bool,

    /// Write a report: json=PATH, junit=PATH, sarif=PATH, github=PATH, markdown=PATH, ...; `-` is standard output; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Wanted>,

    /// Where each finding is kept for `keyspec replay`; `none` keeps nothing
    #[arg(long, value_name = "DIR", default_value = FINDINGS)]
    findings: PathBuf,

    /// When to use colours; NO_COLOR and FORCE_COLOR are honoured
    #[arg(long, value_enum, default_value_t)]
    color: Color,

    /// Drift and the verdict only
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,

    /// Every claim
    #[arg(long, short)]
    verbose: bool,
}

/// Reads, tries, and says how it went.
pub fn run(args: &DocsArgs) -> Result<ExitCode, Failure> {
    if !args.from.is_empty() {
        return compare::run(args);
    }
    let mut versions = source::open(&args.paths, args.repo.as_deref())?;
    let (run, written) = common::carry_through(async |stop| {
        if args.openapi {
            versions.push(source::served(&args.target, args.quiet).await?);
        }
        let reading = source::read_all(&versions)?;
        if args.list {
            output::print(args.color, &list(&reading));
            return Ok((None, Ok(())));
        }
        let (run, written) = try_claims(args, &args.target, reading, &args.report, stop).await?;
        Ok((Some(run), written))
    })?;
    let Some(run) = run else { return Ok(ExitCode::Conforms) };
    if !args.report.iter().any(|wanted| wanted.path == Path::new("-")) {
        output::print(args.color, &documentation::render(&run, args.detail()));
    }
    written?;
    Ok(ExitCode::of(&run))
}

/// Tries claims on a target, through the runner of scenarios.
async fn try_claims(
    args: &DocsArgs,
    target: &TargetArgs,
    reading: Reading,
    report: &[Wanted],
    stop: watch::Receiver<bool>,
) -> Result<(Run, Result<(), Failure>), Failure> {
    let suite = Arc::new(suite(reading)?);
    let expectations = if args.expectations.is_empty() { vec!["none".into()] } else { args.expectations.clone() };
    let run = RunArgs {
        selectors: Vec::new(),
        target: target.clone(),
        suite: SuiteArgs::default(),
        filter: FilterArgs::default(),
        jobs: args.jobs,
        upgrade_from: None,
        shard: None,
        max_fail: None,
        retries: 0,
        expectations,
        expectations_update: args.expectations_update,
        report: report.to_vec(),
        findings: args.findings.clone(),
        color: args.color,
        quiet: args.quiet,
        verbose: args.verbose,
    };
    carry_out(&run, suite, stop).await
}

impl DocsArgs {
    fn detail(&self) -> terminal::Detail {
        match (self.quiet, self.verbose) {
            (true, _) => terminal::Detail::Quiet,
            (_, true) => terminal::Detail::Verbose,
            _ => terminal::Detail::Normal,
        }
    }
}

/// The claims as a suite: each is a scenario with one check, and a requirement.
fn suite(mut reading: Reading) -> Result<Suite, Failure> {
    let written = write(&mut reading.claims);
    let file = |(path, text)| File { path, text };
    let scenarios: Vec<File> = written.scenarios.into_iter().map(file).collect();
    let requirements = [File { path: "claims.toml".to_owned(), text: written.requirements }];
    let mut suite = Suite::read(&scenarios, &requirements)
        .map_err(|mistakes| Failure { code: ExitCode::Harness, ..Failure::mistakes(&mistakes) })?;
    suite.remarks = reading.claims.iter().map(|claim| (claim.id.clone(), remark(claim))).collect();
    suite.documentation = Some(documentation_of(&reading));
    Ok(suite)
}

fn remark(claim: &Claim) -> Remark {
    let settled = match &claim.probe {
        Probe::Story(_) => None,
        Probe::Holds => Some(Settled::Holds),
        Probe::Breaks { expected, actual } => Some(Settled::Breaks(Difference {
            path: "page".to_owned(),
            expected: expected.clone(),
            actual: actual.clone(),
        })),
        Probe::None(reason) => Some(Settled::Unprobed(reason.clone())),
    };
    Remark { place: claim.place.clone(), settled }
}

fn documentation_of(reading: &Reading) -> Documentation {
    let documents = reading.unknown.iter().map(|(name, unknown)| DocumentRead {
        name: name.clone(),
        not_understood: unknown.iter().map(|one| NotUnderstood { line: one.line, what: one.what.clone() }).collect(),
    });
    let claims = reading.claims.iter().map(|claim| ClaimRead {
        id: claim.id.clone(),
        place: claim.place.clone(),
        statement: claim.statement.clone(),
        contradicted_by: claim.contradicted_by.clone(),
    });
    Documentation { documents: documents.collect(), claims: claims.collect() }
}

/// All claims, one a line, and what is not understood.
fn list(reading: &Reading) -> String {
    let mut out = String::new();
    for claim in &reading.claims {
        let place = format!("{}:{}", claim.place.file, claim.place.line);
        out.push_str(&terminal::plain(&format!("{place}  {}  {}\n", claim.id, claim.statement.replace('\n', " "))));
    }
    for (name, unknown) in &reading.unknown {
        for one in unknown {
            out.push_str(&terminal::plain(&format!("{name}:{}  not understood: {}\n", one.line, one.what)));
        }
    }
    out
}

/// Where the document that a target serves is kept.
const SERVED: &str = ".keyspec/openapi.json";

/// A version's documents as one reading.
fn read_version(version: &Version) -> Result<Reading, Failure> {
    source::read_all(std::slice::from_ref(version))
}
