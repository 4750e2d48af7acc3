//! Claims about examples: what is shown runs as it is shown. Names that an example does not define stand for what they
//! say: `user.id` for a user, `existingApiKeyId` for a key.

use serde_json::{Map, Value, json};

use super::claim::{Claim, Probe, Spot};
use super::page::{Endpoint, Example, Page};
use super::probe::{Story, expect, literal};
use super::shape::{Call, Term};
use crate::spec::operation::Method;

/// All that is claimed by the examples of a page. `endpoints` are those of all pages.
pub(super) fn claims(page: &Page, endpoints: &[&Endpoint]) -> Vec<Claim> {
    let mut found = Vec::new();
    for (at, example) in page.examples.iter().enumerate() {
        let anchor = if example.anchor.is_empty() { "top" } else { &example.anchor };
        let spot = |line: usize| Spot { file: &page.name, line, anchor: &example.anchor };
        match &example.script {
            Err((line, message)) => {
                let probe = Probe::Breaks { expected: "TypeScript".to_owned(), actual: message.clone() };
                found.push(Claim::new(
                    spot(*line),
                    &["example", anchor, "syntax"],
                    "The example is TypeScript.".to_owned(),
                    probe,
                ));
            }
            Ok(script) => {
                for call in script.terms.iter().flat_map(Term::calls) {
                    if let Some(told) = tell(call, page, at, endpoints) {
                        let id = ["example", anchor, &told.what];
                        let claim = Claim::new(spot(call.line), &id, told.statement, Probe::of(told.story));
                        found.push(match told.reach {
                            Some(name) => claim.about(&["endpoint", &name, "http"], "yes"),
                            None => claim,
                        });
                    }
                }
            }
        }
    }
    found
}

struct Told {
    what: String,
    statement: String,
    story: Result<Story, String>,
    /// A client calls this endpoint, so clients can reach it.
    reach: Option<String>,
}

/// What a call claims. `None`: it is not one of this plugin's.
fn tell(call: &Call, page: &Page, at: usize, endpoints: &[&Endpoint]) -> Option<Told> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["apiKey"] => Some(Told {
            what: "configuration".to_owned(),
            statement: "The plugin starts with the options of the example.".to_owned(),
            story: configured(call),
            reach: None,
        }),
        ["auth", "api", method] => {
            serde_json::from_value::<Method>((*method).into()).ok()?;
            Some(Told {
                what: (*method).to_owned(),
                statement: format!("The example's call of `{method}` on the server is accepted as it is shown."),
                story: server_call(method, call, page, at),
                reach: None,
            })
        }
        ["authClient" | "client", "apiKey", method] => {
            let route = route(method);
            let endpoint = endpoints.iter().find(|endpoint| endpoint.path == route);
            Some(Told {
                what: format!("client-{method}"),
                statement: format!("The example's call of `{method}` by a client is accepted as it is shown."),
                story: client_call(call, &route, endpoint.copied(), page, at),
                reach: endpoint.map(|endpoint| endpoint.name.clone().unwrap_or_else(|| endpoint.path.clone())),
            })
        }
        _ => None,
    }
}

/// `deleteAllExpired` is `/api-key/delete-all-expired`: clients make the path of the name.
fn route(method: &str) -> String {
    let mut route = "/api-key/".to_owned();
    for c in method.chars() {
        if c.is_ascii_uppercase() {
            route.push('-');
        }
        route.push(c.to_ascii_lowercase());
    }
    route
}

fn configured(call: &Call) -> Result<Story, String> {
    let (config, setup) = options(call)?;
    let body = match &config {
        Value::Array(configs) => configs
            .first()
            .and_then(|first| first.get("configId"))
            .map_or_else(|| json!({}), |name| json!({ "configId": name })),
        _ => json!({}),
    };
    let body = literal(&body).ok_or("a name of a configuration cannot be sent")?;
    let mut story = Story::new(vec![
        json!({ "as": "alice", "client": "createApiKey", "body": body, "expect": expect(json!({ "ok": true })) }),
    ]);
    (story.config, story.setup) = (config, setup);
    Ok(story)
}

/// The options of an `apiKey(…)` in an example, if all of them are plain values.
fn options(call: &Call) -> Result<(Value, Value), String> {
    let Some(first) = call.arguments.first() else { return Ok((json!({}), json!({}))) };
    if call.arguments.len() > 1 {
        return Err("a second argument is not tried yet".to_owned());
    }
    let config = first.value().ok_or("its options have functions or names that the example does not define")?;
    let text = config.to_string();
    if text.contains("\"organization\"") {
        return Err("organizations are not supported yet".to_owned());
    }
    let setup = if text.contains("\"secondary-storage\"") { json!({ "secondaryStorage": true }) } else { json!({}) };
    Ok((config, setup))
}

