//! Texts: a pattern that is found in them.

use regex::Regex;
use serde_json::Value;

/// Somewhere in the string; `^` and `$` anchor.
pub(super) fn is_found(regex: &Regex, value: &Value) -> bool {
    value.as_str().is_some_and(|text| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_is_found_in_strings_alone() {
        let regex = Regex::new("^[a-z]+$").unwrap();
        assert!(is_found(&regex, &json!("abc")));
        assert!(!is_found(&regex, &json!("abc1")));
        assert!(!is_found(&regex, &json!(["abc"])));
        assert!(is_found(&Regex::new("b").unwrap(), &json!("abc")));
    }
}
