//! From bytes and a content type to a body, as the framework of each edition reads it.

use indexmap::IndexMap;

use super::json::{Json, JsonError};
use crate::spec::edition::{Behaviour, Edition};

/// How large a body may be, in bytes. Releases have no bound of their own.
pub const MAX_BODY: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// The message of a 415.
    MediaType(String),
    Malformed,
    /// Larger or deeper than the bounds here.
    OutOfBounds,
}

/// Reads a body. `None`: there is none.
pub(crate) fn read(edition: &Edition, content_type: Option<&str>, bytes: &[u8]) -> Result<Option<Json>, BodyError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() > MAX_BODY {
        return Err(BodyError::OutOfBounds);
    }
    let content_type = content_type.unwrap_or_default().trim();
    if edition.has(Behaviour::FormBodies) {
        return read_any(content_type, bytes).map(Some);
    }
    let lower = content_type.to_lowercase();
    let essence = lower.split(';').next().unwrap_or_default();
    if !essence.contains("application/json") {
        return Err(BodyError::MediaType(match content_type {
            "" => "Content-Type is required. Allowed types: application/json".to_owned(),
            _ => format!("Content-Type \"{content_type}\" is not allowed. Allowed types: application/json"),
        }));
    }
    if edition.has(Behaviour::JsonTypeMustLead) && !leads_with_json(&lower) {
        // The readers of other types are still there, behind the one of JSON: text is text.
        let is_form = lower.contains("application/x-www-form-urlencoded") || lower.contains("multipart/form-data");
        return Ok(Some(match lower.contains("text/plain") && !is_form {
            true => Json::String(String::from_utf8_lossy(bytes).into_owned()),
            false => Json::Object(IndexMap::new()),
        }));
    }
    Ok(Some(Json::parse(bytes)?))
}

/// Up to 1.3 the type only chooses a reader. What none reads is an object without members.
fn read_any(content_type: &str, bytes: &[u8]) -> Result<Json, BodyError> {
    if content_type.contains("application/json") {
        return Ok(Json::parse(bytes)?);
    }
    if content_type.contains("application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(bytes);
        return Ok(Json::Object(
            pairs.map(|(name, value)| (name.into_owned(), Json::String(value.into_owned()))).collect(),
        ));
    }
    if content_type.contains("multipart/form-data") {
        return read_multipart(content_type, bytes).map(Json::Object).ok_or(BodyError::Malformed);
    }
    if content_type.contains("text/plain") {
        return Ok(Json::String(String::from_utf8_lossy(bytes).into_owned()));
    }
    Ok(Json::Object(IndexMap::new()))
}

/// `application/json…` and `application/…+json…`, in lower case.
fn leads_with_json(content_type: &str) -> bool {
    let Some(subtype) = content_type.strip_prefix("application/") else { return false };
    let is_prefix = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || ".+-".contains(sign);
    let end = subtype.find(|sign: char| !is_prefix(sign)).unwrap_or(subtype.len());
    subtype.starts_with("json") || subtype.get(..end).is_some_and(|name| name.contains("+json"))
}

/// The fields of a form with parts. A file is an object, which no field of a key accepts.
fn read_multipart(content_type: &str, bytes: &[u8]) -> Option<IndexMap<String, Json>> {
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    let text = String::from_utf8_lossy(bytes);
    let delimiter = format!("--{boundary}");
    let (_, mut rest) = text.split_once(&delimiter)?;
    let mut fields = IndexMap::new();
    while !rest.starts_with("--") {
        let (part, next) = rest.strip_prefix("\r\n")?.split_once(&delimiter)?;
        let (head, value) = part.strip_suffix("\r\n")?.split_once("\r\n\r\n")?;
        let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let (_, name) = disposition.split_once(" name=\"")?;
        let (name, _) = name.split_once('"')?;
        let is_file = disposition.contains("filename");
        let value = if is_file { Json::Object(IndexMap::new()) } else { Json::String(value.to_owned()) };
        fields.insert(name.to_owned(), value);
        rest = next;
    }
    Some(fields)
}

impl From<JsonError> for BodyError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Malformed => Self::Malformed,
            JsonError::TooDeep => Self::OutOfBounds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(edition: &str, content_type: Option<&str>, body: &str) -> Result<Option<String>, BodyError> {
        let body = read(&edition.parse().unwrap(), content_type, body.as_bytes())?;
        let Some(Json::Object(members)) = body else { return Ok(None) };
        Ok(members.get("name").and_then(Json::coerce_to_string))
    }

    #[test]
    fn content_types_choose_the_reader() {
        let json = r#"{"name":"n"}"#;
        let read = |edition, content_type| name(edition, Some(content_type), json);
        for content_type in
            ["application/json", "APPLICATION/JSON; charset=utf-8", "application/json-patch+json", "application/jsonx"]
        {
            assert_eq!(read("1.7.5", content_type), Ok(Some("n".to_owned())), "{content_type}");
        }
        assert_eq!(read("1.7.5", "x-application/json"), Ok(None));
        assert_eq!(read("1.4.1", "x-application/json"), Ok(Some("n".to_owned())));
        let as_text = super::read(&"1.7.5".parse().unwrap(), Some("x-application/json; text/plain"), json.as_bytes());
        assert_eq!(as_text, Ok(Some(Json::String(json.to_owned()))));
        for content_type in ["application/vnd.api+json", "text/plain; application/json", "text/json", "garbage"] {
            assert!(matches!(read("1.4.0", content_type), Err(BodyError::MediaType(_))), "{content_type}");
        }
        assert_eq!(read("1.3.34", "text/plain; application/json"), Ok(Some("n".to_owned())));
        for content_type in ["APPLICATION/JSON", "application/vnd.api+json", "application/octet-stream", ""] {
            assert_eq!(read("1.3.34", content_type), Ok(None), "{content_type}");
        }
    }

    #[test]
    fn forms_are_read_up_to_1_3() {
        let form = Some("application/x-www-form-urlencoded");
        assert_eq!(name("1.3.34", form, "name=x&name=y+z%21"), Ok(Some("y z!".to_owned())));
        let parts = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nmp\r\n--b--\r\n";
        assert_eq!(name("1.3.34", Some("multipart/form-data; boundary=b"), parts), Ok(Some("mp".to_owned())));
        assert_eq!(name("1.3.34", Some("multipart/form-data; boundary=b"), "--b"), Err(BodyError::Malformed));
        assert!(matches!(name("1.4.0", form, "name=x"), Err(BodyError::MediaType(_))));
    }

    #[test]
    fn no_body_has_no_type() {
        assert_eq!(read(&"1.7.5".parse().unwrap(), None, b""), Ok(None));
        assert!(matches!(name("1.7.5", None, "{}"), Err(BodyError::MediaType(text)) if text.contains("required")));
    }
}
