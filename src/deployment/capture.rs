//! Exchanges as people may see them: everything is redacted here, before any of it is kept.

use indexmap::IndexMap;
use serde_json::Value;

use super::adapter::Called;
use super::http::{HttpReply, HttpRequest};
use super::redact::Secrets;
use crate::outcome::exchange::{Response, Sent};
use crate::spec::operation::Method;

/// More of a body is not shown. Characters.
const SHOWN: usize = 4096;

impl Secrets {
    /// Learns the secrets of a request that is about to be shown.
    pub fn learn_request(&self, request: &HttpRequest) {
        for (name, value) in &request.headers {
            self.learn_header(name, value);
        }
        if let Some(body) = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()) {
            self.learn_given(&body);
        }
    }

    pub fn learn_reply(&self, reply: &HttpReply) {
        for (name, value) in &reply.headers {
            self.learn_header(name, value);
        }
        if let Ok(body) = serde_json::from_slice(&reply.body) {
            self.learn_issued(&body);
        }
    }

    pub fn show_request(&self, request: &HttpRequest) -> Sent {
        Sent::Http {
            method: request.method.clone(),
            url: self.redact(request.url.as_str()),
            headers: self.show_headers(&request.headers),
            body: request.body.as_ref().map(|body| self.show_text(&String::from_utf8_lossy(body))),
        }
    }

    pub fn show_reply(&self, reply: &HttpReply) -> Response {
        Response::Http {
            status: reply.status,
            headers: self.show_headers(&reply.headers),
            body: self.show_text(&String::from_utf8_lossy(&reply.body)),
        }
    }

    pub fn show_raw(&self, address: String, bytes: &str) -> Sent {
        Sent::Raw { address, bytes: self.show_text(bytes) }
    }

    pub fn show_call(
        &self,
        method: Method,
        body: Option<&Value>,
        query: Option<&Value>,
        headers: Option<&IndexMap<String, String>>,
    ) -> Sent {
        let headers = headers.map(|headers| headers.iter().map(|(n, v)| (n.clone(), self.redact(v))).collect());
        Sent::Call {
            method: method.name().to_owned(),
            headers,
            query: query.map(|value| self.redact_json(value)),
            body: body.map(|value| self.redact_json(value)),
        }
    }

    pub fn show_called(&self, called: &Called) -> Response {
        match called {
            Called::Returned(value) => Response::Returned { value: self.redact_json(value) },
            Called::Threw(error) => {
                let error = serde_json::to_value(error).unwrap_or_default();
                Response::Threw { error: self.redact_json(&error) }
            }
        }
    }

    fn show_headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        headers.iter().map(|(name, value)| (name.clone(), self.redact(value))).collect()
    }

    /// Redacted first and cut afterwards, so that no half of a secret stays at the cut.
    fn show_text(&self, text: &str) -> String {
        let shown = self.redact(text);
        match shown.char_indices().nth(SHOWN) {
            Some((at, _)) => format!("{} … ({} bytes in all)", shown.get(..at).unwrap_or_default(), text.len()),
            None => shown,
        }
    }
}
