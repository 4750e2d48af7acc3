//! The values that requests are made of: small pools, so that values meet again, with what is wrong among them.

use serde_json::{Map, Value, json};

use super::source::Source;

/// A name: right, at the bounds, beyond them, or no text.
pub fn name(source: &mut impl Source) -> Value {
    match source.weighted(&[50, 35, 8, 7]) {
        0 => pick(source, &["a", "key", "my key", "another", "ключ 🔑", "b"]).into(),
        1 => {
            let lengths = [1, 2, 3, 5, 6, 31, 32, 33, 64, 65];
            "n".repeat(source.pick(&lengths).copied().unwrap_or(1)).into()
        }
        2 => pick(source, &["", " ", "a\u{0}b", "🔑🔑🔑"]).into(),
        _ => wrong(source),
    }
}

/// Seconds until expiry.
pub fn expires_in(source: &mut impl Source) -> Value {
    match source.weighted(&[40, 35, 15, 10]) {
        0 => pick_number(source, &[86_400.0, 90_000.0, 172_800.0, 604_800.0]),
        1 => {
            let bounds =
                [86_399.0, 86_401.0, 31_536_000.0, 31_536_001.0, 31_622_400.0, 172_799.0, 259_200.0, 259_201.0];
            pick_number(source, &[&bounds[..], &[60.0, 1.0, 3600.0]].concat())
        }
        2 => source.pick(&[Value::Null, json!(0), json!(0.5), json!(86_400.5), json!(-1)]).cloned().unwrap_or_default(),
        _ => wrong(source),
    }
}

pub fn prefix(source: &mut impl Source) -> Value {
    match source.weighted(&[55, 25, 15, 5]) {
        0 => pick(source, &["sk_", "ok_", "a-b", "x"]).into(),
        1 => {
            let lengths = [1, 2, 3, 4, 5, 6, 32, 33];
            "p".repeat(source.pick(&lengths).copied().unwrap_or(1)).into()
        }
        2 => pick(source, &["", "with space", "dot.", "é", "a\n"]).into(),
        _ => wrong(source),
    }
}

pub fn metadata(source: &mut impl Source) -> Value {
    match source.weighted(&[60, 20, 10, 10]) {
        0 => {
            let fields = json!({ "remaining": 1, "enabled": false, "permissions": { "files": ["read"] } });
            let plain =
                [json!({ "a": 1 }), json!({ "plan": "pro", "n": { "deep": [1, null, "x"] } }), json!({}), fields];
            source.pick(&plain).cloned().unwrap_or_default()
        }
        1 => source.pick(&[Value::Null, json!(""), json!(0), json!(false)]).cloned().unwrap_or_default(),
        2 => {
            let hostile = [json!({ "__proto__": { "a": 1 } }), json!({ "constructor": { "prototype": 1 } })];
            let large = [json!("${many.1100}"), json!({ "a": "${deep.104}" }), json!({ "a": "${fill.9000}" })];
            match source.weighted(&[30, 45, 25]) {
                0 => source.pick(&hostile).cloned().unwrap_or_default(),
                1 => json!({ "toString": "x", "key": "ключ" }),
                _ => source.pick(&large).cloned().unwrap_or_default(),
            }
        }
        _ => {
            source.pick(&[json!("text"), json!(5), json!(true), json!([]), json!([1, 2])]).cloned().unwrap_or_default()
        }
    }
}

/// `remaining`.
pub fn count(source: &mut impl Source) -> Value {
    match source.weighted(&[75, 15, 10]) {
        0 => pick_number(source, &[1.0, 2.0, 3.0, 0.0, 5.0]),
        1 => source.pick(&[Value::Null, json!(0.5), json!(-1), json!(1.5)]).cloned().unwrap_or_default(),
        _ => wrong(source),
    }
}

pub fn amount(source: &mut impl Source) -> Value {
    match source.weighted(&[80, 12, 8]) {
        0 => pick_number(source, &[1.0, 2.0, 3.0]),
        1 => pick_number(source, &[0.0, -1.0, 1.5]),
        _ => wrong(source),
    }
}

/// A refill interval or a window, in milliseconds.
pub fn interval(source: &mut impl Source) -> Value {
    match source.weighted(&[85, 8, 7]) {
        0 => pick_number(source, &[1000.0, 60_000.0, 86_400_000.0]),
        1 => pick_number(source, &[0.0, -5.0, 0.5]),
        _ => wrong(source),
    }
}

