//! Published releases of Better Auth: the bundled adapter is unpacked and the packages are installed into a cache.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::process::Launch;
use super::target;

/// The adapter for Better Auth with its lock files, carried by the binary.
static ADAPTER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/adapters/better-auth");

/// Overrides where adapters and packages are kept.
pub const CACHE_VARIABLE: &str = "KEYSPEC_CACHE";

/// Why a release cannot be run here.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error(
        "`{0}` was not found: Better Auth needs Node.js 20 or newer with npm; install it, or use --target reference"
    )]
    NoNode(&'static str),
    #[error("no folder for a cache is known; name one in {CACHE_VARIABLE}")]
    NoCache,
    #[error("cannot write {}: {source}", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot install better-auth@{version}; npm said:\n{log}")]
    Install { version: semver::Version, log: String },
}

/// Makes sure that the release is there, and says how to start its adapter. `progress` is told what takes long.
pub async fn prepare(target: &target::Release, progress: &(dyn Fn(&str) + Sync)) -> Result<Launch, ReleaseError> {
    let target::Release { version, self_grant } = target;
    require("node").await?;
    let cache = cache()?;
    let adapter = cache.join("adapters").join(format!("better-auth-{}", digest(&ADAPTER)));
    if !adapter.exists() {
        let fresh = staging(&adapter)?;
        unpack(&ADAPTER, &fresh)?;
        settle(&fresh, &adapter)?;
    }
    let release = folder(version)?;
    if !release.exists() {
        require("npm").await?;
        progress(&format!("installing better-auth@{version} (once, into {})", release.display()));
        let fresh = staging(&release)?;
        install(version, &adapter, &fresh).await?;
        settle(&fresh, &release)?;
    }
    let mut args =
        vec![adapter.join("adapter.mjs").display().to_string(), "--release".to_owned(), release.display().to_string()];
    if *self_grant {
        args.push("--self-grant".to_owned());
    }
    Ok(Launch {
        program: "node".to_owned(),
        args,
        dir: Some(release),
        env: BTreeMap::from([("NODE_ENV".to_owned(), "production".to_owned())]),
        setup: None,
        prepare: Vec::new(),
        jobs: None,
    })
}

/// The pinned releases, which have lock files.
pub fn pinned() -> Vec<semver::Version> {
    let folders = ADAPTER.get_dir("releases").into_iter().flat_map(Dir::dirs);
    let mut versions: Vec<_> = folders.filter_map(|dir| dir.path().file_name()?.to_str()?.parse().ok()).collect();
    versions.sort();
    versions
}

/// Tells an adapter where keyspec's cache is, so that what it installs is there too. It is started in another folder than
/// keyspec, where a relative path would be lost.
pub fn with_cache(mut launch: Launch) -> Launch {
    if let Ok(cache) = cache() {
        launch.env.entry(CACHE_VARIABLE.to_owned()).or_insert_with(|| cache.display().to_string());
    }
    launch
}

/// The releases that are installed here, in order.
pub fn installed() -> Result<Vec<semver::Version>, ReleaseError> {
    let entries = std::fs::read_dir(cache()?.join("releases")).into_iter().flatten().flatten();
    let version = |name: String| {
        let rest = name.strip_prefix("better-auth-")?.strip_suffix(&pins())?;
        rest.strip_suffix('-')?.parse().ok()
    };
    let mut versions: Vec<_> = entries.filter_map(|entry| version(entry.file_name().into_string().ok()?)).collect();
    versions.sort();
    Ok(versions)
}

/// Digest of the adapter: with another one a release may do something else.
pub fn adapter_digest() -> String {
    digest(&ADAPTER)
}

/// Where a release is, or would be, installed. That depends on the version and on the pins, so both name the folder.
fn folder(version: &semver::Version) -> Result<PathBuf, ReleaseError> {
    Ok(cache()?.join("releases").join(format!("better-auth-{version}-{}", pins())))
}

fn pins() -> String {
    ADAPTER.get_dir("releases").map(digest).unwrap_or_default()
}

/// Where adapters, packages and results are kept.
pub fn cache() -> Result<PathBuf, ReleaseError> {
    if let Some(named) = std::env::var_os(CACHE_VARIABLE).filter(|value| !value.is_empty()) {
        // Processes are started in other folders, so a relative path would be lost.
        return std::path::absolute(&named).map_err(|source| ReleaseError::Write { path: named.into(), source });
    }
    directories::ProjectDirs::from("", "", "keyspec")
        .map(|dirs| dirs.cache_dir().to_owned())
        .ok_or(ReleaseError::NoCache)
}

async fn require(program: &'static str) -> Result<(), ReleaseError> {
    let asked = Command::new(program).arg("--version").stdin(Stdio::null()).output().await;
    match asked {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(ReleaseError::NoNode(program)),
    }
}

async fn install(version: &semver::Version, adapter: &Path, into: &Path) -> Result<(), ReleaseError> {
    let fail = |log: String| ReleaseError::Install { version: version.clone(), log };
    let mut command = Command::new("node");
    command.arg(adapter.join("releases/install.mjs")).arg(version.to_string()).arg(into);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| fail(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let _ = std::fs::remove_dir_all(into);
    let log = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let told: Vec<&str> = log.lines().filter(|line| line.starts_with("npm error") || line.contains("rror")).collect();
    Err(fail(if told.is_empty() { log } else { told.into_iter().take(12).collect::<Vec<_>>().join("\n") }))
}

/// A folder beside the final one, so that a broken-off installation is never taken for a whole one.
fn staging(path: &Path) -> Result<PathBuf, ReleaseError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let fresh = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&fresh);
    std::fs::create_dir_all(&fresh).map_err(|source| ReleaseError::Write { path: fresh.clone(), source })?;
    Ok(fresh)
}

/// Another keyspec may have been faster; what it made is as good.
fn settle(fresh: &Path, path: &Path) -> Result<(), ReleaseError> {
    match std::fs::rename(fresh, path) {
        Err(_) if path.exists() => {
            let _ = std::fs::remove_dir_all(fresh);
            Ok(())
        }
        other => other.map_err(|source| ReleaseError::Write { path: path.to_owned(), source }),
    }
}

fn unpack(dir: &Dir<'_>, into: &Path) -> Result<(), ReleaseError> {
    for file in files(dir) {
        let path = into.join(file.path());
        let fail = |source| ReleaseError::Write { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(fail)?;
        }
        std::fs::write(&path, file.contents()).map_err(fail)?;
    }
    Ok(())
}

/// What was left in a checkout by hand is not part of the adapter.
fn files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    let mut found: Vec<_> = dir.files().collect();
    for sub in dir.dirs().filter(|sub| !sub.path().ends_with("node_modules")) {
        found.extend(files(sub));
    }
    found.sort_by_key(|file| file.path());
    found
}

fn digest(dir: &Dir<'_>) -> String {
    let mut hash = Sha256::new();
    for file in files(dir) {
        hash.update(file.path().to_string_lossy().as_bytes());
        hash.update([0]);
        hash.update(file.contents());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_carries_the_pinned_releases() {
        let pinned: Vec<String> = pinned().iter().map(ToString::to_string).collect();
        assert_eq!(pinned, ["1.2.12", "1.3.34", "1.4.1", "1.4.22", "1.5.6", "1.6.33", "1.7.5"]);
    }

    #[test]
    fn lock_files_name_no_registry() {
        for file in files(&ADAPTER).iter().filter(|file| file.path().ends_with("package-lock.json")) {
            assert!(!file.contents_utf8().unwrap().contains("\"resolved\""), "{}", file.path().display());
        }
    }
}
