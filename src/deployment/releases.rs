//! Which releases of Better Auth there are: what npm's registry lists, kept for a while, or what is installed here.

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use semver::Version;
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::range::Range;
use super::release::{self, ReleaseError};

/// The packages of a release: the framework, and from 1.5 on the plugin.
const PACKAGES: [&str; 2] = ["better-auth", "@better-auth/api-key"];

/// The first release with API keys, and the first whose plugin is a package of its own.
const FIRST: Version = Version::new(1, 2, 0);
const FIRST_APART: Version = Version::new(1, 5, 0);

/// A list that is younger is not asked for again.
const FRESH: Duration = Duration::from_secs(6 * 60 * 60);

/// The registry has so long to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The releases that are known, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releases {
    /// Of the framework, in order.
    versions: Vec<Version>,
    /// Of the plugin, where it is a package of its own; `None` where all `versions` are installed here.
    plugin: Option<Vec<Version>>,
    pub origin: Origin,
}

/// Where the list is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The registry, now or a short while ago.
    Registry,
    /// An older list, since the registry could not be asked.
    OldList { days: u64, why: String },
    /// Only what is installed, since there is no list.
    Installed { why: String },
    /// Only what is installed, since that was asked for.
    InstalledOnly,
}

/// A range as the releases that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// In order; at least one.
    pub versions: Vec<Version>,
    /// Releases in the range that cannot be stood up, and why.
    pub left_out: Vec<(Version, String)>,
}

/// Why a range stands for nothing, or for too much.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("`better-auth@{range}` matches no release{}{}", told(" that can be run", left_out), near(nearest))]
    Nothing { range: Range, nearest: Vec<Version>, left_out: Vec<(Version, String)> },
    #[error(
        "`better-auth@{range}` is {} releases ({}), and this command takes one; `keyspec matrix` takes several",
        versions.len(), ends(versions)
    )]
    Several { range: Range, versions: Vec<Version> },
}

/// The list as it is kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    /// Seconds since 1970.
    asked: u64,
    framework: Vec<Version>,
    plugin: Vec<Version>,
}

impl Releases {
    /// What the registry lists: asked when the last answer is some hours old. Without an answer the old one serves, and
    /// without that, what is installed.
    pub async fn published(progress: &(dyn Fn(&str) + Sync)) -> Result<Self, ReleaseError> {
        let path = list_path()?;
        let kept = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        let age = kept.as_ref().map(|kept| now().saturating_sub(kept.asked)).map(Duration::from_secs);
        if let (Some(kept), Some(age)) = (&kept, age)
            && age < FRESH
        {
            return Ok(Self::listed(kept, Origin::Registry));
        }
        progress("asking npm which releases there are");
        match ask().await {
            Ok(list) => {
                keep(&path, &list);
                Ok(Self::listed(&list, Origin::Registry))
            }
            Err(why) => Ok(match (kept, age) {
                (Some(kept), Some(age)) => {
                    Self::listed(&kept, Origin::OldList { days: age.as_secs() / (24 * 60 * 60), why })
                }
                _ => Self { origin: Origin::Installed { why }, ..Self::installed()? },
            }),
        }
    }

    /// What is installed.
    pub fn installed() -> Result<Self, ReleaseError> {
        Ok(Self { versions: release::installed()?, plugin: None, origin: Origin::InstalledOnly })
    }

    fn listed(kept: &Kept, origin: Origin) -> Self {
        let mut versions = kept.framework.clone();
        versions.sort();
        Self { versions, plugin: Some(kept.plugin.clone()), origin }
    }

    /// The releases of a range. Pre-releases are in it when they are asked for, or named.
    pub fn resolve(&self, range: &Range, prereleases: bool) -> Result<Resolved, ResolveError> {
        let mut resolved = Resolved { versions: Vec::new(), left_out: Vec::new() };
        for version in self.versions.iter().filter(|version| range.matches(version, prereleases)) {
            match self.unusable(version) {
                Some(reason) => resolved.left_out.push((version.clone(), reason)),
                None => resolved.versions.push(version.clone()),
            }
        }
        if resolved.versions.is_empty() {
            let (range, left_out) = (range.clone(), resolved.left_out);
            return Err(ResolveError::Nothing { nearest: self.nearest(&range), range, left_out });
        }
        Ok(resolved)
    }

    /// The one release of a range.
    pub fn resolve_one(&self, range: &Range) -> Result<Version, ResolveError> {
        let resolved = self.resolve(range, false)?;
        match <[Version; 1]>::try_from(resolved.versions) {
            Ok([version]) => Ok(version),
            Err(versions) => Err(ResolveError::Several { range: range.clone(), versions }),
        }
    }

    /// Why a release cannot be stood up, if that is known beforehand.
    fn unusable(&self, version: &Version) -> Option<String> {
        let Some(plugin) = &self.plugin else { return None };
        if *version < FIRST {
            return Some("it has no API keys".to_owned());
        }
        (*version >= FIRST_APART && !plugin.contains(version))
            .then(|| format!("the registry has no {} of this version", PACKAGES[1]))
    }

    /// The usable stable releases beside what a range names: the last before and the first after.
    fn nearest(&self, range: &Range) -> Vec<Version> {
        let usable: Vec<&Version> =
            self.versions.iter().filter(|version| version.pre.is_empty() && self.unusable(version).is_none()).collect();
        let mut near: Vec<Version> = Vec::new();
        for named in range.named() {
            let at = usable.partition_point(|version| **version < named);
            let beside = at.saturating_sub(1)..usable.len().min(at + 1);
            near.extend(usable.get(beside).into_iter().flatten().map(|version| (*version).clone()));
        }
        near.sort();
        near.dedup();
        near
    }
}

