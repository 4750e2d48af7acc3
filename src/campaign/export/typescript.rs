//! As a test for Node's own runner that starts Better Auth in memory: no adapter, no keyspec.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Part, last, members, one_line, parts, plain};
use crate::campaign::bind;
use crate::campaign::finding::Finding;
use crate::campaign::sequence::{Act, Call, Step};
use crate::campaign::story;
use crate::spec::edition::{Behaviour, Edition};
use crate::spec::operation::Method;

const START: &str = r#"
const base = "http://127.0.0.1:3000";
mock.timers.enable({ apis: ["Date"], now: new Date("2026-09-21T14:13:20Z") });
const memory: Record<string, any[]> = { user: [], session: [], account: [], verification: [], apikey: [], organization: [], member: [], invitation: [] };
const start = (...plugins: any[]) => betterAuth({
  baseURL: base,
  secret: "a secret that is long enough for a test",
  database: memoryAdapter(memory),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },SECONDARY
  plugins,
});
let auth: any = start(PLUGINS);
const known: Record<string, any> = {};
const cookies: Record<string, string> = {};

async function http(method: string, path: string, call: { as?: string; headers?: Record<string, string>; query?: [string, string][]; body?: string } = {}) {
  const url = new URL(`${base}/api/auth${path}`);
  for (const [name, value] of call.query ?? []) url.searchParams.append(name, value);
  const headers = new Headers(call.headers);
  if (call.body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
  if (call.as) { headers.set("cookie", cookies[call.as]); headers.set("origin", base); }
  const reply = await auth.handler(new Request(url, { method, headers, body: call.body }));
  const text = await reply.text();
  const set = reply.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
  return { status: reply.status, cookies: set, body: text ? JSON.parse(text) : undefined };
}

async function server(method: string, call: Record<string, unknown> = {}) {
  try {
    return { status: 200, body: await (auth.api as any)[method](call) };
  } catch (error: any) {
    return { status: error.statusCode ?? 500, body: error.body };
  }
}

async function signUp(name: string) {
  const body = JSON.stringify({ name, email: `${name}@example.com`, password: `the password of ${name}` });
  const reply = await http("POST", "/sign-up/email", { body });
  cookies[name] = reply.cookies;
  known[`${name}_id`] = reply.body.user.id;
}
"#;

pub(super) fn write(finding: &Finding) -> String {
    let edition: Edition = finding.edition.parse().unwrap_or_else(|_| Edition::newest());
    let is_package = edition.has(Behaviour::ConfigurationsHaveNames);
    let organizations = finding.sequence.setup.get("organizations").is_some();
    let from = if is_package { "@better-auth/api-key" } else { "better-auth/plugins" };
    let mut text = format!("// {}\n", one_line(&finding.cause.to_string()));
    text.push_str("import assert from \"node:assert/strict\";\nimport { createHash } from \"node:crypto\";\nimport { mock, test } from \"node:test\";\n");
    text.push_str(
        "import { betterAuth } from \"better-auth\";\nimport { memoryAdapter } from \"better-auth/adapters/memory\";\n",
    );
    let _ = writeln!(text, "import {{ apiKey }} from \"{from}\";");
    if organizations {
        text.push_str("import { organization } from \"better-auth/plugins\";\n");
    }
    let plugins = |config: &Value| {
        let more = if organizations { ", organization()" } else { "" };
        format!("apiKey({}){more}", options(config))
    };
    let secondary = finding.sequence.setup.get("secondaryStorage") == Some(&Value::Bool(true));
    let secondary = if secondary { "\n  secondaryStorage: secondary," } else { "" };
    if json!(finding.sequence).to_string().contains("storage") {
        text.push_str(STORAGE);
    }
    text.push_str(&START.replace("SECONDARY", secondary).replace("PLUGINS", &plugins(&finding.sequence.config)));
    let _ = writeln!(text, "\ntest({}, async () => {{", json!(finding.cause.to_string()));
    for actor in finding.sequence.actors() {
        let _ = writeln!(text, "  await signUp({});", json!(actor));
    }
    text.push_str("  let reply: any;\n");
    for (at, step) in finding.sequence.steps.iter().enumerate() {
        let _ = writeln!(text, "\n  // {}. {}", at + 1, one_line(&story::told(step)));
        match step {
            Step::Restart { config } => {
                let config = config.as_ref().unwrap_or(&finding.sequence.config);
                let _ = writeln!(text, "  auth = start({});", plugins(config));
            }
            step => text.push_str(&written(&edition, step)),
        }
    }
    text.push_str(&asserted(finding));
    text.push_str("});\n");
    text
}

const STORAGE: &str = r#"
function storage() {
  const values = new Map<string, string>();
  return {
    get: async (key: string) => values.get(key) ?? null,
    set: async (key: string, value: string) => void values.set(key, value),
    delete: async (key: string) => void values.delete(key),
    getAndDelete: async (key: string) => { const value = values.get(key) ?? null; values.delete(key); return value; },
    increment: async (key: string) => { const next = Number(values.get(key) ?? 0) + 1; values.set(key, String(next)); return next; },
  };
}
const secondary = storage();
const custom = storage();
"#;

/// Presets are functions here.
fn options(config: &Value) -> String {
    let mut text = config.to_string();
    for (preset, function) in [
        ("storage:memory", "custom"),
        ("generator:fixed-alphabet", "(({ length, prefix }: any) => (prefix ?? \"\") + \"k\".repeat(length))"),
        ("getter:x-custom-key", "((ctx: any) => ctx.headers?.get(\"x-custom-key\") ?? null)"),
        ("getter:number", "((ctx: any) => (ctx.headers?.get(\"x-custom-key\") ? 42 : null) as any)"),
        ("validator:starts-with-ok", "(({ key }: any) => key.startsWith(\"ok_\"))"),
        ("validator:async-starts-with-ok", "(async ({ key }: any) => key.startsWith(\"ok_\"))"),
        ("permissions:from-owner", "((owner: string) => ({ owner: [owner] }))"),
    ] {
        text = text.replace(&format!("{{\"preset\":\"{preset}\"}}"), function);
    }
    text
}

fn written(edition: &Edition, step: &Step) -> String {
    match step {
        Step::Clock { advance_ms } => format!("  mock.timers.setTime(Date.now() + {advance_ms});\n"),
        Step::Organization { actor, organization, act } => organize(actor, organization, act),
        Step::Restart { .. } => String::new(),
        Step::Client { operation, call } => {
            let (method, path) = bind::route(edition, *operation);
            sent(&format!("http({}, {}, {})", json!(method), json!(path), client(call)), call)
        }
        Step::Route { method, path, call } => {
            sent(&format!("http({}, {}, {})", json!(method), json!(path), client(call)), call)
        }
        Step::Server { operation, call } => {
            sent(&format!("server({}, {})", json!(operation.name()), trusted(*operation, call)), call)
        }
    }
}

fn sent(request: &str, call: &Call) -> String {
    if call.times > 1 {
        return format!("  reply = await Promise.all(Array.from({{ length: {} }}, () => {request}));\n", call.times);
    }
    let remember = call
        .makes
        .as_deref()
        .map(plain)
        .map(|name| format!("  known.{name}_id = reply.body?.id;\n  known.{name}_key = reply.body?.key;\n"));
    format!("  reply = await {request};\n{}", remember.unwrap_or_default())
}

fn client(call: &Call) -> String {
    let mut members = Vec::new();
    if let Some(actor) = &call.actor {
        members.push(format!("as: {}", json!(actor)));
    }
    if !call.headers.is_empty() {
        members.push(format!("headers: {}", headers(call)));
    }
    let query: Vec<String> = call
        .query
        .iter()
        .filter_map(Value::as_object)
        .flatten()
        .flat_map(|(name, value)| {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            values.into_iter().map(move |value| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("[{}, {}]", json!(name), expression(&text))
            })
        })
        .collect();
    if !query.is_empty() {
        members.push(format!("query: [{}]", query.join(", ")));
    }
    match (&call.text, &call.body) {
        (Some(text), _) => members.push(format!("body: {}", expression(text))),
        (None, Some(body)) => members.push(format!("body: JSON.stringify({})", document(body))),
        (None, None) => {}
    }
    format!("{{ {} }}", members.join(", "))
}

