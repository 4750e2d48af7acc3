//! The nearest right word for a wrong one. The only file that knows `strsim`.

/// The choice that was probably meant, if one is near enough to say so.
pub fn meant<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word);
    choices
        .into_iter()
        .map(|choice| (distance(&wanted, &folded(choice)), choice))
        .filter(|(distance, choice)| *distance <= (choice.len().min(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, choice)| choice)
}

/// The names that are so near to `word` that they may have been meant, best first, at most three.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    ranked(word, names, 0.7)
}

/// The same, however far away they are: for a place where any name is better than none.
pub fn least_far<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    ranked(word, names, 0.0)
}

fn ranked<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, at_least: f64) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(score, _)| *score > at_least)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, name)| *name);
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// `a, b or c`, each in backticks.
pub fn one_of(choices: &[&str]) -> String {
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
        assert_eq!(meant("expct", ["expect", "body"]), Some("expect"));
        assert_eq!(meant("server_only_property", ["SERVER_ONLY_PROPERTY"]), Some("SERVER_ONLY_PROPERTY"));
        assert_eq!(meant("as", ["id", "at"]), Some("at"));
    }

    #[test]
    fn a_different_word_finds_nothing() {
        assert_eq!(meant("banana", ["expect", "body"]), None);
        assert_eq!(meant("", ["expect"]), None);
    }

    #[test]
    fn choices_read_as_a_sentence() {
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(one_of(&["a"]), "`a`");
    }

    #[test]
    fn the_nearest_name_comes_first() {
        assert_eq!(nearest("verify.expird", ["create.name", "verify.expired", "verify.exact"])[0], "verify.expired");
        assert!(nearest("zzz", ["create.name"]).is_empty());
    }
}