/// What people have to know of a list that is not fresh; empty otherwise.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry | Self::InstalledOnly => Ok(()),
            Self::OldList { days, why } => {
                write!(f, "npm could not be asked which releases there are ({why}); the list is {days} days old")
            }
            Self::Installed { why } => write!(
                f,
                "npm could not be asked which releases there are ({why}); only those that are installed are looked at"
            ),
        }
    }
}

/// `1.3.25 to 1.4.0`
fn ends(versions: &[Version]) -> String {
    match versions {
        [first, .., last] => format!("{first} to {last}"),
        [only] => only.to_string(),
        [] => String::new(),
    }
}

fn told(what: &str, left_out: &[(Version, String)]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let reasons: Vec<String> = left_out.iter().take(5).map(|(version, why)| format!("{version}: {why}")).collect();
    let more = left_out.len().saturating_sub(reasons.len());
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{what} ({}{more})", reasons.join("; "))
}

fn near(versions: &[Version]) -> String {
    let names = versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if names.is_empty() { String::new() } else { format!("; near to it: {names}") }
}

/// Asks npm, since it is npm that installs: its configuration says which registry that is.
async fn ask() -> Result<Kept, String> {
    let [framework, plugin] = PACKAGES.map(versions);
    let (framework, plugin) = tokio::try_join!(framework, plugin)?;
    Ok(Kept { asked: now(), framework, plugin })
}

async fn versions(package: &str) -> Result<Vec<Version>, String> {
    let mut command = Command::new("npm");
    command.args(["view", package, "versions", "--json", "--fetch-retries=1", "--fetch-timeout=20000"]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = match tokio::time::timeout(PATIENCE, command.output()).await {
        Err(_) => return Err(format!("npm said nothing for {} s", PATIENCE.as_secs())),
        Ok(Err(error)) => return Err(format!("npm: {error}")),
        Ok(Ok(output)) if !output.status.success() => {
            let log = String::from_utf8_lossy(&output.stderr).into_owned();
            let line = log.lines().find(|line| line.contains("code") || line.contains("rror"));
            return Err(format!("npm failed: {}", line.unwrap_or("it did not say why").trim()));
        }
        Ok(Ok(output)) => output,
    };
    // What is no version by the rules could not be ordered, and is none of ours.
    let texts: Vec<String> =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("npm did not list versions: {error}"))?;
    Ok(texts.iter().filter_map(|text| Version::parse(text).ok()).collect())
}

fn list_path() -> Result<PathBuf, ReleaseError> {
    Ok(release::cache()?.join("releases.json"))
}

/// A list that cannot be kept is asked for again the next time.
fn keep(path: &std::path::Path, list: &Kept) {
    let Ok(text) = serde_json::to_string(list) else { return };
    let fresh = path.with_extension(format!("{}.part", std::process::id()));
    let _ = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&fresh, text));
    let _ = std::fs::rename(&fresh, path);
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(texts: &[&str]) -> Vec<Version> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn releases() -> Releases {
        let framework =
            versions(&["1.1.21", "1.4.22", "1.4.2", "1.5.0-beta.3", "1.5.0", "1.5.1", "1.6.0", "1.6.3", "1.7.5"]);
        let kept = Kept { asked: 0, framework, plugin: versions(&["1.5.1", "1.6.0", "1.7.5"]) };
        Releases::listed(&kept, Origin::Registry)
    }

    fn resolve(range: &str) -> Result<Resolved, String> {
        releases().resolve(&range.parse().unwrap(), false).map_err(|error| error.to_string())
    }

    #[test]
    fn a_range_is_what_the_registry_has_in_order() {
        assert_eq!(resolve("1.4.*").unwrap(), Resolved { versions: versions(&["1.4.2", "1.4.22"]), left_out: vec![] });
    }

    #[test]
    fn releases_without_their_plugin_are_left_out_with_the_reason() {
        let resolved = resolve(">=1.5 <1.7").unwrap();
        assert_eq!(resolved.versions, versions(&["1.5.1", "1.6.0"]));
        let left_out: Vec<String> = resolved.left_out.iter().map(|(v, why)| format!("{v}: {why}")).collect();
        insta::assert_snapshot!(left_out.join("\n"), @r"
        1.5.0: the registry has no @better-auth/api-key of this version
        1.6.3: the registry has no @better-auth/api-key of this version
        ");
    }

    #[test]
    fn what_matches_nothing_names_what_is_near() {
        insta::assert_snapshot!(resolve("1.8").unwrap_err(), @"`better-auth@1.8` matches no release; near to it: 1.7.5");
        insta::assert_snapshot!(resolve("1.3.*").unwrap_err(), @"`better-auth@1.3.*` matches no release; near to it: 1.4.2");
        insta::assert_snapshot!(resolve("1.5.0..1.5.0").unwrap_err(), @"`better-auth@1.5.0..1.5.0` matches no release that can be run (1.5.0: the registry has no @better-auth/api-key of this version); near to it: 1.4.22, 1.5.1");
        let error = releases().resolve_one(&"1.4".parse().unwrap()).unwrap_err();
        insta::assert_snapshot!(error, @"`better-auth@1.4` is 2 releases (1.4.2 to 1.4.22), and this command takes one; `keyspec matrix` takes several");
        assert_eq!(releases().resolve_one(&"1.7".parse().unwrap()), Ok("1.7.5".parse().unwrap()));
    }

    #[test]
    fn pre_releases_are_asked_for() {
        let range = "1.5.*".parse().unwrap();
        let with = releases().resolve(&range, true).unwrap();
        // A pre-release of 1.5.0 has the plugin in the framework, as 1.4 has.
        assert_eq!(with.versions, versions(&["1.5.0-beta.3", "1.5.1"]));
    }
}
