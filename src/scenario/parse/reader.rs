//! The state of reading one file: the mistakes found so far, and the small readers that everything uses.

use std::sync::Arc;

use crate::scenario::MOST_MISTAKES;
use crate::scenario::diagnostic::{Diagnostic, Hint};
use crate::scenario::story::Place;
use crate::scenario::yaml::{Entry, Kind, Node};
use crate::spec::words::{meant, one_of};

/// Longer names, ids and paths are refused.
const LONGEST_NAME: usize = 200;

/// Every reading function returns `None` after it has reported why.
pub(super) struct Reader {
    file: String,
    source: Arc<str>,
    found: Vec<Diagnostic>,
}

/// A map whose keys are all known ones.
pub(super) struct Fields<'n> {
    pub(super) place: &'n Place,
    what: &'static str,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    pub(super) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn node(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(super) fn entries(&self) -> &'n [Entry] {
        self.entries
    }
}

impl Reader {
    pub(super) fn new(file: String, source: Arc<str>) -> Self {
        Self { file, source, found: Vec::new() }
    }

    pub(super) fn into_found(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|diagnostic| diagnostic.place.span.start);
        self.found
    }

    /// Reports a mistake.
    pub(super) fn refuse<T>(&mut self, place: &Place, message: impl Into<String>, hint: Option<Hint>) -> Option<T> {
        if self.found.len() < MOST_MISTAKES {
            let (file, source) = (self.file.clone(), Arc::clone(&self.source));
            self.found.push(Diagnostic { file, source, place: place.clone(), message: message.into(), hint });
        }
        None
    }

    /// Reports a word that is none of the known ones.
    pub(super) fn refuse_word<T>(&mut self, place: &Place, message: String, word: &str, known: &[&str]) -> Option<T> {
        let hint = match meant(word, known.iter().copied()) {
            Some(right) => Hint::Replace(right.to_owned()),
            None => Hint::Note(format!("known: {}", one_of(known))),
        };
        self.refuse(place, message, Some(hint))
    }

    /// A map with no other keys than these. Unknown keys are reported, and the known ones still read.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, what: &'static str, known: &[&str]) -> Option<Fields<'n>> {
        if let Some(tag) = &node.tag {
            return self.refuse(&tag.place, format!("no tag here: {what} is a plain map"), None);
        }
        self.tagged_fields(node, what, known)
    }

    /// The same for a map whose tag has been looked at.
    pub(super) fn tagged_fields<'n>(
        &mut self,
        node: &'n Node,
        what: &'static str,
        known: &[&str],
    ) -> Option<Fields<'n>> {
        let Kind::Map(entries) = &node.kind else {
            return self.refuse(&node.place, format!("{what} is a map, not {}", node.noun()), None);
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            self.refuse_word::<()>(&entry.place, format!("unknown key `{}` in {what}", entry.key), &entry.key, known);
        }
        Some(Fields { place: &node.place, what, entries })
    }

    pub(super) fn required<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<&'n Node> {
        match fields.node(key) {
            Some(node) => Some(node),
            None => self.refuse(fields.place, format!("{} needs the key `{key}`", fields.what), None),
        }
    }

    /// `note` is for readers of the file alone.
    pub(super) fn note(&mut self, fields: &Fields<'_>) {
        if let Some(node) = fields.node("note") {
            self.sentence(node);
        }
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) if node.tag.is_none() => Some(items),
            _ => self.refuse(&node.place, format!("expected {what}, not {}", node.noun()), None),
        }
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.kind {
            Kind::Text(text) if node.tag.is_none() => Some(text),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) if node.tag.is_none() => {
                let written = &self.source[node.place.span.clone()];
                let hint = Hint::Replace(format!("\"{written}\""));
                self.refuse(&node.place, format!("expected a text, not {}", node.noun()), Some(hint))
            }
            _ => self.refuse(&node.place, format!("expected a text, not {}", node.noun()), None),
        }
    }

    /// A text with something in it.
    pub(super) fn sentence(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?.trim();
        if text.is_empty() {
            return self.refuse(&node.place, "an empty text says nothing", None);
        }
        Some(text.to_owned())
    }

    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        match node.kind {
            Kind::Bool(value) if node.tag.is_none() => Some(value),
            _ => self.refuse(&node.place, format!("expected `true` or `false`, not {}", node.noun()), None),
        }
    }

    /// A whole number from 1 to `most`.
    pub(super) fn count(&mut self, node: &Node, most: usize) -> Option<usize> {
        let number = match &node.kind {
            Kind::Number(number) if node.tag.is_none() => {
                number.as_u64().and_then(|number| usize::try_from(number).ok())
            }
            _ => None,
        };
        match number {
            Some(number) if (1..=most).contains(&number) => Some(number),
            _ => self.refuse(&node.place, format!("expected a whole number from 1 to {most}"), None),
        }
    }

    /// One of the known words.
    pub(super) fn word<'k>(&mut self, node: &Node, noun: &str, known: &[&'k str]) -> Option<&'k str> {
        let text = self.text(node)?;
        match known.iter().find(|word| **word == text) {
            Some(word) => Some(word),
            None => self.refuse_word(&node.place, format!("unknown {noun} `{text}`"), text, known),
        }
    }

    /// The meaning of one of the known words.
    pub(super) fn choice<T: Copy>(&mut self, node: &Node, noun: &str, choices: &[(&str, T)]) -> Option<T> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let word = self.word(node, noun, &words)?;
        choices.iter().find(|(choice, _)| *choice == word).map(|(_, meaning)| *meaning)
    }

    /// An id of at least so many kebab-case parts, with dots between them.
    pub(super) fn dotted_id(&mut self, node: &Node, noun: &str, parts: usize) -> Option<String> {
        let text = self.text(node)?;
        let well_formed =
            text.len() <= LONGEST_NAME && text.split('.').all(is_kebab) && text.split('.').count() >= parts;
        if well_formed {
            return Some(text.to_owned());
        }
        let example = if parts > 2 { "area.subject.what" } else { "area.what" };
        self.refuse(&node.place, format!("a {noun} id has the form `{example}`, in kebab-case"), None)
    }

    /// The name of a step.
    pub(super) fn step_id(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text.len() <= LONGEST_NAME && is_kebab(text) {
            return Some(text.to_owned());
        }
        self.refuse(&node.place, "a step's id is in kebab-case: `first-use`", None)
    }

    /// The name of an actor.
    pub(super) fn actor_name(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text == "nobody" {
            let hint = Hint::Note("in a twin, `as: !absent` takes the actor away".to_owned());
            return self.refuse(&node.place, "a request of nobody has no `as`", Some(hint));
        }
        self.name(&node.place, text)
    }

    /// A name that `$name` can refer to.
    pub(super) fn name(&mut self, place: &Place, text: &str) -> Option<String> {
        if RESERVED.contains(&text) {
            return self.refuse(place, format!("the name `{text}` is taken: `${text}` has a meaning of its own"), None);
        }
        if text.len() <= LONGEST_NAME && is_name(text) {
            return Some(text.to_owned());
        }
        self.refuse(place, "a name is made of letters, digits and `_`, and starts with a letter", None)
    }
}

/// Names that mean something everywhere.
pub(super) const RESERVED: &[&str] = &["unique", "now", "index", "host", "path"];

/// Letters, digits and `_`, with a letter first.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_kebab(text: &str) -> bool {
    text.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}
