//! JSON as a JavaScript server reads it: numbers are doubles and may overflow, the last of equal names wins,
//! a byte order mark and invalid UTF-8 are put up with.
//!
//! Half a surrogate pair becomes U+FFFD: there is no text for it here.

use indexmap::IndexMap;
use serde_json::Value;

use crate::spec::key::js_number;

/// How many arrays and objects may be in each other. Releases go to some thousands; a frame of the adapter protocol
/// goes to 128, and what is stored must fit into the reply that shows it.
pub const MAX_DEPTH: usize = 120;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Self>),
    Object(IndexMap<String, Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonError {
    Malformed,
    TooDeep,
}

impl Json {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut parser = Parser { rest: text };
        parser.skip_space();
        let value = parser.value(0)?;
        parser.skip_space();
        if parser.rest.is_empty() { Ok(value) } else { Err(JsonError::Malformed) }
    }

    pub(crate) fn from_value(value: &Value) -> Result<Self, JsonError> {
        Self::from_value_at(value, 0)
    }

    fn from_value_at(value: &Value, depth: usize) -> Result<Self, JsonError> {
        if depth >= MAX_DEPTH && (value.is_array() || value.is_object()) {
            return Err(JsonError::TooDeep);
        }
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => {
                Self::Array(items.iter().map(|item| Self::from_value_at(item, depth + 1)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), Self::from_value_at(member, depth + 1)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// As it is stored and shown: what JSON cannot hold is `null`.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => js_number(*number),
            Self::String(text) => Value::String(text.clone()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(members) => {
                Value::Object(members.iter().map(|(name, member)| (name.clone(), member.to_value())).collect())
            }
        }
    }

    /// What a validation message calls this.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(number) if number.is_nan() => "NaN",
            Self::Number(f64::NEG_INFINITY) => "-Infinity",
            Self::Number(f64::INFINITY) => "Infinity",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// JavaScript's `String(value)`. `None` where that throws: an object whose own `toString` is no function.
    pub(crate) fn coerce_to_string(&self) -> Option<String> {
        match self {
            Self::Null => Some("null".to_owned()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(number) => Some(number_text(*number)),
            Self::String(text) => Some(text.clone()),
            Self::Array(items) => {
                let texts: Option<Vec<_>> = items
                    .iter()
                    .map(|item| if *item == Self::Null { Some(String::new()) } else { item.coerce_to_string() })
                    .collect();
                Some(texts?.join(","))
            }
            Self::Object(members) if members.contains_key("toString") => None,
            Self::Object(_) => Some("[object Object]".to_owned()),
        }
    }

    /// JavaScript's `Number(value)`. `None` where that throws.
    pub(crate) fn coerce_to_number(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Number(number) => Some(*number),
            Self::String(text) => Some(text_number(text)),
            Self::Array(_) | Self::Object(_) => self.coerce_to_string().map(|text| text_number(&text)),
        }
    }
}

/// A number as JavaScript writes it: `1`, `0.5`, `1e+21`.
pub(crate) fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let size = number.abs();
    if (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power}"),
        _ => text,
    }
}

