//! OpenAPI 3 to endpoints and results: JSON or YAML, read with places so that a claim has its line.
//!
//! Only what is below `/api-key/` is about this spec; what else a deployment serves is counted and left alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::page::{Endpoint, slug};
use super::shape::{Field, Shape};
use super::{Document, Unknown, Unreadable, limit};
use crate::scenario::yaml::{self, Kind, Node};

/// What an OpenAPI document says of API keys.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenApi {
    pub(super) endpoints: Vec<Described>,
    pub(super) unknown: Vec<Unknown>,
}

/// An endpoint with its result.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) endpoint: Endpoint,
    pub(super) result: Option<(Shape, usize)>,
}

/// Schemas in one another; deeper ones say nothing.
const DEPTH: usize = 16;

/// Schemas of a document, each counted as often as something refers to it; those beyond say nothing. References to
/// references would otherwise take a power of what stands there.
const MOST: usize = 2_000;

/// Where the paths of this spec are.
const OURS: &str = "/api-key/";

/// Reads a document.
pub(super) fn read(document: &Document) -> Result<OpenApi, Unreadable> {
    let fail = |line: usize, message: String| Unreadable { file: document.name.clone(), line, message };
    limit::check_size(&document.text).map_err(|(line, message)| fail(line, message))?;
    let root =
        yaml::read_within(&document.name, &Arc::from(document.text.as_str()), limit::MAX_BYTES).map_err(|found| {
            let first = found.first();
            fail(first.map_or(1, |one| one.place.line), first.map(|one| one.message.clone()).unwrap_or_default())
        })?;
    if !member(&root, "openapi").and_then(text).is_some_and(|version| version.starts_with('3')) {
        return Err(fail(1, "this is no OpenAPI 3 document: it has no `openapi: 3…`".to_owned()));
    }
    let mut reader = Reader { root: &root, found: OpenApi::default(), read: 0 };
    reader.paths();
    Ok(reader.found)
}

/// Does a document look like one? JSON, or a file that says so.
pub(super) fn is_one(document: &Document) -> bool {
    [".json", ".yaml", ".yml"].iter().any(|ending| document.name.ends_with(ending))
}

struct Reader<'n> {
    root: &'n Node,
    found: OpenApi,
    /// How many schemas were read.
    read: usize,
}

impl Reader<'_> {
    fn paths(&mut self) {
        let mut others = 0;
        let Some(Kind::Map(paths)) = member(self.root, "paths").map(|node| &node.kind) else {
            self.unknown(1, "no `paths`");
            return;
        };
        for path in paths {
            if !path.key.starts_with(OURS) {
                others += 1;
                continue;
            }
            let Kind::Map(operations) = &path.value.kind else { continue };
            for operation in operations {
                if ["get", "post", "put", "patch", "delete"].contains(&operation.key.as_str()) {
                    let described = self.operation(&path.key, &operation.key, operation.place.line, &operation.value);
                    self.found.endpoints.push(described);
                } else if operation.key != "parameters" && operation.key != "summary" && operation.key != "description"
                {
                    self.unknown(operation.place.line, &format!("`{}` of a path", operation.key));
                }
            }
        }
        if others > 0 {
            self.unknown(1, &format!("{others} paths that are not about API keys"));
        }
    }

    fn unknown(&mut self, line: usize, what: &str) {
        self.found.unknown.push(Unknown { line, what: what.to_owned() });
    }

    fn operation(&mut self, path: &str, method: &str, line: usize, node: &Node) -> Described {
        let security = member(node, "security").or_else(|| member(self.root, "security"));
        let needs_session = matches!(security.map(|node| &node.kind), Some(Kind::List(ways)) if !ways.is_empty());
        let mut fields = self.parameters(node);
        let body = at(node, &["requestBody", "content", "application/json", "schema"]);
        if let Some(schema) = body
            && let (Shape::Object(own), _) = self.schema(schema, 0)
        {
            fields.extend(own);
        }
        let result = at(node, &["responses", "200", "content", "application/json", "schema"])
            .map(|schema| (self.schema(schema, 0).0, schema.place.line));
        let (method, anchor) = (method.to_uppercase(), slug(&format!("{method} {path}")));
        let (path, name) = (path.to_owned(), None);
        let endpoint = Endpoint { line, anchor, method, path, name, needs_session, server_only: false, fields };
        Described { endpoint, result }
    }

    fn parameters(&mut self, node: &Node) -> Vec<Field> {
        let Some(Kind::List(parameters)) = member(node, "parameters").map(|node| &node.kind) else { return Vec::new() };
        let mut fields = Vec::new();
        for parameter in parameters {
            let (Some(name), Some(place)) =
                (member(parameter, "name").and_then(text), member(parameter, "in").and_then(text))
            else {
                self.unknown(parameter.place.line, "a parameter without a name or a place");
                continue;
            };
            if place != "query" {
                self.unknown(parameter.place.line, &format!("a parameter in `{place}`"));
                continue;
            }
            let (shape, doc) =
                member(parameter, "schema").map_or((Shape::Any, String::new()), |node| self.schema(node, 0));
            let own = member(parameter, "description").and_then(text).map(str::to_owned);
            let optional = member(parameter, "required").is_none_or(|node| node.kind != Kind::Bool(true));
            let (name, doc) = (name.to_owned(), own.unwrap_or(doc));
            fields.push(Field {
                name,
                optional,
                shape,
                initial: None,
                doc,
                tags: Vec::new(),
                line: parameter.place.line,
            });
        }
        fields
    }

    /// A schema as a type, and its description.
    fn schema(&mut self, node: &Node, depth: usize) -> (Shape, String) {
        let doc = member(node, "description").and_then(text).unwrap_or_default().to_owned();
        self.read += 1;
        if self.read == MOST {
            self.unknown(node.place.line, "more schemas than a document of this spec has");
        }
        if depth > DEPTH || self.read >= MOST {
            return (Shape::Other, doc);
        }
        if let Some(reference) = member(node, "$ref").and_then(text) {
            let root = self.root;
            let path: Option<Vec<&str>> = reference.strip_prefix("#/").map(|path| path.split('/').collect());
            return match path.and_then(|path| at(root, &path)) {
                Some(target) => self.schema(target, depth + 1),
                None => {
                    self.unknown(node.place.line, "a reference to another document");
                    (Shape::Other, doc)
                }
            };
        }
        for of in ["anyOf", "oneOf"] {
            if let Some(Kind::List(schemas)) = member(node, of).map(|node| &node.kind) {
                let shapes = schemas.iter().map(|schema| self.schema(schema, depth + 1).0).collect();
                return (Shape::Union(shapes), doc);
            }
        }
        if let Some(Kind::List(values)) = member(node, "enum").map(|node| &node.kind) {
            return (Shape::Union(values.iter().filter_map(scalar).map(Shape::Literal).collect()), doc);
        }
        let shape = match member(node, "type").map(|node| &node.kind) {
            Some(Kind::Text(name)) => self.typed(name, node, depth),
            Some(Kind::List(names)) => {
                Shape::Union(names.iter().filter_map(text).map(|name| self.typed(name, node, depth)).collect())
            }
            _ => Shape::Any,
        };
        let nullable = member(node, "nullable").is_some_and(|node| node.kind == Kind::Bool(true));
        (if nullable { Shape::Union(vec![shape, Shape::Null]) } else { shape }, doc)
    }

    fn typed(&mut self, name: &str, node: &Node, depth: usize) -> Shape {
        match name {
            "string" => Shape::String,
            "number" | "integer" => Shape::Number,
            "boolean" => Shape::Boolean,
            "null" => Shape::Null,
            "array" => {
                let item = member(node, "items").map_or(Shape::Any, |items| self.schema(items, depth + 1).0);
                Shape::Array(Box::new(item))
            }
            "object" => self.object(node, depth),
            _ => Shape::Other,
        }
    }

    fn object(&mut self, node: &Node, depth: usize) -> Shape {
        let Some(Kind::Map(properties)) = member(node, "properties").map(|node| &node.kind) else {
            let inner =
                member(node, "additionalProperties").map_or(Shape::Any, |inner| self.schema(inner, depth + 1).0);
            return Shape::Record(Box::new(inner));
        };
        let required: BTreeSet<&str> = match member(node, "required").map(|node| &node.kind) {
            Some(Kind::List(names)) => names.iter().filter_map(text).collect(),
            _ => BTreeSet::new(),
        };
        let field = |reader: &mut Self, name: &str, line: usize, schema: &Node| {
            let (shape, doc) = reader.schema(schema, depth + 1);
            let optional = !required.contains(name);
            Field { name: name.to_owned(), optional, shape, initial: None, doc, tags: Vec::new(), line }
        };
        Shape::Object(properties.iter().map(|own| field(self, &own.key, own.place.line, &own.value)).collect())
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map(entries) => entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value),
        _ => None,
    }
}

fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, name| member(node, name))
}

fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

fn scalar(node: &Node) -> Option<Value> {
    match &node.kind {
        Kind::Null => Some(Value::Null),
        Kind::Bool(value) => Some((*value).into()),
        Kind::Number(number) => Some(Value::Number(number.clone())),
        Kind::Text(text) => Some(text.as_str().into()),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r##"openapi: 3.1.0
paths:
  /other: {}
  /api-key/get:
    get:
      security: [{ bearerAuth: [] }]
      parameters:
        - { name: id, in: query, schema: { type: string, description: The id } }
      responses:
        "200":
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Key" }
components:
  schemas:
    Key:
      type: object
      required: [id]
      properties:
        id: { type: string }
        name: { type: [string, "null"] }
"##;

    #[test]
    fn endpoints_have_their_fields_results_and_lines() {
        let read = read(&Document { name: "a.yaml".into(), address: None, text: DOCUMENT.into() }).unwrap();
        let described = &read.endpoints[0];
        assert_eq!((described.endpoint.method.as_str(), described.endpoint.line), ("GET", 5));
        assert!(described.endpoint.needs_session && described.endpoint.fields[0].optional);
        let Some((Shape::Object(fields), _)) = &described.result else { panic!("{described:?}") };
        assert!(!fields[0].optional && fields[1].is_nullable());
        assert_eq!(read.unknown[0].what, "1 paths that are not about API keys");
    }

    #[test]
    fn references_that_multiply_come_to_an_end() {
        let members: String =
            (0..50).map(|at| format!("        m{at}: {{ $ref: \"#/components/schemas/Key\" }}\n")).collect();
        let text = DOCUMENT.replace("        id: { type: string }\n", &members);
        let read = read(&Document { name: "a.yaml".into(), address: None, text }).unwrap();
        assert!(read.unknown.iter().any(|one| one.what.starts_with("more schemas")), "{:?}", read.unknown);
    }

    #[test]
    fn a_document_that_is_none_is_refused_with_its_line() {
        let refused = |text: &str| {
            let document = Document { name: "a.json".into(), address: None, text: text.into() };
            super::read(&document).unwrap_err().to_string()
        };
        assert!(
            refused("{\n \"a\": [1,\n}").starts_with("a.json:3: this is not YAML"),
            "{}",
            refused("{\n \"a\": [1,\n}")
        );
        assert!(refused("{}").contains("no OpenAPI 3"));
    }
}
