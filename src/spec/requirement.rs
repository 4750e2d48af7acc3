//! The catalogue of requirements: `spec/requirements/*.toml`, read strictly.
//!
//! Knows what is required, by whom and since when; not how it is checked.

use super::fault::Fault;
use super::words::meant;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use indexmap::IndexMap;
use semver::VersionReq;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

/// One normative statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Permanent.
    pub id: String,
    pub level: Level,
    pub profile: Profile,
    /// The editions that it applies to; all where left out.
    pub editions: Option<VersionReq>,
    pub statement: String,
    pub source: Source,
    /// What the documents say against what releases do.
    pub drift: Option<String>,
    /// Why no check covers it.
    pub excluded: Option<String>,
    /// Of a MUST: why no fault of the reference breaks it, though checks cover it.
    pub unbroken: Option<String>,
    /// The file in which it stands.
    pub file: String,
    /// The line of its id, 1-based.
    pub line: usize,
}

/// The keyword, as in RFC 2119.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Must,
    Should,
    May,
}

/// A named set of requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// What clients do over HTTP.
    Core,
    /// What only the server does.
    Server,
    /// Rate limit, refill, expiry: needs a clock.
    Limits,
    Organizations,
    Sessions,
    Storage,
    /// Proposed: clients set permissions under a ceiling.
    SelfGrant,
}

/// Where a requirement is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A sentence of the documentation.
    Docs {
        /// `plugins/api-key`
        page: String,
        anchor: String,
        /// The [`fingerprint`] of the sentence when it was last read.
        fingerprint: String,
    },
    /// What releases do, without a sentence in the documents: the file of the upstream repository.
    Observed(String),
    /// In no release; the reason, or a link.
    Proposed(String),
}

/// All requirements, in the order of their files.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    requirements: IndexMap<String, Requirement>,
}

/// What is wrong with a file of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct CatalogueError {
    pub file: String,
    /// The text of the file.
    pub source_text: String,
    /// Byte offsets into it.
    pub span: Range<usize>,
    /// 1-based.
    pub line: usize,
    pub message: String,
    /// The text that was probably meant in place of the marked one.
    pub replacement: Option<String>,
}

impl Level {
    pub const ALL: &'static [Self] = &[Self::Must, Self::Should, Self::May];

    /// `MUST`
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

impl Profile {
    pub const ALL: &'static [Self] =
        &[Self::Core, Self::Server, Self::Limits, Self::Organizations, Self::Sessions, Self::Storage, Self::SelfGrant];

    /// `self-grant`
    pub const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Server => "server",
            Self::Limits => "limits",
            Self::Organizations => "organizations",
            Self::Sessions => "sessions",
            Self::Storage => "storage",
            Self::SelfGrant => "self-grant",
        }
    }
}

impl Catalogue {
    /// Reads the files, each given as its name and its text. All that is wrong is reported at once, though of a file
    /// that is not TOML of the right shape only the first mistake.
    pub fn parse<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, Vec<CatalogueError>> {
        let mut catalogue = Self::default();
        let mut found = Vec::new();
        for (name, text) in files {
            let file = File { name, text };
            match toml::from_str::<Written>(text) {
                Ok(written) => {
                    for requirement in written.requirement {
                        match file.requirement(requirement) {
                            Ok((requirement, span)) => catalogue.add(requirement, span, &file, &mut found),
                            Err(errors) => found.extend(errors),
                        }
                    }
                }
                Err(error) => found.push(file.syntax_error(&error)),
            }
        }
        if found.is_empty() { Ok(catalogue) } else { Err(found) }
    }

    /// The requirement with this id.
    pub fn find(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(id)
    }

    /// The id that looks most like this wrong one.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        meant(id, self.requirements.keys().map(String::as_str))
    }

    /// All requirements.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Requirement> + Clone {
        self.requirements.values()
    }

    /// The requirements of a profile.
    pub fn profile(&self, profile: Profile) -> impl Iterator<Item = &Requirement> {
        self.iter().filter(move |requirement| requirement.profile == profile)
    }

    /// The requirements with these ids as a file of the catalogue, so that they can be read elsewhere.
    pub fn excerpt<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> String {
        let wanted: BTreeSet<&str> = ids.into_iter().collect();
        let requirements =
            wanted.into_iter().filter_map(|id| self.find(id)).map(|found| toml::Value::Table(found.written()));
        let file = toml::Table::from_iter([("requirement".to_owned(), toml::Value::Array(requirements.collect()))]);
        // A table of texts and lists of tables can always be written.
        toml::to_string(&file).unwrap_or_default()
    }

    fn add(&mut self, requirement: Requirement, span: Range<usize>, file: &File<'_>, found: &mut Vec<CatalogueError>) {
        if let Some(other) = self.requirements.get(&requirement.id) {
            let message = format!("the id `{}` is taken in {}, line {}", requirement.id, other.file, other.line);
            found.push(file.error(span, message, None));
            return;
        }
        self.requirements.insert(requirement.id.clone(), requirement);
    }
}

