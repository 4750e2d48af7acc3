//! From a step to the requests of one deployment: symbols become values, actors become cookies.

use serde_json::Value;

use super::name::Names;
use super::sequence::{Call, MOST_AT_ONCE, Step};
use crate::spec::edition::Edition;
use crate::spec::operation::Method;
use crate::spec::request::Request;

/// The request of a step, as this edition carries it. `None` for what is no request.
pub fn request(edition: &Edition, step: &Step, names: &Names) -> Option<Request> {
    Some(match step {
        Step::Client { operation, call } => {
            let (method, path) = route(edition, *operation);
            http(&method, &path, call, names)
        }
        Step::Route { method, path, call } => http(method, path, call, names),
        Step::Server { operation, call } => Request::Server {
            method: *operation,
            body: call.body.as_ref().map(|body| names.resolve_json(body)),
            query: call.query.as_ref().map(|query| names.resolve_json(query)),
            headers: (call.actor.is_some() || !call.headers.is_empty()).then(|| headers(call, names)),
        },
        Step::Clock { .. } | Step::Restart { .. } | Step::Organization { .. } => return None,
    })
}

/// How many requests at the same time: a file from elsewhere cannot ask for more than [`MOST_AT_ONCE`].
pub fn times(step: &Step) -> u32 {
    step.call().map_or(1, |call| call.times.clamp(1, MOST_AT_ONCE))
}

/// Where an operation is found over HTTP; for those without a route, where one would look for them.
pub fn route(edition: &Edition, operation: Method) -> (String, String) {
    match (operation.route(edition), operation) {
        (Some(route), _) => (route.http.to_owned(), route.path.to_owned()),
        (None, Method::VerifyApiKey) => ("POST".to_owned(), "/api-key/verify".to_owned()),
        (None, _) => ("POST".to_owned(), "/api-key/delete-all-expired-api-keys".to_owned()),
    }
}

fn http(method: &str, path: &str, call: &Call, names: &Names) -> Request {
    let body = match (&call.text, &call.body) {
        (Some(text), _) => names.resolve(text).into_bytes(),
        (None, Some(body)) => names.resolve_json(body).to_string().into_bytes(),
        (None, None) => Vec::new(),
    };
    let mut headers = headers(call, names);
    if !body.is_empty() && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    headers.retain(|(name, value)| !(name == "content-type" && value.is_empty()));
    Request::Http {
        method: method.to_owned(),
        path: path.to_owned(),
        query: call.query.as_ref().map(|query| pairs(&names.resolve_json(query))).unwrap_or_default(),
        headers,
        body,
    }
}

/// A list stands for a parameter that is repeated.
fn pairs(query: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = query.as_object().into_iter().flatten();
    members
        .flat_map(|(name, value)| match value {
            Value::Array(items) => items.iter().map(|item| (name.clone(), text(item))).collect(),
            other => vec![(name.clone(), text(other))],
        })
        .collect()
}

/// A header holds visible ASCII only: what else a generated text has is left out, on every side alike.
fn headers(call: &Call, names: &Names) -> Vec<(String, String)> {
    let actors = call.actor.as_deref().and_then(|actor| names.headers(actor)).into_iter().flatten();
    let mut headers: Vec<(String, String)> =
        actors.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    for (name, value) in &call.headers {
        let visible = names.resolve(value).chars().filter(|sign| matches!(sign, ' '..='~')).collect::<String>();
        let name: String = name.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').collect();
        if !name.is_empty() {
            headers.push((name.to_ascii_lowercase(), visible.trim().to_owned()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bound(step: Value) -> Request {
        let mut names = Names::default();
        names.bind("k1", "id", "x1");
        names.bind_actor("alice", "u1", [("Cookie".to_owned(), "c=1".to_owned())].into_iter().collect());
        request(&Edition::newest(), &serde_json::from_value(step).unwrap(), &names).unwrap()
    }

    #[test]
    fn a_client_has_a_route_a_cookie_and_repeated_parameters() {
        let step =
            json!({ "do": "client", "operation": "getApiKey", "as": "alice", "query": { "id": ["${k1.id}", "b"] } });
        let Request::Http { method, path, query, headers, body } = bound(step) else { panic!() };
        assert_eq!((method.as_str(), path.as_str(), body.len()), ("GET", "/api-key/get", 0));
        assert_eq!(query, [("id".to_owned(), "x1".to_owned()), ("id".to_owned(), "b".to_owned())]);
        assert_eq!(headers, [("cookie".to_owned(), "c=1".to_owned())]);
    }

    #[test]
    fn a_server_call_without_actor_and_headers_is_trusted() {
        let trusted = json!({ "do": "server", "operation": "createApiKey", "body": { "userId": "${alice.id}" } });
        assert!(
            matches!(bound(trusted), Request::Server { headers: None, body: Some(body), .. } if body["userId"] == "u1")
        );
        let client = json!({ "do": "server", "operation": "createApiKey", "as": "alice", "body": {} });
        assert!(matches!(bound(client), Request::Server { headers: Some(_), .. }));
    }

    #[test]
    fn headers_hold_visible_signs_only() {
        let step = json!({ "do": "route", "method": "POST", "path": "/x", "headers": { "x-a": "a\r\nb: c\u{0}é" }, "text": "{" });
        let Request::Http { headers, .. } = bound(step) else { panic!() };
        assert_eq!(headers[0], ("x-a".to_owned(), "ab: c".to_owned()));
        assert_eq!(headers[1].0, "content-type");
    }
}
