//! Types and comparisons of numbers.

use serde_json::Value;

use crate::scenario::story::{Comparison, JsonType};

/// An integer is a number without a fraction, however it is written.
pub(super) fn is_type(expected: JsonType, value: &Value) -> bool {
    match expected {
        JsonType::String => value.is_string(),
        JsonType::Number => value.is_number(),
        JsonType::Integer => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        JsonType::Boolean => value.is_boolean(),
        JsonType::Object => value.is_object(),
        JsonType::Array => value.is_array(),
        JsonType::Null => value.is_null(),
    }
}

/// What is not a number compares with none.
pub(super) fn compares(comparison: Comparison, bound: f64, value: &Value) -> bool {
    value.as_f64().is_some_and(|number| match comparison {
        Comparison::AtLeast => number >= bound,
        Comparison::AtMost => number <= bound,
        Comparison::Greater => number > bound,
        Comparison::Less => number < bound,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_value_has_its_types() {
        let values = [json!("a"), json!(1.5), json!(1), json!(true), json!({}), json!([]), json!(null)];
        let types = [
            JsonType::String,
            JsonType::Number,
            JsonType::Integer,
            JsonType::Boolean,
            JsonType::Object,
            JsonType::Array,
            JsonType::Null,
        ];
        for (value, own) in values.iter().zip(types) {
            for other in types {
                let also = own == JsonType::Integer && other == JsonType::Number;
                assert_eq!(is_type(other, value), own == other || also, "{value} {other:?}");
            }
        }
        assert!(is_type(JsonType::Integer, &json!(2.0)));
    }

    #[test]
    fn comparisons_know_their_bounds() {
        let holds = |comparison| [4, 5, 6].map(|number| compares(comparison, 5.0, &json!(number)));
        assert_eq!(holds(Comparison::AtLeast), [false, true, true]);
        assert_eq!(holds(Comparison::AtMost), [true, true, false]);
        assert_eq!(holds(Comparison::Greater), [false, false, true]);
        assert_eq!(holds(Comparison::Less), [true, false, false]);
        assert!(!compares(Comparison::AtLeast, 0.0, &json!("5")));
    }
}
