//! Claims about options: that they do something, what they are when nobody sets them, and what their number counts.

use serde_json::Value;

use super::claim::{Claim, Probe, Spot};
use super::option_probe;
use super::page::{OptionEntry, Page, Part, Told};
use super::unit::Unit;

/// All that is claimed of an option.
pub(super) fn claims(page: &Page, option: &OptionEntry) -> Vec<Claim> {
    let name = option.path.join(".");
    let spot = |line: usize| Spot { file: &page.name, line, anchor: &option.anchor };
    let id = |what: &'static str| {
        let mut id = vec!["option"];
        id.extend(option.path.iter().map(String::as_str));
        id.push(what);
        id
    };
    let unit = option.told.iter().find_map(|told| Some((Unit::stated(&told.text)?, told)));
    let within = |other: &OptionEntry| other.path.len() > option.path.len() && other.path.starts_with(&option.path);
    let has_members = page.options.iter().any(within);
    let mut found = vec![Claim::new(
        spot(option.line),
        &id("effect"),
        format!("The option `{name}` has an effect."),
        if has_members {
            Probe::None("its members show it".to_owned())
        } else {
            Probe::of(option_probe::effect(&name))
        },
    )];
    if let Some((value, line)) = option.told.iter().find_map(default) {
        let probe = option_probe::default(&name, &value, unit.map(|(unit, _)| unit));
        let claim =
            Claim::new(spot(line), &id("default"), format!("The default of `{name}` is `{value}`."), Probe::of(probe));
        found.push(claim.about(&id("default"), value.to_string()));
    }
    if let Some((unit, told)) = unit {
        for (what, end) in [("unit", "after so many it is over"), ("unit-before", "before so many it is not over")] {
            let probe = option_probe::unit(&name, unit, what == "unit");
            if what == "unit" || probe.is_ok() {
                let statement = format!("The option `{name}` counts {}: {end}.", unit.word());
                found.push(
                    Claim::new(spot(told.line), &id(what), statement, Probe::of(probe)).about(&id(what), unit.word()),
                );
            }
        }
    }
    found
}

/// The value that a paragraph gives as the default, and its line: `` Default is `6`. ``, `Default is 64.`, `(Default true)`.
fn default(told: &Told) -> Option<(Value, usize)> {
    let mut before = String::new();
    for part in &told.parts {
        let line = told.line + before.matches('\n').count();
        match part {
            Part::Code(code) if announces(&before) => return Some((value_of(code), line)),
            Part::Code(code) => before.push_str(code),
            Part::Text(text) => {
                if let Some((at, word)) = written_out(text) {
                    return Some((value_of(word), line + text[..at].matches('\n').count()));
                }
                before.push_str(text);
            }
        }
    }
    None
}

/// Does a text end with the words that come before a default?
fn announces(text: &str) -> bool {
    let text = text.trim_end().trim_end_matches(':').to_lowercase();
    ["default is", "default", "defaults to"].iter().any(|words| text.ends_with(words))
}

/// The word after `default is`, within one text: a number, a boolean or null. Other words may be anything.
fn written_out(text: &str) -> Option<(usize, &str)> {
    let lower = text.to_lowercase();
    for words in ["default is ", "default: ", "defaults to ", "(default "] {
        let Some(at) = lower.find(words) else { continue };
        let rest = text.get(at + words.len()..)?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches('.');
        if serde_json::from_str::<Value>(word).is_ok() {
            return Some((at, word));
        }
    }
    None
}

/// `"default"`, `6`, `true` and `null` are themselves; what is no JSON is a text.
fn value_of(code: &str) -> Value {
    serde_json::from_str(code).unwrap_or_else(|_| code.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(parts: &[Part]) -> Told {
        Told { line: 10, text: String::new(), parts: parts.to_vec() }
    }

    #[test]
    fn a_default_is_read_from_code_and_from_words() {
        let text = |text: &str| Part::Text(text.to_owned());
        let code = |text: &str| Part::Code(text.to_owned());
        assert_eq!(default(&told(&[text("How long.\nDefault is "), code("6"), text(".")])), Some((json!(6), 11)));
        assert_eq!(default(&told(&[text("A name. Default is "), code("\"a\"")])), Some((json!("a"), 10)));
        assert_eq!(default(&told(&[text("Longer is better. Default is 64. (Without)")])), Some((json!(64), 10)));
        assert_eq!(default(&told(&[text("Limits. (Default true)")])), Some((json!(true), 10)));
        assert_eq!(
            default(&told(&[text("The default expires time in milliseconds.\nIf "), code("null"), text(", none.")])),
            None
        );
        assert_eq!(
            default(&told(&[text("Which header. Default is "), code("x-api-key")])),
            Some((json!("x-api-key"), 10))
        );
    }
}
