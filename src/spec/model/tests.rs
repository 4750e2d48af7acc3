//! Stories on the model as a whole.

use serde_json::{Value, json};

use super::Model;
use crate::spec::config::Configs;
use crate::spec::edition::Edition;
use crate::spec::fault::{Fault, Faults};
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};

mod faults;
mod flaws;
mod laws;
mod limits;
mod organizations;
mod self_grant;
mod sessions;
mod storage;

const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

/// A model and what a test needs to talk to it.
struct Desk {
    model: Model,
    now: i64,
}

/// A signed-in user.
#[derive(Clone)]
struct Actor {
    user: String,
    headers: Vec<(String, String)>,
}

impl Desk {
    fn new(edition: &str, config: Value) -> Self {
        Self::with(edition, config, Faults::NONE)
    }

    fn with(edition: &str, config: Value, faults: Faults) -> Self {
        let edition: Edition = edition.parse().unwrap();
        let configs = Configs::parse(&edition, &config).unwrap();
        Self { model: Model::new(edition, configs, faults, 1), now: NOW }
    }

    fn actor(&mut self, name: &str) -> Actor {
        let (user, cookie) = self.model.sign_up_actor(self.now, name);
        let origin = self.model.origin().to_owned();
        Actor { user, headers: headers(&[("cookie", &cookie), ("origin", &origin)]) }
    }

    fn http(&mut self, method: &str, path: &str, headers: &[(String, String)], body: Option<&Value>) -> Reply {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut headers = headers.to_vec();
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = Request::Http {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers,
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        };
        self.model.apply(self.now, &request)
    }

    fn post(&mut self, actor: &Actor, path: &str, body: Value) -> Reply {
        self.http("POST", path, &actor.headers.clone(), Some(&body))
    }

    fn get(&mut self, actor: &Actor, path: &str) -> Reply {
        self.http("GET", path, &actor.headers.clone(), None)
    }

    fn call(&mut self, method: Method, body: Value) -> Reply {
        self.model.apply(self.now, &Request::Server { method, body: Some(body), query: None, headers: None })
    }

    /// A key that the server makes for this user; its clear text and its id.
    fn key(&mut self, actor: &Actor, mut fields: Value) -> (String, String) {
        fields["userId"] = Value::from(actor.user.as_str());
        let made = self.call(Method::CreateApiKey, fields);
        assert_eq!(made.status / 100, 2, "{made:?}");
        (text(&made, "key"), text(&made, "id"))
    }

    /// `valid`, or the code of the refusal.
    fn verify(&mut self, key: &str) -> String {
        self.verify_with(json!({ "key": key }))
    }

    fn verify_with(&mut self, body: Value) -> String {
        let reply = self.call(Method::VerifyApiKey, body);
        let body = reply.body.unwrap_or_default();
        match body["valid"].as_bool() {
            Some(true) => "valid".to_owned(),
            _ => body["error"]["code"].as_str().or(body["code"].as_str()).unwrap_or("none").to_owned(),
        }
    }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn text(reply: &Reply, member: &str) -> String {
    let member = reply.body.as_ref().and_then(|body| body[member].as_str());
    member.unwrap_or_default().to_owned()
}

fn code(reply: &Reply) -> String {
    text(reply, "code")
}

#[test]
fn a_client_makes_reads_lists_and_deletes_a_key() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let made = desk.post(&alice, "/api-key/create", json!({ "name": "laptop" }));
    assert_eq!(made.status, 200, "{made:?}");
    let (key, id) = (text(&made, "key"), text(&made, "id"));
    assert_eq!(key.len(), 64);
    assert_eq!(text(&made, "start"), key[..6]);
    assert_eq!(text(&made, "referenceId"), alice.user);
    assert_eq!(desk.verify(&key), "valid");

