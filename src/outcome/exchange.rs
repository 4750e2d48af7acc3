//! A request and its reply as people may see them: redacted, bounded, ready to be repeated by hand.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One request and what came back. Every text in it went through redaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    pub request: Sent,
    /// What came back, or why nothing did.
    pub response: Response,
    /// Milliseconds.
    pub millis: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Sent {
    Http { method: String, url: String, headers: Vec<(String, String)>, body: Option<String> },
    Call { method: String, headers: Option<Vec<(String, String)>>, query: Option<Value>, body: Option<Value> },
    Raw { address: String, bytes: String },
    Clock { advance_ms: u64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Response {
    Http { status: u16, headers: Vec<(String, String)>, body: String },
    Returned { value: Value },
    Threw { error: Value },
    Nothing { reason: String },
}

impl Sent {
    /// The request in one line: `POST /api-key/create as HTTP`, `server verifyApiKey`.
    pub fn line(&self) -> String {
        match self {
            Self::Http { method, url, .. } => format!("{method} {url}"),
            Self::Call { method, headers, .. } => {
                let with = if headers.is_some() { "with headers" } else { "without headers" };
                format!("server call {method}, {with}")
            }
            Self::Raw { address, bytes } => format!("{} bytes to {address}", bytes.len()),
            Self::Clock { advance_ms } => format!("clock forward by {advance_ms} ms"),
        }
    }

    /// The request as a curl command, where HTTP can carry it. Secrets are shell variables.
    pub fn curl(&self) -> Option<String> {
        let Self::Http { method, url, headers, body } = self else { return None };
        let mut line = String::from("curl -i");
        if method != "GET" {
            let _ = write!(line, " -X {method}");
        }
        for (name, value) in headers {
            if !matches!(name.as_str(), "user-agent" | "content-length" | "host") {
                let _ = write!(line, " -H {}", shell_quote(&format!("{name}: {value}")));
            }
        }
        if let Some(body) = body {
            let _ = write!(line, " --data-binary {}", shell_quote(body));
        }
        let _ = write!(line, " {}", shell_quote(url));
        Some(line)
    }
}

/// Single quotes, with `[session-1]` opened up to the shell variable `SESSION_1`.
fn shell_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        push_quoted(&mut out, before);
        match from.find(']').and_then(|close| Some((variable(from.get(1..close)?)?, close))) {
            Some((name, close)) => {
                let _ = write!(out, "'\"${name}\"'");
                rest = from.get(close + 1..).unwrap_or_default();
            }
            None => {
                out.push('[');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    push_quoted(&mut out, rest);
    out.push('\'');
    out
}

fn push_quoted(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\'' => out.push_str("'\\''"),
            c if c.is_control() && c != '\n' && c != '\t' => out.push('?'),
            c => out.push(c),
        }
    }
}

/// The shell variable of a redaction mark: `session-1` is `SESSION_1`.
fn variable(mark: &str) -> Option<String> {
    let (kind, number) = mark.rsplit_once('-')?;
    let known = matches!(kind, "key" | "session" | "token" | "password");
    (known && number.chars().all(|c| c.is_ascii_digit()) && !number.is_empty())
        .then(|| format!("{}_{number}", kind.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(cookie: &str, body: &str) -> Sent {
        Sent::Http {
            method: "POST".into(),
            url: "http://127.0.0.1:1/api/auth/api-key/create".into(),
            headers: vec![("cookie".into(), cookie.into())],
            body: Some(body.into()),
        }
    }

    #[test]
    fn curl_opens_redaction_marks_to_shell_variables() {
        insta::assert_snapshot!(
            post("better-auth.session_token=[session-1]", r#"{"name":"it's"}"#).curl().unwrap(),
            @r#"curl -i -X POST -H 'cookie: better-auth.session_token='"$SESSION_1"'' --data-binary '{"name":"it'\''s"}' 'http://127.0.0.1:1/api/auth/api-key/create'"#
        );
    }

    #[test]
    fn curl_leaves_other_brackets_alone_and_shows_no_control_characters() {
        let line = post("a=1", "[1,2] [key-x] \u{1b}[31m").curl().unwrap();
        assert!(line.contains("'[1,2] [key-x] ?[31m'"), "{line}");
    }

    #[test]
    fn a_hostile_text_cannot_leave_its_quotes() {
        let line = post("'; rm -rf ~; '", "").curl().unwrap();
        assert!(line.contains(r"'cookie: '\''; rm -rf ~; '\'''"), "{line}");
    }
}
