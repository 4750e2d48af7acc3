//! The published JSON Schemas are those of the types. `UPDATE=1 cargo test --test schemas` writes them again.

use std::path::Path;

use keyspec::campaign::finding::Finding;
use keyspec::campaign::summary::Summary;
use keyspec::deployment::protocol::{Reply, Request};
use keyspec::outcome::event::Event;
use keyspec::outcome::history::History;
use keyspec::outcome::matrix::Matrix;
use keyspec::outcome::recording::Recording;
use keyspec::outcome::run::Run;
use schemars::{Schema, schema_for};

fn published() -> Vec<(&'static str, Schema)> {
    vec![
        ("adapter-request", schema_for!(Request)),
        ("adapter-reply", schema_for!(Reply)),
        ("event", schema_for!(Event)),
        ("run", schema_for!(Run)),
        ("finding", schema_for!(Recording)),
        ("matrix", schema_for!(Matrix)),
        ("history", schema_for!(History)),
        ("campaign-finding", schema_for!(Finding)),
        ("campaign", schema_for!(Summary)),
    ]
}

#[test]
fn published_schemas_are_those_of_the_types() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    for (name, schema) in published() {
        let path = dir.join(format!("{name}.json"));
        let wanted = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(&path, &wanted).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(there, wanted, "{} is not up to date: UPDATE=1 cargo test --test schemas", path.display());
    }
}

#[test]
fn the_schemas_accept_what_they_describe_and_nothing_else() {
    let accepts = |name: &str, text: &str| {
        let (_, schema) = published().into_iter().find(|(other, _)| *other == name).unwrap();
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        validator.is_valid(&serde_json::from_str(text).unwrap())
    };
    assert!(accepts("adapter-request", r#"{"id":1,"op":"hello","protocol":1}"#));
    assert!(accepts("adapter-request", r#"{"id":1,"op":"clock","deployment":"d1","advanceMs":5}"#));
    assert!(!accepts("adapter-request", r#"{"id":1,"op":"clock","deployment":"d1","advanceMs":-5}"#));
    assert!(!accepts("adapter-request", r#"{"id":1,"op":"helo"}"#));
    assert!(accepts("adapter-reply", r#"{"id":1,"ok":null}"#));
    assert!(accepts("adapter-reply", r#"{"id":1,"error":{"status":400,"code":"X"}}"#));
    assert!(!accepts("adapter-reply", r#"{"id":1}"#));
    assert!(!accepts("adapter-reply", r#"{"ok":null}"#));
}
