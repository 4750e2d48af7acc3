//! Patterns over ids: `create.client.*`, `verify.**`, `limits/expiry`.

use regex::Regex;

/// A pattern over dotted check ids and slashed scenario ids. `*` stands for a part of a component, `**` for anything.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// The whole id must match.
    pub fn whole(text: &str) -> Self {
        Self::build(text, "")
    }

    /// The id, or its first components: `create` takes in `create.client.permissions-rejected` and `create/names`.
    pub fn leading(text: &str) -> Self {
        Self::build(text, "(?:[./].*)?")
    }

    pub fn matches(&self, id: &str) -> bool {
        self.regex.is_match(id)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn build(text: &str, tail: &str) -> Self {
        let body = regex::escape(text).replace(r"\*\*", ".*").replace(r"\*", "[^./]*");
        // An escaped text always compiles unless it is enormous; then it matches nothing.
        let regex = Regex::new(&format!("^(?:{body}){tail}$")).unwrap_or_else(|_| never());
        Self { text: text.to_owned(), regex }
    }
}

#[expect(clippy::unwrap_used, reason = "a constant that compiles")]
fn never() -> Regex {
    Regex::new(r"[^\s\S]").unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_in_its_component_and_two_do_not() {
        assert!(Pattern::whole("create.*.rejected").matches("create.name.rejected"));
        assert!(!Pattern::whole("create.*.rejected").matches("create.a.b.rejected"));
        assert!(Pattern::whole("create.**").matches("create.a.b"));
        assert!(!Pattern::whole("create").matches("create.a"));
    }

    #[test]
    fn a_leading_pattern_takes_whole_components_only() {
        let pattern = Pattern::leading("create");
        assert!(pattern.matches("create.a") && pattern.matches("create/names") && pattern.matches("create"));
        assert!(!pattern.matches("created.a"));
    }

    #[test]
    fn signs_of_regular_expressions_are_plain() {
        assert!(!Pattern::whole("a.b").matches("axb"));
        assert!(!Pattern::whole("(").matches("x"));
    }
}