impl Requirement {
    /// As it stands in a file.
    fn written(&self) -> toml::Table {
        let source: Vec<(&str, &str)> = match &self.source {
            Source::Docs { page, anchor, fingerprint } => {
                vec![("docs", page), ("anchor", anchor), ("fingerprint", fingerprint)]
            }
            Source::Observed(file) => vec![("observed", file)],
            Source::Proposed(reason) => vec![("proposed", reason)],
        };
        let table = |members: Vec<(&str, &str)>| -> toml::Table {
            members.into_iter().map(|(name, text)| (name.to_owned(), toml::Value::from(text))).collect()
        };
        let editions = self.editions.as_ref().map(ToString::to_string);
        let mut members = vec![
            ("id", self.id.as_str()),
            ("level", self.level.name()),
            ("profile", self.profile.name()),
            ("statement", &self.statement),
        ];
        members.extend(editions.as_deref().map(|editions| ("editions", editions)));
        members.extend(self.drift.as_deref().map(|drift| ("drift", drift)));
        members.extend(self.excluded.as_deref().map(|excluded| ("excluded", excluded)));
        members.extend(self.unbroken.as_deref().map(|unbroken| ("unbroken", unbroken)));
        let mut written = table(members);
        written.insert("source".to_owned(), toml::Value::Table(table(source)));
        written
    }
}

/// A stable mark of a sentence of the documentation: the first 16 hexadecimal digits of the SHA-256 of its words.
///
/// Markdown is taken off (the signs for code, emphasis and links stay away, a link's text stays), white space is folded
/// to single spaces. So a sentence keeps its fingerprint when only its layout changes, and loses it when a word does.
pub fn fingerprint(sentence: &str) -> String {
    let words = without_markdown(sentence).split_whitespace().collect::<Vec<_>>().join(" ");
    Sha256::digest(words.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// As reports cite it: `docs plugins/api-key/reference#create-an-api-key`, `observed in create-api-key.ts`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Docs { page, anchor, .. } => write!(f, "docs {page}#{anchor}"),
            Self::Observed(file) => write!(f, "observed in {file}"),
            Self::Proposed(reason) => write!(f, "proposed: {reason}"),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no level or no profile, with the nearest that is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {noun} `{word}`")]
pub struct UnknownWord {
    noun: &'static str,
    word: String,
    /// The right word that looks most like it.
    pub nearest: Option<&'static str>,
}

impl FromStr for Level {
    type Err = UnknownWord;

    /// In any letter case, so that it can be an option of the command line.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|level| level.name().eq_ignore_ascii_case(text)).ok_or_else(|| UnknownWord {
            noun: "level",
            word: text.to_owned(),
            nearest: meant(&text.to_uppercase(), Self::ALL.iter().map(|level| level.name())),
        })
    }
}

impl FromStr for Profile {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|profile| profile.name() == text).ok_or_else(|| UnknownWord {
            noun: "profile",
            word: text.to_owned(),
            nearest: meant(text, Self::ALL.iter().map(|profile| profile.name())),
        })
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    requirement: Vec<WrittenRequirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRequirement {
    id: Spanned<String>,
    level: Spanned<String>,
    profile: Spanned<String>,
    editions: Option<Spanned<String>>,
    statement: Spanned<String>,
    source: Spanned<WrittenSource>,
    drift: Option<String>,
    excluded: Option<Spanned<String>>,
    unbroken: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    docs: Option<String>,
    anchor: Option<String>,
    fingerprint: Option<Spanned<String>>,
    observed: Option<String>,
    proposed: Option<String>,
}

struct File<'f> {
    name: &'f str,
    text: &'f str,
}

