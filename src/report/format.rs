//! The formats by name, and what `--report FORMAT=PATH` says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::outcome::event::Event;
use crate::outcome::run::Run;
use crate::spec::words::nearest;

/// How a run can be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Ndjson,
    Junit,
    Sarif,
    Github,
    Markdown,
}

/// One report that the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub format: Format,
    /// `-` is standard output.
    pub path: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("`{0}` is not FORMAT=PATH, such as junit=report.xml")]
    NoPath(String),
    #[error("unknown format `{name}`{hint}; there are {}", Format::ALL.map(|format| format.to_string()).join(", "))]
    Unknown { name: String, hint: String },
}

impl Format {
    pub const ALL: [Self; 6] = [Self::Json, Self::Ndjson, Self::Junit, Self::Sarif, Self::Github, Self::Markdown];

    /// The whole report.
    pub fn render(self, run: &Run, events: &[Event]) -> String {
        match self {
            Self::Json => super::json::render(run),
            Self::Ndjson => super::ndjson::render(events),
            Self::Junit => super::junit::render(run),
            Self::Sarif => super::sarif::render(run),
            Self::Github => super::github::render(run),
            Self::Markdown => super::markdown::render(run),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
        })
    }
}

impl FromStr for Wanted {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let (name, path) = text.split_once('=').ok_or_else(|| FormatError::NoPath(text.to_owned()))?;
        if path.is_empty() {
            return Err(FormatError::NoPath(text.to_owned()));
        }
        let names = Format::ALL.map(|format| format.to_string());
        let unknown = || {
            let near = nearest(name, names.iter().map(String::as_str));
            let hint = near.first().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
            FormatError::Unknown { name: name.to_owned(), hint }
        };
        let format = Format::ALL.into_iter().find(|format| format.to_string() == name).ok_or_else(unknown)?;
        Ok(Self { format, path: path.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_names_a_format_and_a_path() {
        assert_eq!("junit=a=b.xml".parse(), Ok(Wanted { format: Format::Junit, path: "a=b.xml".into() }));
        assert_eq!("junit".parse::<Wanted>(), Err(FormatError::NoPath("junit".into())));
        let error = "junti=x".parse::<Wanted>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown format `junti` (did you mean `junit`?); there are json, ndjson, junit, sarif, github, markdown"
        );
    }
}
