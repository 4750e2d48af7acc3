//! Stories that try a claim, written as scenario files. What is written here is read by the parser of scenarios like any
//! other file, so that a recorded finding replays.

use serde_json::{Map, Value, json};

/// A scenario in the making. Values are JSON; an object whose only member is `!tag` stands for a tagged value, and
/// `$name` in a text for a captured value, as in the language.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    pub(super) config: Value,
    pub(super) setup: Value,
    pub(super) editions: Option<&'static str>,
    pub(super) steps: Vec<Value>,
}

impl Story {
    pub(super) fn new(steps: Vec<Value>) -> Self {
        Self { config: json!({}), setup: json!({}), editions: None, steps }
    }

    pub(super) fn with(self, config: Value) -> Self {
        Self { config, ..self }
    }

    pub(super) fn since(self, editions: &'static str) -> Self {
        Self { editions: Some(editions), ..self }
    }

    /// The file. Each expectation is given the id of the claim as its check and its requirement.
    pub(super) fn write(&self, id: &str, title: &str) -> String {
        let mut out = format!("scenario: {}\n", Value::from(title.replace('\n', " ")));
        if let Some(editions) = self.editions {
            out.push_str(&format!("editions: {}\n", Value::from(editions)));
        }
        if self.config != json!({}) {
            out.push_str(&format!("config: {}\n", self.config));
        }
        if self.setup != json!({}) {
            out.push_str(&format!("setup: {}\n", self.setup));
        }
        let mut steps = String::new();
        for step in &self.steps {
            let mut step = step.clone();
            name_checks(&mut step, id);
            steps.push_str("  - ");
            flow(&step, &mut steps);
            steps.push('\n');
        }
        // Those who are named and may send nothing themselves.
        let named: Vec<&str> = ACTORS.iter().copied().filter(|actor| steps.contains(&format!("\"${actor}."))).collect();
        if !named.is_empty() {
            out.push_str(&format!("actors: [{}]\n", named.join(", ")));
        }
        out.push_str("steps:\n");
        out.push_str(&steps);
        out
    }
}

/// Everybody in these stories.
const ACTORS: &[&str] = &["alice", "bob"];

/// A check without its id: [`Story::write`] gives it.
pub(super) fn expect(mut expectation: Value) -> Value {
    if let Value::Object(members) = &mut expectation {
        members.insert(CHECK.to_owned(), Value::Null);
    }
    json!([expectation])
}

const CHECK: &str = "@check";

fn name_checks(value: &mut Value, id: &str) {
    match value {
        Value::Object(members) => {
            if members.shift_remove(CHECK).is_some() {
                let mut named = Map::new();
                named.insert("check".to_owned(), id.into());
                named.insert("requirement".to_owned(), id.into());
                named.extend(std::mem::take(members));
                *members = named;
            }
            members.values_mut().for_each(|value| name_checks(value, id));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| name_checks(item, id)),
        _ => {}
    }
}

/// A tagged value: `tag("type", "string")`.
pub(super) fn tag(name: &str, value: impl Into<Value>) -> Value {
    let mut members = Map::new();
    members.insert(format!("!{name}"), value.into());
    Value::Object(members)
}

pub(super) fn absent() -> Value {
    tag("absent", Value::Null)
}

pub(super) fn present() -> Value {
    tag("present", Value::Null)
}

/// A value of the page as it is: no reference, no tag. `None`: the language cannot write it.
pub(super) fn literal(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(text.replace('$', "$$").into()),
        Value::Array(items) => items.iter().map(literal).collect::<Option<Vec<_>>>().map(Value::Array),
        Value::Object(members) => {
            let plain = |(name, value): (&String, &Value)| {
                let special = name.starts_with(['!', '@']);
                (!special).then(|| Some((name.clone(), literal(value)?))).flatten()
            };
            members.iter().map(plain).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        other => Some(other.clone()),
    }
}

/// JSON is YAML, but for the tags.
fn flow(value: &Value, out: &mut String) {
    if let Some((name, inner)) = tagged(value) {
        out.push_str(name);
        // Two tags on one value are written with a dot.
        let mut inner = inner;
        while let Some((next, deeper)) = tagged(inner) {
            out.push('.');
            out.push_str(next.trim_start_matches('!'));
            inner = deeper;
        }
        out.push(' ');
        if !inner.is_null() {
            flow(inner, out);
        }
        return;
    }
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                flow(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(&format!("{}: ", Value::from(name.as_str())));
                flow(value, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn tagged(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, inner) = members.iter().next()?;
    name.starts_with('!').then_some((name.as_str(), inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::parse;

    #[test]
    fn a_story_is_a_scenario_that_the_parser_reads() {
        let story = Story::new(vec![
            json!({ "as": "alice", "client": "createApiKey", "capture": { "id": "body.id" } }),
            json!({
                "as": "alice",
                "client": "POST /api-key/update",
                "body": { "keyId": "$id", "name": literal(&json!("$5 \"x\"")), "permissions": { "a": [] } },
                "expect": expect(json!({ "status": "4xx" })),
                "twin": { "body": { "permissions": absent() } },
            }),
            json!({ "as": "alice", "client": "listApiKeys", "expect": expect(json!({ "keys": tag("each", tag("not", tag("type", "null"))) })) }),
        ]);
        let text = story.write("field.update.permissions.server-only", "it is \"refused\"\nby all");
        insta::assert_snapshot!(text);
        // The id of a check is taken twice here, and that alone is refused.
        let mistakes = parse::parse("docs/x", &text).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].message.contains("is taken by"), "{mistakes:?}");
    }

    #[test]
    fn a_value_that_would_be_read_as_a_tag_is_not_written() {
        assert_eq!(literal(&json!({ "!absent": null })), None);
        assert_eq!(literal(&json!(["$x"])), Some(json!(["$$x"])));
    }
}
