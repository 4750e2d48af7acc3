//! A page: what its markup means. Endpoints, options, results, examples, tables, links and sentences, each with its line.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub(super) use super::part::{Code, Endpoint, Example, Link, OptionEntry, Part, ResultType, Sentence, Table, Told};

use super::markup::{self, Attribute, Kind, Node};
use super::script;
use super::sentence::sentences;
use super::shape::{Field, Shape, Term};
use super::{Document, Unknown, Unreadable, error_code};
use crate::scenario::yaml;

/// What stands on a page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub name: String,
    pub address: Option<String>,
    /// What is not understood.
    pub unknown: Vec<Unknown>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) options: Vec<OptionEntry>,
    pub(super) results: Vec<ResultType>,
    pub(super) examples: Vec<Example>,
    /// Types that are no result of an endpoint: `ApiKey`.
    pub(super) types: Vec<(String, Shape, usize)>,
    pub(super) tables: Vec<Table>,
    pub(super) links: Vec<Link>,
    /// Error codes, and members of errors, that sentences name.
    pub(super) codes: Vec<Code>,
    pub(super) sentences: Vec<Sentence>,
    pub(super) anchors: BTreeSet<String>,
}

/// Reads a page.
pub fn read(document: &Document) -> Result<Page, Unreadable> {
    let tree = markup::read(&document.text).map_err(|(line, message)| Unreadable {
        file: document.name.clone(),
        line,
        message,
    })?;
    let page = Page { name: document.name.clone(), address: document.address.clone(), ..Page::default() };
    let mut reader = Reader { page, ..Reader::default() };
    reader.blocks(&tree.children);
    Ok(reader.page)
}

