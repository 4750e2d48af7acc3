//! A reply as it can be compared: every id, key and time is a symbol, and what nobody can predict is left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::name::Names;
use crate::spec::operation::Method;
use crate::spec::request::Reply;

/// What one step was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `200`, `200 valid`, `200 KEY_EXPIRED`, `400 VALIDATION_ERROR`, `401 without a code`.
    pub verdict: String,
    pub status: u16,
    /// `None` is an empty body; for several at once, how many had which verdict.
    pub body: Option<Value>,
}

/// The verdict of several requests at once.
pub const SEVERAL: &str = "several";

impl Answer {
    /// Reads a reply. `start` is the time at which the deployment's sequence began.
    pub fn of(operation: Option<Method>, reply: &Reply, names: &Names, start: i64) -> Self {
        let body = reply.body.as_ref().map(|body| {
            let reader = Reader { names, start };
            match operation {
                Some(Method::GetSession) if reply.status == 200 => reader.session(body),
                _ => reader.value(None, body),
            }
        });
        Self { verdict: verdict(operation, reply), status: reply.status, body }
    }

    /// Reads the replies to requests at the same time: any of them may have come first.
    pub fn of_many(operation: Option<Method>, replies: &[Reply]) -> Self {
        let mut tally: BTreeMap<String, u32> = BTreeMap::new();
        for reply in replies {
            *tally.entry(verdict(operation, reply)).or_default() += 1;
        }
        let status = replies.iter().map(|reply| reply.status).max().unwrap_or(0);
        Self { verdict: SEVERAL.to_owned(), status, body: Some(json!(tally)) }
    }

    /// The verdict, or how many had which.
    pub fn summary(&self) -> String {
        let Some(tally) = self.body.as_ref().filter(|_| self.verdict == SEVERAL).and_then(Value::as_object) else {
            return self.verdict.clone();
        };
        tally.iter().map(|(verdict, times)| format!("{times} × {verdict}")).collect::<Vec<_>>().join(", ")
    }

    /// Brings the keys of a list into an order of their own.
    pub fn forget_order(&mut self) {
        let Some(body) = &mut self.body else { return };
        let wrapped = body.get("apiKeys").is_some();
        let rows = if wrapped { body.get_mut("apiKeys") } else { Some(body) };
        let Some(rows) = rows.and_then(Value::as_array_mut) else { return };
        rows.sort_by_cached_key(|row| row.get("id").map(ToString::to_string));
    }

    /// Was the request granted?
    pub fn accepted(&self) -> bool {
        self.status < 400 && !(self.verdict.starts_with("200 ") && self.verdict != "200 valid")
    }
}

/// Status and code, and for verify whether the key is valid.
fn verdict(operation: Option<Method>, reply: &Reply) -> String {
    let body = reply.body.as_ref();
    let code = |at: &str| body.and_then(|body| body.pointer(at)).and_then(Value::as_str);
    let valid = body.and_then(|body| body.get("valid")).and_then(Value::as_bool);
    match (reply.status, operation, valid) {
        (200, Some(Method::VerifyApiKey), Some(true)) => "200 valid".to_owned(),
        (200, Some(Method::VerifyApiKey), _) => format!("200 {}", code("/error/code").unwrap_or("without a code")),
        (200..400, _, _) => reply.status.to_string(),
        (status, _, _) => format!("{status} {}", code("/code").unwrap_or("without a code")),
    }
}

struct Reader<'a> {
    names: &'a Names,
    start: i64,
}

impl Reader<'_> {
    fn value(&self, name: Option<&str>, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(name, text),
            Value::Array(items) => items.iter().map(|item| self.value(None, item)).collect(),
            Value::Object(members) => self.object(members),
            other => other.clone(),
        }
    }

    fn object(&self, members: &Map<String, Value>) -> Value {
        let key = members.get("id").and_then(Value::as_str).and_then(|id| self.names.clear_key(id));
        let read = members.iter().map(|(name, value)| {
            let read = match (name.as_str(), value, key) {
                ("key", Value::String(text), Some(_)) => shape(text, members, self.names).into(),
                ("start", Value::String(start), Some(key)) if key.starts_with(start.as_str()) => {
                    format!("the first {}", start.encode_utf16().count()).into()
                }
                _ => self.value(Some(name), value),
            };
            (name.clone(), read)
        });
        Value::Object(read.collect())
    }

    fn text(&self, name: Option<&str>, text: &str) -> Value {
        if let Some(symbol) = self.names.symbol(text) {
            return symbol.into();
        }
        if let Some(symbol) = self.names.key_within(text) {
            return format!("a text with {symbol}").into();
        }
        match name {
            Some("token") => "(a token)".into(),
            _ => self.time(text).map_or_else(|| text.into(), Value::from),
        }
    }

    /// Times are told from the beginning of the sequence on.
    fn time(&self, text: &str) -> Option<String> {
        if !(20..=35).contains(&text.len()) {
            return None;
        }
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let ms = i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()?;
        Some(format!("{TIME}{} ms", ms.saturating_sub(self.start)))
    }

    /// Of a session only what the spec speaks of: whose it is, and for a key its id, its end and its token.
    fn session(&self, body: &Value) -> Value {
        let Some(session) = body.get("session").filter(|session| session.is_object()) else {
            return self.value(None, body);
        };
        let member = |name: &str| self.value(Some(name), session.get(name).unwrap_or(&Value::Null));
        let user = body.pointer("/user/id").map_or(Value::Null, |id| self.value(None, id));
        let id = member("id");
        let by_key = id.as_str().is_some_and(|id| id.starts_with("${"));
        match by_key {
            true => json!({
                "session": { "id": id, "userId": member("userId"), "expiresAt": member("expiresAt"), "token": member("token") },
                "user": { "id": user },
            }),
            false => json!({ "session": { "userId": member("userId") }, "user": { "id": user } }),
        }
    }
}

