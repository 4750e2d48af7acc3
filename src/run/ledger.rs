//! What releases showed, kept beside the packages: a history that was broken off goes on where it was, and one that is asked
//! for again runs only what is new.
//!
//! A result is worth as much as what made it, so suite, adapter and keyspec name the folder.

use std::path::PathBuf;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::suite::Suite;
use crate::deployment::release::{self, ReleaseError};
use crate::outcome::observation::Seen;
use crate::spec::edition::Edition;

/// The results of one suite by one edition, release by release.
#[derive(Debug, Clone)]
pub struct Ledger {
    dir: PathBuf,
}

/// The version of the files.
const SCHEMA: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Page {
    schema: u32,
    checks: Seen,
}

impl Ledger {
    /// `edition`: by which all releases are judged; each by its own where there is none.
    pub fn of(suite: &Suite, edition: Option<&Edition>) -> Result<Self, ReleaseError> {
        let yardstick = edition.map(|edition| format!("-by-{edition}")).unwrap_or_default();
        let (adapter, version) = (release::adapter_digest(), env!("CARGO_PKG_VERSION"));
        let name = format!("{}-{adapter}-{version}{yardstick}", suite.digest);
        Ok(Self { dir: release::cache()?.join("results").join(name) })
    }

    /// What is known of a release. A page that cannot be read is as good as none.
    pub fn read(&self, version: &Version) -> Seen {
        let text = std::fs::read_to_string(self.page(version)).unwrap_or_default();
        let page = serde_json::from_str::<Page>(&text).ok().filter(|page| page.schema == SCHEMA);
        page.map(|page| page.checks).unwrap_or_default()
    }

    /// Keeps what a release showed. What gave no verdict is not kept: it is tried again. Nor does it matter much when nothing
    /// can be written.
    pub fn add(&self, version: &Version, seen: &Seen) {
        let mut checks = self.read(version);
        let told = seen.iter().filter(|(_, observation)| observation.standing().is_some());
        checks.extend(told.map(|(check, observation)| (check.clone(), observation.clone())));
        let Ok(text) = serde_json::to_string(&Page { schema: SCHEMA, checks }) else { return };
        let path = self.page(version);
        let fresh = path.with_extension(format!("{}.part", std::process::id()));
        let _ = std::fs::create_dir_all(&self.dir).and_then(|()| std::fs::write(&fresh, text));
        let _ = std::fs::rename(&fresh, &path);
    }

    fn page(&self, version: &Version) -> PathBuf {
        self.dir.join(format!("{version}.json"))
    }
}