impl File<'_> {
    fn requirement(&self, written: WrittenRequirement) -> Result<(Requirement, Range<usize>), Vec<CatalogueError>> {
        let mut found = Vec::new();
        let mut refuse = |span: Range<usize>, message: &str| found.push(self.error(span, message.to_owned(), None));
        let id_span = written.id.span();
        if !is_id(written.id.get_ref()) {
            refuse(id_span.clone(), "a requirement id has the form `area.what`, in kebab-case");
        }
        if written.statement.get_ref().trim().is_empty() {
            refuse(written.statement.span(), "an empty statement requires nothing");
        }
        if let Some(excluded) = written.excluded.as_ref().filter(|excluded| excluded.get_ref().trim().is_empty()) {
            refuse(excluded.span(), "`excluded` gives the reason");
        }
        let editions =
            written.editions.as_ref().map(|editions| (editions.span(), VersionReq::parse(editions.get_ref())));
        match &editions {
            Some((span, Err(error))) => refuse(span.clone(), &format!("not an edition interval: {error}")),
            Some((span, Ok(interval))) if interval.comparators.iter().any(|part| part.op == semver::Op::Caret) => {
                refuse(span.clone(), "each part of an edition interval starts with `>=`, `>`, `<`, `<=`, `=` or `~`");
            }
            _ => {}
        }
        let source_span = written.source.span();
        let source = self.source(written.source.into_inner(), source_span).map_err(|error| found.push(error));
        let level = self.word(&written.level).map_err(|error| found.push(error));
        let profile = self.word(&written.profile).map_err(|error| found.push(error));
        if let Some(unbroken) = &written.unbroken {
            let id = written.id.get_ref();
            let wrong = if unbroken.get_ref().trim().is_empty() {
                Some("`unbroken` gives the reason".to_owned())
            } else if level.as_ref().is_ok_and(|level| *level != Level::Must) {
                Some("only a MUST needs a fault, or a reason why it has none".to_owned())
            } else {
                let fault = Fault::ALL.iter().find(|fault| fault.requirement() == id);
                fault.map(|fault| format!("the fault {fault} breaks it"))
            };
            found.extend(wrong.map(|message| self.error(unbroken.span(), message, None)));
        }
        let (Ok(source), Ok(level), Ok(profile), true) = (source, level, profile, found.is_empty()) else {
            return Err(found);
        };
        let requirement = Requirement {
            id: written.id.into_inner(),
            level,
            profile,
            editions: editions.and_then(|(_, editions)| editions.ok()),
            statement: written.statement.into_inner().trim().to_owned(),
            source,
            drift: written.drift,
            excluded: written.excluded.map(Spanned::into_inner),
            unbroken: written.unbroken.map(Spanned::into_inner),
            file: self.name.to_owned(),
            line: self.line(id_span.start),
        };
        Ok((requirement, id_span))
    }

    fn word<T: FromStr<Err = UnknownWord>>(&self, word: &Spanned<String>) -> Result<T, CatalogueError> {
        word.get_ref().parse().map_err(|error: UnknownWord| {
            let replacement = error.nearest.map(|right| format!("\"{right}\""));
            self.error(word.span(), error.to_string(), replacement)
        })
    }

    fn source(&self, source: WrittenSource, span: Range<usize>) -> Result<Source, CatalogueError> {
        match source {
            WrittenSource {
                docs: Some(page),
                anchor: Some(anchor),
                fingerprint: Some(print),
                observed: None,
                proposed: None,
            } => {
                let digits = print.get_ref();
                if digits.len() != 16 || !digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)) {
                    return Err(self.error(
                        print.span(),
                        "a fingerprint is 16 hexadecimal digits in lower case".to_owned(),
                        None,
                    ));
                }
                Ok(Source::Docs { page, anchor, fingerprint: print.into_inner() })
            }
            WrittenSource { docs: None, anchor: None, fingerprint: None, observed: Some(path), proposed: None } => {
                Ok(Source::Observed(path))
            }
            WrittenSource { docs: None, anchor: None, fingerprint: None, observed: None, proposed: Some(reason) } => {
                Ok(Source::Proposed(reason))
            }
            _ => {
                let message = "a source is `docs` with `anchor` and `fingerprint`, or `observed`, or `proposed`";
                Err(self.error(span, message.to_owned(), None))
            }
        }
    }

    fn syntax_error(&self, error: &toml::de::Error) -> CatalogueError {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        // "unknown field `levle`, expected one of `id`, `level`, ..."
        let mut words = message.split('`').skip(1).step_by(2);
        let wrong = words.next().filter(|_| message.starts_with("unknown field"));
        let replacement = wrong.and_then(|wrong| meant(wrong, words)).map(str::to_owned);
        self.error(span, message, replacement)
    }

    fn error(&self, span: Range<usize>, message: String, replacement: Option<String>) -> CatalogueError {
        let line = self.line(span.start);
        CatalogueError {
            file: self.name.to_owned(),
            source_text: self.text.to_owned(),
            span,
            line,
            message,
            replacement,
        }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

fn is_id(id: &str) -> bool {
    let is_part = |part: &str| {
        part.split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
    };
    id.len() <= 200 && id.contains('.') && id.split('.').all(is_part)
}

/// The text without the signs of code, emphasis, links, headings, quotations and list items.
fn without_markdown(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches(['#', '>']).trim_start();
        let line = ["- ", "* ", "+ "].iter().find_map(|sign| line.strip_prefix(sign)).unwrap_or(line);
        plain.push_str(&without_links(line).replace(['`', '*'], ""));
        plain.push(' ');
    }
    plain
}

