//! The folder of a campaign: its findings, one file each, and what it needs to go on after it was killed.
//!
//! A file appears whole or not at all, and is on the disk before anybody is told of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::sequence::Sequence;

/// A larger file is none of ours. Bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// A folder with findings.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
}

/// How far a campaign has come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    pub schema: u32,
    /// The sequence that comes next.
    pub next: u64,
    pub operations: u64,
    pub sequences: u64,
    pub millis: u64,
    /// How often each rough cause was met, by its id.
    pub met: BTreeMap<String, u64>,
    /// How often known differences were met.
    pub explained: BTreeMap<String, u64>,
    /// Operation, verdict, and how often.
    pub answered: BTreeMap<String, BTreeMap<String, u64>>,
    /// Why sequences could not be played to their end, and how often.
    #[serde(default)]
    pub unplayed: BTreeMap<String, u64>,
    /// Findings of this campaign.
    pub findings: Vec<String>,
    /// Findings of others that were there when it began: it has learnt from them.
    #[serde(default)]
    pub learnt: Vec<String>,
}

/// A line of the corpus file.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    number: u64,
    features: Vec<String>,
    sequence: Sequence,
}

impl Store {
    /// A folder, which is made when the first file is.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub fn path(&self, finding: &Finding) -> PathBuf {
        self.dir.join(format!("{}.json", finding.id()))
    }

    /// Writes a finding: over one of the same cause what both know is kept.
    pub fn save(&self, finding: &Finding) -> io::Result<PathBuf> {
        let path = self.path(finding);
        let there = fs::read_to_string(&path).ok().and_then(|text| Finding::parse(&text).ok());
        let whole = match there {
            Some(there) => finding.clone().merged(there),
            None => finding.clone(),
        };
        self.write(&path, &whole.to_text())?;
        Ok(path)
    }

    /// Takes a finding back that turned out to be another.
    pub fn remove(&self, finding: &Finding) -> io::Result<()> {
        match fs::remove_file(self.path(finding)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// All findings, in the order of their names. What is no finding is told by its path and left alone.
    pub fn findings(&self) -> io::Result<(Vec<Finding>, Vec<PathBuf>)> {
        let (mut found, mut strange) = (Vec::new(), Vec::new());
        for path in self.files()? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.ends_with(".json") || name.starts_with(CAMPAIGN) {
                continue;
            }
            let small = fs::metadata(&path).is_ok_and(|data| data.len() <= MAX_FILE);
            match fs::read_to_string(&path).ok().filter(|_| small).and_then(|text| Finding::parse(&text).ok()) {
                Some(finding) => found.push(finding),
                None => strange.push(path),
            }
        }
        Ok((found, strange))
    }

    /// Writes how far the campaign of this name has come.
    pub fn save_progress(&self, campaign: &str, progress: &Progress) -> io::Result<()> {
        let text = serde_json::to_string(progress).unwrap_or_default();
        self.write(&self.dir.join(format!("{CAMPAIGN}{campaign}.json")), &text)
    }

    pub fn progress(&self, campaign: &str) -> Option<Progress> {
        let text = fs::read_to_string(self.dir.join(format!("{CAMPAIGN}{campaign}.json"))).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Forgets what a campaign of this name has learnt.
    pub fn forget(&self, campaign: &str) -> io::Result<()> {
        for path in [self.corpus(campaign), self.dir.join(format!("{CAMPAIGN}{campaign}.json"))] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds a sequence to what the campaign has learnt.
    pub fn keep(&self, campaign: &str, number: u64, features: &[String], sequence: &Sequence) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.corpus(campaign))?;
        file.write_all(line_of(number, features, sequence).as_bytes())
    }

    /// What the campaign had learnt before the sequence `next`; a line that was cut off is left out.
    pub fn kept(&self, campaign: &str, next: u64) -> Vec<(Vec<String>, Sequence)> {
        let text = fs::read_to_string(self.corpus(campaign)).unwrap_or_default();
        lines_of(&text)
            .filter(|(number, ..)| *number < next)
            .map(|(_, features, sequence)| (features, sequence))
            .collect()
    }

    fn corpus(&self, campaign: &str) -> PathBuf {
        self.dir.join(format!("{CAMPAIGN}{campaign}.corpus"))
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        files.sort();
        Ok(files)
    }

    /// Beside the file first, then in its place.
    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let mut beside = tempfile::Builder::new().prefix(".writing-").tempfile_in(&self.dir)?;
        beside.write_all(text.as_bytes())?;
        beside.as_file().sync_all()?;
        beside.persist(path).map_err(|error| error.error)?;
        // The name is on the disk when its folder is.
        fs::File::open(&self.dir).and_then(|dir| dir.sync_all()).or(Ok(()))
    }
}

