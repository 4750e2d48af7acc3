//! Bodies: what the framework of each release makes of bytes and their content type (better-call, `utils`, `getBody`).

use regex::Regex;
use std::sync::LazyLock;

use super::js::Js;
use super::json::{self, Fault};
use super::refusal::Refusal;
use crate::spec::edition::Release;

/// What a body is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    /// There is none.
    Missing,
    Value(Js),
    Refused(Refusal),
    /// Nothing is said about it: forms with parts.
    Open,
}

/// The reference reads no more than a mebibyte.
const MOST: usize = 1 << 20;

static JSON: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i-u)^application/([a-z0-9.+-]*\+)?json").ok());

/// Reads a body that came over HTTP.
pub(crate) fn read(release: Release, content_type: Option<&str>, bytes: &[u8]) -> Body {
    let written = content_type.unwrap_or_default().trim();
    if bytes.is_empty() {
        return Body::Missing;
    }
    if bytes.len() > MOST {
        return Body::Refused(Refusal::TooLarge);
    }
    // Up to 1.3 the type is looked for as it is written, and any will do.
    let name = if release < (1, 4, 0) { written.to_owned() } else { written.to_lowercase() };
    let essence = name.split(';').next().unwrap_or_default();
    if release >= (1, 4, 0) && !essence.contains("application/json") {
        return Body::Refused(Refusal::MediaType);
    }
    let is_json = match release < (1, 4, 4) {
        true => name.contains("application/json"),
        false => JSON.as_ref().is_some_and(|pattern| pattern.is_match(&name)),
    };
    if is_json {
        return match json::read(bytes) {
            Ok(value) => Body::Value(value),
            Err(Fault::Malformed) => Body::Refused(Refusal::Malformed),
            Err(Fault::Deep) => Body::Refused(Refusal::TooLarge),
        };
    }
    if name.contains("application/x-www-form-urlencoded") {
        // A form is only read where nothing else is said of its type: what is done then is an accident.
        return if essence.trim() == "application/x-www-form-urlencoded" {
            Body::Value(form(bytes))
        } else {
            Body::Open
        };
    }
    if name.contains("multipart/form-data") {
        return Body::Open;
    }
    if name.contains("text/plain") {
        return Body::Value(Js::Text(String::from_utf8_lossy(bytes).into_owned()));
    }
    // A stream, a buffer or a blob: objects, and none has a member that is looked for.
    Body::Value(Js::Object(Vec::new()))
}

/// Text as every value, the last of equal names.
fn form(bytes: &[u8]) -> Js {
    let mut members = Vec::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        Js::set(&mut members, name.into_owned(), Js::Text(value.into_owned()));
    }
    Js::Object(members)
}

/// A query: text as every value, a list where a name is repeated.
pub(crate) fn query(pairs: &[(String, String)]) -> Js {
    let mut members: Vec<(String, Js)> = Vec::new();
    for (name, value) in pairs {
        let value = Js::Text(value.clone());
        match members.iter_mut().find(|(other, _)| other == name) {
            None => members.push((name.clone(), value)),
            Some((_, Js::List(values))) => values.push(value),
            Some((_, first)) => *first = Js::List(vec![first.clone(), value]),
        }
    }
    Js::Object(members)
}
