//! Values of requests: plain ones, references, and the tags that make what is awkward to write.

use indexmap::IndexMap;

use crate::scenario::diagnostic::Hint;
use crate::scenario::story::{Piece, Place, Template};
use crate::scenario::yaml::{Kind, Node, Tag};
use crate::spec::words::one_of;

use super::matcher;
use super::reader::{Reader, is_name};

const TAGS: &[&str] = &["text", "nested", "object", "list", "date", "absent"];

/// What `!text` makes is at most this long. Bytes.
const LONGEST_TEXT: usize = 2 * 1024 * 1024;

/// Values are dropped and written by recursion.
const DEEPEST: usize = 1000;

const MOST_MEMBERS: usize = 10_000;

impl Reader {
    /// A value of a request. `absent`: may `!absent` stand here.
    pub(super) fn template(&mut self, node: &Node, absent: bool) -> Option<Template> {
        if let Some(tag) = &node.tag {
            return self.generated(node, tag, absent);
        }
        Some(match &node.kind {
            Kind::Null => Template::Null,
            Kind::Bool(value) => Template::Bool(*value),
            Kind::Number(number) => Template::Number(number.clone()),
            Kind::Text(text) => self.interpolated(&node.place, text)?,
            Kind::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.template(item, false)).collect();
                Template::List(items.into_iter().collect::<Option<_>>()?)
            }
            Kind::Map(entries) => {
                let members: Vec<_> = entries
                    .iter()
                    .map(|entry| Some((entry.key.clone(), self.template(&entry.value, absent)?)))
                    .collect();
                Template::Map(members.into_iter().collect::<Option<IndexMap<_, _>>>()?)
            }
        })
    }

    /// A text in which `$name` and `${name}` are references.
    pub(super) fn interpolated(&mut self, place: &Place, text: &str) -> Option<Template> {
        match cut(place, text) {
            Ok(template) => Some(template),
            Err(message) => {
                let hint = Hint::Note(
                    "`$name` alone is a value, `${name}` stands in a text, `$$` is a dollar sign".to_owned(),
                );
                self.refuse(place, message, Some(hint))
            }
        }
    }

    fn generated(&mut self, node: &Node, tag: &Tag, absent: bool) -> Option<Template> {
        match tag.name.as_str() {
            "text" => {
                let fields = self.tagged_fields(node, "`!text`", &["of", "times"])?;
                let of = self.required(&fields, "of").and_then(|of| self.text(of));
                let times = self.required(&fields, "times").and_then(|times| self.count(times, LONGEST_TEXT));
                let (of, times) = (of?.to_owned(), times?);
                self.not_too_long(node, of.len(), times)?;
                Some(Template::Repeated { of, times })
            }
            "list" => {
                let fields = self.tagged_fields(node, "`!list`", &["of", "times"])?;
                let of = self.required(&fields, "of").and_then(|of| self.text(of));
                let times = self.required(&fields, "times").and_then(|times| self.count(times, MOST_MEMBERS));
                let (of, times) = (of?.to_owned(), times?);
                self.not_too_long(node, of.len(), times)?;
                Some(Template::Texts { of, times })
            }
            "nested" => {
                let fields = self.tagged_fields(node, "`!nested`", &["depth"])?;
                let depth = self.required(&fields, "depth").and_then(|depth| self.count(depth, DEEPEST))?;
                Some(Template::Nested { depth })
            }
            "object" => {
                let fields = self.tagged_fields(node, "`!object`", &["members", "of"])?;
                let members =
                    self.required(&fields, "members").and_then(|members| self.count(members, MOST_MEMBERS))?;
                let of = match fields.node("of") {
                    Some(node) => Some(self.texts(node)?),
                    None => None,
                };
                let length = of.iter().flatten().map(String::len).sum();
                self.not_too_long(node, length, members)?;
                Some(Template::Object { members, of })
            }
            "date" => self.relative_time(node).map(Template::Date),
            "absent" if absent => self.nothing_after(node, tag).map(|()| Template::Absent),
            "absent" => {
                self.refuse(&tag.place, "`!absent` takes something away: it stands in a `twin`, or as a header", None)
            }
            name if matcher::TAGS.contains(&name.split('.').next().unwrap_or_default()) => {
                let hint = Hint::Note(format!("tags for values: {}", tags()));
                self.refuse(&tag.place, format!("`!{name}` is a matcher: it stands in an expectation"), Some(hint))
            }
            name => self.refuse_word(&tag.place, format!("unknown tag `!{name}`"), name, TAGS),
        }
    }

    fn texts(&mut self, node: &Node) -> Option<Vec<String>> {
        let Kind::List(items) = &node.kind else {
            return self.refuse(&node.place, format!("expected a list of texts, not {}", node.noun()), None);
        };
        items.iter().map(|item| self.text(item).map(str::to_owned)).collect()
    }

    fn not_too_long(&mut self, node: &Node, length: usize, times: usize) -> Option<()> {
        if length.saturating_mul(times) > LONGEST_TEXT {
            return self.refuse(&node.place, format!("a text of more than {LONGEST_TEXT} bytes"), None);
        }
        Some(())
    }

    /// A tag that takes no value has none.
    pub(super) fn nothing_after(&mut self, node: &Node, tag: &Tag) -> Option<()> {
        match node.kind {
            Kind::Null => Some(()),
            _ => self.refuse(&node.place, format!("`!{}` stands alone", tag.name), None),
        }
    }
}

