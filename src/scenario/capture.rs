//! Captures: which value of a reply gets a name.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::story::{CapturePath, Place};

/// Why a text is not a path into a reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("a path starts with {0}")]
    Root(String),
    #[error("this is not a path: {0}")]
    Syntax(String),
    #[error("a path is at most {LONGEST} characters long")]
    Length,
}

/// The reply does not have the value that was to be captured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reply has {found} values at `{path}`, not one")]
pub struct NotCaptured {
    pub path: String,
    pub found: usize,
}

impl CapturePath {
    /// Reads `body.key`, `body.apiKeys[0].id`, `headers.set-cookie`, or anything else that is RFC 9535 with `$.` in front.
    /// `roots` are the members that the document has.
    pub fn parse(text: &str, place: Place, roots: &[&str]) -> Result<Self, PathError> {
        if text.len() > LONGEST {
            return Err(PathError::Length);
        }
        let end = text.find(['.', '[']).unwrap_or(text.len());
        if !roots.contains(&&text[..end]) {
            return Err(PathError::Root(crate::spec::words::one_of(roots)));
        }
        let query = plain(text).unwrap_or_else(|| format!("$.{text}"));
        let path = JsonPath::parse(&query).map_err(|error| PathError::Syntax(error.message().to_owned()))?;
        Ok(Self { place, text: text.to_owned(), path })
    }

    /// The one value at this path of a [reply's document](super::matching::Reply::document).
    pub fn read(&self, document: &Value) -> Result<Value, NotCaptured> {
        let found = self.path.query(document).all();
        match found[..] {
            [value] => Ok(value.clone()),
            _ => Err(NotCaptured { path: self.text.clone(), found: found.len() }),
        }
    }
}

/// RFC 9535 writes names such as `set-cookie` in brackets; people do not.
fn plain(text: &str) -> Option<String> {
    let mut query = "$".to_owned();
    for dotted in text.split('.') {
        let (name, elements) = match dotted.split_once('[') {
            Some((name, elements)) => (name, Some(elements)),
            None => (dotted, None),
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            return None;
        }
        query.push_str(&format!("['{name}']"));
        for element in elements.into_iter().flat_map(|elements| elements.split('[')) {
            let index: u32 = element.strip_suffix(']')?.parse().ok()?;
            query.push_str(&format!("[{index}]"));
        }
    }
    Some(query)
}

/// Longer paths nest too deeply.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ROOTS: &[&str] = &["status", "headers", "body", "keys"];

    fn read(path: &str) -> Result<Value, NotCaptured> {
        let document = json!({
            "status": 200,
            "headers": { "set-cookie": "a=1" },
            "body": { "key": "k", "apiKeys": [{ "id": "1", "name": "x" }, { "id": "2", "name": "y" }] },
        });
        CapturePath::parse(path, Place::default(), ROOTS).unwrap().read(&document)
    }

    #[test]
    fn a_path_finds_its_value() {
        assert_eq!(read("status"), Ok(json!(200)));
        assert_eq!(read("headers.set-cookie"), Ok(json!("a=1")));
        assert_eq!(read("body.apiKeys[1].id"), Ok(json!("2")));
        assert_eq!(read("body.apiKeys[?@.name=='y'].id"), Ok(json!("2")));
        assert_eq!(read("body['key']"), Ok(json!("k")));
    }

    #[test]
    fn none_and_several_are_no_value() {
        assert_eq!(read("body.none").unwrap_err().found, 0);
        assert_eq!(read("body.apiKeys[*].id").unwrap_err().found, 2);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let parse = |text: &str| CapturePath::parse(text, Place::default(), ROOTS).map(|path| path.text);
        assert!(matches!(parse("boddy.key"), Err(PathError::Root(_))));
        assert!(matches!(parse("body..["), Err(PathError::Syntax(_))));
        assert_eq!(parse(&"body.".repeat(100)), Err(PathError::Length));
    }

    proptest! {
        #[test]
        fn any_text_is_a_path_or_an_error(text in "(body|keys|status)?[\\PC.\\[\\]'?@*]{0,40}") {
            if let Ok(path) = CapturePath::parse(&text, Place::default(), ROOTS) {
                let _ = path.read(&json!({ "body": [1, { "a": null }] }));
            }
        }
    }
}