pub fn maximum(source: &mut impl Source) -> Value {
    match source.weighted(&[80, 12, 8]) {
        0 => pick_number(source, &[1.0, 2.0, 3.0]),
        1 => pick_number(source, &[0.0, -1.0, 2.5]),
        _ => wrong(source),
    }
}

pub fn flag(source: &mut impl Source) -> Value {
    match source.weighted(&[45, 45, 10]) {
        0 => json!(true),
        1 => json!(false),
        _ => wrong(source),
    }
}

/// Permissions that a key gets or must have: of few names, so that they overlap.
pub fn permissions(source: &mut impl Source) -> Value {
    match source.weighted(&[58, 8, 6, 13, 8, 7]) {
        0 => {
            let mut all = Map::new();
            for resource in ["files", "users"] {
                if source.chance(if resource == "files" { 85 } else { 35 }) {
                    let actions = ["read", "write", "delete"].into_iter().filter(|_| source.chance(45));
                    let mut actions: Vec<Value> = actions.map(Value::from).collect();
                    if actions.is_empty() {
                        actions.push("read".into());
                    }
                    if source.chance(10) {
                        actions.reverse();
                        actions.push("read".into());
                    }
                    all.insert(resource.to_owned(), actions.into());
                }
            }
            Value::Object(all)
        }
        1 => json!({}),
        2 => json!({ "files": [] }),
        3 => {
            let odd = [
                json!({ "files": ["*"] }),
                json!({ "*": ["*"] }),
                json!({ "Files": ["READ"] }),
                json!({ "files": ["READ"] }),
            ];
            let odd = [&odd[..], &[json!({ "files": ["readonly"] }), json!({ "files": ["*"] })]].concat();
            source.pick(&odd).cloned().unwrap_or_default()
        }
        4 => {
            let name = pick(source, &["constructor", "toString", "hasOwnProperty", "__proto__"]);
            json!({ name: [pick(source, &["read", "call"])] })
        }
        _ => {
            let shapes =
                [json!({ "files": "read" }), json!(["files"]), Value::Null, json!({ "files": [1] }), json!("files")];
            source.pick(&shapes).cloned().unwrap_or_default()
        }
    }
}

/// Something of another type than whatever is wanted.
pub fn wrong(source: &mut impl Source) -> Value {
    let wrong = [json!("text"), json!(5), json!(true), Value::Null, json!({}), json!([]), json!("5"), json!(1e300)];
    source.pick(&wrong).cloned().unwrap_or_default()
}

/// A body that is no JSON object, with its content type.
pub fn text(source: &mut impl Source) -> (&'static str, &'static str) {
    let texts = [
        ("{", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("5", "application/json"),
        ("\"x\"", "application/json"),
        ("{\"name\":\"a\"", "application/json"),
        ("{\"name\":\"a\"}", "text/plain"),
        ("{\"name\":\"a\"}", "application/json; charset=utf-8"),
        ("name=a", "application/x-www-form-urlencoded"),
        ("{\"name\":\"a\"}", "application/xml"),
        ("{\"name\":\"a\",\"name\":\"b\"}", "application/json"),
    ];
    source.pick(&texts).copied().unwrap_or(("{", "application/json"))
}

/// How time passes, in milliseconds: up to, onto and over the bounds of windows, intervals and expiries.
pub fn time(source: &mut impl Source) -> u64 {
    const BOUNDS: &[u64] = &[1000, 5000, 10_000, 60_000, 3_600_000, 86_400_000, 90_000_000, 172_800_000, 604_800_000];
    let bound = source.pick(BOUNDS).copied().unwrap_or(1000);
    match source.weighted(&[20, 25, 35, 10, 10]) {
        0 => bound - 1,
        1 => bound,
        2 => bound + 1,
        3 => source.pick(&[1, 500, 600_001]).copied().unwrap_or(1),
        _ => 31_622_400_001,
    }
}

pub fn pick<'a>(source: &mut impl Source, of: &[&'a str]) -> &'a str {
    source.pick(of).copied().unwrap_or_default()
}

/// A number as JSON writes it: whole ones without a fraction.
fn pick_number(source: &mut impl Source, of: &[f64]) -> Value {
    crate::spec::key::js_number(source.pick(of).copied().unwrap_or(1.0))
}