impl Page {
    /// The older endpoints have their name, and the example values of their parameters, in the examples beside them.
    pub(super) fn complete(&mut self) {
        for endpoint in self.endpoints.iter_mut().filter(|endpoint| endpoint.name.is_none()) {
            let beside = self.examples.iter().filter(|example| example.anchor == endpoint.anchor);
            let terms = beside.filter_map(|example| example.script.as_ref().ok()).flat_map(|script| &script.terms);
            let calls: Vec<_> = terms.flat_map(Term::calls).collect();
            let server = calls
                .iter()
                .find(|call| call.path.len() == 3 && call.path.starts_with(&["auth".to_owned(), "api".to_owned()]));
            endpoint.name = server.and_then(|call| call.path.last().cloned());
            for field in &mut endpoint.fields {
                let shown = calls
                    .iter()
                    .filter_map(|call| call.arguments.first())
                    .find_map(|argument| argument.member("body").unwrap_or(argument).member(&field.name));
                // `null` takes a value away; it is no example of one.
                field.initial = shown.filter(|term| **term != Term::Value(serde_json::Value::Null)).cloned();
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    page: Page,
    anchor: String,
    section: String,
    heading: String,
    slugs: HashMap<String, usize>,
    /// The endpoint that the current section is about, and the level of its heading.
    endpoint: Option<(usize, u8)>,
    level: u8,
    /// Properties that are listed now are for the server alone.
    server_only: bool,
    option: Option<usize>,
    /// Of what the options are members: `rateLimit`.
    within: Vec<String>,
    /// Values that modules of the page export.
    exported: HashMap<String, Term>,
}

impl Reader {
    fn blocks(&mut self, blocks: &[Node]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    fn block(&mut self, node: &Node) {
        match &node.kind {
            Kind::FrontMatter(text) => self.front_matter(text, node.line),
            Kind::Heading(level) => self.heading(node, *level),
            Kind::Paragraph => self.paragraph(node),
            Kind::List => node.children.iter().for_each(|item| self.item(item)),
            Kind::Table => self.rows(node),
            Kind::Code { language, text } => self.code(language, text, node.line),
            Kind::Module(text) => self.module(text, node.line),
            Kind::Element { name, .. } => self.element(name, node),
            Kind::Group => self.blocks(&node.children),
            Kind::Other(what) => self.unknown(node.line, (*what).to_owned()),
            Kind::Expression(_) => self.unknown(node.line, "an expression between paragraphs".to_owned()),
            _ => {}
        }
    }

    fn unknown(&mut self, line: usize, what: String) {
        self.page.unknown.push(Unknown { line, what });
    }

    fn front_matter(&mut self, text: &str, line: usize) {
        if yaml::read(&self.page.name, &Arc::from(text)).is_err() {
            self.unknown(line, "front matter that is not YAML".to_owned());
        }
    }

    fn heading(&mut self, node: &Node, level: u8) {
        let text = node.plain();
        let slug = slug(&text);
        let seen = self.slugs.entry(slug.clone()).or_default();
        self.anchor = if *seen == 0 { slug } else { format!("{slug}-{seen}") };
        *seen += 1;
        self.page.anchors.insert(self.anchor.clone());
        if level <= 2 {
            self.section.clone_from(&self.anchor);
        }
        if self.endpoint.is_some_and(|(_, own)| level <= own) {
            self.endpoint = None;
        }
        (self.heading, self.level) = (text, level);
        (self.option, self.server_only) = (None, false);
        self.links(node);
    }

    fn paragraph(&mut self, node: &Node) {
        // MDX makes elements that stand on a line of their own inside a paragraph blocks again.
        if let Some(name) = option_name(node) {
            let mut path = self.within.clone();
            path.push(name);
            let entry = OptionEntry { line: node.line, anchor: self.anchor.clone(), path, told: Vec::new() };
            self.page.options.push(entry);
            self.option = Some(self.page.options.len() - 1);
            return;
        }
        self.links(node);
        self.nested_elements(node);
        if let Some(at) = self.option {
            let told = Told { line: node.line, text: node.plain(), parts: parts(node) };
            self.page.options[at].told.push(told);
        }
        self.codes(node);
        self.say(&node.plain(), node.line);
    }

    /// `RATE_LIMITED` in a sentence.
    fn codes(&mut self, node: &Node) {
        let mut line = node.line;
        for part in parts(node) {
            match part {
                Part::Text(text) => line += text.matches('\n').count(),
                Part::Code(word) if error_code::is_one(&word) => {
                    self.page.codes.push(Code { line, anchor: self.anchor.clone(), word });
                }
                Part::Code(_) => {}
            }
        }
    }

    /// Endpoints and the like that stand inside a paragraph.
    fn nested_elements(&mut self, node: &Node) {
        for child in &node.children {
            match &child.kind {
                Kind::Element { name, .. } if ["Endpoint", "DividerText", "DatabaseTable"].contains(&name.as_str()) => {
                    self.element(name, child);
                }
                Kind::Element { .. } | Kind::Group => self.nested_elements(child),
                _ => {}
            }
        }
    }

    fn item(&mut self, item: &Node) {
        let listed = self.heading.eq_ignore_ascii_case("properties");
        if let (true, Some((endpoint, _))) = (listed, self.endpoint)
            && let Some(field) = property(item, self.server_only)
        {
            let fields = &mut self.page.endpoints[endpoint].fields;
            if !fields.iter().any(|known| known.name == field.name) {
                fields.push(field);
            }
            self.links(item);
            return;
        }
        self.option = None;
        self.blocks(&item.children);
    }

    fn rows(&mut self, table: &Node) {
        for row in table.children.iter().skip(1) {
            let cells: Vec<String> = row.children.iter().map(Node::plain).collect();
            self.say(&cells.join(" | "), row.line);
            self.links(row);
        }
    }

    fn code(&mut self, language: &str, text: &str, line: usize) {
        if !["ts", "typescript", "js", "javascript"].contains(&language) {
            if ["tsx", "jsx", ""].contains(&language) {
                self.unknown(line, format!("a block of code in `{language}`"));
            }
            return;
        }
        let mut read = script::read(text, line + 1);
        if let Ok(script) = &mut read {
            for declared in std::mem::take(&mut script.types) {
                match self.endpoint {
                    Some((endpoint, _)) if declared.name == "Result" => self.page.results.push(ResultType {
                        line: declared.line,
                        anchor: self.anchor.clone(),
                        endpoint,
                        shape: declared.value,
                    }),
                    _ => self.page.types.push((declared.name, declared.value, declared.line)),
                }
            }
            if script.terms.is_empty() {
                return;
            }
        }
        let (anchor, section) = (self.anchor.clone(), self.section.clone());
        self.page.examples.push(Example { line, anchor, section, script: read });
    }

    fn module(&mut self, text: &str, line: usize) {
        match script::read(text, line) {
            Ok(script) => {
                self.exported.extend(script.values.into_iter().map(|declared| (declared.name, declared.value)));
            }
            Err((line, _)) => self.unknown(line, "a module that is not TypeScript".to_owned()),
        }
    }

    fn element(&mut self, name: &str, node: &Node) {
        match name {
            "APIMethod" => self.api_method(node),
            "Endpoint" => self.endpoint(node),
            "DividerText" => self.server_only = node.plain().to_lowercase().contains("server"),
            "DatabaseTable" => self.table(node),
            "Accordion" => {
                let title = node.text_of("title").unwrap_or_default();
                let outer = self.option.take();
                let own = title.split_whitespace().next().filter(|_| title.to_lowercase().ends_with("options"));
                self.within.extend(own.map(str::to_owned));
                self.blocks(&node.children);
                if own.is_some() {
                    self.within.pop();
                }
                self.option = outer;
            }
            "Card" => {
                self.link(node.text_of("href"), node.line);
                self.blocks(&node.children);
            }
            "Callout" | "Tabs" | "Tab" | "Steps" | "Step" | "Accordions" | "Cards" => {
                let outer = self.option.take();
                self.blocks(&node.children);
                self.option = outer;
            }
            _ => {
                let shown = if name.is_empty() { "a fragment".to_owned() } else { format!("the element <{name}>") };
                self.unknown(node.line, shown);
                self.blocks(&node.children);
            }
        }
    }

    fn link(&mut self, url: Option<&str>, line: usize) {
        if let Some(url) = url {
            self.page.links.push(Link { line, anchor: self.anchor.clone(), url: url.to_owned() });
        }
    }

    fn links(&mut self, node: &Node) {
        for child in &node.children {
            if let Kind::Link(url) = &child.kind {
                self.link(Some(url), child.line);
            }
            self.links(child);
        }
    }

    fn endpoint_of(&mut self, node: &Node) -> Option<Endpoint> {
        let path = node.text_of("path").map(str::to_owned);
        let Some(path) = path else {
            self.unknown(node.line, "an endpoint without `path`".to_owned());
            return None;
        };
        Some(Endpoint {
            line: node.line,
            anchor: self.anchor.clone(),
            method: node.text_of("method").unwrap_or("GET").to_uppercase(),
            path,
            name: None,
            needs_session: node.has_flag("requireSession"),
            server_only: node.has_flag("isServerOnly"),
            fields: Vec::new(),
        })
    }

    fn begin(&mut self, endpoint: Endpoint) {
        self.page.endpoints.push(endpoint);
        self.endpoint = Some((self.page.endpoints.len() - 1, self.level));
    }

    fn api_method(&mut self, node: &Node) {
        let Some(mut endpoint) = self.endpoint_of(node) else { return };
        for note in ["note", "clientOnlyNote", "serverOnlyNote", "headersComment"] {
            if let Some(text) = node.text_of(note) {
                self.say(text, node.line);
            }
        }
        let known = [
            "path",
            "method",
            "requireSession",
            "isServerOnly",
            "note",
            "clientOnlyNote",
            "serverOnlyNote",
            "headersComment",
            "noResult",
            "resultVariable",
            "forceAsBody",
            "forceAsQuery",
        ];
        if let Kind::Element { attributes, .. } = &node.kind {
            for (name, _) in attributes.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
                self.unknown(node.line, format!("the attribute `{name}` of an APIMethod"));
            }
        }
        for child in &node.children {
            let Kind::Code { text, .. } = &child.kind else { continue };
            match script::read(text, child.line + 1) {
                Ok(script) => {
                    for declared in script.types {
                        if let Shape::Object(fields) = declared.value {
                            for field in &fields {
                                self.say(&field.doc, field.line);
                            }
                            endpoint.name = Some(declared.name);
                            endpoint.fields = fields;
                        }
                    }
                }
                Err((line, message)) => self.unknown(line, format!("the parameters of {}: {message}", endpoint.path)),
            }
        }
        self.begin(endpoint);
    }

    /// The older element: its parameters are lists below it, and its name is in the examples.
    fn endpoint(&mut self, node: &Node) {
        if let Some(endpoint) = self.endpoint_of(node) {
            self.begin(endpoint);
        }
    }

    fn table(&mut self, node: &Node) {
        let term = match node.attribute("fields") {
            Some(Attribute::Expression(text)) => match self.exported.get(text.trim()) {
                Some(term) => Some(term.clone()),
                None => script::read(&format!("const fields = {text}"), node.line)
                    .ok()
                    .and_then(|script| Some(script.values.first()?.value.clone())),
            },
            _ => None,
        };
        let names = term.as_ref().and_then(|term| match term {
            Term::List(items) => items
                .iter()
                .map(|item| item.member("name")?.value()?.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>(),
            _ => None,
        });
        match names {
            Some(fields) => self.page.tables.push(Table { line: node.line, fields }),
            None => self.unknown(node.line, "a table whose fields are not written out".to_owned()),
        }
    }

    /// Keeps the sentences of a text.
    fn say(&mut self, text: &str, line: usize) {
        for (offset, sentence) in sentences(text) {
            let anchor = self.anchor.clone();
            self.page.sentences.push(Sentence { line: line + offset, anchor, text: sentence });
        }
    }
}

/// `` `name` <span>`type`</span> `` and nothing else: the head of an option.
fn option_name(node: &Node) -> Option<String> {
    let mut rest =
        node.children.iter().filter(|child| !matches!(&child.kind, Kind::Text(text) if text.trim().is_empty()));
    let Kind::Word(name) = &rest.next()?.kind else { return None };
    let Kind::Element { name: element, .. } = &rest.next()?.kind else { return None };
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (element == "span" && rest.next().is_none() && is_name).then(|| name.clone())
}

fn parts(node: &Node) -> Vec<Part> {
    let mut found = Vec::new();
    for child in &node.children {
        match &child.kind {
            Kind::Text(text) => found.push(Part::Text(text.clone())),
            Kind::Word(code) => found.push(Part::Code(code.clone())),
            _ => found.extend(parts(child)),
        }
    }
    found
}

/// `` `name`?: what it is `` in a list of properties.
fn property(item: &Node, server_only: bool) -> Option<Field> {
    let paragraph = item.children.first()?;
    let mut parts = parts(paragraph).into_iter();
    let Part::Code(name) = parts.next()? else { return None };
    let Part::Text(after) = parts.next()? else { return None };
    let optional = after.trim_start().starts_with('?');
    if !after.trim_start().trim_start_matches('?').starts_with(':') {
        return None;
    }
    let doc = paragraph.plain();
    let tags = if server_only { vec!["serverOnly".to_owned()] } else { Vec::new() };
    let (shape, line) = (Shape::Any, paragraph.line);
    Some(Field { name, optional, shape, initial: None, doc, tags, line })
}

/// The anchor of a heading, as GitHub and the documentation's own site make it.
pub(super) fn slug(text: &str) -> String {
    text.trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        read(&Document { name: "a.mdx".to_owned(), address: None, text: text.to_owned() }).unwrap()
    }

    #[test]
    fn an_option_has_what_is_told_below_it() {
        let page = page(
            "## Options\n\n`rateLimit` <span>`{ x?: number }`</span>\n\nLimits.\n\n<Accordions>\n  <Accordion title=\"rateLimit options\">\n    `timeWindow` <span>`number`</span>\n\n    How long, in milliseconds.\n    Default is `5`.\n  </Accordion>\n</Accordions>\n\n`next` <span>`string`</span>\n\nMore.\n",
        );
        let paths: Vec<_> = page.options.iter().map(|option| (option.path.join("."), option.line)).collect();
        assert_eq!(paths, [("rateLimit".into(), 3), ("rateLimit.timeWindow".into(), 9), ("next".into(), 16)]);
        assert_eq!(page.options[1].told[0].text, "How long, in milliseconds.\nDefault is 5.");
        assert_eq!(page.options[2].told.len(), 1);
    }

    #[test]
    fn what_is_not_understood_is_listed_with_its_line() {
        let page = page("# A\n\n<Video src=\"x\" />\n\ntext\n\n{1 + 1}\n");
        let lines: Vec<_> = page.unknown.iter().map(|unknown| (unknown.line, unknown.what.as_str())).collect();
        assert_eq!(lines, [(3, "the element <Video>"), (7, "an expression between paragraphs")]);
    }

    #[test]
    fn the_older_list_of_properties_says_what_is_for_the_server() {
        let page = page(
            "### Create\n\n<Endpoint path=\"/api-key/create\" method=\"POST\" />\n\n#### Properties\n\n- `name`?: The name.\n- `id`: The id.\n\n<DividerText>Server Only Properties</DividerText>\n\n- `remaining`?: What remains.\n\n## Next\n",
        );
        let fields: Vec<_> =
            page.endpoints[0].fields.iter().map(|f| (f.name.as_str(), f.optional, f.has_tag("serverOnly"))).collect();
        assert_eq!(fields, [("name", true, false), ("id", false, false), ("remaining", true, true)]);
    }

    #[test]
    fn anchors_are_those_of_the_site() {
        assert_eq!(slug("Custom Key generation & verification"), "custom-key-generation--verification");
        assert_eq!(slug("\"secondary-storage\""), "secondary-storage");
    }
}