fn trusted(operation: Method, call: &Call) -> String {
    let mut members = Vec::new();
    for (name, value) in [("query", &call.query), ("body", &call.body)] {
        if let Some(value) = value {
            members.push(format!("{name}: {}", document(value)));
        }
    }
    if call.actor.is_some() || !call.headers.is_empty() || operation == Method::GetSession {
        let cookie = call.actor.as_ref().map(|actor| format!("cookie: cookies[{}], origin: base, ", json!(actor)));
        members.push(format!("headers: new Headers({{ {}...{} }})", cookie.unwrap_or_default(), headers(call)));
    }
    format!("{{ {} }}", members.join(", "))
}

fn headers(call: &Call) -> String {
    let all = call.headers.iter().map(|(name, value)| format!("{}: {}", json!(name), expression(value)));
    format!("{{ {} }}", all.collect::<Vec<_>>().join(", "))
}

fn organize(actor: &str, organization: &str, act: &Act) -> String {
    let o = plain(organization);
    let post = |who: &str, path: &str, body: String| {
        format!(
            "  reply = await http(\"POST\", \"/organization/{path}\", {{ as: {}, body: JSON.stringify({body}) }});\n",
            json!(who)
        )
    };
    match act {
        Act::Found => {
            post(actor, "create", format!("{{ name: \"{o}\", slug: \"{o}\" }}"))
                + &format!("  known.{o}_id = reply.body?.id;\n")
        }
        Act::Join { who, role } => {
            let invite =
                format!("{{ email: \"{who}@example.com\", role: {}, organizationId: known.{o}_id }}", json!(role));
            post(actor, "invite-member", invite)
                + &post(who, "accept-invitation", "{ invitationId: reply.body?.id }".to_owned())
                + &format!("  known.{o}_{} = reply.body?.member?.id;\n", plain(who))
        }
        Act::Role { who, role } => post(
            actor,
            "update-member-role",
            format!("{{ memberId: known.{o}_{}, role: {}, organizationId: known.{o}_id }}", plain(who), json!(role)),
        ),
        Act::Leave { who } => post(
            actor,
            "remove-member",
            format!("{{ memberIdOrEmail: known.{o}_{}, organizationId: known.{o}_id }}", plain(who)),
        ),
    }
}

