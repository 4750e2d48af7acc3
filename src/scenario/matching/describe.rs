//! Values and matchers in words, for mismatches.

use serde_json::Value;

use crate::scenario::story::{Comparison, JsonType, Matcher};

use super::{MatchContext, moment};

/// Longer texts are cut: the whole reply stands beside the mismatch.
const LONGEST: usize = 300;

/// A value as JSON.
pub(super) fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| shortened(&value.to_string()))
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

impl JsonType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
            Self::Null => "null",
        }
    }
}

impl Comparison {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
            Self::Greater => "greater than",
            Self::Less => "less than",
        }
    }
}

impl Matcher {
    /// What this expects, in a few words.
    pub(super) fn words(&self, context: &MatchContext<'_>) -> String {
        let text = match self {
            Self::Equal(template) => match template.bind(context.known) {
                Ok(value) => value.to_string(),
                Err(unbound) => unbound.to_string(),
            },
            Self::Members(members) => {
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                format!("an object with {}", names.join(", "))
            }
            Self::Exact(members) => {
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                format!("an object with just {}", names.join(", "))
            }
            Self::Names(names) => format!("an object with just {}", names.join(", ")),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Unordered(items) => format!("a list of {} in any order", items.len()),
            Self::Each(inner) => format!("a list, each {}", inner.words(context)),
            Self::Contains(inner) => format!("something that contains {}", inner.words(context)),
            Self::Length(inner) => format!("a length of {}", inner.words(context)),
            Self::Present => "something".to_owned(),
            Self::Absent => "nothing".to_owned(),
            Self::Type(name) => format!("of type {}", name.name()),
            Self::Pattern(regex) => format!("a string in which /{regex}/ is found"),
            Self::Near(offset) => moment::words(*offset, context),
            Self::Not(inner) => format!("not {}", inner.words(context)),
            Self::Any(items) => {
                let words: Vec<String> = items.iter().map(|item| item.words(context)).collect();
                words.join(", or ")
            }
            Self::All(items) => {
                let words: Vec<String> = items.iter().map(|item| item.words(context)).collect();
                words.join(", and ")
            }
            Self::Compare(comparison, number) => format!("{} {number}", comparison.words()),
        };
        shortened(&text)
    }
}
