//! MDX to a tree of our own with lines: the only file that knows the Markdown parser.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use markdown::mdast::{AttributeContent, AttributeValue, Node as Mdast};
use markdown::message::Place as At;
use markdown::{Constructs, MdxSignal, ParseOptions};
use regex::Regex;

use super::limit;

/// A part of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// 1-based.
    pub(super) line: usize,
    pub(super) children: Vec<Self>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// The page, a quotation, emphasis: what only holds others together.
    Group,
    Heading(u8),
    Paragraph,
    List,
    Item,
    Table,
    Row,
    Cell,
    Text(String),
    /// Code within a sentence.
    Word(String),
    /// A block of code. Its first line is the one after [`Node::line`].
    Code {
        language: String,
        text: String,
    },
    Link(String),
    Element {
        name: String,
        attributes: Vec<(String, Attribute)>,
    },
    /// JavaScript between the paragraphs: `export const fields = […]`.
    Module(String),
    /// `{…}`
    Expression(String),
    FrontMatter(String),
    /// A line break or a rule.
    Break,
    /// What has no meaning here, with its name.
    Other(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attribute {
    Flag,
    Text(String),
    Expression(String),
}

/// Reads a page.
pub(super) fn read(text: &str) -> Result<Node, (usize, String)> {
    limit::check_page(text)?;
    let constructs = Constructs { frontmatter: true, gfm_table: true, gfm_strikethrough: true, ..Constructs::mdx() };
    // Modules are read by the parser of TypeScript, later; here they only have to be known as such.
    let modules = Some(Box::new(|_: &str| MdxSignal::Ok) as Box<_>);
    let options = ParseOptions { constructs, mdx_esm_parse: modules, ..ParseOptions::mdx() };
    let guarded = REFERENCE.replace_all(text, format!("$1{STOP}$2"));
    // It has bugs, and a text on which it panics is a page that cannot be read.
    let parsed = catch_unwind(AssertUnwindSafe(|| markdown::to_mdast(&guarded, &options)));
    let tree = parsed.map_err(|_| (1, "the parser of Markdown fails on it".to_owned()))?.map_err(|message| {
        let line = match message.place.as_deref() {
            Some(At::Point(point)) => point.line,
            Some(At::Position(position)) => position.start.line,
            None => 1,
        };
        (line, message.reason.replace(STOP, ""))
    })?;
    let mut page = node(tree, 1);
    if matches!(guarded, Cow::Owned(_)) {
        page.without_stops();
    }
    Ok(page)
}

/// The parser looks at the sign behind a character reference, also where an attribute ends without one: `href="/?a&b"`
/// (markdown 1.0.0, which panics). There it is given this one, which stands for no character, to look at.
const STOP: char = '\u{fdd0}';

#[expect(clippy::unwrap_used, reason = "a constant that compiles")]
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(&#?[0-9A-Za-z]+)(["'])"#).unwrap());

impl Node {
    /// Its text as people read it: without signs, with the words in code.
    pub(super) fn plain(&self) -> String {
        let mut out = String::new();
        self.write_plain(&mut out);
        out
    }

    /// The attribute of an element.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        match &self.kind {
            Kind::Element { attributes, .. } => attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// An attribute that is a text.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        match self.attribute(name)? {
            Attribute::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `requireSession`, `requireSession={true}`: yes. `requireSession={false}`: no.
    pub(super) fn has_flag(&self, name: &str) -> bool {
        match self.attribute(name) {
            Some(Attribute::Flag) => true,
            Some(Attribute::Expression(text)) => text.trim() != "false",
            Some(Attribute::Text(text)) => text != "false",
            None => false,
        }
    }

    fn without_stops(&mut self) {
        let clean = |text: &mut String| text.retain(|sign| sign != STOP);
        match &mut self.kind {
            Kind::Code { language, text } => [language, text].into_iter().for_each(clean),
            Kind::Text(text) | Kind::Word(text) | Kind::Link(text) => clean(text),
            Kind::Module(text) | Kind::Expression(text) | Kind::FrontMatter(text) => clean(text),
            Kind::Element { attributes, .. } => attributes.iter_mut().for_each(|(_, value)| match value {
                Attribute::Text(text) | Attribute::Expression(text) => clean(text),
                Attribute::Flag => {}
            }),
            _ => {}
        }
        self.children.iter_mut().for_each(Self::without_stops);
    }

    fn write_plain(&self, out: &mut String) {
        match &self.kind {
            Kind::Text(text) | Kind::Word(text) => out.push_str(text),
            Kind::Break => out.push(' '),
            Kind::Code { .. } | Kind::Module(_) | Kind::Expression(_) | Kind::FrontMatter(_) => {}
            _ => self.children.iter().for_each(|child| child.write_plain(out)),
        }
    }
}

/// Deep pages are refused before they are parsed, so the recursion here is bounded.
fn node(tree: Mdast, line: usize) -> Node {
    let line = tree.position().map_or(line, |position| position.start.line);
    let below = |children: Vec<Mdast>| children.into_iter().map(|child| node(child, line)).collect();
    let leaf = |kind| Node { kind, line, children: Vec::new() };
    let with = |kind, children| Node { kind, line, children: below(children) };
    match tree {
        Mdast::Root(root) => with(Kind::Group, root.children),
        Mdast::Blockquote(quote) => with(Kind::Group, quote.children),
        Mdast::Emphasis(part) => with(Kind::Group, part.children),
        Mdast::Strong(part) => with(Kind::Group, part.children),
        Mdast::Delete(part) => with(Kind::Group, part.children),
        Mdast::Heading(heading) => with(Kind::Heading(heading.depth), heading.children),
        Mdast::Paragraph(paragraph) => with(Kind::Paragraph, paragraph.children),
        Mdast::List(list) => with(Kind::List, list.children),
        Mdast::ListItem(item) => with(Kind::Item, item.children),
        Mdast::Table(table) => with(Kind::Table, table.children),
        Mdast::TableRow(row) => with(Kind::Row, row.children),
        Mdast::TableCell(cell) => with(Kind::Cell, cell.children),
        Mdast::Text(text) => leaf(Kind::Text(text.value)),
        Mdast::InlineCode(code) => leaf(Kind::Word(code.value)),
        Mdast::Code(code) => {
            leaf(Kind::Code { language: code.lang.unwrap_or_default().to_lowercase(), text: code.value })
        }
        Mdast::Link(link) => with(Kind::Link(link.url), link.children),
        Mdast::MdxJsxFlowElement(element) => with(
            Kind::Element { name: element.name.unwrap_or_default(), attributes: attributes(element.attributes) },
            element.children,
        ),
        Mdast::MdxJsxTextElement(element) => with(
            Kind::Element { name: element.name.unwrap_or_default(), attributes: attributes(element.attributes) },
            element.children,
        ),
        Mdast::MdxjsEsm(module) => leaf(Kind::Module(module.value)),
        Mdast::MdxFlowExpression(expression) => leaf(Kind::Expression(expression.value)),
        Mdast::MdxTextExpression(expression) => leaf(Kind::Expression(expression.value)),
        Mdast::Yaml(yaml) => leaf(Kind::FrontMatter(yaml.value)),
        Mdast::Break(_) | Mdast::ThematicBreak(_) => leaf(Kind::Break),
        Mdast::Toml(_) => leaf(Kind::Other("TOML front matter")),
        Mdast::Html(_) => leaf(Kind::Other("HTML")),
        Mdast::Image(_) | Mdast::ImageReference(_) => leaf(Kind::Other("an image")),
        Mdast::Math(_) | Mdast::InlineMath(_) => leaf(Kind::Other("a formula")),
        Mdast::FootnoteDefinition(note) => with(Kind::Other("a footnote"), note.children),
        Mdast::FootnoteReference(_) => leaf(Kind::Other("a footnote")),
        Mdast::LinkReference(link) => with(Kind::Other("a link by reference"), link.children),
        Mdast::Definition(_) => leaf(Kind::Other("the definition of a link")),
    }
}

fn attributes(found: Vec<AttributeContent>) -> Vec<(String, Attribute)> {
    let one = |content| match content {
        AttributeContent::Property(property) => {
            let value = match property.value {
                None => Attribute::Flag,
                Some(AttributeValue::Literal(text)) => Attribute::Text(text),
                Some(AttributeValue::Expression(expression)) => Attribute::Expression(expression.value),
            };
            (property.name, value)
        }
        AttributeContent::Expression(expression) => ("...".to_owned(), Attribute::Expression(expression.value)),
    };
    found.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_their_attributes_and_lines() {
        let page = read("---\ntitle: A\n---\n\n<APIMethod\n  path=\"/a\"\n  requireSession={true}\n  isServerOnly\n>\n```ts\ntype a = {}\n```\n</APIMethod>\n").unwrap();
        let method = &page.children[1];
        assert_eq!((method.line, method.text_of("path")), (5, Some("/a")));
        assert!(method.has_flag("requireSession") && method.has_flag("isServerOnly") && !method.has_flag("note"));
        assert_eq!(method.children[0].line, 10);
    }

    #[test]
    fn a_reference_may_be_broken_off_anywhere() {
        let page = read("<Card href=\"/?a&b\" title='&#x1' />\n\n\"AT&T\" `'&a'`\n\n```ts\nf(\"&b\")\n```\n").unwrap();
        assert_eq!(
            (page.children[0].text_of("href"), page.children[0].text_of("title")),
            (Some("/?a&b"), Some("&#x1"))
        );
        assert_eq!(page.children[1].plain(), "\"AT&T\" '&a'");
        assert_eq!(page.children[2].kind, Kind::Code { language: "ts".to_owned(), text: "f(\"&b\")".to_owned() });
        assert!(!format!("{page:?}").contains("fdd0"), "{page:?}");
    }

    #[test]
    fn an_element_that_is_not_closed_is_named_with_its_line() {
        let (line, message) = read("a\n\n<Callout>\n\nb\n").unwrap_err();
        assert!(message.contains("Callout"), "{line}: {message}");
    }
}
