//! A file to a [`Scenario`]: what each key means is here and below, each noun in its file.
//!
//! Strict and total: whatever the text, the result is a scenario or the list of its mistakes, each at its place.

mod action;
mod check;
mod matcher;
mod reader;
mod scope;
mod step;
mod template;
mod time;
mod twin;

use std::sync::Arc;

use serde_json::Value;

use super::diagnostic::{Diagnostic, Hint};
use super::needs::CAPABILITIES;
use super::story::{Applies, Isolation, Scenario};
use super::yaml::{self, Kind, Node};
use reader::{Fields, Reader};

/// Reads the scenario file `scenarios/{id}.yaml`.
pub fn parse(id: &str, source: &str) -> Result<Scenario, Vec<Diagnostic>> {
    let file = format!("scenarios/{id}.yaml");
    let text = Arc::from(source);
    let root = yaml::read(&file, &text)?;
    let mut reader = Reader::new(file, text);
    let scenario = reader.scenario(id, source, &root);
    let found = reader.into_found();
    match scenario {
        Some(scenario) if found.is_empty() => Ok(scenario),
        _ => Err(found),
    }
}

const KEYS: &[&str] = &["scenario", "note", "editions", "needs", "config", "setup", "isolation", "actors", "steps"];

const ISOLATIONS: &[(&str, Isolation)] =
    &[("shared", Isolation::Shared), ("deployment", Isolation::Deployment), ("process", Isolation::Process)];

impl Reader {
    fn scenario(&mut self, id: &str, source: &str, root: &Node) -> Option<Scenario> {
        let fields = self.fields(root, "a scenario", KEYS)?;
        self.note(&fields);
        let title = self.required(&fields, "scenario").and_then(|node| self.sentence(node));
        let applies = self.applies(&fields);
        let config = fields.node("config").map_or(Some(empty_object()), |node| self.config(node));
        let setup = fields.node("setup").map_or(Some(empty_object()), |node| self.plain_map(node));
        let isolation = fields
            .node("isolation")
            .map_or(Some(Isolation::default()), |node| self.choice(node, "isolation", ISOLATIONS));
        let actors = fields.node("actors").map_or(Some(Vec::new()), |node| self.actors(node));
        let steps = self.required(&fields, "steps").and_then(|node| self.steps(node));
        let (applies, mut steps) = (applies?, steps?);
        let actors = self.check_scope(actors?, &mut steps);
        Some(Scenario {
            id: id.to_owned(),
            title: title?,
            editions: applies.editions,
            needs: applies.needs,
            config: config?,
            setup: setup?,
            isolation: isolation?,
            actors,
            steps,
            source: source.to_owned(),
        })
    }

    /// An object, or a list of objects.
    fn config(&mut self, node: &Node) -> Option<Value> {
        match &node.kind {
            Kind::List(configs) => {
                let configs: Vec<_> = configs.iter().map(|config| self.plain_map(config)).collect();
                configs.into_iter().collect()
            }
            _ => self.plain_map(node),
        }
    }

    fn plain_map(&mut self, node: &Node) -> Option<Value> {
        match node.kind {
            Kind::Map(_) => self.plain(node),
            _ => self.refuse(&node.place, format!("options are a map, not {}", node.noun()), None),
        }
    }

    /// A value as it is: no tags and no references.
    fn plain(&mut self, node: &Node) -> Option<Value> {
        if let Some(tag) = &node.tag {
            return self.refuse(&tag.place, "no tags in here: options are plain values", None);
        }
        Some(match &node.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(|item| self.plain(item)).collect::<Option<_>>()?),
            Kind::Map(entries) => {
                let members = entries.iter().map(|entry| Some((entry.key.clone(), self.plain(&entry.value)?)));
                Value::Object(members.collect::<Option<_>>()?)
            }
        })
    }

    fn actors(&mut self, node: &Node) -> Option<Vec<String>> {
        let items = self.list(node, "a list of names")?;
        items.iter().map(|item| self.actor_name(item)).collect()
    }

    /// `editions` and `needs`, of a file, a step or a check.
    fn applies(&mut self, fields: &Fields<'_>) -> Option<Applies> {
        let editions = fields.node("editions").map_or(Some(None), |node| self.editions(node).map(Some));
        let needs = fields.node("needs").map_or(Some(Vec::new()), |node| self.needs(node));
        Some(Applies { editions: editions?, needs: needs? })
    }

    fn needs(&mut self, node: &Node) -> Option<Vec<String>> {
        let words = match &node.kind {
            Kind::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        let needs: Vec<_> = words.into_iter().map(|word| self.word(word, "capability", CAPABILITIES)).collect();
        needs.into_iter().map(|need| need.map(str::to_owned)).collect()
    }

    fn editions(&mut self, node: &Node) -> Option<semver::VersionReq> {
        let text = match &node.kind {
            Kind::Text(text) => text,
            Kind::Number(number) => {
                let hint = Hint::Replace(format!("\">={number}\""));
                return self.refuse(&node.place, "an edition interval is a text such as \">=1.3\"", Some(hint));
            }
            _ => return self.refuse(&node.place, "an edition interval is a text such as \">=1.3\"", None),
        };
        // A bare `1.5` would mean "1.5 up to 2.0" to semver and "the line 1.5" to people.
        if text.split(',').any(|part| !part.trim_start().starts_with(['<', '>', '=', '~'])) {
            let hint = Hint::Note("`>=1.5` is 1.5.0 and everything after it, `~1.5` is the line 1.5".to_owned());
            return self.refuse(
                &node.place,
                "each part of an edition interval starts with `>=`, `>`, `<`, `<=`, `=` or `~`",
                Some(hint),
            );
        }
        match semver::VersionReq::parse(text) {
            Ok(interval) => Some(interval),
            Err(error) => self.refuse(&node.place, format!("not an edition interval: {error}"), None),
        }
    }
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}

#[cfg(test)]
mod tests;
