//! Where two answers differ.

use serde_json::Value;

use super::answer::{Answer, SEVERAL, TIME};
use crate::outcome::finding::Difference;

/// One place where the answer is not the expected one. `None` is a member that is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// `verdict`, `body.remaining`, `body.*.name`: places in lists are not told apart.
    pub path: String,
    pub expected: Option<Value>,
    pub actual: Option<Value>,
}

/// How exactly times are compared. Milliseconds; 0 where clocks stand still.
pub type Tolerance = i64;

/// All places where `actual` is not as `expected`. Where the verdicts differ, nothing else counts. Texts for people are
/// compared by being there.
pub fn mismatches(expected: &Answer, actual: &Answer, tolerance: Tolerance) -> Vec<Mismatch> {
    if expected.verdict != actual.verdict {
        return vec![Mismatch {
            path: "verdict".to_owned(),
            expected: Some(expected.verdict.clone().into()),
            actual: Some(actual.verdict.clone().into()),
        }];
    }
    if expected.verdict == SEVERAL {
        let (expected, actual) = (Value::from(expected.summary()), Value::from(actual.summary()));
        let found = Mismatch { path: "tally".to_owned(), expected: Some(expected), actual: Some(actual) };
        return if found.expected == found.actual { Vec::new() } else { vec![found] };
    }
    let mut found = Vec::new();
    compare("body", expected.body.as_ref(), actual.body.as_ref(), tolerance, &mut found);
    found
}

fn compare(
    path: &str,
    expected: Option<&Value>,
    actual: Option<&Value>,
    tolerance: Tolerance,
    out: &mut Vec<Mismatch>,
) {
    let equal = match (expected, actual) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
            for name in names {
                compare(&format!("{path}.{name}"), a.get(name), b.get(name), tolerance, out);
            }
            return;
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (a, b) in a.iter().zip(b) {
                compare(&format!("{path}.*"), Some(a), Some(b), tolerance, out);
            }
            return;
        }
        (Some(Value::String(_)), Some(Value::String(_))) if path.ends_with(".message") => true,
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            a == b || (path.ends_with(".tryAgainIn") && (a - b).abs() <= tolerance as f64)
        }
        (Some(Value::String(a)), Some(Value::String(b))) => a == b || close(a, b, tolerance),
        (a, b) => a == b,
    };
    if !equal {
        out.push(Mismatch { path: path.to_owned(), expected: expected.cloned(), actual: actual.cloned() });
    }
}

fn close(a: &str, b: &str, tolerance: Tolerance) -> bool {
    let time = |text: &str| text.strip_prefix(TIME)?.strip_suffix(" ms")?.parse::<i64>().ok();
    matches!((time(a), time(b)), (Some(a), Some(b)) if a.abs_diff(b) <= tolerance.unsigned_abs())
}

impl Mismatch {
    /// For people.
    pub fn show(&self) -> Difference {
        let show = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            Some(Value::String(text)) if self.path == "verdict" || self.path == "tally" => text.clone(),
            Some(value) => clipped(value.to_string()),
        };
        Difference { path: self.path.clone(), expected: show(&self.expected), actual: show(&self.actual) }
    }

    /// What kind of thing stands in place of what: the same for every sequence that shows one cause.
    pub fn kinds(&self) -> (String, String) {
        if self.path == "verdict" {
            let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
            return (text(&self.expected), text(&self.actual));
        }
        (kind(self.expected.as_ref()), kind(self.actual.as_ref()))
    }
}

/// As much of a document as people read.
fn clipped(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Characters of a document that is shown.
const LONGEST: usize = 2000;

fn kind(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(_)) => "a number".to_owned(),
        Some(Value::String(text)) if text.starts_with(TIME) => "a time".to_owned(),
        Some(Value::String(text)) if text.starts_with("${") => {
            let (name, part) = text.split_once('.').unwrap_or((text, ""));
            let what = if name.starts_with("${k") { "a key's" } else { "a user's" };
            format!("{what} {}", part.trim_end_matches('}'))
        }
        Some(Value::String(_)) => "a text".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(verdict: &str, body: Value) -> Answer {
        Answer { verdict: verdict.to_owned(), status: 200, body: Some(body) }
    }

    fn paths(a: Value, b: Value, tolerance: Tolerance) -> Vec<String> {
        mismatches(&answer("200", a), &answer("200", b), tolerance).into_iter().map(|one| one.path).collect()
    }

    #[test]
    fn equal_answers_differ_nowhere() {
        assert!(paths(json!({ "a": [1, null], "n": 5 }), json!({ "n": 5.0, "a": [1, null] }), 0).is_empty());
        assert!(paths(json!({ "message": "a" }), json!({ "message": "b" }), 0).is_empty());
    }

    #[test]
    fn each_difference_has_its_place() {
        assert_eq!(paths(json!({ "a": 1, "b": 2 }), json!({ "a": 2, "c": 2 }), 0), ["body.a", "body.b", "body.c"]);
        assert_eq!(paths(json!([{ "a": 1 }]), json!([{ "a": 2 }]), 0), ["body.*.a"]);
        assert_eq!(paths(json!([1]), json!([1, 2]), 0), ["body"]);
        assert_eq!(paths(json!({ "message": "a" }), json!({ "message": {} }), 0), ["body.message"]);
    }

    #[test]
    fn times_are_as_exact_as_the_clock() {
        let (a, b) = (json!("start + 1000 ms"), json!("start + 1900 ms"));
        assert_eq!(paths(a.clone(), b.clone(), 0).len(), 1);
        assert!(paths(a, b, 2000).is_empty());
    }

    #[test]
    fn another_verdict_says_it_all() {
        let found = mismatches(&answer("200 valid", json!({})), &answer("200 KEY_EXPIRED", json!(1)), 0);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kinds(), ("200 valid".to_owned(), "200 KEY_EXPIRED".to_owned()));
    }
}
