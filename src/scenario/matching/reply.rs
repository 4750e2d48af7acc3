//! A reply as it was observed, in one shape for HTTP and for server-side calls.

use serde_json::{Map, Value, json};

use crate::spec::edition::Edition;
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::operation::Method;
use crate::spec::request::Channel;

use super::refusal;

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub channel: Channel,
    /// The operation that was asked for, where the request was for one.
    pub method: Option<Method>,
    /// Over HTTP always; a server-side call has one only in its error.
    pub status: Option<u16>,
    /// Names in lower case, repetitions included.
    pub headers: Vec<(String, String)>,
    /// Over HTTP the body; of a server-side call what it returned (empty where it threw).
    pub body: Payload,
    /// Of a server-side call that threw.
    pub error: Option<Refusal>,
}

/// The content of a reply.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Payload {
    #[default]
    Empty,
    Json(Value),
    /// Not JSON; what was not UTF-8 is replaced.
    Text(String),
}

/// What a server-side call threw. What the implementation does not have is left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Refusal {
    pub status: Option<u16>,
    pub code: Option<String>,
    pub message: Option<Value>,
    pub details: Option<Value>,
}

impl Reply {
    /// A reply over HTTP.
    pub fn http(method: Option<Method>, status: u16, headers: Vec<(String, String)>, body: Payload) -> Self {
        let headers = headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        Self { channel: Channel::Http, method, status: Some(status), headers, body, error: None }
    }

    /// A server-side call that returned.
    pub fn returned(method: Method, value: Value) -> Self {
        let body = Payload::Json(value);
        Self { channel: Channel::Server, method: Some(method), status: None, headers: Vec::new(), body, error: None }
    }

    /// A server-side call that threw.
    pub fn threw(method: Method, error: Refusal) -> Self {
        let (status, body) = (error.status, Payload::Empty);
        Self { channel: Channel::Server, method: Some(method), status, headers: Vec::new(), body, error: Some(error) }
    }

    /// Was the request granted? 2xx, or a call that did not throw; of `verifyApiKey` a result that says `valid: true`.
    pub fn accepted(&self) -> bool {
        let answered = match self.channel {
            Channel::Http => self.status.is_some_and(|status| (200..300).contains(&status)),
            Channel::Server => self.error.is_none(),
        };
        answered && (self.method != Some(Method::VerifyApiKey) || self.verdict() == Some(true))
    }

    /// The kind of reply, for tallies and summaries: `ok`, `valid`, a symbolic code, `status 404`, `code OTHER`.
    pub fn label(&self, edition: &Edition) -> String {
        if self.accepted() {
            return if self.method == Some(Method::VerifyApiKey) { "valid" } else { "ok" }.to_owned();
        }
        let code = self.code();
        if self.verdict().is_some() {
            let symbol =
                ErrorCode::ALL.iter().find(|symbol| symbol.wire(edition, Surface::Verify).code.as_deref() == code);
            return symbol
                .map_or_else(|| format!("code {}", code.unwrap_or("missing")), |symbol| symbol.symbol().to_owned());
        }
        let symbol = ErrorCode::ALL.iter().find(|symbol| refusal::is_refused_as(self, **symbol, edition));
        match (symbol, self.status, code) {
            (Some(symbol), ..) => symbol.symbol().to_owned(),
            (None, Some(status), _) => format!("status {status}"),
            (None, None, Some(code)) => format!("code {code}"),
            (None, None, None) => "error".to_owned(),
        }
    }

    /// The reply as captures see it: `{status, headers, body, keys}`, without what it does not have.
    pub fn document(&self, edition: &Edition) -> Value {
        let mut document = Map::new();
        if let Some(status) = self.status {
            document.insert("status".to_owned(), status.into());
        }
        let mut headers = Map::new();
        for (name, _) in &self.headers {
            headers.insert(name.clone(), self.header(name).into());
        }
        document.insert("headers".to_owned(), Value::Object(headers));
        if let Some(body) = self.body.value() {
            document.insert("body".to_owned(), body);
        }
        if let Some(keys) = self.keys(edition) {
            document.insert("keys".to_owned(), keys.into());
        }
        Value::Object(document)
    }

    /// Several replies as captures see them: `{replies: [...]}`.
    pub fn document_of_many(replies: &[Self], edition: &Edition) -> Value {
        let replies: Vec<Value> = replies.iter().map(|reply| reply.document(edition)).collect();
        json!({ "replies": replies })
    }

    /// The values of a header, joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The keys of a `listApiKeys` reply.
    pub(super) fn keys(&self, edition: &Edition) -> Option<Vec<Value>> {
        match &self.body {
            Payload::Json(body) => edition.listed_keys(body).map(<[Value]>::to_vec),
            Payload::Empty | Payload::Text(_) => None,
        }
    }

    /// The wire code of a refusal, wherever this kind of reply has it.
    pub(super) fn code(&self) -> Option<&str> {
        if let Some(error) = &self.error {
            return error.code.as_deref();
        }
        let Payload::Json(body) = &self.body else { return None };
        let pointer = if self.verdict().is_some() { "/error/code" } else { "/code" };
        body.pointer(pointer)?.as_str()
    }

    /// What `verifyApiKey` says of the key.
    pub(super) fn verdict(&self) -> Option<bool> {
        match (&self.body, self.method) {
            (Payload::Json(body), Some(Method::VerifyApiKey)) => body.get("valid")?.as_bool(),
            _ => None,
        }
    }
}

impl Payload {
    /// The payload as a value: what is not JSON is a string, and nothing is nothing.
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Empty => None,
            Self::Json(value) => Some(value.clone()),
            Self::Text(text) => Some(Value::String(text.clone())),
        }
    }
}
