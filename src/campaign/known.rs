//! Known differences: what is known of a release and is no news, each with its reason.
//!
//! Where the reference has a fault that does the same, the model imitates it, so that sequences are judged on behind it;
//! elsewhere an entry says which difference it explains.

use regex::Regex;
use semver::VersionReq;
use serde::Deserialize;

use super::compare::Mismatch;
use super::sequence::{Sequence, Step};
use crate::spec::edition::Edition;
use crate::spec::fault::{Fault, Faults};

/// All that is known of one target.
#[derive(Debug, Clone, Default)]
pub struct Known(Vec<Entry>);

/// One known difference.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub reason: String,
    pub link: Option<String>,
    implementation: Option<String>,
    editions: Option<VersionReq>,
    imitate: Vec<Fault>,
    avoid: Option<Avoid>,
    explains: Option<Explains>,
}

/// What a target must not be asked, since it would not answer while its clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Avoid {
    /// A use in the very millisecond in which the window of its key ends.
    WindowEnd,
    /// A use while some key has a window that reaches back before all dates.
    EndlessWindow,
    /// A reply over HTTP of more than 16 KiB.
    LargeReplies,
}

/// Which differences an entry explains: those that all of its patterns match.
#[derive(Debug, Clone)]
struct Explains {
    operation: Option<Regex>,
    path: Option<Regex>,
    expected: Option<Regex>,
    actual: Option<Regex>,
    /// In the JSON of the step.
    step: Option<Regex>,
    /// Each in the JSON of some step before it, or of the step itself.
    before: Vec<Regex>,
    /// In the JSON of the configuration.
    config: Option<Regex>,
    /// In the JSON of the setup.
    setup: Option<Regex>,
}

/// A file of known differences that cannot be read as such.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct KnownError {
    file: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    reason: String,
    link: Option<String>,
    implementation: Option<String>,
    editions: Option<String>,
    #[serde(default)]
    imitate: Vec<String>,
    avoid: Option<Avoid>,
    operation: Option<String>,
    path: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
    step: Option<String>,
    #[serde(default)]
    before: OneOrMany,
    config: Option<String>,
    setup: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// The files that come with keyspec, one for each implementation, by their paths.
pub const BUNDLED: &[(&str, &str)] = &[
    ("expectations/campaign/better-auth.toml", include_str!("../../expectations/campaign/better-auth.toml")),
    ("expectations/campaign/better-auth-rs.toml", include_str!("../../expectations/campaign/better-auth-rs.toml")),
    (
        "expectations/campaign/better-auth-server-py.toml",
        include_str!("../../expectations/campaign/better-auth-server-py.toml"),
    ),
    ("expectations/campaign/rustauth.toml", include_str!("../../expectations/campaign/rustauth.toml")),
];

impl Known {
    /// Reads `text`, the content of `file`.
    ///
    /// # Errors
    /// The first entry that is not as it should be.
    pub fn parse(file: &str, text: &str) -> Result<Self, KnownError> {
        let fail = |message: String| KnownError { file: file.to_owned(), message };
        let parsed: File = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let entries = parsed.known.into_iter().map(|raw| {
            let at = |what: String| fail(format!("`{}`: {what}", raw.id));
            if raw.reason.trim().is_empty() {
                return Err(at("an entry needs a reason".to_owned()));
            }
            let compile =
                |text: &String| Regex::new(text).map_err(|error| at(format!("no regular expression: {error}")));
            let regex = |text: &Option<String>| text.as_ref().map(compile).transpose();
            let patterns = [&raw.operation, &raw.path, &raw.expected, &raw.actual, &raw.step, &raw.config, &raw.setup];
            let before = raw.before.all();
            let explains = if patterns.iter().all(|pattern| pattern.is_none()) && before.is_empty() {
                None
            } else {
                Some(Explains {
                    operation: regex(&raw.operation)?,
                    path: regex(&raw.path)?,
                    expected: regex(&raw.expected)?,
                    actual: regex(&raw.actual)?,
                    step: regex(&raw.step)?,
                    before: before.iter().map(compile).collect::<Result<_, _>>()?,
                    config: regex(&raw.config)?,
                    setup: regex(&raw.setup)?,
                })
            };
            if explains.is_none() && raw.imitate.is_empty() && raw.avoid.is_none() {
                return Err(at("an entry says which difference it explains, or which fault to imitate".to_owned()));
            }
            let imitate = raw.imitate.iter().map(|id| id.parse::<Fault>()).collect::<Result<_, _>>();
            let editions = raw.editions.as_deref().map(VersionReq::parse).transpose();
            Ok(Entry {
                avoid: raw.avoid,
                imitate: imitate.map_err(|error| at(error.to_string()))?,
                editions: editions.map_err(|error| at(format!("`editions` is no version requirement: {error}")))?,
                id: raw.id,
                reason: raw.reason,
                link: raw.link,
                implementation: raw.implementation,
                explains,
            })
        });
        Ok(Self(entries.collect::<Result<_, _>>()?))
    }

