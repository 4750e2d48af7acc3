//! YAML text to a tree with places: the only file that knows the YAML parser.
//!
//! A strict part of YAML 1.2 with the core schema: one document, no anchors and aliases, no key twice, keys that are
//! text. Knows nothing of scenarios.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag as RawTag};
use serde_json::Number;

use super::diagnostic::{Diagnostic, Hint, boundary_after, boundary_before};
use super::story::Place;
use super::{MAX_BYTES, MAX_DEPTH, MOST_MISTAKES};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) tag: Option<Tag>,
    /// With the tag.
    pub(crate) place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// `!near` is the tag `near`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tag {
    pub(crate) name: String,
    /// Of the name alone.
    pub(crate) place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Of the key.
    pub(crate) place: Place,
    pub(crate) value: Node,
}

/// Reads one document. What is wrong with the text as YAML is reported, and then nothing of it is believed.
pub(crate) fn read(file: &str, source: &Arc<str>) -> Result<Node, Vec<Diagnostic>> {
    read_within(file, source, MAX_BYTES)
}

/// The same for a document of at most `longest` bytes.
pub(crate) fn read_within(file: &str, source: &Arc<str>, longest: usize) -> Result<Node, Vec<Diagnostic>> {
    let mut builder =
        Builder { file, source, lines: Lines::of(source), open: Vec::new(), root: None, found: Vec::new() };
    if source.len() > longest {
        builder.refuse::<()>(
            Place { line: 1, span: 0..0 },
            format!("the file is longer than {} KiB", longest / 1024),
            None,
        );
        return Err(builder.found);
    }
    builder.run();
    match builder.root {
        Some(root) if builder.found.is_empty() => Ok(root),
        _ if builder.found.is_empty() => {
            builder.refuse::<()>(Place { line: 1, span: 0..0 }, "the file is empty", None);
            Err(builder.found)
        }
        _ => Err(builder.found),
    }
}

impl Node {
    /// What this is, for a message.
    pub(crate) fn noun(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

impl Tag {
    /// Of `each.type`, the tag `type`.
    pub(crate) fn after(&self, outer: &str, inner: &str) -> Self {
        let start = (self.place.span.start + outer.len() + 1).min(self.place.span.end);
        Self { name: inner.to_owned(), place: Place { line: self.place.line, span: start..self.place.span.end } }
    }
}

/// Makes the tree from events, without recursion.
struct Builder<'s> {
    file: &'s str,
    source: &'s Arc<str>,
    lines: Lines<'s>,
    open: Vec<Open>,
    root: Option<Node>,
    found: Vec<Diagnostic>,
}

/// A list or map whose end has not come yet.
struct Open {
    tag: Option<Tag>,
    start: Place,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// The key whose value comes next.
        waiting: Option<(String, Place)>,
        /// The line of each key.
        lines: HashMap<String, usize>,
    },
}

