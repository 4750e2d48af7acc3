//! Markdown: texts from anywhere, as text and nothing else, and tables.

use std::fmt::Write as _;

use super::terminal::one_line;

/// A text in which nothing is markup, on one line.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Nobody is called by a target's text.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// What differed, short enough for a list.
pub(super) fn brief(why: &str) -> String {
    let mut shown: String = one_line(why).chars().take(BRIEF).collect();
    if why.chars().nth(BRIEF).is_some() {
        shown.push('…');
    }
    text(&shown)
}

/// Characters of what differed.
const BRIEF: usize = 160;

/// A text as code: it may hold anything, also back quotes.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let room = if longest > 0 { " " } else { "" };
    // A table ends its cells at this sign, in code as well.
    format!("{fence}{room}{}{room}{fence}", text.replace('|', "\\|"))
}

/// A table; cells are markup already.
pub(super) fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "| {} |", head.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        let hostile = text("<script>`*x*` | [a](b)\n# c ![d]\u{1b}[31m");
        insta::assert_snapshot!(hostile, @r"&lt;script&gt;\`\*x\*\` \| \[a\](b) \# c \!\[d\]�\[31m");
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b|c"), "`` a`b\\|c ``");
    }
}