/// The lines of a corpus: numbers of sequences, the features that they brought, and they themselves. A line that is none is
/// left out.
pub(crate) fn lines_of(text: &str) -> impl Iterator<Item = (u64, Vec<String>, Sequence)> {
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Kept>(line).ok());
    let lines = lines.filter(|kept| kept.sequence.strange_name().is_none());
    lines.map(|kept| (kept.number, kept.features, kept.sequence))
}

/// One line of a corpus, with its end.
pub(crate) fn line_of(number: u64, features: &[String], sequence: &Sequence) -> String {
    let kept = Kept { number, features: features.to_vec(), sequence: sequence.clone() };
    serde_json::to_string(&kept).unwrap_or_default() + "\n"
}

/// How the files begin that are no findings.
const CAMPAIGN: &str = "campaign-";

/// Takes the findings of several folders together: each cause once.
pub fn merge(from: &[Store], into: &Store) -> io::Result<usize> {
    for store in from {
        for finding in store.findings()?.0 {
            into.save(&finding)?;
        }
    }
    Ok(into.findings()?.0.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finding(path: &str, steps: usize, campaign: &str) -> Finding {
        let step = json!({ "do": "clock", "advanceMs": 1 });
        serde_json::from_value(json!({
            "schema": 1, "kind": "campaign", "keyspec": "0", "target": "t", "implementation": "i", "edition": "1.7.5",
            "cause": { "operation": "getApiKey", "channel": "client", "path": path, "expected": "a", "actual": "b" },
            "origin": { "seed": 1, "number": 2 }, "sequence": { "config": {}, "steps": vec![step; steps] }, "step": 0,
            "summary": "s", "requirement": "get.unknown-id", "blame": "target", "mismatches": [], "told": [], "stability": { "shown": 1, "of": 1 }, "shrunk": true, "seen": { campaign: 3 },
        }))
        .unwrap()
    }

    #[test]
    fn folders_merge_without_loss_and_without_counting_twice() {
        let dir = tempfile::tempdir().unwrap();
        let store = |name: &str| Store::new(&dir.path().join(name));
        let (one, two, all) = (store("1"), store("2"), store("all"));
        one.save(&finding("verdict", 5, "1 1/2")).unwrap();
        one.save(&finding("body.name", 5, "1 1/2")).unwrap();
        two.save(&finding("verdict", 2, "1 2/2")).unwrap();
        for _ in 0..2 {
            assert_eq!(merge(&[one.clone(), two.clone()], &all).unwrap(), 2);
        }
        let (found, strange) = all.findings().unwrap();
        let verdict = found.iter().find(|finding| finding.cause.path == "verdict").unwrap();
        assert_eq!((verdict.sequence.steps.len(), verdict.times(), strange.len()), (2, 6, 0));
    }

    #[test]
    fn a_campaign_goes_on_where_it_was_and_a_torn_line_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        assert_eq!(store.progress("a"), None);
        let progress = Progress { schema: 1, next: 7, ..Progress::default() };
        store.save_progress("a", &progress).unwrap();
        assert_eq!(store.progress("a"), Some(progress));
        for number in [3, 6, 7] {
            store.keep("a", number, &["f".to_owned()], &Sequence::default()).unwrap();
        }
        let path = store.corpus("a");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{}", &text[..20])).unwrap();
        assert_eq!(store.kept("a", 7).len(), 2);
        assert!(store.findings().unwrap().0.is_empty());
        store.forget("a").unwrap();
        assert!(store.kept("a", 7).is_empty() && store.progress("a").is_none());
    }

    #[test]
    fn what_is_no_finding_is_told_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("other.json"), "{}").unwrap();
        let (found, strange) = Store::new(dir.path()).findings().unwrap();
        assert_eq!((found.len(), strange.len()), (0, 1));
    }
}
