//! The filters that commands share: which checks a run is about.

use clap::Args;

use super::failure::Failure;
use crate::outcome::exit::ExitCode;
use crate::outcome::pattern::Pattern;
use crate::run::selection::Selection;
use crate::run::suite::Suite;
use crate::spec::requirement::{Level, Profile};
use crate::spec::words::least_far;

/// Filters beside the selectors.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// Only this profile: core, server, limits, sessions, ...; repeat it for several
    #[arg(long)]
    pub profile: Vec<Profile>,

    /// Only requirements of at least this level: must, should, may
    #[arg(long)]
    pub level: Option<Level>,
}

impl FilterArgs {
    /// What the selectors and the filters select. A selector that selects nothing is a mistake.
    pub fn selection(&self, suite: &Suite, selectors: &[String]) -> Result<Selection, Failure> {
        let selectors = selectors.iter().map(|text| selector(suite, text)).collect::<Result<_, _>>()?;
        Ok(Selection { selectors, profiles: self.profile.clone(), level: self.level, ..Selection::default() })
    }
}

fn selector(suite: &Suite, text: &str) -> Result<Pattern, Failure> {
    let pattern = Pattern::leading(text);
    let scenarios = suite.scenarios.iter().map(|scenario| scenario.id.as_str());
    let requirements = suite.catalogue.iter().map(|requirement| requirement.id.as_str());
    let mut ids = suite.check_ids().chain(scenarios).chain(requirements);
    if ids.clone().any(|id| pattern.matches(id)) {
        return Ok(pattern);
    }
    let near = least_far(text, &mut ids).join(", ");
    let message = format!("`{text}` selects nothing; near to it: {near}; `keyspec list` shows all");
    Err(Failure { code: ExitCode::NothingObserved, message })
}
