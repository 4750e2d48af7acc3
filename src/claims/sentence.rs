//! Text to sentences, each with its line.

/// The sentences of a text, each with the number of line ends before it.
pub(super) fn sentences(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut line = 0;
    while !rest.trim().is_empty() {
        let lead = rest.len() - rest.trim_start().len();
        line += rest[..lead].matches('\n').count();
        rest = &rest[lead..];
        let end = sentence_end(rest);
        let (sentence, after) = rest.split_at(end);
        let words = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        found.push((line, words));
        line += sentence.matches('\n').count();
        rest = after;
    }
    found
}

const ABBREVIATIONS: &[&str] = &["e.g", "(e.g", "eg", "(eg", "i.e", "(i.e", "vs"];

/// After a full stop, a question mark or a colon at a line's end; abbreviations such as `e.g.` end nothing.
fn sentence_end(text: &str) -> usize {
    let mut previous = ' ';
    let mut ended = false;
    for (at, c) in text.char_indices() {
        let starts = c.is_uppercase() || c == '`' || c == '"' || c == '(';
        if ended && previous.is_whitespace() && starts {
            return at;
        }
        match c {
            '.' | '!' | '?' => {
                let is_word = |before: &str| before.is_empty() || before.ends_with(char::is_whitespace);
                ended = !ABBREVIATIONS.iter().any(|word| text[..at].strip_suffix(word).is_some_and(is_word));
            }
            ')' | '"' | '\'' => {}
            c if c.is_whitespace() => {}
            _ => ended = false,
        }
        previous = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_know_their_lines() {
        assert_eq!(
            sentences("One (e.g. Two) is here.\nThe second. Default is 1.5 now"),
            [
                (0, "One (e.g. Two) is here.".to_owned()),
                (1, "The second.".to_owned()),
                (1, "Default is 1.5 now".to_owned())
            ]
        );
    }
}
