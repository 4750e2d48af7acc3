//! Where documents come from: files, folders, a revision of a repository, the deployment itself.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use super::SERVED;
use crate::claims::suite::{self, Reading};
use crate::claims::{Document, limit};
use crate::cli::common::{TargetArgs, read_file};
use crate::cli::failure::Failure;
use crate::cli::output::{self, Progress};
use crate::deployment::http::{Http, HttpRequest};
use crate::outcome::exit::ExitCode;
use crate::run::suite::bundled_requirements;
use crate::spec::requirement::Catalogue;

/// The documents of one version.
#[derive(Debug, Clone, Default)]
pub(super) struct Version {
    /// The revision; empty for files.
    pub(super) label: String,
    pub(super) documents: Vec<Document>,
    /// The addresses of all pages that this version has, where they can be known.
    known: Vec<String>,
}

/// How long the reading of one version may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// More documents than any folder of documentation of this spec has.
const MAX_DOCUMENTS: usize = 500;

/// Where Better Auth has had its pages about API keys.
const PAGES: &[&str] = &["docs/content/docs/plugins/api-key.mdx", "docs/content/docs/plugins/api-key"];

/// Opens all paths. Those of one revision are one version, and all files are one.
pub(super) fn open(paths: &[String], repo: Option<&Path>) -> Result<Vec<Version>, Failure> {
    let mut versions: Vec<Version> = Vec::new();
    for path in paths {
        let opened = match repo {
            Some(repo) if !Path::new(path).exists() => at_revision(repo, path)?,
            _ => from_files(Path::new(path))?,
        };
        match versions.iter_mut().find(|version| version.label == opened.label) {
            Some(version) => {
                version.documents.extend(opened.documents);
                version.known.extend(opened.known);
            }
            None => versions.push(opened),
        }
    }
    Ok(versions)
}

/// Reads the documents of all versions. Where there are several, the ids of their claims begin with the revision.
pub(super) fn read_all(versions: &[Version]) -> Result<Reading, Failure> {
    let mut all = Reading::default();
    for version in versions {
        let mut reading = read(version)?;
        if versions.len() > 1 && !version.label.is_empty() {
            reading.claims.iter_mut().for_each(|claim| claim.label(&version.label));
        }
        all.claims.extend(reading.claims);
        all.unknown.extend(reading.unknown);
        all.unreadable.extend(reading.unreadable);
    }
    if all.unreadable.is_empty() {
        return Ok(all);
    }
    let told: Vec<String> = all.unreadable.iter().map(ToString::to_string).collect();
    Err(Failure::usage(format!("cannot be read as documentation\n  {}", told.join("\n  "))))
}

/// The parsers are others' and the text is anybody's, so they run on a thread with a large stack, for a while.
fn read(version: &Version) -> Result<Reading, Failure> {
    for document in &version.documents {
        // Alone first, so that one that breaks its reader is known by its name.
        let alone = Version { documents: vec![document.clone()], ..Version::default() };
        guarded(alone, &document.name)?;
    }
    guarded(version.clone(), "the documents")
}

fn guarded(version: Version, name: &str) -> Result<Reading, Failure> {
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let requirements = bundled_requirements();
        let files = requirements.iter().map(|file| (file.path.as_str(), file.text.as_str()));
        let catalogue = Catalogue::parse(files).unwrap_or_default();
        let read =
            std::panic::catch_unwind(AssertUnwindSafe(|| suite::read(&version.documents, &version.known, &catalogue)));
        // Nobody waits any longer when it took too long.
        let _ = sender.send(read);
    };
    let started = std::thread::Builder::new().name("reading".to_owned()).stack_size(limit::STACK).spawn(work);
    started.map_err(|error| Failure::environment(format!("cannot start a thread: {error}")))?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(reading)) => Ok(reading),
        Ok(Err(_)) => Err(Failure {
            code: ExitCode::Harness,
            message: format!("{name}:1: keyspec itself failed while reading it; please report it"),
        }),
        Err(_) => Err(Failure::usage(format!("{name}:1: reading it took longer than {} s", PATIENCE.as_secs()))),
    }
}

fn from_files(path: &Path) -> Result<Version, Failure> {
    let mut version = Version::default();
    let files = if path.is_dir() { pages_below(path)? } else { vec![path.to_owned()] };
    if files.is_empty() {
        return Err(Failure::usage(format!("{} has no pages (*.mdx, *.md)", path.display())));
    }
    for file in files {
        let name = file.display().to_string().replace('\\', "/");
        version.documents.push(Document { address: address(&name), text: read_file(&file)?, name });
    }
    let first = version.documents.first().map(|document| document.name.clone()).unwrap_or_default();
    if let Some((root, _)) = first.split_once("content/docs/") {
        let pages = pages_below(&PathBuf::from(format!("{root}content/docs")))?;
        version.known =
            pages.iter().filter_map(|page| address(&page.display().to_string().replace('\\', "/"))).collect();
    }
    Ok(version)
}

