//! As a scenario of keyspec: runs as it is, and wants the requirement that it is about.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Part, last, members, one_line, parts, plain, rewritten, was_accepted};
use crate::campaign::finding::Finding;
use crate::campaign::sequence::{Act, Call, Step};
use crate::spec::edition::Edition;
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::operation::Method;

pub(super) fn write(finding: &Finding) -> String {
    let mut text =
        format!("# Found by a campaign on {}\n", one_line(&format!("{}: {}", finding.target, finding.cause)));
    let _ = writeln!(text, "scenario: {}", yaml(&finding.cause.to_string().into()));
    if finding.sequence.config != json!({}) {
        let _ = writeln!(text, "config: {}", finding.sequence.config);
    }
    if !finding.sequence.setup.is_null() {
        let _ = writeln!(text, "setup: {}", finding.sequence.setup);
    }
    let named: Vec<&str> = finding.sequence.actors();
    if !named.is_empty() {
        let _ = writeln!(text, "actors: {}", json!(named));
    }
    text.push_str("steps:\n");
    for (at, step) in finding.sequence.steps.iter().enumerate() {
        if at == finding.step {
            text.push_str(&action(step));
            text.push_str(&check(finding, step));
        } else {
            text.push_str(&action(step));
            if !was_accepted(finding, at) {
                text.push_str("    aside: true\n");
            }
            text.push_str(&capture(step));
        }
    }
    text
}

fn action(step: &Step) -> String {
    match step {
        Step::Clock { advance_ms } => format!("  - clock: {advance_ms}ms\n"),
        Step::Restart { config: None } => "  - restart: same\n".to_owned(),
        Step::Restart { config: Some(config) } => format!("  - restart: {{ config: {config} }}\n"),
        Step::Organization { actor, organization, act } => organize(actor, organization, act),
        Step::Client { operation, call } => {
            let what = match operation {
                Method::VerifyApiKey => "POST /api-key/verify",
                Method::DeleteAllExpiredApiKeys => "POST /api-key/delete-all-expired-api-keys",
                operation => operation.name(),
            };
            request(&format!("client: {what}"), call)
        }
        Step::Route { method, path, call } => {
            request(&format!("client: {}", yaml(&format!("{method} {path}").into())), call)
        }
        Step::Server { operation, call } => request(&format!("server: {}", operation.name()), call),
    }
}

fn request(action: &str, call: &Call) -> String {
    let several = call.times > 1;
    let mut text = String::new();
    let indent = if several { "      " } else { "    " };
    match several {
        true => _ = writeln!(text, "  - parallel: {}\n    each:\n      {action}", call.times),
        false => _ = writeln!(text, "  - {action}"),
    }
    if let Some(actor) = &call.actor {
        let _ = writeln!(text, "{indent}as: {actor}");
    }
    if !call.headers.is_empty() {
        let headers: Map<String, Value> =
            call.headers.iter().map(|(name, value)| (name.clone(), bound(value).into())).collect();
        let _ = writeln!(text, "{indent}headers: {}", yaml(&headers.into()));
    }
    for (name, value) in [("query", &call.query), ("body", &call.body)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{indent}{name}: {}", yaml(&rewritten(value, &bound)));
        }
    }
    if let Some(raw) = &call.text {
        let _ = writeln!(text, "{indent}text: {}", yaml(&bound(raw).into()));
    }
    text
}

/// A JSON text is YAML as well; `/` and others need no care there.
fn yaml(value: &Value) -> String {
    value.to_string()
}

/// Symbols as the language has them. A form that it does not have becomes a text that is no key.
fn bound(text: &str) -> String {
    let write = |part: &Part<'_>| match part {
        Part::Text(text) => text.replace('$', "$$"),
        Part::Symbol { name, part, form } => {
            let value = match *part {
                "id" if !name.starts_with(['k', 'o', 's']) => format!("${{{}.userId}}", plain(name)),
                part => format!("${{{}_{}}}", plain(name), plain(part)),
            };
            match *form {
                None => value,
                Some("more") => format!("{value}x"),
                Some("space") => format!(" {value}"),
                Some(form) => format!("no key: one that is {form}"),
            }
        }
    };
    parts(text).iter().map(write).collect()
}

fn capture(step: &Step) -> String {
    let makes = step.call().and_then(|call| call.makes.as_deref()).map(plain);
    makes.map_or_else(String::new, |name| format!("    capture: {{ {name}_id: body.id, {name}_key: body.key }}\n"))
}

