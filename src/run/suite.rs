//! The suite: the scenarios and the catalogue of requirements that they cite, read and checked.

use std::collections::HashMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use crate::outcome::documentation::Documentation;
use crate::outcome::finding::{Difference, Source};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::story::{Check, Scenario};
use crate::scenario::{parse, suite};
use crate::spec::requirement::{Catalogue, Requirement};

static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");
static REQUIREMENTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/spec/requirements");
static EXPECTATIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/expectations");

/// Scenarios and the requirements that they cite.
#[derive(Debug)]
pub struct Suite {
    pub scenarios: Vec<Arc<Scenario>>,
    pub catalogue: Catalogue,
    /// Digest over all files: equal digests are equal suites.
    pub digest: String,
    /// What the checks were made of, where that is documentation.
    pub documentation: Option<Documentation>,
    /// What is to be known of single checks, by their ids.
    pub remarks: HashMap<String, Remark>,
}

/// What is to be known of a check that was made of something else.
#[derive(Debug, Clone)]
pub struct Remark {
    /// Where its expectation is really written.
    pub place: Source,
    /// What is known of it without a request; its scenario is not carried out then.
    pub settled: Option<Settled>,
}

/// What is known of a check without a request.
#[derive(Debug, Clone)]
pub enum Settled {
    Holds,
    Breaks(Difference),
    /// No request can show it, for this reason.
    Unprobed(String),
}

/// A file with its path, as a scenario's id or a report names it.
#[derive(Debug, Clone)]
pub struct File {
    /// `create/client-permissions.yaml`
    pub path: String,
    pub text: String,
}

impl Suite {
    /// The suite that the binary carries.
    pub fn bundled() -> Result<Self, Vec<Diagnostic>> {
        Self::read(&bundled_scenarios(), &bundled_requirements())
    }

    /// Reads scenarios and requirements, and checks them against each other.
    pub fn read(scenarios: &[File], requirements: &[File]) -> Result<Self, Vec<Diagnostic>> {
        let mut hash = Sha256::new();
        for file in requirements.iter().chain(scenarios) {
            hash.update(file.path.as_bytes());
            hash.update([0]);
            hash.update(file.text.as_bytes());
        }
        let catalogue = Catalogue::parse(requirements.iter().map(|file| (file.path.as_str(), file.text.as_str())))
            .map_err(|errors| errors.into_iter().map(Diagnostic::from).collect::<Vec<_>>())?;
        let mut read = Vec::new();
        let mut mistakes = Vec::new();
        for file in scenarios {
            match parse::parse(file.path.trim_end_matches(".yaml"), &file.text) {
                Ok(scenario) => read.push(scenario),
                Err(errors) => mistakes.extend(errors),
            }
        }
        mistakes.extend(suite::check_suite(&read, &catalogue));
        if !mistakes.is_empty() {
            // A step and its twin have most of their text in common, and so its mistakes.
            mistakes.dedup();
            return Err(mistakes);
        }
        let digest = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let scenarios = read.into_iter().map(Arc::new).collect();
        Ok(Self { scenarios, catalogue, digest, documentation: None, remarks: HashMap::new() })
    }

    /// Every check with the scenario that it is in.
    pub fn checks(&self) -> impl Iterator<Item = (&Scenario, &Check)> + Clone {
        self.scenarios.iter().flat_map(|scenario| scenario.checks().map(move |check| (scenario.as_ref(), check)))
    }

    /// Every text of the suite, which is public.
    pub fn words(&self) -> String {
        let sources = self.scenarios.iter().map(|scenario| scenario.source.as_str());
        let statements = self.catalogue.iter().map(|requirement| requirement.statement.as_str());
        sources.chain(statements).collect::<Vec<_>>().join("\n")
    }

    /// What is known of a check without a request.
    pub fn settled(&self, check: &str) -> Option<&Settled> {
        self.remarks.get(check)?.settled.as_ref()
    }

    /// The ids of all checks.
    pub fn check_ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.checks().map(|(_, check)| check.id.as_str())
    }

    /// The requirements that a check cites, the one that gives level and profile first.
    pub fn cited(&self, check: &Check) -> Vec<&Requirement> {
        check.requirements.iter().filter_map(|id| self.catalogue.find(id)).collect()
    }

    /// The checks that cite each requirement.
    pub fn coverage(&self) -> HashMap<&str, Vec<&str>> {
        let mut coverage: HashMap<&str, Vec<&str>> = HashMap::new();
        for (_, check) in self.checks() {
            for requirement in &check.requirements {
                coverage.entry(requirement).or_default().push(&check.id);
            }
        }
        coverage
    }
}

/// The scenario files that the binary carries.
pub fn bundled_scenarios() -> Vec<File> {
    files(&SCENARIOS, "yaml")
}

/// The requirement files that the binary carries.
pub fn bundled_requirements() -> Vec<File> {
    files(&REQUIREMENTS, "toml")
}

/// The expectations for an implementation that was looked at: a pinned release, `better-auth@1.2.12`, or a port.
pub fn bundled_expectations(name: &str, version: &str) -> Option<File> {
    let path = format!("{name}@{version}.toml");
    let text = EXPECTATIONS.get_file(&path)?.contents_utf8()?.to_owned();
    Some(File { path: format!("expectations/{path}"), text })
}

fn files(dir: &Dir<'_>, ending: &str) -> Vec<File> {
    let mut found: Vec<File> = dir
        .files()
        .filter(|file| file.path().extension().is_some_and(|e| e == ending))
        .filter_map(|file| {
            let path = file.path().to_string_lossy().replace('\\', "/");
            Some(File { path, text: file.contents_utf8()?.to_owned() })
        })
        .chain(dir.dirs().flat_map(|sub| files(sub, ending)))
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
