//! Stories of what chance seldom comes to: odd bodies, odd metadata, other doors, requests at once, restarts.

use serde_json::json;

use super::*;
use crate::spec::setup::Setup;

const PLAIN: &str = r#"{ "enableMetadata": true, "disableKeyHashing": true, "minimumNameLength": 2 }"#;

fn opened(config: &str, setup: &Value, faults: Faults) -> Desk {
    let mut desk = Desk::with("1.7", serde_json::from_str(config).unwrap(), faults);
    desk.model.set_up(Setup::parse(desk.model.edition(), setup).unwrap());
    desk
}

impl Desk {
    fn raw(&mut self, actor: &Actor, more: &[(&str, &str)], body: &str) -> Reply {
        let mut sent = actor.headers.clone();
        sent.extend(headers(&[("content-type", "application/json")]));
        sent.extend(headers(more));
        let request = Request::Http {
            method: "POST".to_owned(),
            path: "/api-key/create".to_owned(),
            query: Vec::new(),
            headers: sent,
            body: body.as_bytes().to_vec(),
        };
        self.model.apply(self.now, &request)
    }

    /// Key and id of a key that the server makes; empty where a fault refuses it.
    fn made_for(&mut self, actor: &Actor, mut fields: Value) -> (String, String) {
        fields["userId"] = Value::from(actor.user.as_str());
        let made = self.call(Method::CreateApiKey, fields);
        (text(&made, "key"), text(&made, "id"))
    }

    /// Requests that all look before the first of them writes.
    fn at_once(&mut self, requests: &[Request]) -> Vec<String> {
        let seen: Vec<_> = requests.iter().map(|_| self.model.look()).collect();
        let now = self.now;
        let told = requests.iter().zip(seen).map(|(request, seen)| self.model.apply_late(now, request, seen));
        told.map(|reply| format!("{reply:?}")).collect()
    }
}