fn organize(actor: &str, organization: &str, act: &Act) -> String {
    let o = plain(organization);
    let post = |who: &str, path: &str, body: String| {
        format!("  - as: {who}\n    client: POST /organization/{path}\n    body: {body}\n")
    };
    match act {
        Act::Found => {
            post(actor, "create", format!("{{ name: {o}, slug: \"{o}-${{unique}}\" }}"))
                + &format!("    capture: {{ {o}_id: body.id }}\n")
        }
        Act::Join { who, role } => {
            let ask =
                format!("  - as: {who}\n    client: getSession\n    capture: {{ {who}_email: body.user.email }}\n");
            let invite = post(
                actor,
                "invite-member",
                format!("{{ email: ${who}_email, role: {}, organizationId: ${o}_id }}", role_of(role)),
            );
            let accept = post(who, "accept-invitation", format!("{{ invitationId: ${o}_{who}_invited }}"));
            format!(
                "{ask}{invite}    capture: {{ {o}_{who}_invited: body.id }}\n{accept}    capture: {{ {o}_{who}: body.member.id }}\n"
            )
        }
        Act::Role { who, role } => post(
            actor,
            "update-member-role",
            format!("{{ memberId: ${o}_{who}, role: {}, organizationId: ${o}_id }}", role_of(role)),
        ),
        Act::Leave { who } => {
            post(actor, "remove-member", format!("{{ memberIdOrEmail: ${o}_{who}, organizationId: ${o}_id }}"))
        }
    }
}

/// A name as it stands; anything else in quotes.
fn role_of(role: &str) -> String {
    let is_name = !role.is_empty() && role.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    if is_name { role.to_owned() } else { yaml(&role.replace('$', "$$").into()) }
}

/// What is expected at the last step.
fn check(finding: &Finding, step: &Step) -> String {
    let (expected, _) = last(finding);
    let id: String = finding
        .cause
        .id()
        .chars()
        .map(|sign| sign.to_ascii_lowercase())
        .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-')
        .collect();
    let mut text = format!("    expect:\n      - check: campaign.found.{id}\n");
    let _ = writeln!(
        text,
        "        # The nearest by the operation: name the one that it breaks (`keyspec list requirements`)."
    );
    let _ = writeln!(text, "        requirement: {}", yaml(&finding.requirement.as_str().into()));
    let mut rejects = false;
    if step.call().is_some_and(|call| call.times > 1) {
        let kinds = expected.split(", ").filter_map(|part| part.split_once(" × "));
        let kinds: Map<String, Value> = kinds
            .filter_map(|(n, kind)| Some((kind.trim_start_matches("200 ").to_owned(), n.parse::<u64>().ok()?.into())))
            .collect();
        rejects = !kinds.contains_key("valid");
        let _ = writeln!(text, "        tally: {}", Value::Object(kinds));
    } else {
        match expected.split_once(' ') {
            Some(("200", "valid")) => text.push_str("        valid: true\n"),
            Some(("200", code)) => {
                rejects = true;
                let _ = writeln!(
                    text,
                    "        valid: {}",
                    symbol(finding, Surface::Verify, 200, code).unwrap_or_else(|| yaml(&code.into()))
                );
            }
            Some((status, code)) => {
                rejects = true;
                let status = super::status(status);
                let by_key = step.channel() == "key";
                let surface = if by_key { Surface::Session } else { Surface::Operation };
                match symbol(finding, surface, status, code) {
                    Some(symbol) => _ = writeln!(text, "        error: {symbol}"),
                    None => _ = writeln!(text, "        status: {status}"),
                }
            }
            None => text.push_str("        ok: true\n"),
        }
        let mut body = Value::Null;
        for (path, value) in members(finding) {
            let mut place = &mut body;
            for name in path {
                if !place.is_object() {
                    *place = json!({});
                }
                place = &mut place[name];
            }
            *place = rewritten(&value, &bound);
        }
        if !body.is_null() {
            let _ = writeln!(text, "        body: {}", yaml(&body));
        }
    }
    if rejects {
        text.push_str("    no-twin: \"a campaign found it; what repairs the request is not known to it\"\n");
    }
    text
}

fn symbol(finding: &Finding, surface: Surface, status: u16, code: &str) -> Option<String> {
    let edition: Edition = finding.edition.parse().ok()?;
    let code = Some(code).filter(|code| *code != "without a code");
    ErrorCode::read(&edition, surface, status, code).map(|code| code.symbol().to_owned())
}
