//! What every mistake in a text must be: at a place that is in it, and shown without harm.

use std::ops::Range;

/// What ends a line in YAML and in pages, `\r\n` being one end.
pub(super) const ANY: &[char] = &['\n', '\r'];

/// What ends a line in TOML.
pub(super) const FEED: &[char] = &['\n'];

/// The place is within the text, on boundaries of characters, and on this line.
pub(super) fn holds(text: &str, ends: &[char], line: usize, span: &Range<usize>) {
    let Some(before) = text.get(..span.start) else { panic!("a place outside: {span:?}") };
    assert!(text.get(span.clone()).is_some(), "a place that ends outside: {span:?}");
    assert_eq!(line, line_after(before, ends), "the line of {span:?}");
}

/// The line is one of the text.
pub(super) fn line_holds(text: &str, line: usize) {
    assert!((1..=line_after(text, ANY)).contains(&line), "a line outside: {line}");
}

/// What people are shown has no signs that paint a terminal or move its cursor.
pub(super) fn shown(text: &str) {
    let harm = text.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
    assert_eq!(harm, None, "it is shown as it stands in {text:?}");
}

/// The number of the line that comes after this text.
fn line_after(text: &str, ends: &[char]) -> usize {
    1 + text.replace("\r\n", "\n").matches(ends).count()
}