    let read = desk.get(&alice, &format!("/api-key/get?id={id}"));
    assert_eq!(text(&read, "name"), "laptop");
    assert_eq!(read.body.unwrap().get("key"), None);
    let list = desk.get(&alice, "/api-key/list").body.unwrap();
    assert_eq!((&list["total"], list["apiKeys"].as_array().unwrap().len()), (&json!(1), 1));

    let gone = desk.post(&alice, "/api-key/delete", json!({ "keyId": id }));
    assert_eq!(gone.body, Some(json!({ "success": true })));
    assert_eq!(desk.verify(&key), "INVALID_API_KEY");
    assert_eq!(desk.get(&alice, &format!("/api-key/get?id={id}")).status, 404);
}

#[test]
fn what_only_the_server_may_set_is_refused_from_clients() {
    for field in ["remaining", "refillAmount", "refillInterval", "rateLimitMax", "rateLimitTimeWindow"] {
        let mut desk = Desk::new("1.7", json!({}));
        let alice = desk.actor("alice");
        let refused = desk.post(&alice, "/api-key/create", json!({ field: 5 }));
        assert_eq!((refused.status, code(&refused)), (400, "SERVER_ONLY_PROPERTY".to_owned()), "{field}");
        assert_eq!(desk.model.keys().count(), 0);
    }
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let asked = json!({ "permissions": { "files": ["write"] } });
    assert_eq!(code(&desk.post(&alice, "/api-key/create", asked.clone())), "SERVER_ONLY_PROPERTY");
    let mut desk = Desk::with("1.7", json!({}), Fault::CreateClientPermissionsAccepted.into());
    let alice = desk.actor("alice");
    assert_eq!(desk.post(&alice, "/api-key/create", asked).status, 200);
}

#[test]
fn the_order_of_refusals_is_the_editions() {
    let body = json!({ "remaining": 5 });
    let anonymous = |edition| code(&Desk::new(edition, json!({})).http("POST", "/api-key/create", &[], Some(&body)));
    assert_eq!(anonymous("1.7"), "SERVER_ONLY_PROPERTY");
    assert_eq!(anonymous("1.4"), "UNAUTHORIZED_OR_INVALID_SESSION");
}

#[test]
fn a_user_id_never_stands_for_a_session() {
    for edition in ["1.2", "1.3.25", "1.4", "1.7"] {
        let mut desk = Desk::new(edition, json!({}));
        let (alice, mallory) = (desk.actor("alice"), desk.actor("mallory"));
        let body = json!({ "userId": alice.user });
        assert_eq!(desk.http("POST", "/api-key/create", &[], Some(&body)).status, 401, "{edition}");
        assert_eq!(desk.post(&mallory, "/api-key/create", body).status, 401, "{edition}");
        let own = desk.post(&mallory, "/api-key/create", json!({ "userId": mallory.user })).status;
        assert_eq!(own, if edition == "1.7" { 401 } else { 200 }, "{edition}");
        let (_, id) = desk.key(&alice, json!({}));
        let body = json!({ "userId": alice.user, "keyId": id, "name": "mine" });
        assert_eq!(desk.http("POST", "/api-key/update", &[], Some(&body)).status, 401, "{edition}");
        assert_eq!(desk.post(&mallory, "/api-key/update", body).status, 401, "{edition}");
    }
}

#[test]
fn keys_of_others_do_not_exist() {
    let mut desk = Desk::new("1.7", json!({}));
    let (alice, mallory) = (desk.actor("alice"), desk.actor("mallory"));
    let (key, id) = desk.key(&alice, json!({}));
    let unknown = desk.get(&mallory, "/api-key/get?id=nothing");
    assert_eq!(desk.get(&mallory, &format!("/api-key/get?id={id}")), unknown);
    assert_eq!(desk.post(&mallory, "/api-key/update", json!({ "keyId": id, "name": "x" })), unknown);
    assert_eq!(desk.post(&mallory, "/api-key/delete", json!({ "keyId": id })), unknown);
    assert_eq!(desk.get(&mallory, "/api-key/list").body.unwrap()["total"], json!(0));
    assert_eq!(desk.verify(&key), "valid");
}

