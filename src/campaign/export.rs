//! A finding in other languages: for those who have to repair what it shows, and for the tests that keep it repaired.

mod curl;
mod scenario;
mod typescript;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::finding::Finding;
use super::large;
use super::sequence::Step;

/// What a finding can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A scenario of keyspec.
    Scenario,
    /// A shell script: what a client can do of it.
    Curl,
    /// A test for Node that starts Better Auth itself.
    TypeScript,
}

/// No such form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of scenario, curl, typescript")]
pub struct ExportError(String);

const ALL: &[(Export, &str)] =
    &[(Export::Scenario, "scenario"), (Export::Curl, "curl"), (Export::TypeScript, "typescript")];

impl Export {
    /// The finding in this form.
    pub fn write(self, finding: &Finding) -> String {
        let mut finding = finding.clone();
        for call in finding.sequence.steps.iter_mut().filter_map(Step::call_mut) {
            for value in [&mut call.body, &mut call.query].into_iter().flatten() {
                *value = large::written_out(value);
            }
        }
        match self {
            Self::Scenario => scenario::write(&finding),
            Self::Curl => curl::write(&finding),
            Self::TypeScript => typescript::write(&finding),
        }
    }
}

impl FromStr for Export {
    type Err = ExportError;

    fn from_str(text: &str) -> Result<Self, ExportError> {
        let found = ALL.iter().find(|(_, name)| *name == text);
        found.map(|(export, _)| *export).ok_or_else(|| ExportError(text.to_owned()))
    }
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ALL.iter().find(|(export, _)| export == self).map_or("", |(_, name)| *name);
        f.write_str(name)
    }
}

/// A part of a text: as it stands, or a symbol.
enum Part<'a> {
    Text(&'a str),
    Symbol { name: &'a str, part: &'a str, form: Option<&'a str> },
}

/// The parts of a text with symbols.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let Some((symbol, after)) = behind.split_once('}') else { break };
        let (full, form) = symbol.split_once('|').map_or((symbol, None), |(full, form)| (full, Some(form)));
        let Some((name, part)) = full.split_once('.') else { break };
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Symbol { name, part, form });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// The document with every text rewritten.
fn rewritten(value: &Value, rewrite: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => rewrite(text).into(),
        Value::Array(items) => items.iter().map(|item| rewritten(item, rewrite)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), rewritten(value, rewrite)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// A name that every language takes for one: letters, digits and `_`.
fn plain(name: &str) -> String {
    name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect()
}

/// A text for a comment: nothing in it ends the line, in no language.
fn one_line(text: &str) -> String {
    let ends = |sign: char| sign.is_control() || sign == '\u{2028}' || sign == '\u{2029}';
    text.chars().map(|sign| if ends(sign) { ' ' } else { sign }).collect()
}

/// What the finding expects at its last step, and what it got instead.
fn last(finding: &Finding) -> (String, String) {
    let told = finding.told.get(finding.step).and_then(Option::as_ref);
    told.map(|told| (told.expected.clone(), told.actual.clone())).unwrap_or_default()
}

/// The status that a verdict begins with; nothing stands for a success.
fn status(verdict: &str) -> u16 {
    verdict.parse().unwrap_or(200)
}

/// The differences that name a member of the reply and a value that it should have.
fn members(finding: &Finding) -> Vec<(Vec<&str>, Value)> {
    let named = finding.mismatches.iter().filter_map(|difference| {
        let path = difference.path.strip_prefix("body.")?;
        let value: Value = serde_json::from_str(&difference.expected).ok()?;
        let is_time = value.as_str().is_some_and(|text| text.starts_with(super::answer::TIME));
        (!path.contains('*') && !is_time).then(|| (path.split('.').collect(), value))
    });
    named.collect()
}

/// Was the step before the last accepted when it was found?
fn was_accepted(finding: &Finding, at: usize) -> bool {
    finding.told.get(at).and_then(Option::as_ref).is_none_or(|told| {
        let verdict = told.actual.as_str();
        verdict == "200 valid" || verdict.split(' ').count() == 1 && verdict.starts_with('2')
    })
}