fn bodies(faults: Faults) -> Vec<Reply> {
    let mut desk = opened(PLAIN, &json!({}), faults);
    let (alice, mallory) = (desk.actor("alice"), desk.actor("mallory"));
    let made = desk.post(&alice, "/api-key/create", json!({ "name": "one", "metadata": { "remaining": 1 } }));
    let (key, id) = (text(&made, "key"), text(&made, "id"));
    let nested = (0..101).fold(json!(1), |inner, _| json!([inner]));
    let many: serde_json::Map<_, _> = (0..1000).map(|n| (format!("m{n}"), json!(n))).collect();
    let mut told = vec![made];
    for metadata in [json!(many), json!({ "a": nested }), json!({ "a": "x".repeat(8000) }), json!([1])] {
        told.push(desk.post(&alice, "/api-key/create", json!({ "metadata": metadata })));
    }
    for name in ["one", "one"] {
        told.push(desk.post(&alice, "/api-key/create", json!({ "name": name })));
    }
    told.push(desk.post(&alice, "/api-key/update", json!({ "keyId": id, "name": "n" })));
    told.push(desk.get(&alice, &format!("/api-key/get?id={id}")));
    told.push(desk.get(&alice, "/api-key/get?id="));
    for owner in ["userId", "organizationId"] {
        told.push(desk.get(&mallory, &format!("/api-key/list?{owner}={}", alice.user)));
    }
    told.push(desk.raw(&alice, &[("transfer-encoding", "chunked")], r#"{"name":"chunked"}"#));
    told.push(desk.raw(&alice, &[], r#"{"name":"first","name":"second"}"#));
    told.push(desk.raw(&alice, &[], r#"{"name":"proto","__proto__":{"remaining":5}}"#));
    told.push(desk.raw(&alice, &[], &format!(r#"{{"name":"long","unknown":"{}"}}"#, "x".repeat(70_000))));
    told.push(desk.raw(&alice, &[], r#"{"metadata":{"__proto__":{"a":1}}}"#));
    told.push(desk.get(&alice, "/api-key/list"));
    told.push(desk.http("GET", "/api-key/verify", &[], None));
    told.push(desk.http("POST", "/api-key/verify-api-key", &[], Some(&json!({ "key": key }))));
    told.push(desk.http("DELETE", "/api-key/delete-all-expired-api-keys", &[], None));
    let granted = json!({ "permissions": { "files": ["read"] } });
    told.push(desk.post(&alice, "/api-key/rotate", granted.clone()));
    told.push(desk.http("PUT", "/api-key/create", &alice.headers, Some(&granted)));
    told.push(desk.post(&mallory, "/api-key/update", json!({ "keyId": id, "permissions": {} })));
    told.push(desk.call(Method::VerifyApiKey, json!({ "key": 5 })));
    told.push(desk.call(Method::VerifyApiKey, json!({ "key": key, "permissions": [] })));
    told.push(desk.http("POST", "/api-key/create", &[], Some(&json!({ "remaining": 5 }))));
    told.push(desk.call(Method::DeleteAllExpiredApiKeys, json!({})));
    let given = json!({ "userId": alice.user, "permissions": { "*": ["a"] }, "rateLimitEnabled": false });
    told.push(desk.call(Method::CreateApiKey, given.clone()));
    let with_headers = Request::Server {
        method: Method::CreateApiKey,
        body: Some(given),
        query: None,
        headers: Some(headers(&[("x-nothing", "1")])),
    };
    told.push(desk.model.apply(desk.now, &with_headers));
    let mut desk = opened("{}", &json!({}), faults);
    let alice = desk.actor("alice");
    told.push(desk.post(&alice, "/api-key/create", json!({ "metadata": null })));
    told
}

fn configurations(faults: Faults) -> Vec<Reply> {
    let config = r#"[{ "configId": "default" }, { "configId": "second" }]"#;
    let mut desk = opened(config, &json!({}), faults);
    let alice = desk.actor("alice");
    let (_, id) = desk.made_for(&alice, json!({}));
    let moved = desk.post(&alice, "/api-key/update", json!({ "keyId": id, "configId": "second", "name": "n" }));
    vec![moved, desk.get(&alice, &format!("/api-key/get?id={id}"))]
}

fn secondary(faults: Faults) -> Vec<Reply> {
    let config = r#"{ "storage": "secondary-storage", "enableSessionForAPIKeys": true }"#;
    let mut desk = opened(config, &json!({ "secondaryStorage": true }), faults);
    let alice = desk.actor("alice");
    let (key, id) = desk.made_for(&alice, json!({}));
    let read = desk.get(&alice, &format!("/api-key/get?id={id}"));
    let session = desk.http("GET", "/api-key/list", &headers(&[("x-api-key", &key)]), None);
    vec![read, session, desk.post(&alice, "/api-key/delete", json!({ "keyId": id }))]
}

fn crowds(faults: Faults) -> Vec<String> {
    let mut desk = opened(r#"{ "rateLimit": { "enabled": false } }"#, &json!({}), faults);
    let alice = desk.actor("alice");
    let server = |method, body: Value| Request::Server { method, body: Some(body), query: None, headers: None };
    let client = |path: &str, body: Value| Request::Http {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: [alice.headers.clone(), headers(&[("content-type", "application/json")])].concat(),
        body: body.to_string().into_bytes(),
    };
    let refilled = json!({ "remaining": 1, "refillAmount": 2, "refillInterval": 1000 });
    let (key, id) = desk.made_for(&alice, refilled);
    desk.verify(&key);
    desk.now += 1001;
    let mut told = desk.at_once(&vec![server(Method::VerifyApiKey, json!({ "key": key })); 4]);
    let creates = desk.at_once(&vec![client("/api-key/create", json!({ "name": "n" })); 2]);
    // Keys and ids differ between two runs of which one makes more of them: only whether they are made is told.
    told.extend(creates.iter().map(|reply| reply.contains("status: 200").to_string()));
    told.extend(desk.at_once(&vec![client("/api-key/delete", json!({ "keyId": id })); 2]));
    told
}

fn restarts(faults: Faults) -> Vec<String> {
    let before = r#"{ "enableSessionForAPIKeys": true, "rateLimit": { "maxRequests": 9 } }"#;
    let mut desk = opened(before, &json!({}), faults);
    let alice = desk.actor("alice");
    let (key, first) = desk.made_for(&alice, json!({}));
    let mut again = opened(r#"{ "rateLimit": { "maxRequests": 2 } }"#, &json!({}), faults);
    again.model.restore(desk.model.save().unwrap()).unwrap();
    let session = again.http("GET", "/api-key/list", &headers(&[("x-api-key", &key)]), None);
    let read = again.get(&alice, &format!("/api-key/get?id={first}"));
    let (_, second) = again.made_for(&alice, json!({}));
    vec![session.status.to_string(), format!("{read:?}"), (first == second).to_string()]
}

pub(super) fn stories(faults: Faults) -> Vec<String> {
    let replies = [bodies(faults), configurations(faults), secondary(faults)].concat();
    let mut told: Vec<String> = replies.iter().map(|reply| format!("{reply:?}")).collect();
    told.extend(crowds(faults));
    told.extend(restarts(faults));
    told
}