/// How times begin.
pub const TIME: &str = "start + ";

/// What a clear key looks like, without telling it.
fn shape(key: &str, row: &Map<String, Value>, names: &Names) -> String {
    let prefix = row.get("prefix").and_then(Value::as_str).filter(|prefix| key.starts_with(*prefix)).unwrap_or("");
    let rest = key.get(prefix.len()..).unwrap_or_default();
    let what = match () {
        () if rest.is_empty() => "nothing".to_owned(),
        () if rest.chars().all(|sign| sign.is_ascii_alphabetic()) => format!("{} letters", rest.len()),
        () if rest.trim_start_matches('k').chars().all(|sign| sign.is_ascii_digit()) => rest.to_owned(),
        () => format!("{} signs", rest.chars().count()),
    };
    let own = row.get("id").and_then(Value::as_str).and_then(|id| names.symbol(id)).unwrap_or_default();
    let symbol = names.symbol(key).unwrap_or_default();
    let same_name = |a: &str, b: &str| a.split('.').next() == b.split('.').next();
    let repeated = if same_name(own, symbol) { String::new() } else { format!(", the same as {symbol}") };
    format!("{prefix}({what}){repeated}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_790_000_000_000;

    fn names() -> Names {
        let mut names = Names::default();
        names.bind("alice", "id", "u1");
        names.bind("k1", "id", "x1");
        names.bind("k1", "key", "sk_ABCDEFGHIJKLMNOP");
        names.pair("x1", "sk_ABCDEFGHIJKLMNOP");
        names
    }

    fn read(operation: Method, status: u16, body: Value) -> Answer {
        Answer::of(Some(operation), &Reply { status, headers: Vec::new(), body: Some(body) }, &names(), START)
    }

    #[test]
    fn ids_keys_and_times_are_symbols() {
        let row = json!({
            "id": "x1", "key": "sk_ABCDEFGHIJKLMNOP", "prefix": "sk_", "start": "sk_ABC", "referenceId": "u1",
            "createdAt": "2026-09-21T14:13:21.000Z", "metadata": { "log": "used sk_ABCDEFGHIJKLMNOP" }, "name": "u10",
        });
        let answer = read(Method::CreateApiKey, 200, row);
        let expected = json!({
            "id": "${k1.id}", "key": "sk_(16 letters)", "prefix": "sk_", "start": "the first 6", "referenceId": "${alice.id}",
            "createdAt": "start + 1000 ms", "metadata": { "log": "a text with ${k1.key}" }, "name": "u10",
        });
        assert_eq!(answer.body, Some(expected));
        assert!(answer.accepted());
    }

    #[test]
    fn a_key_that_another_one_has_is_told() {
        let mut names = names();
        names.bind("k2", "id", "x2");
        names.bind("k2", "key", "sk_ABCDEFGHIJKLMNOP");
        names.pair("x2", "sk_ABCDEFGHIJKLMNOP");
        let body = json!({ "id": "x2", "key": "sk_ABCDEFGHIJKLMNOP", "prefix": null });
        let reply = Reply { status: 200, headers: Vec::new(), body: Some(body) };
        let answer = Answer::of(Some(Method::CreateApiKey), &reply, &names, START);
        assert_eq!(answer.body.unwrap()["key"], "(19 signs), the same as ${k1.key}");
    }

    #[test]
    fn verdicts_name_the_code() {
        let refused = json!({ "valid": false, "error": { "code": "KEY_EXPIRED" }, "key": null });
        assert_eq!(read(Method::VerifyApiKey, 200, refused).verdict, "200 KEY_EXPIRED");
        assert_eq!(read(Method::VerifyApiKey, 200, json!({ "valid": true })).verdict, "200 valid");
        assert_eq!(read(Method::GetApiKey, 404, json!({ "code": "KEY_NOT_FOUND" })).verdict, "404 KEY_NOT_FOUND");
        assert_eq!(read(Method::GetApiKey, 401, Value::Null).verdict, "401 without a code");
    }

    #[test]
    fn a_session_shows_what_the_spec_speaks_of() {
        let session = |id: &str| json!({ "session": { "id": id, "token": "t", "userId": "u1", "ipAddress": "x" }, "user": { "id": "u1", "email": "e" } });
        let body = |id| read(Method::GetSession, 200, session(id)).body.unwrap().to_string();
        assert_eq!(body("s"), r#"{"session":{"userId":"${alice.id}"},"user":{"id":"${alice.id}"}}"#);
        assert!(body("x1").contains(r#""token":"(a token)""#));
    }
}