/// What is expected of the last reply.
fn asserted(finding: &Finding) -> String {
    let (expected, _) = last(finding);
    let several = finding.sequence.steps.last().and_then(Step::call).is_some_and(|call| call.times > 1);
    if several {
        let valid = expected
            .split(", ")
            .find_map(|part| part.split_once(" × 200 valid"))
            .and_then(|(times, _)| times.parse::<u32>().ok());
        let valid = valid.unwrap_or_default();
        return format!("  assert.equal(reply.filter((one: any) => one.body?.valid).length, {valid});\n");
    }
    let mut text = String::new();
    match expected.split_once(' ') {
        Some(("200", "valid")) => text.push_str("  assert.equal(reply.body?.valid, true);\n"),
        Some(("200", code)) => _ = writeln!(text, "  assert.equal(reply.body?.error?.code, {});", json!(code)),
        Some((status, "without a code")) => {
            let _ = writeln!(text, "  assert.equal(reply.status, {});", super::status(status));
        }
        Some((status, code)) => {
            let _ = writeln!(
                text,
                "  assert.equal(reply.status, {});\n  assert.equal(reply.body?.code, {});",
                super::status(status),
                json!(code)
            );
        }
        None => _ = writeln!(text, "  assert.equal(reply.status, {});", super::status(&expected)),
    }
    for (path, value) in members(finding) {
        let place: String = path.iter().map(|name| format!("?.[{}]", json!(name))).collect();
        let value = if value.is_null() { "null".to_owned() } else { document(&value) };
        let _ = writeln!(text, "  assert.deepEqual(reply.body{place} ?? null, {value});");
    }
    text
}

/// A document as an expression: JSON with symbols as variables.
fn document(value: &Value) -> String {
    match value {
        Value::String(text) => expression(text),
        Value::Array(items) => format!("[{}]", items.iter().map(document).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("[{}]: {}", json!(name), document(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn expression(text: &str) -> String {
    let write = |part: &Part<'_>| match part {
        Part::Text(text) => json!(text).to_string(),
        Part::Symbol { name, part, form } => {
            let value = format!("String(known.{}_{})", plain(name), plain(part));
            match *form {
                None => value,
                Some("upper") => format!("{value}.toUpperCase()"),
                Some("lower") => format!("{value}.toLowerCase()"),
                Some("cut") => format!("{value}.slice(0, -1)"),
                Some("more") => format!("({value} + \"x\")"),
                Some("space") => format!("(\" \" + {value})"),
                Some(_) => format!("createHash(\"sha256\").update({value}).digest(\"base64url\")"),
            }
        }
    };
    let all: Vec<String> = parts(text).iter().map(write).collect();
    if all.is_empty() { "\"\"".to_owned() } else { all.join(" + ") }
}