#[test]
fn the_list_hides_no_key_and_pages_it() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    for index in 0..130 {
        desk.key(&alice, json!({ "name": format!("{:03}", 129 - index) }));
    }
    let page = desk.get(&alice, "/api-key/list?limit=20&offset=120&sortBy=name&sortDirection=desc").body.unwrap();
    assert_eq!(page["total"], json!(130));
    let names: Vec<_> = page["apiKeys"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["009", "008", "007", "006", "005", "004", "003", "002", "001", "000"]);
    assert_eq!(code(&desk.get(&alice, "/api-key/list?sortBy=key")), "VALIDATION_ERROR");
    assert_eq!((&page["limit"], &page["offset"]), (&json!(20), &json!(120)));
    let old = Desk::new("1.4", json!({})).http("GET", "/api-key/list", &[], None);
    assert_eq!((old.status, old.body), (401, None));
}

#[test]
fn several_configurations_stay_apart() {
    let config =
        json!([{ "configId": "default" }, { "configId": "sk", "defaultPrefix": "sk_", "enableMetadata": true }]);
    let mut desk = Desk::new("1.7", config);
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({ "configId": "sk", "metadata": { "plan": 1 } }));
    assert!(key.starts_with("sk_"));
    assert_eq!(desk.verify(&key), "valid");
    assert_eq!(desk.verify_with(json!({ "key": key, "configId": "sk" })), "valid");
    assert_eq!(desk.verify_with(json!({ "key": key, "configId": "default" })), "INVALID_API_KEY");
    assert_eq!(desk.verify_with(json!({ "key": key, "configId": "other" })), "INVALID_API_KEY");
    assert_eq!(desk.get(&alice, &format!("/api-key/get?id={id}")).status, 404);
    assert_eq!(desk.get(&alice, &format!("/api-key/get?id={id}&configId=sk")).status, 200);
    assert_eq!(desk.get(&alice, "/api-key/list?configId=other").body.unwrap()["total"], json!(0));
    assert_eq!(desk.get(&alice, "/api-key/list?configId=sk").body.unwrap()["total"], json!(1));
    let mut desk = Desk::new("1.7", json!([{ "configId": "a" }]));
    let refused = desk.http("POST", "/api-key/create", &[], Some(&json!({})));
    assert_eq!(code(&refused), "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND");
}

#[test]
fn unknown_routes_are_empty_404s_and_foreign_origins_are_refused() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    for (method, path) in
        [("GET", "/api-key/create"), ("POST", "/api-key/verify"), ("DELETE", "/api-key/delete"), ("GET", "/")]
    {
        let reply = desk.http(method, path, &alice.headers.clone(), None);
        assert_eq!((reply.status, reply.body), (404, None), "{method} {path}");
    }
    desk.model.set_base_url("http://127.0.0.1:4000/api/auth");
    assert_eq!(code(&desk.post(&alice, "/api-key/create", json!({}))), "INVALID_ORIGIN");
    let cookie_only = alice.headers[..1].to_vec();
    let refused = desk.http("POST", "/api-key/create", &cookie_only, Some(&json!({})));
    assert_eq!((refused.status, code(&refused)), (403, "MISSING_OR_NULL_ORIGIN".to_owned()));
    assert_eq!(desk.get(&alice, "/api-key/list").status, 200);
    let mut own = cookie_only;
    own.extend(headers(&[("origin", "http://127.0.0.1:4000")]));
    assert_eq!(desk.http("POST", "/api-key/create", &own, Some(&json!({}))).status, 200);
}