/// `[text](address)` and `![text](address)` become `text`. Each sign is looked at a few times, however many brackets there are.
fn without_links(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    let mut closes = true;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.find(['[', ']']).and_then(|end| Some((&after[..end], after[end..].strip_prefix("](")?)));
        let closed = link.filter(|_| closes).and_then(|(text, address)| {
            let end = address.find(')');
            closes = end.is_some();
            Some((text, &address[end? + 1..]))
        });
        match closed {
            Some((text, after)) => {
                plain.push_str(before.strip_suffix('!').unwrap_or(before));
                plain.push_str(text);
                rest = after;
            }
            None => {
                plain.push_str(before);
                plain.push('[');
                rest = after;
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn catalogue(editions: &str) -> Result<Catalogue, Vec<CatalogueError>> {
        let text = format!(
            "[[requirement]]\nid = \"create.defaults\"\nlevel = \"SHOULD\"\nprofile = \"self-grant\"\neditions = \"{editions}\"\n\
             statement = \"\"\"\nA key has defaults.\"\"\"\ndrift = \"d\"\n\
             source = {{ docs = \"plugins/api-key\", anchor = \"a\", fingerprint = \"0123456789abcdef\" }}\n"
        );
        Catalogue::parse([("a.toml", text.as_str())])
    }

    #[test]
    fn a_requirement_is_found_by_its_id() {
        let catalogue = catalogue(">=1.3").unwrap();
        let found = catalogue.find("create.defaults").unwrap();
        assert_eq!((found.level, found.profile, found.line), (Level::Should, Profile::SelfGrant, 2));
        assert_eq!(found.statement, "A key has defaults.");
        assert_eq!(catalogue.nearest("create.default"), Some("create.defaults"));
        assert_eq!(catalogue.profile(Profile::SelfGrant).count(), 1);
        assert_eq!(catalogue.profile(Profile::Core).count(), 0);
    }

    #[test]
    fn a_bare_version_is_no_interval() {
        assert!(catalogue("1.5").is_err());
        assert!(catalogue("~1.5").is_ok());
    }

    #[test]
    fn a_reason_for_no_fault_is_for_a_must_that_has_none() {
        let read = |id: &str, level: &str, reason: &str| {
            let text = format!(
                "[[requirement]]\nid = \"{id}\"\nlevel = \"{level}\"\nprofile = \"core\"\nstatement = \"s\"\n\
                 source = {{ observed = \"a.ts\" }}\nunbroken = \"{reason}\"\n"
            );
            Catalogue::parse([("a.toml", text.as_str())]).map_err(|errors| errors[0].message.clone())
        };
        let catalogue = read("keys.nothing-breaks-it", "MUST", "because").unwrap();
        assert_eq!(catalogue.find("keys.nothing-breaks-it").unwrap().unbroken.as_deref(), Some("because"));
        assert!(catalogue.excerpt(["keys.nothing-breaks-it"]).contains("unbroken = \"because\""));
        assert_eq!(read("keys.nothing-breaks-it", "MUST", " ").unwrap_err(), "`unbroken` gives the reason");
        assert!(read("keys.nothing-breaks-it", "SHOULD", "because").unwrap_err().starts_with("only a MUST"));
        let broken = read("create.owner-is-session-user", "MUST", "because").unwrap_err();
        assert_eq!(broken, "the fault create.owner-wrong breaks it");
    }

    #[test]
    fn levels_and_profiles_are_read_as_they_are_written() {
        assert!(Level::ALL.iter().all(|level| level.name().parse() == Ok(*level)));
        assert!(Profile::ALL.iter().all(|profile| profile.name().parse() == Ok(*profile)));
        assert_eq!("must".parse(), Ok(Level::Must));
        assert_eq!("limit".parse::<Profile>().unwrap_err().nearest, Some("limits"));
    }

    #[test]
    fn a_fingerprint_is_of_the_words() {
        let plain = fingerprint("The key is only shown once, see create an API key.");
        assert_eq!(plain.len(), 16);
        let written = "> - The `key` is *only*   shown\n  **once**, see [create an API key](#create-an-api-key).";
        assert_eq!(fingerprint(written), plain);
        assert_ne!(fingerprint("The key is only shown twice, see create an API key."), plain);
        assert_eq!(fingerprint("a [b c"), fingerprint(" a  [b\nc"));
        assert_eq!(without_links("[a](b)![c](d) [e [f](g) [h] [i](j"), "ac [e f [h] [i](j");
        assert_eq!(fingerprint("rate_limit_max"), "9a35c9f7e8a4dbef");
    }

    proptest! {
        #[test]
        fn any_text_is_a_catalogue_or_has_errors(text in "[\\[\\]a-z=\"{}., \n]{0,80}|\\PC{0,80}", sentence in "\\PC{0,80}") {
            let _ = Catalogue::parse([("a.toml", text.as_str())]);
            prop_assert_eq!(fingerprint(&sentence).len(), 16);
        }
    }
}
