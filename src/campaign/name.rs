//! What symbols stand for on one deployment, and back: ids, keys and organizations have other values everywhere.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::large;

/// The names of one deployment in the course of one sequence.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// `k1.key` to its value.
    values: HashMap<String, String>,
    /// Values to their symbols: `${k1.key}`.
    symbols: HashMap<String, String>,
    /// By actor: what its browser sends.
    headers: HashMap<String, IndexMap<String, String>>,
    /// Clear keys in the order of their making, with their symbols.
    keys: Vec<(String, String)>,
    /// Ids of keys to the clear keys.
    clear: HashMap<String, String>,
    /// How many names were given again.
    retired: usize,
}

impl Names {
    /// From now on `${name.part}` is this value.
    pub fn bind(&mut self, name: &str, part: &str, value: &str) {
        let full = format!("{name}.{part}");
        let symbol = format!("${{{full}}}");
        self.symbols.entry(value.to_owned()).or_insert_with(|| symbol.clone());
        if part == "key" {
            self.symbols.entry(hash(value)).or_insert(format!("${{{full}|hash}}"));
            self.keys.push((value.to_owned(), symbol));
        }
        self.values.insert(full, value.to_owned());
    }

    /// From now on these are the id and the clear text of one key.
    pub fn pair(&mut self, id: &str, key: &str) {
        self.clear.insert(id.to_owned(), key.to_owned());
    }

    /// The clear text of the key with this id.
    pub fn clear_key(&self, id: &str) -> Option<&str> {
        self.clear.get(id).map(String::as_str)
    }

    /// What has this name gets another, since the name is about to be given again.
    pub fn retire(&mut self, name: &str) {
        let old: Vec<(&str, String)> = ["id", "key"]
            .into_iter()
            .filter_map(|part| Some((part, self.values.remove(&format!("{name}.{part}"))?)))
            .collect();
        if old.is_empty() {
            return;
        }
        self.retired += 1;
        let new = format!("{name}~{}", self.retired);
        for (part, value) in old {
            self.symbols.remove(&value);
            self.symbols.remove(&hash(&value));
            self.keys.retain(|(key, _)| *key != value);
            self.bind(&new, part, &value);
        }
    }

    pub fn bind_actor(&mut self, name: &str, id: &str, headers: IndexMap<String, String>) {
        self.bind(name, "id", id);
        self.headers.insert(name.to_owned(), headers);
    }

    pub fn headers(&self, actor: &str) -> Option<&IndexMap<String, String>> {
        self.headers.get(actor)
    }

    pub fn value(&self, full: &str) -> Option<&str> {
        self.values.get(full).map(String::as_str)
    }

    /// The symbol of a value that is known.
    pub fn symbol(&self, value: &str) -> Option<&str> {
        self.symbols.get(value).map(String::as_str)
    }

    /// The symbol of a clear key that stands somewhere in this text.
    pub fn key_within(&self, text: &str) -> Option<&str> {
        let secret = |key: &str| key.len() >= SHORTEST && text.contains(key);
        self.keys.iter().find(|(key, _)| secret(key)).map(|(_, symbol)| symbol.as_str())
    }

    /// The text with every symbol replaced. What nothing was bound to is a text that nothing has as its id or key.
    pub fn resolve(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            let (before, symbol) = (&rest[..start], &rest[start + 2..start + length]);
            out.push_str(before);
            let (full, form) = symbol.split_once('|').map_or((symbol, None), |(full, form)| (full, Some(form)));
            match full.split_once('.') {
                Some((name, part)) => {
                    let unbound = || large::text(name, part).unwrap_or_else(|| format!("no-such-{name}-{part}"));
                    let value = self.value(full).map_or_else(unbound, str::to_owned);
                    out.push_str(&formed(value, form));
                }
                None => out.push_str(&rest[start..=start + length]),
            }
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        out
    }

    /// The document with every symbol replaced, in names as well.
    pub fn resolve_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => large::document(text).unwrap_or_else(|| self.resolve(text).into()),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.resolve_json(item)).collect()),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (self.resolve(name), self.resolve_json(value)))
                    .collect::<Map<_, _>>(),
            ),
            other => other.clone(),
        }
    }
}

/// Shorter keys are found in all sorts of texts.
const SHORTEST: usize = 12;

/// The forms in which a text can be sent instead of itself.
pub const FORMS: &[&str] = &["upper", "lower", "hash", "cut", "more", "space"];

fn formed(value: String, form: Option<&str>) -> String {
    match form {
        Some("upper") => value.to_uppercase(),
        Some("lower") => value.to_lowercase(),
        Some("hash") => hash(&value),
        Some("cut") => {
            let mut chars = value.chars();
            chars.next_back();
            chars.as_str().to_owned()
        }
        Some("more") => value + "x",
        Some("space") => format!(" {value}"),
        _ => value,
    }
}

/// SHA-256 as base64url without padding: the form in which keys are stored.
fn hash(value: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn symbols_stand_for_values_and_values_for_symbols() {
        let mut names = Names::default();
        names.bind("k1", "id", "x1");
        names.bind("k1", "key", "secretSecretSecret");
        assert_eq!(names.resolve("<${k1.id}> ${k1.key|upper}"), "<x1> SECRETSECRETSECRET");
        assert_eq!(names.resolve("${k2.id}"), "no-such-k2-id");
        assert_eq!(names.symbol("x1"), Some("${k1.id}"));
        assert_eq!(names.symbol(&names.resolve("${k1.key|hash}")), Some("${k1.key|hash}"));
        assert_eq!(names.key_within("Bearer secretSecretSecret"), Some("${k1.key}"));
        assert_eq!(names.resolve_json(&json!({ "a": ["${k1.id}", 1] })), json!({ "a": ["x1", 1] }));
    }

    #[test]
    fn a_name_that_is_given_again_leaves_the_old_one_known() {
        let mut names = Names::default();
        names.bind("k1", "id", "x1");
        names.retire("k1");
        names.bind("k1", "id", "x2");
        assert_eq!((names.symbol("x1"), names.symbol("x2")), (Some("${k1~1.id}"), Some("${k1.id}")));
        assert_eq!(names.resolve("${k1.id}"), "x2");
    }

    #[test]
    fn what_is_no_symbol_stays_as_it_is() {
        let names = Names::default();
        for text in ["", "$", "${", "${}", "${no dot}", "$5 {a}", "}${"] {
            assert_eq!(names.resolve(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_resolves(text in "[${}.|a-z]{0,30}") {
            let _ = Names::default().resolve(&text);
        }
    }
}