impl Builder<'_> {
    /// Stops at the first mistake after which the rest cannot be understood.
    fn run(&mut self) {
        let source = Arc::clone(self.source);
        let mut parser = Parser::new_from_str(&source);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = self.lines.offset(*error.marker());
                    let message = format!("this is not YAML: {}", error.info());
                    self.refuse::<()>(self.lines.place(at, at), message, None);
                    return;
                }
            };
            let place = self.lines.place(self.lines.offset(span.start), self.lines.offset(span.end));
            if let Event::DocumentStart(_) = event {
                documents += 1;
                if documents > 1 {
                    self.refuse::<()>(place, "a second document: a file holds one", None);
                    return;
                }
            }
            if self.take(event, span, place).is_none() {
                return;
            }
        }
    }

    /// `None` where the rest cannot be understood.
    fn take(&mut self, event: Event<'_>, span: Span, place: Place) -> Option<()> {
        match event {
            Event::Alias(_) => self.refuse_reuse(place),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                self.refuse_reuse(place)
            }
            Event::Scalar(text, style, _, tag) => {
                if self.expects_key() {
                    return self.key(text.into_owned(), tag.is_some(), place);
                }
                let tag = self.tag(tag.as_deref(), &place)?;
                let kind = self.scalar(&text, style, &place)?;
                self.value(Node { kind, tag, place })
            }
            Event::SequenceStart(_, tag) => self.begin(tag.as_deref(), span, place, Inside::List(Vec::new())),
            Event::MappingStart(_, tag) => self.begin(
                tag.as_deref(),
                span,
                place,
                Inside::Map { entries: Vec::new(), waiting: None, lines: HashMap::new() },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.end(&place),
            _ => Some(()),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { inside: Inside::Map { waiting: None, .. }, .. }))
    }

    fn key(&mut self, text: String, tagged: bool, place: Place) -> Option<()> {
        if tagged {
            return self.refuse(place, "a tag on a key means nothing", None);
        }
        let Some(Open { inside: Inside::Map { waiting, lines, .. }, .. }) = self.open.last_mut() else { return None };
        *waiting = Some((text.clone(), place.clone()));
        if let Some(line) = lines.insert(text.clone(), place.line) {
            self.refuse::<()>(place, format!("the key `{text}` stands here twice, first in line {line}"), None);
        }
        Some(())
    }

    fn begin(&mut self, tag: Option<&RawTag>, span: Span, place: Place, inside: Inside) -> Option<()> {
        if self.expects_key() {
            return self.refuse(place, "a key is a text, not a list or a map", None);
        }
        if self.open.len() >= MAX_DEPTH {
            return self.refuse(place, format!("nested deeper than {MAX_DEPTH} levels"), None);
        }
        let start = self.lines.offset(span.start);
        let tag = self.tag(tag, &place)?;
        self.open.push(Open { tag, start: self.lines.place(start, start), inside });
        Some(())
    }

    fn end(&mut self, end: &Place) -> Option<()> {
        let open = self.open.pop()?;
        let mut place = open.start;
        place.span.end =
            place.span.start + self.source[place.span.start..end.span.end.max(place.span.start)].trim_end().len();
        let kind = match open.inside {
            Inside::List(items) => Kind::List(items),
            Inside::Map { entries, .. } => Kind::Map(entries),
        };
        self.value(Node { kind, tag: open.tag, place })
    }

    fn value(&mut self, node: Node) -> Option<()> {
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map { entries, waiting, .. }) => {
                let (key, place) = waiting.take()?;
                entries.push(Entry { key, place, value: node });
            }
        }
        Some(())
    }

    fn tag(&mut self, tag: Option<&RawTag>, place: &Place) -> Option<Option<Tag>> {
        let Some(tag) = tag else { return Some(None) };
        if tag.handle != "!" || tag.suffix.is_empty() {
            return self.refuse(place.clone(), format!("the tag `{tag}` is unknown: tags here are like `!type`"), None);
        }
        let start = boundary_after(self.source, place.span.start + 1);
        let end = boundary_before(self.source, start + tag.suffix.len());
        let place = Place { line: place.line, span: start..end.max(start) };
        Some(Some(Tag { name: tag.suffix.clone(), place }))
    }

    /// The core schema of YAML 1.2: `yes` and `12:30` are texts.
    fn scalar(&mut self, text: &str, style: ScalarStyle, place: &Place) -> Option<Kind> {
        if style != ScalarStyle::Plain {
            return Some(Kind::Text(text.to_owned()));
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Some(Kind::Null),
            "true" | "True" | "TRUE" => return Some(Kind::Bool(true)),
            "false" | "False" | "FALSE" => return Some(Kind::Bool(false)),
            _ => {}
        }
        match number(text) {
            NumberLike::Number(number) => Some(Kind::Number(number)),
            NumberLike::Text => Some(Kind::Text(text.to_owned())),
            NumberLike::TooLarge => {
                let hint = Hint::Replace(format!("\"{text}\""));
                self.refuse(place.clone(), "a number that JSON cannot hold", Some(hint))
            }
        }
    }

    fn refuse_reuse(&mut self, place: Place) -> Option<()> {
        self.refuse(place, "anchors and aliases are refused: write the value out", None)
    }

    fn refuse<T>(&mut self, place: Place, message: impl Into<String>, hint: Option<Hint>) -> Option<T> {
        if self.found.len() >= MOST_MISTAKES {
            return None;
        }
        let (file, source) = (self.file.to_owned(), Arc::clone(self.source));
        self.found.push(Diagnostic { file, source, place, message: message.into(), hint });
        None
    }
}

enum NumberLike {
    Number(Number),
    TooLarge,
    Text,
}

fn number(text: &str) -> NumberLike {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let integer = if let Some(octal) = text.strip_prefix("0o") {
        digits(octal, 8).then(|| u64::from_str_radix(octal, 8).ok().map(Number::from))
    } else if let Some(hex) = text.strip_prefix("0x") {
        digits(hex, 16).then(|| u64::from_str_radix(hex, 16).ok().map(Number::from))
    } else if digits(unsigned, 10) {
        let negative = text.parse::<i64>().ok().map(Number::from);
        Some(negative.or_else(|| text.parse::<u64>().ok().map(Number::from)).or_else(|| float(text)))
    } else {
        None
    };
    match integer {
        Some(Some(number)) => NumberLike::Number(number),
        Some(None) => NumberLike::TooLarge,
        None if [".inf", ".Inf", ".INF"].contains(&unsigned) || [".nan", ".NaN", ".NAN"].contains(&text) => {
            NumberLike::TooLarge
        }
        None if is_float(unsigned) => float(text).map_or(NumberLike::TooLarge, NumberLike::Number),
        None => NumberLike::Text,
    }
}

fn digits(text: &str, radix: u32) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_digit(radix))
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_fits = match (whole.is_empty(), fraction.is_empty()) {
        (true, true) => false,
        (true, false) => digits(fraction, 10),
        (false, true) => digits(whole, 10),
        (false, false) => digits(whole, 10) && digits(fraction, 10),
    };
    mantissa_fits && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), 10))
}

fn float(text: &str) -> Option<Number> {
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

/// Line starts, so that the parser's lines and columns (in characters) become byte offsets.
struct Lines<'s> {
    source: &'s str,
    starts: Vec<usize>,
    /// The last line, column and offset asked for: markers come in their order, and lines can be long.
    last: Cell<(usize, usize, usize)>,
}

impl<'s> Lines<'s> {
    fn of(source: &'s str) -> Self {
        let bytes = source.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|&(at, &byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { source, starts, last: Cell::new((0, 0, 0)) }
    }

    fn offset(&self, marker: Marker) -> usize {
        let (line, column) = (marker.line().saturating_sub(1), marker.col());
        let Some(&start) = self.starts.get(line) else { return self.source.len() };
        let (passed, from) = match self.last.get() {
            (last_line, last_column, offset) if last_line == line && last_column <= column => {
                (last_column, offset.max(start))
            }
            _ => (0, start),
        };
        let offset =
            self.source[from..].char_indices().nth(column - passed).map_or(self.source.len(), |(at, _)| from + at);
        self.last.set((line, column, offset));
        offset
    }

    fn place(&self, start: usize, end: usize) -> Place {
        let line = self.starts.partition_point(|&line| line <= start);
        Place { line, span: start..end.max(start) }
    }
}
