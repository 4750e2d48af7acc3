//! Plain values: equal, with numbers compared by value.

use serde_json::{Number, Value};

use crate::scenario::story::Template;

use super::describe::{shortened, shown};
use super::{MatchContext, Mismatch};

pub(super) fn judge(
    template: &Template,
    value: &Value,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    match template.bind(context.known) {
        Ok(expected) if is_same(&expected, value) => {}
        Ok(expected) => found.push(Mismatch::new(path, shown(Some(&expected)), shown(Some(value)))),
        Err(unbound) => found.push(Mismatch::new(path, shortened(&unbound.to_string()), shown(Some(value)))),
    }
}

/// `1` and `1.0` are one number; the order of members means nothing.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => is_same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

/// Whole numbers are compared as such: as floats, large neighbours would be equal.
fn is_same_number(a: &Number, b: &Number) -> bool {
    a == b || (!(whole(a) && whole(b)) && a.as_f64() == b.as_f64())
}

fn whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_same;

    #[test]
    fn numbers_are_equal_by_value() {
        assert!(is_same(&json!(1), &json!(1.0)));
        assert!(is_same(&json!(-1), &json!(-1)));
        assert!(!is_same(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
        assert!(!is_same(&json!(1), &json!("1")));
    }

    #[test]
    fn members_have_no_order_and_elements_have_one() {
        assert!(is_same(&json!({ "a": 1, "b": [1, 2] }), &json!({ "b": [1.0, 2], "a": 1 })));
        assert!(!is_same(&json!([1, 2]), &json!([2, 1])));
        assert!(!is_same(&json!({ "a": 1 }), &json!({ "a": 1, "b": null })));
        assert!(!is_same(&json!(null), &json!(false)));
    }
}
