//! Large values in few letters, so that a sequence stays short however much it sends.
//!
//! In any text `${fill.9000}` is nine thousand letters. A text that is nothing but `${many.1200}` is an object of so
//! many members, `${list.1200}` a list of so many texts, and `${deep.100}` so many levels of lists.

use serde_json::Value;

/// Nothing is made larger than this, whatever a file says: letters; members or texts; levels.
const MOST: (usize, usize, usize) = (100_000, 2000, 110);

/// The letters that `${fill.SIZE}` stands for. `None`: `name` is another symbol.
pub fn text(name: &str, size: &str) -> Option<String> {
    let size: usize = size.parse().ok().filter(|_| name == "fill")?;
    Some("x".repeat(size.min(MOST.0)))
}

/// The document that a whole text stands for. `None`: it stands for no document.
pub fn document(text: &str) -> Option<Value> {
    let (name, size) = text.strip_prefix("${")?.strip_suffix('}')?.split_once('.')?;
    let size: usize = size.parse().ok()?;
    match name {
        "many" => Some((0..size.min(MOST.1)).map(|at| (format!("m{at}"), Value::from(at))).collect()),
        "list" => Some((0..size.min(MOST.1)).map(|at| Value::from(format!("t{at}"))).collect()),
        "deep" => Some((0..size.min(MOST.2)).fold(Value::from(1), |inner, _| Value::Array(vec![inner]))),
        _ => None,
    }
}

/// Does the text stand for something large?
pub fn is_large(text: &str) -> bool {
    ["${fill.", "${many.", "${list.", "${deep."].iter().any(|start| text.contains(start))
}

/// The document with all that is large written out: for readers who know no such symbols.
pub fn written_out(value: &Value) -> Value {
    match value {
        Value::String(whole) if is_large(whole) => document(whole).unwrap_or_else(|| filled(whole).into()),
        Value::Array(items) => items.iter().map(written_out).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), written_out(value))).collect())
        }
        other => other.clone(),
    }
}

fn filled(whole: &str) -> String {
    let Some((before, (size, after))) = whole.split_once("${fill.").and_then(|(a, b)| Some((a, b.split_once('}')?)))
    else {
        return whole.to_owned();
    };
    format!("{before}{}{}", text("fill", size).unwrap_or_default(), filled(after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn symbols_stand_for_large_values_within_bounds() {
        assert_eq!(text("fill", "3"), Some("xxx".to_owned()));
        assert_eq!(text("fill", "999999999").map(|text| text.len()), Some(100_000));
        assert_eq!((text("k1", "id"), text("fill", "x"), document("${k1.id}")), (None, None, None));
        assert_eq!(document("${many.2}"), Some(json!({ "m0": 0, "m1": 1 })));
        assert_eq!(document("${list.2}"), Some(json!(["t0", "t1"])));
        assert_eq!(document("${deep.3}"), Some(json!([[[1]]])));
    }

    #[test]
    fn what_is_large_is_written_out_and_the_rest_stays() {
        let value = json!({ "a": ["${deep.1}", "${k1.id}", "<${fill.2}|${fill.1}>"], "b": "${fill.x}" });
        assert_eq!(written_out(&value), json!({ "a": [[1], "${k1.id}", "<xx|x>"], "b": "" }));
    }
}