/// Cuts a text at its references.
fn cut(place: &Place, text: &str) -> Result<Template, String> {
    if let Some(path) = text.strip_prefix('$').filter(|path| !path.starts_with(['$', '{'])) {
        return match reference(path) {
            Some(parts) => Ok(Template::Reference(place.clone(), parts)),
            None => Err(format!("`{}` is not a reference", shortened(text))),
        };
    }
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        literal.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('$') {
            literal.push('$');
            rest = after;
        } else if let Some((path, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            let parts = reference(path).ok_or_else(|| format!("`${{{}}}` is not a reference", shortened(path)))?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Reference(place.clone(), parts));
            rest = after;
        } else {
            return Err("a dollar sign alone in a text".to_owned());
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(Template::Text(pieces))
}

/// `name.member[0].member` in its parts.
fn reference(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    for dotted in path.split('.') {
        let (name, elements) = match dotted.split_once('[') {
            Some((name, elements)) => (name, Some(elements)),
            None => (dotted, None),
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            return None;
        }
        parts.push(name.to_owned());
        for element in elements.into_iter().flat_map(|elements| elements.split('[')) {
            let index: usize = element.strip_suffix(']')?.parse().ok()?;
            parts.push(index.to_string());
        }
    }
    parts.first().is_some_and(|name| is_name(name)).then_some(parts)
}

fn tags() -> String {
    let tags: Vec<String> = TAGS.iter().map(|tag| format!("!{tag}")).collect();
    one_of(&tags.iter().map(String::as_str).collect::<Vec<_>>())
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Option<String> {
        reference(path).map(|parts| parts.join(" "))
    }

    #[test]
    fn references_have_members_and_elements() {
        assert_eq!(parts("key"), Some("key".to_owned()));
        assert_eq!(parts("alice.headers.x-api-key"), Some("alice headers x-api-key".to_owned()));
        assert_eq!(parts("list.apiKeys[0][1].id"), Some("list apiKeys 0 1 id".to_owned()));
        for wrong in ["", "1", "a.", "a b", "a[", "a[x]", "a[0", "a..b", "-a"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn text_is_cut_at_its_references() {
        let cut = |text| cut(&Place::default(), text);
        let literal = |text: &str| Piece::Literal(text.to_owned());
        let reference = || Piece::Reference(Place::default(), vec!["a".to_owned()]);
        assert_eq!(cut("plain"), Ok(Template::Text(vec![literal("plain")])));
        assert_eq!(cut(""), Ok(Template::Text(Vec::new())));
        assert_eq!(cut("x${a}y"), Ok(Template::Text(vec![literal("x"), reference(), literal("y")])));
        assert_eq!(cut("${a}"), Ok(Template::Text(vec![reference()])));
        assert_eq!(cut("$a"), Ok(Template::Reference(Place::default(), vec!["a".to_owned()])));
        assert_eq!(cut("$$5"), Ok(Template::Text(vec![literal("$5")])));
        for wrong in ["$", "$a b", "a$", "a$b", "${", "${a", "${}", "${a b}"] {
            assert!(cut(wrong).is_err(), "{wrong}");
        }
    }
}
