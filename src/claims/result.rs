//! Claims about results: a type below an endpoint, against what the endpoint answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::claim::{Claim, Probe, Spot};
use super::endpoint::Described;
use super::key_object;
use super::probe::{Story, absent, expect, literal, present, tag};
use super::shape::Shape;

/// A result with what is needed to understand it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promised<'p> {
    pub(super) described: Described<'p>,
    pub(super) shape: &'p Shape,
    pub(super) line: usize,
    pub(super) anchor: &'p str,
    /// The members of a key object; empty where no page says.
    pub(super) key: &'p BTreeSet<String>,
}

/// Types in one another; deeper ones match anything.
const DEPTH: usize = 16;

/// Each member, or the whole where it has none of its own; what must not be in it; and the same of a refusal where one is a
/// result as well.
pub(super) fn claims(promised: Promised<'_>) -> Vec<Claim> {
    let name = promised.described.name();
    let mut found = Vec::new();
    let mut add = |line: usize, what: &str, statement: String, story: Result<Story, String>| {
        let prefix = promised.described.prefix;
        let id = ["result", name, what];
        let id: Vec<&str> = if prefix.is_empty() { id.to_vec() } else { [&[prefix], id.as_slice()].concat() };
        let spot = Spot { file: promised.described.file, line, anchor: promised.anchor };
        found.push(Claim::new(spot, &id, statement, Probe::of(story)));
    };
    match promised.shape {
        Shape::Object(fields) => {
            for field in fields {
                let one = Shape::Object(vec![field.clone()]);
                let story =
                    promised.matcher(&one, 0).and_then(|body| promised.story(&json!({ "ok": true, "body": body })));
                let there = if field.optional { "if it is there" } else { "always there" };
                let statement = format!(
                    "The result of `{name}` has the member `{}`, {there}: {}.",
                    field.name,
                    field.shape.words()
                );
                add(field.line, &field.name, statement, story);
            }
        }
        shape => {
            let story =
                promised.matcher(shape, 0).and_then(|body| promised.story(&json!({ "ok": true, "body": body })));
            add(promised.line, "shape", format!("The result of `{name}` is {}.", shape.words()), story);
        }
    }
    if promised.described.callable() == Some("verifyApiKey") {
        let story = promised.matcher(promised.shape, 0).map(|body| {
            let key = "no-such-key-was-ever-issued-by-anybody-at-all-0123456789abcdef0123456789";
            Story::new(vec![
                json!({ "server": name, "body": { "key": key }, "expect": expect(json!({ "body": body })) }),
            ])
        });
        add(
            promised.line,
            "refused",
            format!("A refusal by `{name}` has the members and types that are written."),
            story,
        );
    }
    if let Some(body) = omitted(promised.shape, 0) {
        let story = promised.story(&json!({ "ok": true, "body": body, "never": "$key" }));
        add(
            promised.line,
            "left-out",
            format!("The result of `{name}` leaves out what is written as left out, and the key itself."),
            story,
        );
    }
    found
}

impl Promised<'_> {
    fn story(&self, expectation: &Value) -> Result<Story, String> {
        let described = self.described;
        let base = described.base()?;
        let mut steps = base.before;
        for step in steps.iter_mut().filter(|step| step["client"] == "createApiKey") {
            step["body"] = full();
        }
        let sent = if described.endpoint.server_only {
            described.server(&base.parameters)
        } else {
            Some(described.client(&base.parameters))
        };
        let mut step = sent.ok_or("adapters cannot call it on the server")?;
        if described.is_repeatable() {
            // A request that is refused says nothing of the result.
            steps.push(step.clone());
        }
        step["expect"] = expect(expectation.clone());
        steps.push(step);
        // Where the key has all that a client can give it, more of the types can be seen.
        Ok(Story::new(steps)
            .with(json!({ "enableMetadata": true, "permissions": { "defaultPermissions": { "docs": ["read"] } } })))
    }

    fn matcher(&self, shape: &Shape, depth: usize) -> Result<Value, String> {
        if depth > DEPTH {
            return Ok(present());
        }
        Ok(match shape {
            Shape::String => tag("type", "string"),
            Shape::Number => tag("type", "number"),
            Shape::Boolean => tag("type", "boolean"),
            Shape::Null => tag("type", "null"),
            Shape::Any | Shape::Other => present(),
            Shape::Literal(value) => literal(value).ok_or("a literal that cannot be compared")?,
            Shape::Record(_) => tag("type", "object"),
            Shape::Array(item) => {
                tag("all", json!([tag("type", "array"), tag("each", self.matcher(item, depth + 1)?)]))
            }
            Shape::Union(shapes) => {
                let all: Result<Vec<_>, _> = shapes.iter().map(|shape| self.matcher(shape, depth + 1)).collect();
                tag("any", all?)
            }
            Shape::Object(fields) => {
                let mut members = Map::new();
                for field in fields {
                    let own = self.matcher(&field.shape, depth + 1)?;
                    let own = if field.optional { tag("any", json!([absent(), own])) } else { own };
                    if field.name.starts_with(['@', '!']) {
                        return Err(format!("a member named `{}`", field.name));
                    }
                    members.insert(field.name.clone(), own);
                }
                members.into()
            }
            Shape::Named(name, arguments) => match (name.as_str(), arguments.as_slice()) {
                ("Date", []) => tag("type", "string"),
                ("Omit", [Shape::Named(inner, _), left]) if inner == key_object::NAME => self.key(&names(left))?,
                (key_object::NAME, []) => self.key(&[])?,
                _ => return Err(format!("the type `{name}` is not written on the page")),
            },
        })
    }

    /// A key object without some members.
    fn key(&self, without: &[String]) -> Result<Value, String> {
        if self.key.is_empty() {
            return Err("no page says which members an `ApiKey` has".to_owned());
        }
        Ok(self
            .key
            .iter()
            .filter(|name| !without.contains(name))
            .map(|name| (name.clone(), present()))
            .collect::<Map<_, _>>()
            .into())
    }
}

/// A key with all that a client can give it.
fn full() -> Value {
    json!({ "name": "docs", "prefix": "docs_", "metadata": { "docs": "yes" }, "expiresIn": 604_800 })
}

/// `"a" | "b"` as names.
fn names(shape: &Shape) -> Vec<String> {
    match shape {
        Shape::Literal(Value::String(name)) => vec![name.clone()],
        Shape::Union(shapes) => shapes.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// What `Omit` takes away, as a matcher. `None`: nothing is.
fn omitted(shape: &Shape, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    match shape {
        Shape::Named(name, arguments) if name == "Omit" => {
            let names = names(arguments.get(1)?);
            (!names.is_empty()).then(|| names.into_iter().map(|name| (name, absent())).collect::<Map<_, _>>().into())
        }
        Shape::Array(item) => omitted(item, depth + 1).map(|inner| tag("each", inner)),
        Shape::Union(shapes) => shapes.iter().find_map(|shape| omitted(shape, depth + 1)),
        Shape::Object(fields) => {
            let members: Map<_, _> = fields
                .iter()
                .filter_map(|field| Some((field.name.clone(), omitted(&field.shape, depth + 1)?)))
                .collect();
            (!members.is_empty()).then(|| members.into())
        }
        _ => None,
    }
}
