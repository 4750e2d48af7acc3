//! How large and how deep a document may be. What is beyond is refused with its line before a parser sees it.

/// A longer document is refused. Bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A longer line is refused: parsers of Markdown take the square of it at worst. Bytes.
const MAX_LINE: usize = 32 * 1024;

/// Lists and quotations in one another, as the signs before a line open them.
const MAX_SIGNS: usize = 64;

/// Tags that are open at once. Types such as `Record<string>` look like tags here, so the limit is generous.
const MAX_TAGS: usize = 2000;

/// Brackets in one another within a block of code.
const MAX_BRACKETS: usize = 200;

/// The stack that reading needs at these limits. Bytes.
pub const STACK: usize = 256 * 1024 * 1024;

/// Where a text goes beyond a limit: a line, counted from 1, and what is wrong.
type Excess = (usize, String);

/// Is a page within the limits?
pub(super) fn check_page(text: &str) -> Result<(), Excess> {
    check_size(text)?;
    let mut tags: usize = 0;
    for (number, line) in text.lines().enumerate() {
        if signs(line) > MAX_SIGNS {
            return Err((number + 1, format!("nested deeper than {MAX_SIGNS} levels")));
        }
        if line.chars().take_while(|c| c.is_whitespace()).count() > 40 * MAX_SIGNS {
            return Err((number + 1, "indented too far".to_owned()));
        }
        let bytes = line.as_bytes();
        for pair in bytes.windows(2) {
            match pair {
                [b'<', b'/'] | [b'/', b'>'] => tags = tags.saturating_sub(1),
                [b'<', next] if next.is_ascii_alphabetic() || *next == b'>' => tags += 1,
                _ => {}
            }
        }
        if tags > MAX_TAGS {
            return Err((number + 1, format!("more than {MAX_TAGS} tags are open")));
        }
        check_brackets(line).map_err(|message| (number + 1, message))?;
    }
    Ok(())
}

/// How many lists and quotations the beginning of a line opens. A sign of a list is one with a space behind it: a rule is
/// a line of signs without.
fn signs(line: &str) -> usize {
    let mut count = 0;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next_if(|c| " \t>-*+".contains(*c)) {
        let opens = c == '>' || (!c.is_whitespace() && rest.peek().is_some_and(|next| next.is_whitespace()));
        count += usize::from(opens);
    }
    count
}

/// Is a document of any kind within the limits of size?
pub(super) fn check_size(text: &str) -> Result<(), Excess> {
    if text.len() > MAX_BYTES {
        let line = 1 + text.bytes().take(MAX_BYTES).filter(|byte| *byte == b'\n').count();
        return Err((line, format!("longer than {} KiB", MAX_BYTES / 1024)));
    }
    match text.lines().position(|line| line.len() > MAX_LINE) {
        Some(at) => Err((at + 1, format!("a line longer than {} KiB", MAX_LINE / 1024))),
        None => Ok(()),
    }
}

/// Is a block of code nested no deeper than its parser can follow?
pub(super) fn check_brackets(code: &str) -> Result<(), String> {
    let mut depth: usize = 0;
    let mut chain: usize = 0;
    for c in code.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // Signs before an expression nest as well: `!!!!x`, `----x`.
        chain = if "!~-+?:".contains(c) { chain + 1 } else { 0 };
        if depth > MAX_BRACKETS || chain > 4 * MAX_BRACKETS {
            return Err(format!("nested deeper than {MAX_BRACKETS} levels"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_with_its_line() {
        let cases = [
            (format!("a\n{}", "x".repeat(MAX_LINE + 1)), 2, "a line longer"),
            ("x\n".repeat(MAX_BYTES), MAX_BYTES / 2 + 1, "longer than 1024 KiB"),
            (format!("a\n\n{}", "> ".repeat(100)), 3, "nested deeper"),
            (format!("a\n{}x", "- ".repeat(100)), 2, "nested deeper"),
            ("<a>\n".repeat(MAX_TAGS + 5), MAX_TAGS + 1, "tags are open"),
            (format!("ok\n{}", "[".repeat(300)), 2, "nested deeper"),
        ];
        for (text, line, part) in cases {
            let (at, message) = check_page(&text).unwrap_err();
            assert_eq!(at, line, "{message}");
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_rule_and_a_table_are_within_the_limits() {
        let rule = "-".repeat(200);
        assert_eq!(check_page(&format!("{rule}\n\n| a | b |\n|{rule}|{rule}|\n")), Ok(()));
    }
}
