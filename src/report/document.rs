//! What `--report FORMAT=PATH` says where a matrix or a history is written.

use std::path::PathBuf;
use std::str::FromStr;

/// How a matrix or a history can be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    Json,
    Markdown,
}

/// One document that the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDocument {
    pub document: Document,
    /// `-` is standard output.
    pub path: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not FORMAT=PATH with the format json or markdown, such as markdown=matrix.md")]
pub struct DocumentError(String);

impl FromStr for WantedDocument {
    type Err = DocumentError;

    fn from_str(text: &str) -> Result<Self, DocumentError> {
        let wanted = |document, path: &str| Self { document, path: path.into() };
        match text.split_once('=') {
            Some((_, "")) => Err(DocumentError(text.to_owned())),
            Some(("json", path)) => Ok(wanted(Document::Json, path)),
            Some(("markdown", path)) => Ok(wanted(Document::Markdown, path)),
            _ => Err(DocumentError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_names_a_format_and_a_path() {
        let wanted = WantedDocument { document: Document::Markdown, path: "a=b.md".into() };
        assert_eq!("markdown=a=b.md".parse(), Ok(wanted));
        for wrong in ["markdown", "markdown=", "junit=x"] {
            assert!(wrong.parse::<WantedDocument>().is_err(), "{wrong}");
        }
    }
}
