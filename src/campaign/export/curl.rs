//! As a shell script: what clients do of it over HTTP. What only the server can do stands there as a sentence.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Part, last, one_line, parts, plain};
use crate::campaign::bind;
use crate::campaign::finding::Finding;
use crate::campaign::sequence::{Call, Step};
use crate::campaign::story;
use crate::spec::edition::Edition;

pub(super) fn write(finding: &Finding) -> String {
    let edition = finding.edition.parse().unwrap_or_else(|_| Edition::newest());
    let mut text = String::from("#!/usr/bin/env bash\n");
    let _ = writeln!(text, "# {}", one_line(&finding.cause.to_string()));
    let _ = writeln!(
        text,
        "# It needs curl and jq, and a deployment with the options {}",
        one_line(&finding.sequence.config.to_string())
    );
    text.push_str("set -u\nBASE=${BASE:-http://127.0.0.1:3000/api/auth}\nORIGIN=${BASE%%/api/*}\nUNIQUE=$$-$RANDOM\nJARS=$(mktemp -d)\n");
    for actor in finding.sequence.actors() {
        let sign_up = format!(
            "curl -sS -c \"$JARS/{actor}\" -H \"origin: $ORIGIN\" -H 'content-type: application/json' \"$BASE/sign-up/email\" \\\n  --data '{{\"name\":\"{actor}\",\"email\":\"{actor}-'\"$UNIQUE\"'@example.com\",\"password\":\"pw-'\"$UNIQUE\"'\"}}'"
        );
        let _ = writeln!(text, "{actor}_id=$({sign_up} | jq -r .user.id)");
    }
    for (at, step) in finding.sequence.steps.iter().enumerate() {
        let _ = writeln!(text, "\n# {}. {}", at + 1, one_line(&story::told(step)));
        let is_last = at == finding.step;
        match step {
            Step::Client { operation, call } => {
                let (method, path) = bind::route(&edition, *operation);
                text.push_str(&request(&method, &path, call, is_last));
            }
            Step::Route { method, path, call } => text.push_str(&request(method, path, call, is_last)),
            Step::Server { call, .. } => {
                text.push_str("# The server does this itself; it cannot be done over HTTP.\n");
                if let Some(name) = call.makes.as_deref().map(plain) {
                    let _ = writeln!(text, ": \"${{{name}_id:?its id}}\" \"${{{name}_key:?the key itself}}\"");
                }
            }
            Step::Clock { .. } => text.push_str("# Time passes: the deployment's clock has to be moved.\n"),
            Step::Organization { .. } => text.push_str("# Through the routes of the organization plugin.\n"),
        }
    }
    let (expected, actual) = last(finding);
    let _ = writeln!(text, "\n# Expected {}, was {}.", one_line(&expected), one_line(&actual));
    for difference in finding.differences.iter().filter(|difference| difference.path.starts_with("body")) {
        let _ = writeln!(
            text,
            "# {}: {}, expected {}.",
            one_line(&difference.path),
            one_line(&difference.actual),
            one_line(&difference.expected)
        );
    }
    text
}

fn request(method: &str, path: &str, call: &Call, is_last: bool) -> String {
    let mut line = format!("curl -sS -X {}", if is_plain(method) { method.to_owned() } else { quoted(method) });
    if is_last {
        line.push_str(" -w '\\n%{http_code}\\n'");
    }
    if let Some(actor) = &call.actor {
        let _ = write!(line, " -b \"$JARS/{actor}\" -H \"origin: $ORIGIN\"");
    }
    for (name, value) in &call.headers {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    let body = call.text.clone().or_else(|| call.body.as_ref().map(Value::to_string));
    if let Some(body) = body {
        if !call.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
            line.push_str(" -H 'content-type: application/json'");
        }
        let _ = write!(line, " --data-binary {}", quoted(&body));
    }
    for (name, value) in call.query.iter().filter_map(Value::as_object).flatten() {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(line, " -G --data-urlencode {}", quoted(&format!("{name}={text}")));
        }
    }
    let address = if is_plain(path) { format!("\"$BASE{path}\"") } else { format!("\"$BASE\"{}", quoted(path)) };
    let _ = write!(line, " {address}");
    if call.times > 1 {
        line = format!("for _ in $(seq {}); do {line} & done; wait", call.times);
    }
    match call.makes.as_deref().map(plain) {
        Some(name) if !is_last => {
            format!("made=$({line})\n{name}_id=$(jq -r .id <<<\"$made\") {name}_key=$(jq -r .key <<<\"$made\")\n")
        }
        _ => line + "\n",
    }
}

/// Does it mean nothing but itself to a shell?
fn is_plain(text: &str) -> bool {
    text.chars().all(|sign| sign.is_ascii_alphanumeric() || "/-_.".contains(sign))
}

/// A word for the shell: texts in single quotes, symbols as variables.
fn quoted(text: &str) -> String {
    let write = |part: &Part<'_>| match part {
        Part::Text(text) => format!("'{}'", text.replace('\'', "'\\''")),
        Part::Symbol { name, part, form } => {
            let variable = format!("{}_{}", plain(name), plain(part));
            let value = format!("${{{variable}-none}}");
            match *form {
                None => format!("\"{value}\""),
                Some("upper") => format!("\"${{{variable}^^}}\""),
                Some("lower") => format!("\"${{{variable},,}}\""),
                Some("cut") => format!("\"${{{variable}%?}}\""),
                Some("more") => format!("\"{value}x\""),
                Some("space") => format!("\" {value}\""),
                Some(_) => format!(
                    "\"$(printf %s \"{value}\" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =)\""
                ),
            }
        }
    };
    let text: String = parts(text).iter().map(write).collect();
    if text.is_empty() { "''".to_owned() } else { text }
}
