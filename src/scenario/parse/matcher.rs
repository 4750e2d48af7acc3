//! Matchers: plain values, maps and lists, and the tags.

use indexmap::IndexMap;
use regex::RegexBuilder;

use crate::scenario::diagnostic::Hint;
use crate::scenario::story::{Comparison, JsonType, Matcher};
use crate::scenario::yaml::{Entry, Kind, Node, Tag};

use super::reader::Reader;

/// The tags of matchers; `!absent` is one of values as well.
pub(super) const TAGS: &[&str] = &[
    "present",
    "absent",
    "type",
    "pattern",
    "near",
    "exact",
    "members",
    "unordered",
    "length",
    "contains",
    "each",
    "not",
    "any",
    "all",
    "at-least",
    "at-most",
    "greater",
    "less",
];

/// Those that take a matcher: YAML puts one tag on a value, so theirs follows after a dot.
const COMPOSED: &[&str] = &["each", "contains", "not", "length"];

/// Tags of values that can also stand for the value that is expected.
const VALUE_TAGS: &[&str] = &["text", "nested", "object", "list", "date"];

const TYPES: &[(&str, JsonType)] = &[
    ("string", JsonType::String),
    ("number", JsonType::Number),
    ("integer", JsonType::Integer),
    ("boolean", JsonType::Boolean),
    ("object", JsonType::Object),
    ("array", JsonType::Array),
    ("null", JsonType::Null),
];

/// Bytes of a compiled regular expression.
const LARGEST_PATTERN: usize = 256 * 1024;

impl Reader {
    pub(super) fn matcher(&mut self, node: &Node) -> Option<Matcher> {
        match (&node.tag, &node.kind) {
            (Some(tag), _) => self.tagged_matcher(node, tag),
            (None, Kind::Map(entries)) => self.members(entries).map(Matcher::Members),
            (None, Kind::List(items)) => self.matchers(items).map(Matcher::List),
            _ => self.template(node, false).map(Matcher::Equal),
        }
    }

    fn tagged_matcher(&mut self, node: &Node, tag: &Tag) -> Option<Matcher> {
        let (name, rest) = match tag.name.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (tag.name.as_str(), None),
        };
        if let (Some(rest), false) = (rest, COMPOSED.contains(&name)) {
            let message = format!("`!{name}` takes no matcher, so nothing follows it: `.{rest}`");
            return self.refuse(&tag.place, message, None);
        }
        // The matcher inside: of `!each.type string`, the node `!type string`.
        let inner = || Node { tag: rest.map(|rest| tag.after(name, rest)), ..node.clone() };
        Some(match name {
            "present" => self.nothing_after(node, tag).map(|()| Matcher::Present)?,
            "absent" => self.nothing_after(node, tag).map(|()| Matcher::Absent)?,
            "type" => Matcher::Type(self.choice(&inner(), "type", TYPES)?),
            "pattern" => self.pattern(&inner())?,
            "near" => Matcher::Near(self.relative_time(node)?),
            "exact" => Matcher::Exact(self.tagged_members(node, tag)?),
            "members" => Matcher::Names(self.names(node, tag)?),
            "unordered" => Matcher::Unordered(self.tagged_list(node, tag)?),
            "any" => Matcher::Any(self.tagged_list(node, tag)?),
            "all" => Matcher::All(self.tagged_list(node, tag)?),
            "each" => Matcher::Each(Box::new(self.matcher(&inner())?)),
            "contains" => Matcher::Contains(Box::new(self.matcher(&inner())?)),
            "not" => Matcher::Not(Box::new(self.matcher(&inner())?)),
            "length" => Matcher::Length(Box::new(self.length(&inner())?)),
            "at-least" => Matcher::Compare(Comparison::AtLeast, self.number(node)?),
            "at-most" => Matcher::Compare(Comparison::AtMost, self.number(node)?),
            "greater" => Matcher::Compare(Comparison::Greater, self.number(node)?),
            "less" => Matcher::Compare(Comparison::Less, self.number(node)?),
            name if VALUE_TAGS.contains(&name) => Matcher::Equal(self.template(node, false)?),
            name => return self.refuse_word(&tag.place, format!("unknown matcher `!{name}`"), name, TAGS),
        })
    }

    fn members(&mut self, entries: &[Entry]) -> Option<IndexMap<String, Matcher>> {
        let members: Vec<_> =
            entries.iter().map(|entry| Some((entry.key.clone(), self.matcher(&entry.value)?))).collect();
        let unknown = entries.iter().filter(|entry| entry.key.starts_with('@') && entry.key != "@owner");
        for entry in unknown {
            let hint = Hint::Replace("\"@owner\"".to_owned());
            self.refuse::<()>(&entry.place, format!("unknown member name `{}`", entry.key), Some(hint));
        }
        members.into_iter().collect()
    }

    fn matchers(&mut self, items: &[Node]) -> Option<Vec<Matcher>> {
        let matchers: Vec<_> = items.iter().map(|item| self.matcher(item)).collect();
        matchers.into_iter().collect()
    }

    fn tagged_members(&mut self, node: &Node, tag: &Tag) -> Option<IndexMap<String, Matcher>> {
        match &node.kind {
            Kind::Map(entries) => self.members(entries),
            _ => self.refuse(&node.place, format!("`!{}` takes a map, not {}", tag.name, node.noun()), None),
        }
    }

    fn tagged_list(&mut self, node: &Node, tag: &Tag) -> Option<Vec<Matcher>> {
        match &node.kind {
            Kind::List(items) if !items.is_empty() || tag.name == "unordered" => self.matchers(items),
            Kind::List(_) => self.refuse(&node.place, format!("`!{}` of nothing", tag.name), None),
            _ => self.refuse(&node.place, format!("`!{}` takes a list, not {}", tag.name, node.noun()), None),
        }
    }

    fn names(&mut self, node: &Node, tag: &Tag) -> Option<Vec<String>> {
        let Kind::List(items) = &node.kind else {
            return self.refuse(
                &node.place,
                format!("`!{}` takes a list of names, not {}", tag.name, node.noun()),
                None,
            );
        };
        let names: Vec<_> = items.iter().map(|item| self.text(item).map(str::to_owned)).collect();
        names.into_iter().collect()
    }

    fn length(&mut self, node: &Node) -> Option<Matcher> {
        match &node.kind {
            Kind::Number(number) if number.is_u64() || node.tag.is_some() => self.matcher(node),
            _ => self.refuse(&node.place, "a length is a whole number, or a comparison: `!length.at-least 3`", None),
        }
    }

    fn number(&mut self, node: &Node) -> Option<f64> {
        match &node.kind {
            Kind::Number(number) => number.as_f64(),
            _ => self.refuse(&node.place, format!("expected a number, not {}", node.noun()), None),
        }
    }

    fn pattern(&mut self, node: &Node) -> Option<Matcher> {
        let text = self.text(node)?;
        match RegexBuilder::new(text).size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_PATTERN).nest_limit(64).build()
        {
            Ok(regex) => Some(Matcher::Pattern(regex)),
            Err(regex::Error::CompiledTooBig(_)) => {
                self.refuse(&node.place, "this regular expression is too large", None)
            }
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                self.refuse(&node.place, format!("not a regular expression: {reason}"), None)
            }
        }
    }
}