#[test]
fn a_server_call_with_headers_follows_the_clients_rules() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let call = |body| Request::Server {
        method: Method::CreateApiKey,
        body: Some(body),
        query: None,
        headers: Some(alice.headers.clone()),
    };
    let refused = desk.model.apply(NOW, &call(json!({ "remaining": 3 })));
    assert_eq!(code(&refused), "SERVER_ONLY_PROPERTY");
    assert_eq!(desk.model.apply(NOW, &call(json!({ "userId": alice.user }))).status, 200);
    assert_eq!(desk.call(Method::CreateApiKey, json!({})).status, 401);
}

#[test]
fn values_have_their_bounds() {
    let mut desk = Desk::new("1.7", json!({ "requireName": true }));
    let alice = desk.actor("alice");
    let mut create = |body| {
        let reply = desk.post(&alice, "/api-key/create", body);
        if reply.status == 200 { "ok".to_owned() } else { code(&reply) }
    };
    assert_eq!(create(json!({})), "NAME_REQUIRED");
    assert_eq!(create(json!({ "name": "" })), "NAME_REQUIRED");
    assert_eq!(create(json!({ "name": "x".repeat(32) })), "ok");
    assert_eq!(create(json!({ "name": "x".repeat(33) })), "INVALID_NAME_LENGTH");
    assert_eq!(create(json!({ "name": "x", "prefix": "p".repeat(33) })), "INVALID_PREFIX_LENGTH");
    assert_eq!(create(json!({ "name": "x", "expiresIn": 86_400 })), "ok");
    assert_eq!(create(json!({ "name": "x", "expiresIn": 86_399 })), "EXPIRES_IN_IS_TOO_SMALL");
    assert_eq!(create(json!({ "name": "x", "expiresIn": 31_536_000 })), "ok");
    assert_eq!(create(json!({ "name": "x", "expiresIn": 31_536_001 })), "EXPIRES_IN_IS_TOO_LARGE");
    assert_eq!(create(json!({ "name": "x", "metadata": {} })), "METADATA_DISABLED");
}

#[test]
fn a_server_updates_everything_and_a_client_some() {
    let mut desk = Desk::new("1.7", json!({ "enableMetadata": true }));
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({ "remaining": 5 }));
    let update = |desk: &mut Desk, body: Value| {
        let mut body = body;
        body["keyId"] = Value::from(id.as_str());
        let reply = desk.post(&alice, "/api-key/update", body);
        if reply.status == 200 { "ok".to_owned() } else { code(&reply) }
    };
    assert_eq!(update(&mut desk, json!({})), "NO_VALUES_TO_UPDATE");
    assert_eq!(update(&mut desk, json!({ "name": "" })), "INVALID_NAME_LENGTH");
    assert_eq!(update(&mut desk, json!({ "metadata": 3 })), "INVALID_METADATA_TYPE");
    assert_eq!(update(&mut desk, json!({ "remaining": 7 })), "SERVER_ONLY_PROPERTY");
    assert_eq!(update(&mut desk, json!({ "enabled": false })), "ok");
    assert_eq!(desk.verify(&key), "KEY_DISABLED");
    assert_eq!(update(&mut desk, json!({ "enabled": true, "expiresIn": 86_400, "metadata": ["x"] })), "ok");
    let row = desk.model.keys().next().unwrap();
    assert_eq!((row.expires_at, row.remaining), (Some(NOW + DAY), Some(5.0)));
    let body = json!({ "keyId": id, "userId": alice.user, "permissions": { "files": ["read"] }, "refillAmount": 0 });
    assert_eq!(code(&desk.call(Method::UpdateApiKey, body)), "REFILL_AMOUNT_AND_INTERVAL_REQUIRED");
    let body = json!({ "keyId": id, "userId": alice.user, "permissions": { "files": ["read"] } });
    assert_eq!(desk.call(Method::UpdateApiKey, body).status, 200);
    let asks = |actions: Value| json!({ "key": key, "permissions": { "files": actions } });
    assert_eq!(desk.verify_with(asks(json!(["read"]))), "valid");
    assert_eq!(desk.verify_with(asks(json!(["write"]))), "KEY_NOT_FOUND");
}