/// All pages of a folder, at any depth, in the order of their paths.
fn pages_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| Failure::usage(format!("cannot read {}: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // A link could lead around in a circle.
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|ending| ending == "mdx" || ending == "md") {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `REV:PATH`, or `REV` for the pages about API keys; a bare version stands for its tag.
fn at_revision(repo: &Path, text: &str) -> Result<Version, Failure> {
    let (revision, paths) = match text.split_once(':') {
        Some((revision, path)) => (revision, vec![path.trim_end_matches('/')]),
        None => (text, PAGES.to_vec()),
    };
    if revision.starts_with('-') || revision.is_empty() {
        return Err(Failure::usage(format!("`{text}` is neither a file nor REV:PATH")));
    }
    let tagged = format!("v{revision}");
    let exists =
        |revision: &str| git(repo, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]).is_ok();
    let Some(revision) = [revision, &tagged].into_iter().find(|revision| exists(revision)) else {
        let place = repo.display();
        return Err(Failure::usage(format!(
            "`{text}` is no file, and {place} has no revision `{revision}` or `{tagged}`"
        )));
    };
    let mut version = Version { label: revision.to_owned(), ..Version::default() };
    for path in paths {
        for file in listed(repo, revision, path)? {
            let name = format!("{revision}:{file}");
            let text = git(repo, &["cat-file", "blob", &name])?;
            version.documents.push(Document { address: address(&file), name, text });
        }
    }
    if version.documents.is_empty() {
        return Err(Failure::usage(format!("`{text}` has no pages (*.mdx, *.md)")));
    }
    if version.documents.len() > MAX_DOCUMENTS {
        return Err(Failure::usage(format!("`{text}` has more than {MAX_DOCUMENTS} pages")));
    }
    let first =
        version.documents.first().and_then(|document| document.name.split_once(':')).map(|(_, path)| path.to_owned());
    if let Some((root, _)) = first.unwrap_or_default().split_once("content/docs/") {
        let all = listed(repo, revision, &format!("{root}content/docs"))?;
        version.known = all.iter().filter_map(|path| address(path)).collect();
    }
    Ok(version)
}

/// The pages below a path, or the file itself.
fn listed(repo: &Path, revision: &str, path: &str) -> Result<Vec<String>, Failure> {
    let text = git(repo, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", revision, "--", path])?;
    let wanted = |name: &&str| [".mdx", ".md"].iter().any(|ending| name.ends_with(ending)) || *name == path;
    Ok(text.split('\0').filter(|name| !name.is_empty()).filter(wanted).map(str::to_owned).collect())
}

fn git(repo: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").arg("-C").arg(repo).args(arguments).output();
    let output = output.map_err(|error| Failure::environment(format!("cannot start git: {error}")))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::usage(format!("git {}: {}", arguments.first().unwrap_or(&""), told.trim())));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::usage(format!("git {}: no UTF-8", arguments.join(" "))))
}

/// Where the site shows a page: what is below `content/docs/` is at `/docs/`.
fn address(path: &str) -> Option<String> {
    let (_, page) = path.split_once("content/docs/")?;
    let page = page.trim_end_matches(".mdx").trim_end_matches(".md");
    let page = page.strip_suffix("/index").unwrap_or(page);
    Some(format!("/docs/{page}"))
}

/// The OpenAPI document that a deployment of the target serves.
pub(super) async fn served(target: &TargetArgs, quiet: bool) -> Result<Version, Failure> {
    let progress = Progress::new(quiet);
    let subject = target.connect(&progress).await?;
    let served = async {
        if subject.fixed_config().is_none() && !subject.capabilities.contains("openapi") {
            return Err(Failure::environment(
                "the target does not declare `openapi`: it serves no document".to_owned(),
            ));
        }
        let (deployment, _) = subject.deploy(&json!({}), &json!({ "openapi": true }), false).await?;
        let url = deployment.url("/open-api/generate-schema", &[]);
        let request = HttpRequest { method: "GET".to_owned(), url, headers: Vec::new(), body: None };
        let http =
            Http::new(&request.url, target.patience()?).map_err(|error| Failure::environment(error.to_string()))?;
        let reply = http.send(&request).await.map_err(|error| Failure::environment(error.to_string()))?;
        let refused = |why: String| Failure::environment(format!("/open-api/generate-schema: {why}"));
        if reply.status != 200 {
            return Err(refused(format!("status {}", reply.status)));
        }
        let document: Value = serde_json::from_slice(&reply.body).map_err(|error| refused(error.to_string()))?;
        Ok(serde_json::to_string_pretty(&document).unwrap_or_default() + "\n")
    }
    .await;
    subject.end().await;
    progress.finish();
    let text = served?;
    output::write(Path::new(SERVED), &text)?;
    Ok(Version {
        label: String::new(),
        documents: vec![Document { name: SERVED.to_owned(), address: None, text }],
        known: Vec::new(),
    })
}

impl Version {
    /// Both as one.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.documents.extend(other.documents);
        self.known.extend(other.known);
        self
    }
}
