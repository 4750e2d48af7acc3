//! Values as JavaScript has them, and how they turn into text and numbers.

use serde_json::Value;

/// A value. Members of an object have different names, in the order of their first appearance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Js {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Js {
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, member)| (name.clone(), Self::of(member))).collect())
            }
        }
    }

    /// Is this what a reply shows? What JSON cannot hold is `null` there; the order of members means nothing.
    pub(crate) fn is(&self, shown: &Value) -> bool {
        match (self, shown) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Number(a), Value::Null) => !a.is_finite(),
            (Self::Number(a), Value::Number(b)) => b.as_f64() == Some(*a),
            (Self::Text(a), Value::String(b)) => a == b,
            (Self::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b)),
            (Self::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| a.is(b)))
            }
            _ => false,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(other, _)| other == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// `if (value)`.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(flag) => *flag,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::List(_) | Self::Object(_) => true,
        }
    }

    /// `String(value)`. `None` where that throws.
    pub(crate) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Null => "null".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(number) => number_text(*number),
            Self::Text(text) => text.clone(),
            Self::List(items) => {
                let part = |item: &Self| if *item == Self::Null { Some(String::new()) } else { item.text() };
                items.iter().map(part).collect::<Option<Vec<_>>>()?.join(",")
            }
            // Its own `toString` is no function, and `valueOf` gives no plain value either.
            Self::Object(_) if self.get("toString").is_some() => return None,
            Self::Object(_) => "[object Object]".to_owned(),
        })
    }

    /// `Number(value)`. `None` where that throws.
    pub(crate) fn number(&self) -> Option<f64> {
        Some(match self {
            Self::Null | Self::Bool(false) => 0.0,
            Self::Bool(true) => 1.0,
            Self::Number(number) => *number,
            other => text_number(&other.text()?),
        })
    }

    /// How deep arrays and objects are in each other.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, member)| member.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Sets a member: the last of equal names wins, in the place of the first.
    pub(crate) fn set(members: &mut Vec<(String, Self)>, name: String, value: Self) {
        match members.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => members.push((name, value)),
        }
    }
}

/// ECMA-262, Number::toString: the shortest digits, with an exponent below 1e-6 and from 1e21 on.
fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let text = match point {
        22.. | ..=-6 => {
            let (first, rest) = digits.split_at(1);
            let fraction = if rest.is_empty() { String::new() } else { format!(".{rest}") };
            format!("{first}{fraction}e{:+}", point - 1)
        }
        _ if point <= 0 => format!("0.{}{digits}", zeros(-point)),
        _ if count <= point => format!("{digits}{}", zeros(point - count)),
        _ => {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

/// ECMA-262, StringToNumber.
fn text_number(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return 0.0;
    }
    for (prefixes, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        if let Some(digits) = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)) {
            let value = |sign: char| sign.to_digit(radix).map(f64::from);
            let sum = digits.chars().map(value).try_fold(0.0, |sum, digit| Some(sum * f64::from(radix) + digit?));
            return sum.filter(|_| !digits.is_empty()).unwrap_or(f64::NAN);
        }
    }
    let (sign, size) = match text.as_bytes().first() {
        Some(b'-') => (-1.0, &text[1..]),
        Some(b'+') => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    match size {
        "Infinity" => sign * f64::INFINITY,
        _ if is_decimal(size) => sign * size.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// Digits with at most one point and at least one digit, and an exponent of digits.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|sign| sign.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let power = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && power.is_none_or(|power| !power.is_empty() && digits(power))
}

/// White space and ends of lines of ECMA-262: U+0085 is neither.
fn is_space(sign: char) -> bool {
    matches!(sign, '\u{9}'..='\u{d}' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}')
        || matches!(sign, '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_does() {
        let cases = [
            (1.0, "1"),
            (-0.0, "0"),
            (0.5, "0.5"),
            (123.456, "123.456"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e20, "100000000000000000000"),
            (1e-6, "0.000001"),
            (1.25e-7, "1.25e-7"),
            (-10.0, "-10"),
        ];
        for (number, text) in cases {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn texts_are_read_as_javascript_does() {
        let cases = [("", 0.0), (" 5\n", 5.0), ("0x1F", 31.0), ("1.", 1.0), (".5e1", 5.0), ("-2", -2.0), ("+7", 7.0)];
        for (text, number) in cases {
            assert_eq!(text_number(text), number, "{text:?}");
        }
        for text in ["\u{85}5", "-0x1", "1e", ".", "1_0", "inf", "0b2", "5 5"] {
            assert!(text_number(text).is_nan(), "{text:?}");
        }
        assert_eq!(text_number("-Infinity"), f64::NEG_INFINITY);
    }
}