    /// All that comes with keyspec.
    ///
    /// # Errors
    /// The first entry that is not as it should be.
    pub fn bundled() -> Result<Self, KnownError> {
        let mut files = BUNDLED.iter().map(|(file, text)| Self::parse(file, text));
        files.try_fold(Self::default(), |all, file| Ok(all.and(file?)))
    }

    /// The entries of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Only what is about this target.
    #[must_use]
    pub fn of(mut self, edition: &Edition, implementation: &str) -> Self {
        self.0.retain(|entry| {
            entry.editions.as_ref().is_none_or(|range| edition.matches(range))
                && entry.implementation.as_ref().is_none_or(|name| name == implementation)
        });
        self
    }

    /// The faults that the model has as well, beside this target.
    pub fn imitated(&self) -> Faults {
        self.0.iter().flat_map(|entry| entry.imitate.iter().copied()).collect()
    }

    /// Must this not be asked?
    pub fn avoids(&self, what: Avoid) -> bool {
        self.0.iter().any(|entry| entry.avoid == Some(what))
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    /// The first entry for which this must not be asked.
    pub fn avoiding(&self, what: Avoid) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.avoid == Some(what))
    }

    /// The entry that explains a mismatch at a step.
    pub fn explains(&self, sequence: &Sequence, at: usize, mismatch: &Mismatch) -> Option<&Entry> {
        let step = sequence.steps.get(at)?;
        self.0.iter().find(|entry| {
            entry.explains.as_ref().is_some_and(|explains| explains.matches(sequence, at, step, mismatch))
        })
    }
}

impl Explains {
    fn matches(&self, sequence: &Sequence, at: usize, step: &Step, mismatch: &Mismatch) -> bool {
        let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|regex| regex.is_match(text));
        let json = |step: &Step| serde_json::to_string(step).unwrap_or_default();
        let shown = mismatch.show();
        fits(&self.operation, &step.name())
            && fits(&self.path, &shown.path)
            && fits(&self.expected, &shown.expected)
            && fits(&self.actual, &shown.actual)
            && (self.step.is_none() || fits(&self.step, &json(step)))
            && (self.config.is_none() || fits(&self.config, &sequence.config.to_string()))
            && (self.setup.is_none() || fits(&self.setup, &sequence.setup.to_string()))
            && self
                .before
                .iter()
                .all(|regex| sequence.steps.iter().take(at + 1).any(|step| regex.is_match(&json(step))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILE: &str = r#"
[[known]]
id = "burnt"
reason = "denied calls use up what remains"
editions = ">=1.6.17"
imitate = ["quota.burnt-when-rate-limited"]

[[known]]
id = "echo"
reason = "what is not stored is echoed"
implementation = "better-auth"
operation = "^createApiKey$"
path = "^body.metadata$"
expected = "^null$"
step = '"metadata":(0|""|false)'
"#;

    fn mismatch(path: &str) -> Mismatch {
        Mismatch { path: path.to_owned(), expected: Some(json!(null)), actual: Some(json!(0)) }
    }

    #[test]
    fn an_entry_explains_what_all_of_its_patterns_match() {
        let known = Known::parse("k.toml", FILE).unwrap().of(&Edition::newest(), "better-auth");
        let step =
            |metadata: i32| json!({ "do": "client", "operation": "createApiKey", "body": { "metadata": metadata } });
        let sequence: Sequence = serde_json::from_value(json!({ "config": {}, "steps": [step(0), step(1)] })).unwrap();
        let explained = |at, path: &str| known.explains(&sequence, at, &mismatch(path)).map(|entry| entry.id.as_str());
        assert_eq!(explained(0, "body.metadata"), Some("echo"));
        assert_eq!((explained(1, "body.metadata"), explained(0, "body.name"), explained(9, "x")), (None, None, None));
        assert!(known.imitated().has(Fault::QuotaBurntWhenRateLimited));
        let older = Known::parse("k.toml", FILE).unwrap().of(&"1.6.16".parse().unwrap(), "other");
        assert!(older.imitated().is_empty() && older.entries().next().is_none());
    }

    #[test]
    fn the_bundled_files_are_right_and_mistakes_are_named() {
        assert!(Known::bundled().unwrap().entries().all(|entry| entry.implementation.is_some()));
        for (text, part) in [
            ("[[known]]\nid='a'\nreason=' '\npath='x'", "needs a reason"),
            ("[[known]]\nid='a'\nreason='r'", "which difference"),
            ("[[known]]\nid='a'\nreason='r'\npath='('", "no regular expression"),
            ("[[known]]\nid='a'\nreason='r'\nimitate=['quota.burnt']", "`quota.burnt` is not a fault"),
        ] {
            let error = Known::parse("k.toml", text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
