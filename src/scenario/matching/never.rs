//! `never`: a secret does not appear anywhere in the reply, in none of its forms.
//!
//! A mismatch says where and in which form it was found, never the secret itself.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::scenario::story::Template;

use super::object::member;
use super::{MatchContext, Mismatch, Payload, Reply};

/// What is shorter is found everywhere by chance.
pub const SHORTEST_SECRET: usize = 6;

pub(super) fn mismatches(secret: &Template, reply: &Reply, context: &MatchContext<'_>) -> Vec<Mismatch> {
    let secret = match secret.bind_as_text(context.known) {
        Ok(secret) => secret,
        Err(unbound) => return vec![Mismatch::new("never", unbound.to_string(), "nothing to look for")],
    };
    if secret.chars().count() < SHORTEST_SECRET {
        let expected = format!("a value of at least {SHORTEST_SECRET} characters to look for");
        return vec![Mismatch::new("never", expected, format!("one of {}", secret.chars().count()))];
    }
    let forms = forms(&secret);
    let mut found = Vec::new();
    let mut look = |path: &str, text: &str| {
        if let Some((form, _)) = forms.iter().find(|(_, form)| text.contains(form.as_str())) {
            found.push(Mismatch::new(path, "no trace of the value", format!("the value {form}")));
        }
    };
    for (name, value) in &reply.headers {
        look(&format!("headers.{name}"), value);
    }
    match &reply.body {
        Payload::Empty => {}
        Payload::Text(text) => look("body", text),
        Payload::Json(value) => each_text(value, "body", &mut look),
    }
    if let Some(error) = &reply.error {
        look("error.code", error.code.as_deref().unwrap_or_default());
        for (name, value) in [("message", &error.message), ("details", &error.details)] {
            if let Some(value) = value {
                each_text(value, &format!("error.{name}"), &mut look);
            }
        }
    }
    found
}

/// The secret in all its forms, each with its name.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let hash = Sha256::digest(secret.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        ("as it is", secret.to_owned()),
        ("percent-encoded", percent_encoded(secret)),
        ("as base64", STANDARD.encode(secret).trim_end_matches('=').to_owned()),
        ("as base64url", URL_SAFE_NO_PAD.encode(secret)),
        ("hashed, in upper-case hexadecimal", hex.to_uppercase()),
        ("hashed, in hexadecimal", hex),
        ("hashed, as base64", STANDARD_NO_PAD.encode(hash)),
        ("hashed, as base64url", URL_SAFE_NO_PAD.encode(hash)),
    ]
}

/// All that is not unreserved (RFC 3986) as `%XX`.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// All strings and member names, and numbers as they are written; without recursion.
fn each_text(value: &Value, path: &str, look: &mut impl FnMut(&str, &str)) {
    let mut waiting = vec![(path.to_owned(), value)];
    while let Some((path, value)) = waiting.pop() {
        match value {
            Value::String(text) => look(&path, text),
            Value::Number(number) => look(&path, &number.to_string()),
            Value::Array(items) => {
                waiting.extend(items.iter().enumerate().rev().map(|(at, item)| (format!("{path}[{at}]"), item)));
            }
            Value::Object(members) => {
                for (name, value) in members.iter().rev() {
                    look(&path, name);
                    waiting.push((member(&path, name), value));
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}
