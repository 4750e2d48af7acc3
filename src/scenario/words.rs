//! The nearest right word for a wrong one.

/// The choice that was probably meant, if one is near enough to say so.
pub(crate) fn nearest<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word);
    choices
        .into_iter()
        .map(|choice| (distance(&wanted, &folded(choice)), choice))
        .filter(|(distance, choice)| *distance <= (choice.len().min(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, choice)| choice)
}

/// `a, b or c`, each in backticks.
pub(crate) fn one_of(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Letter case and the choice of separator are no mistakes of spelling.
fn folded(word: &str) -> String {
    let word: String = word.chars().take(LONGEST).collect();
    word.to_lowercase().replace(['_', ' '], "-")
}

fn distance(a: &str, b: &str) -> usize {
    if a == b { 0 } else { strsim::osa_distance(a, b).max(1) }
}

/// What is longer is no slip of the pen; comparing it would cost its square.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        assert_eq!(nearest("expct", ["expect", "body"]), Some("expect"));
        assert_eq!(nearest("server_only_property", ["SERVER_ONLY_PROPERTY"]), Some("SERVER_ONLY_PROPERTY"));
        assert_eq!(nearest("as", ["id", "at"]), Some("at"));
    }

    #[test]
    fn a_different_word_finds_nothing() {
        assert_eq!(nearest("banana", ["expect", "body"]), None);
        assert_eq!(nearest("", ["expect"]), None);
    }

    #[test]
    fn choices_read_as_a_sentence() {
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(one_of(&["a"]), "`a`");
    }
}
