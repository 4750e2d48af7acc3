//! A mistake in a file, as its author sees it: the line, the place in it, and what was probably meant.
//!
//! Knows how mistakes look, not what makes one.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet, normalize_untrusted_str};

use crate::spec::requirement::CatalogueError;

use super::story::Place;

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file's name as people know it: `scenarios/create/defaults.yaml`.
    pub file: String,
    /// The whole text of the file.
    pub source: Arc<str>,
    pub place: Place,
    /// A lower-case fragment without a full stop.
    pub message: String,
    pub hint: Option<Hint>,
}

/// How the mistake can be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// This text in place of the marked one.
    Replace(String),
    Note(String),
}

/// With or without colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Coloured,
}

impl Diagnostic {
    /// The mistake with its line, a caret and the hint; ends without a line break.
    pub fn render(&self, style: Style) -> String {
        let path = normalize_untrusted_str(&self.file);
        let (line, span) = self.shown();
        let snippet = Snippet::source(line).line_start(self.place.line.max(1)).path(&*path);
        let marked = snippet.annotation(AnnotationKind::Primary.span(span.clone()));
        let mut report = vec![Level::ERROR.primary_title(normalize_untrusted_str(&self.message)).element(marked)];
        match &self.hint {
            Some(Hint::Replace(word)) => {
                let help = Level::HELP.secondary_title(format!("did you mean `{}`?", normalize_untrusted_str(word)));
                let patched = Snippet::source(line).line_start(self.place.line.max(1)).path(&*path);
                report.push(help.element(patched.patch(Patch::new(span, word))));
            }
            Some(Hint::Note(note)) => {
                report.push(Group::with_title(Level::HELP.secondary_title(normalize_untrusted_str(note))));
            }
            None => {}
        }
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        // The renderer replaces the control characters of ASCII only; U+009B is one that moves the cursor as well.
        renderer
            .decor_style(DecorStyle::Ascii)
            .render(&report)
            .replace(|c| ('\u{80}'..='\u{9f}').contains(&c), "\u{fffd}")
    }

    /// The first line of the place and the part of it to mark: on character boundaries, and not empty where the line
    /// has text left. The renderer gets no more of the file, for it looks at all that it gets.
    fn shown(&self) -> (&str, Range<usize>) {
        let source = &*self.source;
        let start = boundary_before(source, self.place.span.start);
        let first = source[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let last = source[start..].find(['\n', '\r']).map_or(source.len(), |length| start + length);
        let end = boundary_after(source, self.place.span.end.max(start));
        let end = if end > start { end } else { boundary_after(source, start + 1) };
        let end = start + source[start..end.min(last)].trim_end().len();
        (&source[first..last], start - first..end - first)
    }
}

/// One line: `file:line: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.place.line, self.message)?;
        match &self.hint {
            Some(Hint::Replace(word)) => write!(f, " (did you mean `{word}`?)"),
            Some(Hint::Note(note)) => write!(f, " ({note})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// What is wrong with the catalogue is shown like what is wrong with a scenario.
impl From<CatalogueError> for Diagnostic {
    fn from(error: CatalogueError) -> Self {
        Self {
            file: error.file,
            source: error.source_text.into(),
            place: Place { line: error.line, span: error.span },
            message: error.message,
            hint: error.replacement.map(Hint::Replace),
        }
    }
}

/// The last character boundary up to this offset.
pub(crate) fn boundary_before(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The first character boundary from this offset on.
pub(crate) fn boundary_after(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// All of them in one text, with an empty line between two.
pub fn render_all(diagnostics: &[Diagnostic], style: Style) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.render(style)).collect::<Vec<_>>().join("\n\n")
}
