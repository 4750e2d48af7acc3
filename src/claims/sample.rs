//! What is sent for a field: the example that the page gives, else a value of its type. Fields that name something
//! (a key, a user) get the name of something that the story has made.

use serde_json::{Value, json};

use super::probe::literal;
use super::shape::{Field, Shape};

/// The configurations of a story that names one, and the name that it sends.
pub(super) const SECOND: &str = "second";

/// What fills a field that names something, in a story that has made a key.
pub(super) fn named(field: &str) -> Option<&'static str> {
    match field {
        "keyId" | "id" => Some("$id"),
        "key" => Some("$key"),
        "userId" => Some("$alice.userId"),
        "configId" => Some(SECOND),
        _ => None,
    }
}

/// A value for the field, or the reason why there is none.
pub(super) fn value(field: &Field) -> Result<Value, String> {
    if field.name == "organizationId" {
        return Err("organizations are not supported yet".to_owned());
    }
    if let Some(named) = named(&field.name) {
        return Ok(named.into());
    }
    let given = match &field.initial {
        Some(term) => {
            term.value().ok_or_else(|| format!("the example value of `{}` is not written out", field.name))?
        }
        // Between the bounds of the default configuration, in the unit that clients send.
        None if field.name == "expiresIn" => json!(604_800),
        None if field.shape == Shape::Any && field.name != "metadata" => {
            return Err(format!("the page gives neither a type nor an example of `{}`", field.name));
        }
        None => {
            quoted(&field.doc).filter(|_| field.shape == Shape::String).map_or_else(|| of(&field.shape), Value::from)
        }
    };
    literal(&given).ok_or_else(|| format!("the example value of `{}` cannot be sent", field.name))
}

/// A value of a type.
fn of(shape: &Shape) -> Value {
    match shape {
        Shape::String => json!("docs"),
        Shape::Number => json!(1),
        Shape::Boolean => json!(true),
        Shape::Null => Value::Null,
        Shape::Any | Shape::Object(_) | Shape::Named(..) | Shape::Other => json!({ "docs": "yes" }),
        Shape::Literal(value) => value.clone(),
        Shape::Array(item) => json!([of(item)]),
        Shape::Record(item) => json!({ "docs": of(item) }),
        Shape::Union(shapes) => shapes.iter().find(|shape| **shape != Shape::Null).map_or(Value::Null, of),
    }
}

/// The first text in double quotes: `(e.g., "createdAt", "name")`.
fn quoted(doc: &str) -> Option<String> {
    let (_, after) = doc.split_once("e.g")?;
    let word = after.split('"').nth(1)?;
    (!word.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::shape::Term;

    fn field(name: &str, shape: Shape, initial: Option<Value>, doc: &str) -> Field {
        let initial = initial.map(Term::Value);
        Field { name: name.to_owned(), optional: true, shape, initial, doc: doc.to_owned(), tags: Vec::new(), line: 1 }
    }

    #[test]
    fn the_example_of_the_page_comes_before_a_value_of_the_type() {
        assert_eq!(value(&field("remaining", Shape::Number, Some(json!(100)), "")), Ok(json!(100)));
        assert_eq!(
            value(&field("x", Shape::Record(Box::new(Shape::Array(Box::new(Shape::String)))), None, "")),
            Ok(json!({ "docs": ["docs"] }))
        );
        assert_eq!(
            value(&field("sortBy", Shape::String, None, "by (e.g., \"createdAt\", \"name\").")),
            Ok(json!("createdAt"))
        );
        assert_eq!(value(&field("keyId", Shape::String, Some(json!("some-id")), "")), Ok(json!("$id")));
        assert!(value(&field("organizationId", Shape::String, None, "")).is_err());
    }
}