/// The options with which a call of the example at `at` is meant to run: those shown before it in its section, or those
/// that have the configuration that it names.
fn config_for(page: &Page, at: usize, named: Option<&str>) -> Result<Value, String> {
    let section = &page.examples[at].section;
    let before = page.examples[..=at].iter().rev();
    let calls = |example: &Example| -> Vec<Call> {
        example.script.as_ref().map_or_else(
            |_| Vec::new(),
            |script| {
                script.terms.iter().flat_map(Term::calls).filter(|call| call.path == ["apiKey"]).cloned().collect()
            },
        )
    };
    for example in before {
        for call in calls(example) {
            let Ok((config, setup)) = options(&call) else { continue };
            let fits = match named {
                Some(name) => {
                    config.as_array().is_some_and(|configs| configs.iter().any(|one| one["configId"] == name))
                        || config["configId"] == name
                }
                // Storage is no matter of the call.
                None => example.section == *section && config.is_object() && setup == json!({}),
            };
            if fits {
                return Ok(config);
            }
        }
    }
    match named {
        Some(name) => Err(format!("no example before it has the configuration `{name}`")),
        None => Ok(json!({})),
    }
}

fn server_call(method: &str, call: &Call, page: &Page, at: usize) -> Result<Story, String> {
    let empty = Term::Object(Vec::new());
    let argument = call.arguments.first().unwrap_or(&empty);
    let Term::Object(members) = argument else { return Err("what it is called with is not written out".to_owned()) };
    let mut step = json!({ "server": method });
    for (name, term) in members {
        match name.as_str() {
            "body" | "query" => step[name.as_str()] = filled(term)?,
            "headers" => match header(term) {
                Some(name) => step["headers"] = Map::from_iter([(name, "$key".into())]).into(),
                None => step["as"] = "alice".into(),
            },
            _ => return Err(format!("`{name}` is not tried yet")),
        }
    }
    let parameters = if step["body"].is_null() { step["query"].clone() } else { step["body"].clone() };
    let verify = method == "verifyApiKey";
    step["expect"] = expect(match method {
        "verifyApiKey" => json!({ "valid": true }),
        "getSession" => json!({ "ok": true, "body": { "user": { "id": "$alice.userId" } } }),
        _ => json!({ "ok": true }),
    });
    let step = tidy(step);
    prepared(page, at, &parameters, verify, method == "getSession" || uses_key(&parameters), step)
}

fn client_call(call: &Call, route: &str, endpoint: Option<&Endpoint>, page: &Page, at: usize) -> Result<Story, String> {
    let endpoint = endpoint.ok_or_else(|| format!("no page describes `{route}`"))?;
    let empty = Term::Object(Vec::new());
    let argument = call.arguments.first().unwrap_or(&empty);
    let mut step = json!({ "as": "alice", "client": format!("{} {route}", endpoint.method) });
    let parameters = match argument.member("query") {
        Some(query) => {
            step["query"] = filled(query)?;
            step["query"].clone()
        }
        None => {
            let place = if endpoint.method == "GET" { "query" } else { "body" };
            step[place] = filled(argument)?;
            step[place].clone()
        }
    };
    step["expect"] = expect(json!({ "ok": true }));
    prepared(page, at, &parameters, false, uses_key(&parameters), tidy(step))
}

fn uses_key(parameters: &Value) -> bool {
    ["keyId", "id", "key"].iter().any(|name| parameters.get(name).is_some())
}

fn tidy(mut step: Value) -> Value {
    if let Value::Object(members) = &mut step {
        members.retain(|_, value| !value.is_null());
    }
    step
}

/// The call with what it needs before it: a key of the same configuration, and with what it is asked for.
fn prepared(page: &Page, at: usize, parameters: &Value, verify: bool, key: bool, step: Value) -> Result<Story, String> {
    if parameters.get("organizationId").is_some() {
        return Err("organizations are not supported yet".to_owned());
    }
    let named = parameters.get("configId").and_then(Value::as_str);
    let mut config = config_for(page, at, named)?;
    if parameters.get("metadata").is_some_and(|metadata| !metadata.is_null())
        && config.is_object()
        && config["enableMetadata"].is_null()
    {
        // What shows metadata takes it for granted that they are on.
        config["enableMetadata"] = true.into();
    }
    let mut steps = Vec::new();
    if key {
        let mut body = json!({ "userId": "$alice.userId" });
        if let Some(name) = named {
            body["configId"] = name.into();
        }
        if let (true, Some(permissions)) = (verify, parameters.get("permissions")) {
            body["permissions"] = permissions.clone();
        }
        steps
            .push(json!({ "server": "createApiKey", "body": body, "capture": { "id": "body.id", "key": "body.key" } }));
    }
    steps.push(step);
    Ok(Story::new(steps).with(config))
}

/// `new Headers({ "x-api-key": apiKey })`: the header that carries the key.
fn header(term: &Term) -> Option<String> {
    let Term::Call(call) = term else { return None };
    match (call.path.as_slice(), call.arguments.first()) {
        ([name], Some(Term::Object(members))) if name == "Headers" => members.first().map(|(name, _)| name.clone()),
        _ => None,
    }
}

/// The values as they are shown; what names something gets the name of something that is there.
fn filled(term: &Term) -> Result<Value, String> {
    let Term::Object(members) = term else { return Err("its parameters are not written out".to_owned()) };
    let mut filled = Map::new();
    for (name, term) in members {
        let value = match name.as_str() {
            "userId" => "$alice.userId".into(),
            "keyId" | "id" => "$id".into(),
            "key" => "$key".into(),
            _ => {
                let value = term.value().ok_or_else(|| format!("`{name}` is not written out"))?;
                literal(&value).ok_or_else(|| format!("`{name}` cannot be sent"))?
            }
        };
        filled.insert(name.clone(), value);
    }
    Ok(filled.into())
}