fn text_number(text: &str) -> f64 {
    // U+0085 is white space to Unicode, and none to JavaScript.
    let is_space = |sign: char| (sign.is_whitespace() && sign != '\u{85}') || sign == '\u{feff}';
    let text = text.trim_matches(is_space);
    let radix = |digits: &str, radix: u32| {
        let digits: Option<Vec<_>> = digits.chars().map(|digit| digit.to_digit(radix)).collect();
        let digits = digits.filter(|digits| !digits.is_empty());
        digits
            .map_or(f64::NAN, |digits| digits.iter().fold(0.0, |sum, &digit| sum * f64::from(radix) + f64::from(digit)))
    };
    match text.as_bytes() {
        [] => 0.0,
        [b'0', b'x' | b'X', ..] => text.get(2..).map_or(f64::NAN, |digits| radix(digits, 16)),
        [b'0', b'o' | b'O', ..] => text.get(2..).map_or(f64::NAN, |digits| radix(digits, 8)),
        [b'0', b'b' | b'B', ..] => text.get(2..).map_or(f64::NAN, |digits| radix(digits, 2)),
        _ => match text {
            "Infinity" | "+Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            // Rust reads `inf` and `nan` as well: JavaScript does not.
            _ if text.bytes().all(|sign| matches!(sign, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) => {
                text.parse().unwrap_or(f64::NAN)
            }
            _ => f64::NAN,
        },
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        match self.peek() {
            Some('{' | '[') if depth >= MAX_DEPTH => Err(JsonError::TooDeep),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => self.string().map(Json::String),
            Some('-' | '0'..='9') => self.number(),
            _ => [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
                .into_iter()
                .find_map(|(word, value)| {
                    self.rest = self.rest.strip_prefix(word)?;
                    Some(value)
                })
                .ok_or(JsonError::Malformed),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.expect('{')?;
        let mut members = IndexMap::new();
        self.skip_space();
        if self.eat('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(':')?;
            self.skip_space();
            members.insert(name, self.value(depth + 1)?);
            self.skip_space();
            if !self.eat(',') {
                self.expect('}')?;
                return Ok(Json::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.expect('[')?;
        let mut items = Vec::new();
        self.skip_space();
        if self.eat(']') {
            return Ok(Json::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if !self.eat(',') {
                self.expect(']')?;
                return Ok(Json::Array(items));
            }
        }
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.rest;
        self.eat('-');
        if !self.eat('0') {
            self.digits()?;
        }
        if self.eat('.') {
            self.digits()?;
        }
        if self.eat('e') || self.eat('E') {
            let _ = self.eat('+') || self.eat('-');
            self.digits()?;
        }
        let length = start.len() - self.rest.len();
        start.get(..length).and_then(|text| text.parse().ok()).map(Json::Number).ok_or(JsonError::Malformed)
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let rest = self.rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
        if rest.len() == self.rest.len() {
            return Err(JsonError::Malformed);
        }
        self.rest = rest;
        Ok(())
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                '\u{0}'..='\u{1f}' => return Err(JsonError::Malformed),
                sign => text.push(sign),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        Ok(match self.next()? {
            sign @ ('"' | '\\' | '/') => sign,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(),
            _ => return Err(JsonError::Malformed),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.hex4()?;
        if (0xd800..0xdc00).contains(&first)
            && let Some(rest) = self.rest.strip_prefix("\\u")
        {
            let before = self.rest;
            self.rest = rest;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let sign = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(sign).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.rest = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let mut value = 0;
        for _ in 0..4 {
            value = value * 16 + self.next()?.to_digit(16).ok_or(JsonError::Malformed)?;
        }
        Ok(value)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Result<char, JsonError> {
        let mut signs = self.rest.chars();
        let sign = signs.next().ok_or(JsonError::Malformed)?;
        self.rest = signs.as_str();
        Ok(sign)
    }

    fn eat(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, sign: char) -> Result<(), JsonError> {
        if self.eat(sign) { Ok(()) } else { Err(JsonError::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKENS: &[&str] = &[
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "\"a\"",
        "\"b\\n\"",
        "\"\\u00e9\"",
        "1",
        "-0",
        "2.5",
        "1e3",
        " ",
        "null",
        "true",
        "x",
        "\\",
    ];

    fn parse(text: &str) -> Result<Json, JsonError> {
        Json::parse(text.as_bytes())
    }

    #[test]
    fn reads_what_a_javascript_server_reads() {
        assert_eq!(parse("\u{feff} {\"a\":1,\"b\":2,\"a\":3} ").unwrap().to_value().to_string(), r#"{"a":3,"b":2}"#);
        assert_eq!(parse("1e400"), Ok(Json::Number(f64::INFINITY)));
        assert_eq!(parse("12345678901234567890").unwrap().to_value().as_f64(), Some(12_345_678_901_234_567_000.0));
        assert_eq!(parse("-0").unwrap().to_value().to_string(), "0");
        assert_eq!(parse(r#""\ud83d\ude00\ud800""#), Ok(Json::String("😀\u{fffd}".to_owned())));
        assert_eq!(Json::parse(b"\"\xff\""), Ok(Json::String("\u{fffd}".to_owned())));
    }

    #[test]
    fn refuses_what_it_refuses() {
        for text in
            ["", " ", "{", "{} x", "{'a':1}", "0123", "01", "1.", ".5", "+1", "\"\u{1}\"", "\u{a0}{}", "[1,]", "nul"]
        {
            assert_eq!(parse(text), Err(JsonError::Malformed), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(1_000_000)), Err(JsonError::TooDeep));
    }

    #[test]
    fn coerces_like_javascript() {
        let number = |text: &str| Json::String(text.to_owned()).coerce_to_number().unwrap();
        assert_eq!(
            [number(""), number(" \t5\n"), number("0x10"), number("1e2"), number(".5")],
            [0.0, 5.0, 16.0, 100.0, 0.5]
        );
        assert!(["\u{85}5", "abc", "1_0", "inf", "nan", "0x", "1,2", "5 5"].iter().all(|text| number(text).is_nan()));
        let text = |json: &str| parse(json).unwrap().coerce_to_string();
        assert_eq!(text(r#"[1,[null,"b"],{}]"#).as_deref(), Some("1,,b,[object Object]"));
        assert_eq!(text("1e21").as_deref(), Some("1e+21"));
        assert_eq!(text("1e-7").as_deref(), Some("1e-7"));
        assert_eq!(text("0.000001").as_deref(), Some("0.000001"));
        assert_eq!(text(r#"{"toString":1}"#), None);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_where_both_are_exact(
            tokens in proptest::collection::vec(prop::sample::select(TOKENS), 0..12)
        ) {
            let text = tokens.concat();
            let theirs = serde_json::from_str::<Value>(&text).ok().and_then(|value| Json::from_value(&value).ok());
            prop_assert_eq!(parse(&text).ok(), theirs, "{}", text);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Json::parse(&bytes);
        }
    }
}
